// Which units on the disk belong to a file that several messages of a group bring.
import { beforeEach, expect, it } from 'vitest';
import { MemoryBlobStore } from '../../../src/adapters/memory/blob-store.ts';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import type { Entry } from '../../../src/core/group/history/entry.ts';
import { LiveFiles } from '../../../src/core/node/groups/files/live-files.ts';
import { storedOfGroups, tidy } from '../../../src/core/node/groups/files/tidying.ts';
import type { LiveGroup } from '../../../src/core/node/groups/live-group.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { patterned } from '../../contract/blob-store.ts';
import { until } from '../../fixtures/until.ts';

const clock = new MemoryClock();
let disk: MemoryDisk;
let blobs: MemoryBlobStore;

beforeEach(() => {
  disk = new MemoryDisk();
  blobs = new MemoryBlobStore(clock);
});

/** Ana's. */
const page = (id = 'hikers') =>
  new LiveFiles({
    id,
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

it('no-harm-to-others: whoever signs my file once more, before mine in order, does no harm to it after a reload', async () => {
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

it('what an earlier page had sealed for a message that is sent now is not tidied away', async () => {
  const id = new Uint8Array(16).fill(3);
  const outgoing = { file: new File([patterned(100_000)], 'a.bin'), thumbnail: null };
  await page().seal(outgoing, id);
  const stored = await storedOfGroups(blobs);
  expect(stored).toHaveLength(1);
  const files = page();
  // The group has been looked through, and then the person sends.
  const live = { isWhole: true, files, blobIds: async () => files.seal(outgoing, id).then(() => []) };
  await tidy(blobs, stored, [live as unknown as LiveGroup]);
  expect(await storedOfGroups(blobs)).toEqual(stored);
  await tidy(blobs, stored, [{ ...live, files: page(), blobIds: async () => [] } as unknown as LiveGroup]);
  expect(await storedOfGroups(blobs)).toEqual([]);
});

it('no-harm-to-others: a message copied into another group shares no units with it, so that nothing there takes them away', async () => {
  const { body } = await page().seal(
    { file: new File([patterned(1000)], 'a.bin'), thumbnail: null },
    new Uint8Array(16),
  );
  const copied = { hash: 'copied', from: 'mallory', message: { id: new Uint8Array(16), body } } as unknown as Entry;
  const [hikers, singers] = [await page('hikers').blobIds([copied], []), await page('singers').blobIds([copied], [])];
  expect([hikers.length, singers.length]).toEqual([1, 1]);
  expect(hikers).not.toEqual(singers);
});
