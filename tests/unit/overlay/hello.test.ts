// The hello: proves a key on one link, and nothing on any other.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { systemOverlayCrypto } from '../../../src/adapters/system/overlay-crypto.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { HELLO_BYTES, makeHello, readHello } from '../../../src/core/overlay/hello.ts';
import { makeNodeKey } from '../../../src/core/overlay/node-key.ts';
import type { LinkBinding } from '../../../src/core/ports/link.ts';
import { budget, mutate } from '../../fixtures/mutate.ts';
import { nodeOverlayCrypto } from '../../sim/node-crypto.ts';

const random = seededRandom(3);
const fingerprint = (): Uint8Array => random.bytes(32);
const turned = ({ local, remote }: LinkBinding): LinkBinding => ({ local: remote, remote: local });

describe.each([
  ['WebCrypto', systemOverlayCrypto],
  ['node:crypto', nodeOverlayCrypto],
])('over %s', (_, crypto) => {
  it('the other side learns the id, and who dialed', async () => {
    const ana = await makeNodeKey(crypto, random);
    const binding = { local: fingerprint(), remote: fingerprint() };
    const hello = await makeHello(ana, true, binding);
    expect(hello).toHaveLength(HELLO_BYTES);
    expect(await readHello(crypto, hello, false, turned(binding))).toEqual({ id: ana.id, dialed: false });
    expect(await readHello(crypto, hello, undefined, turned(binding))).toEqual({ id: ana.id, dialed: false });
    expect(ana.id).toEqual(await crypto.sha1(ana.publicKey));
  });

  it('it is refused on another link, from the other side, under another role and from another key', async () => {
    const [ana, ben] = [await makeNodeKey(crypto, random), await makeNodeKey(crypto, random)];
    const binding = { local: fingerprint(), remote: fingerprint() };
    const hello = await makeHello(ana, true, binding);
    const authentication = { kind: 'frame-authentication' };
    const elsewhere = { local: fingerprint(), remote: binding.local };
    await expect(readHello(crypto, hello, false, elsewhere)).rejects.toMatchObject(authentication);
    await expect(readHello(crypto, hello, false, binding)).rejects.toMatchObject(authentication); // reflected
    const roleChanged = hello.with(2, 0);
    await expect(readHello(crypto, roleChanged, false, turned(binding))).rejects.toMatchObject(authentication);
    const keyChanged = hello.slice();
    keyChanged.set(ben.publicKey, 3);
    await expect(readHello(crypto, keyChanged, false, turned(binding))).rejects.toMatchObject(authentication);
    await expect(readHello(crypto, hello, true, turned(binding))).rejects.toMatchObject({ kind: 'frame-malformed' });
    await expect(readHello(crypto, hello.with(1, 2), false, turned(binding))).rejects.toMatchObject({
      kind: 'frame-version',
    });
  });

  it('nothing that was changed is accepted', async () => {
    const ana = await makeNodeKey(crypto, random);
    const binding = { local: fingerprint(), remote: fingerprint() };
    const hello = await makeHello(ana, true, binding);
    for (let count = budget('KITH_FUZZ', 300); count > 0; count -= 1) {
      const spoiled = mutate(hello, random);
      await expect(readHello(crypto, spoiled, false, turned(binding))).rejects.toMatchObject({
        kind: expect.stringMatching(/^frame-/),
      });
    }
  });
});

it('both implementations agree on keys, signatures and hashes', async () => {
  const seed = random.bytes(32);
  const text = utf8('a text');
  const [one, other] = [await systemOverlayCrypto.keyFromSeed(seed), await nodeOverlayCrypto.keyFromSeed(seed)];
  expect(one.publicKey).toEqual(other.publicKey);
  expect(await one.sign(text)).toEqual(await other.sign(text));
  expect(await systemOverlayCrypto.verify(other.publicKey, text, await other.sign(text))).toBe(true);
  expect(await nodeOverlayCrypto.verify(one.publicKey, text, await one.sign(text))).toBe(true);
  for (const hash of ['sha1', 'sha256'] as const) {
    expect(await systemOverlayCrypto[hash](text)).toEqual(await nodeOverlayCrypto[hash](text));
  }
  for (const crypto of [systemOverlayCrypto, nodeOverlayCrypto]) {
    expect(await crypto.verify(new Uint8Array(32), text, new Uint8Array(64))).toBe(false);
    expect(await crypto.verify(new Uint8Array(5), text, new Uint8Array(64))).toBe(false);
    expect(await crypto.verify(one.publicKey, text, new Uint8Array(3))).toBe(false);
  }
});
