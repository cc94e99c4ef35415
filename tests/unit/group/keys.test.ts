// KEYS.md: every rule by its name.
import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { hkdf } from '../../../src/core/crypto/kdf.ts';
import { type SigningKey, signingKeyFromSeed } from '../../../src/core/crypto/sign.ts';
import { KithError } from '../../../src/core/errors.ts';
import { messageHash, signMessage } from '../../../src/core/group/history/signing.ts';
import { senderKeyBytes } from '../../../src/core/group/keys/envelope.ts';
import { step } from '../../../src/core/group/keys/ratchet.ts';
import {
  CHAIN_KEPT_MS,
  CHAINS_PER_SENDER,
  MAX_SKIPPED,
  ReceivingKeys,
} from '../../../src/core/group/keys/receiving.ts';
import { CHAIN_LIFE_MS, type Sealed, SendingKeys } from '../../../src/core/group/keys/sending.ts';
import type { SenderKeyMessage } from '../../../src/core/wire/group-key.ts';
import { MESSAGES_PER_CHAIN } from '../../../src/core/wire/group-limits.ts';
import type { SealedMessage, SignedMessage } from '../../../src/core/wire/group-message.ts';
import { KnownOperations, OperationWorld } from '../../fixtures/group-members.ts';

const random = seededRandom(5);
const [ana, ben, cleo] = [0, 1, 2].map(() => toHex(random.bytes(32))) as [string, string, string];
let anaKey: SigningKey;
let benKey: SigningKey;
let operations: KnownOperations;

beforeAll(async () => {
  [anaKey, benKey] = await Promise.all([signingKeyFromSeed(random.bytes(32)), signingKeyFromSeed(random.bytes(32))]);
  operations = new KnownOperations(new OperationWorld());
  const write = (kind: 'create' | 'add', target: string, key: SigningKey) =>
    operations.write({ author: ana, kind, target, signKey: key.publicKey, role: 'admin', messages: [] });
  write('create', ana, anaKey);
  write('add', ben, benKey);
  write('add', cleo, benKey);
});

const view = () => operations.members().view;
const clock = new MemoryClock();
let starts = 0;
/** Ana's page after another start. */
const sender = () => {
  starts += 1;
  return new SendingKeys({ self: ana, sign: anaKey.sign, random: seededRandom(1_000 + starts), clock });
};

async function message(text: string): Promise<{ signed: SignedMessage; hash: Uint8Array }> {
  const signed = await signMessage(
    {
      group: view().groupId,
      id: random.bytes(16),
      from: Uint8Array.from(Buffer.from(ana, 'hex')),
      seq: 1,
      at: clock.now(),
      parents: [],
      view: [...view().heads],
      body: { type: 'text', text },
    },
    anaKey.sign,
  );
  return { signed, hash: await messageHash(signed.content) };
}

async function seal(keys: SendingKeys, text: string, in_ = view()): Promise<Sealed> {
  const { signed, hash } = await message(text);
  return keys.seal(signed, hash, in_);
}

/** Ben, with Ana's key. */
async function reader(key: SenderKeyMessage): Promise<ReceivingKeys> {
  const keys = new ReceivingKeys(ben);
  expect(await keys.take(key, ana, view(), clock.now())).toBe('new');
  return keys;
}

const open = (keys: ReceivingKeys, envelope: SealedMessage) => keys.open(envelope, anaKey.publicKey);

const failed = (kind: 'frame-authentication') => new KithError(kind);

describe('rule one-key-one-message', () => {
  it('calls that overlap never share a counter, and each message has a key of its own', async () => {
    const keys = sender();
    const sealed = await Promise.all(Array.from({ length: 20 }, (_, at) => seal(keys, `text ${at}`)));
    expect(new Set(sealed.map(({ envelope }) => envelope.counter)).size).toBe(20);
    expect(sealed.filter(({ newKey }) => newKey !== undefined)).toHaveLength(1);
  });

  it('derives message keys and chain keys by HKDF-SHA-256 under different names', async () => {
    const chain = random.bytes(32);
    const { message: key, next } = await step(chain);
    const expected = await hkdf(chain, new Uint8Array(0), new TextEncoder().encode('kith group message key v1'), 44);
    expect(Buffer.concat([key.key, key.nonce])).toEqual(Buffer.from(expected));
    expect(next).toEqual(await hkdf(chain, new Uint8Array(0), new TextEncoder().encode('kith group chain key v1'), 32));
  });
});

describe('rule new-start-new-key', () => {
  it('two starts from one backup seal under different chains, so that no key and nonce are used twice', async () => {
    const [before, after] = [sender(), sender()];
    const [one, other] = [await seal(before, 'before'), await seal(after, 'after')];
    expect(one.envelope.counter).toBe(other.envelope.counter);
    expect(toHex(one.envelope.chain)).not.toBe(toHex(other.envelope.chain));
    expect(toHex(one.newKey!.key)).not.toBe(toHex(other.newKey!.key));
  });
});

describe('rule rotate-on-change', () => {
  it('after any change of the membership nothing is sealed under the old chain', async () => {
    const keys = sender();
    const before = await seal(keys, 'all three');
    const without = new KnownOperations(new OperationWorld());
    without.write({ author: ana, kind: 'create', target: ana, signKey: anaKey.publicKey, role: 'admin', messages: [] });
    const after = await seal(keys, 'without them', without.members().view);
    expect(after.newKey).toBeDefined();
    expect(toHex(after.envelope.chain)).not.toBe(toHex(before.envelope.chain));
    expect(await (await reader(before.newKey!)).open(after.envelope, anaKey.publicKey)).toEqual({ is: 'no-key' });
  });
});

describe('rule rotate-on-use', () => {
  it(`a chain seals ${MESSAGES_PER_CHAIN} messages and no more`, async () => {
    const keys = sender();
    const { signed, hash } = await message('again');
    const all: Sealed[] = [];
    for (let at = 0; at <= MESSAGES_PER_CHAIN; at += 1) all.push(await keys.seal(signed, hash, view()));
    expect(all.flatMap(({ newKey }, at) => (newKey === undefined ? [] : [at]))).toEqual([0, MESSAGES_PER_CHAIN]);
    expect(Math.max(...all.map(({ envelope }) => envelope.counter))).toBe(MESSAGES_PER_CHAIN - 1);
  }, 120_000);

  it('a chain lives 7 days, and no longer when the clock is set back', async () => {
    const own = new MemoryClock();
    const keys = new SendingKeys({ self: ana, sign: anaKey.sign, random: seededRandom(1), clock: own });
    await seal(keys, 'one');
    await own.advance(CHAIN_LIFE_MS - 1);
    expect((await seal(keys, 'two')).newKey).toBeUndefined();
    await own.advance(1);
    expect((await seal(keys, 'three')).newKey).toBeDefined();
    const early = new MemoryClock(0);
    const back = { now: () => own.now() - early.now() * 2, after: own.after.bind(own) };
    const again = new SendingKeys({ self: ana, sign: anaKey.sign, random: seededRandom(1), clock: back });
    await seal(again, 'one');
    await early.advance(1_000);
    expect((await seal(again, 'two')).newKey).toBeDefined();
  });
});

describe('rule opened-once', () => {
  it('opens in whatever order, each once: what comes again is spent', async () => {
    const keys = sender();
    const sealed = [];
    for (let at = 0; at < 6; at += 1) sealed.push(await seal(keys, `text ${at}`));
    const theirs = await reader(sealed[0]!.newKey!);
    for (const at of [3, 0, 5, 1]) expect((await open(theirs, sealed[at]!.envelope)).is).toBe('opened');
    expect(theirs.skipped).toBe(2);
    for (const at of [3, 0, 5, 1]) expect((await open(theirs, sealed[at]!.envelope)).is).toBe('spent');
    for (const at of [4, 2]) expect((await open(theirs, sealed[at]!.envelope)).is).toBe('opened');
    expect(theirs.skipped).toBe(0);
  });

  it('also after the keys have been on the disk', async () => {
    const keys = sender();
    const sealed = [await seal(keys, 'one'), await seal(keys, 'two'), await seal(keys, 'three')];
    const theirs = await reader(sealed[0]!.newKey!);
    await open(theirs, sealed[1]!.envelope);
    const restored = ReceivingKeys.restore(ben, theirs.snapshot());
    expect((await open(restored, sealed[1]!.envelope)).is).toBe('spent');
    expect((await open(restored, sealed[0]!.envelope)).is).toBe('opened');
    expect((await open(restored, sealed[2]!.envelope)).is).toBe('opened');
  });

  it('a damaged record of keys is told as that', () => {
    expect(() => ReceivingKeys.restore(ben, Uint8Array.of(1, 2, 3))).toThrow(new KithError('record-damaged'));
  });
});

describe('rule signed-first', () => {
  it('an envelope that its author did not sign moves no chain, whoever holds the key', async () => {
    const keys = sender();
    const [first, second] = [await seal(keys, 'one'), await seal(keys, 'two')];
    const theirs = await reader(first.newKey!);
    const before = theirs.snapshot();
    const spoiled: SealedMessage[] = [
      { ...second.envelope, counter: 99 },
      { ...second.envelope, sealed: first.envelope.sealed },
      { ...second.envelope, hash: first.envelope.hash },
      { ...second.envelope, view: random.bytes(32) },
      { ...second.envelope, signature: first.envelope.signature },
    ];
    for (const one of spoiled) await expect(open(theirs, one)).rejects.toThrow(failed('frame-authentication'));
    await expect(theirs.open(second.envelope, benKey.publicKey)).rejects.toThrow(failed('frame-authentication'));
    expect(theirs.snapshot()).toEqual(before);
    expect((await open(theirs, second.envelope)).is).toBe('opened');
  });

  it('a chain key of another opens nothing, and what its author sealed wrongly harms nothing', async () => {
    const keys = sender();
    const sealed = await seal(keys, 'one');
    const key = { ...sealed.newKey!, key: random.bytes(32) };
    const forged = new ReceivingKeys(ben);
    expect(await forged.take(key, ana, view(), 0)).toBe('refused');
  });
});

it('an author who seals something else than the envelope says is not read, and what follows is', async () => {
  const keys = sender();
  const first = await seal(keys, 'one');
  const theirs = await reader(first.newKey!);
  const [one, other] = [await message('two'), await message('three')];
  const lying = await keys.seal(one.signed, other.hash, view());
  expect(await open(theirs, lying.envelope)).toEqual({ is: 'unreadable' });
  const honest = await keys.seal(other.signed, other.hash, view());
  expect((await open(theirs, honest.envelope)).is).toBe('opened');
});

describe('rule for-members-only', () => {
  it('a key that its owner made for another group is refused', async () => {
    const { newKey } = await seal(sender(), 'one');
    const elsewhere = { ...newKey!, group: random.bytes(32) };
    const signature = await anaKey.sign(senderKeyBytes(elsewhere));
    expect(await new ReceivingKeys(ben).take({ ...elsewhere, signature }, ana, view(), 0)).toBe('refused');
  });

  it('a key is taken from members, for members and signed by its owner', async () => {
    const { newKey } = await seal(sender(), 'one');
    const stranger = toHex(random.bytes(32));
    const keys = new ReceivingKeys(ben);
    expect(await keys.take(newKey!, stranger, view(), 0)).toBe('refused');
    expect(await new ReceivingKeys(stranger).take(newKey!, ana, view(), 0)).toBe('refused');
    expect(await new ReceivingKeys(ana).take(newKey!, ana, view(), 0)).toBe('known');
    expect(await keys.take({ ...newKey!, counter: 1 }, ana, view(), 0)).toBe('refused');
    expect(await keys.take(newKey!, cleo, view(), 0)).toBe('new');
    expect(await keys.take(newKey!, ana, view(), 0)).toBe('known');
  });

  it('whoever comes later gets the key from its present place on and cannot open what was before', async () => {
    const keys = sender();
    const before = await seal(keys, 'before');
    const key = await keys.handOver(view());
    const after = await seal(keys, 'after');
    const theirs = await reader(key!);
    expect((await open(theirs, before.envelope)).is).toBe('spent');
    expect((await open(theirs, after.envelope)).is).toBe('opened');
    const other = new KnownOperations(new OperationWorld());
    other.write({ author: ana, kind: 'create', target: ana, signKey: anaKey.publicKey, role: 'admin', messages: [] });
    expect(await keys.handOver(other.members().view)).toBeUndefined();
  });
});

describe('rule bounded-keys', () => {
  it(`keeps ${CHAINS_PER_SENDER} chains of a sender, the newest`, async () => {
    const theirs = new ReceivingKeys(ben);
    const sealed: Sealed[] = [];
    for (let at = 0; at <= CHAINS_PER_SENDER; at += 1) {
      sealed.push(await seal(sender(), `chain ${at}`));
      await theirs.take(sealed[at]!.newKey!, ana, view(), at);
    }
    expect((await open(theirs, sealed[0]!.envelope)).is).toBe('no-key');
    for (const { envelope } of sealed.slice(1)) expect((await open(theirs, envelope)).is).toBe('opened');
  });

  it(`keeps ${MAX_SKIPPED} keys of overtaken messages in the whole group`, async () => {
    const people = Array.from({ length: 11 }, () => toHex(random.bytes(32)));
    const known = new KnownOperations(new OperationWorld());
    const add = (kind: 'create' | 'add', target: string) =>
      known.write({ author: ben, kind, target, signKey: anaKey.publicKey, role: 'admin', messages: [] });
    add('create', ben);
    for (const one of people) add('add', one);
    const theirs = new ReceivingKeys(ben);
    const { signed, hash } = await message('far ahead');
    for (const self of people) {
      const keys = new SendingKeys({ self, sign: anaKey.sign, random, clock });
      let last: Sealed | undefined;
      for (let at = 0; at < MESSAGES_PER_CHAIN; at += 1) {
        last = await keys.seal(signed, hash, known.members().view);
        if (last.newKey !== undefined) await theirs.take(last.newKey, self, known.members().view, 0);
      }
      expect((await theirs.open(last!.envelope, anaKey.publicKey)).is).toBe('opened');
    }
    expect(theirs.skipped).toBe(MAX_SKIPPED);
    // 1,100 envelopes are sealed: seconds, unless the machine has other work.
  }, 240_000);

  it('forgets chains after 8 days, and at once those of whoever is gone', async () => {
    const sealed = await seal(sender(), 'one');
    const theirs = await reader(sealed.newKey!);
    await theirs.tidy(view(), clock.now() + CHAIN_KEPT_MS - 1);
    expect(ReceivingKeys.restore(ben, theirs.snapshot()).snapshot().length).toBeGreaterThan(100);
    await theirs.tidy(view(), clock.now() + CHAIN_KEPT_MS);
    expect((await open(theirs, sealed.envelope)).is).toBe('no-key');
    const again = await reader(sealed.newKey!);
    const without = new KnownOperations(new OperationWorld());
    without.write({ author: ben, kind: 'create', target: ben, signKey: benKey.publicKey, role: 'admin', messages: [] });
    await again.tidy(without.members().view, clock.now());
    expect((await open(again, sealed.envelope)).is).toBe('no-key');
  });
});

it('what is written again and again is what a page that has just read it would write, whatever order messages came in', async () => {
  const keys = sender();
  const sealed = [];
  for (let at = 0; at < 12; at += 1) sealed.push(await seal(keys, `text ${at}`));
  const readers = await reader(sealed[0]!.newKey!);
  await readers.take((await seal(sender(), 'another chain')).newKey!, ana, view(), clock.now());
  for (const at of [0, 1, 5, 3, 3, 2, 11, 4, 10]) {
    const before = readers.snapshot();
    await open(readers, sealed[at]!.envelope);
    const after = readers.snapshot();
    expect(after).toEqual(ReceivingKeys.restore(ben, after).snapshot());
    if (at !== 3) expect(after).not.toEqual(before);
  }
  expect(ReceivingKeys.restore(ben, readers.snapshot()).skipped).toBe(4);
  await readers.tidy(view(), clock.now() + CHAIN_KEPT_MS);
  expect(readers.snapshot()).toEqual(new ReceivingKeys(ben).snapshot());
});
