// What is signed when somebody writes into a group, and in which order it reaches disk and links.
import { beforeEach, describe, expect, it } from 'vitest';
import { compareBytes } from '../../../src/core/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import type { GroupEffect } from '../../../src/core/group/events.ts';
import { MAX_LOGICAL_TIME_MS, MAX_PARENTS, MAX_TIME_MS } from '../../../src/core/wire/group-limits.ts';
import { decodeGroupMessage, type GroupMessage } from '../../../src/core/wire/group-message.ts';
import { GroupWorld, type Person } from '../../fixtures/group-world.ts';

let world: GroupWorld;
let ana: Person;
let ben: Person;
let cleo: Person;

beforeEach(async () => {
  world = new GroupWorld(71);
  [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
  await world.connectAll();
  await world.deliver();
  await world.clock.advance(1_000_000);
});

const draft = (fill: number, text = `${fill}`) => ({
  id: new Uint8Array(16).fill(fill),
  body: { type: 'text', text } as const,
});
/** What it came to, and what was signed. */
async function written(
  by: Person,
  fill: number,
): Promise<{ effects: GroupEffect[]; message: GroupMessage; hash: string }> {
  const effects = await by.conversation.run({ type: 'write', draft: draft(fill) });
  await world.perform(by, effects);
  const signed = effects.flatMap((effect) => (effect.type === 'store' ? (effect.messages ?? []) : []));
  const hash = effects.flatMap((effect) => (effect.type === 'changed' ? effect.arrived : []))[0] ?? '';
  return { effects, message: decodeGroupMessage(signed[0]?.content ?? new Uint8Array()), hash };
}

it('a text is kept as waiting, then as signed, in one with that it waits no more, and only then leaves: the key first', async () => {
  const { effects, hash } = await written(ana, 1);
  const peers = [ben.id, cleo.id];
  expect(effects.map(({ type }) => type)).toEqual(['store', 'store', 'send', 'send', 'send', 'send', 'changed']);
  const [waiting, kept] = effects as Extract<GroupEffect, { type: 'store' }>[];
  expect(waiting).toEqual({ type: 'store', drafts: [draft(1)] });
  expect(kept).toMatchObject({ drafts: [], messages: [{}] });
  const sent = effects.flatMap((effect) => (effect.type === 'send' ? [[effect.to, effect.talk.type]] : []));
  expect(new Set(sent.map(([to]) => to))).toEqual(new Set(peers));
  for (const peer of peers) {
    expect(sent.filter(([to]) => to === peer).map(([, type]) => type)).toEqual(['group-key', 'group-sealed']);
  }
  expect(effects.at(-1)).toEqual({ type: 'changed', arrived: [hash] });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  // The second goes under the same key.
  const next = await written(ana, 2);
  expect(next.effects.flatMap((effect) => (effect.type === 'send' ? [effect.talk.type] : []))).toEqual([
    'group-sealed',
    'group-sealed',
  ]);
});

it('says who, where in their own sequence, when, and what it follows', async () => {
  const first = await written(ana, 1);
  const { view } = ana.conversation.parts.members;
  const at = world.clock.now();
  expect(first.message).toEqual({
    group: view.groupId,
    id: draft(1).id,
    from: fromHex(ana.id),
    seq: 1,
    at,
    parents: [],
    view: [...view.heads],
    body: draft(1).body,
  });
  // In the same millisecond: its place in time is behind.
  const second = await written(ana, 2);
  expect(second.message).toMatchObject({ seq: 2, at, time: at + 1, prev: fromHex(first.hash), parents: [] });
  await world.clock.advance(1);
  const third = await written(ana, 3);
  expect(third.message).toMatchObject({ seq: 3, time: at + 2, at: at + 1, prev: fromHex(second.hash) });
  await world.clock.advance(5_000);
  const fourth = await written(ana, 4);
  expect(fourth.message.time).toBeUndefined();
});

it('names the last of everybody else, in order, and its own last apart from them', async () => {
  const own = await written(ana, 1);
  const others = [await written(ben, 2), await written(cleo, 3)];
  await world.deliver();
  await world.clock.advance(5_000);
  const { message } = await written(ana, 4);
  expect(message.prev).toEqual(fromHex(own.hash));
  expect(message.parents).toEqual(others.map(({ hash }) => fromHex(hash)).sort(compareBytes));
  expect(message.parents.length).toBeLessThanOrEqual(MAX_PARENTS);
  // What follows it alone stands behind it, whatever the clock says.
  ben.skew = -500_000;
  await world.deliver();
  const late = await written(ben, 5);
  expect(late.message).toMatchObject({ at: world.clock.now() - 500_000, time: world.clock.now() + 1 });
});

it.each([
  ['at the end of time', Number.MAX_SAFE_INTEGER, MAX_TIME_MS],
  ['before the beginning', -Number.MAX_SAFE_INTEGER, 0],
])('a clock that stands %s says what everybody takes', async (_where, skew, at) => {
  ana.skew = skew;
  const { message } = await written(ana, 1);
  expect([message.at, message.time]).toEqual([at, undefined]);
  const next = await written(ana, 2);
  expect([next.message.at, next.message.time]).toEqual([at, Math.min(at + 1, MAX_LOGICAL_TIME_MS)]);
  await world.deliver();
  expect(ben.texts).toEqual(['1', '2']);
});

it('what left before, and waits again after an old backup, is not written twice: it waits no more', async () => {
  const { message } = await written(ana, 1);
  const effects = await ana.conversation.run({ type: 'write', draft: { id: message.id, body: message.body } });
  expect(effects.slice(1)).toEqual([{ type: 'store', drafts: [] }]);
  expect(ana.texts).toEqual(['1']);
});

describe('a history that is shared', () => {
  const share = (to: Person) => ana.conversation.run({ type: 'share', to: to.id });

  it('is nothing where nothing was written', async () => {
    expect(await share(cleo)).toEqual([]);
  });

  it('is kept, and goes to everybody who is there; asked for twice it is one', async () => {
    const heads = [await written(ben, 1), await written(cleo, 2)].map(({ hash }) => hash);
    await world.deliver();
    const [kept, ...sent] = await share(cleo);
    expect(kept).toMatchObject({ type: 'store', share: { type: 'group-share' } });
    expect(sent.map((effect) => effect.type === 'send' && effect.to).sort()).toEqual([ben.id, cleo.id].sort());
    const upTo = ana.conversation.parts.readers.shares[0]?.upTo ?? [];
    expect(upTo).toEqual([...heads].sort((a, b) => compareBytes(fromHex(a), fromHex(b))));
    expect(upTo.every((hash) => toHex(fromHex(hash)) === hash)).toBe(true);
    expect(await share(cleo)).toEqual([]);
    await written(ana, 3);
    expect(await share(cleo)).toHaveLength(3);
  });

  it('is shared by admins only', async () => {
    await written(ben, 1);
    await expect(ben.conversation.run({ type: 'share', to: cleo.id })).rejects.toThrow('group-stranger');
  });
});
