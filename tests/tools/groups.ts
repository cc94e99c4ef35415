// `npm run groups -- --histories N --seed S --operations M`: histories of groups beyond those of the suite, and what operations cost.
import { parseArgs } from 'node:util';
import type { Genuine } from '../../src/core/group/membership/log.ts';
import { membersOf } from '../../src/core/group/membership/members-of.ts';
import { webCrypto } from '../../src/core/group/membership/reading.ts';
import { emptyMembership } from '../../src/core/group/membership/state.ts';
import { groupOf, meetAll, Player, stateOf } from '../fixtures/group.ts';
import { playMany } from '../fixtures/group-history.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    operations: { type: 'string', default: '10000' },
  },
});

async function play(): Promise<void> {
  const [count, seed] = [Number(values.histories), Number(values.seed)];
  const outcomes = await playMany(count, seed, (done) => {
    if (done % 100 === 0) console.log(`${done} histories`);
  });
  const sum = (of: (one: (typeof outcomes)[number]) => number) => outcomes.reduce((total, one) => total + of(one), 0);
  const [operations, without, forks] = [sum((one) => one.operations), sum((one) => one.void), sum((one) => one.forks)];
  console.log(`seed ${seed}: ${outcomes.length} histories end the same at all`);
  console.log(`${operations} operations, ${without} of them without effect, ${forks} forks`);
}

/** Times `work` for each item, ms: median and worst. */
async function timed<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (const item of items) {
    const begin = performance.now();
    await work(item);
    times.push(performance.now() - begin);
  }
  const total = times.reduce((sum, time) => sum + time, 0);
  const sorted = times.toSorted((a, b) => a - b);
  const [median = 0, last = 0] = [sorted[sorted.length >> 1], sorted.at(-1)];
  const late = times.slice(-100).reduce((sum, time) => sum + time, 0) / 100;
  return `mean ${(total / times.length).toFixed(2)} ms, median ${median.toFixed(2)}, worst ${last.toFixed(1)}, last hundred ${late.toFixed(2)}`;
}

/** So many operations of eight admins, who meet after every so many acts. */
async function written(count: number, actsPerMeeting: number): Promise<readonly Genuine[]> {
  const names = ['Ana', 'Ben', 'Cleo', 'Dora', 'Emil', 'Fay', 'Gil', 'Hal'];
  const players = await groupOf(names, names.slice(1));
  for (let act = 0; (players[0] as Player).log.size < count; act += 1) {
    const player = players[act % players.length] as Player;
    if (act % 40 === 9) await player.add(`Guest ${act}`);
    else if (act % 40 === 19) await player.remove(`Guest ${act - 10}`).catch(() => undefined);
    else await player.rename(`Name ${act}`);
    if (act % actsPerMeeting === 0) await meetAll(...players);
  }
  await meetAll(...players);
  const [first] = players as [Player];
  return first.log.entries.slice(0, first.log.size);
}

async function cost(what: string, operations: readonly Genuine[]): Promise<void> {
  const group = (operations[0] as Genuine).hash;
  const reader = await Player.of('Ana', emptyMembership(group), webCrypto);
  const taking = await timed(operations, (one) => reader.give([one]));
  console.log(`${what}: ${operations.length} operations taken in one by one, signatures checked: ${taking}`);
  const members = await membersOf(group, reader.log, webCrypto.sha256);
  const looks = Array.from(
    { length: 500 },
    (_, at) => operations[Math.floor((at * operations.length) / 500)] as Genuine,
  );
  console.log(`${what}: views at 500 earlier heads: ${await timed(looks, ({ hash }) => members.viewAt([hash]))}`);
  console.log(
    `${what}: state ${(await stateOf(reader)).length} characters, heap ${Math.round(process.memoryUsage().heapUsed / 2 ** 20)} MB`,
  );
}

await play();
const many = Number(values.operations);
if (many > 0) {
  await cost('one after another', await written(many, 1));
  await cost('eight at once', await written(Math.min(many, 2_000), 64));
}
