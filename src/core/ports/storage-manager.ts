// What the browser says about keeping our data (Storage Standard, WHATWG, §4).

export interface StorageState {
  /** Whether the browser promised not to evict us; null when it cannot be asked. */
  readonly persisted: boolean | null;
  /** Bytes in use and bytes allowed; null when the browser does not say. */
  readonly usage: number | null;
  readonly quota: number | null;
}

export interface StorageManager {
  /** Without asking for anything. */
  state(): Promise<StorageState>;
  /** Asks the browser not to evict us. A "no" is an answer, not an error. */
  requestPersistence(): Promise<StorageState>;
  /**
   * Makes everything stored unreadable, then removes it. The store is closed before. May be called again when it failed half-way.
   * @throws KithError 'storage-unavailable' | 'database-blocked'
   */
  destroyEverything(): Promise<void>;
}
