// Invitation links between whole nodes: whoever comes by one is unverified on both sides until they compare.
import { beforeEach, describe, expect, it } from 'vitest';
import { Village, type Villager } from '../fixtures/village.ts';

const HOUR = 3_600_000;

let village: Village;
let ana: Villager;
let ben: Villager;

beforeEach(async () => {
  village = new Village(7);
  [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
});

const cardOf = async (person: Villager) => (await person.snapshot()).card?.text ?? '';
/** What stands behind the # of a fresh link. */
async function linkOf(person: Villager): Promise<string> {
  await person.node.newLink();
  return (await person.snapshot()).link?.text ?? '';
}
const trust = async (one: Villager, other: Villager) => (await one.with(other))?.trust;
const way = async (one: Villager, other: Villager) => (await one.with(other))?.way;
const asked = (person: Villager, count = 1) =>
  village.until(async () => (await person.snapshot()).requests.length === count, `${person.name} is asked`);
const failed = async (person: Villager) => {
  await village.until(async () => (await person.snapshot()).attempts.some(({ state }) => state === 'failed'));
  return (await person.snapshot()).attempts.map(({ kind, way: by }) => ({ kind, way: by }));
};
async function answer(person: Villager, how: 'accept' | 'accept-verified' | 'refuse'): Promise<void> {
  await asked(person);
  await person.node.answerRequest((await person.snapshot()).requests[0]?.id ?? '', how);
}
/** Ben opens Ana's link and she accepts him. */
async function byLink(how: 'accept' | 'accept-verified' = 'accept'): Promise<void> {
  expect(await ben.node.takeLink(await linkOf(ana))).toMatchObject({ ok: true });
  await answer(ana, how);
  await village.together(ana, ben);
}

describe('two who came together by a link', () => {
  it.each(['accept', 'accept-verified'] as const)(
    'are unverified on both sides, whatever is answered: %s',
    async (how) => {
      await byLink(how);
      expect([await trust(ana, ben), await trust(ben, ana)]).toEqual(['unverified', 'unverified']);
      expect([await way(ana, ben), await way(ben, ana)]).toEqual(['link', 'link']);
    },
  );

  it('are asked about as such, and stay unverified over a restart', async () => {
    await ben.node.takeLink(await linkOf(ana));
    await asked(ana);
    expect((await ana.snapshot()).requests).toMatchObject([{ way: 'link', name: 'Ben' }]);
    await ana.close();
    await ana.start();
    await asked(ana);
    expect((await ana.snapshot()).requests).toMatchObject([{ way: 'link', name: 'Ben' }]);
    await answer(ana, 'accept-verified');
    await village.together(ana, ben);
    for (const person of [ana, ben]) {
      await person.close();
      await person.start();
    }
    expect([await trust(ana, ben), await trust(ben, ana)]).toEqual(['unverified', 'unverified']);
  });

  it('have the same safety number, and are verified where it was compared', async () => {
    await byLink();
    const [hers, his] = await Promise.all([
      ana.node.safetyNumber(await ana.idOf(ben)),
      ben.node.safetyNumber(await ben.idOf(ana)),
    ]);
    expect(hers.ok && his.ok && hers.value.digits === his.value.digits).toBe(true);
    await ana.node.markVerified(await ana.idOf(ben));
    expect([await trust(ana, ben), await trust(ben, ana)]).toEqual(['verified', 'unverified']);
    await ben.node.markVerified(await ben.idOf(ana));
    expect([await trust(ana, ben), await trust(ben, ana)]).toEqual(['verified', 'verified']);
    await ben.write(ana, 'hello');
    await village.until(async () => (await ana.texts(ben, 'in')).join() === 'hello');
  });

  it('are verified by a card from themselves later', async () => {
    await byLink();
    await ben.node.takeCard(await cardOf(ana));
    await answer(ana, 'accept-verified');
    await village.until(async () => (await trust(ben, ana)) === 'verified' && (await trust(ana, ben)) === 'verified');
  });
});

describe('a link', () => {
  it('has a card of its own, which is never the one on show', async () => {
    const shown = await cardOf(ana);
    const first = await linkOf(ana);
    expect(first).toMatch(/^kith1[a-z0-9]{85}$/);
    expect(first).not.toBe(shown);
    expect(await cardOf(ana)).toBe(shown);
    const second = await linkOf(ana);
    expect(second).not.toBe(first);
    // The one before still works, and the one on the screen is another.
    await ben.node.takeLink(first);
    await answer(ana, 'accept');
    await village.together(ana, ben);
    expect((await ana.snapshot()).link?.text).toBe(second);
  });

  it('that was pasted beside the fields counts as a link as well', async () => {
    const link = `https://kith.example/#${await linkOf(ana)}`;
    expect(await ben.node.takeCard(`Ana writes: ${link}`)).toMatchObject({ ok: true });
    await answer(ana, 'accept-verified');
    await village.together(ana, ben);
    expect([await trust(ana, ben), await trust(ben, ana)]).toEqual(['unverified', 'unverified']);
  });

  it('made of the card on show is unverified for whoever opens it', async () => {
    await ben.node.takeLink(await cardOf(ana));
    await answer(ana, 'accept');
    await village.together(ana, ben);
    expect(await trust(ben, ana)).toBe('unverified');
  });

  it('counts as a card when the very card is taken from themselves while it waits', async () => {
    const card = await cardOf(ana);
    village.tracker.goDown();
    const first = await ben.node.takeLink(card);
    expect(await ben.node.takeCard(card)).toEqual(first);
    // And not the other way round.
    await ben.node.takeLink(card);
    await ben.close();
    await ben.start();
    village.tracker.goUp();
    await answer(ana, 'accept');
    await village.together(ana, ben);
    expect(await trust(ben, ana)).toBe('verified');
  });

  it('works once: a second person is told so, and so is whoever opens it again', async () => {
    const cleo = await village.person('Cleo');
    const link = await linkOf(ana);
    await ben.node.takeLink(link);
    await answer(ana, 'accept');
    await village.together(ana, ben);
    expect((await ana.snapshot()).link).toBeNull();
    await cleo.node.takeLink(link);
    expect(await failed(cleo)).toEqual([{ kind: 'link-used', way: 'link' }]);
    expect(await ben.node.takeLink(link)).toMatchObject({ ok: false, kind: 'link-used' });
    expect(await ben.node.readLink(link)).toMatchObject({ ok: false, kind: 'link-used' });
  });

  it('expires after a day, and says so', async () => {
    const link = await linkOf(ana);
    await village.pass(25 * HOUR);
    expect((await ana.snapshot()).link).toBeNull();
    await ben.node.takeLink(link);
    expect(await failed(ben)).toEqual([{ kind: 'link-expired', way: 'link' }]);
  });

  it('that nobody answers for a day has expired', async () => {
    const link = await linkOf(ana);
    await ana.close();
    await ben.node.takeLink(link);
    await village.pass(25 * HOUR);
    expect(await failed(ben)).toEqual([{ kind: 'link-expired', way: 'link' }]);
  });

  it('that is refused says so', async () => {
    await ben.node.takeLink(await linkOf(ana));
    await answer(ana, 'refuse');
    await village.until(async () => (await ben.with(ana))?.state === 'declined');
    expect(await ana.with(ben)).toBeUndefined();
  });

  it('of one’s own, or a damaged one, is refused at once', async () => {
    const link = await linkOf(ana);
    for (const call of ['readLink', 'takeLink'] as const) {
      expect(await ana.node[call](link)).toMatchObject({ ok: false, kind: 'link-own' });
      expect(await ben.node[call](link.slice(0, -1))).toMatchObject({ ok: false, kind: 'link-broken' });
    }
    expect(await ana.node.takeCard(`https://kith.example/#${link}`)).toMatchObject({ ok: false, kind: 'link-own' });
    expect((await ben.snapshot()).attempts).toEqual([]);
  });

  it('is no more than looked at until somebody takes it', async () => {
    const link = await linkOf(ana);
    expect(await ben.node.readLink(link)).toEqual({ ok: true, value: { knownAs: null, blocked: false } });
    await village.pass(60_000);
    expect([(await ben.snapshot()).attempts, (await ana.snapshot()).requests]).toEqual([[], []]);
  });
});

describe('a link of somebody known', () => {
  beforeEach(() => village.introduce(ana, ben, 'accept-verified'));

  it('says who they are, and keeps the trust that was earned', async () => {
    await ben.node.setNickname(await ben.idOf(ana), 'Anna');
    const link = await linkOf(ana);
    expect(await ben.node.readLink(link)).toEqual({ ok: true, value: { knownAs: 'Anna', blocked: false } });
    await ben.node.takeLink(link);
    await answer(ana, 'accept');
    await village.pass(5_000);
    expect([await trust(ana, ben), await trust(ben, ana)]).toEqual(['verified', 'verified']);
    expect((await ben.snapshot()).conversations).toHaveLength(1);
  });

  it('says that they are blocked; taking it lifts that', async () => {
    await ben.node.block(await ben.idOf(ana));
    const link = await linkOf(ana);
    expect(await ben.node.readLink(link)).toEqual({ ok: true, value: { knownAs: 'Ana', blocked: true } });
    await ben.node.takeLink(link);
    await answer(ana, 'accept');
    await village.until(async () => (await ben.with(ana))?.state === 'active');
  });
});

describe('links that cross', () => {
  async function cross(hers: () => Promise<unknown>, his: () => Promise<unknown>): Promise<void> {
    village.tracker.goDown();
    await hers();
    await his();
    await village.pass(60_000);
    village.tracker.goUp();
    await village.together(ana, ben);
    for (const person of [ana, ben]) {
      const { conversations, requests, attempts } = await person.snapshot();
      expect([conversations.length, requests, attempts]).toEqual([1, [], []]);
    }
  }

  it('make one contact, ask nobody, and verify nobody', async () => {
    const [hers, his] = [await linkOf(ana), await linkOf(ben)];
    await cross(
      () => ana.node.takeLink(his),
      () => ben.node.takeLink(hers),
    );
    expect([await trust(ana, ben), await trust(ben, ana)]).toEqual(['unverified', 'unverified']);
  });

  it.each([1, 2, 3, 4])('with a card verify whoever took the card (seed %i)', async (seed) => {
    village = new Village(seed);
    [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
    const [link, card] = [await linkOf(ana), await cardOf(ben)];
    await cross(
      () => ana.node.takeCard(card),
      () => ben.node.takeLink(link),
    );
    expect([await trust(ana, ben), await trust(ben, ana)]).toEqual(['verified', 'unverified']);
  });

  it('answer who waits, without verifying them', async () => {
    await ben.node.takeCard(await cardOf(ana));
    await asked(ana);
    expect(await ana.node.takeLink(await linkOf(ben))).toMatchObject({ ok: true });
    await village.together(ana, ben);
    expect([await trust(ana, ben), await trust(ben, ana)]).toEqual(['unverified', 'verified']);
  });

  it('answer who waits, and verify them by their card', async () => {
    await ben.node.takeLink(await linkOf(ana));
    await asked(ana);
    expect(await ana.node.takeCard(await cardOf(ben))).toMatchObject({ ok: true });
    await village.together(ana, ben);
    expect([await trust(ana, ben), await trust(ben, ana)]).toEqual(['verified', 'unverified']);
  });
});
