// What a person writes, calls back, sends once more and removes: on the disk first, and then in the outbox of the session.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { messageKey, outboxKey, type WithFiles } from '../../../src/core/chat/records.ts';
import { requireText } from '../../../src/core/chat/writing.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Side } from '../../fixtures/chat-pair.ts';
import { hexOf, idOf, planOf } from '../../fixtures/chat-plan.ts';
import { settle } from '../../fixtures/until.ts';

let clock: MemoryClock;
let ana: Side;
let sent: ChatMessage[];
beforeEach(async () => {
  clock = new MemoryClock();
  ana = new Side('Ana', clock, 1);
  await ana.load();
  sent = [];
});

/** What handing over one message waits for. */
let gate: Promise<void> | undefined;
const attach = async () => {
  gate = undefined;
  const drained = async () => gate;
  await ana.chat.attach(C, { send: async (message) => void sent.push(message), drained });
  await settle();
};
const full = (is: boolean) => {
  ana.disk.commitsUntilFull = is ? 0 : Number.POSITIVE_INFINITY;
};
const conversation = () => ana.chat.conversation(C);
const messageOf = async (fill: number) => (await ana.chat.stored.message(C, hexOf(fill)))?.record;
const waiting = async () => (await ana.store.list('outbox')).map(({ key }) => key);
const write = (fill: number, words = `${fill}`) => ana.chat.writing.text(C, words, idOf(fill));
const sendFile = (fill: number) => ana.chat.writing.file(C, planOf(fill));
const refused = (fill: number) => ana.chat.handle(C, { type: 'refuse', id: idOf(fill), reason: 'disk-full' });
const acknowledged = (...fills: number[]) => ana.chat.handle(C, { type: 'ack', ids: fills.map(idOf), voids: [] });
const sentAs = () => sent.map((message) => ('seq' in message ? [message.type, message.seq] : [message.type]));

describe('writing', () => {
  it('puts a text on the disk, in its place and its number, and into the outbox', async () => {
    await ana.chat.handle(C, { type: 'text', id: idOf(9), seq: 7, at: 0, seen: 0, text: 'theirs' });
    await clock.advance(1_000);
    expect(await write(1, ' hello ')).toBe(hexOf(1));
    expect(await ana.chat.stored.message(C, hexOf(1))).toEqual({
      position: 2,
      record: {
        v: 1,
        id: idOf(1),
        direction: 'out',
        seq: 1,
        seen: 7,
        at: clock.now(),
        sentAt: clock.now(),
        text: ' hello ',
        state: 'queued',
        everSent: false,
        missingBefore: 0,
      },
    });
    expect(conversation()).toMatchObject({ nextPosition: 3, nextSeq: 2, lastPosition: 2, changedAt: clock.now() });
    expect(await waiting()).toEqual([outboxKey(C, 1)]);
  });

  it('puts a file there under its own id', async () => {
    expect(await sendFile(2)).toBe(hexOf(2));
    expect(await messageOf(2)).toMatchObject({ text: '', file: planOf(2), fileState: 'waiting', seq: 1 });
  });

  it('gives an id of its own where there is none, and takes none of another length', async () => {
    const [one, other] = [await ana.chat.writing.text(C, 'one'), await ana.chat.writing.text(C, 'two')];
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(other).not.toBe(one);
    for (const length of [15, 17])
      await expect(ana.chat.writing.text(C, 'x', new Uint8Array(length))).rejects.toMatchObject({ kind: 'internal' });
    expect(await ana.states()).toEqual(['queued', 'queued']);
  });

  it('does nothing more with an id that is there, and says the same', async () => {
    await attach();
    await write(1, 'once');
    expect(await write(1, 'twice')).toBe(hexOf(1));
    await settle();
    expect(await ana.texts('out')).toEqual(['once']);
    expect(conversation()?.nextSeq).toBe(2);
    expect(sentAs()).toEqual([['text', 1]]);
    await acknowledged(1);
    await write(1, 'three times');
    await settle();
    expect(sentAs()).toEqual([['text', 1]]);
  });

  it('refuses nothing but blanks, and says how much a text may hold', () => {
    expect(() => requireText('\n\t ')).toThrow(expect.objectContaining({ kind: 'message-empty' }));
    expect(() => requireText('x'.repeat(65_537))).toThrow(
      expect.objectContaining({ kind: 'message-too-long', detail: { limit: 65_536 } }),
    );
    expect(() => requireText('x'.repeat(65_536))).not.toThrow();
  });
});

describe('calling back', () => {
  const cancel = (fill: number) => ana.chat.writing.cancel(C, hexOf(fill));

  it('is told of a text: it is dropped, and a void goes in its place', async () => {
    await write(1);
    expect(await cancel(1)).toBe(true);
    expect(await messageOf(1)).toMatchObject({ state: 'dropped', reason: 'cancelled' });
    expect(await messageOf(1)).not.toHaveProperty('fileState');
    expect(ana.filesDropped).toEqual([]);
    await attach();
    expect(sent).toEqual([{ type: 'void', id: idOf(1), seq: 1 }]);
  });

  it('stops a file as well', async () => {
    await sendFile(1);
    expect(await cancel(1)).toBe(true);
    expect(await messageOf(1)).toMatchObject({ state: 'dropped', fileState: 'failed', fileError: 'file-cancelled' });
    expect(ana.filesDropped).toEqual([idOf(1)]);
  });

  it('holds up a message that waits in a session, and a void goes there', async () => {
    await attach();
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    await write(1);
    await write(2);
    await settle();
    expect([await cancel(1), await cancel(2)]).toEqual([false, true]);
    gate = undefined;
    open();
    await settle();
    expect(sentAs()).toEqual([
      ['text', 1],
      ['void', 2],
    ]);
  });

  it('where there is no room to note it, lets it go on', async () => {
    await attach();
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    await write(1);
    await sendFile(2);
    await settle();
    full(true);
    await expect(cancel(2)).rejects.toMatchObject({ kind: 'disk-full' });
    full(false);
    expect(ana.filesDropped).toEqual([]);
    gate = undefined;
    open();
    await settle();
    expect(sentAs()).toEqual([
      ['text', 1],
      ['file', 2],
    ]);
  });

  it('comes too late for what was handed over, has ended, or is not there', async () => {
    await attach();
    await write(1);
    await settle();
    expect(await cancel(1)).toBe(false);
    await refused(1);
    expect(await cancel(1)).toBe(false);
    expect(await messageOf(1)).toMatchObject({ state: 'dropped', reason: 'disk-full' });
    expect(await cancel(2)).toBe(false);
    // Sent, refused and retried: it may have arrived all the same.
    ana.chat.detach(C);
    await ana.chat.writing.retry(C, hexOf(1));
    expect(await cancel(1)).toBe(false);
    expect(await ana.states()).toEqual(['queued']);
  });

  it('is nothing for what they wrote', async () => {
    await ana.chat.handle(C, { type: 'text', id: idOf(9), seq: 1, at: 0, seen: 0, text: 'theirs' });
    expect(await cancel(9)).toBe(false);
  });
});

describe('sending once more', () => {
  const retry = (fill: number) => ana.chat.writing.retry(C, hexOf(fill));

  it('keeps the id and the number, and counts the time anew', async () => {
    await attach();
    await write(1);
    const { at, sentAt } = (await messageOf(1))!;
    await settle();
    await refused(1);
    expect(await waiting()).toEqual([]);
    await clock.advance(5_000);
    expect(await retry(1)).toBe(true);
    expect(await waiting()).toEqual([outboxKey(C, 1)]);
    await settle();
    expect(sentAs()).toEqual([
      ['text', 1],
      ['text', 1],
    ]);
    const again = await messageOf(1);
    expect(again).toMatchObject({ state: 'sent', at: at + 5_000, sentAt, seq: 1 });
    expect(again).not.toHaveProperty('reason');
    expect(again).not.toHaveProperty('fileState');
  });

  it('lets a file wait again', async () => {
    await attach();
    await sendFile(1);
    await settle();
    await refused(1);
    expect(await messageOf(1)).toMatchObject({ fileState: 'failed', fileError: 'disk-full' });
    expect(ana.filesDropped).toEqual([idOf(1)]);
    expect(await retry(1)).toBe(true);
    await settle();
    expect(await messageOf(1)).toMatchObject({ state: 'sent', fileState: 'waiting' });
    expect(await messageOf(1)).not.toHaveProperty('fileError');
    expect(sentAs()).toEqual([
      ['file', 1],
      ['file', 1],
    ]);
  });

  it('is only for what was dropped', async () => {
    await write(1);
    expect([await retry(1), await retry(2)]).toEqual([false, false]);
    await attach();
    await acknowledged(1);
    expect(await retry(1)).toBe(false);
    expect(await ana.states()).toEqual(['delivered']);
    expect(await waiting()).toEqual([]);
  });

  it('of what a read mark has passed: the mark did not mean it', async () => {
    await attach();
    for (const fill of [1, 2, 3]) await write(fill);
    await settle();
    await refused(1);
    await refused(3);
    await acknowledged(2);
    await ana.chat.handle(C, { type: 'read', seq: 2, except: [] });
    await retry(1);
    await retry(3);
    expect(conversation()?.peerReadExcept).toEqual([1]);
    await refused(1);
    await retry(1);
    expect(conversation()?.peerReadExcept).toEqual([1]);
    await acknowledged(1, 3);
    expect(await ana.states()).toEqual(['delivered', 'read', 'delivered']);
  });

  it('of the very last that it has passed as well, and of no more than a thousand', async () => {
    await write(1);
    await ana.chat.housekeeping.refuseAll(C, 'blocked');
    const except = Array.from({ length: 1000 }, (_, n) => n + 2);
    await ana.chat.peerRead(C, { seq: 1001, except });
    await retry(1);
    expect(conversation()?.peerReadExcept).toEqual([...except.slice(1), 1]);
    await write(2);
    await ana.chat.housekeeping.refuseAll(C, 'blocked');
    const next = conversation()!.nextSeq - 1;
    await ana.chat.peerRead(C, { seq: next, except: [] });
    await retry(2);
    expect(conversation()?.peerReadExcept).toEqual([next]);
  });
});

describe('removing', () => {
  const remove = (fill: number, withFiles?: WithFiles) => ana.chat.writing.remove(C, hexOf(fill), withFiles);

  it('takes the record and leaves a void, also in a session that lives', async () => {
    await attach();
    await write(1);
    await settle();
    await refused(1);
    expect(await remove(1)).toBe(true);
    await settle();
    expect(await messageOf(1)).toBeUndefined();
    expect(sentAs()).toEqual([
      ['text', 1],
      ['void', 1],
    ]);
    expect(await waiting()).toEqual([outboxKey(C, 1)]);
    expect(await remove(1)).toBe(false);
    await ana.chat.handle(C, { type: 'ack', ids: [], voids: [idOf(1)] });
    expect(await waiting()).toEqual([]);
  });

  it('asks for more in the same commit only for a file', async () => {
    await write(1);
    await sendFile(2);
    await ana.chat.housekeeping.refuseAll(C, 'blocked');
    const files: (readonly Uint8Array[])[] = [];
    const withFiles = (ids: readonly Uint8Array[]) => {
      files.push(ids);
      return [{ put: 'files', key: 'a', value: new Uint8Array(1) } as const];
    };
    await remove(1, withFiles);
    expect(files).toEqual([]);
    await remove(2, withFiles);
    expect(files).toEqual([[idOf(2)]]);
    expect(await ana.store.count('files')).toBe(1);
  });

  it('leaves the list at what is the newest, where that was another', async () => {
    for (const fill of [1, 2, 3]) await write(fill);
    await ana.chat.housekeeping.refuseAll(C, 'blocked');
    await remove(1);
    expect(conversation()?.lastPosition).toBe(3);
    await remove(3);
    expect(conversation()?.lastPosition).toBe(2);
  });

  it('is nothing where the index says no place', async () => {
    await write(1);
    await ana.chat.writing.cancel(C, hexOf(1));
    ana.disk.damage('message-keys', `${C}/${hexOf(1)}`);
    ana.disk.damage('messages', messageKey(C, 1));
    await ana.load();
    expect(await remove(1)).toBe(false);
    expect(await ana.chat.writing.retry(C, hexOf(1))).toBe(false);
  });
});
