// What a group's disk gives back, and what it tidies.
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import type { Draft } from '../../../src/core/group/events.ts';
import { GroupDisk } from '../../../src/core/node/groups/group-disk.ts';
import { encodeSignedPart, groupKeys } from '../../../src/core/node/groups/group-records.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { encode } from '../../../src/core/wire/cbor.ts';
import type { ShareMessage } from '../../../src/core/wire/group-history.ts';
import { MAX_MENTIONS } from '../../../src/core/wire/group-limits.ts';
import { MAX_TEXT_BYTES } from '../../../src/core/wire/limits.ts';

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

it('what was seen can be read again, also of fifty who leave gaps without end', async () => {
  const disk = new MemoryDisk();
  const far = 2 ** 47;
  const missing = Array.from({ length: 300 }, (_, at): [number, number] => [far + 2 * at, far + 2 * at]);
  const seen = Array.from({ length: 50 }, (_, at) => ({ author: `${at}`.repeat(32), high: far + 999, missing }));
  await new GroupDisk(disk.reopen(), 'hikers', silentLog).seen(seen);
  const back = await new GroupDisk(disk.reopen(), 'hikers', silentLog).load(group);
  expect(back.seen).toEqual(seen.map((one) => ({ ...one, missing: missing.slice(100) })));
});

it('what was seen can be read again, however many have come and gone', async () => {
  const disk = new MemoryDisk();
  const missing = Array.from({ length: 200 }, (_, at): [number, number] => [2 ** 40 + 2 * at, 2 ** 40 + 2 * at]);
  const seen = Array.from({ length: 300 }, (_, at) => ({ author: `${at}`.padStart(64, '0'), high: 2 ** 41, missing }));
  await new GroupDisk(disk.reopen(), 'hikers', silentLog).seen(seen);
  expect((await new GroupDisk(disk.reopen(), 'hikers', silentLog).load(group)).seen).toEqual(seen);
});

describe('what waits to be written', () => {
  const draft = (which: number, text = `${which}`): Draft => ({
    id: new Uint8Array(16).fill(which),
    body: { type: 'text', text },
  });
  const waiting = async (disk: MemoryDisk) => {
    const groupDisk = new GroupDisk(disk.reopen(), 'hikers', silentLog);
    const { drafts = [] } = await groupDisk.load(group);
    return { groupDisk, drafts, isDamaged: groupDisk.isDamaged };
  };
  const keys = async (disk: MemoryDisk) => (await disk.reopen().list('group-state')).map(({ key }) => key);

  it('is read back in its order, however much it is', async () => {
    const disk = new MemoryDisk();
    const { groupDisk } = await waiting(disk);
    const long = Array.from({ length: 20 }, (_, at) => draft(at + 1, 'ä'.repeat(MAX_TEXT_BYTES / 2)));
    for (let count = 1; count <= long.length; count += 1) {
      await groupDisk.write({ do: 'store', drafts: long.slice(0, count) });
    }
    const again = await waiting(disk);
    expect([again.drafts, again.isDamaged]).toEqual([long, false]);
    // What has left or was taken back is gone, what is new comes last.
    const rest = [...long.slice(2, 19), draft(30)];
    await again.groupDisk.write({ do: 'store', drafts: rest });
    expect((await waiting(disk)).drafts).toEqual(rest);
    await again.groupDisk.write({ do: 'store', drafts: [] });
    expect(await keys(disk)).toEqual([]);
  });

  it('is dropped, and waits again, in its own place', async () => {
    const disk = new MemoryDisk();
    const { groupDisk } = await waiting(disk);
    await groupDisk.write({ do: 'store', drafts: [draft(1), draft(2)] });
    const before = await keys(disk);
    const dropped: Draft = { ...draft(1), dropped: true };
    await groupDisk.write({ do: 'store', drafts: [dropped, draft(2)] });
    const again = await waiting(disk);
    expect([again.drafts, await keys(disk)]).toEqual([[dropped, draft(2)], before]);
    await again.groupDisk.write({ do: 'store', drafts: [draft(1), draft(2)] });
    expect([(await waiting(disk)).drafts, await keys(disk)]).toEqual([[draft(1), draft(2)], before]);
  });

  it('is written by the next write when the disk was full', async () => {
    const disk = new MemoryDisk();
    const { groupDisk } = await waiting(disk);
    await groupDisk.write({ do: 'store', drafts: [draft(1)] });
    const store = disk.reopen();
    const full = new GroupDisk(store, 'hikers', silentLog);
    await full.load(group);
    disk.commitsUntilFull = 0;
    await expect(full.write({ do: 'store', drafts: [draft(2)] })).rejects.toThrow();
    disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    expect((await waiting(disk)).drafts).toEqual([draft(1)]);
    await full.write({ do: 'store', drafts: [draft(2), draft(3)] });
    expect((await waiting(disk)).drafts).toEqual([draft(2), draft(3)]);
  });

  it('is not taken along by one that is damaged, which stays as it is', async () => {
    const disk = new MemoryDisk();
    const { groupDisk } = await waiting(disk);
    await groupDisk.write({ do: 'store', drafts: [draft(1), draft(2), draft(3)] });
    const value = new Uint8Array(9);
    await disk.reopen().commit([{ put: 'group-state', key: groupKeys.draft('hikers', 3), value }], 'strict');
    const again = await waiting(disk);
    expect([again.drafts, again.isDamaged]).toEqual([[draft(1), draft(2)], true]);
    await again.groupDisk.write({ do: 'store', drafts: [draft(2), draft(4)] });
    expect(await keys(disk)).toEqual([2, 3, 4].map((at) => groupKeys.draft('hikers', at)));
    expect((await waiting(disk)).drafts).toEqual([draft(2), draft(4)]);
  });

  describe('of an earlier version, in one record', () => {
    const long = [1, 3, 4, 5, 6].map((which) => draft(which, 'x'.repeat(MAX_TEXT_BYTES)));
    const old = async (value: Uint8Array): Promise<MemoryDisk> => {
      const disk = new MemoryDisk();
      await disk.reopen().commit([{ put: 'group-state', key: groupKeys.drafts('hikers'), value }], 'strict');
      return disk;
    };

    it('is read, and at once kept as it is now', async () => {
      const disk = await old(encode(long.map((one) => ({ ...one }))));
      const { groupDisk, drafts, isDamaged } = await waiting(disk);
      expect([drafts, isDamaged]).toEqual([long, false]);
      expect(await keys(disk)).toEqual([1, 2, 3, 4, 5].map((at) => groupKeys.draft('hikers', at)));
      await groupDisk.write({ do: 'store', drafts: [...drafts, draft(9)] });
      expect((await waiting(disk)).drafts).toEqual([...long, draft(9)]);
    });

    it('names of a text no more members than anybody takes', async () => {
      const mentions = Array.from({ length: 51 }, (_, start) => ({ start, length: 1, member: new Uint8Array(32) }));
      const body = { type: 'text', text: 'x'.repeat(99), mentions };
      const disk = await old(encode([{ id: new Uint8Array(16).fill(2), body }, { ...draft(3) }]));
      const { drafts, isDamaged } = await waiting(disk);
      const named = { ...body, mentions: mentions.slice(0, MAX_MENTIONS) };
      expect([drafts.map((one) => one.body), isDamaged]).toEqual([[named, draft(3).body], false]);
      expect((await waiting(disk)).drafts).toEqual(drafts);
    });

    it('keeps what cannot be read of it where it lies, and says so at every start', async () => {
      const disk = await old(encode([{ ...draft(1) }, { id: 7 }, 'text']));
      for (const _ of ['first', 'second']) {
        const { drafts, isDamaged } = await waiting(disk);
        expect([drafts, isDamaged]).toEqual([[draft(1)], true]);
      }
      const left = await disk.reopen().get('group-state', groupKeys.drafts('hikers'));
      expect(left).toEqual(encode([{ id: 7 }, 'text']));
      const { groupDisk } = await waiting(disk);
      await groupDisk.write({ do: 'store', drafts: [] });
      expect(await keys(disk)).toEqual([groupKeys.drafts('hikers')]);
    });

    it('stays as it is where it cannot be read at all, and is put over later where the disk was full', async () => {
      const spoiled = await old(new Uint8Array(9));
      const again = await waiting(spoiled);
      await again.groupDisk.write({ do: 'store', drafts: [draft(1)] });
      expect(await keys(spoiled)).toEqual([groupKeys.draft('hikers', 1), groupKeys.drafts('hikers')]);
      const full = await old(encode([{ ...draft(1) }]));
      full.commitsUntilFull = 0;
      const { groupDisk, drafts } = await waiting(full);
      expect(drafts).toEqual([draft(1)]);
      full.commitsUntilFull = Number.POSITIVE_INFINITY;
      await groupDisk.write({ do: 'store', drafts: [draft(1), draft(2)] });
      expect((await keys(full)).every((key) => key.startsWith('hikers/draft/'))).toBe(true);
      expect((await waiting(full)).drafts).toEqual([draft(1), draft(2)]);
    });
  });
});
