// Files in groups: fetched from whoever has them, proven piece by piece (core/group/FILES.md).
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { fromHex } from '../../src/core/bytes/hex.ts';
import { sha256 } from '../../src/core/crypto/kdf.ts';
import type { BroughtFile } from '../../src/core/node/groups/files/known-file.ts';
import type { GroupFileTalk } from '../../src/core/wire/group-files.ts';
import { patterned } from '../contract/blob-store.ts';
import { type Member, Swarming } from '../fixtures/group-swarm.ts';
import { settle } from '../fixtures/until.ts';

const MAX = 26_214_400;
const GROUP = new Uint8Array(32).fill(9);
let swarming: Swarming;
let ana: Member;
let others: Member[];

const everybodyLearns = (file: BroughtFile) => Promise.all(others.map((member) => member.learns(file)));

/** Everybody with everybody, Ana only with those named. */
function linkAll(withAna: readonly Member[]): void {
  for (const [at, one] of others.entries()) for (const other of others.slice(at + 1)) swarming.link(one, other);
  for (const member of withAna) swarming.link(ana, member);
}

async function digestAt(member: Member, { name }: BroughtFile): Promise<Uint8Array> {
  const blob = await member.files.open(name, 'application/octet-stream');
  return sha256(new Uint8Array(await blob.arrayBuffer()));
}

beforeEach(() => {
  swarming = new Swarming(new MemoryClock());
  ana = swarming.person('ana');
  others = ['ben', 'cleo', 'dora', 'emil'].map((name) => swarming.person(name));
});

describe('a file in a group of five', () => {
  it.each([0, 1, 65_536, 65_537, MAX])(
    'sender-may-leave: of %i bytes reaches everybody although its sender leaves when one has it all',
    {
      timeout: 60_000,
    },
    async (size) => {
      const [ben] = others as [Member];
      const content = patterned(size);
      const file = await ana.seals(content);
      expect(ana.has(file)).toBe(true);
      expect([ana.files.reach(file.name), ana.files.onlyHere()]).toEqual(['only-here', [file.name]]);
      await everybodyLearns(file);
      swarming.link(ana, ben);
      await swarming.until(() => ana.files.reach(file.name) === 'elsewhere');
      expect([ben.has(file), ben.files.onlyHere(), ana.files.onlyHere()]).toEqual([true, [], []]);
      swarming.leaves(ana);
      linkAll([]);
      await swarming.until(() => others.every((member) => member.has(file)));
      const digest = await sha256(content);
      for (const member of others) expect(await digestAt(member, file)).toEqual(digest);
      // Nobody fetched a unit twice.
      const units = Math.max(1, Math.ceil(size / 65_536));
      expect(others.map(({ unitsCame }) => unitsCame)).toEqual([units, units, units, units]);
    },
  );

  it('several-at-once: comes from several members at once, and its sender gives less than one copy to each', async () => {
    const given = { units: 0 };
    ana.alters = (message) => {
      if (message.type === 'group-file-units') given.units += Math.ceil(message.sealed.length / 65_552);
      return message;
    };
    const file = await ana.seals(patterned(100 * 65_536));
    await everybodyLearns(file);
    linkAll(others);
    await swarming.until(() => others.every((member) => member.has(file)));
    expect(given.units).toBeGreaterThanOrEqual(100);
    expect(given.units).toBeLessThan(400);
  });

  it('several-at-once: is fetched on after a reload, and no unit comes twice', async () => {
    const [ben] = others as [Member];
    const content = patterned(60 * 65_536);
    const file = await ana.seals(content);
    await ben.learns(file);
    swarming.link(ana, ben);
    await swarming.until(() => (ben.files.state(file.name)?.progress ?? 0) > 0.4);
    swarming.leaves(ben);
    await settle();
    const held = Math.round((ben.files.state(file.name)?.progress ?? 0) * 60);
    expect(held).toBeLessThan(60);
    await ben.reload(file);
    expect(ben.files.state(file.name)).toEqual({ state: 'waiting', progress: held / 60 });
    ben.unitsCame = 0;
    swarming.link(ana, ben);
    await swarming.until(() => ben.has(file));
    expect(ben.unitsCame).toBe(60 - held);
    expect(await digestAt(ben, file)).toEqual(await sha256(content));
    await ben.reload(file);
    expect(ben.has(file)).toBe(true);
  });

  it('waits, and says so, while nobody who is there has it', async () => {
    const [ben, cleo] = others as [Member, Member];
    const file = await ana.seals(patterned(200_000));
    await everybodyLearns(file);
    swarming.link(ben, cleo);
    await swarming.pass(10_000);
    expect(ben.files.state(file.name)).toEqual({ state: 'waiting', progress: 0 });
    await expect(ben.files.open(file.name, '')).rejects.toMatchObject({ kind: 'file-unreadable' });
    swarming.link(ana, cleo);
    await swarming.until(() => ben.has(file) && cleo.has(file));
  });

  it('file-cancelled: is not fetched, and not looked for after a reload', async () => {
    const [ben] = others as [Member];
    const file = await ana.seals(patterned(2_000_000));
    await ben.learns(file);
    await ben.files.cancel(file.name);
    await ben.reload(file);
    swarming.link(ana, ben);
    await swarming.pass(40_000);
    expect(ben.unitsCame).toBe(0);
    expect(ben.files.state(file.name)).toMatchObject({ state: 'failed', error: 'file-cancelled' });
  });

  it('file-cancelled: what is whole stays, also while it is still looked at, and of one of mine it may be all there is', async () => {
    const [ben] = others as [Member];
    const content = patterned(300_000);
    const file = await ana.seals(content);
    ana.reopen();
    await Promise.all([ana.files.brought(file), ana.files.cancel(file.name)]);
    await ben.learns(file);
    let look = () => {};
    const looked = new Promise<void>((resolve) => {
      look = resolve;
    });
    let isLooking = false;
    const finish = ben.blobs.finish.bind(ben.blobs);
    ben.blobs.finish = async (...of) => {
      isLooking = true;
      await looked;
      return finish(...of);
    };
    swarming.link(ana, ben);
    await swarming.until(() => isLooking);
    await ben.files.cancel(file.name);
    look();
    await swarming.until(() => ben.has(file));
    expect(await digestAt(ben, file)).toEqual(await sha256(content));
  });

  it('file-too-large: larger than this device takes is refused before a unit moves', async () => {
    const [ben] = others as [Member];
    ben.maxFileBytes = 100_000;
    const file = await ana.seals(patterned(100_001));
    await ben.learns(file);
    swarming.link(ana, ben);
    await swarming.pass(2_000);
    expect(ben.files.state(file.name)).toMatchObject({ state: 'failed', error: 'file-too-large' });
    expect(ben.unitsCame).toBe(0);
  });

  it('disk-full: for which there is no room, fails with that reason and leaves nothing behind', async () => {
    const [ben] = others as [Member];
    ben.disk.room = 300_000;
    const file = await ana.seals(patterned(2_000_000));
    await ben.learns(file);
    swarming.link(ana, ben);
    await swarming.until(() => ben.files.state(file.name)?.state === 'failed');
    await settle();
    expect(ben.files.state(file.name)).toMatchObject({ error: 'disk-full' });
    expect(await ben.blobs.list()).toEqual([]);
  });
});

describe('whose end cannot be noted', () => {
  it('disk-full: where not even that can be noted, what was stored is removed and the failure shown', async () => {
    const [ben] = others as [Member];
    ben.disk.room = 300_000;
    ben.notesFail = true;
    const file = await ana.seals(patterned(2_000_000));
    await ben.learns(file);
    swarming.link(ana, ben);
    await swarming.until(() => ben.files.state(file.name)?.state === 'failed');
    await settle();
    expect(await ben.blobs.list()).toEqual([]);
    expect(ben.shown.get(file.name)).toBe('failed');
  });
});

describe('who means harm', () => {
  it('no-harm-to-others: 400 files that nobody has hold up none that came after them, also after a reload', async () => {
    const [ben] = others as [Member];
    const file = await ana.seals(patterned(200_000));
    for (let at = 0; at < 400; at += 1) {
      const name = at.toString(16).padStart(64, '0');
      await ben.files.brought({ ...file, name, blobId: name });
    }
    await ben.learns(file);
    swarming.link(ana, ben);
    await swarming.pass(300_000);
    expect(ben.has(file)).toBe(true);
  });

  it('readers-only: who may not read a file is no owner of it, whatever they say', async () => {
    const [ben] = others as [Member];
    const file = await ana.seals(patterned(200_000));
    await ben.learns(file);
    swarming.removed.add('ben');
    swarming.link(ana, ben);
    const bitmap = Uint8Array.of(15);
    ben.say('ana', { type: 'group-file-have', group: GROUP, file: fromHex(file.name), bitmap });
    await swarming.pass(1_000);
    expect(ana.files.reach(file.name)).toBe('only-here');
  });

  it('signed-units: a member who gives other bytes is found out at the first unit, and the file comes from the others', async () => {
    const [ben, cleo, dora] = others as [Member, Member, Member];
    const content = patterned(40 * 65_536);
    const file = await ana.seals(content);
    await ben.learns(file);
    await cleo.learns(file);
    swarming.link(ana, ben);
    swarming.link(ana, cleo);
    await swarming.until(() => ben.has(file) && cleo.has(file));
    ben.alters = (message) => {
      if (message.type !== 'group-file-units') return message;
      const sealed = message.sealed.slice();
      sealed[100] = (sealed[100] ?? 0) ^ 1;
      return { ...message, sealed };
    };
    await dora.learns(file);
    swarming.link(ben, dora);
    await swarming.until(() => dora.refused.length > 0);
    expect(dora.refused).toEqual(['ben: file-corrupt-unit']);
    swarming.link(cleo, dora);
    await swarming.until(() => dora.has(file));
    expect(await digestAt(dora, file)).toEqual(await sha256(content));
    expect(dora.refused).toHaveLength(1);
    // One unit of Ben's, and each of the file once.
    expect(dora.unitsCame).toBe(41);
  });

  it('signed-units: with the key of the file alone nobody makes a unit that is taken', async () => {
    const [ben, cleo] = others as [Member, Member];
    const file = await ana.seals(patterned(3 * 65_536, 1));
    await ben.blobs.seal(file.name, new Blob([patterned(3 * 65_536, 2)]), file.offer.key);
    await cleo.learns(file);
    swarming.link(ben, cleo);
    const have = { type: 'group-file-have', group: GROUP, file: fromHex(file.name), bitmap: Uint8Array.of(7) } as const;
    ben.say('cleo', have);
    const layout = { size: 3 * 65_536, units: 3 };
    for (const first of [0, 1, 2]) {
      const sealed = await ben.blobs.readUnit(file.name, layout, first);
      ben.say('cleo', { type: 'group-file-units', group: GROUP, file: fromHex(file.name), first, sealed });
    }
    await swarming.until(() => cleo.refused.length > 0);
    expect(cleo.files.state(file.name)).toMatchObject({ state: 'waiting', progress: 0 });
    swarming.link(ana, cleo);
    await swarming.until(() => cleo.has(file));
  });

  it('readers-only: who was removed is given nothing, also in the middle of a file', async () => {
    const [ben, cleo] = others as [Member, Member];
    const file = await ana.seals(patterned(60 * 65_536));
    await ben.learns(file);
    swarming.link(ana, ben);
    await swarming.until(() => ben.unitsCame > 10);
    swarming.removed.add('ben');
    await swarming.clock.advance(20, settle);
    const before = ben.unitsCame;
    expect(before).toBeLessThan(60);
    await swarming.pass(120_000);
    expect(ben.unitsCame).toBe(before);
    await cleo.learns(file);
    swarming.link(ana, cleo);
    await swarming.until(() => cleo.has(file));
  });

  it('file-corrupt-unit and file-hash-mismatch: a sender whose signed units do not open, or whose hash is wrong, fails with everybody and stays failed', async () => {
    const [ben, cleo] = others as [Member, Member];
    const file = await ana.seals(patterned(100_000));
    const otherKey = { ...file, offer: { ...file.offer, key: new Uint8Array(32) } };
    const otherHash = { ...file, offer: { ...file.offer, sha256: new Uint8Array(32) } };
    await ben.learns(otherKey);
    await cleo.learns(otherHash);
    swarming.link(ana, ben);
    swarming.link(ana, cleo);
    await swarming.until(() => [ben, cleo].every(({ files }) => files.state(file.name)?.state === 'failed'));
    expect(ben.files.state(file.name)).toMatchObject({ error: 'file-corrupt-unit' });
    expect(cleo.files.state(file.name)).toMatchObject({ error: 'file-hash-mismatch' });
    await ben.reload(otherKey);
    expect(ben.files.state(file.name)).toMatchObject({ error: 'file-corrupt-unit' });
  });

  it('no-harm-to-others: units that nobody asked for, and files that nobody knows, are not looked at', async () => {
    const [ben] = others as [Member];
    const file = await ana.seals(patterned(200_000));
    await ben.learns(file);
    swarming.link(ana, ben);
    await swarming.until(() => ben.has(file));
    const sealed = new Uint8Array(65_552);
    const junk = (name: string): GroupFileTalk[] => {
      const about = { group: GROUP, file: fromHex(name) };
      return [
        { type: 'group-file-units', ...about, first: 399, sealed },
        { type: 'group-file-units', ...about, first: 0, sealed: new Uint8Array(0) },
        { type: 'group-file-have', ...about, bitmap: new Uint8Array(50).fill(255) },
        { type: 'group-file-want', ...about, first: 399, units: 3 },
        { type: 'group-file-ask', group: GROUP, files: [about.file] },
      ];
    };
    for (let round = 0; round < 200; round += 1) {
      for (const message of [...junk(file.name), ...junk('ab'.repeat(32))]) await ben.files.received('ana', message);
    }
    await settle();
    expect(ben.refused).toEqual([]);
    expect(await ben.blobs.list()).toEqual([file.name]);
    expect(await digestAt(ben, file)).toEqual(file.offer.sha256);
  });

  it('no-harm-to-others: a member who asks for everything again and again is given each unit about twice', async () => {
    const [ben] = others as [Member];
    const file = await ana.seals(patterned(20 * 65_536));
    swarming.link(ana, ben);
    const want = { type: 'group-file-want', group: GROUP, file: fromHex(file.name), units: 1 } as const;
    for (let at = 0; at < 1_000; at += 1) ben.say('ana', { ...want, first: at % 20 });
    await swarming.until(() => ben.unitsCame > 0);
    await swarming.clock.advance(1_000, settle);
    expect(ben.unitsCame).toBeLessThanOrEqual(46);
  });
});
