// GOSSIP.md: neighbours, spreading and receipts, every rule by its name.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { Broadcast, GRAFT_MS } from '../../../src/core/group/gossip/broadcast.ts';
import { MAX_LINKS, Neighbours } from '../../../src/core/group/gossip/neighbours.ts';
import { ReceiptExchange } from '../../../src/core/group/gossip/receipt-exchange.ts';
import { epochAt, ringOf } from '../../../src/core/group/gossip/ring.ts';
import { History } from '../../../src/core/group/history/history.ts';
import { decodeGroupSays } from '../../../src/core/wire/group-says.ts';
import { type Author, authors } from '../../fixtures/group-authors.ts';
import { GroupWorld, type Person } from '../../fixtures/group-world.ts';

const random = seededRandom(8);
const group = random.bytes(32);
const ids = Array.from({ length: 50 }, () => toHex(random.bytes(32)));

describe('rule same-ring', () => {
  it('is the same for everybody whatever the order in which they know the members, and another one each week', async () => {
    const week = 7 * 24 * 3_600_000;
    const ring = await ringOf(group, epochAt(10 * week), ids);
    expect(await ringOf(group, epochAt(11 * week - 1), [...ids].reverse())).toEqual(ring);
    expect(await ringOf(group, epochAt(11 * week), ids)).not.toEqual(ring);
    expect(await ringOf(random.bytes(32), epochAt(10 * week), ids)).not.toEqual(ring);
    expect(epochAt(-5)).toBe(0);
  });
});

describe('rule next-who-is-there', () => {
  it('wants the next two of the ring and three across it, and the next after those who cannot be reached', async () => {
    const ring = await ringOf(group, 0, ids);
    const mine = new Neighbours(ring[0]!);
    mine.place(ring);
    const first = mine.plan(0);
    expect(first.dial).toHaveLength(5);
    expect(first.dial.slice(0, 2)).toEqual(ring.slice(1, 3));
    mine.failed(ring[1]!, 0);
    mine.up(ring[2]!, 0);
    expect(mine.plan(1).dial).toEqual([ring[3]]);
    // After a pause the nearer one gets another try, also while farther ones are linked.
    mine.up(ring[3]!, 0);
    expect(mine.plan(14_999).dial).toEqual([]);
    expect(mine.plan(15_000).dial).toEqual([ring[1]]);
  });

  it('lets a link go to whoever is no member any more', async () => {
    const ring = await ringOf(group, 0, ids.slice(0, 5));
    const mine = new Neighbours(ring[0]!);
    mine.place(ring);
    for (const peer of mine.plan(0).dial) mine.up(peer, 0);
    mine.place(ring.slice(0, 4));
    expect(mine.plan(0).drop).toEqual([ring[4]]);
    mine.down(ring[4]!, 0);
    expect(mine.admits(ring[4]!)).toEqual({ yes: false });
  });
});

describe('rule full-is-away', () => {
  it('whoever has no room and ends a link at once is tried again after a pause that doubles, and passed over until then', async () => {
    const ring = await ringOf(group, 0, ids);
    const mine = new Neighbours(ring[0]!);
    mine.place(ring);
    for (const peer of mine.plan(0).dial) mine.up(peer, 0);
    mine.down(ring[1]!, 100);
    expect(mine.plan(200).dial).toEqual([ring[3]]);
    mine.up(ring[3]!, 200);
    expect(mine.plan(15_099).dial).toEqual([]);
    expect(mine.plan(15_100).dial).toEqual([ring[1]]);
    mine.up(ring[1]!, 15_200);
    mine.down(ring[1]!, 15_300);
    expect(mine.plan(45_299).dial).toEqual([]);
    expect(mine.plan(45_300).dial).toEqual([ring[1]]);
    // A link that lasted is tried again as soon as it has ended.
    mine.up(ring[1]!, 45_400);
    mine.down(ring[1]!, 55_400);
    expect(mine.plan(55_500).dial).toEqual([ring[1]]);
  });
});

/** Those who are there look, a second at a time, and are linked when both do; whoever is not there is found out after 30 s. */
function meet(ring: readonly string[], isThere: (id: string) => boolean, seconds: number): Map<string, Neighbours> {
  const there = ring.filter(isThere);
  const all = new Map(there.map((id) => [id, new Neighbours(id)]));
  for (const one of all.values()) one.place(ring);
  const dialled: { by: Neighbours; peer: string; at: number }[] = [];
  const end = (a: string, b: string, now: number) => {
    all.get(a)?.down(b, now);
    all.get(b)?.down(a, now);
  };
  const link = (a: string, b: string, now: number) => {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const { yes, drop } = all.get(one)!.admits(other);
      if (!yes) {
        all.get(one)!.failed(other, now, true);
        all.get(other)!.down(one, now);
        return;
      }
      if (drop !== undefined) end(one, drop, now);
      all.get(one)!.up(other, now);
    }
  };
  for (let now = 0; now < seconds * 1000; now += 1000) {
    for (const id of there) {
      const { dial, drop } = all.get(id)!.plan(now);
      for (const peer of drop) end(id, peer, now);
      for (const peer of dial) dialled.push({ by: all.get(id)!, peer, at: now });
    }
    const sought = new Map(there.map((id) => [id, all.get(id)!.sought(now)]));
    for (const id of there)
      for (const peer of sought.get(id)!)
        if (!all.get(id)!.linked().has(peer) && sought.get(peer)?.has(id)) link(id, peer, now);
    for (const { by, peer, at } of dialled) if (now - at === 30_000 && !by.linked().has(peer)) by.failed(peer, now);
  }
  return all;
}

describe('rule both-look', () => {
  it.each([0, 0.3, 0.8])(
    'when %f of them are away, the ring comes about, and nobody has more than twelve sessions',
    async (away) => {
      const chance = seededRandom(away * 10 + 1);
      const ring = await ringOf(group, 0, ids);
      const gone = new Set(ids.filter(() => chance.fraction() < away));
      const all = meet(ring, (id) => !gone.has(id), 600);
      const there = ring.filter((id) => all.has(id));
      for (const [at, id] of there.entries()) {
        const links = all.get(id)!.linked();
        expect(links.size).toBeLessThanOrEqual(MAX_LINKS);
        expect(links.has(there[(at + 1) % there.length]!)).toBe(true);
        // A session stands where both look, whether it is a link or not.
        const looks = (one: string, other: string) => all.get(one)?.sought(600_000).has(other) === true;
        const sessions = there.filter((peer) => peer !== id && looks(id, peer) && looks(peer, id));
        expect(sessions.length).toBeLessThanOrEqual(MAX_LINKS);
      }
    },
  );

  it('in a group of thirteen everybody looks for everybody', async () => {
    const ring = await ringOf(group, 0, ids.slice(0, 13));
    const mine = new Neighbours(ring[0]!);
    mine.place(ring);
    expect(mine.sought(0).size).toBe(12);
  });

  it('whoever has no room is not looked for until the pause is over', async () => {
    const ring = await ringOf(group, 0, ids);
    const mine = new Neighbours(ring[0]!);
    mine.place(ring);
    expect(mine.sought(0).has(ring[1]!)).toBe(true);
    mine.failed(ring[1]!, 0, true);
    mine.failed(ring[2]!, 0);
    expect(mine.sought(1).has(ring[1]!)).toBe(false);
    expect(mine.sought(1).has(ring[2]!)).toBe(true);
    expect(mine.sought(15_000).has(ring[1]!)).toBe(true);
  });
});

describe('rule twelve-links', () => {
  it('takes a thirteenth only from whoever stands right before it on the ring, and gives up a link across', async () => {
    const ring = await ringOf(group, 0, ids);
    const mine = new Neighbours(ring[0]!);
    mine.place(ring);
    for (const peer of ring.slice(1, 3)) mine.up(peer, 0);
    for (const peer of ring.slice(20, 30)) mine.up(peer, 0);
    expect(mine.linked().size).toBe(MAX_LINKS);
    expect(mine.admits(ring[10]!)).toEqual({ yes: false });
    const admitted = mine.admits(ring[49]!);
    expect(admitted.yes).toBe(true);
    expect(ring.slice(20, 28)).toContain(admitted.drop);
  });
});

describe('rule tree-and-names', () => {
  it('sends at once until it turns out to be the slower way, and names afterwards', () => {
    const mine = new Broadcast();
    for (const peer of ['a', 'b', 'c']) mine.up(peer);
    expect(mine.spread('1', 'a')).toEqual(['b', 'c']);
    expect(mine.repeated('b')).toBe(true);
    expect(mine.repeated('b')).toBe(false);
    expect(mine.spread('2', 'a')).toEqual(['c']);
    expect(mine.announcements(256)).toEqual([{ to: 'b', ids: ['2'] }]);
    expect(mine.announcements(256)).toEqual([]);
  });

  it('asks for what was announced and has not come in time, first of whoever said so first', () => {
    const mine = new Broadcast();
    for (const peer of ['a', 'b']) mine.up(peer);
    mine.announced('b', ['1', '2'], 0);
    mine.announced('a', ['1'], 10);
    mine.arrived('2');
    expect(mine.late(GRAFT_MS - 1)).toEqual([]);
    expect(mine.late(GRAFT_MS + 10)).toEqual([{ id: '1', from: ['b', 'a'] }]);
    expect(mine.late(GRAFT_MS + 10)).toEqual([]);
  });

  it('my own message leaves at once although all others have asked for names only', () => {
    const mine = new Broadcast();
    for (const peer of ['a', 'b']) mine.up(peer);
    mine.pruned('a');
    mine.pruned('b');
    expect(mine.spread('1', 'a')).toEqual([]);
    mine.pruned('a');
    expect(mine.spread('2')).toEqual(['a', 'b']);
  });

  it('when the last eager link goes, the others take its place', () => {
    const mine = new Broadcast();
    for (const peer of ['a', 'b']) mine.up(peer);
    mine.pruned('a');
    mine.down('b');
    expect(mine.isEager('a')).toBe(true);
  });
});

const statesOf = (of: Person, about: Person, text: string) => {
  const { history, receipts, members } = of.conversation.parts;
  const entry = history.all().find(({ message: { body } }) => body.type === 'text' && body.text === text);
  return receipts.receipts.statesOf(entry!, history, members).get(about.id);
};

describe('rule delivered-and-read-by-member', () => {
  it('everybody learns of everybody what is on their disk and what they have seen', async () => {
    const world = new GroupWorld(61);
    const [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
    // Ana and Cleo have no link.
    await world.connect(ana, ben);
    await world.connect(ben, cleo);
    await world.deliver();
    await ana.write('hello');
    expect(statesOf(ana, ben, 'hello')).toEqual({ state: 'waiting' });
    await world.pass(4);
    for (const one of [ben, cleo]) expect(statesOf(ana, one, 'hello')).toEqual({ state: 'delivered' });
    await cleo.run({ type: 'seen' });
    await world.pass(4);
    expect(statesOf(ana, cleo, 'hello')).toEqual({ state: 'read' });
    expect(statesOf(ana, ben, 'hello')).toEqual({ state: 'delivered' });
    expect(statesOf(ben, cleo, 'hello')).toEqual({ state: 'read' });
  });

  it('what a person has seen stays seen after a start', async () => {
    const world = new GroupWorld(62);
    const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
    await world.connectAll();
    await world.deliver();
    await ana.write('one');
    await world.deliver();
    await ben.run({ type: 'seen' });
    await world.pass(3);
    await world.crash(ben);
    await ben.start();
    await world.connect(ana, ben);
    await ana.write('two');
    await world.pass(5);
    expect(statesOf(ana, ben, 'one')).toEqual({ state: 'read' });
    expect(statesOf(ana, ben, 'two')).toEqual({ state: 'delivered' });
  });

  it('a message between two that arrived is not claimed while it is missing', async () => {
    const world = new GroupWorld(63);
    const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
    await world.connectAll();
    await world.deliver();
    for (const text of ['one', 'two', 'three']) await ana.write(text);
    const [, second] = ana.conversation.parts.history.all();
    // Only the first and the third come through.
    ben.conversation.parts.passed.add(`${ana.id}/${second!.hash}`);
    ben.conversation.parts.exchange.lost(ana.id);
    await world.pass(5);
    expect(ben.texts).toEqual(['one', 'three']);
    expect(statesOf(ana, ben, 'one')).toEqual({ state: 'delivered' });
    expect(statesOf(ana, ben, 'two')).toEqual({ state: 'waiting' });
    expect(statesOf(ana, ben, 'three')).toEqual({ state: 'delivered' });
  });
});

/** A group of fifty in which everybody has written once. */
async function fiftyWhoWrote() {
  const table = await authors(33, 50);
  const [ana] = table.people as [Author];
  const members = table.members();
  const history = new History(members);
  for (const author of table.people) history.add(await table.say(author, 'here'));
  return { ana: { id: ana.id, sign: (data: Uint8Array) => ana.key.sign(data) }, members, history };
}

describe('rule receipts-along-the-tree', () => {
  const NAMES = ['Ana', 'Ben', 'Cleo', 'Dora', 'Emil', 'Fay'];

  async function six(seed: number): Promise<{ world: GroupWorld; people: Person[] }> {
    const world = new GroupWorld(seed);
    const people = await world.group(...NAMES);
    await world.connectAll();
    await world.deliver();
    // The first messages make the tree.
    for (const person of people) {
      await person.write(`${person.name} is here`);
      await world.deliver();
    }
    await world.pass(10);
    return { world, people };
  }

  const receiptsIn = (world: GroupWorld) =>
    world.sent.flatMap(({ bytes }) => {
      const message = decodeGroupSays(bytes);
      return message.type === 'group-receipts' ? message.receipts.map(({ signature }) => toHex(signature)) : [];
    });

  it('each crosses about as many links as there are others, though everybody is linked with everybody', async () => {
    const { world, people } = await six(31);
    world.records = true;
    world.sent.length = 0;
    await people[0]!.write('who has this?');
    await world.pass(10);
    const sent = receiptsIn(world);
    expect(new Set(sent).size).toBeGreaterThanOrEqual(NAMES.length - 1);
    // Over all 15 links it would be 15 and more.
    expect(sent.length / new Set(sent).size).toBeLessThanOrEqual(NAMES.length + 1);
    for (const other of people.slice(1)) {
      expect(statesOf(people[0]!, other, 'who has this?')).toMatchObject({ state: 'delivered' });
    }
  });

  it('where the tree is broken, versions are compared, and what is missing comes within a minute', async () => {
    const { world, people } = await six(32);
    const [ana, ben, ...others] = people as [Person, Person, ...Person[]];
    await ana.write('who has this?');
    await world.deliver();
    const offTheTree = () => {
      for (const one of people) {
        for (const other of people) {
          if (one === ana || other === ana) one.conversation.parts.broadcast.pruned(other.id);
        }
      }
    };
    for (let seconds = 0; seconds < 60; seconds += 1) {
      offTheTree();
      await world.pass(1);
    }
    for (const other of [ben, ...others]) {
      expect(statesOf(ana, other, 'who has this?')).toMatchObject({ state: 'delivered' });
    }
  });

  it('those that name many authors are written less often: all together cost a member at most 4 kB a second', async () => {
    const { ana, members, history } = await fiftyWhoWrote();
    const exchange = new ReceiptExchange();
    const standing = { self: ana.id, history, members, seen: undefined, refused: new Map() };
    const first = await exchange.mine(standing, ana.sign, 0, false);
    const size = first!.content.length + first!.signature.length;
    const interval = Math.max(1_000 + 100 * members.view.members().length, (members.view.members().length * size) / 4);
    exchange.changed();
    expect(await exchange.mine(standing, ana.sign, interval - 1, false)).toBeUndefined();
    expect(await exchange.mine(standing, ana.sign, interval, false)).toBeDefined();
  });
});

describe('rule dropped-with-a-reason', () => {
  it('only for whoever was removed or left without having it, and for what they refuse', async () => {
    const world = new GroupWorld(64);
    const [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo', 'Dora')) as [Person, Person, Person];
    const dora = world.people[3] as Person;
    await world.split([ana, ben], [cleo, dora]);
    await world.connectAll();
    await world.deliver();
    await ana.write('hello');
    await world.pass(5);
    expect(statesOf(ana, cleo, 'hello')).toEqual({ state: 'waiting' });
    await world.remove(ana, cleo);
    await world.pass(2);
    expect(statesOf(ana, cleo, 'hello')).toEqual({ state: 'dropped', reason: 'removed' });
    await world.remove(dora, dora);
    ana.operations.learn(dora.operations);
    await ana.learned();
    expect(statesOf(ana, dora, 'hello')).toEqual({ state: 'dropped', reason: 'left' });
    expect(statesOf(ana, ben, 'hello')).toEqual({ state: 'delivered' });
  });

  it('what a member will never take is told by themselves, also after a start', async () => {
    const world = new GroupWorld(67);
    const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
    await world.connectAll();
    await world.deliver();
    await ana.write('hello');
    await world.crash(ben);
    await ana.write('more than Ben takes');
    await ben.start();
    await ben.run({ type: 'refuse', author: ana.id, seq: 1, reason: 'too-large' });
    await world.pass(3);
    await world.crash(ben);
    await ben.start();
    // No message gets through to Ben, only receipts.
    await world.connect(ana, ben);
    ben.conversation.parts.exchange.lost(ana.id);
    await world.pass(3);
    expect(statesOf(ana, ben, 'hello')).toEqual({ state: 'dropped', reason: 'too-large' });
  });
});

describe('rule newest-receipt', () => {
  it('a member who lost a day to a backup goes on behind the last version that anybody has', async () => {
    const world = new GroupWorld(65);
    const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
    await world.connectAll();
    await world.deliver();
    await world.pass(3);
    const backup = structuredClone(ben.disk);
    for (const text of ['one', 'two']) {
      await ana.write(text);
      await world.pass(3);
    }
    const version = ana.conversation.parts.receipts.receipts.of(ben.id)!.version;
    await world.crash(ben);
    ben.disk = backup;
    await ben.start();
    await world.connect(ana, ben);
    await world.pass(5);
    expect(ana.conversation.parts.receipts.receipts.of(ben.id)!.version).toBeGreaterThan(version);
    for (const text of ['one', 'two']) expect(statesOf(ana, ben, text)).toEqual({ state: 'delivered' });
  });

  it('nobody can speak for another, and an older receipt changes nothing', async () => {
    const world = new GroupWorld(66);
    const [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
    await world.connectAll();
    await world.deliver();
    await ana.write('hello');
    await world.pass(3);
    const { receipts } = ana.conversation.parts.receipts;
    const members = ana.operations.members();
    const bens = receipts.of(ben.id)!.signed;
    const cleos = receipts.of(cleo.id)!.signed;
    expect(await receipts.take(bens, members)).toBe('old');
    const other = cleo.conversation.parts.receipts.receipts;
    expect(await other.take({ content: bens.content, signature: cleos.signature }, members)).toBe('old');
    const fresh = (await import('../../../src/core/group/gossip/receipts.ts')).Receipts;
    expect(await new fresh().take({ content: bens.content, signature: cleos.signature }, members)).toEqual({
      refused: 'group-forged',
    });
  });
});
