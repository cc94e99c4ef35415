// Further trackers, learnt from neighbours and remembered, for the day on which none of those in kith.config.json opens (DOORS.md).
// Neighbours are strangers: what they name is checked, bounded, and believed only once it has opened.
import * as v from 'valibot';
import { resolveTracker } from '../../config.ts';
import { kindOf } from '../../errors.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { Store } from '../../ports/store.ts';
import { Queue } from '../../queue.ts';
import { decode, encode } from '../../wire/cbor.ts';
import { idKey } from '../address.ts';
import type { Overlay } from '../overlay-api.ts';

/** Trackers remembered. */
export const MAX_TRACKERS_KEPT = 16;
/** Of these, named by one neighbour and never opened here: a liar cannot fill the list. */
export const MAX_OF_ONE_NEIGHBOUR = 4;
/** Longest address, characters. */
const MAX_URL_LENGTH = 256;
/** In one answer. */
const MAX_NAMED = 8;
const MAX_ANSWER_BYTES = 4_096;
/** After the first neighbour, and between one question and the next, milliseconds. */
const FIRST_ASK_MS = 10_000;
const ASK_EVERY_MS = 1_800_000;
/** The only page address that cannot make a relative path absolute. */
const NO_PAGE = 'https://invalid/';

const answerSchema = v.pipe(v.array(v.pipe(v.string(), v.maxLength(MAX_URL_LENGTH))), v.maxLength(MAX_NAMED));
const recordSchema = v.object({
  v: v.literal(1),
  trackers: v.pipe(
    v.array(
      v.object({ url: v.pipe(v.string(), v.maxLength(MAX_URL_LENGTH)), openedAt: v.pipe(v.number(), v.minValue(0)) }),
    ),
    v.maxLength(MAX_TRACKERS_KEPT),
  ),
});

interface Known {
  readonly url: string;
  /** Last time it was open here, ms since the epoch; 0: never. */
  openedAt: number;
  /** Neighbours of this page that named it. */
  readonly namedBy: Set<string>;
}

export interface TrackerListOptions {
  readonly overlay: Pick<Overlay, 'view' | 'onChange' | 'request' | 'onRequest'>;
  readonly store: Pick<Store, 'get' | 'commit'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Those of kith.config.json, which anybody may know; never what the person typed. */
  readonly published: readonly string[];
}

export class TrackerList {
  readonly #options: TrackerListOptions;
  readonly #writes = new Queue();
  readonly #asked = new Set<string>();
  #known: Known[] = [];
  #opened = new Set<string>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: TrackerListOptions) {
    this.#options = options;
    options.overlay.onRequest('trackers', async () => encode(this.#toName()));
    options.overlay.onChange(() => this.#askSoon(FIRST_ASK_MS));
  }

  /** What was remembered; a damaged record is forgotten. */
  async load(): Promise<void> {
    try {
      const bytes = await this.#options.store.get('meta', 'trackers');
      const stored = bytes ? decode(bytes, recordSchema).trackers : [];
      for (const { url, openedAt } of stored) if (isPublicTracker(url)) this.#entry(url).openedAt = openedAt;
    } catch (error) {
      this.#options.log('warn', 'remembered trackers unreadable', { kind: kindOf(error) });
    }
  }

  /** Those worth a try, the best first: opened lately, then named by many. Without those that are published anyway. */
  get spare(): readonly string[] {
    return this.#known.toSorted(byWorth).map(({ url }) => url);
  }

  /** A tracker is open: it may be named to others, and is worth more than those that never were. */
  opened(url: string): void {
    this.#opened.add(url);
    const known = this.#known.find((entry) => entry.url === url);
    if (!known) return;
    known.openedAt = this.#options.clock.now();
    void this.#save();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  /** Published ones and learnt ones that opened here: hearsay is not passed on, nor is what the person typed. */
  #toName(): string[] {
    const learnt = this.#known.filter(({ openedAt }) => openedAt > 0).toSorted(byWorth);
    const mine = [...this.#options.published.filter((url) => this.#opened.has(url)), ...learnt.map(({ url }) => url)];
    return mine.filter(isPublicTracker).slice(0, MAX_NAMED);
  }

  #askSoon(milliseconds: number): void {
    if (this.#closed || this.#timer || this.#options.overlay.view().neighbours.length === 0) return;
    this.#timer = this.#options.clock.after(milliseconds, () => {
      void this.#ask().finally(() => {
        this.#timer = undefined;
        this.#askSoon(ASK_EVERY_MS);
      });
    });
  }

  async #ask(): Promise<void> {
    const { overlay, random, log } = this.#options;
    const fresh = overlay.view().neighbours.filter(({ id }) => !this.#asked.has(idKey(id)));
    const chosen = fresh[Math.floor(fresh.length * random.fraction())];
    if (!chosen) return;
    if (this.#asked.size >= 1_000) this.#asked.clear();
    this.#asked.add(idKey(chosen.id));
    try {
      const answer = await overlay.request({ id: chosen.id, via: [] }, 'trackers', new Uint8Array(0));
      this.#learn(decode(answer, answerSchema, MAX_ANSWER_BYTES), idKey(chosen.id));
      await this.#save();
    } catch (error) {
      log('debug', 'neighbour names no trackers', { kind: kindOf(error) });
    }
  }

  #learn(urls: readonly string[], from: string): void {
    for (const url of new Set(urls)) {
      if (!isPublicTracker(url) || this.#options.published.includes(url)) continue;
      const alone = this.#known.filter(
        ({ openedAt, namedBy }) => openedAt === 0 && namedBy.size === 1 && namedBy.has(from),
      );
      const isNew = this.#known.every((entry) => entry.url !== url);
      if (isNew && alone.length >= MAX_OF_ONE_NEIGHBOUR) continue;
      this.#entry(url).namedBy.add(from);
    }
    this.#known = this.#known.toSorted(byWorth).slice(0, MAX_TRACKERS_KEPT);
  }

  #entry(url: string): Known {
    const known = this.#known.find((entry) => entry.url === url);
    if (known) return known;
    const entry = { url, openedAt: 0, namedBy: new Set<string>() };
    this.#known.push(entry);
    return entry;
  }

  #save(): Promise<void> {
    return this.#writes.run(async () => {
      const trackers = this.#known.map(({ url, openedAt }) => ({ url, openedAt }));
      try {
        await this.#options.store.commit(
          [{ put: 'meta', key: 'trackers', value: encode({ v: 1, trackers }) }],
          'relaxed',
        );
      } catch (error) {
        this.#options.log('warn', 'trackers not remembered', { kind: kindOf(error) });
      }
    });
  }
}

/** A stranger must not send our sockets into somebody's home network: encrypted, and a host with a public name. */
export function isPublicTracker(text: string): boolean {
  const url = resolveTracker(text, NO_PAGE);
  if (url === undefined || url !== text || text.length > MAX_URL_LENGTH) return false;
  const { protocol, hostname, username, password } = new URL(url);
  const labels = hostname.split('.');
  const last = labels.at(-1) ?? '';
  const isName = labels.length > 1 && /^([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/.test(last);
  return protocol === 'wss:' && isName && username === '' && password === '' && !privateSuffix.test(hostname);
}

/** RFC 6761, RFC 6762, RFC 8375, and what routers call themselves. */
const privateSuffix =
  /(^|\.)(local|localhost|localdomain|internal|intranet|private|corp|home|lan|box|invalid|test|example|onion|home\.arpa)$/;

function byWorth(a: Known, b: Known): number {
  return b.openedAt - a.openedAt || b.namedBy.size - a.namedBy.size;
}
