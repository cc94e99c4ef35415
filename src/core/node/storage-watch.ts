// Room and permission to stay on this device, as the person should know them.
import { kindOf } from '../errors.ts';
import type { StorageView } from '../node-api.ts';
import type { StorageManager } from '../ports/storage-manager.ts';
import type { Store, Table, Write } from '../ports/store.ts';

export class StorageWatch {
  view: StorageView = { persisted: null, usage: null, quota: null, full: false, damagedRecords: 0 };
  private readonly damaged = new Set<string>();
  /** The last record, and the last file, found no room. A record of a few bytes often does where a file does not. */
  private readonly full = { records: false, files: false };

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
          if (kindOf(error) === 'disk-full') this.room('records', false);
          throw error;
        }
        this.room('records', true);
      },
    };
  }

  private found(table: Table, key: string): void {
    this.damaged.add(`${table} ${key}`);
    if (this.damaged.size !== this.view.damagedRecords) this.set({ damagedRecords: this.damaged.size });
  }

  /** A received file found room on this disk, or did not. */
  file(fits: boolean): void {
    this.room('files', fits);
  }

  private room(what: 'records' | 'files', fits: boolean): void {
    this.full[what] = !fits;
    const full = this.full.records || this.full.files;
    if (full !== this.view.full) this.set({ full });
  }

  async measure(): Promise<void> {
    this.set(await this.manager.state());
  }

  async requestPersistence(): Promise<void> {
    this.set(await this.manager.requestPersistence());
  }

  private set(change: Partial<StorageView>): void {
    this.view = { ...this.view, ...change };
    this.changed();
  }
}
