// What a group's disk gives back, and what it tidies.
import { expect, it } from 'vitest';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { GroupDisk } from '../../../src/core/node/groups/group-disk.ts';
import { encodeSignedPart, groupKeys } from '../../../src/core/node/groups/group-records.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import type { ShareMessage } from '../../../src/core/wire/group-history.ts';

const group = new Uint8Array(32).fill(9);

const share = (which: number): ShareMessage => ({
  type: 'group-share',
  group,
  content: new Uint8Array(100).fill(which),
  signature: new Uint8Array(64).fill(which),
});

/** A disk with these shares, in records from 1 on. */
async function diskOf(...which: number[]): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const writes = which.map((one, at) => ({
    put: 'group-state' as const,
    key: groupKeys.share('hikers', at + 1),
    value: encodeSignedPart(share(one)),
  }));
  await disk.reopen().commit(writes, 'strict');
  return disk;
}

async function open(disk: MemoryDisk) {
  const groupDisk = new GroupDisk(disk.reopen(), 'hikers', silentLog);
  const { shares = [] } = await groupDisk.load(group);
  return { groupDisk, shares: shares.map(({ signature }) => signature[0]) };
}

const rows = async (disk: MemoryDisk) =>
  (await disk.reopen().list('group-state')).map(({ key }) => Number(key.slice(-12)));

it('shares that an earlier version stored again at each start are one, and what repeats them goes with the next write', async () => {
  const disk = await diskOf(1, 2, 1, 1, 2, 3, 3);
  const { groupDisk, shares } = await open(disk);
  expect(shares).toEqual([1, 2, 3]);
  expect(await rows(disk)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  disk.commitsUntilFull = 0;
  await expect(groupDisk.write({ do: 'store', share: share(4) })).rejects.toThrow();
  expect(await rows(disk)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  disk.commitsUntilFull = Number.POSITIVE_INFINITY;

  const again = await open(disk);
  expect(again.shares).toEqual([1, 2, 3]);
  await again.groupDisk.write({ do: 'store', share: share(4) });
  expect(await rows(disk)).toEqual([1, 2, 6, 8]);
  expect((await open(disk)).shares).toEqual([1, 2, 3, 4]);
});

it('a share of which one record is damaged is the one that can be read', async () => {
  const disk = await diskOf(1, 1, 2);
  disk.damage('group-state', groupKeys.share('hikers', 1));
  const { groupDisk, shares } = await open(disk);
  expect(shares).toEqual([1, 2]);
  await groupDisk.write({ do: 'store', share: share(3) });
  expect((await open(disk)).shares).toEqual([1, 2, 3]);
});
