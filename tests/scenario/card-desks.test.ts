// What the desks of pairing remember and forget, and calls that become one too many.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { parseCard } from '../../src/core/identity/card.ts';
import { meet, Page, shown } from '../fixtures/pages.ts';
import { ana, ben } from '../fixtures/people.ts';
import { settle, until } from '../fixtures/until.ts';

const DAY = 24 * 3_600_000;

let clock: MemoryClock;
let anas: Page;
let bens: Page;

beforeEach(async () => {
  clock = new MemoryClock();
  anas = await new Page(ana, 'Ana', clock, 1).open();
  bens = await new Page(ben, 'Ben', clock, 2).open();
  await anas.cards.newCard();
});

/** Ben has taken Ana's card and called; Ana is asked. `unheard`: Ben does not hear that she keeps him. */
async function benAsks({ unheard = false } = {}) {
  const { id, text } = shown(anas);
  const { attemptId } = await bens.calls.take(parseCard(text));
  const { link, called } = meet(bens, anas, attemptId, id, {
    fate: ({ from, index }) => (unheard && from === 'b' && index > 0 ? 'drop' : 'deliver'),
  });
  await until(() => anas.cards.requests().length === 1);
  await settle();
  return { id, attemptId, link, called };
}

const invitationsOf = (who: Page): number => who.disk.written.get('invitations')?.size ?? 0;

describe('a card that somebody bound and never came back to', () => {
  it('is forgotten like any other', async () => {
    const { attemptId, called } = await benAsks({ unheard: true });
    await bens.calls.dismiss(attemptId);
    await called;
    await until(() => anas.cards.requests().length === 0);
    await clock.advance(8 * DAY, settle);
    await anas.cards.newCard();
    expect(invitationsOf(anas)).toBe(1);
  });

  it('stays while somebody waits for an answer', async () => {
    const { id, link } = await benAsks();
    link.kill();
    await clock.advance(8 * DAY, settle);
    await anas.cards.newCard();
    expect(anas.cards.requests()).toMatchObject([{ id }]);
  });
});

describe('a card that ended', () => {
  it('is no longer listened for after seven days, and the desk says so', async () => {
    await clock.advance(6.9 * DAY, settle);
    expect(anas.cards.listening().length).toBe(1);
    const before = anas.changes.count;
    await clock.advance(0.2 * DAY, settle);
    expect(anas.cards.listening()).toEqual([]);
    expect(anas.changes.count).toBeGreaterThan(before);
  });
});

describe('a session of two who know each other', () => {
  it('uses up no card on which a renewal waits: the caller can still come again', async () => {
    const { id, attemptId, link } = await benAsks({ unheard: true });
    link.kill();
    // Under the secret that the two had before.
    await anas.cards.callerProven(ben.bundle);
    meet(bens, anas, attemptId, id);
    await until(() => bens.contacts === 1);
    expect(bens.calls.attempts()).toEqual([]);
  });

  it('uses up the card by which one of them was accepted', async () => {
    const { id, link } = await benAsks({ unheard: true });
    link.kill();
    await anas.cards.answerRequest(id, 'accept');
    await settle();
    expect(anas.cards.listening()).toMatchObject([{ id, quiet: false }]);
    await anas.cards.callerProven(ben.bundle);
    expect(anas.cards.listening()).toMatchObject([{ id, quiet: true }]);
  });
});

describe('who takes the card of somebody who waits for their answer', () => {
  it('calls them by no other card of theirs either', async () => {
    await bens.cards.newCard();
    const first = shown(bens);
    await bens.cards.newCard();
    const second = shown(bens);
    const { id, link } = await benAsks();
    // Two cards of Ben's: by the first she has been calling in vain.
    await anas.calls.take(parseCard(first.text));
    await anas.cards.answerByCard(ben.fingerprint, async (commit) => {
      await anas.calls.takeAnswered(parseCard(second.text), 'card', commit);
    });
    expect(anas.cards.requests().some((one) => one.id === id)).toBe(false);
    expect(anas.contact(ben.fingerprint)?.standing).toBe('verified');
    expect([anas.calls.searching(), anas.calls.attempts()]).toEqual([[], []]);
    link.kill();
  });
});
