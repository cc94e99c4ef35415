// What a pair derives from its secret, and the frame around everything.
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/core/bytes/bytes.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { hkdf, hmacSha256 } from '../../../src/core/crypto/kdf.ts';
import { type CallContext, findHint, hintOf } from '../../../src/core/session/hint.ts';
import { decodeFrame, encodeFrame, frameKinds } from '../../../src/core/session/outer-frame.ts';
import { pairHintKey, pairMeeting, pairPsk } from '../../../src/core/session/pair-keys.ts';
import { sessionRole } from '../../../src/core/session/session.ts';
import { sessionPrologue } from '../../../src/core/session/session-handshake.ts';

const secret = new Uint8Array(32).fill(7);
const fill = (value: number): Uint8Array => new Uint8Array(32).fill(value);
const call: CallContext = { initiator: fill(1), responder: fill(2), initiatorDtls: fill(3), responderDtls: fill(4) };

describe('keys of a pair', () => {
  it('differ from each other and from those of another secret', async () => {
    const keys = async (from: Uint8Array): Promise<string[]> => {
      const { topicKey, signalKey, recordKey } = await pairMeeting(from, 'initiator');
      return [topicKey, signalKey, recordKey, await pairPsk(from), await pairHintKey(from)].map(toHex);
    };
    expect(new Set([...(await keys(secret)), ...(await keys(fill(8)))]).size).toBe(10);
  });

  it('are made under the names of the protocol: other names would part old versions from new ones', async () => {
    const named = (name: string) => hkdf(secret, new Uint8Array(0), utf8(`kith pair ${name} v1`), 32);
    expect(await pairMeeting(secret, 'responder')).toEqual({
      topicKey: await named('topic'),
      signalKey: await named('signal'),
      recordKey: await named('record'),
      side: 'responder',
    });
    expect([await pairPsk(secret), await pairHintKey(secret)]).toEqual([await named('psk'), await named('hint')]);
  });

  it('a hint changes with the direction, either person and either end of the link', async () => {
    const others = (Object.keys(call) as (keyof CallContext)[]).map((part) => ({ ...call, [part]: fill(9) }));
    const turned = { ...call, initiator: call.responder, responder: call.initiator };
    const hints = await Promise.all([call, turned, ...others].map((one) => hintOf(secret, one)));
    expect(new Set(hints.map(toHex)).size).toBe(6);
    expect(hints[0]?.length).toBe(16);
  });

  it('a hint is made as the protocol says: another label would part old versions from new ones', async () => {
    const text = concat(utf8('kith hint v1'), fill(1), fill(2), fill(3), fill(4));
    const whole = await hmacSha256(await pairHintKey(secret), text);
    expect(await hintOf(secret, call)).toEqual(whole.slice(0, 16));
  });

  it('a hint is found among three secrets, and no other', async () => {
    const secrets = [fill(5), secret, fill(6)];
    expect(await findHint(await hintOf(secret, call), secrets, call)).toBe(1);
    expect(await findHint(new Uint8Array(16), secrets, call)).toBe(undefined);
    expect(await findHint(await hintOf(secret, call), [secret, secret], call)).toBe(0);
    expect(await findHint((await hintOf(secret, call)).subarray(0, 15), secrets, call)).toBe(undefined);
  });

  it('the prologue is the same text on both sides and binds version, roles and link', () => {
    const prologue = sessionPrologue(call);
    expect(toHex(prologue)).toBe(
      `${Buffer.from('kith session v1').toString('hex')}01${'01'.repeat(32)}${'02'.repeat(32)}${'03'.repeat(32)}${'04'.repeat(32)}`,
    );
  });

  it('the smaller fingerprint initiates, bytewise', () => {
    expect(sessionRole(fill(1), fill(2))).toBe('initiator');
    expect(sessionRole(fill(255), fill(2))).toBe('responder');
  });
});

describe('the outer frame', () => {
  it.each(Object.values(frameKinds))('kind %i survives the way there and back', (kind) => {
    const { kind: read, body } = decodeFrame(encodeFrame(kind, Uint8Array.of(1, 2, 3)));
    expect([read, [...body]]).toEqual([kind, [1, 2, 3]]);
  });
  it('holds 256 KiB and not a byte more', () => {
    expect(encodeFrame(frameKinds.transport, new Uint8Array(262_142)).length).toBe(262_144);
    expect(() => encodeFrame(frameKinds.transport, new Uint8Array(262_143))).toThrow('frame-too-large');
    expect(() => decodeFrame(new Uint8Array(262_145))).toThrow('frame-too-large');
  });
  it('a refusal is understood in every version, or nobody could be told that versions differ', () => {
    expect(decodeFrame(Uint8Array.of(9, frameKinds.refusal, 1)).kind).toBe(frameKinds.refusal);
  });
  it.each([
    [[], 'frame-malformed'],
    [[1], 'frame-malformed'],
    [[1, 0], 'frame-malformed'],
    [[1, 6], 'frame-malformed'],
    [[0, 3, 1], 'frame-version'],
    [[2, 2, 1], 'frame-version'],
  ])('%j is %s', (bytes, kind) => {
    expect(() => decodeFrame(Uint8Array.from(bytes))).toThrow(kind);
  });
});
