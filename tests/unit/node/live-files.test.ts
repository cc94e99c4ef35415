// Which units on the disk belong to a file that several messages of a group bring.
import { expect, it } from 'vitest';
import { MemoryBlobStore } from '../../../src/adapters/memory/blob-store.ts';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import type { Entry } from '../../../src/core/group/history/entry.ts';
import { LiveFiles } from '../../../src/core/node/groups/files/live-files.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { patterned } from '../../contract/blob-store.ts';
import { until } from '../../fixtures/until.ts';

it('no-harm-to-others: whoever signs my file once more, before mine in order, does no harm to it after a reload', async () => {
  const clock = new MemoryClock();
  const disk = new MemoryDisk();
  const blobs = new MemoryBlobStore(clock);
  const page = () =>
    new LiveFiles({
      id: 'hikers',
      group: new Uint8Array(32),
      store: disk.reopen(),
      blobs,
      clock,
      random: seededRandom(1),
      log: silentLog,
      maxFileBytes: () => 1_000_000,
      self: 'ana',
      mayRead: () => true,
      send: () => {},
      changed: () => {},
    });
  const content = patterned(100_000);
  const id = new Uint8Array(16).fill(3);
  const first = page();
  const { body } = await first.seal({ file: new File([content], 'a.bin'), thumbnail: null }, id);
  if (body.type !== 'file') throw new Error('no file');
  const { file } = body;
  const entry = (from: string, messageId: Uint8Array) =>
    ({ hash: `of ${from}`, from, message: { id: messageId, body } }) as unknown as Entry;
  const [mine, mallorys] = [entry('ana', id), entry('mallory', new Uint8Array(16))];
  first.look([mine]);
  await until(() => first.view(file, mine.hash).state === 'complete');
  first.look([mallorys, mine]);
  const second = page();
  second.look([mallorys, mine]);
  await until(() => second.view(file, mine.hash).state === 'complete');
  const opened = await second.open(mine.hash);
  expect(await sha256(new Uint8Array(await opened.arrayBuffer()))).toEqual(await sha256(content));
});
