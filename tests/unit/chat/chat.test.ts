// Messages between two people: stored, sent, delivered, read, dropped; once, in order, whatever happens between.
import { beforeEach, describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import { KithError, kindOf } from '../../../src/core/errors.ts';
import type { FileOffer } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Pair, until } from '../../fixtures/chat-pair.ts';
import { turn } from '../../fixtures/until.ts';

let pair: Pair;
beforeEach(async () => {
  pair = new Pair();
  await pair.load();
});

const offer = (size: number, fill = 7): FileOffer => ({
  fileId: new Uint8Array(16).fill(fill),
  key: new Uint8Array(32).fill(1),
  name: 'holiday.jpg',
  mediaType: 'image/jpeg',
  size,
  units: Math.max(1, Math.ceil(size / 65_536)),
  sha256: new Uint8Array(32).fill(2),
});

const arrived = (count: number) => until(async () => (await pair.ben.texts('in')).length === count);
const settled = (states: string[]) => until(async () => (await pair.ana.states()).join() === states.join());

describe('delivery', () => {
  it('goes queued, sent, delivered, read', async () => {
    await pair.ana.chat.writing.text(C, 'hello');
    expect(await pair.ana.states()).toEqual(['queued']);
    await pair.connect();
    await settled(['delivered']);
    expect(await pair.ben.texts('in')).toEqual(['hello']);
    await pair.ben.chat.markRead(C, 1);
    await settled(['read']);
    expect(pair.ana.events.map(({ record }) => record.state)).toEqual(
      expect.arrayContaining(['queued', 'delivered', 'read']),
    );
  });

  it('waits for the other side and arrives in the order it was written', async () => {
    for (let n = 1; n <= 200; n += 1) await pair.ana.chat.writing.text(C, `message ${n}`);
    await pair.connect();
    await arrived(200);
    expect(await pair.ben.texts('in')).toEqual(Array.from({ length: 200 }, (_, n) => `message ${n + 1}`));
    await until(async () => (await pair.ana.states()).every((state) => state === 'delivered'));
    expect(await pair.ana.store.count('outbox')).toBe(0);
  });

  it('keeps at most 64 messages unacknowledged', async () => {
    for (let n = 0; n < 100; n += 1) await pair.ana.chat.writing.text(C, `${n}`);
    pair.drops = (message) => message.type === 'ack';
    const { anaSent } = await pair.connect();
    await until(async () => (await pair.ben.texts('in')).length === 64);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(anaSent.filter((message) => message.type === 'text')).toHaveLength(64);
  });

  it('says "sent" and not "delivered" while the acknowledgement is lost, and shows the message once when it is sent again', async () => {
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    await pair.ana.chat.writing.text(C, 'once');
    await arrived(1);
    await settled(['sent']);
    pair.drops = () => false;
    await pair.connect();
    await settled(['delivered']);
    expect(await pair.ben.texts('in')).toEqual(['once']);
  });

  it('survives a crash of either page between any two commits', async () => {
    for (let crashAt = 0; crashAt < 8; crashAt += 1) {
      for (const victim of ['ana', 'ben'] as const) {
        pair = new Pair(crashAt);
        await pair.load();
        await pair.ana.chat.writing.text(C, 'first');
        pair[victim].disk.commitsUntilCrash = crashAt;
        await pair.connect();
        const second = pair.ana.chat.writing.text(C, 'second').then(
          () => true,
          () => false,
        );
        await Promise.race([second, until(() => false, 50).catch(() => {})]);
        pair.disconnect();
        pair[victim].disk.crash();
        await pair[victim].load();
        await pair.connect();
        const written = await pair.ana.texts('out');
        expect(written[0]).toBe('first');
        await until(async () => (await pair.ana.states()).every((state) => state === 'delivered'));
        expect(await pair.ben.texts('in')).toEqual(written);
      }
    }
  });

  it('never acknowledges what the receiver could not store, and says why', async () => {
    await pair.connect();
    pair.ben.disk.commitsUntilFull = 0;
    const id = await pair.ana.chat.writing.text(C, 'no room');
    await settled(['dropped']);
    expect((await pair.ana.chat.stored.message(C, id))?.record.reason).toBe('disk-full');
    pair.ben.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    expect(await pair.ana.chat.writing.retry(C, id)).toBe(true);
    await settled(['delivered']);
    expect(await pair.ben.texts('in')).toEqual(['no room']);
  });
});

describe('what may be dropped, and why', () => {
  it('cancelled: only what was never handed to a link, and no gap is left behind', async () => {
    const id = await pair.ana.chat.writing.text(C, 'rather not');
    await pair.ana.chat.writing.text(C, 'this one');
    expect(await pair.ana.chat.writing.cancel(C, id)).toBe(true);
    await pair.connect();
    await settled(['dropped', 'delivered']);
    expect(await pair.ben.texts('in')).toEqual(['this one']);
    await until(async () => pair.ben.chat.conversation(C)?.missing.length === 0);
    await until(async () => (await pair.ana.store.count('outbox')) === 0);
    const delivered = (await pair.ana.chat.stored.list(C, null, 10))[1]!;
    expect(await pair.ana.chat.writing.cancel(C, toHex(delivered.record.id))).toBe(false);
  });

  it('cancelled while it waits behind others in a live session: it never leaves', async () => {
    pair.drops = (message) => message.type === 'ack';
    const { anaSent, benSent } = await pair.connect();
    const ids: string[] = [];
    for (let n = 0; n < 66; n += 1) ids.push(await pair.ana.chat.writing.text(C, `${n}`));
    await arrived(64);
    expect(await pair.ana.chat.writing.cancel(C, ids[64]!)).toBe(true);
    pair.drops = () => false;
    const acked = benSent.flatMap((message) => (message.type === 'ack' ? message.ids : []));
    await pair.ana.chat.handle(C, { type: 'ack', ids: acked, voids: [] });
    await arrived(65);
    expect((await pair.ben.texts('in')).at(-1)).toBe('65');
    expect(anaSent.filter((message) => message.type === 'text' && message.text === '64')).toEqual([]);
    expect((await pair.ana.chat.stored.message(C, ids[64]!))?.record).toMatchObject({
      state: 'dropped',
      reason: 'cancelled',
    });
    await until(async () => pair.ben.chat.conversation(C)?.missing.length === 0);
  });

  it('too late to cancel: what has been handed to the link, also before that is noted', async () => {
    await pair.connect();
    pair.drops = (message) => message.type === 'text';
    const written = pair.ana.chat.writing.text(C, 'on its way', new Uint8Array(16).fill(3));
    const id = await written;
    expect(await pair.ana.chat.writing.cancel(C, id)).toBe(false);
    expect(await pair.ana.states()).toEqual(['sent']);
  });

  it('no room is said in the session that asked, not in the next one, where there may be some', async () => {
    await pair.connect();
    const { store } = pair.ben;
    const commit = store.commit.bind(store);
    let fail: (() => void) | undefined;
    store.commit = () =>
      new Promise((_, reject) => {
        fail = () => reject(new KithError('disk-full'));
      });
    await pair.ana.chat.writing.text(C, 'hello');
    await until(() => fail !== undefined);
    store.commit = commit;
    const connecting = pair.connect();
    fail?.();
    const { benSent } = await connecting;
    await settled(['delivered']);
    expect(benSent.map(({ type }) => type)).not.toContain('refuse');
  });

  it('too late to cancel: what has been handed to a link that has ended since, and there was no room to note it', async () => {
    const id = await pair.ana.chat.writing.text(C, 'gone');
    pair.drops = (message) => message.type === 'text';
    pair.ana.disk.commitsUntilFull = 0;
    const { anaSent } = await pair.connect();
    await until(() => anaSent.some(({ type }) => type === 'text'));
    await until(() => pair.clock.pending > 0);
    pair.disconnect();
    pair.ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    expect(await pair.ana.chat.writing.cancel(C, id)).toBe(false);
    await pair.clock.advance(15_000, turn);
    expect(await pair.ana.states()).toEqual(['sent']);
  });

  it('what waits keeps its place when they acknowledge a void of theirs under the same number', async () => {
    const id = await pair.ben.chat.writing.text(C, 'called back');
    await pair.ben.chat.writing.cancel(C, id);
    await pair.connect();
    await until(async () => (await pair.ben.store.count('outbox')) === 0);
    pair.disconnect();
    await pair.ana.chat.writing.text(C, 'first');
    await pair.ana.chat.handle(C, { type: 'ack', ids: [], voids: [fromHex(id)] });
    expect(await pair.ana.store.count('outbox')).toBe(1);
    await pair.connect();
    await settled(['delivered']);
  });

  it('a file that is cancelled before it leaves is shown as failed', async () => {
    const id = await pair.ana.chat.writing.file(C, offer(70_000));
    expect(await pair.ana.chat.writing.cancel(C, id)).toBe(true);
    expect((await pair.ana.chat.stored.message(C, id))?.record).toMatchObject({
      state: 'dropped',
      fileState: 'failed',
    });
    expect(pair.ana.filesDropped).toHaveLength(1);
  });

  it('a file whose end found no room on the disk goes on', async () => {
    await pair.ana.chat.writing.file(C, offer(70_000));
    pair.ana.disk.commitsUntilFull = 0;
    await expect(pair.ana.chat.housekeeping.refuseAll(C, 'blocked')).rejects.toMatchObject({ kind: 'disk-full' });
    expect(pair.ana.filesDropped).toEqual([]);
    expect(await pair.ana.states()).toEqual(['queued']);
  });

  it('expired: not what a person decides to let wait in the same moment', async () => {
    await pair.ana.chat.writing.text(C, 'wait after all');
    const { housekeeping } = pair.ana.chat;
    await housekeeping.setGiveUpAfter(C, 20_000);
    await pair.clock.advance(30_000);
    await Promise.all([housekeeping.expireDue(C), housekeeping.setGiveUpAfter(C, 0)]);
    expect(await pair.ana.states()).toEqual(['queued']);
    await housekeeping.setGiveUpAfter(C, 20_000);
    await housekeeping.expireDue(C);
    expect(await pair.ana.states()).toEqual(['dropped']);
  });

  it('a cancelled message that is retried arrives after all', async () => {
    const id = await pair.ana.chat.writing.text(C, 'second thoughts');
    await pair.ana.chat.writing.cancel(C, id);
    await pair.connect();
    await until(async () => (await pair.ana.store.count('outbox')) === 0);
    await pair.ana.chat.writing.retry(C, id);
    await settled(['delivered']);
    expect(await pair.ben.texts('in')).toEqual(['second thoughts']);
  });

  it('expired: when the time the person chose is over, never before', async () => {
    await pair.ana.chat.housekeeping.setGiveUpAfter(C, 3_600_000);
    const id = await pair.ana.chat.writing.text(C, 'soon');
    await pair.clock.advance(3_599_000);
    await pair.ana.chat.housekeeping.expireDue(C);
    expect(await pair.ana.states()).toEqual(['queued']);
    await pair.clock.advance(2_000);
    await pair.ana.chat.housekeeping.expireDue(C);
    expect((await pair.ana.chat.stored.message(C, id))?.record).toMatchObject({ state: 'dropped', reason: 'expired' });
  });

  it('without a chosen expiry nothing is ever given up', async () => {
    await pair.ana.chat.writing.text(C, 'patience');
    await pair.clock.advance(10 * 365 * 86_400_000);
    await pair.ana.chat.housekeeping.expireDue(C);
    expect(await pair.ana.states()).toEqual(['queued']);
  });

  it('a late acknowledgement turns a dropped message to delivered', async () => {
    await pair.ana.chat.housekeeping.setGiveUpAfter(C, 1000);
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    const id = await pair.ana.chat.writing.text(C, 'late');
    await arrived(1);
    await pair.clock.advance(2000);
    await pair.ana.chat.housekeeping.expireDue(C);
    await settled(['dropped']);
    await pair.ana.chat.handle(C, {
      type: 'ack',
      ids: [(await pair.ana.chat.stored.message(C, id))!.record.id],
      voids: [],
    });
    expect(await pair.ana.states()).toEqual(['delivered']);
  });

  it.each(['blocked', 'not-a-contact', 'declined'] as const)('%s: everything that waits', async (reason) => {
    await pair.ana.chat.writing.text(C, 'one');
    await pair.ana.chat.writing.text(C, 'two');
    await pair.ana.chat.housekeeping.refuseAll(C, reason);
    const all = await pair.ana.chat.stored.list(C, null, 10);
    expect(all.map(({ record }) => [record.state, record.reason])).toEqual([
      ['dropped', reason],
      ['dropped', reason],
    ]);
  });

  it('too large: a file beyond what the receiver takes is refused before a byte of it moves', async () => {
    pair.ben.maxFileBytes = 1000;
    await pair.connect();
    const id = await pair.ana.chat.writing.file(C, offer(1001));
    await settled(['dropped']);
    expect((await pair.ana.chat.stored.message(C, id))?.record).toMatchObject({
      reason: 'too-large',
      fileState: 'failed',
    });
    expect(pair.ben.filesExpected).toHaveLength(0);
  });
});

describe('files', () => {
  it('are not delivered before all of the file is on the other disk', async () => {
    await pair.connect();
    const id = await pair.ana.chat.writing.file(C, offer(70_000));
    await settled(['sent']);
    await until(() => pair.ben.filesExpected.length === 1);
    await pair.ana.chat.writing.text(C, 'text does not wait');
    await settled(['sent', 'delivered']);
    await pair.ben.chat.files.complete(C, id);
    await settled(['delivered', 'delivered']);
  });

  it.each([
    ['cancelled by its sender', (id: string) => pair.ana.chat.files.stop(C, id, 'file-cancelled')],
    ['declined', (id: string) => pair.ana.chat.files.refused(C, id, 'declined', 'file-cancelled')],
    ['damaged on its way', (id: string) => pair.ana.chat.files.refused(C, id, 'damaged', 'file-hash-mismatch')],
  ] as const)('%s: dropped with the reason, and a retry offers it again in the same session', async (why, end) => {
    await pair.connect();
    const id = await pair.ana.chat.writing.file(C, offer(70_000));
    await until(() => pair.ben.filesExpected.length === 1);
    await end(id);
    await pair.ben.chat.files.refused(C, id, undefined, 'file-cancelled');
    await settled(['dropped']);
    expect(why).toMatch((await pair.ana.chat.stored.message(C, id))?.record.reason ?? 'no reason');
    await pair.ana.chat.writing.retry(C, id);
    await until(() => pair.ben.filesExpected.length === 2);
    await pair.ben.chat.files.complete(C, id);
    await settled(['delivered']);
  });

  it('however many, they do not hold up the texts behind them', async () => {
    await pair.connect();
    for (let n = 0; n < 70; n += 1) await pair.ana.chat.writing.file(C, offer(70_000, n));
    await pair.ana.chat.writing.text(C, 'text does not wait');
    await until(async () => (await pair.ben.texts('in')).includes('text does not wait'));
  });

  it('are offered again after a reload, and acknowledged at once when they are complete', async () => {
    await pair.connect();
    const id = await pair.ana.chat.writing.file(C, offer(70_000));
    await until(() => pair.ben.filesExpected.length === 1);
    pair.disconnect();
    await pair.ben.chat.files.complete(C, id);
    await pair.ana.load();
    await pair.connect();
    await settled(['delivered']);
    expect(pair.ben.filesExpected).toHaveLength(1);
  });
});

describe('removing what was dropped', () => {
  const shown = async () => (await pair.ana.chat.stored.list(C, null, 10)).map(({ record }) => record.text);

  it('deletes a cancelled message, keeps its id known, and leaves no gap at the other side', async () => {
    const id = await pair.ana.chat.writing.text(C, 'cancelled');
    await pair.ana.chat.writing.cancel(C, id);
    expect(await pair.ana.chat.writing.remove(C, id)).toBe(true);
    expect(await pair.ana.chat.writing.retry(C, id)).toBe(false);
    await pair.ana.chat.writing.text(C, 'the same call again', fromHex(id));
    await pair.ana.load();
    await pair.ana.chat.writing.text(C, 'after');
    await pair.connect();
    await arrived(1);
    await until(async () => (await pair.ana.store.count('outbox')) === 0);
    expect(pair.ben.chat.conversation(C)?.missing).toEqual([]);
    expect([await shown(), await pair.ben.texts('in')]).toEqual([['after'], ['after']]);
  });

  it('fills the place of what was refused, and a late acknowledgement brings nothing back', async () => {
    pair.drops = (message) => message.type === 'text';
    await pair.connect();
    const id = await pair.ana.chat.writing.text(C, 'refused');
    await settled(['sent']);
    await pair.ana.chat.handle(C, { type: 'refuse', id: fromHex(id), reason: 'disk-full' });
    expect(await pair.ana.states()).toEqual(['dropped']);
    expect(await pair.ana.chat.writing.remove(C, id)).toBe(true);
    pair.drops = () => false;
    await pair.ana.chat.writing.text(C, 'after');
    await arrived(1);
    await until(() => pair.ben.chat.conversation(C)?.missing.length === 0);
    await pair.ana.chat.handle(C, { type: 'ack', ids: [fromHex(id)], voids: [] });
    expect(await shown()).toEqual(['after']);
    await until(async () => (await pair.ana.store.count('outbox')) === 0);
  });

  it('takes its file along, in the same commit', async () => {
    const id = await pair.ana.chat.writing.file(C, offer(70_000));
    await pair.ana.chat.files.stop(C, id, 'file-cancelled');
    const files: Uint8Array[] = [];
    await pair.ana.chat.writing.remove(C, id, (ids) => {
      files.push(...ids);
      return [{ remove: 'files', key: id }];
    });
    expect(files.map(toHex)).toEqual([id]);
  });

  it('leaves alone what is not dropped, what they wrote, and what is not there', async () => {
    await pair.connect();
    const id = await pair.ana.chat.writing.text(C, 'delivered');
    await settled(['delivered']);
    expect(await pair.ana.chat.writing.remove(C, id)).toBe(false);
    expect(await pair.ben.chat.writing.remove(C, id)).toBe(false);
    expect(await pair.ana.chat.writing.remove(C, 'ab'.repeat(16))).toBe(false);
    expect(await shown()).toEqual(['delivered']);
  });

  it('shows in the list what is the newest then, also when several go at once', async () => {
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) ids.push(await pair.ana.chat.writing.text(C, text));
    for (const id of ids.slice(1)) await pair.ana.chat.writing.cancel(C, id);
    await Promise.all(ids.slice(1).map((id) => pair.ana.chat.writing.remove(C, id)));
    expect(pair.ana.chat.conversation(C)?.lastPosition).toBe(1);
    await pair.ana.chat.writing.cancel(C, ids[0] ?? '');
    await pair.ana.chat.writing.remove(C, ids[0] ?? '');
    expect(pair.ana.chat.conversation(C)?.lastPosition).toBe(0);
  });
});

describe('a hostile contact', () => {
  const envelope = { seq: 1, at: 0, seen: 0 };

  it('cannot offer a file under the id of another message', async () => {
    const file = offer(70_000, 8);
    const wrong = { type: 'file', id: new Uint8Array(16).fill(9), ...envelope, file } as const;
    await expect(pair.ben.chat.handle(C, wrong)).rejects.toMatchObject({ kind: 'frame-malformed' });
    expect(await pair.ben.chat.stored.list(C, null, 10)).toEqual([]);
  });

  it('cannot bring my own failed file back to life by offering one of the same id', async () => {
    const id = await pair.ana.chat.writing.file(C, offer(70_000));
    await pair.ana.chat.files.stop(C, id, 'file-cancelled');
    await pair.ana.chat.handle(C, { type: 'file', id: offer(1).fileId, ...envelope, file: offer(1) });
    expect((await pair.ana.chat.stored.message(C, id))?.record.fileState).toBe('failed');
    expect(pair.ana.filesExpected).toEqual([]);
  });

  it('cannot put another file in the place of one that failed: what was offered first counts', async () => {
    const file = offer(70_000);
    await pair.ben.chat.handle(C, { type: 'file', id: file.fileId, ...envelope, file });
    await pair.ben.chat.files.stop(C, toHex(file.fileId), 'file-cancelled');
    const other = { ...file, sha256: new Uint8Array(32).fill(9), size: 1, units: 1 };
    await pair.ben.chat.handle(C, { type: 'file', id: file.fileId, ...envelope, file: other });
    expect(pair.ben.filesExpected).toEqual([file, file]);
  });

  it('cannot mark a text as a complete file, or stop a file that is delivered', async () => {
    await pair.connect();
    const text = await pair.ana.chat.writing.text(C, 'hello');
    const file = await pair.ana.chat.writing.file(C, offer(70_000));
    await pair.ben.chat.files.complete(C, text);
    await until(() => pair.ben.filesExpected.length === 1);
    await pair.ben.chat.files.complete(C, file);
    await settled(['delivered', 'delivered']);
    expect((await pair.ben.chat.stored.message(C, text))?.record.fileState).toBeUndefined();
    await pair.ana.chat.handle(C, { type: 'refuse', id: offer(1).fileId, reason: 'blocked' });
    expect(await pair.ana.states()).toEqual(['delivered', 'delivered']);
    expect(pair.ana.filesDropped).toEqual([]);
  });
});

describe('records that cannot be read any more', () => {
  it('a message that waits and is damaged does not hold up those behind it, and stays as it is on the disk', async () => {
    await pair.ana.chat.writing.text(C, 'damaged');
    await pair.ana.chat.writing.text(C, 'whole');
    const key = `${C}/000000000001`;
    const before = pair.ana.disk.written.get('messages')?.get(key);
    pair.ana.disk.damage('messages', key);
    await pair.ana.load();
    await pair.connect();
    await arrived(1);
    expect(await pair.ben.texts('in')).toEqual(['whole']);
    await until(async () => (await pair.ana.store.count('outbox')) === 0);
    await until(async () => pair.ben.chat.conversation(C)?.missing.length === 0);
    expect(pair.ana.disk.damaged.size).toBe(1);
    expect(pair.ana.disk.written.get('messages')?.get(key)).toBe(before);
  });

  it('one that is damaged while it is on its way, and is refused, leaves no gap: a void follows in the same session', async () => {
    pair.ben.disk.commitsUntilFull = 0;
    pair.drops = (message) => message.type === 'refuse';
    await pair.ana.chat.writing.text(C, 'damaged');
    const { benSent } = await pair.connect();
    await until(() => benSent.length === 1);
    pair.drops = (message) => {
      if (message.type === 'refuse') pair.ana.disk.damage('messages', `${C}/000000000001`);
      return false;
    };
    await pair.ana.load();
    await pair.connect();
    await until(() => pair.ana.disk.damaged.size === 1 && pair.clock.pending > 0);
    pair.ben.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await pair.ana.chat.writing.text(C, 'later');
    await arrived(1);
    expect(pair.ben.chat.conversation(C)?.missing).toEqual([1]);
    await pair.clock.advance(15_000, turn);
    await until(async () => (await pair.ana.store.count('outbox')) === 0);
    expect(pair.ben.chat.conversation(C)?.missing).toEqual([]);
  });

  it.each(['messages', 'message-keys'] as const)(
    'a received one damaged in %s is acknowledged when it comes again',
    async (table) => {
      pair.drops = (message) => message.type === 'ack';
      await pair.connect();
      const id = await pair.ana.chat.writing.text(C, 'again');
      await arrived(1);
      pair.ben.disk.damage(table, table === 'messages' ? `${C}/000000000001` : `${C}/${id}`);
      pair.drops = () => false;
      await pair.connect();
      await settled(['delivered']);
      expect(pair.ben.disk.damaged.size).toBe(1);
      await pair.ben.chat.markRead(C, 1);
      expect(pair.ben.chat.conversation(C)?.unread).toBe(0);
    },
  );
});

describe('bad input', () => {
  it('an empty text and one byte over 64 KiB are refused', async () => {
    expect(() => pair.ana.chat.writing.text(C, ' \n ')).toThrow('message-empty');
    expect(() => pair.ana.chat.writing.text(C, 'x'.repeat(65_537))).toThrow('message-too-long');
    expect(() => pair.ana.chat.writing.text(C, 'é'.repeat(32_769))).toThrow('message-too-long');
    await pair.ana.chat.writing.text(C, 'x'.repeat(65_536));
    await pair.connect();
    await settled(['delivered']);
  });

  it('a full disk here is told at once and nothing is queued', async () => {
    pair.ana.disk.commitsUntilFull = 0;
    const failure = await pair.ana.chat.writing.text(C, 'lost?').catch(kindOf);
    expect(failure).toBe('disk-full');
    expect(await pair.ana.states()).toEqual([]);
  });
});

describe('gaps, read marks, clearing', () => {
  it('a message that is missing is shown as a gap until it arrives, and is not read before it is seen', async () => {
    await pair.connect();
    pair.ben.disk.commitsUntilFull = 0;
    const lost = await pair.ana.chat.writing.text(C, 'lost');
    await settled(['dropped']);
    pair.ben.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await pair.ana.chat.writing.text(C, 'seen');
    await arrived(1);
    const [seen] = await pair.ben.chat.stored.list(C, null, 10);
    expect(seen?.record.missingBefore).toBe(1);
    await pair.ben.chat.markRead(C, seen!.position);
    await settled(['dropped', 'read']);
    await pair.ana.chat.writing.retry(C, lost);
    await settled(['delivered', 'read']);
    expect(pair.ben.chat.conversation(C)?.missing).toEqual([]);
    await pair.ben.chat.markRead(C, 2);
    await settled(['read', 'read']);
  });

  it('a gap that nobody will fill is closed in the same session, once the reader has room to note it', async () => {
    await pair.ana.chat.writing.cancel(C, await pair.ana.chat.writing.text(C, 'never'));
    pair.ben.disk.commitsUntilFull = 0;
    await pair.connect();
    await until(() => pair.clock.pending > 0);
    pair.ben.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await pair.ana.chat.writing.text(C, 'later');
    await settled(['dropped', 'delivered']);
    expect(pair.ben.chat.conversation(C)?.missing).toEqual([1]);
    await pair.clock.advance(15_000, turn);
    await until(async () => (await pair.ana.store.count('outbox')) === 0);
    expect(pair.ben.chat.conversation(C)?.missing).toEqual([]);
  });

  it('read marks that were said while nobody listened are repeated by hello', async () => {
    await pair.connect();
    await pair.ana.chat.writing.text(C, 'hi');
    await settled(['delivered']);
    pair.disconnect();
    await pair.ben.chat.markRead(C, 1);
    await pair.ana.chat.peerRead(C, pair.ben.chat.readMark(C));
    expect(await pair.ana.states()).toEqual(['read']);
  });

  describe('a read mark that had to wait for room says nothing of what came after it', () => {
    let cancelled: string;
    beforeEach(async () => {
      cancelled = await pair.ana.chat.writing.text(C, 'second thoughts');
      await pair.ana.chat.writing.cancel(C, cancelled);
      await pair.ana.chat.writing.text(C, 'seen');
      await pair.connect();
      await settled(['dropped', 'delivered']);
      pair.ana.disk.commitsUntilFull = 0;
      await pair.ben.chat.markRead(C, 1);
      await until(() => pair.clock.pending > 0);
      pair.ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    });
    const tryAgain = () => pair.clock.advance(15_000, turn);

    it('a text', async () => {
      await pair.ana.chat.writing.retry(C, cancelled);
      await settled(['delivered', 'delivered']);
      await tryAgain();
      await settled(['delivered', 'read']);
      await pair.ben.chat.markRead(C, 2);
      await settled(['read', 'read']);
    });

    it('but all of what was acknowledged before it, also when that is said once more', async () => {
      const [, seen] = await pair.ana.chat.stored.list(C, null, 2);
      await pair.ana.chat.handle(C, { type: 'ack', ids: [seen!.record.id], voids: [] });
      await tryAgain();
      expect(await pair.ana.states()).toEqual(['dropped', 'read']);
    });

    it('a text of which a newer mark has spoken', async () => {
      await pair.ana.chat.writing.retry(C, cancelled);
      await settled(['delivered', 'delivered']);
      await pair.ana.chat.peerRead(C, pair.ben.chat.readMark(C));
      expect(await pair.ana.states()).toEqual(['delivered', 'read']);
      await tryAgain();
      expect(await pair.ana.states()).toEqual(['delivered', 'read']);
    });

    it('a text that came after a newer mark, which found room', async () => {
      await pair.ana.chat.peerRead(C, pair.ben.chat.readMark(C));
      expect(await pair.ana.states()).toEqual(['dropped', 'read']);
      await pair.ana.chat.writing.retry(C, cancelled);
      await settled(['delivered', 'read']);
      await tryAgain();
      expect(await pair.ana.states()).toEqual(['delivered', 'read']);
    });

    it('a text, when there is room in the very moment in which it and newer marks come', async () => {
      const mark = pair.ben.chat.readMark(C);
      pair.drops = (message) => message.type === 'ack';
      await pair.ana.chat.writing.retry(C, cancelled);
      await settled(['sent', 'delivered']);
      await Promise.all([
        pair.ana.chat.peerRead(C, mark),
        pair.ana.chat.peerRead(C, mark),
        pair.ana.chat.handle(C, { type: 'ack', ids: [fromHex(cancelled)], voids: [] }),
      ]);
      await tryAgain();
      expect(await pair.ana.states()).toEqual(['delivered', 'read']);
    });
  });

  it('a read mark that had to wait for room says nothing of a file that was not there yet', async () => {
    await pair.ana.chat.writing.file(C, offer(70_000));
    await pair.ana.chat.writing.text(C, 'seen');
    await pair.connect();
    await settled(['sent', 'delivered']);
    pair.ana.disk.commitsUntilFull = 0;
    // Said as if the file counted: it was not there yet.
    await pair.ana.chat.peerRead(C, { seq: 2, except: [] });
    pair.ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await pair.ana.chat.files.complete(C, toHex(offer(70_000).fileId));
    await pair.clock.advance(15_000, turn);
    await settled(['delivered', 'read']);
  });

  it('what was cleared does not come back when it is sent again', async () => {
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    await pair.ana.chat.writing.text(C, 'gone');
    await arrived(1);
    await pair.ben.chat.housekeeping.clear(C);
    pair.drops = () => false;
    await pair.connect();
    await settled(['read']);
    expect(await pair.ben.texts('in')).toEqual([]);
  });

  it('clearing while something waits leaves no gap at the other side', async () => {
    await pair.ana.chat.writing.text(C, 'cleared before it left');
    await pair.ana.chat.housekeeping.clear(C);
    await pair.ana.chat.writing.text(C, 'after');
    await pair.connect();
    await arrived(1);
    await until(() => pair.ben.chat.conversation(C)?.missing.length === 0);
    expect(await pair.ben.texts('in')).toEqual(['after']);
  });

  it('a message that arrives while a conversation is cleared goes with it, its file too', async () => {
    await pair.connect();
    const [, , files] = await Promise.all([
      pair.ben.chat.handle(C, { type: 'text', id: new Uint8Array(16).fill(1), seq: 1, at: 0, seen: 0, text: 'one' }),
      pair.ben.chat.handle(C, { type: 'file', id: offer(1).fileId, seq: 2, at: 0, seen: 0, file: offer(1) }),
      pair.ben.chat.housekeeping.clear(C),
    ]);
    expect(files).toEqual([offer(1).fileId]);
    expect(await pair.ben.chat.stored.list(C, null, 10)).toEqual([]);
  });

  it('a file that never arrives does not make every later read mark walk back to it', async () => {
    await pair.connect();
    await pair.ana.chat.writing.file(C, offer(70_000));
    for (let n = 0; n < 300; n += 1) await pair.ana.chat.writing.text(C, `${n}`);
    await arrived(301);
    await until(async () => (await pair.ana.states()).filter((state) => state === 'delivered').length === 300);
    await pair.ben.chat.markRead(C, 290);
    await until(async () => (await pair.ana.states()).filter((state) => state === 'read').length === 289);
    const pages: unknown[] = [];
    const list = pair.ana.store.list.bind(pair.ana.store);
    pair.ana.store.list = (table, range) => {
      pages.push(range);
      return list(table, range);
    };
    await pair.ana.chat.peerRead(C, { seq: 295, except: [1] });
    expect(pages).toHaveLength(1);
    expect((await pair.ana.states()).filter((state) => state === 'read')).toHaveLength(294);
  });

  it('nobody has seen what has not arrived, whatever position a screen names', async () => {
    await pair.connect();
    await pair.ben.chat.markRead(C, 1_000);
    await pair.ana.chat.writing.text(C, 'new');
    await arrived(1);
    expect(pair.ben.chat.conversation(C)?.unread).toBe(1);
  });

  it('unread counts what arrived and falls to nothing when it is seen', async () => {
    await pair.connect();
    for (let n = 0; n < 5; n += 1) await pair.ana.chat.writing.text(C, `${n}`);
    await arrived(5);
    expect(pair.ben.chat.conversation(C)?.unread).toBe(5);
    await pair.ben.chat.markRead(C, 3);
    expect(pair.ben.chat.conversation(C)?.unread).toBe(2);
    await pair.ben.chat.markRead(C, 5);
    expect(pair.ben.chat.conversation(C)?.unread).toBe(0);
  });
});
