// A group as the node holds it: what goes in, and what comes out for the disk, the sessions and the screen, in order.
import { beforeEach, describe, expect, it } from 'vitest';
import { compareBytes } from '../../../src/core/bytes/bytes.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { Group, type GroupOut } from '../../../src/core/group/group.ts';
import type { Entry } from '../../../src/core/group/history/entry.ts';
import { webCrypto } from '../../../src/core/group/membership/reading.ts';
import type { BodyOf, OperationBody } from '../../../src/core/wire/group-operations.ts';
import type { GroupSays, GroupWords } from '../../../src/core/wire/group-says.ts';
import { groupKey, kindFrom, Player, signedAt } from '../../fixtures/group.ts';
import { GroupHouse, type Housemate } from '../../fixtures/group-house.ts';

let house: GroupHouse;
let ana: Housemate;
let ben: Housemate;
let cleo: Housemate;

beforeEach(async () => {
  house = new GroupHouse(71);
  [ana, ben, cleo] = (await house.group('Ana', 'Ben', 'Cleo')) as [Housemate, Housemate, Housemate];
  for (const mate of house.people) mate.told.length = 0;
});

const told = <Do extends GroupOut['do']>(mate: Housemate, kind: Do) =>
  mate.told.filter((one): one is Extract<GroupOut, { do: Do }> => one.do === kind);
const textOf = (fill: number) => ({
  id: new Uint8Array(16).fill(fill),
  body: { type: 'text', text: 'hello' } as const,
});
const bodies = (mate: Housemate, kind: OperationBody['do']) =>
  mate.group.log.entries.filter(({ operation: { body } }) => body.do === kind);

const relink = async () => {
  await house.pass(15); // sessions that end sooner are taken for none
  await house.split([ana], [ben, cleo]);
  await house.heal();
};

describe('a text', () => {
  it('waits while nobody is there to take it, and may be thought better of', async () => {
    await house.split([ana], [ben, cleo]);
    await ana.group.write(textOf(1));
    await ana.group.write(textOf(2));
    // With the time at which it was written.
    const [one, two] = [1, 2].map((which) => ({ ...textOf(which), at: house.clock.now() }));
    expect(ana.group.drafts).toEqual([one, two]);
    expect(await ana.group.withdraw(textOf(1).id)).toBe(true);
    expect(ana.group.drafts).toEqual([two]);
    expect(told(ana, 'store')).toEqual([
      { do: 'store', drafts: [one] },
      { do: 'store', drafts: [one, two] },
      { do: 'store', drafts: [two] },
    ]);
    expect(await ana.group.withdraw(textOf(1).id)).toBe(false);
    await house.heal();
    expect(ben.texts).toEqual(['hello']);
    expect(ana.group.drafts).toEqual([]);
    // It has left: too late.
    expect(await ana.group.withdraw(textOf(2).id)).toBe(false);
  });

  it('that nobody would take is refused before it can hold up others', async () => {
    const body = { type: 'text', text: 7 } as never;
    expect(await kindFrom(ana.group.write({ id: new Uint8Array(16), body }))).toBe('frame-malformed');
    expect([ana.group.drafts, told(ana, 'store')]).toEqual([[], []]);
  });

  it('is on the disk before it leaves and before it is shown, and is told delivered and read', async () => {
    await ana.group.write(textOf(1));
    const [hash = ''] = told(ana, 'messages').flatMap(({ arrived }) => arrived);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const order = ana.told.map((one) => (one.do === 'send' ? one.message.type : one.do));
    expect(order.lastIndexOf('store')).toBeLessThan(order.indexOf('group-sealed'));
    expect(order.indexOf('group-sealed')).toBeLessThan(order.indexOf('messages'));
    expect(new Set(told(ana, 'send').map(({ to }) => to))).toEqual(new Set([ben.id, cleo.id]));
    await house.settle();
    expect(told(ben, 'messages').flatMap(({ arrived }) => arrived)).toContain(hash);
    const states = () => {
      const { history, members, receipts } = ana.group;
      const all = receipts.statesOf(history.shown()[0]?.entry as Entry, history, members);
      return [ben, cleo].map(({ id }) => all.get(id)?.state);
    };
    expect(states()).toEqual(['delivered', 'delivered']);
    await ben.group.seen();
    await house.settle();
    expect(states()).toEqual(['read', 'delivered']);
  });

  it('that was lost with a session comes with the next', async () => {
    house.loses = ({ type }) => type === 'group-sealed';
    await ana.group.write(textOf(1));
    await house.deliver();
    expect(ben.texts).toEqual([]);
    house.loses = () => false;
    await relink();
    expect([ben.texts, cleo.texts]).toEqual([['hello'], ['hello']]);
  });

  it('of somebody whose membership is not known yet has that asked for', async () => {
    house.loses = ({ type }) => type === 'members-give';
    await ana.group.act({ do: 'rename', name: 'Hikers' });
    await ana.group.write(textOf(1));
    await house.deliver();
    const needs = told(ben, 'send').flatMap(({ to, message }) =>
      message.type === 'members-need' ? [{ to, message }] : [],
    );
    const newest = ana.group.log.entries.at(-1)?.hash;
    const known = ben.group.log.entries.at(-1)?.hash;
    const message = { type: 'members-need', group: house.groupId, want: [newest], have: [known] };
    expect(needs.filter(({ to }) => to === ana.id)).toContainEqual({ to: ana.id, message });
    house.loses = () => false;
    await relink();
    expect([ben.texts, cleo.texts]).toEqual([['hello'], ['hello']]);
  });
});

describe('who may read', () => {
  it('is who belonged, belongs and had joined, and whom an admin lets', async () => {
    await ana.group.write(textOf(1));
    await house.settle();
    const zoe = await house.person('Zoe');
    await ana.add(zoe);
    await house.arrive(zoe);
    await zoe.join();
    await house.settle();
    const entry = ana.group.history.shown()[0]?.entry as never;
    const may = () => [ana, ben, cleo, zoe].map(({ id }) => ana.group.mayRead(entry, id));
    expect(may()).toEqual([true, true, true, false]);
    await ana.group.remove(cleo.id);
    expect(may()).toEqual([true, true, false, false]);
    const room = ana.group.sharesLeft;
    await ana.group.share(zoe.id);
    await house.settle();
    expect([may(), room - ana.group.sharesLeft, zoe.texts]).toEqual([[true, true, false, true], 1, ['hello']]);
  });
});

describe('sessions', () => {
  it('are wanted with members, and not again at once with whom none came about', async () => {
    await house.pass(15); // those that end sooner are taken for none
    await house.split([ana], [ben, cleo]);
    await house.pass(1);
    const dialed = told(ana, 'dial').map(({ peer }) => peer);
    expect(new Set(dialed)).toEqual(new Set([ben.id, cleo.id]));
    await ana.group.unreachable(ben.id);
    ana.told.length = 0;
    await house.pass(5);
    expect(told(ana, 'dial')).toEqual([]);
    await house.pass(20);
    expect(told(ana, 'dial').map(({ peer }) => peer)).toEqual([ben.id]);
  });

  it('that may come about are told when that changes', async () => {
    await ana.group.remove(cleo.id);
    await house.settle();
    expect(told(ana, 'seek').map(({ peers }) => [...peers])).toContainEqual([ben.id]);
  });

  it('that ended carry nothing more', async () => {
    await ana.group.unlinked(ben.id);
    await ana.group.write(textOf(1));
    expect(told(ana, 'send').map(({ to }) => to)).not.toContain(ben.id);
    expect(told(ana, 'send').map(({ to }) => to)).toContain(cleo.id);
  });

  it('with whoever was removed are given up, and they are told', async () => {
    await ana.group.remove(ben.id);
    await house.settle();
    expect(told(ana, 'drop').map(({ peer }) => peer)).toEqual([ben.id]);
    expect(ben.members).toEqual(expect.not.arrayContaining(['Ben']));
  });
});

describe('an operation', () => {
  it('is on the disk before it is sent or shown', async () => {
    const { bytes } = await ana.group.act({ do: 'rename', name: 'Hikers' });
    expect(told(ana, 'keep')).toEqual([{ do: 'keep', operations: [bytes] }]);
    expect(told(ana, 'members')).toEqual([{ do: 'members' }]);
    const order = ana.told.map((one) => (one.do === 'send' ? one.message.type : one.do));
    expect(order.indexOf('keep')).toBeLessThan(order.indexOf('members-give'));
    expect(order.indexOf('keep')).toBeLessThan(order.indexOf('members'));
    await house.deliver();
    expect(told(ben, 'keep')).toEqual([{ do: 'keep', operations: [bytes] }]);
    expect(told(ben, 'members')).toEqual([{ do: 'members' }]);
  });

  it('is refused to whoever has no key here', async () => {
    const zoe = await house.person('Zoe');
    await ana.add(zoe);
    await house.arrive(zoe);
    await expect(zoe.group.act({ do: 'seen' })).rejects.toThrow('group-not-member');
  });

  it('that removes names what of theirs counts, and what leads to it', async () => {
    await ben.group.write(textOf(1));
    await house.settle();
    await house.split([ana], [ben, cleo]);
    await ben.group.write(textOf(2));
    await cleo.group.write(textOf(3));
    await house.settle();
    await house.heal();
    const named = ana.group.history.heads().map(({ hashBytes }) => hashBytes);
    const bens = ana.group.history.leading(ben.id).map(({ hashBytes }) => hashBytes);
    const { operation } = await ana.group.remove(ben.id);
    const { messages } = operation.body as BodyOf<'remove'>;
    expect(messages.map(toHex)).toEqual([...new Set([...named, ...bens].map(toHex))].sort());
    expect(messages).toEqual([...messages].sort(compareBytes));
  });

  it('that leaves makes an admin of whom it names', async () => {
    await ana.group.leave(ben.id);
    await house.settle();
    expect(ben.members).toEqual(expect.not.arrayContaining(['Ana']));
    expect(ben.group.members.view.member(ben.id)?.role).toBe('admin');
    await ben.group.leave();
    await house.settle();
    expect([cleo.members, cleo.group.members.view.member(cleo.id)?.role]).toEqual([['Cleo'], 'member']);
  });

  it('that refuses an invitation is signed by whoever has no key in the group', async () => {
    const zoe = await house.person('Zoe');
    await ana.add(zoe);
    await house.arrive(zoe);
    expect(ana.members).toContain('(Zoe)');
    await zoe.group.leave();
    await house.settle();
    expect(ana.members).not.toContain('(Zoe)');
  });
});

describe('what may matter who saw it first', () => {
  const promoteBen = async () => {
    await ana.group.act({ do: 'promote', member: ben.identity.fingerprint });
    await house.settle();
  };

  it('is witnessed by pages by themselves, once each, not by whoever was removed by it or is invited', async () => {
    const zoe = await house.person('Zoe');
    await ana.add(zoe);
    await house.arrive(zoe);
    await promoteBen();
    await ana.group.remove(ben.id);
    await house.settle();
    expect(bodies(ana, 'seen').map(({ author }) => author)).toEqual([cleo.id]);
    expect([ana, ben, cleo, zoe].flatMap(({ refused }) => refused)).toEqual([]);
  });

  it('and came with something else that does is witnessed with it', async () => {
    await promoteBen();
    await ana.group.act({ do: 'promote', member: cleo.identity.fingerprint });
    const zoe = await house.person('Zoe');
    await ana.add(zoe);
    await house.arrive(zoe);
    await zoe.join();
    await house.settle();
    await house.split([ana], [ben, cleo, zoe]);
    await ana.group.remove(ben.id);
    await ana.group.remove(cleo.id);
    await house.heal();
    expect(bodies(ana, 'seen').map(({ author }) => author)).toContain(zoe.id);
    for (const gone of ['Ben', 'Cleo']) expect(zoe.members).not.toContain(gone);
  });

  it('and came twice before it could be witnessed is witnessed once', async () => {
    for (const { identity } of [ben, cleo]) await ana.group.act({ do: 'promote', member: identity.fingerprint });
    const zoe = await house.person('Zoe');
    await ana.add(zoe);
    await house.arrive(zoe);
    await zoe.join();
    await house.settle();
    const given: GroupWords[] = [];
    house.loses = (message) => {
      if (message.type === 'members-give') given.push(message);
      return true;
    };
    await ana.group.remove(ben.id);
    await ana.group.remove(cleo.id);
    const [first, last] = [given[0], given.at(-1)] as [GroupWords, GroupWords];
    zoe.told.length = 0;
    await Promise.all([zoe.group.received(ana.id, first), zoe.group.received(ana.id, last)]);
    await zoe.group.tick();
    expect(bodies(zoe, 'remove')).toHaveLength(2);
    expect(bodies(zoe, 'seen').map(({ author }) => author)).toEqual([zoe.id]);
    expect(told(zoe, 'refused')).toEqual([{ do: 'refused', from: zoe.id, kind: 'group-refused' }]);
  });

  it('is a fork: told, by author, and witnessed', async () => {
    const backup = { operations: [...ana.disk.operations], stored: [...ana.disk.stored] };
    await ana.group.act({ do: 'rename', name: 'Lake' });
    await house.settle();
    await house.crash(ana);
    ana.disk = backup;
    await ana.open(house.groupId);
    await ana.group.act({ do: 'rename', name: 'Hill' });
    await house.connectAll();
    await house.settle();
    for (const mate of [ben, cleo]) expect(mate.forked).toEqual([ana.id]);
    expect(bodies(ben, 'seen').length).toBeGreaterThan(0);
  });
});

describe('what is thrown away', () => {
  it('is told with whose it was and why', async () => {
    const give = (bytes: Uint8Array) =>
      ana.group.received(ben.id, {
        type: 'members-give',
        group: house.groupId,
        operations: [bytes],
        heads: [],
      } as never);
    for (let count = 0; count < 40; count += 1) await give(Uint8Array.of(count));
    expect(told(ana, 'refused')).toEqual([{ do: 'refused', from: ben.id, kind: 'frame-malformed' }]);
  });

  it('of the conversation too', async () => {
    house.loses = (message) => {
      if (message.type === 'group-sealed') sealed = message;
      return sealed === message;
    };
    let sealed: GroupSays | undefined;
    await ben.group.write(textOf(1));
    await ana.group.received(ben.id, { ...(sealed as object), sealed: new Uint8Array(40) } as GroupWords);
    expect(told(ana, 'refused')).toEqual([{ do: 'refused', from: ben.id, kind: 'group-forged' }]);
  });
});

describe('opened again', () => {
  const kitOf = ({ groupId, clock, random }: GroupHouse) => ({
    groupId,
    clock,
    random,
    verbs: webCrypto,
    readReceipts: true,
    out: () => {},
  });

  const opened = (operations: readonly Uint8Array[]) =>
    Group.open({ ...kitOf(house), self: ana.identity, key: ana.key }, { operations, messages: [] });

  it('it has all of its operations, in whatever order they lie, each once', async () => {
    const { operations } = ana.disk;
    const again = await opened([...operations, ...operations].reverse());
    expect(again.log.size).toBe(ana.group.log.size);
    expect(again.members.view.headsHash).toEqual(ana.group.members.view.headsHash);
  });

  it('it leaves out what lost its parents', async () => {
    const ids = ana.group.log.entries.map(({ id }) => id);
    const lost = 2;
    const again = await opened(ana.disk.operations.filter((_, index) => index !== lost));
    const left = again.log.entries.map(({ id }) => id);
    expect(left).toEqual(ids.slice(0, lost));
    const both = ana.group.log.entries.slice(lost + 1).every(({ past }) => ((past[0] as number) >> lost) & 1);
    expect(both).toBe(true);
  });

  describe('with more heads than an operation names', () => {
    let founder: Player;
    let guests: Player[];
    let operations: Uint8Array[];
    const kept: Uint8Array[] = [];
    const refusals: GroupOut[] = [];

    beforeEach(async () => {
      kept.length = 0;
      refusals.length = 0;
      founder = await Player.create('Ana');
      guests = [];
      for (let count = 0; count < 33; count += 1) {
        await founder.add(`Guest ${count}`);
        const guest = await Player.of(`Guest ${count}`, founder.desk.state);
        await founder.give([await guest.join()]);
        guests.push(guest);
      }
      const { state } = founder.desk;
      const leaving = (guest: Player, fill: number) =>
        signedAt(guest, state, { do: 'leave', messages: [new Uint8Array(32).fill(fill)] });
      // Each leaves in two versions, of which none counts yet.
      const heads = await Promise.all(guests.flatMap((guest) => [leaving(guest, 1), leaving(guest, 2)]));
      operations = [...founder.log.entries, ...heads].map(({ bytes }) => bytes);
    });

    const wideGroup = (key = founder.key) => {
      const out = (effect: GroupOut) => {
        if (effect.do === 'keep') kept.push(...effect.operations);
        if (effect.do === 'refused') refusals.push(effect);
      };
      const { groupId } = founder.desk.state;
      const kit = { ...kitOf(house), groupId, self: founder.identity, key, out };
      return Group.open(kit, { operations, messages: [] });
    };
    /** A guest is there, and knows nothing that is not known here. */
    const arrives = async (group: Group) => {
      const { groupId } = founder.desk.state;
      const peer = (guests[0] as Player).id;
      await group.linked(peer);
      await group.received(peer, { type: 'members-heads', group: groupId, heads: [groupId] });
    };

    it('it joins them as soon as somebody is there, by one operation', async () => {
      const group = await wideGroup();
      expect(group.log.heads).toHaveLength(66);
      await group.tick();
      // It may be an old backup: whoever is there knows better.
      expect(kept).toEqual([]);
      await arrives(group);
      await Promise.all([group.tick(), group.tick()]);
      expect([group.log.heads.length, kept.length, refusals]).toEqual([3, 1, []]);
      expect(group.log.entries.at(-1)?.operation.body.do).toBe('seen');
    });

    it('and may not, it tries again when it learns more, not at every turn', async () => {
      const group = await wideGroup(await groupKey('Ana', 9));
      await arrives(group);
      for (let again = 0; again < 3; again += 1) await group.tick();
      expect([group.log.heads.length, kept.length, refusals.length]).toEqual([66, 0, 1]);
      const { groupId } = founder.desk.state;
      const news = await founder.rename('Hikers');
      const peer = (guests[0] as Player).id;
      await group.received(peer, { type: 'members-give', group: groupId, operations: [news.bytes], heads: [] });
      expect([group.log.heads.length, kept.length]).toEqual([67, 1]);
      const before = refusals.length;
      for (let again = 0; again < 3; again += 1) await group.tick();
      expect(refusals.length - before).toBe(1);
    });
  });

  it('knowing nothing but its id it is empty', async () => {
    const empty = await Group.open({ ...kitOf(house), self: ana.identity, key: undefined });
    expect([empty.log.size, empty.drafts, empty.history.shown()]).toEqual([0, [], []]);
    expect(empty.members.view.members()).toEqual([]);
  });
});
