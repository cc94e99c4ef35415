// Records of one kind in the table of introductions, in memory as on the disk: one strict commit a change.
import { kindOf } from '../../errors.ts';
import type { Log } from '../../ports/log.ts';
import type { Store, Write } from '../../ports/store.ts';

export interface Codec<T> {
  readonly encode: (record: T) => Uint8Array;
  /** @throws KithError 'frame-malformed' */
  readonly decode: (bytes: Uint8Array) => T;
}

export class Records<T> {
  readonly #store: Store;
  readonly #log: Log;
  readonly #codec: Codec<T>;
  readonly #records = new Map<string, T>();

  constructor(store: Store, log: Log, codec: Codec<T>) {
    this.#store = store;
    this.#log = log;
    this.#codec = codec;
  }

  /** Reads what an earlier page left. What cannot be read any more stays on the disk as it is, and asks nobody. */
  async load(isMine: (key: string) => boolean): Promise<void> {
    for (const { key, value } of await this.#store.list('introductions')) {
      if (!isMine(key)) continue;
      try {
        this.#records.set(key, this.#codec.decode(value));
      } catch (error) {
        this.#log('warn', 'introduction not read', { kind: kindOf(error) });
      }
    }
  }

  get(key: string): T | undefined {
    return this.#records.get(key);
  }

  entries(): [string, T][] {
    return [...this.#records];
  }

  all(): T[] {
    return [...this.#records.values()];
  }

  /** Memory follows the disk, never the other way round. @throws KithError 'disk-full' */
  async save(changed: readonly (readonly [string, T])[], removed: readonly string[] = []): Promise<void> {
    if (changed.length + removed.length === 0) return;
    const puts = changed.map(([key, one]): Write => ({ put: 'introductions', key, value: this.#codec.encode(one) }));
    await this.#store.commit([...removed.map((key): Write => ({ remove: 'introductions', key })), ...puts], 'strict');
    for (const key of removed) this.#records.delete(key);
    for (const [key, one] of changed) this.#records.set(key, one);
  }
}
