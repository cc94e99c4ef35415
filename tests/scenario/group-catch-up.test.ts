// HISTORY.md, "Exchange", "Fetching" and "Bounds": what is missed comes back from several members at once, for little more than it
// weighs, and a liar gets nothing and costs little.
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/core/bytes/hex.ts';
import type { GroupEffect } from '../../src/core/group/events.ts';
import { GRAFT_MS } from '../../src/core/group/gossip/broadcast.ts';
import { sizeOf } from '../../src/core/group/history/entry.ts';
import { PATIENCE_MS } from '../../src/core/group/history/fetching.ts';
import type { FillMessage } from '../../src/core/wire/group-history.ts';
import { MAX_TIME_MS } from '../../src/core/wire/group-limits.ts';
import { decodeGroupTalk, type GroupTalk } from '../../src/core/wire/group-talk.ts';
import { GroupWorld, type Person } from '../fixtures/group-world.ts';

const historyOf = (person: Person) => person.conversation.parts.history;

async function three(seed: number): Promise<{ world: GroupWorld; ana: Person; ben: Person; cleo: Person }> {
  const world = new GroupWorld(seed);
  const [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
  await world.connectAll();
  await world.deliver();
  return { world, ana, ben, cleo };
}

async function write(world: GroupWorld, people: readonly Person[], count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await people[at % people.length]?.write(`Message number ${at}`);
    await world.clock.advance(1_000);
    await world.deliver();
  }
}

/** From now on they say nothing of these kinds. */
function silence(person: Person, ...types: GroupTalk['type'][]): void {
  person.run = async (event) => {
    const effects = await person.conversation.run(event);
    await person.world.perform(
      person,
      effects.filter((effect) => effect.type !== 'send' || !types.includes(effect.talk.type)),
    );
  };
}

const isAsking = (talk: GroupTalk) => talk.type === 'group-want' || talk.type === 'group-graft';

const received = (world: GroupWorld, person: Person, from: Person): Uint8Array[] =>
  world.sent.filter((one) => one.from === from.id && one.to === person.id).map(({ bytes }) => bytes);

/** What somebody can ask this member for: names, and how many bytes all of it is. */
function allOf(person: Person) {
  const all = historyOf(person).all();
  return {
    group: person.operations.members().view.groupId,
    ids: all.map(({ short }) => fromHex(short)),
    everything: all.reduce((sum, { signed }) => sum + sizeOf(signed), 0),
  };
}

describe('rule little-more-than-missing', () => {
  it('1,000 missed messages come from two others at once, for at most 1.2 times their bytes, both ways together', async () => {
    const { world, ana, ben, cleo } = await three(11);
    await write(world, [ana, ben, cleo], 60);
    await world.crash(cleo);
    await write(world, [ana, ben], 1_000);
    await cleo.start();
    const known = historyOf(cleo).size;
    world.bytes = 0;
    world.records = true;
    await world.connect(cleo, ana);
    await world.connect(cleo, ben);
    await world.deliver();
    const all = historyOf(cleo).all();
    expect(all.length - known).toBe(1_000);
    const missing = historyOf(ana)
      .all()
      .slice(-1_000)
      .reduce((sum, { signed }) => sum + sizeOf(signed), 0);
    const shares = [ana, ben].map((one) => received(world, cleo, one).reduce((sum, bytes) => sum + bytes.length, 0));
    console.log(
      `missing ${missing} bytes, on the links ${world.bytes} (${(world.bytes / missing).toFixed(3)} times), from each ${shares}`,
    );
    expect(world.bytes).toBeLessThanOrEqual(1.2 * missing);
    // Who answers faster is asked for more; both give a good part.
    for (const share of shares) expect(share).toBeGreaterThan(0.1 * missing);
    expect(cleo.texts).toEqual(ana.texts);
  }, 240_000);

  it('histories that are the same cost a few hundred bytes, however long', async () => {
    const { world, ana, ben } = await three(12);
    await write(world, [ana, ben], 200);
    await world.pass(5);
    await world.disconnect(ana, ben);
    world.records = true;
    world.sent.length = 0;
    await world.connect(ana, ben);
    await world.deliver();
    const compared = world.sent.filter(({ bytes }) => new TextDecoder().decode(bytes).includes('group-compare'));
    expect(compared).toHaveLength(1);
    expect(compared[0]?.bytes.length).toBeLessThan(1_500);
  });

  it('two who wrote apart exchange both ways, whoever wrote when', async () => {
    const { world, ana, ben, cleo } = await three(13);
    await world.split([ana], [ben, cleo]);
    await world.connect(ben, cleo);
    // Ana has nobody to write to: what she writes waits, and leaves when she meets somebody.
    await ana.write('from Ana');
    await write(world, [ben, cleo], 90);
    expect(historyOf(ana).size).toBe(0);
    for (const person of world.people) person.side = 0;
    await world.connect(ana, cleo);
    await world.deliver();
    expect(ana.texts).toHaveLength(91);
    for (const person of [ben, cleo]) expect(person.texts).toEqual(ana.texts);
  });
});

describe('what somebody may read grows while they are linked', () => {
  /** Texts of 60 kB: 11 MB. */
  const LONG = 180;

  async function askedBefore(world: GroupWorld, one: Person, asker: Person): Promise<void> {
    const group = one.operations.members().view.groupId;
    await one.run({ type: 'received', from: asker.id, talk: { type: 'group-want', group, ids: [new Uint8Array(8)] } });
    await world.deliver();
  }

  it('an admin shares megabytes with somebody who is there: all of it arrives', async () => {
    const world = new GroupWorld(6);
    const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
    await world.connect(ana, ben);
    await world.pass(1);
    for (let at = 0; at < LONG; at += 1) await ana.write(`${'x'.repeat(60_000)}${at}`);
    await world.deliver();
    await world.crash(ben);
    const cleo = await world.person('Cleo');
    await world.add(ana, cleo);
    await world.connect(ana, cleo);
    await world.pass(1);
    await askedBefore(world, ana, cleo);
    await ana.run({ type: 'share', to: cleo.id });
    await world.pass(5);
    expect(cleo.texts).toHaveLength(LONG);
  }, 120_000);

  it('a split heals that lasted for megabytes: who is linked with one side alone gets all of it', async () => {
    const world = new GroupWorld(7);
    const [ana, ben, cleo, dora] = (await world.group('Ana', 'Ben', 'Cleo', 'Dora')) as [
      Person,
      Person,
      Person,
      Person,
    ];
    await world.connect(ana, dora);
    await world.connect(ben, cleo);
    await world.pass(1);
    for (let at = 0; at < LONG; at += 1) await ben.write(`${'x'.repeat(60_000)}${at}`);
    await world.deliver();
    await askedBefore(world, ana, dora);
    await world.connect(ana, ben);
    await world.pass(5);
    expect(dora.texts).toHaveLength(LONG);
  }, 120_000);
});

it('a history comes over a link on which every answer takes longer than anybody is waited for', async () => {
  const { world, ana, ben, cleo } = await three(22);
  await world.crash(cleo);
  for (let at = 0; at < 300; at += 1) await ana.write(`Message number ${at}`);
  await world.deliver();
  await world.crash(ben);
  await cleo.start();
  const slow: { readonly effect: GroupEffect; readonly at: number }[] = [];
  ana.run = async (event) => {
    for (const effect of await ana.conversation.run(event)) {
      if (effect.type !== 'send' || effect.talk.type !== 'group-fill') await world.perform(ana, [effect]);
      else slow.push({ effect, at: world.clock.now() + PATIENCE_MS + 5_000 });
    }
  };
  await world.connect(ana, cleo);
  for (let second = 0; second < 60; second += 1) {
    await world.pass(1);
    while (slow[0] !== undefined && slow[0].at <= world.clock.now()) {
      await world.perform(ana, [(slow.shift() as (typeof slow)[number]).effect]);
    }
  }
  expect(cleo.texts).toHaveLength(300);
}, 60_000);

describe('rule any-member-fills-in', () => {
  it('the messages of somebody who is away come from another, proven by their signature', async () => {
    const { world, ana, ben, cleo } = await three(14);
    await world.crash(cleo);
    await write(world, [ana], 5);
    await world.crash(ana);
    await cleo.start();
    await world.connect(cleo, ben);
    await world.deliver();
    expect(cleo.texts).toEqual(ben.texts);
    expect(cleo.texts).toHaveLength(5);
  });
});

describe('rule bounded-liar', () => {
  const filled = ({ messages }: FillMessage) =>
    messages.reduce((sum, [content, signature]) => sum + content.length + signature.length, 0);

  const say = (person: Person, from: Person, talk: GroupTalk) =>
    person.conversation.run({ type: 'received', from: from.id, talk });

  it('who offers messages that do not exist is asked once for each, and others deliver meanwhile', async () => {
    const { world, ana, ben, cleo } = await three(15);
    const group = ana.operations.members().view.groupId;
    const ids = Array.from({ length: 1_000 }, () => world.random.bytes(8));
    const bound = (at: number) => ({ at, short: new Uint8Array(8) });
    const list = {
      type: 'group-list',
      group,
      from: bound(0),
      until: bound(MAX_TIME_MS),
      kind: 'lacking',
      ids,
    } as const;
    let asked = 0;
    for (let round = 0; round < 300; round += 1) {
      for (const effect of await say(ana, ben, list)) {
        if (effect.type !== 'send' || effect.to !== ben.id || effect.talk.type !== 'group-want') continue;
        asked += effect.talk.ids.length;
        await say(ana, ben, { type: 'group-fill', group, messages: [], none: effect.talk.ids });
      }
    }
    expect(asked).toBeLessThanOrEqual(512);
    await write(world, [cleo], 3);
    expect(ana.texts).toHaveLength(3);
  });

  it.each([0, 300])(
    'after %i messages under a key that nobody has, neighbours who passed them on are listened to as before',
    async (junk) => {
      const world = new GroupWorld(9);
      const [mallory, ben, dora] = (await world.group('Mallory', 'Ben', 'Dora')) as [Person, Person, Person];
      silence(mallory, 'group-key', 'group-fill', 'group-compare', 'group-list');
      silence(ben, 'group-key');
      await world.connect(mallory, ben);
      await world.connect(ben, dora);
      await world.pass(1);
      for (let at = 0; at < junk; at += 1) {
        await mallory.write(`junk ${at}`);
        await world.deliver();
      }
      await ben.write('I can tell you what I wrote');
      await world.pass(2);
      expect(dora.texts).toEqual(['I can tell you what I wrote']);
    },
    60_000,
  );

  it('who passes on what is unreadable and gives nothing is asked no more, and another who names it is asked at once', async () => {
    const world = new GroupWorld(10);
    const [ana, mallory, ben] = (await world.group('Ana', 'Mallory', 'Ben')) as [Person, Person, Person];
    silence(mallory, 'group-key', 'group-fill', 'group-compare', 'group-list');
    silence(ben, 'group-key');
    await world.connectAll();
    await world.pass(1);
    world.records = true;
    for (let at = 0; at < 600; at += 1) await mallory.write(`junk ${at}`);
    await world.deliver();
    await world.pass(4 * 16);
    const asked = world.sent.filter(({ from, to }) => from === ana.id && to === mallory.id);
    const ids = asked.map(({ bytes }) => decodeGroupTalk(bytes)).flatMap((talk) => (isAsking(talk) ? talk.ids : []));
    expect(ids.length).toBeGreaterThanOrEqual(256);
    expect(ids.length).toBeLessThan(256 + 128);
    const group = ana.operations.members().view.groupId;
    const have = { type: 'group-have', group, ids: [world.random.bytes(8)] } as const;
    for (const from of [mallory, ben]) await say(ana, from, { ...have, ids: [...have.ids] });
    await world.clock.advance(GRAFT_MS);
    const effects = await ana.conversation.run({ type: 'tick' });
    const grafts = effects.flatMap((one) => (one.type === 'send' && one.talk.type === 'group-graft' ? [one.to] : []));
    expect(grafts).toEqual([ben.id]);
  }, 60_000);

  it('who asks for everything again and again gets about twice what there is, and then nothing for a while', async () => {
    const { world, ana, ben } = await three(16);
    for (let at = 0; at < 40; at += 1) await ana.write(`${at} ${'x'.repeat(20_000)}`);
    await world.deliver();
    await world.disconnect(ana, ben);
    await world.connect(ana, ben);
    const { group, ids, everything } = allOf(ana);
    let got = 0;
    for (let round = 0; round < 50; round += 1) {
      for (const effect of await say(ana, ben, { type: 'group-want', group, ids })) {
        if (effect.type === 'send' && effect.talk.type === 'group-fill') {
          got += filled(effect.talk);
        }
      }
    }
    expect(got).toBeLessThanOrEqual(2 * everything + 1_048_576);
    expect(got).toBeGreaterThan(everything);
  });

  it('shares give nobody more of it than that, however many', async () => {
    const { world, ana, ben } = await three(20);
    for (let at = 0; at < 40; at += 1) await ana.write(`${at} ${'x'.repeat(20_000)}`);
    await world.deliver();
    const cleo = await world.person('Cleo the second');
    await world.add(ana, cleo);
    await world.connect(ana, cleo);
    await world.deliver();
    const { group, ids, everything } = allOf(ana);
    let got = 0;
    for (let round = 0; round < 20; round += 1) {
      await ben.write(`and so that the next share is another one: ${round}`);
      await world.deliver();
      await ana.run({ type: 'share', to: cleo.id });
      for (let time = 0; time < 3; time += 1) {
        for (const effect of await say(ana, cleo, { type: 'group-want', group, ids })) {
          if (effect.type === 'send' && effect.talk.type === 'group-fill') got += filled(effect.talk);
        }
      }
    }
    expect(ana.conversation.parts.readers.shares).toHaveLength(20);
    expect(got).toBeLessThanOrEqual(2 * everything + 1_048_576);
    expect(got).toBeGreaterThan(everything);
  }, 60_000);

  it('who compares without end is answered a bounded number of times', async () => {
    const { world, ana, ben } = await three(17);
    await write(world, [ana], 60);
    const group = ana.operations.members().view.groupId;
    const until = { at: MAX_TIME_MS, short: new Uint8Array(8) };
    const compare = {
      type: 'group-compare',
      group,
      salt: new Uint8Array(16),
      ranges: [{ until, count: 99, print: new Uint8Array(16) }],
    } as const;
    let answers = 0;
    for (let round = 0; round < 400; round += 1)
      answers += (await say(ana, ben, { ...compare, ranges: [...compare.ranges] })).length;
    expect(answers).toBeLessThanOrEqual(128);
  });

  it('what nobody asked for is not even checked, and what is junk is thrown away', async () => {
    const { world, ana, ben } = await three(18);
    await write(world, [ana], 2);
    const group = ana.operations.members().view.groupId;
    const junk: [Uint8Array, Uint8Array] = [world.random.bytes(200), world.random.bytes(64)];
    expect(await say(ana, ben, { type: 'group-fill', group, messages: [junk], none: [] })).toEqual([]);
    expect(historyOf(ana).size).toBe(2);
  });

  it('a member who keeps something back does not keep it from whoever meets another', async () => {
    const { world, ana, ben, cleo } = await three(19);
    await world.disconnect(ana, cleo);
    await world.disconnect(ana, ben);
    await world.disconnect(ben, cleo);
    await world.connect(ana, ben);
    await world.deliver();
    await ana.write('kept back');
    await world.deliver();
    await ana.write('passed on');
    await world.deliver();
    // Ben gives Cleo only the second.
    const second = historyOf(ben).all()[1];
    await world.connect(ben, cleo);
    const group = ana.operations.members().view.groupId;
    cleo.conversation.parts.exchange.fetching.offered(ben.id, [second!.short]);
    cleo.conversation.parts.exchange.wants(world.clock.now());
    const { content, signature } = second!.signed;
    const fill: GroupTalk = { type: 'group-fill', group, messages: [[content, signature]], none: [] };
    await cleo.run({ type: 'received', from: ben.id, talk: fill });
    expect(
      historyOf(cleo)
        .shown()
        .map(({ missing }) => missing.length),
    ).toEqual([1]);
    await world.disconnect(ben, cleo);
    await world.connect(cleo, ana);
    await world.deliver();
    expect(cleo.texts).toEqual(['kept back', 'passed on']);
  });
});
