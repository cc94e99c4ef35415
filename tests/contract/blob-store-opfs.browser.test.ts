// OPFS and its worker under the BlobStore's acceptance suite in Chromium; then the data key's file and the vault over both.
import { afterEach, describe, expect, test } from 'vitest';
import { deleteDatabase } from '../../src/adapters/indexeddb/database.ts';
import { destroyEverything } from '../../src/adapters/indexeddb/protection.ts';
import { IndexedDbStore } from '../../src/adapters/indexeddb/store.ts';
import { openVault } from '../../src/adapters/indexeddb/vault.ts';
import type { VaultOptions } from '../../src/adapters/indexeddb/vault-state.ts';
import { OpfsBlobStore, opfsKeyFiles } from '../../src/adapters/opfs/blob-store.ts';
import { createTransferWorker, TransferClient } from '../../src/adapters/opfs/transfer-client.ts';
import { requestPersistence, storageState } from '../../src/adapters/system/storage-manager.ts';
import { layoutOf, SEALED_UNIT_BYTES } from '../../src/core/transfer/layout.ts';
import { blobStoreContract, patterned, sha256 } from './blob-store.ts';

const KEY = new Uint8Array(32).fill(3);
const clients = new Set<TransferClient>();

function openClient(): TransferClient {
  const client = new TransferClient(createTransferWorker((url) => url));
  clients.add(client);
  return client;
}

const clientOf = new WeakMap<object, TransferClient>();

function openStore(): OpfsBlobStore {
  const client = openClient();
  const store = new OpfsBlobStore(client);
  clientOf.set(store, client);
  return store;
}

async function filesDirectory(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return (await root.getDirectoryHandle('kith')).getDirectoryHandle('files');
}

async function emptyDisk(): Promise<void> {
  for (const client of clients) client.close();
  clients.clear();
  await opfsKeyFiles(openClient()).destroy();
}

async function openedVault(options: VaultOptions): Promise<IndexedDbStore> {
  const found = await openVault(options);
  if (!(found instanceof IndexedDbStore)) throw new Error('it is locked');
  return found;
}

/** A File of the person's whose bytes are gone by now. */
async function vanishedFile(): Promise<Blob> {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle('vanishing', { create: true });
  const writable = await handle.createWritable();
  await writable.write(patterned(3_000_000));
  await writable.close();
  const file = await handle.getFile();
  await root.removeEntry('vanishing');
  return file;
}

afterEach(emptyDisk);

blobStoreContract('OpfsBlobStore', {
  open: async () => openStore(),
  reopen: async (store) => {
    clientOf.get(store)?.close();
    return openStore();
  },
  rot: async (store, id) => {
    clientOf.get(store)?.close();
    // The file is free once the worker has really ended; until then creating a writable may be refused.
    const handle = await (await filesDirectory()).getFileHandle(id);
    const size = (await handle.getFile()).size;
    const last = new Uint8Array(await (await handle.getFile()).slice(size - 1).arrayBuffer())[0] ?? 0;
    const writable = await whenFree(() => handle.createWritable({ keepExistingData: true }));
    await writable.write({ type: 'write', position: size - 1, data: Uint8Array.of(last ^ 1) });
    await writable.close();
  },
  unreadableSource: vanishedFile,
});

async function whenFree<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NoModificationAllowedError') throw error;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }
}

describe('files on a real disk', () => {
  test('exactly 26,214,400 bytes are sealed, moved and opened, and nothing plain lies on the disk', async () => {
    const store = openStore();
    const content = patterned(26_214_400);
    const canary = new TextEncoder().encode('canary canary canary canary');
    for (let at = 0; at + canary.length < content.length; at += 65_536) content.set(canary, at);
    const began = performance.now();
    const { layout, sha256: hash } = await store.seal('big', new Blob([content]), KEY);
    const sealed = performance.now();
    expect(layout.units).toBe(400);
    for (let index = 0; index < layout.units; index++)
      await store.writeUnits('copy', layout, KEY, index, await store.readUnit('big', layout, index));
    expect(await store.finish('copy', layout, KEY)).toEqual(hash);
    const moved = performance.now();
    const opened = await store.open('copy', layout, KEY, '');
    console.log(
      `sealed in ${sealed - began} ms, copied in ${moved - sealed} ms, opened in ${performance.now() - moved} ms`,
    );
    expect(await sha256(new Uint8Array(await opened.arrayBuffer()))).toEqual(hash);
    const raw = await (await (await filesDirectory()).getFileHandle('copy')).getFile();
    expect(raw.size).toBe(16 + 400 + 400 * SEALED_UNIT_BYTES);
    expect(await raw.text()).not.toContain('canary');
  });

  test('a file held by another tab is waited for until it lets go', async () => {
    const [first, second] = [openStore(), openStore()];
    const { layout } = await first.seal('shared', new Blob([patterned(100_000)]), KEY);
    const unit = await first.readUnit('shared', layout, 1); // holds the file now
    expect(await second.readUnit('shared', layout, 1)).toEqual(unit);
  });

  test('a tab that dies while it holds a file leaves it to the next one', async () => {
    const [first, second] = [openStore(), openStore()];
    const { layout } = await first.seal('shared', new Blob([patterned(100_000)]), KEY);
    const unit = await first.readUnit('shared', layout, 1);
    const waiting = second.readUnit('shared', layout, 1);
    clientOf.get(first)?.close();
    expect(await waiting).toEqual(unit);
  });

  test('calls to a worker that has ended are refused, those under way too', async () => {
    const store = openStore();
    const sealing = store.seal('mine', new Blob([patterned(20_000_000)]), KEY);
    clientOf.get(store)?.close();
    await expect(sealing).rejects.toMatchObject({ kind: 'storage-unavailable' });
    await expect(store.list()).rejects.toMatchObject({ kind: 'storage-unavailable' });
  });

  test('a worker script that does not load says storage-unavailable', async () => {
    const client = new TransferClient(new Worker('/no-such-worker.js', { type: 'module' }));
    await expect(new OpfsBlobStore(client).list()).rejects.toMatchObject({ kind: 'storage-unavailable' });
  });
});

describe('the data key and the vault', () => {
  test('a fresh profile: no key; a written key is read by the next page', async () => {
    const key = crypto.getRandomValues(new Uint8Array(32));
    const first = opfsKeyFiles(openClient());
    expect(await first.read()).toEqual({ state: 'none' });
    await first.write(key);
    expect(await opfsKeyFiles(openClient()).read()).toEqual({ state: 'open', key, unfinished: false });
    expect(await first.seen()).toBe(false);
    await first.note();
    expect(await opfsKeyFiles(openClient()).seen()).toBe(true);
    await first.destroy();
    expect(await opfsKeyFiles(openClient()).seen()).toBe(false);
  });

  test('the vault opens over both, survives a reload, knows a lost key and starts over', async () => {
    const name = 'kith-test-vault';
    await deleteDatabase(name);
    const value = new TextEncoder().encode('canary');
    const store = await openedVault({ keyFiles: opfsKeyFiles(openClient()), name });
    await store.commit([{ put: 'meta', key: 'identity', value }], 'strict');
    store.close();
    const again = await openedVault({ keyFiles: opfsKeyFiles(openClient()), name });
    expect(await again.get('meta', 'identity')).toEqual(value);
    again.close();
    await emptyDisk();
    const keyFiles = opfsKeyFiles(openClient());
    await expect(openVault({ keyFiles, name })).rejects.toMatchObject({ kind: 'data-key-missing' });
    await destroyEverything({ keyFiles, name });
    const fresh = await openedVault({ keyFiles, name });
    expect(await fresh.get('meta', 'identity')).toBeUndefined();
    fresh.close();
    await deleteDatabase(name);
  });

  test('destroying removes every file', async () => {
    const store = openStore();
    await store.seal('mine', new Blob([patterned(100_000)]), KEY);
    await opfsKeyFiles(clientOf.get(store) as TransferClient).destroy();
    expect(await store.list()).toEqual([]);
    expect(await store.stored('mine', layoutOf(100_000))).toEqual(Uint8Array.of(0));
  });

  test('the browser is asked to keep our data, and says how much room there is', async () => {
    const asked = await requestPersistence();
    expect(typeof asked.persisted).toBe('boolean');
    expect((await storageState()).quota).toBeGreaterThan(1_000_000);
  });
});
