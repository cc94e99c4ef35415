// Whole nodes: somebody takes everything along, loses the device, and comes back.
import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../src/core/bytes/hex.ts';
import { sha256 } from '../../src/core/crypto/kdf.ts';
import { KithError } from '../../src/core/errors.ts';
import type { NodeEvent } from '../../src/core/node-api.ts';
import { tables } from '../../src/core/ports/store.ts';
import { backupOf, bringIn, freshDevice, lose, PASSPHRASE } from '../fixtures/returning.ts';
import { Village, type Villager } from '../fixtures/village.ts';

let village: Village;
let ana: Villager;
let ben: Villager;

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  await village.introduce(ana, ben);
});

const arrived = (from: Villager, to: Villager, texts: string[]) =>
  village.until(async () => (await to.texts(from, 'in')).join() === texts.join(), `arrived: ${texts.join()}`);

const printOf = async (bytes: Uint8Array) => toHex(await sha256(bytes));

const bytesOf = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 17 + (index >> 8)) & 255);

async function sendFile(from: Villager, to: Villager, bytes: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
  const file = new File([bytes], name, { type: 'application/octet-stream' });
  const sent = await from.node.sendFiles(await from.idOf(to), [{ file, thumbnail: null }]);
  if (!sent.ok) throw new Error(sent.kind);
}

/** Derived within a moment. */
async function numberOf(person: Villager): Promise<string> {
  await village.until(async () => (await person.snapshot()).identity?.number !== null, 'a number');
  return person.number();
}

/** SHA-256 of the file as it can be saved. */
async function attachment(of: Villager, withWhom: Villager, name: string) {
  const found = (await of.messages(withWhom)).find((message) => message.attachment?.name === name);
  if (!found) return undefined;
  const opened = await of.node.openAttachment(found.conversationId, found.id);
  if (!opened.ok) throw new Error(opened.kind);
  return toHex(await sha256(new Uint8Array(await opened.value.blob.arrayBuffer())));
}

const complete = (of: Villager, withWhom: Villager, name: string) =>
  village.until(
    async () =>
      (await of.messages(withWhom)).some(
        (message) => message.attachment?.name === name && message.attachment.state === 'complete',
      ),
    `${name} is complete`,
  );

describe('on a new device', () => {
  it('is the same person with the same history and the same files, and the talk goes on', async () => {
    const [sent, received] = [bytesOf(200_001, 1), bytesOf(70_000, 2)];
    await ana.write(ben, 'one');
    await arrived(ana, ben, ['one']);
    await ben.write(ana, 'two');
    await sendFile(ana, ben, sent, 'sent.bin');
    await complete(ben, ana, 'sent.bin');
    await sendFile(ben, ana, received, 'received.bin');
    await complete(ana, ben, 'received.bin');
    await village.until(async () => (await ana.states(ben)).every((state) => state === 'delivered'), 'settled');
    const [number, before] = [await numberOf(ana), await ana.messages(ben)];
    const backup = await backupOf(village, ana);
    await lose(village, ana);

    const phone = await freshDevice(village, 'Ana', 501);
    await bringIn(village, phone, backup);
    expect(await numberOf(phone)).toBe(number);
    expect((await phone.snapshot()).identity?.name).toBe('Ana');
    expect(await phone.messages(ben)).toEqual(before);
    expect(await attachment(phone, ben, 'sent.bin')).toBe(await printOf(sent));
    expect(await attachment(phone, ben, 'received.bin')).toBe(await printOf(received));

    await village.together(phone, ben);
    await phone.write(ben, 'back again');
    await village.until(async () => (await ben.texts(ana, 'in')).at(-1) === 'back again', 'three');
    await ben.write(phone, 'welcome');
    await village.until(async () => (await phone.texts(ben, 'in')).includes('welcome'), 'four');
    await village.until(async () => (await phone.states(ben)).at(-1) === 'delivered', 'delivered');
  });

  it('a text of megabytes that was being written makes no backup that cannot be brought back', async () => {
    await ana.write(ben, 'one');
    // A character of two units stands where it is cut.
    await ana.node.setDraft(await ana.idOf(ben), `${'漢'.repeat(999_999)}${'😀'.repeat(9)}${'漢'.repeat(4_000_000)}`);
    const backup = await backupOf(village, ana);
    await lose(village, ana);
    const phone = await freshDevice(village, 'Ana', 502);
    await bringIn(village, phone, backup);
    expect(await phone.texts(ben, 'out')).toEqual(['one']);
    expect(await phone.node.draft(await phone.idOf(ben))).toBe('漢'.repeat(999_999));
  });

  it('a backup holds every record of its moment, and the export leaves this device as it was', async () => {
    await ana.write(ben, 'one');
    await arrived(ana, ben, ['one']);
    const rows = () => new Map(tables.map((table) => [table, new Map(ana.disk.written.get(table) ?? [])]));
    const before = rows();
    await backupOf(village, ana);
    // But for the note that there may be another device from now on.
    expect(ana.disk.written.get('meta')?.delete('twin')).toBe(true);
    expect(rows()).toEqual(before);
  });

  it('what is written while a backup reads records waits for it, and is then kept', async () => {
    const made = ana.node.exportBackup(PASSPHRASE);
    const written = ana.write(ben, 'meanwhile');
    await village.outcome(Promise.all([made, written]));
    await arrived(ana, ben, ['meanwhile']);
  });

  it('two backups at once are refused, and none without a passphrase', async () => {
    const [first, second] = await village.outcome(
      Promise.all([ana.node.exportBackup(PASSPHRASE), ana.node.exportBackup(PASSPHRASE)]),
    );
    expect(first.ok).toBe(true);
    expect(second).toMatchObject({ ok: false, kind: 'backup-busy' });
    expect(await village.outcome(ana.node.exportBackup(''))).toMatchObject({ kind: 'backup-passphrase-empty' });
  });

  it('is not made under a passphrase that would open more easily than the app lock', async () => {
    const refused = [
      ['geese', 'passphrase-short'],
      ['abababab', 'passphrase-simple'],
      ['x'.repeat(1025), 'passphrase-long'],
    ] as const;
    for (const [passphrase, kind] of refused)
      expect(await village.outcome(ana.node.exportBackup(passphrase))).toMatchObject({ ok: false, kind });
    expect(ana.disk.written.get('meta')?.has('twin')).toBe(false);
  });
});

describe('what does not come in', () => {
  it('leaves everything as it was: wrong passphrase, damage, truncation, another file, no room', async () => {
    await ana.write(ben, 'mine');
    await arrived(ana, ben, ['mine']);
    const backup = await backupOf(village, ana);
    const cleo = await village.person('Cleo');
    const number = await numberOf(cleo);
    const bytes = new Uint8Array(await backup.arrayBuffer());
    const damaged = Uint8Array.from(bytes);
    damaged[bytes.length - 30] = (damaged[bytes.length - 30] ?? 0) ^ 4;
    const attempts: [Blob, string, string][] = [
      [backup, 'another passphrase', 'backup-passphrase'],
      [backup, '', 'backup-passphrase-empty'],
      [new Blob([damaged]), PASSPHRASE, 'backup-damaged'],
      [new Blob([bytes.subarray(0, bytes.length - 1)]), PASSPHRASE, 'backup-truncated'],
      [new Blob(['a letter']), PASSPHRASE, 'backup-foreign'],
    ];
    for (const [file, passphrase, kind] of attempts)
      expect(await village.outcome(cleo.node.importBackup(file, passphrase))).toMatchObject({ ok: false, kind });
    cleo.quota = 1000;
    expect(await village.outcome(cleo.node.importBackup(backup, PASSPHRASE))).toMatchObject({
      ok: false,
      kind: 'backup-too-large',
      detail: { limit: 1000 },
    });
    expect(await numberOf(cleo)).toBe(number);
    await cleo.node.rename('Cleo still');
    await cleo.close();
    await cleo.start();
    expect((await cleo.snapshot()).identity).toMatchObject({ name: 'Cleo still', number });
    expect((await cleo.snapshot()).unfinished).toBeUndefined();
  });
});

describe('coming in over somebody else', () => {
  it('replaces everything: nothing of before is left', async () => {
    await ana.write(ben, 'mine');
    await arrived(ana, ben, ['mine']);
    const backup = await backupOf(village, ana);
    const number = await numberOf(ana);
    await lose(village, ana);
    const cleo = await village.person('Cleo');
    await village.introduce(cleo, ben);
    await sendFile(cleo, ben, bytesOf(5000, 3), 'cleo.bin');
    await complete(ben, cleo, 'cleo.bin');
    await bringIn(village, cleo, backup);
    expect(await numberOf(cleo)).toBe(number);
    expect((await cleo.snapshot()).conversations.map(({ name }) => name)).toEqual(['Ben']);
    expect(cleo.files.files.size).toBe(0);
    await village.together(cleo, ben);
  });

  it('a page that dies at any commit of it is the old one, the new one, or says that it did not end: never half of both', async () => {
    // Enough records for several commits.
    for (let count = 0; count < 260; count += 1) await ana.write(ben, `mine ${count}`);
    await sendFile(ana, ben, bytesOf(150_000, 4), 'mine.bin');
    await complete(ben, ana, 'mine.bin');
    const backup = await backupOf(village, ana);
    const number = await numberOf(ana);
    await lose(village, ana);
    let unfinishedCommits = 0;
    const seen = new Set<string>();
    for (let commits = 0; !seen.has('new'); commits += 1) {
      const cleo = await village.person('Cleo');
      const old = await numberOf(cleo);
      cleo.disk.commitsUntilCrash = commits;
      const done = cleo.node.importBackup(backup, PASSPHRASE);
      const crashes = cleo.disk.crashes;
      let over = false;
      void done.then(() => {
        over = true;
      });
      await village.until(() => over || cleo.disk.crashes > crashes, 'ended or died');
      cleo.files.crash();
      await cleo.start();
      if ((await cleo.snapshot()).identity) await numberOf(cleo);
      const { identity, unfinished, conversations } = await cleo.snapshot();
      if (identity?.number === old) seen.add('old');
      else if (identity?.number === number) {
        seen.add('new');
        expect(conversations).toHaveLength(1);
        expect(await attachment(cleo, ben, 'mine.bin')).toBe(await printOf(bytesOf(150_000, 4)));
      } else {
        seen.add('unfinished');
        unfinishedCommits += 1;
        expect([identity, unfinished, conversations]).toEqual([null, 'import-unfinished', []]);
        for (const table of tables) expect(cleo.disk.written.get(table)?.size ?? 0).toBe(table === 'meta' ? 1 : 0);
        expect(cleo.files.files.size).toBe(0);
        // Both ways out work: the same backup again, or a new beginning.
        if (commits % 2 === 0) {
          await bringIn(village, cleo, backup);
          expect(await numberOf(cleo)).toBe(number);
        } else {
          expect((await cleo.node.createIdentity('Cleo')).ok).toBe(true);
        }
        await cleo.close();
        await cleo.start();
        expect((await cleo.snapshot()).unfinished).toBeUndefined();
        expect((await cleo.snapshot()).identity).not.toBeNull();
      }
      await lose(village, cleo);
    }
    expect([...seen]).toEqual(['old', 'unfinished', 'new']);
    expect(unfinishedCommits).toBeGreaterThanOrEqual(3);
  });

  it('a disk that is full half-way says so, keeps nothing, and lets the person begin again', async () => {
    await ana.write(ben, 'mine');
    await arrived(ana, ben, ['mine']);
    await sendFile(ana, ben, bytesOf(150_000, 4), 'mine.bin');
    await complete(ben, ana, 'mine.bin');
    const backup = await backupOf(village, ana);
    await lose(village, ana);
    const cleo = await freshDevice(village, 'Cleo', 700);
    cleo.files.room = 100_000;
    const events: string[] = [];
    cleo.node.subscribe(({ type }) => events.push(type));
    expect(await village.outcome(cleo.node.importBackup(backup, PASSPHRASE))).toMatchObject({ kind: 'disk-full' });
    expect(events).toContain('replaced');
    cleo.files.crash();
    await cleo.start();
    expect(await cleo.snapshot()).toMatchObject({ identity: null, unfinished: 'disk-full', conversations: [] });
    expect(cleo.files.files.size).toBe(0);
    cleo.files.room = Number.POSITIVE_INFINITY;
    await bringIn(village, cleo, backup);
    expect(await attachment(cleo, ben, 'mine.bin')).toBe(await printOf(bytesOf(150_000, 4)));
  });

  it('an import whose first step found no room touched nothing: the next page is the old one, whole', async () => {
    await ana.write(ben, 'mine');
    await arrived(ana, ben, ['mine']);
    const backup = await backupOf(village, ana);
    const cleo = await village.person('Cleo');
    const number = await numberOf(cleo);
    // Removing everything takes more room than a note of why it failed.
    cleo.beforeCommit = async (writes) => {
      if (writes.some((write) => 'clear' in write && write.clear === 'contacts')) throw new KithError('disk-full');
    };
    const told: NodeEvent[] = [];
    cleo.node.subscribe((event) => told.push(event));
    expect(await village.outcome(cleo.node.importBackup(backup, PASSPHRASE))).toMatchObject({ kind: 'disk-full' });
    expect(told).toContainEqual({ type: 'replaced', untouched: 'disk-full' });
    cleo.beforeCommit = async () => {};
    cleo.files.crash();
    await cleo.start();
    expect(await cleo.snapshot()).toMatchObject({ identity: { name: 'Cleo', number } });
    expect((await cleo.snapshot()).unfinished).toBeUndefined();
  });
});
