// How a file ends, as its message tells it: with a reason of its own at either side, and never after it has ended already.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { withFailedFile } from '../../../src/core/chat/file-messages.ts';
import type { MessageRecord, StoredDropReason } from '../../../src/core/chat/records.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Side } from '../../fixtures/chat-pair.ts';
import { hexOf, idOf, planOf } from '../../fixtures/chat-plan.ts';
import { settle } from '../../fixtures/until.ts';

const theirs = (fill: number) =>
  ({ type: 'file', id: idOf(fill), seq: fill, at: 0, seen: 0, file: planOf(fill) }) as const;

let ana: Side;
let sent: ChatMessage[];
beforeEach(async () => {
  ana = new Side('Ana', new MemoryClock(), 1);
  await ana.load();
  sent = [];
  await ana.chat.attach(C, { send: async (message) => void sent.push(message), drained: async () => {} });
});

const messageOf = async (fill: number) => (await ana.chat.stored.message(C, hexOf(fill)))?.record;
const waiting = () => ana.store.count('outbox');
const sendFile = async (fill: number) => {
  await ana.chat.writing.file(C, planOf(fill));
  await settle();
};
const stop = (fill: number, error = 'file-cancelled') => ana.chat.files.stop(C, hexOf(fill), error);
const refused = (fill: number, reason: MessageRecord['reason'], error: string) =>
  ana.chat.files.refused(C, hexOf(fill), reason, error);
const complete = (fill: number) => ana.chat.files.complete(C, hexOf(fill));
const offers = () => sent.filter(({ type }) => type === 'file').length;
const durable = () => ana.disk.durable.get('messages')?.size ?? 0;

it.each<[StoredDropReason, string]>([
  ['cancelled', 'file-cancelled'],
  ['declined', 'file-cancelled'],
  ['blocked', 'blocked'],
  ['not-a-contact', 'not-a-contact'],
  ['too-large', 'file-too-large'],
  ['disk-full', 'disk-full'],
  ['expired', 'expired'],
  ['damaged', 'file-hash-mismatch'],
])('dropped as %s, it failed with %s', async (reason, fileError) => {
  await sendFile(1);
  const record = { ...(await messageOf(1))!, state: 'dropped' as const, reason };
  expect(withFailedFile(record)).toEqual({ ...record, fileState: 'failed', fileError });
  const { file: _, ...text } = record;
  expect(withFailedFile(text)).toBe(text);
  const { reason: __, ...kept } = record;
  expect(withFailedFile(kept)).toBe(kept);
});

describe('stopped here', () => {
  it('mine is dropped as cancelled, and stays in the outbox for the void in its place', async () => {
    await sendFile(1);
    expect(await stop(1, 'file-unreadable')).toBe(true);
    expect(await messageOf(1)).toMatchObject({
      state: 'dropped',
      reason: 'cancelled',
      fileState: 'failed',
      fileError: 'file-unreadable',
    });
    expect(await waiting()).toBe(1);
    expect(await stop(1)).toBe(false);
    expect((await messageOf(1))?.fileError).toBe('file-unreadable');
  });

  it('theirs has failed, and was delivered all the same', async () => {
    await ana.chat.handle(C, theirs(1));
    expect(await stop(1)).toBe(true);
    expect(await messageOf(1)).toMatchObject({ state: 'delivered', fileState: 'failed', fileError: 'file-cancelled' });
    expect(await messageOf(1)).not.toHaveProperty('reason');
  });

  it('is nothing for a text, for what is complete, and for what is not there', async () => {
    await ana.chat.writing.text(C, 'text', idOf(1));
    await sendFile(2);
    await complete(2);
    expect([await stop(1), await stop(2), await stop(3)]).toEqual([false, false, false]);
    expect(await ana.states()).toEqual(['sent', 'delivered']);
  });
});

describe('ended by them', () => {
  it('mine is dropped with their reason, and leaves the outbox', async () => {
    await sendFile(1);
    expect(await refused(1, 'declined', 'file-cancelled')).toBe(true);
    expect(await messageOf(1)).toMatchObject({
      state: 'dropped',
      reason: 'declined',
      fileState: 'failed',
      fileError: 'file-cancelled',
    });
    expect(await waiting()).toBe(0);
    await ana.chat.writing.retry(C, hexOf(1));
    await settle();
    expect(offers()).toBe(2);
  });

  it('without a reason, mine has failed and still waits to be delivered', async () => {
    await sendFile(1);
    expect(await refused(1, undefined, 'file-hash-mismatch')).toBe(true);
    expect(await messageOf(1)).toMatchObject({ state: 'sent', fileState: 'failed', fileError: 'file-hash-mismatch' });
    expect(await waiting()).toBe(1);
  });

  it('theirs has failed, whatever the reason', async () => {
    await ana.chat.handle(C, theirs(1));
    await sendFile(2);
    expect(await refused(1, 'declined', 'file-cancelled')).toBe(true);
    expect(await messageOf(1)).toMatchObject({ state: 'delivered', fileState: 'failed', fileError: 'file-cancelled' });
    expect(await waiting()).toBe(1);
  });

  it('is nothing for a text, for what has ended already, and for what is not there', async () => {
    await ana.chat.writing.text(C, 'text', idOf(1));
    await sendFile(2);
    await stop(2);
    for (const fill of [1, 2, 3]) expect(await refused(fill, 'damaged', 'file-hash-mismatch')).toBe(false);
    expect((await messageOf(1))?.state).toBe('sent');
    expect((await messageOf(2))?.reason).toBe('cancelled');
  });
});

describe('complete', () => {
  it('mine is delivered, by whichever word of theirs comes first', async () => {
    await sendFile(1);
    await sendFile(2);
    await complete(1);
    expect(await messageOf(1)).toMatchObject({ state: 'delivered', fileState: 'complete' });
    expect(await waiting()).toBe(1);
    await ana.chat.handle(C, { type: 'ack', ids: [idOf(2)], voids: [] });
    expect(await messageOf(2)).toMatchObject({ state: 'delivered', fileState: 'complete' });
    expect(await waiting()).toBe(0);
  });

  it('theirs is acknowledged, as soon as that is on the disk', async () => {
    await ana.chat.handle(C, theirs(1));
    await stop(1);
    await complete(1);
    await settle();
    expect(sent).toEqual([{ type: 'ack', ids: [idOf(1)], voids: [] }]);
    expect(await messageOf(1)).toMatchObject({ state: 'delivered', fileState: 'complete' });
    expect(await messageOf(1)).not.toHaveProperty('fileError');
    ana.disk.crash();
    await ana.load();
    expect((await messageOf(1))?.fileState).toBe('complete');
  });

  it('theirs is not acknowledged where there is no room, and no text is', async () => {
    await ana.chat.handle(C, theirs(1));
    ana.disk.commitsUntilFull = 0;
    await expect(complete(1)).rejects.toMatchObject({ kind: 'disk-full' });
    ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await ana.chat.handle(C, { type: 'text', id: idOf(2), seq: 2, at: 0, seen: 0, text: 'text' });
    await settle();
    sent.length = 0;
    await complete(2);
    await complete(3);
    await settle();
    expect(sent).toEqual([]);
  });

  it('every end is on the disk before it is told', async () => {
    await sendFile(1);
    await sendFile(2);
    await stop(1);
    await refused(2, 'declined', 'file-cancelled');
    ana.disk.crash();
    expect(durable()).toBe(2);
    await ana.load();
    expect(await ana.states()).toEqual(['dropped', 'dropped']);
  });
});
