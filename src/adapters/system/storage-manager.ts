// What the browser says about our room on the disk (Storage Standard, WHATWG, §4).

export interface StorageState {
  /** Whether the browser promised not to evict us; null when it cannot be asked. */
  readonly persisted: boolean | null;
  /** Bytes, as the browser admits them (some round or cap on purpose); null when unknown. */
  readonly usage: number | null;
  readonly quota: number | null;
}

type Manager = Partial<Pick<StorageManager, 'persist' | 'persisted' | 'estimate'>>;

const manager = (): Manager => (typeof navigator === 'undefined' ? {} : (navigator.storage ?? {}));

async function measure(persisted: boolean | null, storage: Manager): Promise<StorageState> {
  const estimate = await storage.estimate?.().catch(() => undefined);
  return { persisted, usage: estimate?.usage ?? null, quota: estimate?.quota ?? null };
}

/** Without asking for anything. */
export async function storageState(storage: Manager = manager()): Promise<StorageState> {
  return measure((await storage.persisted?.().catch(() => null)) ?? null, storage);
}

/** Asks that our data be kept when room gets scarce. A browser may ask the person, or decide alone; "no" is an answer, not an error. */
export async function requestPersistence(storage: Manager = manager()): Promise<StorageState> {
  const already = await storage.persisted?.().catch(() => false);
  const persisted = already || (await storage.persist?.().catch(() => false));
  return measure(persisted ?? null, storage);
}
