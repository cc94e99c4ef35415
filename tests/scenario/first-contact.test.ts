// First contact between people: Ana shows a card, Ben takes it, Cleo comes too late or uninvited.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { toHex } from '../../src/core/bytes/hex.ts';
import { parseCard } from '../../src/core/identity/card.ts';
import { decided, meet, Page, shown } from '../fixtures/pages.ts';
import { ana, ben, cleo } from '../fixtures/people.ts';
import { settle, until } from '../fixtures/until.ts';

const HOUR = 3_600_000;

let clock: MemoryClock;
let anas: Page;
let bens: Page;
let cleos: Page;

beforeEach(async () => {
  clock = new MemoryClock();
  anas = await new Page(ana, 'Ana', clock, 1).open();
  bens = await new Page(ben, 'Ben', clock, 2).open();
  cleos = await new Page(cleo, 'Cleo', clock, 3).open();
  await anas.cards.newCard();
});

const take = async (who: Page): Promise<string> => (await who.calls.take(parseCard(shown(anas).text))).attemptId;

/** Ben takes Ana's card, calls, and both have stored it; the link is still open. */
async function benCalls() {
  const id = shown(anas).id;
  const attemptId = await take(bens);
  const call = meet(bens, anas, attemptId, id);
  await until(() => bens.contacts === 1 && anas.cards.current() === undefined && anas.commits >= 3, 'both have stored');
  await settle();
  return { ...call, id, attemptId };
}

describe('a card is taken', () => {
  it('both end with one contact, the same secret, and the names they gave', async () => {
    const { id, called } = await benCalls();
    expect(anas.cards.requests()).toMatchObject([{ id, person: { name: 'Ben', fingerprint: ben.fingerprint } }]);
    expect(bens.contact(ana.fingerprint)).toMatchObject({ name: 'Ana', standing: 'waiting' });
    await anas.cards.answerRequest(id, 'accept');
    await called;
    expect(anas.contact(ben.fingerprint)).toMatchObject({ name: 'Ben', standing: 'accepted' });
    expect(bens.contact(ana.fingerprint)).toMatchObject({ name: 'Ana', standing: 'accepted' });
    expect(anas.contact(ben.fingerprint)?.pairSecret).toEqual(bens.contact(ana.fingerprint)?.pairSecret);
    expect([anas.cards.requests(), bens.calls.attempts()]).toEqual([[], []]);
  });

  it('nothing is a contact of Ana before she agrees', async () => {
    await benCalls();
    expect(anas.contacts).toBe(0);
  });

  it('"their screen shows this number" makes the contact verified', async () => {
    const { id } = await benCalls();
    await anas.cards.answerRequest(id, 'accept-verified');
    expect(anas.contact(ben.fingerprint)?.standing).toBe('verified');
  });

  it('a refusal burns the card, tells Ben, and keeps no friend', async () => {
    const { id, called } = await benCalls();
    await anas.cards.answerRequest(id, 'refuse');
    await called;
    expect(bens.contact(ana.fingerprint)?.standing).toBe('told-no');
    expect(anas.contact(ben.fingerprint)?.standing).toBe('refused');
    await expect(anas.cards.answerRequest(id, 'accept')).rejects.toMatchObject({ kind: 'card-cancelled' });
  });

  it('Ana may answer after Ben has left; only her own disk tells it then', async () => {
    const { id, link } = await benCalls();
    link.kill();
    await anas.cards.answerRequest(id, 'accept');
    expect(anas.contact(ben.fingerprint)?.standing).toBe('accepted');
    expect(bens.contact(ana.fingerprint)?.standing).toBe('waiting');
  });

  it('the request is still there after Ana has reloaded', async () => {
    const { id } = await benCalls();
    anas.crash();
    await anas.open();
    expect(anas.cards.requests()).toMatchObject([{ id, person: { name: 'Ben' } }]);
    await anas.cards.answerRequest(id, 'accept');
    expect(anas.contact(ben.fingerprint)?.pairSecret).toEqual(bens.contact(ana.fingerprint)?.pairSecret);
  });

  it('the same card twice is one attempt, and used up after success', async () => {
    const text = shown(anas).text;
    expect(await take(bens)).toBe(await take(bens));
    expect(bens.calls.attempts().length).toBe(1);
    await benCalls();
    await expect(bens.calls.take(parseCard(text))).rejects.toMatchObject({ kind: 'card-used' });
  });

  it('one does not take one’s own card', async () => {
    await expect(anas.calls.take(parseCard(shown(anas).text))).rejects.toMatchObject({ kind: 'card-own' });
  });

  it('a reload before anybody answered goes on calling', async () => {
    const attemptId = await take(bens);
    bens.crash();
    await bens.open();
    expect(bens.calls.attempts()).toMatchObject([{ id: attemptId, state: 'waiting', kind: null }]);
    meet(bens, anas, attemptId, shown(anas).id);
    await until(() => bens.contacts === 1);
  });

  it('a name with bidi and zero-width characters arrives clean', async () => {
    const mallory = await new Page(cleo, '‮Cl\u200beo\u0007', clock, 4).open();
    const id = shown(anas).id;
    meet(mallory, anas, await take(mallory), id);
    await until(() => anas.cards.requests().length === 1);
    expect(anas.cards.requests()[0]?.person.name).toBe('Cleo');
  });
});

describe('one secret, one person', () => {
  it('a second caller on a used secret is told so and nothing changes', async () => {
    const attemptId = await take(cleos);
    const { id } = await benCalls();
    const { called } = meet(cleos, anas, attemptId, id);
    await called;
    expect(cleos.calls.attempts()).toMatchObject([{ id: attemptId, state: 'failed', kind: 'card-used' }]);
    expect(cleos.contacts).toBe(0);
    expect(anas.cards.requests()).toMatchObject([{ person: { name: 'Ben' } }]);
  });

  it('two who call at the same moment: exactly one is asked about', async () => {
    const id = shown(anas).id;
    const [a1, a2] = [await take(bens), await take(cleos)];
    const calls = [meet(bens, anas, a1, id), meet(cleos, anas, a2, id)];
    await until(() => bens.contacts + cleos.contacts === 1);
    await until(() => [...bens.calls.attempts(), ...cleos.calls.attempts()].some(({ kind }) => kind === 'card-used'));
    expect(anas.cards.requests().length).toBe(1);
    for (const { link } of calls) link.kill();
  });

  it('who was refused hears of it, others only that the card is gone', async () => {
    const third = await new Page(ben, 'Ben', clock, 9).open(); // Ben again, with nothing on his disk
    const [early, late] = [await take(third), await take(cleos)];
    const { id } = await benCalls();
    await anas.cards.answerRequest(id, 'refuse');
    await meet(third, anas, early, id).called;
    await meet(cleos, anas, late, id).called;
    expect(third.calls.attempts()).toMatchObject([{ kind: 'card-refused' }]);
    expect(cleos.calls.attempts()).toMatchObject([{ kind: 'card-used' }]);
  });

  it('who comes late to a card that is gone does not learn a name', async () => {
    const attemptId = await take(cleos);
    const { id, link: bensLink } = await benCalls();
    const { link, called } = meet(cleos, anas, attemptId, id);
    await called;
    const bytes = (one: typeof link): number => one.sentBy('b')[0]?.length ?? 0;
    expect(bytes(bensLink) - bytes(link)).toBe('Ana'.length);
    expect(cleos.calls.attempts()).toMatchObject([{ kind: 'card-used' }]);
  });

  it('a card ends after 24 h, is gone from the screen, and says so to who comes late', async () => {
    const id = shown(anas).id;
    const attemptId = await take(bens);
    await clock.advance(1 * HOUR);
    const late = await take(cleos);
    const before = anas.changes.count;
    await clock.advance(23 * HOUR, settle);
    expect(anas.cards.current()).toBe(undefined);
    expect(anas.changes.count).toBeGreaterThan(before);
    await meet(cleos, anas, late, id).called;
    expect(cleos.calls.attempts()).toMatchObject([{ kind: 'card-expired' }]);
    expect(bens.calls.attempts()).toMatchObject([{ id: attemptId, state: 'failed', kind: 'card-expired' }]);
  });

  it('an attempt that became too old while the page was closed has failed when it opens', async () => {
    await take(bens);
    bens.crash();
    await clock.advance(25 * HOUR);
    await bens.open();
    expect(bens.calls.attempts()).toMatchObject([{ state: 'failed', kind: 'card-expired' }]);
    await bens.calls.dismiss(bens.calls.attempts()[0]?.id as string);
    expect(bens.calls.attempts()).toEqual([]);
  });

  it('a new card leaves those handed out valid; the seventeenth ends the oldest', async () => {
    const first = shown(anas);
    for (let index = 0; index < 15; index += 1) await anas.cards.newCard();
    expect(anas.cards.listening().length).toBe(16);
    const card = parseCard(first.text);
    const { attemptId } = await bens.calls.take(card);
    await anas.cards.newCard();
    await meet(bens, anas, attemptId, first.id).called;
    expect(bens.calls.attempts()).toMatchObject([{ kind: 'card-expired' }]);
    expect(new Set(anas.cards.listening().map((one) => toHex(one.card.secret))).size).toBe(17);
  });

  it('a thousand new cards leave no more than 32 to listen for', async () => {
    for (let index = 0; index < 1_000; index += 1) await anas.cards.newCard();
    expect(anas.cards.listening().length).toBe(32);
  });

  it('a card is answered for seven days and then forgotten', async () => {
    expect(anas.cards.listening().length).toBe(1);
    await clock.advance(7 * 24 * HOUR);
    expect(anas.cards.listening()).toEqual([]);
    await anas.cards.newCard();
    expect(anas.disk.written.get('invitations')?.size).toBe(1);
  });
});

describe('somebody else', () => {
  it('who saw the card and answers in Ana’s place is found out, and Ben is told', async () => {
    // Cleo knows the secret, so she makes an invitation of it at her own desk.
    const card = parseCard(shown(anas).text);
    const attemptId = await take(bens);
    const { answerCaller } = await import('../../src/core/pairing/first-contact.ts');
    const { seededRandom } = await import('../../src/adapters/memory/random.ts');
    const { silentLog } = await import('../../src/core/ports/log.ts');
    const { LinkPair } = await import('../fixtures/links.ts');
    const link = new LinkPair();
    const answering = answerCaller({
      link: link.b,
      card,
      self: cleo,
      name: 'Ana',
      clock,
      random: seededRandom(5),
      log: silentLog,
    }).then(
      () => 'in',
      (error) => error.kind,
    );
    await bens.calls.call(link.a, attemptId);
    expect(await answering).toBe('link-closed');
    expect(bens.calls.attempts()).toMatchObject([{ state: 'failed', kind: 'contact-impostor' }]);
    expect(link.sentBy('a').length).toBe(1); // Ben said who he is to nobody
  });

  it('another who took the same card and meets Ben makes no contact; Ben goes on waiting', async () => {
    const [a1, a2] = [await take(bens), await take(cleos)];
    const { LinkPair } = await import('../fixtures/links.ts');
    const link = new LinkPair();
    await Promise.all([bens.calls.call(link.a, a1), cleos.calls.call(link.b, a2)]);
    expect(bens.calls.attempts()).toMatchObject([{ state: 'waiting', kind: null }]);
    expect(cleos.calls.attempts()).toMatchObject([{ state: 'waiting', kind: null }]);
  });

  it('a link that dies in the handshake leaves the attempt waiting', async () => {
    const id = shown(anas).id;
    const attemptId = await take(bens);
    await meet(bens, anas, attemptId, id, {
      fate: ({ from, index }) => (from === 'a' && index === 1 ? 'kill' : 'deliver'),
    }).called;
    expect(bens.calls.attempts()).toMatchObject([{ state: 'waiting', kind: null }]);
    expect(anas.cards.current()?.id).toBe(id);
  });

  it('a page that answers nothing after the handshake is given up after 30 s', async () => {
    const id = shown(anas).id;
    const attemptId = await take(bens);
    const { called } = meet(bens, anas, attemptId, id, {
      fate: ({ from, index }) => (from === 'b' && index > 0 ? 'drop' : 'deliver'),
    });
    await until(() => anas.cards.requests().length === 1);
    await clock.advance(31_000, settle);
    await called;
    expect(bens.calls.attempts()).toMatchObject([{ state: 'waiting' }]);
  });
});

describe('changing one’s mind', () => {
  it('Ben gives up while nobody is there', async () => {
    const attemptId = await take(bens);
    await bens.calls.dismiss(attemptId);
    expect(bens.calls.attempts()).toEqual([]);
    expect(bens.disk.durable.get('attempts')?.size).toBe(0);
  });

  it('Ben gives up during the call: Ana is not asked about him any more', async () => {
    const id = shown(anas).id;
    const attemptId = await take(bens);
    const { called } = meet(bens, anas, attemptId, id, {
      clock,
      fate: ({ from, index }) => (from === 'b' && index === 1 ? { delayMs: 1_000 } : 'deliver'),
    });
    await until(() => anas.cards.requests().length === 1);
    await bens.calls.dismiss(attemptId);
    await called;
    await until(() => anas.cards.requests().length === 0);
    expect([bens.contacts, anas.contacts]).toEqual([0, 0]);
    await decided(bens, attemptId, meet(bens, anas, attemptId, id).link);
  });

  it('a full disk at Ben’s leaves everything as it was, and the next call succeeds', async () => {
    const id = shown(anas).id;
    const attemptId = await take(bens);
    bens.disk.commitsUntilFull = 0;
    await meet(bens, anas, attemptId, id).called;
    expect([bens.contacts, bens.calls.attempts()[0]?.state]).toEqual([0, 'waiting']);
    bens.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    meet(bens, anas, attemptId, id);
    await until(() => bens.contacts === 1);
    await anas.cards.answerRequest(id, 'accept');
    expect(anas.contact(ben.fingerprint)?.pairSecret).toEqual(bens.contact(ana.fingerprint)?.pairSecret);
  });

  it('a full disk at Ana’s: she is not asked, Ben goes on waiting, the card stays good', async () => {
    const id = shown(anas).id;
    const attemptId = await take(bens);
    anas.disk.commitsUntilFull = 0;
    await meet(bens, anas, attemptId, id).called;
    expect([anas.cards.requests(), bens.calls.attempts()[0]?.state, anas.cards.current()?.id]).toEqual([
      [],
      'waiting',
      id,
    ]);
  });
});

describe('looking for each other', () => {
  it('is quiet while they talk, and when a card has ended, so that no connection is made in vain', async () => {
    const id = shown(anas).id;
    const attemptId = await take(bens);
    expect([anas.cards.listening(), bens.calls.searching()]).toMatchObject([[{ quiet: false }], [{ quiet: false }]]);
    const { link } = meet(bens, anas, attemptId, id, {
      fate: ({ from, index }) => (from === 'b' && index > 0 ? 'drop' : 'deliver'), // he never hears that she keeps him
    });
    await until(() => anas.cards.requests().length === 1);
    expect([anas.cards.listening(), bens.calls.searching()]).toMatchObject([[{ quiet: true }], [{ quiet: true }]]);
    const before = [anas.changes.count, bens.changes.count];
    link.kill();
    await settle();
    expect([anas.cards.listening(), bens.calls.searching()]).toMatchObject([[{ quiet: false }], [{ quiet: false }]]);
    expect(anas.changes.count).toBeGreaterThan(before[0] as number);
    expect(bens.changes.count).toBeGreaterThan(before[1] as number);
    await anas.cards.answerRequest(id, 'refuse');
    expect(anas.cards.listening()).toMatchObject([{ quiet: true }]);
  });
});
