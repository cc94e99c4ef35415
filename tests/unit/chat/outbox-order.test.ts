// The outbox of one session: what it hands to the link, in which order, how much at once, and what it tells of it.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../src/adapters/memory/store.ts';
import { Outbox } from '../../../src/core/chat/outbox.ts';
import {
  encodeMessage,
  encodeOutbox,
  type MessageRecord,
  messageKey,
  outboxKey,
} from '../../../src/core/chat/records.ts';
import { KithError } from '../../../src/core/errors.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { idOf, planOf } from '../../fixtures/chat-plan.ts';
import { settle } from '../../fixtures/until.ts';

const C = 'c0ffee';
const WINDOW = 262_144;

const text = (seq: number, words = `${seq}`, more: Partial<MessageRecord> = {}): MessageRecord => ({
  v: 1,
  id: idOf(seq),
  direction: 'out',
  seq,
  seen: 4,
  at: 1,
  sentAt: 2,
  text: words,
  state: 'queued',
  everSent: false,
  missingBefore: 0,
  ...more,
});
const file = (seq: number) => text(seq, '', { file: planOf(seq), fileState: 'waiting' });
/** Its place stands a hundred further up than its number, so that neither is taken for the other. */
const place = ({ id, seq }: MessageRecord) => ({ id, seq, position: seq + 100 });

let store: MemoryStore;
let outbox: Outbox;
let sent: ChatMessage[];
let handed: number[];
/** What the outbox asked the link to have at most, and what lets it go on. */
let drains: number[];
let gate: Promise<void> | undefined;
beforeEach(async () => {
  store = new MemoryStore();
  [sent, handed, drains, gate] = [[], [], [], undefined];
  outbox = outboxOf();
});

function outboxOf(send: (message: ChatMessage) => Promise<void> = async (message) => void sent.push(message)): Outbox {
  const drained = async (bytes: number) => {
    drains.push(bytes);
    await gate;
  };
  return new Outbox(C, store, { send, drained }, { handed: (position) => void handed.push(position) });
}

const written = (...records: readonly MessageRecord[]) =>
  store.commit(
    records.flatMap((record) => [
      { put: 'outbox', key: outboxKey(C, record.seq), value: encodeOutbox(place(record)) } as const,
      { put: 'messages', key: messageKey(C, place(record).position), value: encodeMessage(record) } as const,
    ]),
    'strict',
  );
const add = (...records: readonly MessageRecord[]) => {
  for (const record of records) outbox.add(place(record), record);
  return settle();
};
/** A link that takes nothing until it is let. */
function blocked(): () => Promise<void> {
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  return () => {
    gate = undefined;
    open();
    return settle();
  };
}
const numbers = () => sent.map((message) => ('seq' in message ? message.seq : 0));
const words = () => sent.map((message) => ('text' in message ? message.text : message.type));

describe('what is sent', () => {
  it('is the message as it was written', async () => {
    await outbox.start();
    await add(text(1, 'hello'), file(2));
    const envelope = { at: 2, seen: 4 };
    expect(sent).toEqual([
      { type: 'text', id: idOf(1), seq: 1, ...envelope, text: 'hello' },
      { type: 'file', id: idOf(2), seq: 2, ...envelope, file: planOf(2) },
    ]);
    expect(handed).toEqual([101, 102]);
    expect(drains).toEqual([WINDOW, WINDOW]);
  });

  it('is a void for what was given up here or is not there, and nothing for what has ended otherwise', async () => {
    await written(
      text(1, '1', { state: 'dropped', reason: 'cancelled' }),
      text(2, '2', { state: 'dropped', reason: 'blocked' }),
      text(3, '3', { state: 'delivered' }),
      text(4, '4', { state: 'sent', everSent: true }),
    );
    await outbox.start();
    await settle();
    outbox.add(place(text(5)));
    await settle();
    expect(sent).toEqual([
      { type: 'void', id: idOf(1), seq: 1 },
      expect.objectContaining({ type: 'text', seq: 4 }),
      { type: 'void', id: idOf(5), seq: 5 },
    ]);
    // It had been handed over before.
    expect(handed).toEqual([]);
    expect([1, 2, 3, 4, 5].map((seq) => outbox.settled(idOf(seq)))).toEqual([
      'void',
      undefined,
      undefined,
      'text',
      'void',
    ]);
  });

  it('is what the disk holds for this contact, without the rows that cannot be read', async () => {
    await written(text(1), text(2));
    await store.commit(
      [
        { put: 'outbox', key: outboxKey(C, 3), value: new Uint8Array([1, 2, 3]) },
        { put: 'outbox', key: outboxKey(`${C}2`, 4), value: encodeOutbox(place(text(4))) },
      ],
      'strict',
    );
    await outbox.start();
    await settle();
    expect(numbers()).toEqual([1, 2]);
  });

  it('is read again when it has changed on the disk', async () => {
    await written(text(1, 'old'), text(2, 'old'), text(3, 'old'), text(4, 'old'));
    const open = blocked();
    const started = outbox.start();
    outbox.add(place(text(0)), text(0));
    for (const seq of [1, 2, 3, 4]) outbox.add(place(text(seq)), text(seq, 'kept'));
    outbox.changed([101, 103]);
    await started;
    await open();
    expect(words()).toEqual(['0', 'old', 'kept', 'old', 'kept']);
    const again = outboxOf();
    await again.start();
    await settle();
    expect(words().slice(5)).toEqual(['old', 'old', 'old', 'old']);
  });

  it('is read again when everything may have changed', async () => {
    const started = outbox.start();
    outbox.add(place(text(1)), text(1));
    outbox.reread();
    await started;
    await settle();
    expect(words()).toEqual(['void']);
  });

  it('is kept for one sending only', async () => {
    await outbox.start();
    await add(text(1));
    outbox.settled(idOf(1));
    outbox.add(place(text(1)));
    await settle();
    expect(words()).toEqual(['1', 'void']);
  });
});

describe('the order', () => {
  it('is that of the numbers, whatever was added first, each once', async () => {
    await written(text(4), text(2));
    const started = outbox.start();
    for (const one of [text(3), text(1), text(3)]) outbox.add(place(one), one);
    await started;
    await settle();
    expect(numbers()).toEqual([1, 2, 3, 4]);
  });

  it('leaves out what is under way already', async () => {
    await outbox.start();
    await add(text(1), text(1), text(2));
    expect(numbers()).toEqual([1, 2]);
    outbox.settled(idOf(1));
    await add(text(1));
    expect(numbers()).toEqual([1, 2, 1]);
  });
});

describe('how much is under way', () => {
  beforeEach(() => outbox.start());

  it('64 texts', async () => {
    await add(...Array.from({ length: 66 }, (_, n) => text(n + 1)));
    expect(sent).toHaveLength(64);
    expect(outbox.settled(idOf(1))).toBe('text');
    await settle();
    expect(sent).toHaveLength(65);
    expect(outbox.settled(idOf(99))).toBeUndefined();
    await settle();
    expect(sent).toHaveLength(65);
  });

  it('voids among them', async () => {
    for (let seq = 1; seq <= 65; seq += 1) outbox.add(place(text(seq)));
    await settle();
    expect(words()).toEqual(Array.from({ length: 64 }, () => 'void'));
  });

  it('256 KiB of text: the one that reaches it is the last', async () => {
    const long = (seq: number, length: number) => text(seq, 'x'.repeat(length));
    await add(long(1, 131_072), long(2, 131_071), long(3, 1), text(4));
    expect(numbers()).toEqual([1, 2, 3]);
    outbox.settled(idOf(3));
    await settle();
    expect(numbers()).toEqual([1, 2, 3, 4]);
  });

  it('files beside, however many', async () => {
    await add(...Array.from({ length: 70 }, (_, n) => file(n + 1)), text(71));
    expect(sent).toHaveLength(71);
    expect(outbox.settled(idOf(70))).toBe('file');
  });
});

describe('whether a message is taken', () => {
  const taken = () => [1, 2, 3, 4].map((seq) => outbox.isTaken(idOf(seq)));

  it('is so from the moment it is looked at until it is answered for, and never so for a void', async () => {
    await outbox.start();
    const open = blocked();
    await add(text(1), file(2));
    outbox.add(place(text(3)));
    await settle();
    expect(taken()).toEqual([true, false, false, false]);
    await open();
    expect(taken()).toEqual([true, true, false, false]);
    outbox.settled(idOf(1));
    outbox.settled(idOf(2));
    expect(taken()).toEqual([false, false, false, false]);
  });

  it('is not so of what was called back: it waits to be added again', async () => {
    await outbox.start();
    const open = blocked();
    await add(text(1), text(2), text(3));
    outbox.hold(place(text(2)));
    await open();
    expect(numbers()).toEqual([1, 3]);
    outbox.add(place(text(2)));
    await settle();
    // What was kept of it is not true any more.
    expect(words()).toEqual(['1', '3', 'void']);
  });

  it('is sent when it was held while the disk was read, and added again before that has ended', async () => {
    await written(text(1), text(2));
    const started = outbox.start();
    outbox.hold(place(text(1)));
    outbox.hold(place(text(2)));
    outbox.add(place(text(1)));
    await started;
    await settle();
    expect(numbers()).toEqual([1]);
  });
});

describe('a session that is over', () => {
  it('hands over nothing of what waited for room in the link, and nothing after that', async () => {
    await outbox.start();
    const open = blocked();
    await add(text(1), text(2));
    outbox.stop();
    await open();
    await add(text(3));
    expect(sent).toEqual([]);
  });

  it('is known by the link: the others are not tried', async () => {
    const tried: ChatMessage[] = [];
    outbox = outboxOf(async (message) => {
      tried.push(message);
      throw new KithError('link-closed');
    });
    await written(text(1), text(2));
    await outbox.start();
    await settle();
    outbox.settled(idOf(1));
    await add(text(3));
    expect(tried).toHaveLength(1);
    expect(handed).toEqual([]);
  });
});
