// Room and permission to stay on this device, as the person should know them.
import { kindOf } from '../errors.ts';
import type { StorageView } from '../node-api.ts';
import type { StorageManager } from '../ports/storage-manager.ts';
import type { Store, Write } from '../ports/store.ts';

export class StorageWatch {
  view: StorageView = { persisted: null, usage: null, quota: null, full: false, damagedRecords: 0 };
  private readonly damaged = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly manager: StorageManager,
    private readonly changed: () => void,
  ) {
    store.onDamaged((table, key) => {
      this.damaged.add(`${table} ${key}`);
      this.set({ damagedRecords: this.damaged.size });
    });
  }

  /** The store, telling us when a write finds no room. */
  watched(): Store {
    const { store } = this;
    return {
      get: (table, key) => store.get(table, key),
      list: (table, range) => store.list(table, range),
      count: (table, range) => store.count(table, range),
      onDamaged: (handler) => store.onDamaged(handler),
      close: () => store.close(),
      commit: async (writes: readonly Write[], durability) => {
        try {
          await store.commit(writes, durability);
        } catch (error) {
          if (kindOf(error) === 'disk-full') this.noRoom();
          throw error;
        }
        if (this.view.full) this.set({ full: false });
      },
    };
  }

  noRoom(): void {
    this.set({ full: true });
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
