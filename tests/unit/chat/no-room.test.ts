// The disk of whoever wrote is full while the other side answers: all of it is noted when there is room, in the order in which it was said, and nothing that
// needs no disk waits for it.
import { beforeEach, describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import type { Live } from '../../../src/core/chat/live.ts';
import { KithError } from '../../../src/core/errors.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Pair, until } from '../../fixtures/chat-pair.ts';
import { turn } from '../../fixtures/until.ts';

const SECOND = 1_000;

let pair: Pair;
beforeEach(async () => {
  pair = new Pair();
  await pair.load();
});

const settled = (states: string[]) => until(async () => (await pair.ana.states()).join() === states.join());
const pass = (seconds: number) => pair.clock.advance(seconds * SECOND, turn);
const full = (is: boolean) => {
  pair.ana.disk.commitsUntilFull = is ? 0 : Number.POSITIVE_INFINITY;
};

describe('a text that is acknowledged and then read', () => {
  let id: Uint8Array;
  beforeEach(async () => {
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    id = fromHex(await pair.ana.chat.writing.text(C, 'hello'));
    await settled(['sent']);
    full(true);
  });
  const acknowledged = () => pair.ana.chat.handle(C, { type: 'ack', ids: [id], voids: [] });
  const read = () => pair.ana.chat.handle(C, { type: 'read', seq: 1, except: [] });

  it.each([4, 10, 17, 40])('is shown as read, once there is room after %i s', async (room) => {
    await acknowledged();
    await pass(Math.min(room, 5));
    if (room < 5) full(false);
    await pass(Math.max(0, 5 - room));
    await read();
    await pass(Math.max(0, room - 5));
    full(false);
    await pass(30);
    expect(await pair.ana.states()).toEqual(['read']);
  });

  it('is shown as read also when it is acknowledged once more after the mark', async () => {
    await acknowledged();
    await read();
    await acknowledged();
    full(false);
    await pass(15);
    expect(await pair.ana.states()).toEqual(['read']);
  });

  it('is shown as read also where there is room for the mark, and none for the message', async () => {
    full(false);
    const { store } = pair.ana;
    const commit = store.commit.bind(store);
    store.commit = async (writes, durability) => {
      if (writes.some((write) => 'put' in write && write.put === 'messages')) throw new KithError('disk-full');
      await commit(writes, durability);
    };
    await Promise.all([acknowledged(), read()]);
    store.commit = commit;
    await pass(15);
    expect(await pair.ana.states()).toEqual(['read']);
  });

  it('is delivered also when the session ends before there is room; that it was read is said again in the next one', async () => {
    await acknowledged();
    await read();
    pair.disconnect();
    full(false);
    await pass(15);
    expect(await pair.ana.states()).toEqual(['delivered']);
    await pass(60);
    expect(await pair.ana.states()).toEqual(['delivered']);
  });

  it('is not called blocked, or expired, when that comes before there is room', async () => {
    await acknowledged();
    pair.disconnect();
    const { housekeeping } = pair.ana.chat;
    full(false);
    await housekeeping.setGiveUpAfter(C, SECOND);
    await pass(5);
    await housekeeping.expireDue(C);
    const blocked = () => housekeeping.refuseAll(C, 'blocked');
    await pair.ana.chat.notes(C).noteBehind({ about: 'standing', isWanted: () => true, work: blocked });
    await pass(15);
    expect(await pair.ana.states()).toEqual(['delivered']);
    expect(pair.ana.events.map(({ record }) => record.state)).not.toContain('dropped');
  });

  it('waits no longer for room once the next session has begun, in which it is said again', async () => {
    await acknowledged();
    pair.disconnect();
    pair.drops = (message) => message.type === 'ack' || message.type === 'text';
    await pair.connect();
    full(false);
    await pass(30);
    expect(await pair.ana.states()).toEqual(['sent']);
  });
});

it('what a contact acknowledges that was never written is not kept while a read mark waits for room', async () => {
  await pair.ana.chat.writing.text(C, 'hello');
  await pair.connect();
  await settled(['delivered']);
  full(true);
  await pair.ana.chat.handle(C, { type: 'read', seq: 1, except: [] });
  const { live } = pair.ana.chat as unknown as { live: Map<string, Live> };
  for (let n = 0; n < 4; n += 1) {
    const ids = Array.from({ length: 250 }, (_, at) => new Uint8Array(16).fill(n).fill(at, 8));
    await pair.ana.chat.handle(C, { type: 'ack', ids, voids: ids });
  }
  expect(live.get(C)?.ackedSinceMark?.size).toBe(0);
  expect(pair.clock.pending).toBe(1);
  full(false);
  await pass(15);
  expect(await pair.ana.states()).toEqual(['read']);
});

it('what was given up or refused makes place for what is behind it, also while that cannot be noted', async () => {
  for (const answer of ['void', 'refuse'] as const) {
    pair = new Pair();
    await pair.load();
    const ids: Uint8Array[] = [];
    for (let n = 0; n < 64; n += 1) ids.push(fromHex(await pair.ana.chat.writing.text(C, `${n}`)));
    if (answer === 'void') for (const id of ids) await pair.ana.chat.writing.cancel(C, toHex(id));
    await pair.ana.chat.writing.text(C, 'behind');
    full(true);
    pair.drops = (message) => message.type === 'text' || message.type === 'void';
    const { anaSent } = await pair.connect();
    await until(() => anaSent.length === 64);
    if (answer === 'void') await pair.ana.chat.handle(C, { type: 'ack', ids: [], voids: ids });
    else for (const id of ids) await pair.ana.chat.handle(C, { type: 'refuse', id, reason: 'disk-full' });
    await until(() => anaSent.some((message) => message.type === 'text' && message.text === 'behind'));
    full(false);
    await pass(15);
    expect((await pair.ana.states()).slice(0, 64)).toEqual(Array.from({ length: 64 }, () => 'dropped'));
    expect(await pair.ana.store.count('outbox')).toBe(1);
  }
});

describe('a text for whose end there is no room to note it', () => {
  let id: Uint8Array;
  let anaSent: readonly ChatMessage[];
  beforeEach(async () => {
    pair.drops = (message) => message.type === 'ack';
    ({ anaSent } = await pair.connect());
    id = fromHex(await pair.ana.chat.writing.text(C, 'hello'));
    await pair.ana.chat.housekeeping.setGiveUpAfter(C, SECOND);
    await settled(['sent']);
    full(true);
  });
  const states = () => pair.ana.events.map(({ record }) => record.state);

  it('is never shown as dropped when it was refused, and is there after all', async () => {
    await pair.ana.chat.handle(C, { type: 'refuse', id, reason: 'disk-full' });
    await pair.ana.chat.handle(C, { type: 'ack', ids: [id], voids: [] });
    full(false);
    await pass(15);
    expect(await pair.ana.states()).toEqual(['delivered']);
    expect(states()).not.toContain('dropped');
  });

  it('does not expire meanwhile', async () => {
    await pair.ana.chat.handle(C, { type: 'ack', ids: [id], voids: [] });
    full(false);
    await pass(5);
    await pair.ana.chat.housekeeping.expireDue(C);
    await pass(15);
    expect(await pair.ana.states()).toEqual(['delivered']);
    expect(states()).not.toContain('dropped');
  });

  it('leaves no gap when it expires before it is refused', async () => {
    full(false);
    await pass(5);
    await pair.ana.chat.housekeeping.expireDue(C);
    await pair.ana.chat.handle(C, { type: 'refuse', id, reason: 'disk-full' });
    expect(await pair.ana.states()).toEqual(['dropped']);
    await pass(15);
    expect(anaSent.map(({ type }) => type)).toEqual(['text', 'void']);
  });
});
