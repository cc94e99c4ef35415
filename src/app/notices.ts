// What the person should know whatever screen is open: an update, no room left, a broken configuration.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { type ErrorDetail, type ErrorKind, errorKinds } from '../core/errors.ts';
import type { Snapshot } from '../core/node-api.ts';
import type { Platform } from './platform.ts';

export type Notice =
  | { readonly id: 'update'; readonly apply: () => void }
  | { readonly id: 'import'; readonly kind: ErrorKind }
  | { readonly id: 'disk-full' | 'file-room' }
  | { readonly id: 'config'; readonly kind: ErrorKind; readonly detail: ErrorDetail }
  | { readonly id: 'damaged'; readonly count: number }
  | { readonly id: 'pairing'; readonly kind: ErrorKind; readonly attemptId: string }
  | { readonly id: 'not-kept' };

const NOT_KEPT = 'not-kept-dismissed';

export class Notices {
  readonly #snapshot: ReadonlySignal<Snapshot | null>;
  readonly #platform: Platform;
  readonly #update = signal<(() => void) | null>(null);
  /** What was dismissed, with what it said then: the same news is not told twice, different news is. */
  readonly #dismissed = signal<readonly string[]>([]);

  readonly shown: ReadonlySignal<readonly Notice[]> = computed(() => {
    const dismissed = this.#dismissed.value;
    return this.#all().filter((notice) => !dismissed.includes(fingerprint(notice)));
  });

  /** Why the import before this page failed, which left everything as it was. */
  readonly #importError: ErrorKind | undefined;

  constructor(snapshot: ReadonlySignal<Snapshot | null>, platform: Platform) {
    this.#snapshot = snapshot;
    this.#platform = platform;
    const news = platform.news();
    this.#importError = errorKinds.find((kind) => kind === news);
  }

  /** A new version waits; `apply` swaps to it and reloads. Never called without the person's click. */
  offerUpdate(apply: () => void): void {
    this.#update.value = apply;
  }

  #all(): readonly Notice[] {
    const snapshot = this.#snapshot.value;
    const notices: Notice[] = [];
    const apply = this.#update.value;
    if (apply !== null) notices.push({ id: 'update', apply });
    if (this.#importError) notices.push({ id: 'import', kind: this.#importError });
    if (snapshot === null) return notices;
    const { storage, settings, attempts, mailbox, conversations } = snapshot;
    if (storage.full) notices.push({ id: 'disk-full' });
    else if (storage.fullForFiles) notices.push({ id: 'file-room' });
    if (settings.configError !== null) notices.push({ id: 'config', ...settings.configError });
    if (storage.damagedRecords > 0) notices.push({ id: 'damaged', count: storage.damagedRecords });
    for (const { id, state, kind } of attempts) {
      if (state === 'failed') notices.push({ id: 'pairing', kind: kind ?? 'internal', attemptId: id });
    }
    if (mailbox?.state === 'failed') {
      notices.push({ id: 'pairing', kind: mailbox.kind ?? 'internal', attemptId: mailbox.id });
    }
    // Worth a word only once there is something to lose.
    const refused = storage.persisted === false && conversations.length > 0 && !this.#platform.recall(NOT_KEPT);
    if (refused) notices.push({ id: 'not-kept' });
    return notices;
  }

  dismiss(notice: Notice): void {
    if (notice.id === 'not-kept') this.#platform.remember(NOT_KEPT);
    this.#dismissed.value = [...this.#dismissed.peek(), fingerprint(notice)];
  }
}

/** Identity of a piece of news. */
export function fingerprint(notice: Notice): string {
  return JSON.stringify(notice);
}
