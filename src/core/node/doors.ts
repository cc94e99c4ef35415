// The trackers that this node has open: those of the settings, and while none of these opens, some that were learnt from others.
import type { EntryPointView } from '../node-api.ts';
import type { EntryPoint } from '../ports/entry-point.ts';

/** Learnt trackers tried at a time. */
const MAX_SPARE = 2;

export interface DoorsOptions {
  readonly open: (url: string) => EntryPoint;
  /** Other doors than before. */
  readonly replaced: (doors: readonly EntryPoint[]) => void;
  readonly changed: () => void;
  /** Trackers for when none of the settings opens, the best first; none when there shall be no others. */
  readonly spare: () => readonly string[];
  readonly opened: (url: string) => void;
}

export class Doors {
  readonly #options: DoorsOptions;
  readonly #doors = new Map<string, EntryPoint>();
  /** Doors that did not open since they last did. */
  readonly #stuck = new Set<string>();
  /** Spare ones that did not open; they get another turn when all have had theirs. */
  readonly #tried = new Set<string>();
  #chosen: readonly string[] = [];

  constructor(options: DoorsOptions) {
    this.#options = options;
  }

  /** The trackers of the settings from now on. */
  use(urls: readonly string[]): void {
    this.#chosen = urls;
    this.#tried.clear();
    this.#set([...urls, ...this.#wantedSpare()]);
    this.#options.changed();
  }

  all(): readonly EntryPoint[] {
    return [...this.#doors.values()];
  }

  view(): readonly EntryPointView[] {
    return this.all().map(({ status: { url, state, retryAt } }) => ({ url, state, retryAt: retryAt ?? null }));
  }

  get isOpen(): boolean {
    return this.all().some(({ status }) => status.state === 'open');
  }

  /** One is being opened, and has not failed since it was last open: one that is only tried again says nothing new. */
  get isOpening(): boolean {
    return [...this.#doors].some(([url, { status }]) => status.state === 'connecting' && !this.#stuck.has(url));
  }

  close(): void {
    const doors = this.all();
    this.#doors.clear();
    for (const door of doors) door.close();
  }

  #set(urls: readonly string[]): void {
    const gone = [...this.#doors].filter(([url]) => !urls.includes(url));
    const fresh = urls.filter((url) => !this.#doors.has(url));
    for (const [url] of gone) {
      this.#doors.delete(url);
      this.#stuck.delete(url);
    }
    for (const url of fresh) this.#add(url);
    // Not before the new ones are there: nobody stands without a door in between.
    if (gone.length + fresh.length > 0) this.#options.replaced(this.all());
    for (const [, door] of gone) door.close();
  }

  #add(url: string): void {
    const door = this.#options.open(url);
    this.#doors.set(url, door);
    door.onStatus(({ state }) => {
      if (this.#doors.get(url) === door) this.#moved(url, state === 'open', state === 'waiting');
    });
  }

  #moved(url: string, opened: boolean, failed: boolean): void {
    if (opened) {
      this.#stuck.delete(url);
      this.#options.opened(url);
    }
    if (failed) this.#stuck.add(url);
    if (opened || failed) this.#set([...this.#chosen, ...this.#wantedSpare()]);
    this.#options.changed();
  }

  /** Those in use that are not stuck, then others that were not tried yet. */
  #wantedSpare(): string[] {
    const stuck = (url: string) => this.#stuck.has(url);
    if (this.#chosen.length === 0 || !this.#chosen.every(stuck)) return [];
    const all = this.#options.spare().filter((url) => !this.#chosen.includes(url));
    const inUse = all.filter((url) => this.#doors.has(url));
    for (const url of inUse.filter(stuck)) this.#tried.add(url);
    if (all.every((url) => this.#tried.has(url))) this.#tried.clear();
    const fresh = all.filter((url) => !this.#tried.has(url) && !inUse.includes(url));
    const wanted = [...inUse.filter((url) => !stuck(url)), ...fresh, ...inUse.filter(stuck)];
    return wanted.slice(0, MAX_SPARE);
  }
}
