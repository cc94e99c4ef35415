// The power goes out at either side, at every step of first contact. Whatever happens, once both pages are open again and
// meet, there is one contact on each side, and both have the same secret.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { parseCard } from '../../src/core/identity/card.ts';
import type { LinkPair, Passing } from '../fixtures/links.ts';
import { meet, Page, shown } from '../fixtures/pages.ts';
import { ana, ben, cleo } from '../fixtures/people.ts';
import { settle, until } from '../fixtures/until.ts';

interface Round {
  /** Commit steps at which the pages lose power: 2n before the n-th commit of this life, 2n + 1 right after it. */
  readonly anaCut?: number;
  readonly benCut?: number;
  /** Somebody loses power when this frame is on its way: before it arrives, or after. */
  readonly frame?: { readonly from: 'a' | 'b'; readonly index: number; readonly arrives: boolean };
}

interface World {
  readonly clock: MemoryClock;
  readonly anas: Page;
  readonly bens: Page;
  readonly attemptId: string;
  readonly card: { readonly id: string; readonly text: string };
}

/** Ana has shown a card and Ben has taken it; both pages are closed. */
async function world(): Promise<World> {
  const clock = new MemoryClock();
  const anas = await new Page(ana, 'Ana', clock, 1).open();
  const bens = await new Page(ben, 'Ben', clock, 2).open();
  await anas.cards.newCard();
  const card = shown(anas);
  const { attemptId } = await bens.calls.take(parseCard(card.text));
  anas.crash();
  bens.crash();
  return { clock, anas, bens, attemptId, card };
}

/** Both pages are open, meet, Ana agrees when she is asked; then the link is gone. True: everything went as far as it can. */
async function play({ anas, bens, attemptId, card }: World, round: Round): Promise<void> {
  for (const [page, cut] of [
    [anas, round.anaCut],
    [bens, round.benCut],
  ] as const) {
    page.crash();
    await page.open(cut);
  }
  const { link } = meet(bens, anas, attemptId, card.id);
  if (round.frame) cutAt(link, round.frame, { a: bens, b: anas });
  await settle();
  for (const { id } of anas.dead ? [] : anas.cards.requests()) void anas.cards.answerRequest(id, 'accept');
  await settle();
  link.kill();
  await settle();
}

function cutAt(link: LinkPair, frame: NonNullable<Round['frame']>, pages: { a: Page; b: Page }): void {
  link.fate = ({ from, index }: Passing) => {
    if (from !== frame.from || index !== frame.index) return 'deliver';
    if (frame.arrives) queueMicrotask(() => queueMicrotask(() => pages[from].crash()));
    else pages[from].crash();
    return frame.arrives ? 'deliver' : 'kill';
  };
}

/** Plays without accidents until nothing is left to do, and says what came out. */
async function recover(world: World): Promise<void> {
  const { anas, bens } = world;
  for (let rounds = 0; rounds < 3; rounds += 1) await play(world, {});
  const [hers, his] = [anas.contact(ben.fingerprint), bens.contact(ana.fingerprint)];
  expect(hers?.pairSecret).toEqual(his?.pairSecret);
  expect(hers?.standing).toBe('accepted');
  expect(['waiting', 'accepted']).toContain(his?.standing); // what was not told is told over a session
  expect([anas.contacts, bens.contacts]).toEqual([1, 1]);
  expect([anas.cards.requests(), bens.calls.attempts(), anas.cards.current()]).toEqual([[], [], undefined]);
  await expect(bens.calls.take(parseCard(world.card.text))).rejects.toMatchObject({ kind: 'card-used' });
  await comesTooLate(world);
}

async function comesTooLate({ clock, anas, card }: World): Promise<void> {
  const cleos = await new Page(cleo, 'Cleo', clock, 3).open();
  const { attemptId } = await cleos.calls.take(parseCard(card.text));
  await meet(cleos, anas, attemptId, card.id).called;
  expect(cleos.calls.attempts()).toMatchObject([{ state: 'failed', kind: 'card-used' }]);
}

describe('the power goes out', () => {
  it('nowhere', async () => {
    const one = await world();
    await play(one, {});
    expect([one.anas.commits, one.bens.commits]).toEqual([3, 2]); // bound, used, accepted; stored, accepted
    await recover(one);
  });

  it.each([0, 1, 2, 3, 4, 5])('at Ana’s, commit step %i', async (anaCut) => {
    const one = await world();
    await play(one, { anaCut });
    expect(one.anas.dead).toBe(true);
    await recover(one);
  });

  it.each([0, 1, 2, 3])('at Ben’s, commit step %i', async (benCut) => {
    const one = await world();
    await play(one, { benCut });
    expect(one.bens.dead).toBe(true);
    await recover(one);
  });

  const frames = [
    ...[0, 1, 2].flatMap((index) => [true, false].map((arrives) => ({ from: 'a' as const, index, arrives }))),
    ...[0, 1, 2].flatMap((index) => [true, false].map((arrives) => ({ from: 'b' as const, index, arrives }))),
  ];
  it.each(frames)('at the sender of frame $index from $from, which arrives: $arrives', async (frame) => {
    const one = await world();
    await play(one, { frame });
    expect(frame.from === 'a' ? one.bens.dead : one.anas.dead).toBe(true);
    await recover(one);
  });

  it('anywhere, up to four times in a row', async () => {
    const frame = fc.record({
      from: fc.constantFrom('a' as const, 'b' as const),
      index: fc.nat({ max: 4 }),
      arrives: fc.boolean(),
    });
    const round: fc.Arbitrary<Round> = fc.record(
      { anaCut: fc.nat({ max: 6 }), benCut: fc.nat({ max: 4 }), frame },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
        const one = await world();
        for (const accident of rounds) await play(one, accident);
        await recover(one);
      }),
      { seed: 20_260_615, numRuns: 60 },
    );
  });
});

describe('nothing is told before it is on the disk', () => {
  /** Lets the disk of `page` stand still until the function returned is called. */
  function hold(page: Page): () => void {
    let release = (): void => undefined;
    page.held = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  it('not by Ana that she keeps Ben, not by Ben that he keeps Ana, not by Ana that she agrees', async () => {
    const { anas, bens, attemptId, card } = await world();
    await anas.open();
    await bens.open();
    const [anasDisk, bensDisk] = [hold(anas), hold(bens)];
    const { link } = meet(bens, anas, attemptId, card.id);
    await until(() => anas.commits === 1);
    await settle();
    expect([link.sentBy('a').length, link.sentBy('b').length]).toEqual([2, 1]); // the handshake and no more
    expect(anas.cards.requests()).toEqual([]);
    anasDisk();
    await until(() => bens.commits === 1);
    await settle();
    expect([link.sentBy('a').length, link.sentBy('b').length]).toEqual([2, 2]);
    bensDisk();
    await until(() => anas.commits === 2);
    await settle();
    const again = hold(anas);
    const answered = anas.cards.answerRequest(card.id, 'accept');
    await settle();
    expect(link.sentBy('b').length).toBe(2);
    again();
    await answered;
    await until(() => bens.contact(ana.fingerprint)?.standing === 'accepted');
  });
});

describe('a call that was given up', () => {
  it('because Ana’s page was reloaded without a word makes room for the next at once', async () => {
    const { clock, anas, bens, attemptId, card } = await world();
    await anas.open();
    await bens.open();
    const old = meet(bens, anas, attemptId, card.id, { fate: () => 'drop' });
    await until(() => old.link.sentBy('a').length === 1);
    anas.onDeath = () => undefined;
    anas.crash();
    await anas.open();
    const before = clock.now();
    meet(bens, anas, attemptId, card.id);
    await until(() => bens.contacts === 1);
    expect(clock.now()).toBe(before);
    expect(old.link.a.closed).toBe(true);
  });

  it('and whose last message comes in after the next call is stored brings no old secret back', async () => {
    const { clock, anas, bens, attemptId, card } = await world();
    await anas.open();
    await bens.open();
    const old = meet(bens, anas, attemptId, card.id, {
      fate: ({ from, index }) => (from === 'a' && index === 1 ? { delayMs: 4_000 } : 'deliver'),
    });
    await until(() => old.link.sentBy('a').length === 2);
    bens.onDeath = () => {
      old.link.silent = true; // Ana's end still says "open"
    };
    bens.crash();
    await bens.open();
    const next = meet(bens, anas, attemptId, card.id, {
      fate: ({ from, index }) => (from === 'a' && index === 2 ? { delayMs: 6_000 } : 'deliver'),
    });
    await until(() => bens.contacts === 1);
    await clock.advance(5_000, settle);
    expect(anas.disk.written.get('invitations')?.size).toBe(1);
    const [request] = anas.cards.requests();
    await anas.cards.answerRequest(request?.id as string, 'accept');
    await clock.advance(2_000, settle);
    expect(anas.contact(ben.fingerprint)?.pairSecret).toEqual(bens.contact(ana.fingerprint)?.pairSecret);
    next.link.kill();
  });

  it('two links at once: the later is used, and both sides agree', async () => {
    const { anas, bens, attemptId, card } = await world();
    await anas.open();
    await bens.open();
    const calls = [1, 2, 3].map(() => meet(bens, anas, attemptId, card.id));
    await until(() => bens.contacts === 1 && anas.cards.requests().length === 1);
    await settle();
    await anas.cards.answerRequest(card.id, 'accept');
    expect(anas.contact(ben.fingerprint)?.pairSecret).toEqual(bens.contact(ana.fingerprint)?.pairSecret);
    for (const { link } of calls) link.kill();
  });
});
