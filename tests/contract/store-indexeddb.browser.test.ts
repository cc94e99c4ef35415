// The IndexedDB adapter under the Store's acceptance suite, in Chromium.
import { deleteDB } from 'idb';
import { beforeAll } from 'vitest';
import { indexedDbBench } from '../unit/indexeddb/helpers.ts';
import { storeContract } from './store.ts';

beforeAll(async () => {
  for (const { name } of await indexedDB.databases()) if (name?.startsWith('kith-test-')) await deleteDB(name);
});

storeContract('IndexedDbStore in Chromium', indexedDbBench());
