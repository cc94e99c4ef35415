// Withheld, reordered, repeated and forged operations, and ten thousand of them (GROUP.md, "Forks, floods, gaps").
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/adapters/memory/random.ts';
import { toHex } from '../../../../src/core/bytes/hex.ts';
import {
  MAX_REFUSED,
  MAX_REMEMBERED,
  MAX_SOURCES,
  MAX_WAITING,
  MAX_WAITING_PER_SOURCE,
} from '../../../../src/core/group/membership/limits.ts';
import type { Genuine } from '../../../../src/core/group/membership/log.ts';
import { headsOf } from '../../../../src/core/group/membership/membership.ts';
import { type Verbs, webCrypto } from '../../../../src/core/group/membership/reading.ts';
import { emptyMembership } from '../../../../src/core/group/membership/state.ts';
import { decodeSigned, encodeSigned } from '../../../../src/core/wire/group-operations.ts';
import { MAX_OPERATIONS_PER_FRAME } from '../../../../src/core/wire/limits.ts';
import { craft, groupOf, meet, Player, roster, signedAt, stateOf } from '../../../fixtures/group.ts';
import { mutate } from '../../../fixtures/mutate.ts';

type Two = [Player, Player];
type Three = [Player, Player, Player];

function counted(): { verbs: Verbs; checks: () => number } {
  let checks = 0;
  const verify: Verbs['verify'] = (...what) => {
    checks += 1;
    return webCrypto.verify(...what);
  };
  return { verbs: { ...webCrypto, verify }, checks: () => checks };
}

const entriesOf = (player: Player): Genuine[] => player.log.entries.slice(0, player.log.size);

/** A group with a past of some length: names that Ana gave. */
async function withPast(length: number): Promise<Three> {
  const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
  for (let count = 0; count < length; count += 1) await ana.rename(`Name ${count}`);
  return [ana, ben, cleo];
}

describe('gaps', () => {
  it('R-missing: parents that were withheld are asked for, and what waited is taken in with them', async () => {
    const [ana, ben] = await withPast(3);
    const late = entriesOf(ana).slice(-3).reverse() as [Genuine, Genuine, Genuine];
    await ben.give([late[0]], 'ana');
    expect(ben.desk.state.waiting.size).toBe(1);
    const needs = ben.effects.filter((effect) => effect.do === 'need');
    expect(needs.at(-1)).toMatchObject({ to: 'ana', want: [late[1].hash] });
    await ben.give([late[1]], 'ana');
    await ben.give([late[2]], 'ana');
    expect([ben.desk.state.waiting.size, ben.log.size]).toEqual([0, ana.log.size]);
    // To the disk and on to the others, parents first, each once.
    const kept = ben.effects.flatMap((effect) => (effect.do === 'keep' ? effect.operations : []));
    expect(kept.map(({ id }) => id)).toEqual(
      entriesOf(ben)
        .map(({ id }) => id)
        .filter((id) => kept.some((one) => one.id === id)),
    );
    expect(new Set(kept).size).toBe(kept.length);
  });

  it('R-missing: somebody new to it gets a past of a hundred from one head, in the rounds that its size needs', async () => {
    const [ana] = await withPast(100);
    const cleo = await Player.of('Cleo', emptyMembership(ana.desk.state.groupId));
    const rounds = (await meet(cleo, ana)) / 2;
    expect(cleo.log.size).toBe(ana.log.size);
    expect(await stateOf(cleo)).toBe(await stateOf(ana));
    expect(rounds).toBeLessThanOrEqual(1 + Math.ceil(ana.log.size / MAX_OPERATIONS_PER_FRAME));
  });

  it('R-missing: two who both went on meet in few rounds, although neither knows the other’s heads', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'], ['Ben'])) as Two;
    for (let count = 0; count < 200; count += 1) await ana.rename(`Name ${count}`);
    await meet(ben, ana);
    for (let count = 0; count < 5; count += 1) {
      await ana.rename(`Of Ana ${count}`);
      await ben.rename(`Of Ben ${count}`);
    }
    expect(await meet(ana, ben)).toBeLessThanOrEqual(6);
    expect(await stateOf(ana)).toBe(await stateOf(ben));
  });

  it('R-missing: of what comes without parents little waits, of one source and of all', async () => {
    const [ana, ben] = await withPast(0);
    const orphans = async (from: string, many: number) => {
      for (let count = 0; count < many; count += 1) {
        const parents = [
          new Uint8Array(32).map((_, at) => (at < 2 ? count >> (8 * at) : from.charCodeAt(at % from.length))),
        ];
        await ben.desk.receive(from, [await craft(ana, { do: 'rename', name: 'Orphan' }, { parents })], []);
      }
    };
    await orphans('one', MAX_WAITING_PER_SOURCE + 20);
    expect(ben.desk.state.waiting.size).toBe(MAX_WAITING_PER_SOURCE);
    for (const from of ['two', 'three', 'four', 'five']) await orphans(from, MAX_WAITING_PER_SOURCE);
    expect(ben.desk.state.waiting.size).toBe(MAX_WAITING);
    await ana.rename('Not an orphan');
    await meet(ben, ana);
    expect(ben.log.size).toBe(ana.log.size);
  });
});

describe('junk', () => {
  it('R-junk: ten thousand junk operations of one source cost a few dozen signature checks and no memory', async () => {
    const [ana, ben] = await withPast(2);
    const { verbs, checks } = counted();
    const reader = await Player.of('Ben', ben.desk.state, verbs);
    const before = await stateOf(reader);
    const { content, signature } = decodeSigned(await craft(ana, { do: 'rename', name: 'Forged' }));
    const junk = Array.from({ length: 10_000 }, (_, count) => {
      const forged = signature.map((byte, at) => (at < 2 ? byte ^ (1 + (count >> (8 * at))) : byte));
      return encodeSigned(content, forged);
    });
    for (let at = 0; at < junk.length; at += MAX_OPERATIONS_PER_FRAME) {
      await reader.desk.receive('mallory', junk.slice(at, at + MAX_OPERATIONS_PER_FRAME), []);
    }
    expect(checks()).toBeLessThanOrEqual(MAX_REFUSED + MAX_OPERATIONS_PER_FRAME);
    expect(reader.effects.filter((effect) => effect.do === 'ignore')).toEqual([
      { do: 'ignore', source: 'mallory', kind: 'frame-authentication' },
    ]);
    const { waiting, refused, sources } = reader.desk.state;
    expect([waiting.size, reader.log.size]).toEqual([0, ben.log.size]);
    expect(refused.size).toBeLessThanOrEqual(MAX_REMEMBERED);
    expect(sources.size).toBe(ben.desk.state.sources.size + 1);
    expect(await stateOf(reader)).toBe(before);
    // Another source is heard as before, and who was ignored is not heard again by hanging up.
    await meet(reader, ana);
    expect(reader.log.size).toBe(ana.log.size);
    await reader.desk.tell({ is: 'left', from: 'mallory' });
    const past = checks();
    await reader.desk.receive('mallory', junk.slice(0, 5), []);
    expect(checks()).toBe(past);
  });

  it('R-junk: from thousands of sources as well, what is remembered of them is bounded', async () => {
    const [ana, ben] = await withPast(0);
    const { content, signature } = decodeSigned(await craft(ana, { do: 'rename', name: 'Forged' }));
    for (let count = 0; count < 3 * MAX_REMEMBERED; count += 1) {
      const forged = signature.map((byte, at) => (at < 2 ? byte ^ (1 + (count >> (8 * at))) : byte));
      await ben.desk.receive(`source ${count}`, [encodeSigned(content, forged)], []);
    }
    const { waiting, refused, sources } = ben.desk.state;
    expect([waiting.size, refused.size, sources.size]).toEqual([0, MAX_REMEMBERED, MAX_SOURCES]);
  });

  it('R-junk: what a genuine operation of a member is turned into is refused with a reason, never taken and never a crash', async () => {
    const [ana, ben] = await withPast(2);
    const random = seededRandom(20_261_126);
    const genuine = entriesOf(ana).map(({ bytes }) => bytes);
    const before = await stateOf(ben);
    const taken = new Set(genuine.map((bytes) => toHex(bytes)));
    for (let count = 0; count < 3_000; count += 1) {
      const mutant = mutate(genuine[count % genuine.length] as Uint8Array, random, genuine);
      if (!taken.has(toHex(mutant))) await ben.desk.receive(`source ${count % 200}`, [mutant], []);
    }
    expect(await stateOf(ben)).toBe(before);
  });

  it('R-junk: repeated operations are looked at once', async () => {
    const [ana, ben] = await withPast(5);
    const { verbs, checks } = counted();
    const reader = await Player.of('Ben', ben.desk.state, verbs);
    const news = entriesOf(ana).slice(ben.log.size);
    for (let round = 0; round < 20; round += 1) await reader.give(news, `source ${round % 3}`);
    expect([checks(), reader.log.size]).toEqual([news.length, ana.log.size]);
  });
});

it('R-settled: with people who see each other’s operations nearly all of it is settled, and old views are still to be had', async () => {
  const [ana, ben] = await withPast(120);
  await meet(ben, ana);
  const settled = (player: Player) => {
    let count = 0;
    for (let choke = player.log.chokes; choke !== undefined; choke = choke.before) count += 1;
    return count;
  };
  expect([settled(ana), settled(ben)]).toEqual([ana.log.size, ben.log.size]);
  const middle = ana.log.entries[60] as Genuine;
  const at = await (await ana.members()).viewAt([middle.hash]);
  expect(at?.heads).toEqual([middle.hash]);
  // An operation from far behind unsettles what is concurrent with it, no more.
  const old = await Player.of('Ben', ben.desk.state);
  const early = { ...emptyMembership(ana.desk.state.groupId), log: (await earlier(ana, 100)).log };
  old.key = ben.key;
  await ana.give([await signedAt(ben, early, { do: 'leave', messages: [] })]);
  expect(settled(ana)).toBe(100);
  expect(await roster(ana)).toBe('Ana* Cleo');
  expect(headsOf(ana.log)).toHaveLength(2);
});

async function earlier(player: Player, size: number): Promise<Player> {
  const reader = await Player.of('Ben', emptyMembership(player.desk.state.groupId));
  for (const entry of entriesOf(player).slice(0, size)) await reader.give([entry]);
  return reader;
}
