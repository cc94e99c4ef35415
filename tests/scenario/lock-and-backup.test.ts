// Where the passphrase and a backup meet, in whole nodes: what one of them does while the other is at work.
import { beforeEach, describe, expect, it } from 'vitest';
import type { NodeEvent } from '../../src/core/node-api.ts';
import type { Write } from '../../src/core/ports/store.ts';
import { RememberedVault } from '../fixtures/remembered-vault.ts';
import { backupOf, bringIn, freshDevice, PASSPHRASE } from '../fixtures/returning.ts';
import { Village, type Villager } from '../fixtures/village.ts';

const LOCK = 'four words by dice';

let village: Village;
let ana: Villager;
let ben: Villager;
let backup: Blob;
let vault: RememberedVault;
let cleo: Villager;
let events: NodeEvent['type'][];

/** Cleo's page opens, unlocked. */
async function open(): Promise<void> {
  cleo.files.crash();
  cleo.vault = { isProtected: vault.isProtected, open: async () => vault };
  await cleo.start();
  cleo.node.subscribe(({ type }) => events.push(type));
}

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  await village.introduce(ana, ben);
  const file = new File([new Uint8Array(150_000)], 'a.bin');
  await ben.node.sendFiles(await ben.idOf(ana), [{ file, thumbnail: null }]);
  await village.until(
    async () => (await ana.messages(ben)).some(({ attachment }) => attachment?.state === 'complete'),
    'the file has arrived',
  );
  backup = await backupOf(village, ana);
  vault = new RememberedVault();
  events = [];
  cleo = await village.person('Cleo');
  await cleo.close();
  await open();
});

/** The next commit that `is` waits until `goOn` is called; `reached` resolves when it has come. */
function held(is: (write: Write) => boolean) {
  let goOn = (): void => {};
  let arrive = (): void => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  cleo.beforeCommit = async (writes) => {
    if (!writes.some(is)) return;
    arrive();
    await gate;
  };
  return { reached, goOn };
}

const comingIn = () => held((write) => 'put' in write && write.put === 'contacts');

const lockDeed = (deed: Parameters<Villager['node']['lock']>[0]) => village.outcome(cleo.node.lock(deed));

describe('while a backup comes in', () => {
  it('nothing locks half-way, by itself or by hand: it ends, and the pages begin anew', async () => {
    await lockDeed({ do: 'set', passphrase: LOCK });
    await lockDeed({ do: 'auto', minutes: 1 });
    const { reached, goOn } = comingIn();
    const done = cleo.node.importBackup(backup, PASSPHRASE);
    await village.outcome(reached);
    await village.pass(300_000);
    expect(await lockDeed({ do: 'now' })).toMatchObject({ ok: false, kind: 'backup-busy' });
    goOn();
    expect(await village.outcome(done)).toMatchObject({ ok: true });
    expect(events).not.toContain('locked');
    expect(events.at(-1)).toBe('replaced');
    await open();
    expect((await cleo.snapshot()).identity?.name).toBe('Ana');
    expect((await cleo.snapshot()).unfinished).toBeUndefined();
  });

  it('erasing everything stops it first: not one file comes after what was erased', async () => {
    const { reached, goOn } = comingIn();
    const done = cleo.node.importBackup(backup, PASSPHRASE);
    await village.outcome(reached);
    let files: string[] = ['not erased'];
    cleo.destroyed = () => {
      cleo.files.files.clear();
      files = [...cleo.files.files.keys()];
    };
    const erased = cleo.node.eraseEverything();
    await village.pass(1000);
    expect(files).toEqual(['not erased']);
    goOn();
    expect(await village.outcome(erased)).toMatchObject({ ok: true });
    expect((await village.outcome(done)).ok).toBe(false);
    await village.pass(60_000);
    expect([...cleo.files.files.keys()]).toEqual([]);
    expect(events).toContain('erased');
    expect(events).not.toContain('replaced');
  });
});

it('erasing everything waits until the passphrase is set or not: no lock record comes after what was erased', async () => {
  let sealed = (): void => {};
  vault.sealing = new Promise((resolve) => {
    sealed = resolve;
  });
  const set = cleo.node.lock({ do: 'set', passphrase: LOCK });
  await village.pass(100);
  const wasSet: boolean[] = [];
  cleo.destroyed = () => void wasSet.push(vault.isProtected);
  const erased = cleo.node.eraseEverything();
  await village.pass(1000);
  sealed();
  await village.outcome(Promise.all([set, erased]));
  expect(wasSet).toEqual([true]);
});

it('erasing everything does not wait for ever: what hangs is left behind', async () => {
  vault.sealing = new Promise(() => {});
  void cleo.node.lock({ do: 'set', passphrase: LOCK });
  await village.pass(100);
  expect(await village.outcome(cleo.node.eraseEverything())).toMatchObject({ ok: true });
});

describe('one at a time', () => {
  it('the passphrase is not changed while a backup is made: records would move under it', async () => {
    const { reached, goOn } = held((write) => 'put' in write && write.put === 'meta' && write.key === 'twin');
    const made = cleo.node.exportBackup(PASSPHRASE);
    await village.outcome(reached);
    expect(await lockDeed({ do: 'set', passphrase: LOCK })).toMatchObject({ ok: false, kind: 'backup-busy' });
    goOn();
    expect(await village.outcome(made)).toMatchObject({ ok: true });
    expect(await lockDeed({ do: 'set', passphrase: LOCK })).toMatchObject({ ok: true });
  });

  it('no backup is made or comes in while the passphrase is set', async () => {
    let sealed = (): void => {};
    vault.sealing = new Promise((resolve) => {
      sealed = resolve;
    });
    const set = cleo.node.lock({ do: 'set', passphrase: LOCK });
    await village.pass(1000);
    expect(await village.outcome(cleo.node.exportBackup(PASSPHRASE))).toMatchObject({ kind: 'backup-busy' });
    expect(await village.outcome(cleo.node.importBackup(backup, PASSPHRASE))).toMatchObject({ kind: 'backup-busy' });
    sealed();
    expect(await village.outcome(set)).toMatchObject({ ok: true });
    expect(await village.outcome(cleo.node.exportBackup(PASSPHRASE))).toMatchObject({ ok: true });
  });
});

it('a locked device is silent also to others of the same identity, and meets them when it is open', async () => {
  await ana.close();
  ana.files.crash();
  await vault.setPassphrase(LOCK);
  ana.vault = { isProtected: true, open: async () => vault };
  await ana.start();
  await ana.node.lock({ do: 'now' });
  const phone = await freshDevice(village, 'Ana', 600);
  await bringIn(village, phone, backup);
  await village.together(phone, ben);
  await village.pass(300_000);
  expect((await phone.snapshot()).twin).toBeUndefined();
  ana.files.crash();
  await ana.start();
  await village.until(async () => (await phone.snapshot()).twin?.state === 'held', 'they have met');
});

describe('what is chosen for this device', () => {
  it('stays when a backup comes in that never locks by itself', async () => {
    await lockDeed({ do: 'set', passphrase: LOCK });
    await lockDeed({ do: 'auto', minutes: 5 });
    await bringIn(village, cleo, backup);
    await cleo.close();
    await open();
    expect((await cleo.snapshot()).identity?.name).toBe('Ana');
    expect((await cleo.snapshot()).lock).toEqual({ state: 'open', autoLock: 5 });
  });

  it('comes with the backup where nothing is chosen', async () => {
    await ana.close();
    ana.files.crash();
    await vault.setPassphrase(LOCK);
    ana.vault = { isProtected: true, open: async () => vault };
    await ana.start();
    await village.outcome(ana.node.lock({ do: 'auto', minutes: 15 }));
    const later = await backupOf(village, ana);
    const phone = await freshDevice(village, 'Ana', 600);
    phone.vault = { isProtected: true, open: async () => vault };
    await bringIn(village, phone, later);
    expect((await phone.snapshot()).lock).toEqual({ state: 'open', autoLock: 15 });
  });
});
