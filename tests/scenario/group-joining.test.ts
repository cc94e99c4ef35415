// Whole nodes and the cards of groups: somebody who knows nobody of a group but holds its card asks an admin's page to be let in.
import { beforeEach, describe, expect, it } from 'vitest';
import { actions, attempt, CardVillage, DAY, listed, secretsOf } from '../fixtures/group-cards.ts';
import type { Villager } from '../fixtures/village.ts';
import { groupOf } from '../fixtures/village-groups.ts';

let cards: CardVillage;
let village: CardVillage['village'];
let ana: Villager;
let cleo: Villager;
/** Ana's group. */
let group: string;

beforeEach(async () => {
  cards = await CardVillage.begin();
  ({ village, ana, group } = cards);
  cleo = await village.person('Cleo');
});

describe('a group’s card', () => {
  it('lets its holder in by itself where that is set, and they talk though they are no contacts', async () => {
    await cards.admits('by-itself');
    const card = await cards.newCard();
    await cards.take(cleo, `  ${card.text.toUpperCase()} `);
    await cards.isIn(cleo);
    expect(await listed(cleo)).toMatchObject({ name: 'Hikers', role: 'member', joined: 2 });
    expect((await cleo.snapshot()).attempts).toEqual([]);
    const lines = (await cleo.node.listMessages((await listed(cleo))?.id ?? '', null, 50)).map(({ system }) => system);
    expect(lines.at(-1)).toEqual({ what: 'joined', who: null });
    await cards.says(ana, 'welcome');
    await cards.reads(cleo, ['welcome']);
    await cards.says(cleo, 'thank you');
    await cards.reads(ana, ['welcome', 'thank you']);
    expect((await cards.page()).cards).toEqual([{ ...card, usesLeft: 4 }]);
    expect((await cleo.snapshot()).conversations.filter(({ kind }) => kind === 'direct')).toEqual([]);
    // After a reload of both it is as it was.
    await Promise.all([ana.close(), cleo.close()]);
    await Promise.all([ana.start(), cleo.start()]);
    await cards.says(cleo, 'still here');
    await cards.reads(ana, ['welcome', 'thank you', 'still here']);
  });

  it('has the person asked where that is set, also across reloads of both', async () => {
    const card = await cards.newCard();
    await cards.take(cleo, card.text);
    const [request] = await cards.requests();
    expect(request).toMatchObject({ name: 'Cleo', number: await cleo.number() });
    expect(await attempt(cleo)).toMatchObject({ state: 'calling', way: 'group', kind: null });
    await ana.close();
    await village.until(async () => (await attempt(cleo))?.state === 'waiting', 'nobody on the line');
    await cleo.close();
    await ana.start();
    const [kept] = await cards.requests();
    expect(kept?.id).toBe(request?.id);
    // The list says so too: nobody has to open the group to learn that somebody waits.
    expect((await groupOf(ana))?.requests).toBe(1);
    await cards.answer(kept?.id ?? '', 'accept');
    expect((await cards.page()).requests).toEqual([]);
    expect((await groupOf(ana))?.requests).toBe(0);
    await cleo.start();
    await cards.isIn(cleo);
    await cards.says(cleo, 'here I am');
    await cards.reads(ana, ['here I am']);
  });

  it('a person’s no stays: it is told, now or when they ask again, and can be answered once', async () => {
    const card = await cards.newCard();
    await cards.take(cleo, card.text);
    const [request] = await cards.requests();
    await cards.answer(request?.id ?? '', 'refuse');
    expect(await cards.failure(cleo)).toBe('group-declined');
    await cleo.node.dismissAttempt((await attempt(cleo))?.id ?? '');
    await cards.take(cleo, card.text);
    expect(await cards.failure(cleo)).toBe('group-declined');
    expect((await cards.page()).requests).toEqual([]);
    expect(await cards.kindOf(actions(ana).answerJoin(group, request?.id ?? '', 'accept'))).toBe('group-card-over');
    expect(await cards.kindOf(actions(ana).answerJoin(group, 'nobody', 'accept'))).toBe('group-card-over');
  });

  it('R-card-limits and R-revoke-wins: used up or revoked it lets nobody in, and says so', async () => {
    await cards.admits('by-itself');
    const one = await cards.newCard(1);
    await cards.take(cleo, one.text);
    await cards.isIn(cleo);
    expect((await cards.page()).cards).toEqual([]);
    const dora = await village.person('Dora');
    await cards.take(dora, one.text);
    expect(await cards.failure(dora)).toBe('group-card-over');
    const other = await cards.newCard();
    await cards.revoke(other.id);
    expect((await cards.page()).cards).toEqual([]);
    const emil = await village.person('Emil');
    await cards.take(emil, other.text);
    expect(await cards.failure(emil)).toBe('group-card-over');
    expect(await cards.kindOf(actions(ana).revokeGroupCard(group, 'nonsense'))).toBe('group-card-over');
  });

  it('R-card-clock: it ends by the clock of the admin’s page', async () => {
    const card = await cards.newCard(5, 3_600_000);
    await village.pass(3_600_001);
    await cards.take(cleo, card.text);
    expect(await cards.failure(cleo)).toBe('group-card-over');
    expect((await cards.page()).cards).toEqual([]);
  });

  it('one’s own, one of a group that one is in, and one mistyped are refused; the same twice is one attempt', async () => {
    await cards.admits('by-itself');
    const card = await cards.newCard();
    expect(await cards.kindOf(ana.node.takeCard(card.text))).toBe('card-own');
    expect(await cards.kindOf(cleo.node.takeCard(`${card.text.slice(0, -1)}q`))).toMatch(/^card-/);
    const first = await cards.take(cleo, card.text);
    expect(await cards.take(cleo, card.text)).toBe(first);
    await cards.isIn(cleo);
    await cards.take(cleo, card.text);
    expect(await cards.failure(cleo)).toBe('group-mine');
    expect((await cards.page()).members).toHaveLength(2);
  });

  it('only admins make cards, of sensible sizes, and not without end', async () => {
    await cards.admits('by-itself');
    for (const [uses, time] of [
      [0, DAY],
      [50, DAY],
      [1.5, DAY],
      [1, 0],
      [1, 8 * DAY],
      [1, Number.NaN],
    ] as const)
      expect(await cards.kindOf(actions(ana).newGroupCard(group, uses, time))).toBe('internal');
    const [first] = await Promise.all(Array.from({ length: 16 }, () => cards.newCard(1)));
    expect(await cards.kindOf(actions(ana).newGroupCard(group, 1, DAY))).toBe('group-cards-full');
    await cards.take(cleo, first?.text ?? '');
    await cards.isIn(cleo);
    const theirs = (await listed(cleo))?.id ?? '';
    expect(await cards.kindOf(actions(cleo).newGroupCard(theirs, 1, DAY))).toBe('group-not-admin');
    expect(await secretsOf(cleo)).toEqual([0]);
  });

  it('bounded: made and revoked over and over, no more than 32 are remembered', async () => {
    for (let round = 0; round < 40; round += 1) await cards.revoke((await cards.newCard(1)).id);
    expect(await secretsOf(ana)).toEqual([32]);
    await cards.admits('by-itself');
    await cards.take(cleo, (await cards.newCard()).text);
    await cards.isIn(cleo);
  });

  it('one at a time: of two holders of the last use one is let in, the other is told', async () => {
    await cards.admits('by-itself');
    const dora = await village.person('Dora');
    const card = await cards.newCard(1);
    await Promise.all([cards.take(cleo, card.text), cards.take(dora, card.text)]);
    const outcome = async (person: Villager) => (await listed(person))?.standing ?? (await attempt(person))?.kind;
    await village.until(async () => Boolean(await outcome(cleo)) && Boolean(await outcome(dora)), 'both know');
    expect([await outcome(cleo), await outcome(dora)].sort()).toEqual(['active', 'group-card-over']);
    expect((await cards.page()).members).toHaveLength(2);
  });

  it('whoever was removed comes back only if a person says so, by whatever card, with a key of its own', async () => {
    await cards.admits('by-itself');
    await cards.take(cleo, (await cards.newCard()).text);
    await cards.isIn(cleo);
    const member = (await cards.page()).members.find(({ me }) => !me)?.id ?? '';
    await cards.value(actions(ana).removeMember(group, member));
    await village.until(async () => (await listed(cleo))?.standing === 'removed', 'Cleo is out');
    await cards.take(cleo, (await cards.newCard()).text);
    const [request] = await cards.requests(1);
    await cards.answer(request?.id ?? '', 'accept');
    await cards.isIn(cleo);
    await cards.says(cleo, 'back again');
    await cards.reads(ana, ['back again']);
  });

  it('the admin’s page dies before it answers: the holder goes on asking and is let in once', async () => {
    await cards.admits('by-itself');
    const card = await cards.newCard();
    await ana.close();
    await cards.take(cleo, card.text);
    await village.pass(60_000);
    expect(await attempt(cleo)).toMatchObject({ state: 'waiting', kind: null });
    await cleo.close();
    await cleo.start();
    expect(await attempt(cleo)).toMatchObject({ state: 'waiting', way: 'group' });
    await ana.start();
    await cards.isIn(cleo);
    expect((await cards.page()).members).toHaveLength(2);
  });

  it('gives up after a week and a day, and says that the card is over', async () => {
    const card = await cards.newCard();
    await ana.close();
    await cards.take(cleo, card.text);
    await cleo.close();
    await village.pass(8 * DAY + 1);
    await cleo.start();
    expect(await cards.failure(cleo)).toBe('group-card-over');
  });

  it('let in while the admin’s page goes: it is shown that the group is awaited, and it comes when they are back', async () => {
    await letInAndLeftAlone();
    expect(await attempt(cleo)).toMatchObject({ way: 'group', state: 'waiting' });
    await cleo.close();
    await cleo.start();
    expect(await attempt(cleo)).toMatchObject({ way: 'group', state: 'waiting' });
    await ana.start();
    await cards.isIn(cleo);
    expect((await cleo.snapshot()).attempts).toEqual([]);
  });

  it('is in the list only once it is known that its holder belongs: nobody is told to have been removed before', async () => {
    for (const name of ['Walkers', 'Climbers']) await cards.value(actions(ana).renameGroup(group, name));
    await cards.admits('by-itself');
    const stood: string[] = [];
    cleo.node.subscribe((event) => {
      if (event.type !== 'snapshot') return;
      for (const one of event.snapshot.conversations) if (one.kind === 'group') stood.push(one.standing);
    });
    await cards.take(cleo, (await cards.newCard()).text);
    await cards.isIn(cleo);
    await village.until(() => stood.length > 0, 'the page is told');
    expect(new Set(stood)).toEqual(new Set(['active']));
  });

  it('who waits no longer for a group that they were let into leaves it as soon as it comes', async () => {
    await letInAndLeftAlone();
    await cleo.node.dismissAttempt((await attempt(cleo))?.id ?? '');
    expect((await cleo.snapshot()).attempts).toEqual([]);
    await ana.start();
    const there = async () => (await cards.page()).members.map(({ name }) => name);
    await village.until(async () => (await there()).join() === 'Ana', 'Cleo has left');
    expect(await listed(cleo)).toBeUndefined();
  });

  it.each([0, 1, 2, 3])('and leaves it also when its page dies before commit %i of what comes', async (commits) => {
    await letInAndLeftAlone();
    await cleo.node.dismissAttempt((await attempt(cleo))?.id ?? '');
    cleo.disk.commitsUntilCrash = commits;
    await ana.start();
    await village.pass(5_000);
    if (cleo.disk.crashes === 0) cleo.disk.crash();
    await cleo.close();
    await cleo.start();
    const there = async () => (await cards.page()).members.map(({ name }) => name);
    await village.until(async () => (await there()).join() === 'Ana', 'Cleo has left');
    expect(await listed(cleo)).toBeUndefined();
  });

  async function letInAndLeftAlone(): Promise<void> {
    await cards.admits('by-itself');
    await cards.take(cleo, (await cards.newCard()).text);
    const isEntered = async () => (await cleo.disk.reopen().list('groups')).some(({ key }) => !key.startsWith('join/'));
    await village.until(isEntered, 'Cleo is let in');
    await ana.close();
    await village.pass(60_000);
    expect(await listed(cleo)).toBeUndefined();
  }
});
