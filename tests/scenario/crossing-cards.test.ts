// Two who each took the other's card, before either could call: one contact, both verified, nobody asked (PAIRING.md, "Crossing cards").
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { parseCard } from '../../src/core/identity/card.ts';
import { meet, Page, shown } from '../fixtures/pages.ts';
import { ana, ben, inOrder } from '../fixtures/people.ts';
import { settle } from '../fixtures/until.ts';
import { Village, type Villager } from '../fixtures/village.ts';

const [first, second] = inOrder(ana, ben);

interface Side {
  readonly page: Page;
  /** The card that they show. */
  readonly cardId: string;
  /** The attempt by the other's card. */
  readonly attemptId: string;
}

interface World {
  /** Whose call counts: the smaller fingerprint. */
  readonly one: Side;
  readonly other: Side;
}

/** Both have shown a card and taken the other's; nobody has called. */
async function world(): Promise<World> {
  const clock = new MemoryClock();
  const one = await new Page(first, 'First', clock, 1).open();
  const other = await new Page(second, 'Second', clock, 2).open();
  await one.cards.newCard();
  await other.cards.newCard();
  const [ones, others] = [shown(one), shown(other)];
  const { attemptId } = await one.calls.take(parseCard(others.text));
  const theirs = await other.calls.take(parseCard(ones.text));
  return {
    one: { page: one, cardId: ones.id, attemptId },
    other: { page: other, cardId: others.id, attemptId: theirs.attemptId },
  };
}

type Call = 'one' | 'other';

/** Those call who are still waiting, in this order or (`together`) before the first call is over. */
async function call({ one, other }: World, order: readonly Call[], together: boolean): Promise<void> {
  const links = [];
  for (const who of order) {
    const [caller, shower] = who === 'one' ? [one, other] : [other, one];
    if (!caller.page.calls.searching().some(({ id }) => id === caller.attemptId)) continue;
    links.push(meet(caller.page, shower.page, caller.attemptId, shower.cardId).link);
    if (!together) await settle();
  }
  await settle();
  for (const link of links) link.kill();
  await settle();
}

function expectFriends({ one, other }: World): void {
  const [hers, his] = [one.page.contact(second.fingerprint), other.page.contact(first.fingerprint)];
  expect(hers?.pairSecret).toBeDefined();
  expect(hers?.pairSecret).toEqual(his?.pairSecret);
  expect(his?.standing).toBe('verified'); // they took the card, and the caller was its shower
  expect(hers?.standing).toMatch(/waiting|accepted/); // as whoever takes a card; what was not told is told over a session
  for (const { page } of [one, other]) {
    expect([page.contacts, page.cards.requests(), page.calls.attempts()]).toEqual([1, [], []]);
  }
}

describe('two who took each other’s card', () => {
  const orders: readonly (readonly Call[])[] = [['one'], ['one', 'other'], ['other', 'one']];
  const cases = orders.flatMap((order) => [true, false].map((together) => ({ order, together })));

  it.each(cases)('are one contact on either side when these call: $order, at once: $together', async (how) => {
    const both = await world();
    await call(both, how.order, how.together);
    expectFriends(both);
  });

  it('do not keep a call of the one whose call does not count, and lose nothing by it', async () => {
    const both = await world();
    await call(both, ['other'], false);
    expect([both.one.page.contacts, both.other.page.contacts]).toEqual([0, 0]);
    expect(both.other.page.calls.attempts()).toMatchObject([{ state: 'waiting' }]);
    await call(both, ['one'], false);
    expectFriends(both);
  });

  it('have the same secret whatever fails: power on either side at any step, up to four times in a row', async () => {
    const round = fc.record({
      oneCut: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
      otherCut: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
      order: fc.constantFrom(...orders, ['other'] as const),
      together: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
        const both = await world();
        for (const { oneCut, otherCut, order, together } of rounds) {
          both.one.page.crash();
          both.other.page.crash();
          await both.one.page.open(oneCut);
          await both.other.page.open(otherCut);
          await call(both, order, together);
        }
        both.one.page.crash();
        both.other.page.crash();
        await both.one.page.open();
        await both.other.page.open();
        await call(both, ['one', 'other'], false);
        expectFriends(both);
      }),
      { seed: 20_261_126, numRuns: 60 },
    );
  });
});

describe('with whole nodes', () => {
  const textOf = async (person: Villager) => (await person.snapshot()).card?.text ?? '';
  const standing = async (one: Villager, other: Villager) => {
    const { conversations, requests, attempts } = await one.snapshot();
    const { trust, state, presence } = (await one.with(other)) ?? {};
    return {
      count: conversations.length,
      requests: requests.length,
      attempts: attempts.length,
      trust,
      state,
      presence,
    };
  };
  const met = { count: 1, requests: 0, attempts: 0, trust: 'verified', state: 'active', presence: 'online' };

  async function talk(village: Village, ana: Villager, ben: Villager): Promise<void> {
    await village.until(
      async () => JSON.stringify([await standing(ana, ben), await standing(ben, ana)]) === JSON.stringify([met, met]),
      'both have met',
    );
    await ana.write(ben, 'hello');
    await village.until(async () => (await ben.texts(ana, 'in')).join() === 'hello');
  }

  it.each([1, 2, 3, 4, 5, 6])(
    'both scanned without a network: when it returns both are verified and talk (seed %i)',
    async (seed) => {
      const village = new Village(seed);
      village.tracker.goDown();
      const [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
      const [anas, bens] = [await textOf(ana), await textOf(ben)];
      expect([await ana.node.takeCard(bens), await ben.node.takeCard(anas)]).toMatchObject([
        { ok: true },
        { ok: true },
      ]);
      await village.pass(60_000);
      expect((await ana.snapshot()).attempts).toMatchObject([{ state: 'waiting' }]);
      // One of them was closed meanwhile.
      if (seed % 2 === 0) {
        await ana.close();
        await ana.start();
      }
      village.tracker.goUp();
      await talk(village, ana, ben);
    },
  );

  it('who is asked and takes the card of the one who asks has answered, and verified them', async () => {
    const village = new Village();
    const [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
    await ben.node.takeCard(await textOf(ana));
    await village.until(async () => (await ana.snapshot()).requests.length === 1, 'Ana is asked');
    const card = await textOf(ben);
    expect(await ana.node.takeCard(card)).toMatchObject({ ok: true });
    await talk(village, ana, ben);
    expect(await ana.node.takeCard(card)).toMatchObject({ ok: false, kind: 'card-used' });
  });
});
