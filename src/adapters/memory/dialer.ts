// Dialer twin: a network in memory on which offers and answers make MemoryLinks. Counts connections as a browser would.
import { KithError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Dialer, PendingAnswer, PendingOffer } from '../../core/ports/dialer.ts';
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
  readonly fingerprint: Uint8Array;
  readonly settle: { resolve: (link: Link) => void; reject: (error: KithError) => void };
  /** Frees what it costs; harmless when repeated. */
  readonly release: () => void;
  link: MemoryLink | undefined;
  ended: boolean;
}

export class MemoryNetwork {
  /** False: signals go round, but no link opens (two hostile NATs). */
  reachable = true;
  readonly #options: Required<MemoryNetworkOptions>;
  readonly #answers = new Map<string, { readonly end: End; readonly offerId: string }>();

  constructor({ clock, random, gatherMs = 100, openMs = 20 }: MemoryNetworkOptions) {
    this.#options = { clock, random, gatherMs, openMs };
  }

  /** The dialer of one more page on this network. */
  dialer(): MemoryDialer {
    return new MemoryDialer(this.#options, {
      answered: (answerId, offerId, end) => this.#answers.set(answerId, { end, offerId }),
      join: (offering, answerId) => this.#join(offering, answerId),
    });
  }

  #join(offering: End, answerId: string): void {
    const answering = this.#answers.get(answerId);
    if (!this.reachable || answering === undefined || answering.offerId !== offering.id) return;
    this.#answers.delete(answerId);
    if (offering.ended || answering.end.ended) return;
    const fingerprints = [offering.fingerprint, answering.end.fingerprint] as const;
    const links = memoryLinkPair({ clock: this.#options.clock, fingerprints });
    for (const [index, end] of [offering, answering.end].entries()) {
      const link = links[index] as MemoryLink;
      end.link = link;
      releaseOnClose(link, end.release);
      end.settle.resolve(link);
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
  answered(answerId: string, offerId: string, end: End): void;
  join(offering: End, answerId: string): void;
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

  async offer(): Promise<PendingOffer> {
    const { end, link } = this.#open();
    await this.#gather();
    let accepted = false;
    return {
      signal: encode('offer', end.id),
      accept: async (answer) => {
        const [, answerId = ''] = decode('answer', answer);
        if (!accepted) {
          accepted = true;
          this.#options.clock.after(this.#options.openMs, () => this.#exchange.join(end, answerId));
          this.#expire(end);
        }
        return link;
      },
      cancel: () => this.#cancel(end),
    };
  }

  async answer(offer: Uint8Array): Promise<PendingAnswer> {
    const [, offerId = ''] = decode('offer', offer);
    const { end, link } = this.#open();
    await this.#gather();
    this.#exchange.answered(end.id, offerId, end);
    this.#expire(end);
    return { signal: encode('answer', end.id), link, cancel: () => this.#cancel(end) };
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
      fingerprint: random.bytes(FINGERPRINT_BYTES),
      settle: { resolve, reject },
      release: () => {
        if (end.ended) return;
        end.ended = true;
        this.alive--;
      },
      link: undefined,
      ended: false,
    };
    return { end, link };
  }

  #gather(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(this.#options.gatherMs, resolve));
  }

  #expire(end: End): void {
    this.#options.clock.after(OPEN_TIMEOUT_MS, () => this.#fail(end, 'link-timeout'));
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

function encode(type: 'offer' | 'answer', id: string): Uint8Array {
  return new TextEncoder().encode(`memory ${type} ${id}`);
}

function decode(type: 'offer' | 'answer', signal: Uint8Array): string[] {
  const match = /^memory (\w+) ([0-9a-f]+)$/.exec(new TextDecoder().decode(signal));
  if (match?.[1] !== type) throw new KithError('frame-malformed');
  return match.slice(1);
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
