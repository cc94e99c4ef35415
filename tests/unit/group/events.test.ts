// What a group's conversation wants done after each thing that happens.
import { beforeEach, describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/core/bytes/hex.ts';
import { GroupConversation } from '../../../src/core/group/conversation.ts';
import type { GroupEffect, GroupEvent } from '../../../src/core/group/events.ts';
import { MAX_LINKS } from '../../../src/core/group/gossip/neighbours.ts';
import { shortOf } from '../../../src/core/group/history/entry.ts';
import { Places } from '../../../src/core/group/history/places.ts';
import { MAX_ANNOUNCED } from '../../../src/core/wire/group-limits.ts';
import type { GroupTalk } from '../../../src/core/wire/group-talk.ts';
import { GroupWorld, type Person } from '../../fixtures/group-world.ts';

let world: GroupWorld;
let ana: Person;
let ben: Person;
let cleo: Person;

beforeEach(async () => {
  world = new GroupWorld(91);
  [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
});

const happens = (to: Person, event: GroupEvent): Promise<GroupEffect[]> => to.conversation.run(event);
const nameOf = (id: string) => world.people.find((one) => one.id === id)?.name;
const told = (effects: readonly GroupEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'send' ? [`${effect.talk.type} ${nameOf(effect.to)}`] : []));
const kinds = (effects: readonly GroupEffect[]) => effects.map(({ type }) => type);
const draft = (fill: number) => ({
  id: new Uint8Array(16).fill(fill),
  body: { type: 'text', text: `${fill}` } as const,
});
const hears = (from: Person, talk: GroupTalk): GroupEvent => ({ type: 'received', from: from.id, talk });
const receipts = (known?: [Uint8Array, number][]): GroupTalk => ({
  type: 'group-receipts',
  group: ana.conversation.parts.group,
  receipts: [],
  ...(known && { known }),
});
const unknown = new Uint8Array(32).fill(5);

describe('a link', () => {
  it('begins with versions of receipts and, on one side, what there is; what was said before comes first', async () => {
    const [small, large] = ana.id < ben.id ? [ana, ben] : [ben, ana];
    expect(told(await happens(small, { type: 'linked', peer: large.id })).sort()).toEqual(
      [`group-compare ${large.name}`, `group-receipts ${large.name}`].sort(),
    );
    expect(told(await happens(large, { type: 'linked', peer: small.id }))).toEqual([`group-receipts ${small.name}`]);
    await world.connectAll();
    await world.deliver();
    await ana.write('one');
    await world.deliver();
    await ana.run({ type: 'share', to: ben.id });
    await world.disconnect(ana, cleo);
    // The key under which Ana writes now, and what she shared.
    expect(told(await happens(ana, { type: 'linked', peer: cleo.id })).slice(0, 3)).toEqual([
      'group-key Cleo',
      'group-share Cleo',
      'group-receipts Cleo',
    ]);
  });

  it('with who does not belong, or for whom there is no room, is given up', async () => {
    expect(await happens(ana, { type: 'linked', peer: 'f'.repeat(64) })).toEqual([
      { type: 'drop', peer: 'f'.repeat(64) },
    ]);
    const { neighbours } = ana.conversation.parts;
    neighbours.admits = () => ({ yes: false });
    expect(await happens(ana, { type: 'linked', peer: ben.id })).toEqual([{ type: 'drop', peer: ben.id }]);
    expect(ana.conversation.parts.broadcast.peers()).toEqual([]);
    neighbours.admits = () => ({ yes: true, drop: cleo.id });
    expect((await happens(ana, { type: 'linked', peer: ben.id }))[0]).toEqual({ type: 'drop', peer: cleo.id });
    expect(MAX_LINKS).toBeGreaterThan(1);
  });

  it('of which nothing is heard for twenty seconds is given up, and one that answers is not', async () => {
    await happens(ana, { type: 'linked', peer: ben.id });
    await happens(ana, { type: 'linked', peer: cleo.id });
    await happens(ana, hears(ben, receipts()));
    await world.clock.advance(19_999);
    expect(kinds(await happens(ana, { type: 'tick' }))).not.toContain('drop');
    await world.clock.advance(1);
    const effects = await happens(ana, { type: 'tick' });
    expect(effects.filter(({ type }) => type === 'drop')).toEqual([{ type: 'drop', peer: cleo.id }]);
    expect(ana.conversation.parts.broadcast.peers()).toEqual([ben.id]);
  });

  it('that is gone says nothing any more', async () => {
    await happens(ana, { type: 'linked', peer: ben.id });
    await happens(ana, { type: 'unlinked', peer: ben.id });
    expect(await happens(ana, hears(ben, receipts([])))).toEqual([]);
    expect(ana.conversation.parts.broadcast.peers()).toEqual([]);
    expect([...ana.conversation.parts.neighbours.linked()]).toEqual([]);
  });

  it('that did not come about is not tried again at once', async () => {
    const dialled = async () =>
      (await happens(ana, { type: 'tick' })).flatMap((one) => (one.type === 'dial' ? [one.peer] : []));
    expect((await dialled()).sort()).toEqual([ben.id, cleo.id].sort());
    expect(await happens(ana, { type: 'unreachable', peer: ben.id })).toEqual([]);
    expect(await happens(ana, { type: 'unreachable', peer: cleo.id })).toEqual([]);
    expect(await dialled()).toEqual([]);
    await world.clock.advance(15_000);
    expect((await dialled()).sort()).toEqual([ben.id, cleo.id].sort());
  });
});

describe('whom sessions are of use with', () => {
  const sought = async () =>
    (await happens(ana, { type: 'tick' })).flatMap((one) =>
      one.type === 'seek' ? [[...one.peers].map(nameOf).sort()] : [],
    );

  it('is told when it changes, and again when somebody was dropped', async () => {
    expect(await sought()).toEqual([['Ben', 'Cleo']]);
    expect(await sought()).toEqual([]);
    await happens(ana, { type: 'linked', peer: 'f'.repeat(64) });
    expect(await sought()).toEqual([['Ben', 'Cleo']]);
    await world.remove(ana, cleo);
    expect(await sought()).toEqual([['Ben']]);
  });
});

describe('what is written', () => {
  it('waits until somebody has told how far they are, and can be taken back until then', async () => {
    expect(await happens(ana, { type: 'write', draft: draft(1) })).toEqual([{ type: 'store', drafts: [draft(1)] }]);
    await happens(ana, { type: 'write', draft: draft(2) });
    await happens(ana, { type: 'linked', peer: ben.id });
    expect(ana.texts).toEqual([]);
    expect(await happens(ana, { type: 'withdraw', id: draft(1).id })).toEqual([{ type: 'store', drafts: [draft(2)] }]);
    await happens(ana, hears(ben, receipts()));
    expect(ana.texts).toEqual(['2']);
    expect(await happens(ana, { type: 'withdraw', id: draft(2).id })).toEqual([{ type: 'store', drafts: [] }]);
    expect(ana.texts).toEqual(['2']);
  });

  it('is not written by who was removed, who is told so', async () => {
    await world.connectAll();
    await world.deliver();
    await world.remove(ana, ben);
    await ben.run({ type: 'members', members: ana.operations.members() });
    await expect(ben.run({ type: 'write', draft: draft(1) })).rejects.toMatchObject({ kind: 'group-not-member' });
    expect(ben.conversation.drafts).toEqual([]);
  });

  it('and waits when its author is removed is dropped, on the disk too, until they are back and say that it shall go', async () => {
    for (const one of [1, 2]) await ben.run({ type: 'write', draft: draft(one) });
    await world.remove(ana, ben);
    ben.operations.learn(ana.operations);
    await ben.learned();
    // From now on with a time, so that it stays where it is.
    const dropped = [1, 2].map((one) => ({ at: world.clock.now(), ...draft(one), dropped: true }));
    expect(ben.disk.drafts).toEqual(dropped);
    await expect(ben.run({ type: 'retry', id: draft(1).id })).rejects.toMatchObject({ kind: 'group-not-member' });
    // An earlier version kept it without the word; told once.
    ben.disk = { ...ben.disk, drafts: [draft(1), draft(2)] };
    await ben.start();
    expect(await happens(ben, { type: 'tick' })).toContainEqual({ type: 'store', drafts: dropped });
    expect(kinds(await happens(ben, { type: 'tick' }))).not.toContain('store');

    await world.add(ana, ben);
    await world.connectAll();
    await world.pass(2);
    expect([ben.texts, ana.texts, ben.conversation.drafts]).toEqual([[], [], dropped]);
    await ben.run({ type: 'retry', id: draft(2).id });
    await ben.run({ type: 'retry', id: draft(2).id });
    await world.pass(2);
    expect([ana.texts, ben.conversation.drafts]).toEqual([['2'], dropped.slice(0, 1)]);
    await ben.run({ type: 'retry', id: draft(1).id });
    await ben.run({ type: 'retry', id: draft(3).id });
    await world.pass(2);
    expect([ana.texts, ben.texts, ben.conversation.drafts]).toEqual([['2', '1'], ['2', '1'], []]);

    // An older day of the disk: what left is not dropped any more, and what waited finds that it has left when its turn comes.
    const [first] = dropped;
    const other = { ...draft(3), at: 0, dropped: true };
    ben.disk = { ...ben.disk, drafts: [...(first ? [first] : []), draft(2), other] };
    await ben.start();
    expect(ben.conversation.drafts).toEqual([draft(2), other]);
  });
});

it('what others had of me under an earlier key does not hold up what I write under this one', async () => {
  const { members } = ana.conversation.parts;
  const changed = (signKey: Uint8Array<ArrayBuffer> | undefined) => ({
    ...members,
    view: {
      ...members.view,
      member: (id: string) => {
        const member = members.view.member(id);
        return member && id === ana.id && signKey ? { ...member, signKey } : member;
      },
    },
  });
  ana.conversation.parts.mine = 7;
  await ana.run({ type: 'members', members: changed(undefined) });
  expect(ana.conversation.parts.mine).toBe(7);
  await ana.run({ type: 'members', members: changed(new Uint8Array(32).fill(9)) });
  expect(ana.conversation.parts.mine).toBe(0);
});

describe('receipts', () => {
  it('a list of versions is answered, also where nothing is newer, and by a receipt of today to who has just come', async () => {
    await happens(ana, { type: 'linked', peer: ben.id });
    const first = await happens(ana, hears(ben, receipts([])));
    expect(kinds(first)).toEqual(['store', 'send']);
    expect(first[1]).toMatchObject({ to: ben.id, talk: { type: 'group-receipts', receipts: [{}] } });
    const mine: [Uint8Array, number][] = [[fromHex(ana.id), 1]];
    expect(await happens(ana, hears(ben, receipts(mine)))).toEqual([{ type: 'send', to: ben.id, talk: receipts() }]);
    // Whoever only says what they have, and asks nothing, is not answered.
    expect(await happens(ana, hears(ben, receipts()))).toEqual([]);
  });

  it('that are new go to the disk and along the tree; what nobody signed is refused', async () => {
    await world.connectAll();
    await world.deliver();
    await cleo.write('one');
    await world.deliver();
    await world.clock.advance(60_000);
    const [receipt] = (await happens(cleo, { type: 'seen' }).then(() => happens(cleo, { type: 'tick' }))).flatMap(
      (one) => (one.type === 'store' && one.receipt ? [one.receipt] : []),
    );
    if (receipt === undefined) throw new Error('no receipt');
    const talk: GroupTalk = { ...(receipts() as object), receipts: [receipt] } as never;
    const forged = { ...receipt, signature: new Uint8Array(64) };
    const wrong = await happens(ana, hears(cleo, { ...(talk as object), receipts: [forged] } as never));
    expect(wrong).toEqual([{ type: 'refused', from: cleo.id, kind: 'group-forged' }]);
    const effects = await happens(ana, hears(cleo, talk));
    expect(effects[0]).toEqual({ type: 'store', receipt });
    expect(told(effects)).toEqual(['group-receipts Ben']);
    expect(await happens(ana, hears(cleo, talk))).toEqual([]);
  });

  it('say what a person has seen, and what is refused for good, also after a start', async () => {
    await world.connectAll();
    await world.deliver();
    await ben.write('one');
    await ben.write('two');
    await world.deliver();
    await ana.run({ type: 'seen' });
    expect(await happens(ana, { type: 'refuse', author: cleo.id, seq: 7, reason: 'too-large' } as never)).toEqual([]);
    await world.pass(5);
    await ana.start();
    const { seen, refusals } = ana.conversation.parts;
    expect([seen.get(ben.id)?.high, seen.get(ben.id)?.missing, refusals.get(cleo.id)?.get(7)]).toEqual([
      2,
      [],
      'too-large',
    ]);
    expect(seen.get(ana.id)).toBeUndefined();
    expect(seen.get(cleo.id)).toEqual(new Places(0, undefined));
  });
});

describe('a change of the membership', () => {
  it('is told to who belongs, ends links with who does not, and keeps the keys as they are then', async () => {
    await world.connectAll();
    await world.deliver();
    ana.operations.write({
      author: ana.id,
      kind: 'remove',
      target: cleo.id,
      signKey: cleo.key.publicKey,
      role: 'member',
      messages: [],
    });
    const effects = await happens(ana, { type: 'members', members: ana.operations.members() });
    expect(effects[0]).toMatchObject({ type: 'store', keys: ana.conversation.parts.receiving.snapshot() });
    expect(told(effects)).toEqual(['group-receipts Ben']);
    expect(effects.filter(({ type }) => type === 'drop')).toEqual([{ type: 'drop', peer: cleo.id }]);
    expect(effects.at(-1)).toEqual({ type: 'changed', arrived: [] });
    expect(ana.conversation.parts.broadcast.peers()).toEqual([ben.id]);
  });
});

describe('what was announced and has not come', () => {
  it('is asked of who said so first, and of the next when they have gone', async () => {
    await world.connectAll();
    await world.deliver();
    const ids = Array.from({ length: MAX_ANNOUNCED + 1 }, (_, at) => {
      const id = new Uint8Array(8);
      new DataView(id.buffer).setUint32(0, at + 1);
      return id;
    });
    const have = (all: Uint8Array[]): GroupTalk => ({
      type: 'group-have',
      group: ana.conversation.parts.group,
      ids: all,
    });
    await happens(ana, hears(ben, have(ids.slice(0, 3))));
    await happens(ana, hears(cleo, have(ids.slice(0, 2))));
    await world.clock.advance(499);
    expect(told(await happens(ana, { type: 'tick' })).filter((one) => one.startsWith('group-graft'))).toEqual([]);
    await world.clock.advance(1);
    const late = await happens(ana, { type: 'tick' });
    expect(told(late).filter((one) => one.startsWith('group-graft'))).toEqual(['group-graft Ben']);
    expect(ana.conversation.parts.exchange.fetching.isAsked(ben.id, '0000000100000000')).toBe(true);
    const gone = await happens(ana, { type: 'unlinked', peer: ben.id });
    expect(gone).toEqual([
      {
        type: 'send',
        to: cleo.id,
        talk: { type: 'group-want', group: ana.conversation.parts.group, ids: ids.slice(0, 2) },
      },
    ]);
  });

  it('is not asked for when it is here by then', async () => {
    await world.connectAll();
    await world.deliver();
    await ben.write('one');
    await world.deliver();
    const [entry] = ana.conversation.parts.history.all();
    ana.conversation.parts.broadcast.announced(cleo.id, [shortOf(entry?.hash ?? '')], ana.conversation.parts.now());
    await world.clock.advance(500);
    expect(told(await happens(ana, { type: 'tick' })).filter((one) => one.startsWith('group-graft'))).toEqual([]);
  });
});

it('names of what came along the tree are told to the links off it, with the next tick', async () => {
  await world.connectAll();
  await world.deliver();
  ana.conversation.parts.broadcast.pruned(cleo.id);
  await ben.write('one');
  await world.deliver(1);
  while (ana.texts.length === 0) await world.deliver(1);
  const [entry] = ana.conversation.parts.history.all();
  const effects = await happens(ana, { type: 'tick' });
  const names = effects.flatMap((one) =>
    one.type === 'send' && one.talk.type === 'group-have' ? [[nameOf(one.to), one.talk.ids]] : [],
  );
  expect(names).toEqual([['Cleo', [fromHex(shortOf(entry?.hash ?? ''))]]]);
});

it('parents that are missing are asked for by name', async () => {
  await world.connectAll();
  await world.deliver();
  await world.disconnect(ana, ben);
  await world.disconnect(ana, cleo);
  await ben.write('one');
  await world.deliver();
  await ben.write('two');
  await world.deliver();
  const [one, two] = ben.conversation.parts.history.all();
  if (!one || !two) throw new Error('not written');
  await ana.run({ type: 'linked', peer: ben.id });
  const { exchange } = ana.conversation.parts;
  exchange.fetching.offered(ben.id, [two.short]);
  exchange.fetching.next(ana.conversation.parts.now());
  const { content, signature } = two.signed;
  const fill: GroupTalk = {
    type: 'group-fill',
    group: ana.conversation.parts.group,
    messages: [[content, signature]],
    none: [],
  };
  expect(told(await happens(ana, hears(ben, fill)))).toContain('group-want Ben');
  expect(exchange.fetching.isAsked(ben.id, one.short)).toBe(true);
});

it('what is wrong with what a member says is told, and the next thing is read', async () => {
  await world.connectAll();
  await world.deliver();
  const share: GroupTalk = {
    type: 'group-share',
    group: ana.conversation.parts.group,
    content: unknown,
    signature: new Uint8Array(64),
  } as never;
  expect(await happens(ana, hears(ben, share))).toEqual([{ type: 'refused', from: ben.id, kind: 'frame-malformed' }]);
  expect(told(await happens(ana, hears(ben, receipts([]))))).toEqual(['group-receipts Ben']);
});

it('keys on the disk that cannot be read are told', async () => {
  await expect(GroupConversation.restore(ana.kit(), { messages: [], keys: new Uint8Array(3) })).rejects.toThrow(
    'record-damaged',
  );
});
