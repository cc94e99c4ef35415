// Room and permission to stay on this device, as the person should know them.
import { kindOf } from '../errors.ts';
import type { StorageView } from '../node-api.ts';
import type { StorageManager } from '../ports/storage-manager.ts';
import type { Store, Table, Write } from '../ports/store.ts';

export class StorageWatch {
  view: StorageView = {
    persisted: null,
    usage: null,
    quota: null,
    full: false,
    fullForFiles: false,
    damagedRecords: 0,
  };
  private readonly damaged = new Set<string>();
  /** Bytes that the last file wanted, which found no room. */
  private wanted = 0;
  private measuring = false;

  constructor(
    private readonly store: Store,
    private readonly manager: StorageManager,
    private readonly changed: () => void,
  ) {
    store.onDamaged((table, key) => this.found(table, key));
  }

  /** The store, telling us when a write finds no room and when a record cannot be read. */
  watched(): Store {
    const { store } = this;
    return {
      get: async (table, key) => {
        try {
          return await store.get(table, key);
        } catch (error) {
          if (kindOf(error) === 'record-damaged') this.found(table, key);
          throw error;
        }
      },
      list: (table, range) => store.list(table, range),
      count: (table, range) => store.count(table, range),
      onDamaged: (handler) => store.onDamaged(handler),
      close: () => store.close(),
      commit: async (writes: readonly Write[], durability) => {
        try {
          await store.commit(writes, durability);
        } catch (error) {
          if (kindOf(error) === 'disk-full') this.room({ full: true });
          throw error;
        }
        this.room({ full: false });
        // A record of a few bytes finds room where a file does not: only measuring tells.
        if (this.view.fullForFiles) this.look();
      },
    };
  }

  private found(table: Table, key: string): void {
    this.damaged.add(`${table} ${key}`);
    if (this.damaged.size !== this.view.damagedRecords) this.set({ damagedRecords: this.damaged.size });
  }

  /** A received file found room on this disk. */
  fileFit(): void {
    this.room({ fullForFiles: false });
  }

  /** One of `bytes` did not. */
  fileDidNotFit(bytes: number): void {
    this.wanted = bytes;
    this.room({ fullForFiles: true });
  }

  private room(now: Partial<Pick<StorageView, 'full' | 'fullForFiles'>>): void {
    const { full = this.view.full, fullForFiles = this.view.fullForFiles } = now;
    if (full !== this.view.full || fullForFiles !== this.view.fullForFiles) this.set({ full, fullForFiles });
  }

  private look(): void {
    if (this.measuring) return;
    this.measuring = true;
    void this.measure()
      .catch(() => {})
      .finally(() => {
        this.measuring = false;
      });
  }

  async measure(): Promise<void> {
    const state = await this.manager.state();
    const { usage, quota } = state;
    const fits = usage !== null && quota !== null && quota - usage > this.wanted;
    this.set({ ...state, fullForFiles: this.view.fullForFiles && !fits });
  }

  async requestPersistence(): Promise<void> {
    this.set(await this.manager.requestPersistence());
  }

  private set(change: Partial<StorageView>): void {
    this.view = { ...this.view, ...change };
    this.changed();
  }
}
