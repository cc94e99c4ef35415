// What a passphrase needs, loaded when there is one or somebody wants one.
import { type ProtectionOptions, StoredVault, unlockVault } from './adapters/indexeddb/protection.ts';
import type { IndexedDbStore } from './adapters/indexeddb/store.ts';
import type { LockedVault, VaultOptions } from './adapters/indexeddb/vault-state.ts';
import { passphraseDeriver } from './adapters/system/passphrase-deriver.ts';
import { systemRandom } from './adapters/system/random.ts';
import { trustedScriptUrl } from './adapters/system/trusted-types.ts';
import { type ErrorKind, KithError } from './core/errors.ts';
import { lockedNode } from './core/node/locked-node.ts';
import type { NodeOptions, RunningNode } from './core/node.ts';
import numberWorkerUrl from './workers/number.worker.ts?worker&url';

export { destroyEverything } from './adapters/indexeddb/protection.ts';

export const deriveKey = passphraseDeriver(
  () => new Worker(trustedScriptUrl(numberWorkerUrl), { type: 'module', name: 'kith-passphrase' }),
);

const withTools = (options: VaultOptions): ProtectionOptions => ({
  ...options,
  random: systemRandom,
  derive: deriveKey,
});

/** @param record What the passphrase opened; left out: there is none. */
export const vaultOf = (options: VaultOptions, store: IndexedDbStore, record?: Uint8Array<ArrayBuffer>): StoredVault =>
  new StoredVault(withTools(options), store, record);

interface BehindLock extends VaultOptions, Pick<NodeOptions, 'config'> {
  readonly start: (store: IndexedDbStore, record: Uint8Array<ArrayBuffer>) => Promise<RunningNode>;
  readonly destroyEverything: () => Promise<void>;
}

/** A node that can do nothing until the passphrase is given. */
export function nodeBehindLock(options: BehindLock, locked: LockedVault | { readonly lost: ErrorKind }): RunningNode {
  const { config, destroyEverything } = options;
  if ('lost' in locked) {
    const unlock = () => Promise.reject(new KithError(locked.lost));
    return lockedNode({ config, destroyEverything, lost: locked.lost, unlock });
  }
  return lockedNode({
    config,
    destroyEverything,
    unlock: async (passphrase) => {
      const store = await unlockVault(withTools(options), locked, passphrase);
      return options.start(store, locked.record).catch((error) => {
        store.close();
        throw error;
      });
    },
  });
}
