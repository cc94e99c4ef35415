// Backups as a person asks for them: everything goes out, or everything comes in.
import { openBackup, sealBackup } from '../../backup/container.ts';
import type { BackupItem } from '../../backup/items.ts';
import { type ErrorKind, KithError, kindOf } from '../../errors.ts';
import type { KeyDeriver } from '../../ports/key-deriver.ts';
import { checkPassphrase } from '../../vault/passphrase.ts';
import type { House } from '../house.ts';
import { type TwinRecord, twinWrite } from '../twin-record.ts';
import { askingAgain, newAndAsking } from './aged.ts';
import { checkBackup, replaceEverything } from './bring-in.ts';
import { readOut } from './read-out.ts';
import { noteWhy } from './unfinished.ts';

/**
 * @throws KithError 'backup-passphrase-empty' | 'passphrase-short' | 'passphrase-long' | 'passphrase-simple' | 'backup-memory' |
 * 'backup-busy', and what reading throws
 */
export async function exportEverything(house: House, passphrase: string): Promise<Blob> {
  requirePassphrase(passphrase);
  // The file often stays on the device whose lock asks for as much.
  checkPassphrase(passphrase);
  const { blobs, clock, random } = house.options;
  const tools = deriverOf(house);
  await house.network?.twin.expect();
  const items = readOut({ store: house.store, blobs, now: clock.now(), hold: () => house.gate.hold() });
  const parts: Blob[] = [];
  // Each part goes to the browser's blob storage at once, so that only one lies in our memory.
  for await (const piece of mayGoOn(house, sealBackup(tools, random, passphrase, items))) parts.push(new Blob([piece]));
  return new Blob(parts);
}

/**
 * Everything here is replaced; the pages begin anew. Rejects with nothing touched, or with the mark of an unfinished import on the disk
 * and the pages begun anew.
 */
export async function importEverything(house: House, file: Blob, passphrase: string): Promise<void> {
  requirePassphrase(passphrase);
  const backup = await openBackup(deriverOf(house), file, passphrase);
  await checkBackup(backup.items());
  await requireRoom(house, file.size);
  house.whole.replacing = true;
  await replace(house, backup.items()).finally(() => {
    house.whole.replacing = false;
  });
}

async function replace(house: House, items: AsyncIterable<BackupItem>): Promise<void> {
  const { store, blobs, clock } = house.options;
  const { autoLock } = house.profile.settings;
  let untouched: ErrorKind | undefined;
  try {
    await stop(house);
    await replaceEverything({ store, blobs }, mayGoOn(house, items), { now: clock.now(), autoLock });
  } catch (error) {
    // Why, for the page that begins anew. Without it that page says that the import did not end.
    const isTouched = await noteWhy(store, kindOf(error)).catch(() => true);
    if (!isTouched) untouched = kindOf(error);
    throw error;
  } finally {
    if (!house.whole.erasing) house.board.replaced(untouched);
  }
}

/** Ends when everything is erased meanwhile: files are written without a store that is closed by then. */
async function* mayGoOn<Item>({ whole }: House, items: AsyncIterable<Item>): AsyncGenerator<Item> {
  for await (const item of items) {
    whole.mayGoOn();
    yield item;
  }
}

/** Of several devices of this identity this one was chosen: it asks everybody for what came to another one meanwhile. */
export async function goOnHere(house: House): Promise<void> {
  const { twin, peers } = house.requireNetwork();
  const chosen = twin.chosen();
  peers.end();
  await house.gate.shutForGood();
  try {
    await asking(house, chosen);
    await twin.tell(chosen);
  } finally {
    // Nothing is written any more by this page, whether that went well or not.
    house.board.replaced();
  }
}

async function asking(house: House, chosen: TwinRecord): Promise<void> {
  const writes = [twinWrite(chosen)];
  const talked = new Map((await house.store.list('conversations')).map(({ key, value }) => [key, value]));
  for (const { id } of house.book.all()) {
    const value = talked.get(id);
    const asking = value ? askingAgain(value) : newAndAsking(house.options.clock.now());
    writes.push({ put: 'conversations', key: id, value: asking });
  }
  await house.options.store.commit(writes, 'strict');
}

function requirePassphrase(passphrase: string): void {
  if (passphrase === '') throw new KithError('backup-passphrase-empty');
}

function deriverOf({ options }: House): KeyDeriver {
  const { deriveKey } = options;
  if (deriveKey === undefined) throw new KithError('internal');
  return (...args) =>
    deriveKey(...args).catch((cause: unknown) => {
      throw new KithError('backup-memory', {}, { cause });
    });
}

/** What is here goes before it is written; a browser that does not tell is asked by trying. */
async function requireRoom({ options }: House, needed: number): Promise<void> {
  const { quota } = await options.storage.state();
  if (quota !== null && needed > quota) throw new KithError('backup-too-large', { limit: quota });
}

/** Nobody writes any more, and everybody is told that this page goes. */
async function stop(house: House): Promise<void> {
  house.close();
  await house.gate.shutForGood();
}
