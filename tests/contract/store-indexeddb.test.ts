// The IndexedDB adapter under the Store's acceptance suite, on an IndexedDB for Node.
import 'fake-indexeddb/auto';
import { indexedDbBench } from '../unit/indexeddb/helpers.ts';
import { storeContract } from './store.ts';

storeContract('IndexedDbStore in Node', indexedDbBench());
