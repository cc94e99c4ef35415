// Messages between two people: stored, sent, delivered, read, dropped; once, in order, whatever happens between.
import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { kindOf } from '../../../src/core/errors.ts';
import type { FileOffer } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Pair, until } from '../../fixtures/chat-pair.ts';

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
    await pair.ana.chat.writeText(C, 'hello');
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
    for (let n = 1; n <= 200; n += 1) await pair.ana.chat.writeText(C, `message ${n}`);
    await pair.connect();
    await arrived(200);
    expect(await pair.ben.texts('in')).toEqual(Array.from({ length: 200 }, (_, n) => `message ${n + 1}`));
    await until(async () => (await pair.ana.states()).every((state) => state === 'delivered'));
    expect(await pair.ana.store.count('outbox')).toBe(0);
  });

  it('keeps at most 64 messages unacknowledged', async () => {
    for (let n = 0; n < 100; n += 1) await pair.ana.chat.writeText(C, `${n}`);
    pair.drops = (message) => message.type === 'ack';
    const { anaSent } = await pair.connect();
    await until(async () => (await pair.ben.texts('in')).length === 64);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(anaSent.filter((message) => message.type === 'text')).toHaveLength(64);
  });

  it('says "sent" and not "delivered" while the acknowledgement is lost, and shows the message once when it is sent again', async () => {
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    await pair.ana.chat.writeText(C, 'once');
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
        await pair.ana.chat.writeText(C, 'first');
        pair[victim].disk.commitsUntilCrash = crashAt;
        await pair.connect();
        const second = pair.ana.chat.writeText(C, 'second').then(
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
    const id = await pair.ana.chat.writeText(C, 'no room');
    await settled(['dropped']);
    expect((await pair.ana.chat.message(C, id))?.record.reason).toBe('disk-full');
    pair.ben.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    expect(await pair.ana.chat.retry(C, id)).toBe(true);
    await settled(['delivered']);
    expect(await pair.ben.texts('in')).toEqual(['no room']);
  });
});

describe('what may be dropped, and why', () => {
  it('cancelled: only what was never handed to a link, and no gap is left behind', async () => {
    const id = await pair.ana.chat.writeText(C, 'rather not');
    await pair.ana.chat.writeText(C, 'this one');
    expect(await pair.ana.chat.cancel(C, id)).toBe(true);
    await pair.connect();
    await settled(['dropped', 'delivered']);
    expect(await pair.ben.texts('in')).toEqual(['this one']);
    await until(async () => pair.ben.chat.conversation(C)?.missing.length === 0);
    await until(async () => (await pair.ana.store.count('outbox')) === 0);
    const delivered = (await pair.ana.chat.list(C, null, 10))[1]!;
    expect(await pair.ana.chat.cancel(C, toHex(delivered.record.id))).toBe(false);
  });

  it('a cancelled message that is retried arrives after all', async () => {
    const id = await pair.ana.chat.writeText(C, 'second thoughts');
    await pair.ana.chat.cancel(C, id);
    await pair.connect();
    await until(async () => (await pair.ana.store.count('outbox')) === 0);
    await pair.ana.chat.retry(C, id);
    await settled(['delivered']);
    expect(await pair.ben.texts('in')).toEqual(['second thoughts']);
  });

  it('expired: when the time the person chose is over, never before', async () => {
    await pair.ana.chat.housekeeping.setGiveUpAfter(C, 3_600_000);
    const id = await pair.ana.chat.writeText(C, 'soon');
    await pair.clock.advance(3_599_000);
    await pair.ana.chat.housekeeping.expireDue(C);
    expect(await pair.ana.states()).toEqual(['queued']);
    await pair.clock.advance(2_000);
    await pair.ana.chat.housekeeping.expireDue(C);
    expect((await pair.ana.chat.message(C, id))?.record).toMatchObject({ state: 'dropped', reason: 'expired' });
  });

  it('without a chosen expiry nothing is ever given up', async () => {
    await pair.ana.chat.writeText(C, 'patience');
    await pair.clock.advance(10 * 365 * 86_400_000);
    await pair.ana.chat.housekeeping.expireDue(C);
    expect(await pair.ana.states()).toEqual(['queued']);
  });

  it('a late acknowledgement turns a dropped message to delivered', async () => {
    await pair.ana.chat.housekeeping.setGiveUpAfter(C, 1000);
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    const id = await pair.ana.chat.writeText(C, 'late');
    await arrived(1);
    await pair.clock.advance(2000);
    await pair.ana.chat.housekeeping.expireDue(C);
    await settled(['dropped']);
    await pair.ana.chat.handle(C, { type: 'ack', ids: [(await pair.ana.chat.message(C, id))!.record.id], voids: [] });
    expect(await pair.ana.states()).toEqual(['delivered']);
  });

  it.each(['blocked', 'not-a-contact', 'declined'] as const)('%s: everything that waits', async (reason) => {
    await pair.ana.chat.writeText(C, 'one');
    await pair.ana.chat.writeText(C, 'two');
    await pair.ana.chat.housekeeping.refuseAll(C, reason);
    const all = await pair.ana.chat.list(C, null, 10);
    expect(all.map(({ record }) => [record.state, record.reason])).toEqual([
      ['dropped', reason],
      ['dropped', reason],
    ]);
  });

  it('too large: a file beyond what the receiver takes is refused before a byte of it moves', async () => {
    pair.ben.maxFileBytes = 1000;
    await pair.connect();
    const id = await pair.ana.chat.writeFile(C, offer(1001));
    await settled(['dropped']);
    expect((await pair.ana.chat.message(C, id))?.record).toMatchObject({ reason: 'too-large', fileState: 'failed' });
    expect(pair.ben.filesExpected).toHaveLength(0);
  });
});

describe('files', () => {
  it('are not delivered before all of the file is on the other disk', async () => {
    await pair.connect();
    const id = await pair.ana.chat.writeFile(C, offer(70_000));
    await settled(['sent']);
    await until(() => pair.ben.filesExpected.length === 1);
    await pair.ana.chat.writeText(C, 'text does not wait');
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
    const id = await pair.ana.chat.writeFile(C, offer(70_000));
    await until(() => pair.ben.filesExpected.length === 1);
    await end(id);
    await pair.ben.chat.files.refused(C, id, undefined, 'file-cancelled');
    await settled(['dropped']);
    expect(why).toMatch((await pair.ana.chat.message(C, id))?.record.reason ?? 'no reason');
    await pair.ana.chat.retry(C, id);
    await until(() => pair.ben.filesExpected.length === 2);
    await pair.ben.chat.files.complete(C, id);
    await settled(['delivered']);
  });

  it('are offered again after a reload, and acknowledged at once when they are complete', async () => {
    await pair.connect();
    const id = await pair.ana.chat.writeFile(C, offer(70_000));
    await until(() => pair.ben.filesExpected.length === 1);
    pair.disconnect();
    await pair.ben.chat.files.complete(C, id);
    await pair.ana.load();
    await pair.connect();
    await settled(['delivered']);
    expect(pair.ben.filesExpected).toHaveLength(1);
  });
});

describe('bad input', () => {
  it('an empty text and one byte over 64 KiB are refused', async () => {
    expect(() => pair.ana.chat.writeText(C, ' \n ')).toThrow('message-empty');
    expect(() => pair.ana.chat.writeText(C, 'x'.repeat(65_537))).toThrow('message-too-long');
    expect(() => pair.ana.chat.writeText(C, 'é'.repeat(32_769))).toThrow('message-too-long');
    await pair.ana.chat.writeText(C, 'x'.repeat(65_536));
    await pair.connect();
    await settled(['delivered']);
  });

  it('a full disk here is told at once and nothing is queued', async () => {
    pair.ana.disk.commitsUntilFull = 0;
    const failure = await pair.ana.chat.writeText(C, 'lost?').catch(kindOf);
    expect(failure).toBe('disk-full');
    expect(await pair.ana.states()).toEqual([]);
  });
});

describe('gaps, read marks, clearing', () => {
  it('a message that is missing is shown as a gap until it arrives, and is not read before it is seen', async () => {
    await pair.connect();
    pair.ben.disk.commitsUntilFull = 0;
    const lost = await pair.ana.chat.writeText(C, 'lost');
    await settled(['dropped']);
    pair.ben.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await pair.ana.chat.writeText(C, 'seen');
    await arrived(1);
    const [seen] = await pair.ben.chat.list(C, null, 10);
    expect(seen?.record.missingBefore).toBe(1);
    await pair.ben.chat.markRead(C, seen!.position);
    await settled(['dropped', 'read']);
    await pair.ana.chat.retry(C, lost);
    await settled(['delivered', 'read']);
    expect(pair.ben.chat.conversation(C)?.missing).toEqual([]);
    await pair.ben.chat.markRead(C, 2);
    await settled(['read', 'read']);
  });

  it('read marks that were said while nobody listened are repeated by hello', async () => {
    await pair.connect();
    await pair.ana.chat.writeText(C, 'hi');
    await settled(['delivered']);
    pair.disconnect();
    await pair.ben.chat.markRead(C, 1);
    await pair.ana.chat.peerRead(C, pair.ben.chat.readMark(C));
    expect(await pair.ana.states()).toEqual(['read']);
  });

  it('what was cleared does not come back when it is sent again', async () => {
    pair.drops = (message) => message.type === 'ack';
    await pair.connect();
    await pair.ana.chat.writeText(C, 'gone');
    await arrived(1);
    await pair.ben.chat.housekeeping.clear(C);
    pair.drops = () => false;
    await pair.connect();
    await settled(['delivered']);
    expect(await pair.ben.texts('in')).toEqual([]);
  });

  it('clearing while something waits leaves no gap at the other side', async () => {
    await pair.ana.chat.writeText(C, 'cleared before it left');
    await pair.ana.chat.housekeeping.clear(C);
    await pair.ana.chat.writeText(C, 'after');
    await pair.connect();
    await arrived(1);
    await until(() => pair.ben.chat.conversation(C)?.missing.length === 0);
    expect(await pair.ben.texts('in')).toEqual(['after']);
  });

  it('unread counts what arrived and falls to nothing when it is seen', async () => {
    await pair.connect();
    for (let n = 0; n < 5; n += 1) await pair.ana.chat.writeText(C, `${n}`);
    await arrived(5);
    expect(pair.ben.chat.conversation(C)?.unread).toBe(5);
    await pair.ben.chat.markRead(C, 3);
    expect(pair.ben.chat.conversation(C)?.unread).toBe(2);
    await pair.ben.chat.markRead(C, 5);
    expect(pair.ben.chat.conversation(C)?.unread).toBe(0);
  });
});
