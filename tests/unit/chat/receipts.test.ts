// Read marks: what they say of what has been seen here, and what is taken from theirs.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { messageKey } from '../../../src/core/chat/records.ts';
import type { ChatMessage, FileOffer } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Side } from '../../fixtures/chat-pair.ts';
import { settle } from '../../fixtures/until.ts';

const idOf = (number: number) => {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, number);
  return id;
};
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const offer = (number: number): FileOffer => ({
  fileId: idOf(number),
  key: new Uint8Array(32),
  name: 'plan.pdf',
  mediaType: 'application/pdf',
  size: 5,
  units: 1,
  sha256: new Uint8Array(32),
});

let side: Side;
let said: ChatMessage[];
beforeEach(async () => {
  side = new Side('Ben', new MemoryClock(), 1);
  await side.load();
  said = [];
  await side.chat.attach(C, { send: async (message) => void said.push(message), drained: async () => {} });
});

const conversation = () => side.chat.conversation(C);

describe('what I have seen', () => {
  const text = (number: number) =>
    side.chat.handle(C, { type: 'text', id: idOf(number), seq: number, at: 0, seen: 0, text: `${number}` });
  const file = (number: number) =>
    side.chat.handle(C, { type: 'file', id: idOf(number), seq: number, at: 0, seen: 0, file: offer(number) });
  const arrived = async (...numbers: number[]) => {
    for (const number of numbers) await text(number);
  };
  const complete = (number: number) => side.chat.files.complete(C, toHex(idOf(number)));
  const see = (position: number) => side.chat.markRead(C, position);
  /** The marks that they were told. */
  const marks = () =>
    said.flatMap((message) => (message.type === 'read' ? [{ seq: message.seq, except: message.except }] : []));

  it('is said once, and again only when more was seen', async () => {
    await see(1);
    expect(marks()).toEqual([]);
    await arrived(1, 2, 3);
    await see(2);
    await see(2);
    await see(1);
    expect(marks()).toEqual([{ seq: 2, except: [] }]);
    expect(conversation()).toMatchObject({ readPosition: 2, readSeq: 2, unread: 1 });
    await see(99);
    expect(marks()).toEqual([
      { seq: 2, except: [] },
      { seq: 3, except: [] },
    ]);
    expect(conversation()).toMatchObject({ readPosition: 3, readSeq: 3, unread: 0 });
  });

  it('is not said where that is not wished, and said when it is wished again', async () => {
    side.sendReadReceipts = false;
    await arrived(1);
    await see(1);
    expect(marks()).toEqual([]);
    expect(side.chat.readMark(C)).toEqual({ seq: 1, except: [] });
  });

  it('counts nothing of mine', async () => {
    await arrived(1);
    await side.chat.writing.text(C, 'mine');
    await side.chat.writing.text(C, 'mine as well');
    await arrived(2, 3);
    await see(4);
    expect(conversation()).toMatchObject({ readPosition: 4, readSeq: 2, unread: 1 });
  });

  it('is nothing of theirs when only mine are there', async () => {
    for (const words of ['one', 'two', 'three']) await side.chat.writing.text(C, words);
    await see(3);
    expect(marks()).toEqual([]);
    expect(side.chat.readMark(C)).toEqual({ seq: 0, except: [] });
  });

  it('leaves out, in order, what is missing below it, and not what is missing above it', async () => {
    await arrived(9, 5);
    await arrived(3);
    await see(3);
    expect(side.chat.readMark(C)).toEqual({ seq: 9, except: [1, 2, 4, 6, 7, 8] });
    await arrived(12);
    expect(conversation()?.missing).toEqual([1, 2, 4, 6, 7, 8, 10, 11]);
    expect(side.chat.readMark(C)).toEqual({ seq: 9, except: [1, 2, 4, 6, 7, 8] });
    await arrived(4);
    expect(side.chat.readMark(C)).toEqual({ seq: 9, except: [1, 2, 4, 6, 7, 8] });
  });

  it('leaves out no more than a thousand, the newest', async () => {
    await arrived(1001, 1003);
    await see(2);
    expect(side.chat.readMark(C)).toEqual({ seq: 1003, except: [...range(2, 1000), 1002].slice(-1000) });
    await file(1004);
    await see(3);
    expect(side.chat.readMark(C)).toEqual({ seq: 1004, except: [...range(3, 1000), 1002, 1004] });
  });

  it('is of a file only what is whole', async () => {
    await file(1);
    await arrived(2);
    await see(2);
    expect(side.chat.readMark(C)).toEqual({ seq: 2, except: [1] });
    expect(conversation()?.unseen).toEqual([{ seq: 1, position: 1 }]);
    await see(2);
    expect(conversation()?.unseen).toEqual([{ seq: 1, position: 1 }]);
    await complete(1);
    await see(2);
    expect(side.chat.readMark(C)).toEqual({ seq: 2, except: [] });
    expect(marks()).toEqual([
      { seq: 2, except: [1] },
      { seq: 2, except: [] },
    ]);
  });

  it('is of a whole file what is seen of a text', async () => {
    await file(1);
    await complete(1);
    await see(1);
    expect(side.chat.readMark(C)).toEqual({ seq: 1, except: [] });
    expect(conversation()?.unseen).toEqual([]);
  });

  it('is of a file that came late one thing, not two', async () => {
    await arrived(2);
    await see(1);
    await file(1);
    await see(2);
    expect(conversation()?.unseen).toEqual([{ seq: 1, position: 2 }]);
  });

  it('is not what stands further down, until that is seen', async () => {
    await arrived(3, 4, 2);
    await see(1);
    expect(side.chat.readMark(C)).toEqual({ seq: 3, except: [1, 2] });
    expect(conversation()?.unseen).toEqual([{ seq: 2, position: 3 }]);
    await see(2);
    expect(side.chat.readMark(C)).toEqual({ seq: 4, except: [1, 2] });
    await see(3);
    expect(side.chat.readMark(C)).toEqual({ seq: 4, except: [1] });
    expect(conversation()).toMatchObject({ unread: 0, unseen: [] });
  });

  it('is also what is stored in the same moment', async () => {
    await Promise.all([text(1), text(2), see(1)]);
    expect(conversation()).toMatchObject({ readPosition: 1, readSeq: 1, unread: 1 });
    await Promise.all([complete(3), file(3), see(3)]);
    expect(side.chat.readMark(C)).toEqual({ seq: 3, except: [3] });
    await Promise.all([complete(3), see(3)]);
    expect(side.chat.readMark(C)).toEqual({ seq: 3, except: [] });
  });

  it('is nothing of what cannot be read any more, and what is behind the last cannot be unread', async () => {
    await file(1);
    await arrived(2, 3);
    await see(1);
    expect(conversation()).toMatchObject({ unread: 2, unseen: [{ seq: 1, position: 1 }] });
    side.disk.damage('messages', messageKey(C, 1));
    side.disk.damage('messages', messageKey(C, 2));
    await side.load();
    await see(3);
    expect(conversation()).toMatchObject({ readSeq: 3, unread: 0, unseen: [] });
  });
});

describe('what they have seen', () => {
  const written = async (count: number) => {
    for (let n = 1; n <= count; n += 1) await side.chat.writing.text(C, `${n}`, idOf(n));
    await settle();
    await side.chat.handle(C, { type: 'ack', ids: range(1, count).map(idOf), voids: [] });
  };
  const theyRead = (seq: number, except: number[] = []) => side.chat.handle(C, { type: 'read', seq, except });
  const read = async () => (await side.states()).flatMap((state, index) => (state === 'read' ? [index + 1] : []));

  it('is everything up to the mark, and not what the mark leaves out', async () => {
    await written(5);
    await theyRead(4, [2]);
    expect(await read()).toEqual([1, 3, 4]);
    expect(conversation()).toMatchObject({ peerReadSeq: 4, peerReadExcept: [2], nextSeq: 6 });
  });

  it('is what a mark leaves out no more', async () => {
    await written(5);
    await theyRead(4, [1, 3]);
    await theyRead(4, [3]);
    expect(await read()).toEqual([1, 2, 4]);
    await theyRead(5);
    expect(await read()).toEqual([1, 2, 3, 4, 5]);
    expect(conversation()).toMatchObject({ peerReadSeq: 5, peerReadExcept: [] });
  });

  it('is never less than it was', async () => {
    await written(3);
    await theyRead(3, [1]);
    await theyRead(2);
    expect(await read()).toEqual([2, 3]);
    expect(conversation()).toMatchObject({ peerReadSeq: 3, peerReadExcept: [1] });
  });

  it('goes back as far as it must, among many and past theirs', async () => {
    await side.chat.handle(C, { type: 'text', id: idOf(9999), seq: 1, at: 0, seen: 0, text: 'theirs' });
    await written(60);
    for (let n = 61; n <= 520; n += 1) await side.chat.writing.text(C, `${n}`, idOf(n));
    for (let from = 61; from <= 520; from += 60) {
      await settle();
      await side.chat.handle(C, { type: 'ack', ids: range(from, Math.min(520, from + 59)).map(idOf), voids: [] });
    }
    await theyRead(519);
    expect(await read()).toEqual(range(1, 519));
  });

  it('is nothing that was not acknowledged before the mark came', async () => {
    await written(2);
    await side.chat.writing.text(C, '3', idOf(3));
    await side.chat.writing.text(C, '4', idOf(4));
    await settle();
    await theyRead(3, [1]);
    expect(conversation()?.peerReadExcept).toEqual([1, 3]);
    await side.chat.handle(C, { type: 'ack', ids: [idOf(3), idOf(4)], voids: [] });
    expect(await side.states()).toEqual(['delivered', 'read', 'delivered', 'delivered']);
    await theyRead(3);
    expect(await side.states()).toEqual(['read', 'read', 'read', 'delivered']);
  });

  it('may be more than I wrote, in a database that was put back: those numbers are not given again', async () => {
    await written(1);
    await theyRead(1);
    expect(conversation()?.nextSeq).toBe(2);
    await theyRead(2);
    expect(conversation()?.nextSeq).toBe(3);
    await theyRead(3 + 999_999);
    expect(conversation()?.nextSeq).toBe(1_000_003);
  });

  it('is not taken for more than any honest mark is ahead', async () => {
    await written(1);
    await theyRead(2 + 1_000_000);
    expect(conversation()?.nextSeq).toBe(2);
  });

  it('leaves out no more than a thousand, the newest', async () => {
    await written(1);
    await side.chat.writing.text(C, '2', idOf(2));
    await settle();
    await theyRead(2000, range(1001, 2000));
    expect(conversation()?.peerReadExcept).toEqual([...range(1002, 2000), 2]);
  });

  it('is also what is acknowledged in the same moment', async () => {
    await side.chat.writing.text(C, '1', idOf(1));
    await settle();
    await Promise.all([side.chat.handle(C, { type: 'ack', ids: [idOf(1)], voids: [] }), theyRead(1)]);
    expect(await read()).toEqual([1]);
  });
});
