// Whole nodes in a group of more than thirteen, where nobody looks for everybody: the links of the ring must come about all the same.
import { expect, it } from 'vitest';
import { Village, type Villager } from '../fixtures/village.ts';
import { groupOf, idOf } from '../fixtures/village-groups.ts';

/** More than a group may have in which everybody looks for everybody. */
const OTHERS = 17;
/** For a group; Ana is a contact of everybody's besides. */
const MAX_SESSIONS = 12;
const LOOK_MS = 5_000;
const MAX_LOOKS = 60;

async function textsOf(person: Villager): Promise<string[]> {
  const messages = await person.node.listMessages(await idOf(person), null, 1000);
  return messages.filter(({ system }) => system === null).map(({ text }) => text);
}

/** Some minutes, looked at now and then. */
async function within(village: Village, condition: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < MAX_LOOKS && !(await condition()); look += 1) await village.pass(LOOK_MS);
  expect(await condition()).toBe(true);
}

it('those who know only the one who is away find each other, also after a start', async () => {
  const village = new Village(41);
  const ana = await village.person('Ana');
  const others: Villager[] = [];
  for (let count = 1; count <= OTHERS; count += 1) {
    const other = await village.person(`Guest ${count}`);
    await village.introduce(ana, other);
    others.push(other);
  }
  const contacts = await Promise.all(others.map((other) => ana.idOf(other)));
  await village.outcome(ana.node.createGroup?.('Hikers', contacts) ?? Promise.reject());
  for (const other of others) {
    await village.until(async () => (await groupOf(other))?.standing === 'invited', `${other.name} is invited`);
    await village.outcome(other.node.answerGroup?.(await idOf(other), 'accept') ?? Promise.reject());
  }
  for (const one of [ana, ...others]) {
    await village.until(async () => (await groupOf(one))?.joined === OTHERS + 1, `${one.name} sees all`);
  }
  // Some have met while they joined: with whom the group needs no session it ends.
  for (const one of others) {
    await within(village, async () => one.dialer.alive > 2 && one.dialer.alive <= MAX_SESSIONS + 1);
  }
  await ana.close();
  const [ben, cleo] = others as [Villager, Villager];
  await village.outcome(ben.node.sendText(await idOf(ben), 'where is Ana?'));
  for (const one of others) await within(village, async () => (await textsOf(one)).length === 1);
  await cleo.close();
  await village.outcome(ben.node.sendText(await idOf(ben), 'and where is she?'));
  await cleo.start();
  await within(village, async () => (await textsOf(cleo)).length === 2);
  expect(await textsOf(cleo)).toEqual(['where is Ana?', 'and where is she?']);
}, 240_000);
