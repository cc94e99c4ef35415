import { expect, test } from 'vitest';
import { seededRandom } from '../../../../src/adapters/memory/random.ts';
import { utf8 } from '../../../../src/core/bytes/utf8.ts';
import { dhFromPrivate } from '../../../../src/core/crypto/dh.ts';
import { KithError } from '../../../../src/core/errors.ts';
import { createHandshake } from '../../../../src/core/session/noise/handshake-state.ts';
import { FIRST_CONTACT_PROTOCOL, SESSION_PROTOCOL } from '../../../../src/core/session/noise/hybrid.ts';
import { exchange, startCall } from '../../../fixtures/handshakes.ts';

const failed = new KithError('handshake-failed');
const ad = new Uint8Array(0);

const protocols = [
  { pattern: 'KKpsk0', hybrid: true, name: SESSION_PROTOCOL },
  { pattern: 'XXpsk0', hybrid: true, name: FIRST_CONTACT_PROTOCOL },
  { pattern: 'XX', hybrid: false, name: 'Noise_XX_25519_AESGCM_SHA256' },
  { pattern: 'KKpsk0', hybrid: false, name: 'Noise_KKpsk0_25519_AESGCM_SHA256' },
];

test.each(protocols)(
  '$name ends with the same keys, hash and chaining key on both sides',
  async ({ pattern, hybrid, name }) => {
    const call = await startCall(pattern, { hybrid });
    const payloads = [utf8('one'), utf8(''), utf8('three')].slice(0, call.messages);
    expect(await exchange(call, payloads)).toEqual(payloads);
    expect([call.ana.protocolName, call.ben.protocolName]).toEqual([name, name]);
    expect([call.ana.finished, call.ben.finished]).toEqual([true, true]);
    const [ana, ben] = [await call.ana.split(), await call.ben.split()];
    expect([ana.handshakeHash, ana.chainingKey]).toEqual([ben.handshakeHash, ben.chainingKey]);
    const [up, down] = [await ana.send.encryptWithAd(ad, utf8('up')), await ben.send.encryptWithAd(ad, utf8('down'))];
    expect(await ben.receive.decryptWithAd(ad, up)).toEqual(utf8('up'));
    expect(await ana.receive.decryptWithAd(ad, down)).toEqual(utf8('down'));
  },
);

test('XX tells each side the static key of the other, when it has been read and not before', async () => {
  const call = await startCall('XXpsk0', { hybrid: true });
  expect([call.ana.remoteStatic, call.ben.remoteStatic]).toEqual([undefined, undefined]);
  await exchange(call);
  const random = seededRandom(1);
  const keys = [await dhFromPrivate(random.bytes(32)), await dhFromPrivate(random.bytes(32))];
  expect([call.ben.remoteStatic, call.ana.remoteStatic]).toEqual(keys.map((pair) => pair.publicKey));
});

test.each(protocols)('$name makes other keys at every call', async ({ pattern, hybrid }) => {
  const [one, two] = [await startCall(pattern, { hybrid }), await startCall(pattern, { hybrid, seed: 2 })];
  await exchange(one);
  await exchange(two);
  expect((await one.ana.split()).chainingKey).not.toEqual((await two.ana.split()).chainingKey);
});

test.each([
  ['another pre-shared key', { psks: [new Uint8Array(32)] }],
  ['another prologue', { prologue: utf8('other') }],
])('%s fails at the first message of a call with a pre-shared key', async (_what, ben) => {
  const call = await startCall('KKpsk0', { hybrid: true, ben });
  await expect(exchange(call)).rejects.toThrow(failed);
  expect(call.ben.finished).toBe(false);
});

test('another static key than the one expected fails, on either side', async () => {
  const stranger = await dhFromPrivate(seededRandom(99).bytes(32));
  await expect(exchange(await startCall('KKpsk0', { hybrid: true, ana: { s: stranger } }))).rejects.toThrow(failed);
  await expect(exchange(await startCall('KKpsk0', { hybrid: true, ben: { s: stranger } }))).rejects.toThrow(failed);
  await expect(exchange(await startCall('KK', { ben: { rs: stranger.publicKey } }))).rejects.toThrow(failed);
});

test('a hybrid and the plain pattern of the same name do not understand each other', async () => {
  const plain = await startCall('KKpsk0');
  const hybrid = await startCall('KKpsk0', { hybrid: true });
  const message = await plain.ana.writeMessage(new Uint8Array(1184));
  await expect(hybrid.ben.readMessage(message)).rejects.toThrow(failed);
});

test('after a failure every further call is refused, the right message included', async () => {
  const call = await startCall('XXpsk0', { hybrid: true });
  const message = await call.ana.writeMessage(ad);
  await expect(call.ben.readMessage(message.slice(1))).rejects.toThrow(failed);
  await expect(call.ben.readMessage(message)).rejects.toThrow(failed);
  await expect(call.ben.writeMessage(ad)).rejects.toThrow(failed);
  await expect(call.ben.split()).rejects.toThrow(failed);
});

test.each([true, false])(
  'calls out of turn, twice at once or before the end are refused (hybrid: %s)',
  async (hybrid) => {
    const start = () => startCall('XXpsk0', { hybrid });
    await expect((await start()).ben.writeMessage(ad)).rejects.toThrow(failed);
    await expect((await start()).ana.readMessage(new Uint8Array(1300))).rejects.toThrow(failed);
    await expect((await start()).ana.split()).rejects.toThrow(failed);
    const { ana } = await start();
    const twice = await Promise.allSettled([ana.writeMessage(ad), ana.writeMessage(ad)]);
    expect(twice.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(ana.writeMessage(ad)).rejects.toThrow(failed);
  },
);

test('a message of our own is not read when it is our turn to write, though it is a right one', async () => {
  const message = await (await startCall('NN', { seed: 2 })).ana.writeMessage(ad);
  await expect((await startCall('NN')).ana.readMessage(message)).rejects.toThrow(failed);
});

test('a message shorter than the key in it is refused', async () => {
  await expect((await startCall('NN')).ben.readMessage(new Uint8Array(31))).rejects.toThrow(failed);
});

test.each([true, false])('after the last message it is nobody’s turn (hybrid: %s)', async (hybrid) => {
  const call = await startCall('KKpsk0', { hybrid });
  const turns = () => [call.ana.canWrite, call.ben.canWrite];
  expect(turns()).toEqual([true, false]);
  await exchange(call, [], 1);
  expect(turns()).toEqual([false, true]);
  await call.ana.readMessage(await call.ben.writeMessage(ad));
  expect(turns()).toEqual([false, false]);
  await expect(call.ana.writeMessage(ad)).rejects.toThrow(failed);
  expect([call.ana.finished, call.ben.finished]).toEqual([false, true]);
});

test('a hybrid of three messages is not finished with the second, although the ML-KEM secret is in', async () => {
  const call = await startCall('XXpsk0', { hybrid: true });
  await exchange(call, [], 2);
  expect([call.ana.finished, call.ben.finished]).toEqual([false, false]);
});

test('a hybrid of one message never finishes: no ML-KEM secret came of it', async () => {
  const call = await startCall('N', { hybrid: true });
  await exchange(call);
  expect([call.ana.finished, call.ben.finished]).toEqual([false, false]);
  await expect(call.ana.split()).rejects.toThrow(failed);
});

test('a handshake is split once', async () => {
  const call = await startCall('KKpsk0', { hybrid: true });
  await exchange(call);
  await call.ana.split();
  await expect(call.ana.split()).rejects.toThrow(failed);
});

test('an ephemeral key of low order is refused', async () => {
  const call = await startCall('NN');
  await call.ben.readMessage(new Uint8Array(32));
  await expect(call.ben.writeMessage(ad)).rejects.toThrow(failed);
});

test('a handshake message may be 65,535 bytes and no more', async () => {
  const largest = new Uint8Array(65_535 - 32);
  const call = await startCall('NN');
  expect(await call.ben.readMessage(await call.ana.writeMessage(largest))).toEqual(largest);
  await expect((await startCall('NN')).ana.writeMessage(new Uint8Array(65_536 - 32))).rejects.toThrow(failed);
  await expect((await startCall('NN')).ben.readMessage(new Uint8Array(65_536))).rejects.toThrow(failed);
});

test('a hybrid whose first message holds no whole key, or whose second no whole ciphertext, is refused', async () => {
  const short = await startCall('KKpsk0');
  const name = { protocolName: SESSION_PROTOCOL };
  const plain = await startCall('KKpsk0', { ana: name, ben: name });
  const hybrid = await startCall('KKpsk0', { hybrid: true });
  await expect(hybrid.ben.readMessage(await plain.ana.writeMessage(new Uint8Array(1183)))).rejects.toThrow(failed);
  expect(short.ana.canWrite).toBe(true);
  const caller = await startCall('KKpsk0', { hybrid: true });
  const answerer = await startCall('KKpsk0', { ana: name, ben: name });
  await answerer.ben.readMessage(await caller.ana.writeMessage(ad));
  await expect(caller.ana.readMessage(await answerer.ben.writeMessage(new Uint8Array(1087)))).rejects.toThrow(failed);
});

test('a hybrid whose second message held no whole ciphertext goes no further, though the Noise message was right', async () => {
  const name = { protocolName: FIRST_CONTACT_PROTOCOL };
  const caller = await startCall('XXpsk0', { hybrid: true });
  const answerer = await startCall('XXpsk0', { ana: name, ben: name });
  await answerer.ben.readMessage(await caller.ana.writeMessage(ad));
  await expect(caller.ana.readMessage(await answerer.ben.writeMessage(new Uint8Array(1087)))).rejects.toThrow(failed);
  await expect(caller.ana.writeMessage(ad)).rejects.toThrow(failed);
});

test('an ML-KEM key that is none (a coefficient of 3,329 or more) is not answered', async () => {
  const name = { protocolName: SESSION_PROTOCOL };
  const plain = await startCall('KKpsk0', { ana: name, ben: name });
  const hybrid = await startCall('KKpsk0', { hybrid: true });
  await hybrid.ben.readMessage(await plain.ana.writeMessage(new Uint8Array(1184).fill(0xff)));
  await expect(hybrid.ben.writeMessage(ad)).rejects.toThrow(failed);
});

test('whatever fails in a hybrid, it says no more than that it failed', async () => {
  const random = seededRandom(1);
  random.bytes = () => {
    throw new Error('no randomness');
  };
  const call = await startCall('KKpsk0', { hybrid: true, ana: { random } });
  await expect(call.ana.writeMessage(ad)).rejects.toThrow(failed);
});

test('the ML-KEM secret matters: without it the keys differ although every Noise message was right', async () => {
  const name = { protocolName: SESSION_PROTOCOL };
  const hybrid = await startCall('KKpsk0', { hybrid: true });
  const plain = await startCall('KKpsk0', { ana: name, ben: name });
  await plain.ben.readMessage(await hybrid.ana.writeMessage(ad));
  await hybrid.ana.readMessage(await plain.ben.writeMessage(new Uint8Array(1088)));
  const [ana, ben] = [await hybrid.ana.split(), await plain.ben.split()];
  expect(ana.handshakeHash).toEqual(ben.handshakeHash);
  expect(ana.chainingKey).not.toEqual(ben.chainingKey);
});

test('options that do not fit the pattern are a mistake of ours', async () => {
  const internal = new KithError('internal');
  const random = seededRandom(1);
  const base = { role: 'initiator', prologue: ad, random } as const;
  await expect(createHandshake({ ...base, pattern: 'ZZ' })).rejects.toThrow(internal);
  await expect(createHandshake({ ...base, pattern: 'XXpsk4' })).rejects.toThrow(internal);
  await expect(createHandshake({ ...base, pattern: 'NNpsk0' })).rejects.toThrow(internal);
  await expect(createHandshake({ ...base, pattern: 'NNpsk0', psks: [random.bytes(31)] })).rejects.toThrow(internal);
  await expect(createHandshake({ ...base, pattern: 'NK' })).rejects.toThrow(internal);
  await expect(createHandshake({ ...base, pattern: 'KN' })).rejects.toThrow(internal);
  await expect(createHandshake({ ...base, role: 'responder', pattern: 'NK' })).rejects.toThrow(internal);
  await expect(createHandshake({ ...base, role: 'responder', pattern: 'KN' })).rejects.toThrow(internal);
  await expect(createHandshake({ ...base, pattern: 'NN' })).resolves.toMatchObject({ canWrite: true });
  await expect(createHandshake({ ...base, pattern: 'NK', rs: random.bytes(31) })).rejects.toThrow(internal);
});
