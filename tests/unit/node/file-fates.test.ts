// How files ended, told to their messages, also where the disk of that page is full.
import { beforeEach, expect, it } from 'vitest';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { FileFates } from '../../../src/core/node/file-fates.ts';
import type { StorageWatch } from '../../../src/core/node/storage-watch.ts';
import type { FileOffer } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Pair, type Side, until } from '../../fixtures/chat-pair.ts';
import { turn } from '../../fixtures/until.ts';

const SECOND = 1_000;

const offer: FileOffer = {
  fileId: new Uint8Array(16).fill(7),
  key: new Uint8Array(32).fill(1),
  name: 'holiday.jpg',
  mediaType: 'image/jpeg',
  size: 70_000,
  units: 2,
  sha256: new Uint8Array(32).fill(2),
};
const ID = toHex(offer.fileId);

let pair: Pair;
beforeEach(async () => {
  pair = new Pair();
  await pair.load();
  await pair.connect();
  await pair.ana.chat.writing.file(C, offer);
  await until(() => pair.ben.filesExpected.length === 1);
  await until(async () => (await pair.ana.states()).join() === 'sent');
});

const pass = (seconds: number) => pair.clock.advance(seconds * SECOND, turn);

function fatesOf(side: Side): FileFates {
  return new FileFates({
    chat: side.chat,
    transfers: () => ({ isComplete: () => false, hasEnded: () => true }),
    storage: { file() {} } as unknown as StorageWatch,
    clock: pair.clock,
    log: () => {},
    show: () => {},
  });
}

it('a file that is offered again and again while there is no room for it costs one try every 15 s', async () => {
  const { ben } = pair;
  const fates = fatesOf(ben);
  ben.disk.commitsUntilFull = 0;
  for (let n = 0; n < 50; n += 1) await fates.noteEnd(C, ID, 'disk-full', false);
  pair.disconnect();
  expect([pair.clock.pending, ben.disk.commitsUntilFull]).toEqual([1, -1]);
  await pass(150);
  expect([pair.clock.pending, ben.disk.commitsUntilFull]).toEqual([1, -11]);
  fates.close();
  await pass(15);
  expect(pair.clock.pending).toBe(0);
});

it('the reason that counts is that of the newest end', async () => {
  const { ana } = pair;
  ana.disk.commitsUntilFull = 0;
  const fates = fatesOf(ana);
  await fates.noteEnd(C, ID, 'disk-full', true);
  await fates.noteEnd(C, ID, 'file-cancelled', true);
  ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
  await pass(15);
  expect((await ana.chat.stored.message(C, ID))?.record).toMatchObject({ state: 'dropped', reason: 'declined' });
});

it.each([4, 10, 17])(
  'a file that is there and then read is shown as read, once there is room after %i s',
  async (room) => {
    const { ana } = pair;
    ana.disk.commitsUntilFull = 0;
    const makeRoom = () => {
      ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    };
    await fatesOf(ana).noteEnd(C, ID, undefined, false);
    await pass(4);
    if (room === 4) makeRoom();
    await pass(1);
    await ana.chat.peerRead(C, { seq: 1, except: [] });
    await pass(Math.max(0, room - 5));
    makeRoom();
    await pass(30);
    expect(await ana.states()).toEqual(['read']);
  },
);
