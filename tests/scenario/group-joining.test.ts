// Whole nodes and the cards of groups: somebody who knows nobody of a group but holds its card asks an admin's page to be let in.
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeGroup } from '../../src/core/node/groups/group-records.ts';
import type { GroupActions, GroupCardView, GroupConversationView, GroupView, Result } from '../../src/core/node-api.ts';
import { Village, type Villager } from '../fixtures/village.ts';

const DAY = 86_400_000;

let village: Village;
let ana: Villager;
let cleo: Villager;
/** Ana's group. */
let group: string;

const actions = ({ node }: Villager) => node as Villager['node'] & GroupActions;

async function value<T>(result: Promise<Result<T>>): Promise<T> {
  const outcome = await village.outcome(result);
  if (!outcome.ok) throw new Error(outcome.kind);
  return outcome.value;
}

async function kindOf(result: Promise<Result<unknown>>): Promise<string> {
  const outcome = await village.outcome(result);
  return outcome.ok ? 'ok' : outcome.kind;
}

const pageOf = (person: Villager, id = group): Promise<GroupView> => value(actions(person).group(id));

async function listed(person: Villager): Promise<GroupConversationView | undefined> {
  const { conversations } = await person.snapshot();
  return conversations.find((one): one is GroupConversationView => one.kind === 'group');
}

const attempt = async (person: Villager) => (await person.snapshot()).attempts[0];

async function failure(person: Villager): Promise<string | null> {
  await village.until(async () => (await attempt(person))?.state === 'failed', `${person.name} hears why not`);
  return (await attempt(person))?.kind ?? null;
}

const isIn = (person: Villager) =>
  village.until(async () => (await listed(person))?.standing === 'active', `${person.name} is in`);

const newCard = (uses = 5, milliseconds = DAY): Promise<GroupCardView> =>
  value(actions(ana).newGroupCard(group, uses, milliseconds));

async function take(person: Villager, text: string): Promise<string> {
  return (await value(person.node.takeCard(text))).attemptId;
}

/** Of each group on the disk: cards whose secret it holds. */
async function secretsOf({ disk }: Villager): Promise<number[]> {
  const groups = await disk.reopen().list('groups');
  return groups.map(({ value: record }) => decodeGroup(record).cards?.length ?? 0);
}

async function waitingRequest(count = 1) {
  await village.until(async () => (await pageOf(ana)).requests.length === count, `${count} ask`);
  return (await pageOf(ana)).requests;
}

async function says(person: Villager, text: string): Promise<void> {
  await value(person.node.sendText((await listed(person))?.id ?? '', text));
}

async function reads(person: Villager, texts: readonly string[]): Promise<void> {
  const id = (await listed(person))?.id ?? '';
  const shown = async () =>
    (await person.node.listMessages(id, null, 100)).filter(({ system }) => system === null).map(({ text }) => text);
  await village.until(async () => (await shown()).join() === texts.join(), `${person.name} reads ${texts.join()}`);
}

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  cleo = await village.person('Cleo');
  group = (await value(actions(ana).createGroup('Hikers', []))).conversationId;
});

describe('a group’s card', () => {
  it('lets its holder in by itself where that is set, and they talk though they are no contacts', async () => {
    await value(actions(ana).setAdmission(group, 'by-itself'));
    const card = await newCard();
    await take(cleo, `  ${card.text.toUpperCase()} `);
    await isIn(cleo);
    expect(await listed(cleo)).toMatchObject({ name: 'Hikers', role: 'member', joined: 2 });
    expect((await cleo.snapshot()).attempts).toEqual([]);
    await says(ana, 'welcome');
    await reads(cleo, ['welcome']);
    await says(cleo, 'thank you');
    await reads(ana, ['welcome', 'thank you']);
    expect((await pageOf(ana)).cards).toEqual([{ ...card, usesLeft: 4 }]);
    expect((await cleo.snapshot()).conversations.filter(({ kind }) => kind === 'direct')).toEqual([]);
    // After a reload of both it is as it was.
    await Promise.all([ana.close(), cleo.close()]);
    await Promise.all([ana.start(), cleo.start()]);
    await says(cleo, 'still here');
    await reads(ana, ['welcome', 'thank you', 'still here']);
  });

  it('has the person asked where that is set, also across reloads of both', async () => {
    const card = await newCard();
    await take(cleo, card.text);
    const [request] = await waitingRequest();
    expect(request).toMatchObject({ name: 'Cleo', number: await cleo.number() });
    expect(await attempt(cleo)).toMatchObject({ state: 'calling', way: 'group', kind: null });
    await ana.close();
    await village.until(async () => (await attempt(cleo))?.state === 'waiting', 'nobody on the line');
    await cleo.close();
    await ana.start();
    const [kept] = await waitingRequest();
    expect(kept?.id).toBe(request?.id);
    await value(actions(ana).answerJoin(group, kept?.id ?? '', 'accept'));
    expect((await pageOf(ana)).requests).toEqual([]);
    await cleo.start();
    await isIn(cleo);
    await says(cleo, 'here I am');
    await reads(ana, ['here I am']);
  });

  it('a refusal is told, now or when they ask again, and can be answered once', async () => {
    const card = await newCard();
    await take(cleo, card.text);
    const [request] = await waitingRequest();
    await value(actions(ana).answerJoin(group, request?.id ?? '', 'refuse'));
    expect(await failure(cleo)).toBe('group-declined');
    await cleo.node.dismissAttempt((await attempt(cleo))?.id ?? '');
    await take(cleo, card.text);
    expect(await failure(cleo)).toBe('group-declined');
    expect((await pageOf(ana)).requests).toEqual([]);
    expect(await kindOf(actions(ana).answerJoin(group, request?.id ?? '', 'accept'))).toBe('group-card-over');
    expect(await kindOf(actions(ana).answerJoin(group, 'nobody', 'accept'))).toBe('group-card-over');
  });

  it('R-card-limits and R-revoke-wins: used up or revoked it lets nobody in, and says so', async () => {
    await value(actions(ana).setAdmission(group, 'by-itself'));
    const one = await newCard(1);
    await take(cleo, one.text);
    await isIn(cleo);
    expect((await pageOf(ana)).cards).toEqual([]);
    const dora = await village.person('Dora');
    await take(dora, one.text);
    expect(await failure(dora)).toBe('group-card-over');
    const other = await newCard();
    await value(actions(ana).revokeGroupCard(group, other.id));
    expect((await pageOf(ana)).cards).toEqual([]);
    const emil = await village.person('Emil');
    await take(emil, other.text);
    expect(await failure(emil)).toBe('group-card-over');
    expect(await kindOf(actions(ana).revokeGroupCard(group, 'nonsense'))).toBe('group-card-over');
  });

  it('R-card-clock: it ends by the clock of the admin’s page', async () => {
    const card = await newCard(5, 3_600_000);
    await village.pass(3_600_001);
    await take(cleo, card.text);
    expect(await failure(cleo)).toBe('group-card-over');
    expect((await pageOf(ana)).cards).toEqual([]);
  });

  it('one’s own, one of a group that one is in, and one mistyped are refused; the same twice is one attempt', async () => {
    await value(actions(ana).setAdmission(group, 'by-itself'));
    const card = await newCard();
    expect(await kindOf(ana.node.takeCard(card.text))).toBe('card-own');
    expect(await kindOf(cleo.node.takeCard(`${card.text.slice(0, -1)}q`))).toMatch(/^card-/);
    const first = await take(cleo, card.text);
    expect(await take(cleo, card.text)).toBe(first);
    await isIn(cleo);
    await take(cleo, card.text);
    expect(await failure(cleo)).toBe('group-mine');
    expect((await pageOf(ana)).members).toHaveLength(2);
  });

  it('only admins make cards, of sensible sizes, and not without end', async () => {
    await value(actions(ana).setAdmission(group, 'by-itself'));
    for (const [uses, time] of [
      [0, DAY],
      [50, DAY],
      [1.5, DAY],
      [1, 0],
      [1, 8 * DAY],
      [1, Number.NaN],
    ] as const)
      expect(await kindOf(actions(ana).newGroupCard(group, uses, time))).toBe('internal');
    const [first] = await Promise.all(Array.from({ length: 16 }, () => newCard(1)));
    expect(await kindOf(actions(ana).newGroupCard(group, 1, DAY))).toBe('group-cards-full');
    await take(cleo, first?.text ?? '');
    await isIn(cleo);
    const theirs = (await listed(cleo))?.id ?? '';
    expect(await kindOf(actions(cleo).newGroupCard(theirs, 1, DAY))).toBe('group-not-admin');
    expect(await secretsOf(cleo)).toEqual([0]);
  });

  it('made and revoked over and over, no more than 32 are remembered', async () => {
    for (let round = 0; round < 40; round += 1) await value(actions(ana).revokeGroupCard(group, (await newCard(1)).id));
    expect(await secretsOf(ana)).toEqual([32]);
    await value(actions(ana).setAdmission(group, 'by-itself'));
    await take(cleo, (await newCard()).text);
    await isIn(cleo);
  });

  it('two holders of the last use: one is let in, the other is told', async () => {
    await value(actions(ana).setAdmission(group, 'by-itself'));
    const dora = await village.person('Dora');
    const card = await newCard(1);
    await Promise.all([take(cleo, card.text), take(dora, card.text)]);
    const outcome = async (person: Villager) => (await listed(person))?.standing ?? (await attempt(person))?.kind;
    await village.until(async () => Boolean(await outcome(cleo)) && Boolean(await outcome(dora)), 'both know');
    expect([await outcome(cleo), await outcome(dora)].sort()).toEqual(['active', 'group-card-over']);
    expect((await pageOf(ana)).members).toHaveLength(2);
  });

  it('whoever was removed comes back only by a card that is given to them, with a key of its own', async () => {
    await value(actions(ana).setAdmission(group, 'by-itself'));
    await take(cleo, (await newCard()).text);
    await isIn(cleo);
    const member = (await pageOf(ana)).members.find(({ me }) => !me)?.id ?? '';
    await value(actions(ana).removeMember(group, member));
    await village.until(async () => (await listed(cleo))?.standing === 'removed', 'Cleo is out');
    await take(cleo, (await newCard()).text);
    await isIn(cleo);
    await says(cleo, 'back again');
    await reads(ana, ['back again']);
  });

  it('the admin’s page dies before it answers: the holder goes on asking and is let in once', async () => {
    await value(actions(ana).setAdmission(group, 'by-itself'));
    const card = await newCard();
    await ana.close();
    await take(cleo, card.text);
    await village.pass(60_000);
    expect(await attempt(cleo)).toMatchObject({ state: 'waiting', kind: null });
    await cleo.close();
    await cleo.start();
    expect(await attempt(cleo)).toMatchObject({ state: 'waiting', way: 'group' });
    await ana.start();
    await isIn(cleo);
    expect((await pageOf(ana)).members).toHaveLength(2);
  });

  it('gives up after a week and a day, and says that the card is over', async () => {
    const card = await newCard();
    await ana.close();
    await take(cleo, card.text);
    await cleo.close();
    await village.pass(8 * DAY + 1);
    await cleo.start();
    expect(await failure(cleo)).toBe('group-card-over');
  });
});
