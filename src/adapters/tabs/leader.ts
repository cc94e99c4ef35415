// Which tab leads: an exclusive Web Lock (W3C Web Locks), held until the tab is gone. The browser frees it whatever happens.

import { KithError } from '../../core/errors.ts';

/** The part of LockManager that is used. */
export interface Locks {
  request(name: string, options: { readonly signal?: AbortSignal }, held: () => Promise<void>): Promise<void>;
}

export interface Candidacy {
  /** Resolves when this tab leads. Stays pending while another one does. */
  readonly whenLeader: Promise<void>;
  /** Gives the leadership up, or no longer waits for it. */
  resign(): void;
}

/**
 * Stands for election at once. `whenLeader` rejects with KithError 'unsupported-browser' where there are no Web Locks: in old
 * browsers, and in every browser on a page that came over plain http from another machine.
 * @param name of the lock: tabs that use the same name elect one among them.
 */
export function electLeader(name = 'kith-network', locks: Locks | null = navigator.locks ?? null): Candidacy {
  const withdrawal = new AbortController();
  let release = (): void => {};
  const whenLeader = new Promise<void>((resolve, reject) => {
    if (!locks) throw new KithError('unsupported-browser');
    const hold = (): Promise<void> => {
      resolve();
      return new Promise((done) => {
        release = done;
      });
    };
    locks.request(name, { signal: withdrawal.signal }, hold).catch((error: unknown) => {
      if (!withdrawal.signal.aborted) reject(error);
    });
  });
  return {
    whenLeader,
    resign() {
      withdrawal.abort();
      release();
    },
  };
}
