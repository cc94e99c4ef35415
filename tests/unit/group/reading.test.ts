// What comes of each thing a member says on a link.
import { beforeEach, describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import { KithError } from '../../../src/core/errors.ts';
import type { GroupEffect } from '../../../src/core/group/events.ts';
import { shortOf } from '../../../src/core/group/history/entry.ts';
import { messageHash } from '../../../src/core/group/history/signing.ts';
import type { Parts } from '../../../src/core/group/parts.ts';
import { attempt, read, readHeld } from '../../../src/core/group/reading.ts';
import type { SenderKeyMessage } from '../../../src/core/wire/group-key.ts';
import type { SealedMessage, SignedMessage } from '../../../src/core/wire/group-message.ts';
import type { GroupTalk } from '../../../src/core/wire/group-talk.ts';
import { GroupWorld, type Person } from '../../fixtures/group-world.ts';

let world: GroupWorld;
let ana: Person;
let ben: Person;
let cleo: Person;
let group: Uint8Array;
let parts: Parts;

beforeEach(async () => {
  world = new GroupWorld(81);
  [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
  await world.connectAll();
  await world.deliver();
  parts = ben.conversation.parts;
  group = parts.group;
});

interface Written {
  readonly key: SenderKeyMessage;
  readonly sealed: SealedMessage;
  readonly signed: SignedMessage;
  readonly hash: string;
}

/** What Ana says when she writes, of which nobody hears yet. */
async function written(by = ana): Promise<Written> {
  const effects = await by.conversation.run({
    type: 'write',
    draft: { id: by.random.bytes(16), body: { type: 'text', text: 'hello' } },
  });
  const talk = effects.flatMap((effect) => (effect.type === 'send' ? [effect.talk] : []));
  const [signed] = effects.flatMap((effect) => (effect.type === 'store' ? (effect.messages ?? []) : []));
  if (signed === undefined) throw new Error('not written');
  return {
    key: talk.find(({ type }) => type === 'group-key') as SenderKeyMessage,
    sealed: talk.find(({ type }) => type === 'group-sealed') as SealedMessage,
    signed,
    hash: toHex(await messageHash(signed.content)),
  };
}
const hear = (talk: GroupTalk, from = ana): Promise<GroupEffect[]> => read(parts, from.id, talk);
const sentTo = (effects: readonly GroupEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'send' ? [`${effect.talk.type} ${nameOf(effect.to)}`] : []));
const nameOf = (id: string) => [ana, ben, cleo].find((one) => one.id === id)?.name;
const refusals = (effects: readonly GroupEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'refused' ? [effect.kind] : []));

describe('a message under a key that is here', () => {
  it('goes on at once, and onto the disk together with the keys as they are then', async () => {
    const { key, sealed, signed, hash } = await written();
    await hear(key);
    const effects = await hear(sealed);
    expect(sentTo(effects)).toEqual(['group-sealed Cleo']);
    expect(effects.slice(1)).toEqual([
      { type: 'store', messages: [signed], keys: parts.receiving.snapshot() },
      { type: 'changed', arrived: [hash] },
    ]);
    expect(parts.history.find(hash)?.from).toBe(ana.id);
  });

  it('that comes again is answered by a prune, once for each link that sends at once', async () => {
    const { key, sealed } = await written();
    await hear(key);
    await hear(sealed);
    expect(sentTo(await hear(sealed, cleo))).toEqual(['group-prune Cleo']);
    expect(await hear(sealed, cleo)).toEqual([]);
    await hear({ type: 'group-graft', group, ids: [] }, cleo);
    expect(sentTo(await hear(sealed, cleo))).toEqual(['group-prune Cleo']);
  });

  it('by somebody who does not belong, or under another view than it says, is refused', async () => {
    const { key, sealed } = await written();
    await hear(key);
    expect(refusals(await hear({ ...sealed, from: new Uint8Array(32) }))).toEqual(['group-stranger']);
    const other = await attempt(() => hear({ ...sealed, view: new Uint8Array(32) }), ana.id);
    expect(refusals(other)).toHaveLength(1);
    expect(parts.history.size).toBe(0);
  });
});

describe('a message without its key', () => {
  it('goes on, and is asked of whoever sent it, and of the next when they have gone', async () => {
    const { sealed, hash } = await written();
    const effects = await hear(sealed);
    expect(sentTo(effects)).toEqual(['group-sealed Cleo', 'group-want Ana']);
    expect(parts.exchange.fetching.isAsked(ana.id, shortOf(hash))).toBe(true);
    expect(sentTo(await hear(sealed, cleo))).toEqual(['group-prune Cleo']);
    parts.exchange.lost(ana.id);
    expect(parts.exchange.fetching.next(parts.now())).toEqual([{ to: cleo.id, ids: [shortOf(hash)] }]);
  });
});

describe('a key', () => {
  it('is kept, and goes on to whoever belongs and gets messages at once, but not to its author nor to who brought it', async () => {
    const { key } = await written();
    const effects = await hear(key);
    expect(effects[0]).toEqual({ type: 'store', keys: parts.receiving.snapshot() });
    expect(sentTo(effects)).toEqual(['group-key Cleo']);
    expect(await hear(key)).toEqual([]);
    const another = await written(cleo);
    expect(sentTo(await hear(another.key))).toEqual([]);
    await hear({ type: 'group-prune', group }, ana);
    await world.clock.advance(1);
    const own = await written(ana);
    expect(own.key).toBeUndefined();
  });

  it('does not go over links that asked for names only', async () => {
    const { key } = await written();
    await hear({ type: 'group-prune', group }, cleo);
    expect(sentTo(await hear(key))).toEqual([]);
  });

  it('does not go to who came after those that it is for', async () => {
    const { key } = await written();
    const dora = await world.person('Dora');
    await world.add(ana, dora);
    await world.connect(ben, dora);
    expect(parts.broadcast.isEager(dora.id)).toBe(true);
    expect(sentTo(await hear(key))).toEqual(['group-key Cleo']);
  });

  it('that its owner did not sign is refused', async () => {
    const { key } = await written();
    expect(refusals(await hear({ ...key, key: new Uint8Array(32) }))).toEqual(['group-forged']);
  });

  it('for members that are not known yet waits for the operations, 64 of them at most', async () => {
    const { key } = await written();
    const unknown = new Uint8Array(32).fill(5);
    for (let chain = 0; chain < 70; chain += 1) {
      const held = { ...key, view: [unknown], chain: new Uint8Array(16).fill(chain) };
      expect(await hear(held)).toEqual([{ type: 'fetch-operations', from: ana.id, hashes: [unknown] }]);
    }
    expect(parts.heldKeys.size).toBe(64);
    // Asked for once more with the next operations, and held again as long as they are not it.
    expect(await readHeld(parts)).toHaveLength(64);
    expect(parts.heldKeys.size).toBe(64);
    parts.heldKeys.clear();
    parts.heldKeys.set('one', { talk: key, from: ana.id });
    expect(sentTo(await readHeld(parts))).toEqual(['group-key Cleo']);
    expect(parts.heldKeys.size).toBe(0);
  });
});

describe('what fills a gap', () => {
  const fill = (...messages: SignedMessage[]): GroupTalk => ({
    type: 'group-fill',
    group,
    messages: messages.map(({ content, signature }) => [content, signature]),
    none: [],
  });
  const askFor = (from: Person, ...all: Written[]) => {
    parts.exchange.fetching.offered(
      from.id,
      all.map(({ hash }) => shortOf(hash)),
    );
    parts.exchange.fetching.next(parts.now());
  };

  it('was asked for, or is not looked at', async () => {
    const one = await written();
    expect(await hear(fill(one.signed))).toEqual([]);
    expect(parts.history.size).toBe(0);
  });

  it('goes to the disk in one, and its name to those who have it not', async () => {
    const [one, two] = [await written(), await written()];
    askFor(ana, one, two);
    const effects = await hear(fill(one.signed, two.signed));
    expect(effects).toEqual([
      { type: 'store', messages: [one.signed, two.signed] },
      { type: 'changed', arrived: [one.hash, two.hash] },
    ]);
    expect(parts.broadcast.announcements(9)).toEqual([{ to: cleo.id, ids: [shortOf(one.hash), shortOf(two.hash)] }]);
    expect(parts.exchange.fetching.isAsked(ana.id, shortOf(one.hash))).toBe(false);
  });

  it('that is not what its author signed is refused, and asked of another', async () => {
    const one = await written();
    askFor(ana, one);
    parts.exchange.fetching.offered(cleo.id, [shortOf(one.hash)]);
    const effects = await hear(fill({ ...one.signed, signature: new Uint8Array(64) }));
    expect(refusals(effects)).toEqual(['group-forged']);
    expect(sentTo(effects)).toEqual(['group-want Cleo']);
    expect(parts.history.size).toBe(0);
  });

  it('or is not there: another is asked', async () => {
    const one = await written();
    askFor(ana, one);
    parts.exchange.fetching.offered(cleo.id, [shortOf(one.hash)]);
    const none = await hear({ type: 'group-fill', group, messages: [], none: [fromHex(shortOf(one.hash))] });
    expect(sentTo(none)).toEqual(['group-want Cleo']);
  });

  it('under a membership that is not known yet waits for that, is asked for once, and comes with it', async () => {
    await world.add(ana, await world.person('Dora'));
    const one = await written();
    askFor(ana, one);
    const [asked, ...more] = await hear(fill(one.signed));
    expect([asked, more]).toEqual([{ type: 'fetch-operations', from: ana.id, hashes: [expect.any(Uint8Array)] }, []]);
    expect([parts.history.size, parts.intake.holds(one.hash)]).toEqual([0, true]);
    // Still not: nothing is asked anew for what waits.
    expect(await readHeld(parts)).toEqual([]);
    ben.operations.learn(ana.operations);
    const come = await ben.conversation.run({ type: 'members', members: ben.operations.members() });
    expect(come).toContainEqual({ type: 'store', messages: [one.signed] });
    expect(come).toContainEqual({ type: 'changed', arrived: [one.hash] });
    expect(parts.history.find(one.hash)?.from).toBe(ana.id);
  });

  it('is given to who asks for it, and to who grafts', async () => {
    const { key, sealed, hash } = await written();
    await hear(key);
    await hear(sealed);
    const ids = [fromHex(shortOf(hash))];
    expect(sentTo(await hear({ type: 'group-want', group, ids }, cleo))).toEqual(['group-fill Cleo']);
    await hear({ type: 'group-prune', group }, cleo);
    expect(parts.broadcast.isEager(cleo.id)).toBe(false);
    expect(sentTo(await hear({ type: 'group-graft', group, ids }, cleo))).toEqual(['group-fill Cleo']);
    expect(parts.broadcast.isEager(cleo.id)).toBe(true);
  });
});

it('names of messages that are here are not remembered, others until they are late', async () => {
  const { key, sealed, hash } = await written();
  await hear(key);
  await hear(sealed);
  const unknown = new Uint8Array(8).fill(9);
  expect(await hear({ type: 'group-have', group, ids: [fromHex(shortOf(hash)), unknown] }, cleo)).toEqual([]);
  await world.clock.advance(60_000);
  expect(parts.broadcast.late(parts.now())).toEqual([{ id: toHex(unknown), from: [cleo.id] }]);
});

it('a share goes to the disk and on to the others, once', async () => {
  await written();
  const effects = await ana.conversation.run({ type: 'share', to: cleo.id });
  const [talk] = effects.flatMap((effect) => (effect.type === 'send' ? [effect.talk] : []));
  const heard = await hear(talk as GroupTalk);
  expect(heard[0]).toEqual({ type: 'store', share: talk });
  expect(sentTo(heard)).toEqual(['group-share Cleo']);
  expect(await hear(talk as GroupTalk)).toEqual([]);
});

it('a share for somebody who is not known yet has the membership asked for, and is none until it comes again', async () => {
  await written();
  const dora = await world.person('Dora');
  await world.add(ana, dora);
  const effects = await ana.conversation.run({ type: 'share', to: dora.id });
  const [talk] = effects.flatMap((effect) =>
    effect.type === 'send' && effect.talk.type === 'group-share' ? [effect.talk] : [],
  );
  expect(await hear(talk as GroupTalk)).toEqual([{ type: 'fetch-operations', from: ana.id, hashes: [] }]);
  expect(parts.readers.shares).toEqual([]);
  ben.operations.learn(ana.operations);
  await ben.conversation.run({ type: 'members', members: ben.operations.members() });
  expect((await hear(talk as GroupTalk))[0]).toEqual({ type: 'store', share: talk });
});

it('two compare what they have: who lacks something asks', async () => {
  const { key, sealed } = await written(cleo);
  const theirs = ana.conversation.parts;
  await read(theirs, cleo.id, key);
  await read(theirs, cleo.id, sealed);
  theirs.exchange.lost(ben.id);
  theirs.exchange.met(ben.id, theirs.now());
  parts.exchange.lost(ana.id);
  parts.exchange.met(ana.id, parts.now());
  const [asks, answers] = ana.id < ben.id ? [theirs, parts] : [parts, theirs];
  const [first, second] = ana.id < ben.id ? [ana, ben] : [ben, ana];
  let talk = [await asks.exchange.begin(second.id)].flatMap((one) => one ?? []) as GroupTalk[];
  const said: string[] = [];
  for (let turn = 0; talk.length > 0 && turn < 9; turn += 1) {
    const [at, from] = turn % 2 === 0 ? [answers, first] : [asks, second];
    const effects: GroupEffect[] = [];
    for (const one of talk) effects.push(...(await read(at, from.id, one)));
    talk = effects.flatMap((effect) => (effect.type === 'send' && effect.to === from.id ? [effect.talk] : []));
    said.push(...talk.map(({ type }) => type));
  }
  expect(said).toContain('group-want');
  expect(said.at(-1)).toBe('group-fill');
  expect(parts.history.size).toBe(1);
});

describe('what is wrong with something', () => {
  it('is told, and ends nothing', async () => {
    const failing = (error: Error) => attempt(() => Promise.reject(error), ana.id);
    expect(await failing(new KithError('frame-malformed'))).toEqual([
      { type: 'refused', from: ana.id, kind: 'frame-malformed' },
    ]);
    expect(await failing(new KithError('frame-authentication'))).toEqual([
      { type: 'refused', from: ana.id, kind: 'group-forged' },
    ]);
    expect(await attempt(async () => [], ana.id)).toEqual([]);
  });

  it('is no mistake of ours: that is not hidden', async () => {
    await expect(attempt(() => Promise.reject(new TypeError('ours')), ana.id)).rejects.toThrow('ours');
  });
});
