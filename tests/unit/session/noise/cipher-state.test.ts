import { afterEach, expect, test, vi } from 'vitest';
import { concat } from '../../../../src/core/bytes/bytes.ts';
import { fromHex } from '../../../../src/core/bytes/hex.ts';
import { utf8 } from '../../../../src/core/bytes/utf8.ts';
import { importAeadKey, seal } from '../../../../src/core/crypto/aead.ts';
import { KithError } from '../../../../src/core/errors.ts';
import { CipherState } from '../../../../src/core/session/noise/cipher-state.ts';
import { turn } from '../../../fixtures/until.ts';

const ad = new Uint8Array(0);
const refused = new KithError('frame-authentication');

afterEach(() => {
  vi.restoreAllMocks();
});

function pair(fill = 7): { send: CipherState; receive: CipherState } {
  const [send, receive] = [new CipherState(), new CipherState()];
  send.initializeKey(new Uint8Array(32).fill(fill));
  receive.initializeKey(new Uint8Array(32).fill(fill));
  return { send, receive };
}

/** How each promise ended: its text, or the error's kind. */
async function outcomes(...results: readonly Promise<Uint8Array>[]): Promise<string[]> {
  const settled = await Promise.allSettled(results);
  return settled.map((result) =>
    result.status === 'fulfilled' ? new TextDecoder().decode(result.value) : (result.reason as KithError).kind,
  );
}

test('without a key the plaintext passes unchanged and no nonce is taken', async () => {
  const cipher = new CipherState();
  expect(await cipher.encryptWithAd(ad, utf8('plain'))).toEqual(utf8('plain'));
  expect(await cipher.decryptWithAd(ad, utf8('plain'))).toEqual(utf8('plain'));
  expect([cipher.hasKey, cipher.n]).toEqual([false, 0n]);
});

test('the nonce is four zero bytes and n, most significant byte first', async () => {
  const { send } = pair();
  send.setNonce(0x0102030405060708n);
  const key = await importAeadKey(new Uint8Array(32).fill(7));
  const expected = await seal(key, fromHex('000000000102030405060708'), utf8('text'), utf8('ad'));
  expect(await send.encryptWithAd(utf8('ad'), utf8('text'))).toEqual(expected);
});

test('the plaintext may change as soon as the call has returned, before and after the key is made', async () => {
  const { send, receive } = pair();
  const space = utf8('same');
  const early = send.encryptWithAd(ad, space);
  space.fill(0);
  const frames = [await early];
  space.set(utf8('late'));
  const late = send.encryptWithAd(ad, space);
  space.fill(0);
  frames.push(await late);
  expect(await outcomes(...frames.map((frame) => receive.decryptWithAd(ad, frame)))).toEqual(['same', 'late']);
});

test('a thousand calls at once use a thousand nonces, and settle in the order of the calls', async () => {
  const { send, receive } = pair();
  const order: number[] = [];
  const plain = Array.from({ length: 1000 }, (_, index) => utf8(`${index}`.padEnd(1 + ((index * 7919) % 400))));
  const frames = await Promise.all(
    plain.map((frame, index) => send.encryptWithAd(ad, frame).finally(() => order.push(index))),
  );
  expect(send.n).toBe(1000n);
  expect(order).toEqual(plain.map((_, index) => index));
  expect(await Promise.all(frames.map((frame) => receive.decryptWithAd(ad, frame)))).toEqual(plain);
});

test('a forged frame ends the direction: the genuine ones after it are not read', async () => {
  const { send, receive } = pair();
  const [one, two] = [await send.encryptWithAd(ad, utf8('one')), await send.encryptWithAd(ad, utf8('two'))];
  const forged = one.slice();
  forged[0] = (forged[0] as number) ^ 1;
  const results = await outcomes(receive.decryptWithAd(ad, forged), receive.decryptWithAd(ad, two));
  expect(results).toEqual(['frame-authentication', 'frame-authentication']);
  const { n } = receive;
  await expect(receive.decryptWithAd(ad, one)).rejects.toThrow(refused);
  expect(receive.n).toBe(n); // no nonce is taken any more
});

test('a cipher of the browser that fails ends the direction like a forged frame', async () => {
  const { send } = pair();
  vi.spyOn(crypto.subtle, 'encrypt').mockRejectedValueOnce(new DOMException('', 'OperationError'));
  await expect(send.encryptWithAd(ad, utf8('one'))).rejects.toThrow(refused);
  await expect(send.encryptWithAd(ad, utf8('two'))).rejects.toThrow(refused);
});

test('a frame before the forged one is still read', async () => {
  const { send, receive } = pair();
  const one = await send.encryptWithAd(ad, utf8('one'));
  const results = await outcomes(receive.decryptWithAd(ad, one), receive.decryptWithAd(ad, new Uint8Array(40)));
  expect(results).toEqual(['one', 'frame-authentication']);
});

test.each([
  ['repeated', [0, 0]],
  ['swapped', [1, 0]],
  ['missing', [1]],
])('a %s frame is refused', async (_what, order) => {
  const { send, receive } = pair();
  const frames = [await send.encryptWithAd(ad, utf8('one')), await send.encryptWithAd(ad, utf8('two'))];
  const results = await outcomes(...order.map((index) => receive.decryptWithAd(ad, frames[index] as Uint8Array)));
  expect(results).toContain('frame-authentication');
  expect(results).not.toContain('two');
});

test('a frame shorter than its tag is refused', async () => {
  await expect(pair().receive.decryptWithAd(ad, new Uint8Array(15))).rejects.toThrow(refused);
});

test('the reserved nonce is never used', async () => {
  const { send } = pair();
  send.setNonce(2n ** 64n - 2n);
  await send.encryptWithAd(ad, utf8('last'));
  await expect(send.encryptWithAd(ad, utf8('one too many'))).rejects.toThrow(refused);
  send.setNonce(2n ** 64n - 1n); // may be set, and leaves no call
  await expect(send.encryptWithAd(ad, utf8('none'))).rejects.toThrow(refused);
  send.setNonce(0n);
  for (const n of [2n ** 64n, -1n]) expect(() => send.setNonce(n)).toThrow(new KithError('internal'));
});

test('a key that is set again begins at nonce 0', async () => {
  const { send, receive } = pair();
  await send.encryptWithAd(ad, utf8('one'));
  send.initializeKey(new Uint8Array(32).fill(8));
  expect([send.n, send.hasKey]).toEqual([0n, true]);
  receive.initializeKey(new Uint8Array(32).fill(8));
  expect(await outcomes(receive.decryptWithAd(ad, await send.encryptWithAd(ad, utf8('two'))))).toEqual(['two']);
});

test('a key of another length is a mistake of ours, told to whoever uses it', async () => {
  const cipher = new CipherState();
  cipher.initializeKey(new Uint8Array(31));
  await expect(cipher.encryptWithAd(ad, utf8('x'))).rejects.toThrow(new KithError('internal'));
});

test('rekey takes the key that the specification names, and n goes on', async () => {
  const { send } = pair();
  await send.encryptWithAd(ad, utf8('before'));
  send.rekey();
  const old = await importAeadKey(new Uint8Array(32).fill(7));
  const next = (await seal(old, fromHex('00000000ffffffffffffffff'), new Uint8Array(32), ad)).subarray(0, 32);
  const expected = await seal(await importAeadKey(next), fromHex('000000000000000000000001'), utf8('after'), ad);
  expect(await send.encryptWithAd(ad, utf8('after'))).toEqual(expected);
  expect(send.n).toBe(2n);
});

test('calls before and after a rekey, all at once, use the key of their moment', async () => {
  const { send, receive } = pair();
  const before = send.encryptWithAd(ad, utf8('before '));
  send.rekey();
  const after = send.encryptWithAd(ad, utf8('after'));
  const frames = await Promise.all([before, after]);
  const first = receive.decryptWithAd(ad, frames[0]);
  receive.rekey();
  const texts = await Promise.all([first, receive.decryptWithAd(ad, frames[1])]);
  expect(concat(...texts)).toEqual(utf8('before after'));
});

test('whatever is sealed while the new key is being made is sealed under it', async () => {
  const { send, receive } = pair();
  send.rekey(); // the first key is not made either
  const frames: Promise<Uint8Array>[] = [];
  for (let n = 0; n < 30; n += 1) {
    frames.push(send.encryptWithAd(ad, utf8(`${n}`)));
    await turn();
  }
  receive.rekey();
  const read = (await Promise.all(frames)).map((frame) => receive.decryptWithAd(ad, frame));
  expect(await outcomes(...read)).toEqual(frames.map((_, n) => `${n}`));
});

test('a side that missed the rekey reads nothing after it', async () => {
  const { send, receive } = pair();
  send.rekey();
  await expect(receive.decryptWithAd(ad, await send.encryptWithAd(ad, utf8('x')))).rejects.toThrow(refused);
});

test('there is no rekey without a key', () => {
  expect(() => new CipherState().rekey()).toThrow(new KithError('internal'));
});
