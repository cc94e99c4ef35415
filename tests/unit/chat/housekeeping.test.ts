// Dropping what waits, expiries, and deleting: exactly what was meant goes, with its files, and its ids stay known.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { outboxKey } from '../../../src/core/chat/records.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Side } from '../../fixtures/chat-pair.ts';
import { hexOf, idOf, planOf } from '../../fixtures/chat-plan.ts';
import { settle } from '../../fixtures/until.ts';

/** Its name begins like the other's: what is deleted there must not go here. */
const OTHER = `${C}2`;

let clock: MemoryClock;
let ana: Side;
let sent: ChatMessage[];
beforeEach(async () => {
  clock = new MemoryClock();
  ana = new Side('Ana', clock, 1);
  await ana.load();
  await ana.chat.open(OTHER);
  sent = [];
});

const attach = async () => {
  await ana.chat.attach(C, { send: async (message) => void sent.push(message), drained: async () => {} });
  await settle();
};
const house = () => ana.chat.housekeeping;
const write = (fill: number, to = C) => ana.chat.writing.text(to, `${fill}`, idOf(fill));
const sendFile = (fill: number) => ana.chat.writing.file(C, planOf(fill));
const heard = (fill: number, seq: number) =>
  ana.chat.handle(C, { type: 'text', id: idOf(fill), seq, at: 0, seen: 0, text: `${fill}` });
const waiting = async () => (await ana.store.list('outbox')).map(({ key }) => key);
const conversation = () => ana.chat.conversation(C);

describe('dropping what waits', () => {
  it('takes all of one contact, out of the outbox as well, and stops files', async () => {
    await write(1);
    await sendFile(2);
    await write(3, OTHER);
    await house().refuseAll(C, 'blocked');
    expect(await ana.states()).toEqual(['dropped', 'dropped']);
    expect(await waiting()).toEqual([outboxKey(OTHER, 1)]);
    expect(ana.filesDropped).toEqual([idOf(2)]);
    expect((await ana.chat.stored.message(C, hexOf(2)))?.record).toMatchObject({
      reason: 'blocked',
      fileState: 'failed',
      fileError: 'blocked',
    });
  });

  it('leaves what was given up as it was, and its void in the outbox', async () => {
    await sendFile(1);
    await ana.chat.writing.cancel(C, hexOf(1));
    await house().refuseAll(C, 'blocked');
    expect((await ana.chat.stored.message(C, hexOf(1)))?.record.reason).toBe('cancelled');
    expect(await waiting()).toEqual([outboxKey(C, 1)]);
    expect(ana.filesDropped).toEqual([idOf(1)]);
  });

  it('is on the disk', async () => {
    await write(1);
    await house().refuseAll(C, 'blocked');
    ana.disk.crash();
    await ana.load();
    expect(await ana.states()).toEqual(['dropped']);
  });
});

describe('an expiry', () => {
  it('drops what is as old as it says, and leaves a void to send', async () => {
    await house().setGiveUpAfter(C, 1_000);
    await write(1);
    await clock.advance(1);
    await sendFile(2);
    await write(3, OTHER);
    await clock.advance(999);
    await house().expireDue(C);
    expect(await ana.states()).toEqual(['dropped', 'queued']);
    expect(await waiting()).toEqual([outboxKey(OTHER, 1), outboxKey(C, 1), outboxKey(C, 2)].sort());
    expect(ana.filesDropped).toEqual([]);
    await clock.advance(1);
    await house().expireDue(C);
    expect(await ana.states()).toEqual(['dropped', 'dropped']);
    expect(ana.filesDropped).toEqual([idOf(2)]);
    await house().expireDue(C);
    expect(ana.filesDropped).toEqual([idOf(2)]);
  });

  it('that nobody chose looks at nothing', async () => {
    await write(1);
    await clock.advance(1_000_000);
    ana.store.list = () => Promise.reject(new Error('looked'));
    await house().expireDue(C);
    await house().expireDue('nobody');
  });

  it('is kept', async () => {
    await house().setGiveUpAfter(C, 5_000);
    expect(conversation()?.giveUpAfter).toBe(5_000);
    await write(1);
    ana.disk.crash();
    await ana.load();
    expect(conversation()?.giveUpAfter).toBe(5_000);
  });
});

describe('clearing', () => {
  it('deletes what is shown, and all that is said of it', async () => {
    await heard(1, 1);
    await heard(2, 4);
    await write(3);
    await ana.chat.markRead(C, 1);
    await heard(4, 2);
    await write(5, OTHER);
    expect(await house().clear(C)).toEqual([]);
    expect(await ana.chat.stored.list(C, null, 10)).toEqual([]);
    expect(await ana.chat.stored.list(OTHER, null, 10)).toHaveLength(1);
    expect(conversation()).toMatchObject({
      unread: 0,
      unseen: [],
      lastPosition: 0,
      readPosition: 4,
      readSeq: 4,
      missing: [3],
      nextPosition: 5,
    });
    await heard(1, 1);
    expect(await ana.chat.stored.list(C, null, 10)).toEqual([]);
  });

  it('takes its files, each once, in the same commit, and is on the disk', async () => {
    await sendFile(1);
    await write(2);
    const asked: (readonly Uint8Array[])[] = [];
    const commits = ana.disk.commits;
    const files = await house().clear(C, (ids) => {
      asked.push(ids);
      return [{ put: 'files', key: 'a', value: new Uint8Array(1) }];
    });
    expect(files).toEqual([idOf(1)]);
    expect(asked).toEqual([[idOf(1)]]);
    expect(ana.disk.commits).toBe(commits + 1);
    ana.disk.crash();
    await ana.load();
    expect(await ana.chat.stored.list(C, null, 10)).toEqual([]);
    expect(await ana.store.count('files')).toBe(1);
  });

  it('counts a file once that is changed in the same commit', async () => {
    await sendFile(1);
    const [, files] = await Promise.all([ana.chat.files.stop(C, hexOf(1), 'file-cancelled'), house().clear(C)]);
    expect(files).toEqual([idOf(1)]);
  });

  it('sends a void for what waited in a session', async () => {
    await attach();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await ana.chat.attach(C, { send: async (message) => void sent.push(message), drained: () => gate });
    await write(1);
    await write(2);
    await settle();
    await house().clear(C);
    open();
    await settle();
    expect(sent.map(({ type }) => type)).toEqual(['text', 'void']);
  });
});

describe('removing a conversation', () => {
  it('deletes all that it knew, and nothing of another', async () => {
    await write(1);
    await sendFile(2);
    await write(3, OTHER);
    const files = await house().remove(C, (ids) => ids.map((id) => ({ put: 'files', key: toHex(id), value: id })));
    expect(files).toEqual([idOf(2)]);
    expect(await ana.store.count('files')).toBe(1);
    expect(conversation()).toBeUndefined();
    ana.disk.crash();
    const left = ana.disk.reopen();
    for (const table of ['messages', 'message-keys', 'outbox', 'conversations'] as const) {
      const keys = (await left.list(table)).map(({ key }) => key);
      expect([table, keys.filter((key) => !key.startsWith(OTHER))]).toEqual([table, []]);
    }
    expect(await left.count('messages')).toBe(1);
    await expect(write(4)).rejects.toMatchObject({ kind: 'not-a-contact' });
  });

  it('begins anew when it is opened again', async () => {
    await write(1);
    await house().remove(C);
    await ana.load();
    expect(conversation()).toMatchObject({ nextPosition: 1, nextSeq: 1 });
    await write(1);
    expect(await ana.states()).toEqual(['queued']);
  });
});
