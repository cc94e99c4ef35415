// First contact of two who were introduced: what the introducer, who knows the secret, can and cannot do with it.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../../src/adapters/memory/random.ts';
import { compareBytes } from '../../../../src/core/bytes/bytes.ts';
import { toHex } from '../../../../src/core/bytes/hex.ts';
import type { Identity } from '../../../../src/core/identity/keys.ts';
import { cardMeeting, cardPsk } from '../../../../src/core/pairing/card-keys.ts';
import { answerCaller, callShower, type FirstContact } from '../../../../src/core/pairing/first-contact.ts';
import { introducedAgreement } from '../../../../src/core/pairing/introductions/agreement.ts';
import { silentLog } from '../../../../src/core/ports/log.ts';
import { LinkPair } from '../../../fixtures/links.ts';
import { Page } from '../../../fixtures/pages.ts';
import { ana, ben, cleo, inOrder } from '../../../fixtures/people.ts';

const secret = new Uint8Array(32).fill(5);
const [caller, answerer] = inOrder(ben, cleo);

/** `who` believes to talk with `whom`, of whom they know the fingerprint that Ana told. */
async function seat(who: Identity, whom: Identity, link: LinkPair['a'], seed: number, from = secret) {
  const { theirs, psk } = await introducedAgreement(from, who.fingerprint, whom.fingerprint);
  const isCalled = compareBytes(who.fingerprint, whom.fingerprint) > 0;
  return {
    link,
    self: who,
    name: 'somebody',
    clock: new MemoryClock(),
    random: seededRandom(seed),
    log: silentLog,
    card: isCalled ? { fingerprint: who.fingerprint, secret: theirs.secret } : theirs,
    promise: { psk, fingerprint: whom.fingerprint },
  };
}

const kind = (contact: Promise<FirstContact>): Promise<string> =>
  contact.then(
    () => 'met',
    (error) => error.kind,
  );

async function meet(seed: number, from = [secret, secret] as const): Promise<[FirstContact, FirstContact]> {
  const links = new LinkPair();
  return Promise.all([
    callShower(await seat(caller, answerer, links.a, seed, from[0])),
    answerCaller(await seat(answerer, caller, links.b, seed + 1, from[1])),
  ]);
}

describe('the keys of an introduction', () => {
  it('are the same for the two, and others for anybody else, another secret, or other keys', async () => {
    const [one, other] = await Promise.all([
      introducedAgreement(secret, ben.fingerprint, cleo.fingerprint),
      introducedAgreement(secret, cleo.fingerprint, ben.fingerprint),
    ]);
    expect([one.psk, one.cardSecret]).toEqual([other.psk, other.cardSecret]);
    expect([one.theirs.fingerprint, other.theirs.fingerprint]).toEqual([cleo.fingerprint, ben.fingerprint]);
    const strangers = await Promise.all([
      introducedAgreement(secret, ben.fingerprint, ana.fingerprint),
      introducedAgreement(new Uint8Array(32).fill(6), ben.fingerprint, cleo.fingerprint),
    ]);
    const all = [one, ...strangers];
    expect(new Set(all.map(({ psk }) => toHex(psk))).size).toBe(3);
    expect(new Set(all.map(({ cardSecret }) => toHex(cardSecret))).size).toBe(3);
  });

  it('are none of those of a card with the same secret', async () => {
    const { theirs, psk } = await introducedAgreement(secret, caller.fingerprint, answerer.fingerprint);
    expect(await cardPsk(theirs)).not.toEqual(psk);
  });

  it('let two who were told different keys of each other look in different places', async () => {
    const truth = await introducedAgreement(secret, caller.fingerprint, answerer.fingerprint);
    const lie = await introducedAgreement(secret, caller.fingerprint, ana.fingerprint);
    const [here, there] = await Promise.all([truth, lie].map(({ theirs }) => cardMeeting(theirs, 'initiator')));
    expect(here?.topicKey).not.toEqual(there?.topicKey);
  });
});

describe('first contact by an introduction', () => {
  it('makes the two known to each other, with a secret that is another every time: the introduction does not give it', async () => {
    const [one, other] = await meet(10);
    expect([toHex(one.person.fingerprint), toHex(other.person.fingerprint)]).toEqual([
      toHex(answerer.fingerprint),
      toHex(caller.fingerprint),
    ]);
    expect(one.pairSecret).toEqual(other.pairSecret);
    const [again] = await meet(20);
    expect(again.pairSecret).not.toEqual(one.pairSecret);
  });

  it('opens nothing to whoever does not know the secret', async () => {
    const links = new LinkPair();
    const guess = new Uint8Array(32).fill(6);
    const outcomes = await Promise.all([
      kind(callShower(await seat(caller, answerer, links.a, 1))),
      kind(answerCaller(await seat(answerer, caller, links.b, 2, guess))),
    ]);
    expect(outcomes).not.toContain('met');
  });

  it('finds Ana out who answers or calls in the place of one of the two: she knows the secret, and has not their keys', async () => {
    const answering = new LinkPair();
    const calledByAna = await seat(answerer, caller, answering.b, 2);
    const [said] = await Promise.all([
      kind(callShower(await seat(caller, answerer, answering.a, 1))),
      kind(answerCaller({ ...calledByAna, self: ana })),
    ]);
    expect(said).toBe('contact-impostor');

    const calling = new LinkPair();
    const callsAsAna = await seat(caller, answerer, calling.a, 3);
    const [, heard] = await Promise.all([
      kind(callShower({ ...callsAsAna, self: ana })),
      kind(answerCaller(await seat(answerer, caller, calling.b, 4))),
    ]);
    expect(heard).toBe('contact-impostor');
  });

  it('finds Ana out who holds up the genuine bundle with a key of her own', async () => {
    const links = new LinkPair();
    const posing: Identity = { ...answerer, dh: ana.dh };
    const genuine = await seat(answerer, caller, links.b, 2);
    const [said] = await Promise.all([
      kind(callShower(await seat(caller, answerer, links.a, 1))),
      kind(answerCaller({ ...genuine, self: posing })),
    ]);
    expect(said).toBe('contact-impostor');
  });

  it('says so, shows no attempt of a card, and looks for nobody any more', async () => {
    const clock = new MemoryClock();
    const page = await new Page(caller, 'Ben', clock, 1).open();
    const agreement = await introducedAgreement(secret, caller.fingerprint, answerer.fingerprint);
    const introduction = { id: 'ana/1', by: 'ana', name: 'Ana', endsAt: clock.now() + 1_000_000 };
    await page.calls.promise({ ...agreement, introduction }, false);
    const [sought] = page.calls.searching();
    expect([page.calls.failureOf('ana/1'), page.calls.attempts()]).toEqual([undefined, []]);
    const links = new LinkPair({ clock });
    const asAna = { ...(await seat(answerer, caller, links.b, 2)), self: ana };
    await Promise.all([page.calls.call(links.a, sought?.id ?? ''), kind(answerCaller(asAna))]);
    expect([page.calls.failureOf('ana/1'), page.calls.attempts(), page.calls.searching(), page.contacts]).toEqual([
      'contact-impostor',
      [],
      [],
      0,
    ]);
    await page.calls.withdraw(agreement);
    expect(page.calls.failureOf('ana/1')).toBeUndefined();
  });
});
