// Work on conversations: in order, one commit for all that waited, and memory never ahead of the disk.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { type ChangedMessage, type Entry, Ledger } from '../../../src/core/chat/ledger.ts';
import { type ConversationRecord, type MessageRecord, messageKey } from '../../../src/core/chat/records.ts';
import { KithError } from '../../../src/core/errors.ts';
import type { Durability, Store, Table, Write } from '../../../src/core/ports/store.ts';
import { settle } from '../../fixtures/until.ts';

const C = 'c0ffee';
const bytes = (...values: number[]) => new Uint8Array(values);
const text = (position: number, words: string): MessageRecord => ({
  v: 1,
  id: new Uint8Array(16).fill(position),
  direction: 'out',
  seq: position,
  seen: 0,
  at: 1,
  sentAt: 1,
  text: words,
  state: 'queued',
  everSent: false,
  missingBefore: 0,
});

let disk: MemoryDisk;
let store: Store;
let ledger: Ledger;
let commits: { writes: readonly Write[]; durability: Durability }[];
let events: { contactId: string; conversation: ConversationRecord; messages: readonly ChangedMessage[] }[];

async function opened(): Promise<void> {
  store = disk.reopen();
  const commit = store.commit.bind(store);
  commits = [];
  events = [];
  store.commit = async (writes, durability) => {
    commits.push({ writes, durability });
    await commit(writes, durability);
  };
  ledger = new Ledger(store, {
    committed: (contactId, conversation, messages) => void events.push({ contactId, conversation, messages }),
  });
  await ledger.open(C, 1, false);
}

beforeEach(async () => {
  disk = new MemoryDisk();
  await opened();
});

const put = (key: string, value: Uint8Array, table: Table = 'outbox') =>
  ledger.transact(C, 'strict', async (entry) => entry.put(table, key, value));
const write = (position: number, words: string) =>
  ledger.transact(C, 'relaxed', async (entry) => entry.putMessage(position, text(position, words)));

describe('a commit', () => {
  it('takes all that was asked for in the same turn, in that order', async () => {
    const done: number[] = [];
    await Promise.all([1, 2, 3].map((n) => put('a', bytes(n)).then(() => done.push(n))));
    expect(commits).toHaveLength(1);
    expect(done).toEqual([1, 2, 3]);
    expect(await store.get('outbox', 'a')).toEqual(bytes(3));
  });

  it('takes what was asked for while another was under way, and what comes after that begins anew', async () => {
    const first = put('a', bytes(1));
    await Promise.resolve();
    await Promise.resolve();
    await Promise.all([put('b', bytes(2)), put('c', bytes(3)), first]);
    expect(commits.map(({ writes }) => writes.length)).toEqual([1, 2]);
    await settle();
    await put('d', bytes(4));
    expect(commits).toHaveLength(3);
  });

  it('takes no more than 256', async () => {
    await Promise.all(Array.from({ length: 257 }, (_, n) => put(`${n}`, bytes(1))));
    expect(commits.map(({ writes }) => writes.length)).toEqual([256, 1]);
  });

  it('is as durable as the strictest of its works wants it', async () => {
    const work = (durability: Durability) =>
      ledger.transact(C, durability, async (entry) => entry.put('outbox', 'a', bytes(1)));
    await work('relaxed');
    await Promise.all([work('relaxed'), work('strict'), work('relaxed')]);
    expect(commits.map(({ durability }) => durability)).toEqual(['relaxed', 'strict']);
  });

  it('does not happen where there is nothing to write', async () => {
    expect(await ledger.transact(C, 'strict', async () => 'nothing')).toBe('nothing');
    expect([commits, events]).toEqual([[], []]);
  });

  it('writes the counters only where they have changed, and memory has them when the disk has', async () => {
    await put('a', bytes(1));
    expect(commits[0]?.writes).toHaveLength(1);
    await ledger.transact(C, 'strict', async (entry) => {
      entry.conversation = { ...entry.conversation, unread: 3 };
      expect(ledger.conversation(C)?.unread).toBe(0);
    });
    expect(ledger.conversation(C)?.unread).toBe(3);
    expect(events.at(-1)).toEqual({ contactId: C, conversation: ledger.conversation(C), messages: [] });
    await opened();
    expect(ledger.conversation(C)?.unread).toBe(3);
  });

  it('tells of each message once, as the last of the works left it', async () => {
    await Promise.all([write(1, 'one'), write(2, 'two'), write(1, 'one, mended')]);
    expect(events).toHaveLength(1);
    expect(events[0]?.messages.map(({ position, record }) => [position, record.text])).toEqual([
      [1, 'one, mended'],
      [2, 'two'],
    ]);
  });
});

describe('what fails', () => {
  const fails = (error: Error) =>
    ledger.transact(C, 'strict', async (entry) => {
      entry.put('outbox', 'failed', bytes(1));
      entry.conversation = { ...entry.conversation, unread: 9 };
      throw error;
    });

  it('fails alone, and leaves nothing', async () => {
    const error = new KithError('internal');
    const [before, failed, after] = await Promise.allSettled([put('a', bytes(1)), fails(error), put('b', bytes(2))]);
    expect([before.status, after.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(failed).toEqual({ status: 'rejected', reason: error });
    expect(await store.get('outbox', 'failed')).toBeUndefined();
    expect(ledger.conversation(C)?.unread).toBe(0);
    expect(commits).toHaveLength(1);
  });

  it('is heard of only when what it was with is on the disk', async () => {
    const order: string[] = [];
    const commit = store.commit;
    store.commit = async (...args) => {
      await settle();
      order.push('committed');
      await commit(...args);
    };
    await Promise.allSettled([put('a', bytes(1)), fails(new Error('no')).catch(() => order.push('failed'))]);
    expect(order).toEqual(['committed', 'failed']);
  });

  it('on the disk: each of the works is tried alone', async () => {
    const commit = store.commit;
    store.commit = async (writes, durability) => {
      if (writes.some((one) => 'put' in one && one.key === 'large')) throw new KithError('disk-full');
      await commit(writes, durability);
    };
    const results = await Promise.allSettled([put('a', bytes(1)), put('large', bytes(2)), put('b', bytes(3))]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { kind: 'disk-full' } });
    expect((await store.list('outbox')).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('on the disk is not tried again behind the back of whoever was told', async () => {
    disk.commitsUntilFull = 0;
    let tries = 0;
    const work = ledger.transact(C, 'strict', async (entry) => {
      tries += 1;
      entry.put('outbox', 'a', bytes(1));
    });
    await expect(work).rejects.toMatchObject({ kind: 'disk-full' });
    disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await settle();
    expect([tries, commits.length]).toEqual([1, 1]);
  });

  it('on the disk changes nothing in memory', async () => {
    disk.commitsUntilFull = 0;
    const work = ledger.transact(C, 'strict', async (entry) => {
      entry.putMessage(1, text(1, 'lost'));
      entry.conversation = { ...entry.conversation, unread: 1 };
    });
    await expect(work).rejects.toMatchObject({ kind: 'disk-full' });
    expect(events).toEqual([]);
    expect(ledger.conversation(C)?.unread).toBe(0);
    expect(await ledger.get(C, 'messages', messageKey(C, 1))).toBeUndefined();
  });
});

describe('what a work reads', () => {
  const reading = async (works: readonly ((entry: Entry) => void)[], key: string, table: Table = 'outbox') => {
    const made = works.map((work) => ledger.transact(C, 'strict', async (entry) => work(entry)));
    const read = ledger.transact(C, 'strict', (entry) => entry.get(table, key));
    await Promise.all(made);
    return read;
  };

  it('is the newest that was written before it in the same commit, or by itself', async () => {
    const works = [1, 2].map((n) => (entry: Entry) => entry.put('outbox', 'a', bytes(n)));
    expect(await reading(works, 'a')).toEqual(bytes(2));
    const own = ledger.transact(C, 'strict', async (entry) => {
      entry.put('outbox', 'a', bytes(3));
      entry.put('outbox', 'a', bytes(4));
      return entry.get('outbox', 'a');
    });
    expect(await own).toEqual(bytes(4));
  });

  it('is nothing where that was removed, or cleared', async () => {
    await put('a/1', bytes(1));
    expect(await reading([(entry) => entry.remove('outbox', 'a/1')], 'a/1')).toBeUndefined();
    await put('a/1', bytes(1));
    expect(await reading([(entry) => entry.writes.push({ clear: 'outbox', prefix: 'a/' })], 'a/1')).toBeUndefined();
  });

  it('is what the disk has, where others were written, removed or cleared', async () => {
    await put('a/1', bytes(1));
    const others: ((entry: Entry) => void)[] = [
      (entry) => entry.put('outbox', 'a/2', bytes(2)),
      (entry) => entry.put('messages', 'a/1', bytes(2)),
      (entry) => entry.remove('outbox', 'a/2'),
      (entry) => entry.remove('messages', 'a/1'),
      (entry) => entry.writes.push({ clear: 'outbox', prefix: 'b/' }),
      (entry) => entry.writes.push({ clear: 'messages', prefix: 'a/' }),
    ];
    expect(await reading(others, 'a/1')).toEqual(bytes(1));
    await opened();
    expect(await reading([], 'a/1')).toEqual(bytes(1));
  });

  it('is kept from the last commits, and read from the disk otherwise', async () => {
    await put('a', bytes(1));
    let asked = 0;
    const get = store.get.bind(store);
    store.get = (table, key) => {
      asked += 1;
      return get(table, key);
    };
    expect([await reading([], 'a'), await ledger.get(C, 'outbox', 'a')]).toEqual([bytes(1), bytes(1)]);
    expect(asked).toBe(0);
    expect(await ledger.get('another', 'outbox', 'a')).toEqual(bytes(1));
    expect(asked).toBe(1);
  });

  it('is no message where its record cannot be read', async () => {
    await write(1, 'whole');
    await write(2, 'damaged');
    disk.damage('messages', messageKey(C, 2));
    await put(messageKey(C, 3), bytes(1, 2, 3), 'messages');
    await opened();
    const all = await ledger.transact(C, 'strict', (entry) => Promise.all([1, 2, 3, 4].map((at) => entry.message(at))));
    expect(all.map((record) => record?.text)).toEqual(['whole', undefined, undefined, undefined]);
  });

  it('of the message before another, is not one that was just removed', async () => {
    for (const position of [1, 2, 4]) await write(position, `${position}`);
    const earlier = (position: number) => ledger.transact(C, 'strict', (entry) => entry.before(position));
    expect([await earlier(5), await earlier(4), await earlier(1)]).toEqual([4, 2, undefined]);
    const removed = ledger.transact(C, 'strict', async (entry) => entry.remove('messages', messageKey(C, 2)));
    expect(await Promise.all([removed, earlier(4)])).toEqual([undefined, 1]);
    await ledger.open('another', 1, false);
    await ledger.transact('another', 'strict', async (entry) =>
      entry.putMessage(1, text(1, 'in another conversation')),
    );
    expect(await earlier(1)).toBeUndefined();
  });

  it('of what waits for the same commit, is every message, as it was left last', async () => {
    await write(1, 'on the disk');
    const works = [write(2, 'two'), write(3, 'three'), write(2, 'two, mended')];
    const pending = await ledger.transact(C, 'strict', async (entry) => [...entry.pendingMessages()]);
    await Promise.all(works);
    expect(pending.map(([position, record]) => [position, record.text])).toEqual([
      [2, 'two, mended'],
      [3, 'three'],
    ]);
  });
});

describe('a conversation', () => {
  it('is not there before it was opened, and not after it was forgotten', async () => {
    const refused = { kind: 'not-a-contact' };
    const nothing = async () => {};
    expect(ledger.conversation('another')).toBeUndefined();
    await expect(ledger.transact('another', 'strict', nothing)).rejects.toMatchObject(refused);
    ledger.forget(C);
    ledger.forget(C);
    expect(ledger.conversation(C)).toBeUndefined();
    await expect(ledger.transact(C, 'strict', nothing)).rejects.toMatchObject(refused);
  });

  it('that is forgotten refuses what waits', async () => {
    const waiting = [put('a', bytes(1)), put('b', bytes(2))];
    ledger.forget(C);
    const results = await Promise.allSettled(waiting);
    expect(results.map((result) => result.status === 'rejected' && result.reason.kind)).toEqual([
      'not-a-contact',
      'not-a-contact',
    ]);
    expect(commits).toEqual([]);
  });

  it('that is open is not opened again', async () => {
    await ledger.transact(C, 'strict', async (entry) => {
      entry.conversation = { ...entry.conversation, unread: 2 };
    });
    const known = ledger.conversation(C);
    expect(await ledger.open(C, 5, true)).toBe(known);
    expect(ledger.conversation(C)).toBe(known);
  });

  it('that begins where this device came back knows that it may be behind', async () => {
    expect(await ledger.open('new', 5, true)).toMatchObject({ changedAt: 5, resync: 'numbers' });
    expect(ledger.conversation(C)).not.toHaveProperty('resync');
  });
});
