// Whole nodes: what works once has worked, also for whoever comes back with a backup of before.
import { beforeEach, describe, expect, it } from 'vitest';
import { backupOf, bringIn, freshDevice, lose } from '../fixtures/returning.ts';
import { Village, type Villager } from '../fixtures/village.ts';
import { groupOf, idOf } from '../fixtures/village-groups.ts';

let village: Village;
let ana: Villager;
let ben: Villager;

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
});

async function comeBack(backup: Blob, seed = 900): Promise<Villager> {
  await lose(village, ana);
  const phone = await freshDevice(village, 'Ana', seed);
  await bringIn(village, phone, backup);
  return phone;
}

const failure = (person: Villager) =>
  village
    .until(async () => (await person.snapshot()).attempts.some(({ state }) => state === 'failed'), 'failed')
    .then(async () => (await person.snapshot()).attempts[0]?.kind);

describe('cards', () => {
  it('one that was open in the backup lets nobody in any more, and its next taker hears that it has ended', async () => {
    const card = (await ana.snapshot()).card?.text ?? '';
    const backup = await backupOf(village, ana);
    await ben.node.takeCard(card);
    await village.until(async () => (await ana.snapshot()).requests.length === 1, 'taken');
    const phone = await comeBack(backup);
    await ben.close();
    const cleo = await village.person('Cleo');
    await cleo.node.takeCard(card);
    expect(await failure(cleo)).toBe('card-expired');
    expect((await phone.snapshot()).requests).toEqual([]);
    expect((await phone.snapshot()).card).toBeNull();
    expect((await village.outcome(phone.node.newCard())).ok).toBe(true);
    expect((await phone.snapshot()).card?.text).not.toBe(card);
  });

  it('one that somebody had taken is theirs alone, and may still be answered', async () => {
    const card = (await ana.snapshot()).card?.text ?? '';
    await ben.node.takeCard(card);
    await village.until(async () => (await ana.snapshot()).requests.length === 1, 'taken');
    const backup = await backupOf(village, ana);
    const phone = await comeBack(backup);
    const cleo = await village.person('Cleo');
    await cleo.node.takeCard(card);
    expect(await failure(cleo)).toBe('card-used');
    const [request] = (await phone.snapshot()).requests;
    expect(request?.name).toBe('Ben');
    await phone.node.answerRequest(request?.id ?? '', 'accept');
    await village.together(phone, ben);
  });
});

describe('a group', () => {
  it('is the same for everybody: what was said since comes back, nothing stands in conflict, and the talk goes on', async () => {
    await village.introduce(ana, ben);
    const made = await village.outcome(ana.node.createGroup('Hikers', [await ana.idOf(ben)]));
    expect(made.ok).toBe(true);
    await village.until(async () => (await groupOf(ben))?.standing === 'invited', 'invited');
    await village.outcome(ben.node.answerGroup(await idOf(ben), 'accept'));
    for (const person of [ana, ben]) await village.until(async () => (await groupOf(person))?.joined === 2, 'two');
    const write = async (person: Villager, text: string) => {
      const sent = await village.outcome(person.node.sendText(await idOf(person), text));
      expect(sent.ok).toBe(true);
    };
    const texts = async (person: Villager) =>
      (await person.node.listMessages(await idOf(person), null, 1000)).filter(({ system }) => system === null);
    const allSee = (people: readonly Villager[], ...wanted: string[]) =>
      village.until(async () => {
        for (const person of people)
          if ((await texts(person)).map(({ text }) => text).join() !== wanted.join()) return false;
        return true;
      }, wanted.join());
    await write(ana, 'a1');
    await allSee([ana, ben], 'a1');
    await write(ben, 'b1');
    await allSee([ana, ben], 'a1', 'b1');
    const backup = await backupOf(village, ana);
    await write(ana, 'a2');
    await allSee([ana, ben], 'a1', 'b1', 'a2');
    await write(ben, 'b2');
    await allSee([ana, ben], 'a1', 'b1', 'a2', 'b2');
    const phone = await comeBack(backup);
    // Before anybody is met: it waits until what is known of hers is back.
    await write(phone, 'a3');
    await allSee([phone, ben], 'a1', 'b1', 'a2', 'b2', 'a3');
    await write(ben, 'b3');
    await allSee([phone, ben], 'a1', 'b1', 'a2', 'b2', 'a3', 'b3');
    for (const person of [phone, ben]) expect(await groupOf(person)).toMatchObject({ conflict: false, joined: 2 });
    for (const person of [phone, ben])
      expect((await texts(person)).map(({ twoFaced, missingBefore }) => [twoFaced, missingBefore])).toEqual(
        Array.from({ length: 6 }, () => [false, 0]),
      );
  });
});
