// A WebSocket that comes back: back-off with full jitter, and an end to sockets that only look alive.
import type { Clock, Timer } from '../../core/ports/clock.ts';
import type { EntryPointState } from '../../core/ports/entry-point.ts';
import type { Random } from '../../core/ports/random.ts';

/** First and longest bound of the wait before an attempt, milliseconds. The wait itself is random below the bound. */
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;
/** A socket that lived this long was a good one: the next wait starts small again. */
const GOOD_LIFE_MS = 30_000;
/** An attempt that takes longer has failed. */
const CONNECT_TIMEOUT_MS = 15_000;
/** A question that stays without any word from the other end for this long: the socket is dead (sleep, a changed network). */
const SILENCE_TIMEOUT_MS = 20_000;

/** The part of the WHATWG WebSocket that is used. */
export interface WebSocketLike {
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface SocketOptions {
  /** Opens a socket; may throw (an address that is none, mixed content). */
  readonly connect: () => WebSocketLike;
  readonly clock: Clock;
  readonly random: Random;
  readonly onState: (state: EntryPointState, retryAt?: number) => void;
  readonly onText: (text: string) => void;
}

export class PersistentSocket {
  readonly #options: SocketOptions;
  #socket: WebSocketLike | undefined;
  #state: EntryPointState = 'connecting';
  #failures = 0;
  #openedAt = 0;
  #timer: Timer | undefined;
  #silence: Timer | undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  start(): void {
    this.#connect();
  }

  /** False when there is no open socket. `expectsReply`: something must be heard soon. */
  send(text: string, expectsReply: boolean): boolean {
    if (this.#state !== 'open' || !this.#socket) return false;
    this.#socket.send(text);
    if (expectsReply) this.#silence ??= this.#options.clock.after(SILENCE_TIMEOUT_MS, () => this.#lost());
    return true;
  }

  /** Cuts a wait short. */
  retryNow(): void {
    if (this.#state === 'waiting') this.#connect();
  }

  close(): void {
    this.#drop();
    this.#set('closed');
  }

  #connect(): void {
    this.#drop();
    this.#set('connecting');
    this.#timer = this.#options.clock.after(CONNECT_TIMEOUT_MS, () => this.#lost());
    try {
      this.#adopt(this.#options.connect());
    } catch {
      this.#lost();
    }
  }

  #adopt(socket: WebSocketLike): void {
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onclose = () => this.#lost();
    socket.onerror = () => this.#lost();
    socket.onmessage = ({ data }) => {
      this.#silence?.cancel();
      this.#silence = undefined;
      const text = asText(data);
      if (text !== undefined) this.#options.onText(text);
    };
  }

  #opened(): void {
    this.#timer?.cancel();
    this.#openedAt = this.#options.clock.now();
    this.#set('open');
  }

  #lost(): void {
    const lived = this.#state === 'open' && this.#options.clock.now() - this.#openedAt >= GOOD_LIFE_MS;
    this.#drop();
    if (lived) this.#failures = 0;
    const bound = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures);
    this.#failures++;
    const wait = Math.ceil(bound * this.#options.random.fraction());
    this.#timer = this.#options.clock.after(wait, () => this.#connect());
    this.#set('waiting', this.#options.clock.now() + wait);
  }

  /** Lets go of the socket and of every timer. */
  #drop(): void {
    this.#timer?.cancel();
    this.#silence?.cancel();
    this.#silence = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = null;
    socket.onclose = null;
    socket.onmessage = null;
    socket.onerror = () => {}; // `ws` throws errors that nobody listens to
    socket.close();
  }

  #set(state: EntryPointState, retryAt?: number): void {
    this.#state = state;
    this.#options.onState(state, retryAt);
  }
}

/** Trackers send text; some send the same as a binary message. */
function asText(data: unknown): string | undefined {
  if (typeof data === 'string') return data;
  return data instanceof ArrayBuffer ? new TextDecoder().decode(data) : undefined;
}
