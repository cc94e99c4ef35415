// Dialer twin: a network in memory on which offers and answers make MemoryLinks. Counts connections as a browser would.
import { KithError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Dialer, DialOptions, PendingAnswer, PendingOffer } from '../../core/ports/dialer.ts';
import type { Link } from '../../core/ports/link.ts';
import type { Random } from '../../core/ports/random.ts';
import { type MemoryLink, memoryLinkPair } from './links.ts';

/** As the WebRTC adapter has it. */
const OPEN_TIMEOUT_MS = 20_000;
const ID_BYTES = 8;
const FINGERPRINT_BYTES = 32;

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Until a signal is complete, milliseconds. */
  readonly gatherMs?: number;
  /** From accepting an answer to an open link, milliseconds. */
  readonly openMs?: number;
}

/** One end of a connection in the making. */
interface End {
  readonly id: string;
  readonly owner: MemoryDialer;
  readonly fingerprint: Uint8Array;
  readonly settle: { resolve: (link: Link) => void; reject: (error: KithError) => void };
  /** Frees what it costs; harmless when repeated. */
  readonly release: () => void;
  /** Knows how the other end can be reached: by a complete signal or a candidate. It is enough that one of the two does. */
  knows: boolean;
  link: MemoryLink | undefined;
  ended: boolean;
}

/** Two ends, of which the offering one is known once it has taken the answer. */
interface Pair {
  readonly offerId: string;
  readonly answering: End;
  offering: End | undefined;
}

export class MemoryNetwork {
  /** False: signals go round, but no link opens (two hostile NATs). */
  reachable = true;
  /** Whether these two pages can be linked. */
  connects: (one: MemoryDialer, other: MemoryDialer) => boolean = () => true;
  readonly #options: Required<MemoryNetworkOptions>;
  /** By the answer's id. */
  readonly #pairs = new Map<string, Pair>();

  constructor({ clock, random, gatherMs = 100, openMs = 20 }: MemoryNetworkOptions) {
    this.#options = { clock, random, gatherMs, openMs };
  }

  /** The dialer of one more page on this network. */
  dialer(): MemoryDialer {
    return new MemoryDialer(this.#options, {
      answered: (offerId, answering) => this.#pairs.set(answering.id, { offerId, answering, offering: undefined }),
      accepted: (offering, answerId) => {
        const pair = this.#pairs.get(answerId);
        if (pair?.offerId === offering.id) pair.offering = offering;
      },
      tryJoin: (end) => this.#tryJoin(end),
    });
  }

  #tryJoin(end: End): void {
    const pair = [...this.#pairs.values()].find(({ offering, answering }) => offering === end || answering === end);
    const { offering, answering } = pair ?? {};
    if (!this.reachable || !offering || !answering || !(offering.knows || answering.knows)) return;
    if (!this.connects(offering.owner, answering.owner)) return;
    this.#pairs.delete(answering.id);
    if (offering.ended || answering.ended) return;
    const fingerprints = [offering.fingerprint, answering.fingerprint] as const;
    const links = memoryLinkPair({ clock: this.#options.clock, fingerprints });
    for (const [index, each] of [offering, answering].entries()) {
      const link = links[index] as MemoryLink;
      each.link = link;
      releaseOnClose(link, each.release);
      each.settle.resolve(link);
    }
  }
}

/** A link's owner may set `onClose` too, so the network watches the end itself. */
function releaseOnClose(link: MemoryLink, release: () => void): void {
  const end = link.end.bind(link);
  link.end = () => {
    end();
    release();
  };
}

interface Exchange {
  answered(offerId: string, answering: End): void;
  accepted(offering: End, answerId: string): void;
  /** Opens the link of this end, when all is known that it takes. */
  tryJoin(end: End): void;
}

export class MemoryDialer implements Dialer {
  alive = 0;
  opened = 0;
  /** The most that were alive at once. */
  peak = 0;
  /** More than this fail as a browser's do. */
  limit = 500;
  readonly #options: Required<MemoryNetworkOptions>;
  readonly #exchange: Exchange;

  constructor(options: Required<MemoryNetworkOptions>, exchange: Exchange) {
    this.#options = options;
    this.#exchange = exchange;
  }

  async offer(options: DialOptions = {}): Promise<PendingOffer> {
    const trickle = this.#follows(options);
    const { end, link } = this.#open();
    const trickling = await this.#gather(end, trickle);
    let accepted = false;
    return {
      signal: encode('offer', end.id, trickle),
      ...trickling,
      accept: async (answer) => {
        const { id, complete } = decode('answer', answer);
        if (!accepted) {
          accepted = true;
          end.knows ||= complete;
          this.#exchange.accepted(end, id);
          this.#joinSoon(end);
          this.#expire(end);
        }
        return link;
      },
      cancel: () => this.#cancel(end),
    };
  }

  async answer(offer: Uint8Array, options: DialOptions = {}): Promise<PendingAnswer> {
    const trickle = this.#follows(options);
    const { id: offerId, complete } = decode('offer', offer);
    const { end, link } = this.#open();
    end.knows = complete;
    const trickling = await this.#gather(end, trickle);
    this.#exchange.answered(offerId, end);
    this.#expire(end, options.patienceMs);
    return { signal: encode('answer', end.id, trickle), ...trickling, link, cancel: () => this.#cancel(end) };
  }

  /** Whether the one candidate follows the signal: it is in it where the signal waits for as long as finding it takes. */
  #follows({ trickle = false, firstMs = 0 }: DialOptions): boolean {
    return trickle && firstMs < this.#options.gatherMs;
  }

  #open(): { end: End; link: Promise<Link> } {
    if (this.alive >= this.limit) throw new KithError('too-many-connections');
    this.alive++;
    this.opened++;
    this.peak = Math.max(this.peak, this.alive);
    const { promise: link, resolve, reject } = withResolvers<Link>();
    link.catch(() => {});
    const { random } = this.#options;
    const end: End = {
      id: hex(random.bytes(ID_BYTES)),
      owner: this,
      fingerprint: random.bytes(FINGERPRINT_BYTES),
      settle: { resolve, reject },
      release: () => {
        if (end.ended) return;
        end.ended = true;
        this.alive--;
      },
      knows: false,
      link: undefined,
      ended: false,
    };
    return { end, link };
  }

  /** Waits for the end's one candidate, or lets it follow. */
  async #gather(end: End, trickle: boolean): Promise<Pick<PendingOffer, 'onCandidate' | 'addCandidate'>> {
    const { promise: gathered, resolve } = withResolvers<void>();
    this.#options.clock.after(this.#options.gatherMs, resolve);
    if (!trickle) await gathered;
    return {
      onCandidate: (handler) => {
        if (trickle) void gathered.then(() => end.ended || handler(text(`memory candidate ${end.id}`)));
      },
      addCandidate: (candidate) => {
        if (!/^memory candidate [0-9a-f]+$/.test(new TextDecoder().decode(candidate))) return;
        end.knows = true;
        this.#joinSoon(end);
      },
    };
  }

  #joinSoon(end: End): void {
    this.#options.clock.after(this.#options.openMs, () => this.#exchange.tryJoin(end));
  }

  #expire(end: End, milliseconds = OPEN_TIMEOUT_MS): void {
    this.#options.clock.after(milliseconds, () => this.#fail(end, 'link-timeout'));
  }

  #cancel(end: End): void {
    this.#fail(end, 'link-closed');
  }

  #fail(end: End, kind: 'link-timeout' | 'link-closed'): void {
    if (end.link !== undefined) return;
    end.release();
    end.settle.reject(new KithError(kind));
  }
}

const text = (words: string) => new TextEncoder().encode(words);

function encode(type: 'offer' | 'answer', id: string, trickle: boolean): Uint8Array {
  return text(`memory ${type} ${id}${trickle ? ' trickle' : ''}`);
}

function decode(type: 'offer' | 'answer', signal: Uint8Array): { id: string; complete: boolean } {
  const match = /^memory (\w+) ([0-9a-f]+)( trickle)?$/.exec(new TextDecoder().decode(signal));
  if (match?.[1] !== type) throw new KithError('frame-malformed');
  return { id: match[2] ?? '', complete: match[3] === undefined };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Promise.withResolvers is younger than the browsers and the Node that Kith runs on. */
function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
