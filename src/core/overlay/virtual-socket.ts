// What the library takes for a UDP socket (dgram): addresses are virtual, packets travel along routes through neighbours.
// It reads every message before the library does: malformed ones and answers nobody asked for end here, introducers are
// learnt, signatures are verified (WebCrypto answers later, the library cannot wait), and a query that gets no answer is sent
// again another way, then answered by an error of our own making.
import { equalBytes } from '../bytes/bytes.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { OverlayCrypto } from '../ports/overlay-crypto.ts';
import { type Address, addressOf, fromHostPort, toHostPort } from './address.ts';
import { errorAnswer, readKrpcMessage, readOwnMessage, type SignedItem, signedBytes } from './krpc-message.ts';
import { TokenBucket } from './token-bucket.ts';

/** Larger ones are nobody's; BEP5 and BEP44 stay far below, bytes. */
const MAX_MESSAGE_BYTES = 4_096;
/** Until a query goes another way, and is given up: so much, and so much for every link it crosses, milliseconds. */
const TIMEOUT_MS = 400;
const TIMEOUT_PER_LINK_MS = 400;
/** Ways a query is sent. */
const MAX_ATTEMPTS = 2;
/** Queries waiting for their answers. */
const MAX_WAITING = 512;
/** Messages whose signatures are being verified. */
const MAX_VERIFYING = 64;
/** Values and announcements that one neighbour may bring us to keep: so many at once, and per second. */
const KEEP_AT_ONCE = 128;
const KEEP_PER_SECOND = 4;
const MAX_BRINGERS = 64;

/** What the socket needs of the router and its routes. */
export interface Datagrams {
  /** Sends along the `way`-th best way. The links of that way; 0 when there is none. */
  send(to: Address, payload: Uint8Array, way: number): number;
  onPacket(handler: (packet: Datagram) => void): void;
  /** No way worked for a payload that was sent. */
  onUnreachable(handler: (payload: Uint8Array) => void): void;
  /** `introducer` says, in what `bringer` brought, that it has a live link to `node`. */
  learn(node: Address, introducer: Address, bringer: Address): void;
}

export interface Datagram {
  readonly from: Address;
  readonly payload: Uint8Array;
  /** Links it has crossed. */
  readonly links: number;
  /** The neighbour that brought it. */
  readonly bringer: Address;
  /** Back along the same path. */
  answer(payload: Uint8Array): void;
}

export interface SocketEvents {
  message: (bytes: Uint8Array, from: { address: string; port: number; size: number }) => void;
  listening: () => void;
  error: (error: Error) => void;
  close: () => void;
  node_disconnected: (id: string) => void;
}

export interface VerifiedItem extends SignedItem {
  readonly from: Address;
  /** Of the sender. */
  readonly id: Uint8Array;
  /** Links from the sender to us. */
  readonly links: number;
}

interface Waiting {
  readonly to: Address;
  readonly bytes: Uint8Array;
  readonly transaction: Uint8Array;
  attempt: number;
  timer: Timer | undefined;
}

export interface VirtualSocketOptions {
  readonly id: Uint8Array;
  readonly datagrams: Datagrams;
  readonly clock: Clock;
  readonly crypto: OverlayCrypto;
  /** The library wants Node's Buffer, not a Uint8Array. */
  readonly toBuffer: (bytes: Uint8Array) => Uint8Array;
  /** A signed value arrived in an answer. */
  readonly onItem: (item: VerifiedItem) => void;
  readonly log: Log;
}

export class VirtualSocket {
  readonly #options: VirtualSocketOptions;
  readonly #handlers: { [Name in keyof SocketEvents]: Set<SocketEvents[Name]> };
  readonly #waiting = new Map<string, Waiting>();
  readonly #brought = new Map<Address, TokenBucket>();
  #verifying = 0;
  /** The message that the library is reading now, and its signed item. */
  #reading: Datagram | undefined;
  #verified: SignedItem | undefined;
  #closed = false;
  /** Values whose signature was wrong. */
  forged = 0;

  constructor(options: VirtualSocketOptions) {
    this.#options = options;
    this.#handlers = {
      message: new Set(),
      listening: new Set(),
      error: new Set(),
      close: new Set(),
      node_disconnected: new Set(),
    };
    options.datagrams.onPacket((packet) => void this.#receive(packet));
    options.datagrams.onUnreachable((payload) => this.#unreachable(payload));
  }

  on<Name extends keyof SocketEvents>(name: Name, handler: SocketEvents[Name]): this {
    this.#handlers[name].add(handler);
    return this;
  }

  bind(): void {}

  address(): { address: string; port: number } {
    const { host, port } = toHostPort(addressOf(this.#options.id));
    return { address: host, port };
  }

  // webtorrent-dht marks the connections of table entries; ours know by themselves which those are.
  add_tag(): void {}
  del_tag(): void {}
  known_http_servers(): never[] {
    return [];
  }

  /** dgram's. Sending fails in silence, or as an answer that says so. */
  send(bytes: Uint8Array, _offset: number, _length: number, port: number, host: string, done: () => void): void {
    const to = fromHostPort(host, port);
    const message = this.#closed ? undefined : readOwnMessage(bytes);
    if (to && message?.type === 'query') this.#ask({ to, bytes, transaction: message.transaction });
    else if (message && this.#reading?.from === to) this.#reading?.answer(bytes); // the library answers at once
    done();
  }

  /** Asked by the library while it reads a message: whether exactly this was verified before. */
  isVerified(signature: Uint8Array, signed: Uint8Array, key: Uint8Array): boolean {
    const item = this.#verified;
    return (
      item !== undefined &&
      equalBytes(item.signature, signature) &&
      equalBytes(item.key, key) &&
      equalBytes(signedBytes(item), signed)
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { timer } of this.#waiting.values()) timer?.cancel();
    this.#waiting.clear();
    for (const handler of this.#handlers.close) handler();
  }

  #ask(query: Pick<Waiting, 'to' | 'bytes' | 'transaction'>): void {
    const waiting = { ...query, attempt: 0, timer: undefined };
    if (this.#waiting.size >= MAX_WAITING) return; // the library gives up by itself
    this.#waiting.set(waitingKey(query.to, query.transaction), waiting);
    this.#attempt(waiting);
  }

  #attempt(waiting: Waiting): void {
    const links = this.#options.datagrams.send(waiting.to, waiting.bytes, waiting.attempt);
    const last = links === 0 || waiting.attempt + 1 >= MAX_ATTEMPTS;
    // An answer within the call would find a library that has not finished asking.
    const ms = links === 0 ? 0 : TIMEOUT_MS + TIMEOUT_PER_LINK_MS * links;
    waiting.timer = this.#options.clock.after(ms, () => (last ? this.#giveUp(waiting) : this.#again(waiting)));
  }

  #again(waiting: Waiting): void {
    waiting.attempt += 1;
    this.#attempt(waiting);
  }

  #giveUp({ to, transaction }: Waiting): void {
    if (this.#settle(to, transaction)) this.#fail({ to, transaction });
  }

  #unreachable(payload: Uint8Array): void {
    for (const waiting of this.#waiting.values()) if (waiting.bytes === payload) this.#giveUp(waiting);
  }

  #fail({ to, transaction }: Pick<Waiting, 'to' | 'transaction'>): void {
    this.#deliver(to, errorAnswer(transaction));
  }

  async #receive(packet: Datagram): Promise<void> {
    const { from, payload, links, bringer } = packet;
    if (this.#closed || payload.length > MAX_MESSAGE_BYTES) return;
    const message = readKrpcMessage(payload);
    if (!message || (message.id && addressOf(message.id) !== from)) return;
    if (message.type !== 'query' && !this.#settle(from, message.transaction)) return;
    if (message.keeps && !this.#mayBring(bringer)) return;
    for (const id of message.nodes) this.#options.datagrams.learn(addressOf(id), from, bringer);
    const { item } = message;
    if (!item) return this.#deliver(from, payload, packet);
    const genuine = await this.#verify(item);
    if (genuine) this.#deliver(from, payload, packet, item);
    else if (message.type === 'response') this.#fail({ to: from, transaction: message.transaction });
    if (genuine && message.type === 'response' && message.id && !this.#closed) {
      this.#options.onItem({ ...item, from, id: message.id, links });
    }
  }

  /** Whether an answer was waited for; from now on it no longer is. */
  #settle(from: Address, transaction: Uint8Array): boolean {
    const key = waitingKey(from, transaction);
    const waiting = this.#waiting.get(key);
    waiting?.timer?.cancel();
    return this.#waiting.delete(key);
  }

  #mayBring(bringer: Address): boolean {
    const bucket = this.#brought.get(bringer) ?? new TokenBucket(this.#options.clock, KEEP_PER_SECOND, KEEP_AT_ONCE);
    this.#brought.set(bringer, bucket);
    if (this.#brought.size > MAX_BRINGERS) this.#brought.delete(this.#brought.keys().next().value as Address);
    return bucket.take(1);
  }

  async #verify(item: SignedItem): Promise<boolean> {
    if (this.#verifying >= MAX_VERIFYING) return false;
    this.#verifying += 1;
    const genuine = await this.#options.crypto.verify(item.key, signedBytes(item), item.signature);
    this.#verifying -= 1;
    if (!genuine) this.forged += 1;
    return genuine;
  }

  #deliver(from: Address, bytes: Uint8Array, packet?: Datagram, item?: SignedItem): void {
    if (this.#closed) return;
    const { host, port } = toHostPort(from);
    this.#reading = packet;
    this.#verified = item;
    try {
      const buffer = this.#options.toBuffer(bytes);
      for (const handler of this.#handlers.message) handler(buffer, { address: host, port, size: buffer.length });
    } catch {
      this.#options.log('warn', 'dht-message'); // nothing that a neighbour sends may stop us
    } finally {
      this.#reading = undefined;
      this.#verified = undefined;
    }
  }
}

/** A transaction has two bytes (krpc-message.ts). */
function waitingKey(to: Address, transaction: Uint8Array): string {
  return `${to}/${((transaction[0] as number) << 8) | (transaction[1] as number)}`;
}
