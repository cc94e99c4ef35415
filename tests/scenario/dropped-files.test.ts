// Whole nodes: a file whose message is dropped moves no more, whatever of the two found room on the disk. Its receiver would not answer for it.
import { beforeEach, expect, it } from 'vitest';
import { KithError } from '../../src/core/errors.ts';
import type { Table } from '../../src/core/ports/store.ts';
import { decodeRecord } from '../../src/core/transfer/records.ts';
import { Village, type Villager } from '../fixtures/village.ts';

const ID = '0123456789abcdef0123456789abcdef';

let village: Village;
let ana: Villager;
let ben: Villager;
let conversation: string;

beforeEach(async () => {
  village = new Village();
  [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
  await village.introduce(ana, ben);
  conversation = await ana.idOf(ben);
  await ben.close();
  await village.until(async () => (await ana.with(ben))?.presence === 'offline', 'gone');
  const file = new File([new Uint8Array(300_000)], 'a.bin');
  const sent = ana.node.sendFiles(conversation, [{ file, thumbnail: null, messageId: ID }]);
  expect((await village.outcome(sent)).ok).toBe(true);
});

/** Ana's disk takes nothing more of this table; null: everything. */
function refuse(table: Table | null): void {
  ana.beforeCommit = async (writes) => {
    if (writes.some((write) => 'put' in write && write.put === table)) throw new KithError('disk-full');
  };
}

async function fileState(): Promise<string | undefined> {
  const value = await ana.disk.reopen().get('files', ID);
  return value && decodeRecord(value).state;
}

const messageState = async () => (await ana.states(ben)).at(-1);

it('stopped while the disk had room for the message alone: it waits no more after the next start', async () => {
  refuse('files');
  await village.outcome(ana.node.cancelTransfer(conversation, ID));
  expect([await messageState(), await fileState()]).toEqual(['dropped: cancelled', 'waiting']);
  refuse(null);
  await ana.close();
  await ana.start();
  await village.until(async () => (await fileState()) === 'failed', 'the file has ended');
  expect(await messageState()).toBe('dropped: cancelled');
});

it('tried again while the disk had room for the file alone: both are as they were, and go when there is room', async () => {
  await village.outcome(ana.node.cancelTransfer(conversation, ID));
  expect([await messageState(), await fileState()]).toEqual(['dropped: cancelled', 'failed']);
  refuse('messages');
  const again = await village.outcome(ana.node.retryMessage(conversation, ID));
  expect(again).toMatchObject({ ok: false, kind: 'disk-full' });
  expect([await messageState(), await fileState()]).toEqual(['dropped: cancelled', 'failed']);

  refuse(null);
  expect((await village.outcome(ana.node.retryMessage(conversation, ID))).ok).toBe(true);
  await ben.start();
  await village.until(async () => (await messageState()) === 'delivered', 'delivered');
});
