// The messages of one conversation that are in memory: pages from the end backwards, kept current by the node's events.
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { MessageView } from '../core/node-api.ts';

/** Messages asked for at a time: more than two tall screens, so that scrolling does not wait. */
export const PAGE_SIZE = 100;

type List = (before: number | null, limit: number) => Promise<readonly MessageView[]>;

/** Index of the first message at or after `position` in an ascending list. */
function lowerBound(messages: readonly MessageView[], position: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((messages[middle]?.position ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class MessageCache {
  readonly #messages = signal<readonly MessageView[]>([]);
  readonly #hasOlder = signal(true);
  readonly #loading = signal(false);
  readonly #loaded = signal(false);
  readonly #positions = new Map<string, number>();
  readonly #list: List;
  /** Rises with every clearing; a page asked for before is thrown away. */
  #epoch = 0;
  #pending: MessageView[] = [];
  readonly #removed = new Set<string>();
  /** What has happened since each look at the newest page that is under way. */
  readonly #looks = new Set<MessageView[]>();

  constructor(list: List) {
    this.#list = list;
  }

  get messages(): ReadonlySignal<readonly MessageView[]> {
    return this.#messages;
  }
  get hasOlder(): ReadonlySignal<boolean> {
    return this.#hasOlder;
  }
  get loading(): ReadonlySignal<boolean> {
    return this.#loading;
  }
  /** True once the newest page is here. */
  get loaded(): ReadonlySignal<boolean> {
    return this.#loaded;
  }

  /** Fetches the newest page, unless it is here already. */
  async open(): Promise<void> {
    if (!this.#loaded.peek()) await this.#fetch(null);
  }

  /** Fetches the page before the oldest message in memory. */
  async loadOlder(): Promise<void> {
    const oldest = this.#messages.peek()[0];
    if (this.#loaded.peek() && oldest !== undefined && this.#hasOlder.peek()) await this.#fetch(oldest.position);
  }

  async #fetch(before: number | null): Promise<void> {
    if (this.#loading.peek()) return;
    const epoch = this.#epoch;
    this.#loading.value = true;
    try {
      const page = await this.#list(before, PAGE_SIZE);
      if (epoch === this.#epoch) this.#addPage(page);
    } finally {
      if (epoch === this.#epoch) this.#loading.value = false;
    }
  }

  #addPage(page: readonly MessageView[]): void {
    batch(() => {
      const known = this.#messages.peek();
      const older = page.filter(({ id }) => !this.#positions.has(id) && !this.#removed.has(id));
      for (const message of older) this.#positions.set(message.id, message.position);
      this.#messages.value = [...older, ...known];
      this.#hasOlder.value = page.length >= PAGE_SIZE;
      this.#loaded.value = true;
      // What happened while the page was on its way is newer than the page.
      const pending = this.#pending;
      this.#pending = [];
      if (pending.length > 0) this.#merge(pending);
    });
  }

  /** New or changed messages, in any order. Those older than everything in memory wait until they are scrolled to. */
  upsert(changed: readonly MessageView[]): void {
    for (const since of this.#looks) since.push(...changed);
    if (!this.#loaded.peek()) {
      if (this.#loading.peek()) this.#pending.push(...changed);
      return;
    }
    if (this.#loading.peek()) this.#pending.push(...changed);
    this.#merge(changed);
  }

  #merge(changed: readonly MessageView[]): void {
    const next = [...this.#messages.peek()];
    for (const message of changed) this.#place(next, message);
    this.#messages.value = next;
  }

  #place(messages: MessageView[], message: MessageView): void {
    if (this.#removed.has(message.id)) return;
    const before = this.#positions.get(message.id);
    if (before !== undefined && before !== message.position) messages.splice(lowerBound(messages, before), 1);
    const oldest = messages[0];
    if (before === undefined && this.#hasOlder.peek() && oldest !== undefined && message.position < oldest.position)
      return;
    const index = lowerBound(messages, message.position);
    const replaces = messages[index]?.position === message.position;
    messages.splice(index, replaces ? 1 : 0, message);
    this.#positions.set(message.id, message.position);
  }

  /** This message is no more, and does not come back with a page that is on its way. */
  remove(id: string): void {
    this.#removed.add(id);
    this.#positions.delete(id);
    this.#pending = this.#pending.filter((message) => message.id !== id);
    this.#messages.value = this.#messages.peek().filter((message) => message.id !== id);
  }

  /** The conversation was cleared: nothing is left, and nothing older exists. */
  clear(): void {
    batch(() => {
      this.#forget();
      this.#hasOlder.value = false;
      this.#loaded.value = true;
    });
  }

  /** Frees what was scrolled back to; the newest page stays. */
  trim(): void {
    const kept = this.#messages.peek();
    if (kept.length <= PAGE_SIZE || this.#loading.peek()) return;
    for (const message of kept.slice(0, -PAGE_SIZE)) this.#positions.delete(message.id);
    batch(() => {
      this.#messages.value = kept.slice(-PAGE_SIZE);
      this.#hasOlder.value = true;
    });
  }

  /** Looks at the newest page again: events may have been missed while the tab that runs the network changed. */
  async refresh(): Promise<void> {
    if (!this.#loaded.peek() || this.#loading.peek()) return;
    const epoch = this.#epoch;
    // As it is now: what happens meanwhile stands behind a gap, if there is one.
    const newest = this.#messages.peek().at(-1);
    const since: MessageView[] = [];
    this.#looks.add(since);
    const page = await this.#list(null, PAGE_SIZE).finally(() => this.#looks.delete(since));
    if (epoch !== this.#epoch) return;
    const joins = newest === undefined || (page[0]?.position ?? 0) <= newest.position;
    batch(() => {
      if (!joins) {
        this.#forget();
        this.#addPage(page);
      }
      // What happened while the page was on its way is newer than the page.
      this.#merge(joins ? [...page, ...since] : since);
    });
  }

  #forget(): void {
    this.#epoch += 1;
    this.#pending = [];
    this.#positions.clear();
    this.#loading.value = false;
    this.#messages.value = [];
  }
}
