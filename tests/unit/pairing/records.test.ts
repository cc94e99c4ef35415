// Cards, their lives and the words said about them: the pure parts of pairing.
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { decodeAttempt, encodeAttempt } from '../../../src/core/pairing/attempt.ts';
import { cardMeeting, cardPsk, pairSecretFrom } from '../../../src/core/pairing/card-keys.ts';
import type { Candidate } from '../../../src/core/pairing/contact-book.ts';
import { type Control, decodeControl, encodeControl } from '../../../src/core/pairing/control.ts';
import { introduce, readIntroduction } from '../../../src/core/pairing/introduction.ts';
import {
  accept,
  bind,
  burn,
  CARD_LIFE_MS,
  CARD_MEMORY_MS,
  decodeInvitation,
  encodeInvitation,
  isAnswered,
  isForgettable,
  judge,
  openInvitation,
  use,
  withdraw,
} from '../../../src/core/pairing/invitation.ts';
import { pairMeeting, pairPsk } from '../../../src/core/session/pair-keys.ts';
import { encode } from '../../../src/core/wire/cbor.ts';
import { ana, ben, cleo } from '../../fixtures/people.ts';

const NOW = 1_800_000_000_000;
const secret = new Uint8Array(16).fill(5);
const card = { fingerprint: ana.fingerprint, secret };
const open = openInvitation('one', secret, NOW);
const candidate = (byte: number): Candidate => ({
  bundle: ben.bundle,
  fingerprint: ben.fingerprint,
  name: 'Ben',
  pairSecret: new Uint8Array(32).fill(byte),
});

describe('an invitation', () => {
  const bound = bind(open, candidate(1), NOW + 5);

  it('lets the first caller in for 24 h', () => {
    expect(judge(open, ben.bundle, NOW + CARD_LIFE_MS - 1)).toBe('bind');
    expect(judge(open, ben.bundle, NOW + CARD_LIFE_MS)).toBe('card-expired');
  });

  it('belongs to who bound it, even after 24 h, and to nobody else', () => {
    expect(judge(bound, ben.bundle, NOW + CARD_LIFE_MS)).toBe('bind');
    expect(judge(bound, cleo.bundle, NOW)).toBe('card-used');
  });

  it('takes the secret of each repeat and keeps the time of the first', () => {
    const again = bind(bound, candidate(2), NOW + 99);
    expect(again.request).toMatchObject({ pairSecret: candidate(2).pairSecret, at: NOW + 5 });
  });

  it('asks nothing again after a yes', () => {
    const again = bind(accept(bound), candidate(2), NOW);
    expect([again.request, again.accepted, again.state]).toEqual([undefined, true, 'bound']);
  });

  it('is used up for everybody once both have stored', () => {
    expect(judge(use(bound), ben.bundle, NOW)).toBe('card-used');
    expect(use(open)).toEqual(open);
    expect(use(burn(bound)).state).toBe('burnt');
  });

  it('tells a refusal only to who was refused', () => {
    expect(judge(burn(bound), ben.bundle, NOW)).toBe('card-refused');
    expect(judge(burn(bound), cleo.bundle, NOW)).toBe('card-used');
  });

  it('stays with a caller who changed their mind', () => {
    expect(withdraw(bound).request).toBe(undefined);
    expect(judge(withdraw(bound), cleo.bundle, NOW)).toBe('card-used');
  });

  it('is answered for seven days, and remembered while somebody waits for an answer', () => {
    expect(isAnswered(open, NOW + CARD_MEMORY_MS - 1)).toBe(true);
    expect(isAnswered(open, NOW + CARD_MEMORY_MS)).toBe(false);
    expect(isForgettable(use(bound), NOW + CARD_MEMORY_MS)).toBe(false);
    expect(isForgettable(accept(use(bound)), NOW + CARD_MEMORY_MS)).toBe(true);
  });

  it.each([
    ['open', open],
    ['bound', bound],
    ['accepted', accept(bound)],
    ['used', use(bound)],
    ['burnt', burn(bound)],
  ])('%s survives the disk', (_, invitation) => {
    expect(decodeInvitation(encodeInvitation(invitation))).toEqual(invitation);
  });

  it('of before says how it was handed out in other words', () => {
    const { way: _, ...before } = open;
    expect(decodeInvitation(encode({ ...before, forStranger: true })).way).toBe('number');
    expect(decodeInvitation(encode({ ...before, forStranger: false })).way).toBe('card');
    expect(decodeInvitation(encode(before)).way).toBe('card');
  });

  it('a record of another shape is not read', () => {
    expect(() => decodeInvitation(encode({ ...open, v: 2 }))).toThrow('frame-malformed');
  });
});

describe('an attempt', () => {
  const attempt = { v: 1, id: 'one', ...card, startedAt: NOW, state: 'waiting', way: 'link' } as const;

  it('survives the disk', () => {
    expect(decodeAttempt(encodeAttempt(attempt))).toEqual(attempt);
  });

  it('of before says how the card came in other words', () => {
    const { way: _, ...before } = attempt;
    expect(decodeAttempt(encode({ ...before, byNumber: true })).way).toBe('number');
    expect(decodeAttempt(encode(before)).way).toBe('card');
  });
});

describe('what is said', () => {
  it.each<Control>([
    { say: 'stored' },
    { say: 'accepted' },
    { say: 'refused', why: 'card-expired' },
    { say: 'cancelled' },
  ])('%j arrives as it was sent', (control) => {
    expect(decodeControl(encodeControl(control))).toEqual(control);
  });

  it.each([
    { say: 'hello' },
    { say: 'refused' },
    { say: 'refused', why: 'because' },
    ['stored'],
    'stored',
    null,
    { say: 'stored'.repeat(20) },
  ])('%j is nothing we understand', (value) => {
    expect(() => decodeControl(encode(value))).toThrow(/frame-malformed|frame-too-large/);
  });
});

describe('an introduction', () => {
  it('is believed from who holds the key, with the name cleaned', async () => {
    const person = await readIntroduction(await introduce(ben, '  Ben\u202e\n '), ben.dh.publicKey);
    expect(person).toEqual({ bundle: ben.bundle, fingerprint: ben.fingerprint, name: 'Ben' });
  });

  it('is cleaned by the reader too', async () => {
    const { signBundle } = await import('../../../src/core/identity/bundle.ts');
    const signature = await signBundle(ben.bundle, ben.sign);
    const rude = encode({ bundle: ben.bundle, signature, name: 'Ana\u200b \u202e' });
    expect((await readIntroduction(rude, ben.dh.publicKey)).name).toBe('Ana');
  });

  it('with the longest name fits', async () => {
    const person = await readIntroduction(await introduce(ben, '𝔅'.repeat(80)), ben.dh.publicKey);
    expect([...person.name].length).toBe(64);
  });

  it.each([
    ['another key', cleo.dh.publicKey],
    ['no key', undefined],
  ])('is not believed with %s', async (_, key) => {
    await expect(readIntroduction(await introduce(ben, 'Ben'), key)).rejects.toMatchObject({
      kind: 'contact-impostor',
    });
  });

  it('is not believed with a changed bundle, signature or size', async () => {
    const genuine = await introduce(ben, 'Ben');
    for (let place = 0; place < genuine.length; place += 7) {
      const forged = Uint8Array.from(genuine, (byte, index) => (index === place ? byte ^ 1 : byte));
      const person = await readIntroduction(forged, ben.dh.publicKey).catch(() => undefined);
      // Only the name is not proven by a key; Noise itself authenticates it.
      if (person !== undefined) expect(person.fingerprint).toEqual(ben.fingerprint);
    }
    await expect(readIntroduction(new Uint8Array(600), ben.dh.publicKey)).rejects.toMatchObject({
      kind: 'frame-too-large',
    });
  });
});

describe('keys of a card', () => {
  it('are all different, and other ones for another secret or another person', async () => {
    const keysOf = async (one: typeof card): Promise<Uint8Array[]> => {
      const { topicKey, signalKey, recordKey } = await cardMeeting(one, 'responder');
      return [topicKey, signalKey, recordKey, await cardPsk(one)];
    };
    const others = [card, { ...card, secret: new Uint8Array(16) }, { ...card, fingerprint: ben.fingerprint }];
    const pair = await pairMeeting(new Uint8Array(32), 'responder');
    const keys = [...(await Promise.all(others.map(keysOf))).flat(), pair.topicKey, pair.signalKey, pair.recordKey];
    keys.push(await pairPsk(new Uint8Array(32)), await pairSecretFrom(new Uint8Array(32)));
    expect(new Set(keys.map(toHex)).size).toBe(17);
  });
});
