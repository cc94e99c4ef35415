// How what I sent ends by their word: acknowledged, given up or refused, of this message alone, and whatever they name.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { encodePlace, idKey, messageKey, outboxKey } from '../../../src/core/chat/records.ts';
import type { ChatMessage, RefusalReason } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Side } from '../../fixtures/chat-pair.ts';
import { settle, turn } from '../../fixtures/until.ts';

const idOf = (fill: number) => new Uint8Array(16).fill(fill);
const hexOf = (fill: number) => toHex(idOf(fill));

let clock: MemoryClock;
let ana: Side;
let sent: ChatMessage[];
beforeEach(async () => {
  clock = new MemoryClock();
  ana = new Side('Ana', clock, 1);
  await ana.load();
  sent = [];
});

const attach = async () => {
  await ana.chat.attach(C, { send: async (message) => void sent.push(message), drained: async () => {} });
  await settle();
};
const write = async (fill: number) => {
  await ana.chat.writing.text(C, `${fill}`, idOf(fill));
  await settle();
};
const says = async (message: ChatMessage) => {
  await ana.chat.handle(C, message);
  await settle();
};
const acks = (...fills: number[]) => says({ type: 'ack', ids: fills.map(idOf), voids: [] });
const acksVoid = (...fills: number[]) => says({ type: 'ack', ids: [], voids: fills.map(idOf) });
const refuses = (fill: number, reason: RefusalReason = 'disk-full') => says({ type: 'refuse', id: idOf(fill), reason });
const heard = (fill: number, seq: number) =>
  says({ type: 'text', id: idOf(fill), seq, at: 0, seen: 0, text: 'theirs' });
const cancel = (fill: number) => ana.chat.writing.cancel(C, hexOf(fill));
const retry = async (fill: number) => {
  await ana.chat.writing.retry(C, hexOf(fill));
  await settle();
};
const sentAs = () => sent.flatMap((message) => ('seq' in message ? [`${message.type} ${message.seq}`] : []));
const waiting = async () => (await ana.store.list('outbox')).map(({ key }) => key);
const row = (seq: number) => outboxKey(C, seq);
const messageOf = async (fill: number) => (await ana.chat.stored.message(C, hexOf(fill)))?.record;

describe('acknowledged', () => {
  it('is delivered, and waits no more; what it is not about goes on waiting', async () => {
    await attach();
    await write(1);
    await write(2);
    await acks(1, 7);
    expect(await ana.states()).toEqual(['delivered', 'sent']);
    expect(await waiting()).toEqual([row(2)]);
    expect(await messageOf(1)).not.toHaveProperty('fileState');
  });

  it('is nothing of what they wrote themselves', async () => {
    await write(1);
    await heard(2, 1);
    await acks(2);
    expect(await waiting()).toEqual([row(1)]);
    expect((await messageOf(2))?.state).toBe('delivered');
  });

  it('is delivered also without a session', async () => {
    await write(1);
    await acks(1);
    expect(await ana.states()).toEqual(['delivered']);
  });
});

describe('a void of mine that is acknowledged', () => {
  it('waits no more', async () => {
    await write(1);
    await cancel(1);
    await attach();
    expect(sentAs()).toEqual(['void 1']);
    await acksVoid(1);
    expect(await waiting()).toEqual([]);
    expect(sentAs()).toEqual(['void 1']);
  });

  it('is sent as a message after all, when a retry came between the two', async () => {
    await write(1);
    await cancel(1);
    await attach();
    await retry(1);
    expect(sentAs()).toEqual(['void 1']);
    await acksVoid(1);
    expect(sentAs()).toEqual(['void 1', 'text 1']);
    expect(await waiting()).toEqual([row(1)]);
    await acksVoid(1);
    // It was the message that was under way: nobody has spoken of that.
    expect(sentAs()).toEqual(['void 1', 'text 1']);
    expect(await waiting()).toEqual([row(1)]);
  });

  it('of what was cleared waits no more either', async () => {
    await write(1);
    await ana.chat.housekeeping.clear(C);
    await attach();
    expect(sentAs()).toEqual(['void 1']);
    await acksVoid(1);
    expect(await waiting()).toEqual([]);
  });

  it('is none, where they name what is not there, or something of theirs', async () => {
    await write(1);
    await cancel(1);
    await heard(2, 1);
    await acksVoid(7, 2);
    expect(await waiting()).toEqual([row(1)]);
  });

  it('waits no more where its row cannot be read', async () => {
    await write(1);
    await cancel(1);
    ana.disk.damage('outbox', row(1));
    await ana.load();
    await acksVoid(1);
    expect(await ana.store.count('outbox')).toBe(0);
  });

  it('ends no session where nothing of it can be read', async () => {
    await write(1);
    await cancel(1);
    ana.disk.damage('message-keys', idKey(C, hexOf(1)));
    ana.disk.damage('messages', messageKey(C, 1));
    await ana.load();
    await attach();
    await expect(acksVoid(1)).resolves.toBeUndefined();
  });
});

describe('refused', () => {
  it.each(['blocked', 'not-a-contact', 'too-large', 'disk-full'] as const)(
    'as %s: is dropped with that, and waits no more',
    async (reason) => {
      await attach();
      await write(1);
      await write(2);
      await refuses(1, reason);
      expect((await ana.chat.stored.list(C, null, 10)).map(({ record }) => [record.state, record.reason])).toEqual([
        ['dropped', reason],
        ['sent', undefined],
      ]);
      expect(await waiting()).toEqual([row(2)]);
      await clock.advance(60_000, turn);
      expect(sentAs()).toEqual(['text 1', 'text 2']);
    },
  );

  it('is nothing of what has ended, of what they wrote, and of what is not there', async () => {
    await attach();
    await write(1);
    await acks(1);
    await heard(2, 1);
    for (const fill of [1, 2, 3]) await refuses(fill);
    expect((await ana.chat.stored.list(C, null, 10)).map(({ record }) => record.state)).toEqual([
      'delivered',
      'delivered',
    ]);
    expect(ana.filesDropped).toEqual([]);
    await clock.advance(60_000, turn);
    expect(sentAs()).toEqual(['text 1']);
  });

  it('a void is sent again after 15 s, in the same session', async () => {
    await write(1);
    await cancel(1);
    await attach();
    await refuses(1);
    await clock.advance(14_999, turn);
    expect(sentAs()).toEqual(['void 1']);
    await clock.advance(1, turn);
    expect(sentAs()).toEqual(['void 1', 'void 1']);
    expect(await waiting()).toEqual([row(1)]);
  });

  it('a void is not sent again in another session, which sends it by itself', async () => {
    await write(1);
    await cancel(1);
    await attach();
    await refuses(1);
    await attach();
    await acksVoid(1);
    await clock.advance(60_000, turn);
    expect(sentAs()).toEqual(['void 1', 'void 1']);
    ana.chat.detach(C);
    await clock.advance(60_000, turn);
    expect(sentAs()).toHaveLength(2);
  });

  it('what was given up on its way leaves a void, after 15 s', async () => {
    await attach();
    await write(1);
    await ana.chat.housekeeping.setGiveUpAfter(C, 1_000);
    await clock.advance(1_000);
    await ana.chat.housekeeping.expireDue(C);
    await refuses(1);
    expect((await messageOf(1))?.reason).toBe('expired');
    await clock.advance(15_000, turn);
    expect(sentAs()).toEqual(['text 1', 'void 1']);
  });

  it('what was cleared on its way leaves a void as well', async () => {
    await attach();
    await write(1);
    await ana.chat.housekeeping.clear(C);
    await refuses(1);
    await clock.advance(15_000, turn);
    expect(sentAs()).toEqual(['text 1', 'void 1']);
  });

  it('what of its place cannot be read either ends nothing', async () => {
    await write(1);
    await cancel(1);
    await ana.load();
    await attach();
    ana.disk.damage('message-keys', idKey(C, hexOf(1)));
    ana.disk.damage('messages', messageKey(C, 1));
    await expect(refuses(1)).resolves.toBeUndefined();
    await clock.advance(15_000, turn);
    expect(sentAs()).toEqual(['void 1']);
  });
});

describe('what is on the disk', () => {
  const words = async (before: number | null, limit: number) =>
    (await ana.chat.stored.list(C, before, limit)).map(({ position, record }) => `${position} ${record.text}`);
  const damaged = { kind: 'record-damaged' };

  it('is listed as it stands there, the newest of it, or the newest before a place', async () => {
    for (const fill of [1, 2, 3, 4]) await write(fill);
    await ana.chat.open(`${C}2`);
    await ana.chat.writing.text(`${C}2`, 'another', idOf(9));
    expect(await words(null, 2)).toEqual(['3 3', '4 4']);
    expect(await words(4, 2)).toEqual(['2 2', '3 3']);
    expect(await words(2, 9)).toEqual(['1 1']);
  });

  it('is found by its id; what is not there, or only had a void, is not', async () => {
    await write(1);
    await says({ type: 'void', id: idOf(2), seq: 1 });
    expect(await ana.chat.stored.message(C, hexOf(1))).toMatchObject({ position: 1, record: { text: '1' } });
    for (const fill of [2, 3]) {
      expect(await ana.chat.stored.message(C, hexOf(fill))).toBeUndefined();
      expect(await ana.chat.stored.has(C, hexOf(fill))).toBe(false);
    }
    expect(await ana.chat.stored.has(C, hexOf(1))).toBe(true);
    await ana.chat.housekeeping.clear(C);
    expect(await ana.chat.stored.has(C, hexOf(1))).toBe(false);
  });

  it('is there, also when it cannot be read any more', async () => {
    await write(1);
    ana.disk.damage('messages', messageKey(C, 1));
    await ana.load();
    await expect(ana.chat.stored.message(C, hexOf(1))).rejects.toMatchObject(damaged);
    expect(await ana.chat.stored.has(C, hexOf(1))).toBe(true);
    await ana.store.commit([{ put: 'messages', key: messageKey(C, 1), value: new Uint8Array([1]) }], 'strict');
    await expect(ana.chat.stored.message(C, hexOf(1))).rejects.toMatchObject({ kind: 'frame-malformed' });
    expect(await ana.chat.stored.has(C, hexOf(1))).toBe(true);
    ana.store.get = () => Promise.reject(new Error('gone'));
    await expect(ana.chat.stored.has(C, hexOf(1))).rejects.toThrow('gone');
  });

  it('is found where the index is damaged, however far back, and not where it is not', async () => {
    for (let n = 0; n < 300; n += 1) {
      const id = new Uint8Array(16);
      id.set([n >> 8, n & 255]);
      await ana.chat.writing.text(C, `${n}`, id);
    }
    const first = '00'.repeat(16);
    ana.disk.damage('message-keys', idKey(C, first));
    ana.disk.damage('messages', messageKey(C, 200));
    await ana.load();
    expect(await ana.chat.stored.message(C, first)).toMatchObject({ position: 1, record: { text: '0' } });
    expect(ana.disk.damaged.size).toBe(2);
    expect(await ana.chat.writing.cancel(C, first)).toBe(true);
    // Written anew by the way.
    expect(ana.disk.damaged.size).toBe(1);
    expect(await ana.store.get('message-keys', idKey(C, first))).toEqual(
      encodePlace({ position: 1, seq: 1, void: false }),
    );
    await says({ type: 'void', id: idOf(255), seq: 1 });
    ana.disk.damage('message-keys', idKey(C, hexOf(255)));
    await ana.load();
    await expect(ana.chat.stored.message(C, hexOf(255))).rejects.toMatchObject(damaged);
    expect(await ana.chat.writing.retry(C, hexOf(255))).toBe(false);
  });

  it('a malformed index is mended like a damaged one', async () => {
    await write(1);
    await ana.store.commit([{ put: 'message-keys', key: idKey(C, hexOf(1)), value: new Uint8Array([1]) }], 'strict');
    await ana.load();
    expect(await cancel(1)).toBe(true);
    expect((await messageOf(1))?.state).toBe('dropped');
  });

  it('is not called damaged when the disk fails in another way', async () => {
    await write(1);
    await ana.load();
    ana.store.get = () => Promise.reject(new Error('gone'));
    await expect(cancel(1)).rejects.toThrow('gone');
    await expect(ana.chat.stored.message(C, hexOf(1))).rejects.toThrow('gone');
  });
});

describe('a row of the outbox that cannot be read', () => {
  const damage = (...seqs: number[]) => {
    for (const seq of seqs) ana.disk.damage('outbox', row(seq));
  };

  it('is written anew for what waits, and for a void; not for what has ended, and not for theirs', async () => {
    for (const fill of [1, 2, 3, 4, 5]) await write(fill);
    await heard(9, 1);
    await cancel(2);
    await attach();
    await acks(1);
    await refuses(3);
    ana.chat.detach(C);
    sent.length = 0;
    damage(2, 4);
    await ana.load();
    await attach();
    expect(sentAs()).toEqual(['void 2', 'text 4', 'text 5']);
    expect(await waiting()).toEqual([row(2), row(4), row(5)]);
  });

  it('is looked for only where there is one', async () => {
    await write(1);
    const { list } = ana.store;
    const tables: string[] = [];
    ana.store.list = (table, range) => {
      tables.push(table);
      return list.call(ana.store, table, range);
    };
    await attach();
    expect(tables).not.toContain('messages');
    expect(sentAs()).toEqual(['text 1']);
  });

  it('is one also where it is malformed, beside a message that is damaged, and of this contact alone', async () => {
    await write(1);
    await write(2);
    await write(3);
    await ana.chat.open(`${C}2`);
    await ana.chat.writing.text(`${C}2`, 'another', idOf(9));
    ana.disk.damage('messages', messageKey(C, 1));
    damage(1);
    await ana.store.commit([{ put: 'outbox', key: row(2), value: new Uint8Array([1]) }], 'strict');
    await ana.load();
    await attach();
    expect(sentAs()).toEqual(['text 2', 'text 3']);
  });
});
