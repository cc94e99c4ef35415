// The IndexedDB adapter under the Store's acceptance suite, on an IndexedDB for Node.
import 'fake-indexeddb/auto';
import { lockedCodec } from '../../src/adapters/indexeddb/locked-codec.ts';
import { indexedDbBench } from '../unit/indexeddb/helpers.ts';
import { storeContract } from './store.ts';

storeContract('IndexedDbStore in Node', indexedDbBench());
storeContract(
  'IndexedDbStore in Node behind a passphrase',
  indexedDbBench(() => lockedCodec(new Uint8Array(32).fill(7))),
);
