// Where a group's conversation says what happened in it.
import { expect, it } from 'vitest';
import type { Entry } from '../../../src/core/group/history/entry.ts';
import { linesOf } from '../../../src/core/group/lines.ts';
import { groupOf, type Player } from '../../fixtures/group.ts';

/** A message by somebody who knew what this player knows now. */
const message = async (player: Player): Promise<Entry> => ({ view: (await player.members()).view }) as unknown as Entry;
const told = (lines: ReturnType<typeof linesOf>) => lines.map(({ body, after }) => `${body.do} ${after}`);

it('before the first message whose author knew of it, and what nobody wrote after at the end', async () => {
  const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as [Player, Player];
  const early = await message(ben);
  const renamed = await ana.rename('Hikers');
  const late = await message(ana);
  const added = await ana.add('Zoe');
  const lines = linesOf(ana.log, await ana.members(), [early, early, late, late]);
  expect(told(lines)).toEqual(['create 0', 'add 0', 'join 0', 'rename 2', 'add 4']);
  expect(lines.slice(-2).map(({ id, who }) => [id, who])).toEqual([
    [renamed.id, ana.id],
    [added.id, ana.id],
  ]);
  expect([lines[1]?.whom, lines[2]?.whom, lines[3]?.whom]).toEqual([ben.id, ben.id, ana.id]);
  expect(told(linesOf(ana.log, await ana.members(), []))).toEqual(
    Array.from(told(lines), (line) => line.replace(/\d/, '0')),
  );
});

it('says nothing of what concerns nobody, such as who has seen what', async () => {
  const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as [Player, Player];
  await ana.rename('One');
  await ben.give(ana.log.entries, 'ana');
  await ben.seen();
  expect(told(linesOf(ben.log, await ben.members(), []))).toEqual(['create 0', 'add 0', 'join 0', 'rename 0']);
});

it('what follows from another never stands before it, whoever wrote in between', async () => {
  const [ana, ben] = (await groupOf(['Ana', 'Ben'], ['Ben'])) as [Player, Player];
  const before = await message(ben);
  await ana.rename('One');
  await ana.rename('Two');
  const after = await message(ana);
  // Somebody who knew of all wrote first, as the order has it.
  expect(told(linesOf(ana.log, await ana.members(), [before, after, before])).slice(-2)).toEqual([
    'rename 1',
    'rename 1',
  ]);
  await ben.rename('Three');
  const other = await message(ben);
  await ana.give(ben.log.entries, 'ben');
  const lines = linesOf(ana.log, await ana.members(), [other, before, after]);
  const places = lines.map(({ after: place }) => place);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  const placeOf = (name: string) => lines.find(({ body }) => body.do === 'rename' && body.name === name)?.after;
  expect([placeOf('Three'), placeOf('Two')]).toEqual([0, 2]);
});
