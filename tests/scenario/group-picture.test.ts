// The picture of a group of whole nodes: its hash in the log, its bytes from whoever has them.
import { beforeEach, describe, expect, it } from 'vitest';
import type { GroupView } from '../../src/core/node-api.ts';
import { png as pngOf } from '../fixtures/png.ts';
import { Village, type Villager } from '../fixtures/village.ts';
import { groupOf, idOf } from '../fixtures/village-groups.ts';

/** Compared as numbers. */
const png = (width: number, height: number) => Uint8Array.from(pngOf(width, height));

let village: Village;
let ana: Villager;
let ben: Villager;
let cleo: Villager;

async function viewOf(person: Villager): Promise<GroupView> {
  const view = await person.node.group(await idOf(person));
  if (!view?.ok) throw new Error('no group');
  return view.value;
}

const set = async (person: Villager, picture: Uint8Array | null) =>
  village.outcome(person.node.setGroupPicture(await idOf(person), picture));

const seenBy = (person: Villager, picture: Uint8Array | null) =>
  village.until(
    async () => (await viewOf(person)).picture?.toString() === picture?.toString(),
    `${person.name} sees the picture`,
  );

beforeEach(async () => {
  village = new Village();
  [ana, ben, cleo] = [await village.person('Ana'), await village.person('Ben'), await village.person('Cleo')];
  await village.introduce(ana, ben);
  await village.introduce(ana, cleo);
  const contacts = [await ana.idOf(ben), await ana.idOf(cleo)];
  await village.outcome(ana.node.createGroup('Hikers', contacts));
  for (const person of [ben, cleo]) {
    await village.until(async () => (await groupOf(person))?.standing === 'invited', `${person.name} is invited`);
    await village.outcome(person.node.answerGroup(await idOf(person), 'accept'));
  }
  for (const person of [ana, ben, cleo])
    await village.until(async () => (await groupOf(person))?.joined === 3, `${person.name} sees three`);
});

describe('the picture of a group', () => {
  it('reaches everybody, whoever is away from somebody who has it, and outlives a page', async () => {
    const picture = png(32, 32);
    await cleo.close();
    expect(await set(ana, picture)).toMatchObject({ ok: true });
    await seenBy(ana, picture);
    await seenBy(ben, picture);
    await ana.close();
    await cleo.start();
    await seenBy(cleo, picture);
    await Promise.all([ben.close(), cleo.close()]);
    await cleo.start();
    expect((await viewOf(cleo)).picture).toEqual(picture);
    const lines = await cleo.node.listMessages(await idOf(cleo), null, 50);
    expect(lines.at(-1)?.system).toMatchObject({ what: 'picture', who: 'Ana' });
  });

  it('is changed, and taken away', async () => {
    for (const picture of [png(16, 16), png(24, 24), null, png(16, 16)]) {
      expect(await set(ana, picture)).toMatchObject({ ok: true });
      for (const person of [ana, ben, cleo]) await seenBy(person, picture);
    }
  });

  it.each([100, 300])('two set at once leave one that everybody has (commits take %i ms)', async (milliseconds) => {
    const { members } = await viewOf(ana);
    const bens = members.find(({ name, theirName }) => [name, theirName].includes('Ben'));
    await village.outcome(ana.node.makeAdmin(await idOf(ana), bens?.id ?? ''));
    await village.until(async () => (await groupOf(ben))?.role === 'admin', 'Ben is an admin');
    ana.commitMs = milliseconds;
    const both = Promise.all([set(ana, png(16, 16)), set(ben, png(24, 24))]);
    expect(await both).toMatchObject([{ ok: true }, { ok: true }]);
    ana.commitMs = 0;
    await village.pass(5_000);
    const pictures = await Promise.all([ana, ben, cleo].map(async (person) => (await viewOf(person)).picture));
    expect(pictures[0]).not.toBeNull();
    expect(pictures).toEqual([pictures[0], pictures[0], pictures[0]]);
  });

  it('is set by admins alone, and only one that is small and a picture', async () => {
    expect(await set(ben, png(16, 16))).toMatchObject({ ok: false, kind: 'group-not-admin' });
    expect((await viewOf(ben)).picture).toBeNull();
    const page = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect(await set(ana, page)).toMatchObject({ ok: false, kind: 'picture-unreadable' });
    const large = new Uint8Array(32_769);
    large.set(png(16, 16));
    expect(await set(ana, large)).toMatchObject({ ok: false, kind: 'picture-unreadable' });
  });
});
