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
  /** Bytes that the largest file wanted which found no room, and bytes in use when it had failed; undefined while that is not known. */
  private wanted = 0;
  private usedThen: number | undefined;
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

  /** A received file of `bytes` found room on this disk. */
  fileFit(bytes: number): void {
    if (bytes >= this.wanted) this.endFull();
  }

  /** One of `bytes` did not. */
  fileDidNotFit(bytes: number): void {
    this.wanted = Math.max(this.wanted, bytes);
    this.usedThen = undefined;
    this.room({ fullForFiles: true });
    this.look();
  }

  private endFull(): void {
    this.wanted = 0;
    this.room({ fullForFiles: false });
  }

  private room(now: Partial<Pick<StorageView, 'full' | 'fullForFiles'>>): void {
    const { full = this.view.full, fullForFiles = this.view.fullForFiles } = now;
    if (full !== this.view.full || fullForFiles !== this.view.fullForFiles) this.set({ full, fullForFiles });
  }

  /** Whether as much was freed since as the file wanted: what a browser calls its quota may be no promise (Chrome 138 adds 10 GiB to what is used). */
  private look(): void {
    if (this.measuring) return;
    this.measuring = true;
    const isFirst = this.usedThen === undefined;
    const { wanted } = this;
    void this.measure()
      .then(() => {
        const { usage } = this.view;
        if (usage === null) return;
        if (isFirst) this.usedThen = usage;
        else if (wanted === this.wanted && (this.usedThen ?? 0) - usage >= wanted) this.endFull();
      })
      .catch(() => {})
      .finally(() => {
        this.measuring = false;
      });
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
