// The computations of an exchange: our code, and the same from Node's own primitives, agree with what is written down.
import { createCipheriv, createHash, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { concat } from '../../../src/core/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import {
  deriveSecrets,
  freshValues,
  type Messages,
  openCard,
  sealCard,
} from '../../../src/core/pairing/mailbox/values.ts';
import type { Random } from '../../../src/core/ports/random.ts';

interface Person {
  readonly privateKey: string;
  readonly r: string;
  readonly s: string;
  readonly card: string;
}
interface Exchange {
  readonly A: Person;
  readonly B: Person;
  readonly slots: Record<'1' | '2' | '3' | '4' | '5', string>;
  readonly codes: { readonly A: string; readonly B: string };
  readonly psk: string;
}

const vector = JSON.parse(readFileSync(new URL('./exchange.json', import.meta.url), 'utf8')) as Exchange;

/** Hands out what a vector wants to be chosen by chance. */
function choosing({ privateKey, card, s, r }: Person): Random {
  const next = [privateKey, card.slice(-32), s, r].map(fromHex);
  return { bytes: () => next.shift() ?? new Uint8Array(0), fraction: () => 0 };
}

async function ours(): Promise<Omit<Exchange, 'A' | 'B'>> {
  const own = async (person: Person) => freshValues(fromHex(person.card.slice(2, 66)), choosing(person));
  const [a, b] = [await own(vector.A), await own(vector.B)];
  const messages: Messages = [a.commitment, b.opening, a.opening];
  const secrets = await deriveSecrets('A', a, messages);
  expect(await deriveSecrets('B', b, messages)).toEqual(secrets);
  const [four, five] = [await sealCard('A', a, secrets), await sealCard('B', b, secrets)];
  const opened = await openCard('A', four, messages, secrets, fromHex(vector.B.card.slice(2, 66)));
  expect(toHex(opened.secret)).toBe(vector.A.card.slice(-32));
  const [one, two, three] = messages.map(toHex) as [string, string, string];
  const slots = { 1: one, 2: two, 3: three, 4: toHex(four), 5: toHex(five) };
  return { slots, codes: secrets.codes, psk: toHex(secrets.psk) };
}

function nodes(): Omit<Exchange, 'A' | 'B'> {
  const sha256 = (...parts: Uint8Array[]) =>
    createHash('sha256')
      .update(concat(...parts))
      .digest();
  const label = Buffer.from('kith-mailbox-1');
  const person = ({ privateKey, r, s, card }: Person) => {
    const der = Buffer.concat([fromHex('302e020100300506032b656e04220420'), fromHex(privateKey)]);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const e = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
    const salted = concat(fromHex(s), fromHex(card));
    return { key, salted, opening: concat(e, fromHex(r), sha256(Buffer.from('kith-card'), salted)) };
  };
  const [a, b] = [person(vector.A), person(vector.B)];
  const commitment = sha256(label, a.opening);
  const t = sha256(commitment, b.opening, a.opening);
  const shared = diffieHellman({ privateKey: a.key, publicKey: createPublicKey(b.key) });
  const output = Buffer.from(hkdfSync('sha256', shared, t, label, 112));
  const code = (from: number) => (output.readBigUInt64BE(from) % 1_000_000n).toString().padStart(6, '0');
  const seal = (key: Buffer, plain: Uint8Array) => {
    const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(t);
    return toHex(concat(cipher.update(plain), cipher.final(), cipher.getAuthTag()));
  };
  return {
    slots: {
      1: toHex(commitment),
      2: toHex(b.opening),
      3: toHex(a.opening),
      4: seal(output.subarray(16, 48), a.salted),
      5: seal(output.subarray(48, 80), b.salted),
    },
    codes: { A: code(0), B: code(8) },
    psk: output.subarray(80).toString('hex'),
  };
}

it('slots, codes and the secret for first contact are those of the specification', async () => {
  const { slots, codes, psk } = vector;
  expect(nodes()).toEqual({ slots, codes, psk });
  expect(await ours()).toEqual({ slots, codes, psk });
});
