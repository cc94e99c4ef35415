// What a contact sends: stored as it was said, once, with an account of what is missing, and answered by what is on the disk.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import type { ChatMessage, FileOffer } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Side } from '../../fixtures/chat-pair.ts';
import { settle } from '../../fixtures/until.ts';

const clock = new MemoryClock();
const idOf = (fill: number) => new Uint8Array(16).fill(fill);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

const text = (fill: number, seq: number, words = `text ${fill}`) =>
  ({ type: 'text', id: idOf(fill), seq, at: 5, seen: 7, text: words }) as const;
const voided = (fill: number, seq: number) => ({ type: 'void', id: idOf(fill), seq }) as const;
const offer = (fill: number): FileOffer => ({
  fileId: idOf(fill),
  key: new Uint8Array(32).fill(1),
  name: 'plan.pdf',
  mediaType: 'application/pdf',
  size: 70_000,
  units: 2,
  sha256: new Uint8Array(32).fill(2),
});
const file = (fill: number, seq: number) =>
  ({ type: 'file', id: idOf(fill), seq, at: 5, seen: 7, file: offer(fill) }) as const;
const ack = (...ids: number[]): ChatMessage => ({ type: 'ack', ids: ids.map(idOf), voids: [] });
const ackOfVoid = (...ids: number[]): ChatMessage => ({ type: 'ack', ids: [], voids: ids.map(idOf) });

let ben: Side;
let said: ChatMessage[];
beforeEach(async () => {
  ben = new Side('Ben', clock, 1);
  await ben.load();
  said = [];
  await ben.chat.attach(C, { send: async (message) => void said.push(message), drained: async () => {} });
});

/** Ben hears this, and answers. */
async function heard(...messages: ChatMessage[]): Promise<ChatMessage[]> {
  said.length = 0;
  for (const message of messages) await ben.chat.handle(C, message);
  await settle();
  return [...said];
}
const conversation = () => ben.chat.conversation(C);
const messageOf = async (fill: number) => (await ben.chat.stored.message(C, toHex(idOf(fill))))?.record;

describe('what is new', () => {
  it('a text is stored as it was said, and acknowledged', async () => {
    expect(await heard(text(1, 1, 'hello'))).toEqual([ack(1)]);
    expect(await ben.chat.stored.list(C, null, 10)).toEqual([
      {
        position: 1,
        record: {
          v: 1,
          id: idOf(1),
          direction: 'in',
          seq: 1,
          seen: 7,
          at: clock.now(),
          sentAt: 5,
          text: 'hello',
          state: 'delivered',
          everSent: true,
          missingBefore: 0,
        },
      },
    ]);
    expect(conversation()).toMatchObject({
      nextPosition: 2,
      lastPosition: 1,
      changedAt: clock.now(),
      unread: 1,
      unseen: [],
      peerSeq: 1,
      nextSeq: 1,
    });
  });

  it('a file is expected, and not acknowledged before it is there', async () => {
    expect(await heard(file(2, 1))).toEqual([]);
    expect(ben.filesExpected).toEqual([offer(2)]);
    expect(await messageOf(2)).toMatchObject({ text: '', file: offer(2), fileState: 'waiting' });
    await ben.chat.files.complete(C, toHex(idOf(2)));
    await settle();
    expect(said).toEqual([ack(2)]);
  });

  it('what one commit stored is acknowledged in one message', async () => {
    await Promise.all([text(1, 1), text(2, 2), voided(3, 3)].map((message) => ben.chat.handle(C, message)));
    await settle();
    expect(said).toEqual([{ type: 'ack', ids: [idOf(1), idOf(2)], voids: [idOf(3)] }]);
    expect(await heard(text(4, 4))).toEqual([ack(4)]);
  });

  it('a file of the largest size that is taken is expected, a larger one is refused', async () => {
    ben.maxFileBytes = 70_000;
    expect(await heard(file(1, 1))).toEqual([]);
    ben.maxFileBytes = 69_999;
    expect(await heard(file(2, 2))).toEqual([{ type: 'refuse', id: idOf(2), reason: 'too-large' }]);
    expect(ben.filesExpected).toEqual([offer(1)]);
  });
});

describe('what is missing', () => {
  it('are the numbers that were skipped, until they come', async () => {
    await heard(text(1, 4));
    expect(conversation()).toMatchObject({ peerSeq: 4, missing: [1, 2, 3] });
    expect((await messageOf(1))?.missingBefore).toBe(3);
    await heard(text(2, 2), text(3, 2), text(4, 4));
    expect(conversation()).toMatchObject({ peerSeq: 4, missing: [1, 3] });
    expect((await messageOf(2))?.missingBefore).toBe(0);
    await heard(voided(5, 3), text(6, 6));
    expect(conversation()).toMatchObject({ peerSeq: 6, missing: [1, 5] });
    expect((await messageOf(6))?.missingBefore).toBe(1);
  });

  it('of a jump beyond a thousand, the last thousand', async () => {
    await heard(text(1, 1001));
    expect(conversation()?.missing).toEqual(range(1, 1000));
    expect((await messageOf(1))?.missingBefore).toBe(1000);
    await heard(text(2, 3001));
    expect(conversation()?.missing).toEqual(range(2001, 3000));
    expect((await messageOf(2))?.missingBefore).toBe(1000);
    await heard(text(3, 3003));
    expect(conversation()?.missing).toEqual([...range(2002, 3000), 3002]);
  });

  it('is filled by a message that comes again under another number', async () => {
    await heard(text(1, 1), text(2, 3));
    expect(await heard(text(1, 2))).toEqual([ack(1)]);
    expect(conversation()?.missing).toEqual([]);
    expect(await ben.texts('in')).toEqual(['text 1', 'text 2']);
  });
});

describe('what comes again', () => {
  it('a text is acknowledged again, and there once', async () => {
    await heard(text(1, 1));
    const before = conversation();
    expect(await heard(text(1, 1, 'something else'))).toEqual([ack(1)]);
    expect(await ben.texts('in')).toEqual(['text 1']);
    expect(conversation()).toBe(before);
  });

  it('is followed by the read mark, for those who had not heard that it is here', async () => {
    await heard(text(1, 1));
    await ben.chat.markRead(C, 1);
    const mark = { type: 'read', seq: 1, except: [] };
    expect(await heard(text(1, 1))).toEqual([ack(1), mark]);
    expect(await heard(text(2, 2))).toEqual([ack(2)]);
    ben.sendReadReceipts = false;
    expect(await heard(text(1, 1))).toEqual([ack(1)]);
  });

  it('a file that waits is expected again, as it was offered first', async () => {
    await heard(file(1, 1));
    const changes = ben.events.length;
    await heard({ ...file(1, 1), file: { ...offer(1), name: 'another.pdf' } });
    expect(ben.filesExpected).toEqual([offer(1), offer(1)]);
    expect(ben.events).toHaveLength(changes);
  });

  it('a file that had failed waits again', async () => {
    await heard(file(1, 1));
    await ben.chat.files.stop(C, toHex(idOf(1)), 'file-cancelled');
    expect(await messageOf(1)).toMatchObject({ fileState: 'failed', fileError: 'file-cancelled' });
    expect(await heard(file(1, 1))).toEqual([]);
    expect(ben.filesExpected).toHaveLength(2);
    expect(await messageOf(1)).toMatchObject({ fileState: 'waiting', state: 'delivered' });
    expect(await messageOf(1)).not.toHaveProperty('fileError');
  });

  it('a file that is complete is acknowledged, and not expected', async () => {
    await heard(file(1, 1));
    await ben.chat.files.complete(C, toHex(idOf(1)));
    expect(await heard(file(1, 1))).toEqual([ack(1)]);
    expect(ben.filesExpected).toHaveLength(1);
    expect(ben.filesUnwanted).toEqual([]);
  });

  it('a file whose message was cleared is not wanted', async () => {
    await heard(file(1, 1));
    await ben.chat.housekeeping.clear(C);
    expect(await heard(file(1, 1))).toEqual([]);
    expect(ben.filesUnwanted).toEqual([idOf(1)]);
    expect(ben.filesExpected).toHaveLength(1);
  });

  it('a file under the id of a text, or of a file of mine, is not wanted', async () => {
    await heard(text(1, 1));
    await ben.chat.writing.file(C, offer(2));
    await heard(file(1, 2), file(2, 3));
    expect(ben.filesUnwanted).toEqual([idOf(1), idOf(2)]);
    expect(ben.filesExpected).toEqual([]);
    expect((await messageOf(2))?.direction).toBe('out');
  });
});

describe('a void', () => {
  it('takes the place of what never comes, and is acknowledged as one, however often', async () => {
    expect(await heard(voided(1, 2))).toEqual([ackOfVoid(1)]);
    expect(conversation()).toMatchObject({ peerSeq: 2, missing: [1], unread: 0, nextPosition: 1 });
    expect(await heard(voided(1, 3))).toEqual([ackOfVoid(1)]);
    expect(conversation()).toMatchObject({ peerSeq: 2, missing: [1] });
  });

  it('gives way to the message, when that is sent after all', async () => {
    await heard(voided(1, 1));
    expect(await heard(text(1, 1))).toEqual([ack(1)]);
    expect(await ben.texts('in')).toEqual(['text 1']);
    expect(await heard(text(1, 1))).toEqual([ack(1)]);
    expect(await ben.texts('in')).toEqual(['text 1']);
  });

  it('for what is here acknowledges that instead, of a file only when all of it is', async () => {
    await heard(text(1, 1), file(2, 2));
    expect(await heard(voided(1, 1))).toEqual([ack(1)]);
    expect(await heard(voided(2, 2))).toEqual([ackOfVoid(2)]);
    await ben.chat.files.complete(C, toHex(idOf(2)));
    expect(await heard(voided(2, 2))).toEqual([ack(2)]);
    await ben.chat.housekeeping.clear(C);
    expect(await heard(voided(1, 1))).toEqual([ackOfVoid(1)]);
  });

  it('for a file that is whole, of which its message has not heard, acknowledges that, and the message hears of it', async () => {
    await heard(file(1, 1), file(2, 2));
    // Of somebody else.
    ben.filesWhole.add(`another ${toHex(idOf(2))}`);
    ben.filesWhole.add(`${C} ${toHex(idOf(1))}`);
    expect(await heard(voided(2, 2))).toEqual([ackOfVoid(2)]);
    expect(await heard(voided(1, 1))).toEqual([ack(1)]);
    expect([(await messageOf(1))?.fileState, (await messageOf(2))?.fileState]).toEqual(['complete', 'waiting']);
  });

  it('for a file that is whole, of which the full disk takes no note, says that there is no room; asked again when there is, that it is here', async () => {
    await heard(file(1, 1));
    ben.filesWhole.add(`${C} ${toHex(idOf(1))}`);
    ben.disk.commitsUntilFull = 0;
    expect(await heard(voided(1, 1))).toEqual([{ type: 'refuse', id: idOf(1), reason: 'disk-full' }]);
    ben.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    expect(await heard(voided(1, 1))).toEqual([ack(1)]);
    expect((await messageOf(1))?.fileState).toBe('complete');
  });

  it('for a file of mine, which is whole here, says nothing of it', async () => {
    await ben.chat.writing.file(C, offer(1));
    ben.filesWhole.add(`${C} ${toHex(idOf(1))}`);
    expect(await heard(voided(1, 1))).toEqual([ackOfVoid(1)]);
    expect((await messageOf(1))?.fileState).toBe('waiting');
  });

  it('for something of mine says nothing of it', async () => {
    await ben.chat.writing.text(C, 'mine', idOf(1));
    expect(await heard(voided(1, 1))).toEqual([ackOfVoid(1)]);
    expect(conversation()?.peerSeq).toBe(0);
  });
});

describe('what comes late', () => {
  it('is not read for having a small number, until it is seen', async () => {
    await heard(text(2, 2));
    await ben.chat.markRead(C, 1);
    await heard(text(1, 1), text(3, 3));
    expect(conversation()?.unseen).toEqual([{ seq: 1, position: 2 }]);
    expect(ben.chat.readMark(C)).toEqual({ seq: 2, except: [1] });
    await ben.chat.markRead(C, 2);
    expect(ben.chat.readMark(C)).toEqual({ seq: 2, except: [] });
  });

  it('nor under the very number that was read', async () => {
    await heard(text(1, 1));
    await ben.chat.markRead(C, 1);
    await heard(text(2, 1));
    expect(ben.chat.readMark(C)).toEqual({ seq: 1, except: [1] });
  });
});
