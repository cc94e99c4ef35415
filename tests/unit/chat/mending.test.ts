// What the model of delivery found, each alone: a record that cannot be read must not hold up the rest, and nothing is claimed that is
// not so after a message was given up, sent once more, or written twice under one number by a database that was put back.
import { beforeEach, describe, expect, it } from 'vitest';
import { outboxKey } from '../../../src/core/chat/records.ts';
import { CONVERSATION as C, Pair, until } from '../../fixtures/chat-pair.ts';

const MINUTE = 60_000;

let pair: Pair;
beforeEach(async () => {
  pair = new Pair();
  await pair.load();
});

const settled = (states: string[]) => until(async () => (await pair.ana.states()).join() === states.join());
const arrived = (count: number) => until(async () => (await pair.ben.texts('in')).length === count);
const isRead = async () => (await pair.ana.states())[0] === 'read';

async function readAll(): Promise<void> {
  const [last] = await pair.ben.chat.stored.list(C, null, 1);
  await pair.ben.chat.markRead(C, last?.position ?? 0);
}

/** Written at Ana, and given up by the expiry that she chose. */
async function expired(text: string): Promise<string> {
  const id = await pair.ana.chat.writing.text(C, text);
  await pair.ana.chat.housekeeping.setGiveUpAfter(C, MINUTE);
  await pair.clock.advance(2 * MINUTE);
  await pair.ana.chat.housekeeping.expireDue(C);
  await pair.ana.chat.housekeeping.setGiveUpAfter(C, 0);
  return id;
}

describe('a damaged record', () => {
  it('in the outbox: its message is sent all the same, in its place', async () => {
    for (const text of ['one', 'two', 'three']) await pair.ana.chat.writing.text(C, text);
    pair.ana.disk.damage('outbox', outboxKey(C, 2));
    await pair.connect();
    await settled(['delivered', 'delivered', 'delivered']);
    expect(await pair.ben.texts('in')).toEqual(['one', 'two', 'three']);
  });

  it('in the outbox, and no room to write it anew: the others are sent', async () => {
    for (const text of ['one', 'two']) await pair.ana.chat.writing.text(C, text);
    pair.ana.disk.damage('outbox', outboxKey(C, 1));
    pair.ana.disk.commitsUntilFull = 0;
    await pair.connect();
    await arrived(1);
    expect(await pair.ben.texts('in')).toEqual(['two']);
    pair.ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await pair.connect();
    await settled(['delivered', 'delivered']);
  });

  it('in the index of its writer: the acknowledgement finds the message', async () => {
    const id = await pair.ana.chat.writing.text(C, 'hello');
    pair.ana.disk.damage('message-keys', `${C}/${id}`);
    await pair.ana.load();
    await pair.connect();
    await settled(['delivered']);
    expect(await pair.ana.store.count('outbox')).toBe(0);
    expect(pair.ana.disk.damaged.size).toBe(0);
  });

  it('in the index and the message itself: a void takes its place, and the session goes on', async () => {
    const id = await pair.ana.chat.writing.text(C, 'gone');
    pair.ana.disk.damage('message-keys', `${C}/${id}`);
    pair.ana.disk.damage('messages', `${C}/000000000001`);
    await pair.ana.load();
    const { benSent } = await pair.connect();
    await until(() => benSent.some((said) => said.type === 'ack' && said.voids.length === 1));
    await expect(pair.ana.chat.handle(C, benSent.find(({ type }) => type === 'ack')!)).resolves.toBeUndefined();
    await pair.ana.chat.writing.text(C, 'next');
    await arrived(1);
    expect(pair.ben.chat.conversation(C)?.missing).toEqual([]);
  });

  it('in the index of its reader, and no room to write it anew: what is there is not refused', async () => {
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    const id = await pair.ana.chat.writing.text(C, 'hello');
    await arrived(1);
    pair.ben.disk.damage('message-keys', `${C}/${id}`);
    await pair.ben.load();
    pair.ben.disk.commitsUntilFull = 0;
    pair.drops = () => false;
    await pair.connect();
    await settled(['delivered']);
    await pair.ana.chat.writing.text(C, 'no room');
    await settled(['delivered', 'dropped']);
  });

  it('in the index of its reader: it is known when it comes again', async () => {
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    const id = await pair.ana.chat.writing.text(C, 'once');
    await arrived(1);
    pair.disconnect();
    pair.ben.disk.damage('message-keys', `${C}/${id}`);
    await pair.ben.load();
    pair.drops = () => false;
    await pair.connect();
    await settled(['delivered']);
    expect(await pair.ben.texts('in')).toEqual(['once']);
  });

  it('in the index, where only a void had come: what is sent after all is stored before it is acknowledged', async () => {
    const id = await expired('after all');
    await pair.connect();
    await until(() => pair.ben.disk.written.get('message-keys')?.has(`${C}/${id}`) === true);
    pair.disconnect();
    pair.ben.disk.damage('message-keys', `${C}/${id}`);
    await pair.ben.load();
    await pair.ana.chat.writing.retry(C, id);
    await pair.connect();
    await settled(['delivered']);
    expect(await pair.ben.texts('in')).toEqual(['after all']);
  });
});

describe('given up', () => {
  it('an expired message that had arrived is delivered after all', async () => {
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    await expired('there');
    await arrived(1);
    await settled(['dropped']);
    pair.drops = () => false;
    await pair.connect();
    await settled(['delivered']);
  });

  it('a file that was stopped before its offer arrived leaves no gap', async () => {
    pair.drops = (message) => message.type === 'file';
    await pair.connect();
    const fileId = new Uint8Array(16).fill(9);
    const sealed = { key: new Uint8Array(32), size: 1, units: 1, sha256: new Uint8Array(32) };
    const id = await pair.ana.chat.writing.file(C, { fileId, name: 'a', mediaType: 'text/plain', ...sealed });
    await settled(['sent']);
    expect(await pair.ana.chat.files.stop(C, id, 'file-cancelled')).toBe(true);
    await pair.ana.chat.writing.text(C, 'next');
    await arrived(1);
    expect(pair.ben.chat.conversation(C)?.missing).toEqual([1]);
    await pair.connect();
    await until(() => pair.ben.chat.conversation(C)?.missing.length === 0);
    await settled(['dropped', 'delivered']);
  });
});

describe('a read mark', () => {
  it('that passed a message while it was given up says nothing of it when it is sent after all', async () => {
    const id = await expired('later');
    await pair.connect();
    await pair.ana.chat.writing.text(C, 'now');
    await arrived(1);
    await readAll();
    await settled(['dropped', 'read']);
    await pair.ana.chat.writing.retry(C, id);
    await settled(['delivered', 'read']);
    await readAll();
    await settled(['read', 'read']);
  });

  it('that comes while it is under way once more says nothing of it either', async () => {
    const id = await expired('later');
    await pair.connect();
    await pair.ana.chat.writing.text(C, 'now');
    await arrived(1);
    pair.disconnect();
    await pair.ana.chat.writing.retry(C, id);
    await readAll();
    await pair.ana.chat.peerRead(C, pair.ben.chat.readMark(C));
    await pair.connect();
    await settled(['delivered', 'read']);
  });

  it('does not pass what stands further down, however small its number', async () => {
    const id = await expired('later');
    await pair.connect();
    for (const text of ['one', 'two']) await pair.ana.chat.writing.text(C, text);
    await arrived(2);
    await pair.ana.chat.writing.retry(C, id);
    await arrived(3);
    await pair.ben.chat.markRead(C, 2);
    await settled(['delivered', 'read', 'read']);
  });

  it('is repeated with the acknowledgement of what had been read before it was heard of', async () => {
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    await pair.ana.chat.writing.text(C, 'hello');
    await arrived(1);
    pair.disconnect();
    await readAll();
    await pair.ana.chat.peerRead(C, pair.ben.chat.readMark(C));
    expect(await pair.ana.states()).toEqual(['sent']);
    pair.drops = () => false;
    await pair.connect();
    await until(isRead);
  });

  it('for numbers of a database that was put back: they are not taken for the messages that have them now', async () => {
    await pair.connect();
    const before = new Map([...pair.ana.disk.durable].map(([table, rows]) => [table, new Map(rows)]));
    for (const text of ['one', 'two', 'three']) await pair.ana.chat.writing.text(C, text);
    await arrived(3);
    await readAll();
    await settled(['read', 'read', 'read']);
    pair.disconnect();
    pair.ana.disk.durable = before;
    pair.ana.disk.crash();
    await pair.ana.load();
    await pair.ana.chat.writing.text(C, 'after the return');
    await pair.ana.chat.peerRead(C, pair.ben.chat.readMark(C));
    await pair.connect();
    await settled(['delivered']);
    expect(await pair.ben.texts('in')).toEqual(['one', 'two', 'three', 'after the return']);
    // Numbers that they know are not given again.
    expect(pair.ana.chat.conversation(C)?.nextSeq).toBe(4);
  });
});

describe('a full disk at the writer', () => {
  it('ends no session: what is acknowledged is noted when there is room again, and what waits behind it goes', async () => {
    await pair.ana.chat.writing.text(C, 'one');
    await pair.ana.chat.writing.text(C, 'two');
    pair.ana.disk.commitsUntilFull = 0;
    const { anaSent } = await pair.connect();
    await arrived(2);
    const acks = [{ type: 'ack' as const, ids: anaSent.flatMap((said) => ('id' in said ? [said.id] : [])), voids: [] }];
    for (const ack of acks) await expect(pair.ana.chat.handle(C, ack)).resolves.toBeUndefined();
    await expect(pair.ana.chat.peerRead(C, { seq: 1, except: [] })).resolves.toBeUndefined();
    expect(await pair.ana.states()).toEqual(['queued', 'queued']);
    pair.ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await pair.clock.advance(15_000);
    await until(async () => !(await pair.ana.states()).includes('queued'));
    expect(await pair.ana.store.count('outbox')).toBe(0);
  });
});
