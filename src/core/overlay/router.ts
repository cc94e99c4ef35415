// Source-routed packets (OVERLAY.md, "Packets"): each carries its whole path, so nobody on it decides anything, and a node
// that is asked answers along the same path.
import { KithError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Address } from './address.ts';
import { frameTypes } from './frames.ts';
import { MAX_PACKET_BYTES, MAX_SENT_KEPT, MAX_WAYS_TRIED, SENT_KEPT_MS } from './limits.ts';
import type { Names } from './names.ts';
import type { Neighbour } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';
import {
  addressAt,
  makePacket,
  numberOf,
  type PacketHead,
  pathOf,
  payloadOf,
  readdressed,
  readPacketHead,
} from './packet.ts';
import type { Routes } from './routes.ts';

export interface Arrival {
  /** The address it was sent to: ours or an alias of ours. */
  readonly to: Address;
  readonly toAlias: boolean;
  /** From the sender to us, both included. */
  readonly path: readonly Address[];
  /** The neighbour that brought it, by its own address, whatever alias or other sender the path names. */
  readonly bringer: Address;
}

export type PacketHandler = (from: Address, payload: Uint8Array, arrival: Arrival) => void;
export type UnreachableHandler = (to: Address, service: number, payload: Uint8Array) => void;

export interface PacketOptions {
  /** An alias of ours to send under. */
  readonly as?: Address;
  /** Which of the known ways to begin with, 0 for the best. */
  readonly way?: number;
  /** Not tried again and never reported: for answers. */
  readonly once?: boolean;
}

interface Sent {
  readonly to: Address;
  readonly service: number;
  readonly payload: Uint8Array;
  readonly as: Address;
  path: readonly Address[];
  tries: number;
  readonly at: number;
}

export class Router {
  readonly counters = { forwarded: 0, dropped: 0 };
  readonly #clock: Clock;
  readonly #names: Names;
  readonly #routes: Routes;
  readonly #handlers = new Map<number, PacketHandler>();
  readonly #unreachable: UnreachableHandler[] = [];
  /** What was sent lately, by its number, oldest first. */
  readonly #sent = new Map<number, Sent>();
  /** When those whom we send to were last heard, the longest silent first, milliseconds since the epoch. */
  readonly #heardAt = new Map<Address, number>();
  #number = 0;

  constructor(clock: Clock, neighbours: Neighbours, names: Names, routes: Routes) {
    this.#clock = clock;
    this.#names = names;
    this.#routes = routes;
    neighbours.onFrame(frameTypes.packet, (neighbour, frame) => this.#packet(neighbour, frame));
    neighbours.onFrame(frameTypes.noRoute, (neighbour, frame) => this.#noRoute(neighbour, frame));
    neighbours.onRemoved((neighbour) => this.#lost(neighbour));
  }

  /**
   * False when no way is known or its first link is gone. A way that breaks later is replaced by another; when none is left,
   * `onUnreachable` hears of it. @throws KithError 'frame-too-large' above MAX_PACKET_BYTES
   */
  send(to: Address, service: number, payload: Uint8Array, options: PacketOptions = {}): boolean {
    if (payload.length > MAX_PACKET_BYTES) throw new KithError('frame-too-large', { limit: MAX_PACKET_BYTES });
    const as = options.as ?? this.#names.self;
    const sent: Sent = { to, service, payload, as, path: [], tries: 0, at: this.#clock.now() };
    const ways = this.#waysOf(sent);
    const first = ways.length === 0 ? 0 : (options.way ?? 0) % ways.length;
    for (const way of [...ways.slice(first), ...ways.slice(0, first)]) {
      if (this.#sendAlong(sent, [as, ...way, to], options.once !== true)) return true;
    }
    return false;
  }

  /** Back to where something came from. False when the link is gone; also tries the other ways then. */
  answer(arrival: Arrival, service: number, payload: Uint8Array): boolean {
    if (payload.length > MAX_PACKET_BYTES) throw new KithError('frame-too-large', { limit: MAX_PACKET_BYTES });
    const path = [...arrival.path].reverse();
    const [as, to] = [arrival.to, path.at(-1) as Address];
    const sent: Sent = { to, service, payload, as, path: [], tries: 0, at: this.#clock.now() };
    return this.#sendAlong(sent, path, false) || this.send(to, service, payload, { as, once: true });
  }

  /** One handler for each service (0 … 255). `payload` is a view of the frame: copy what is kept. */
  onPacket(service: number, handler: PacketHandler): void {
    this.#handlers.set(service, handler);
  }

  onUnreachable(handler: UnreachableHandler): void {
    this.#unreachable.push(handler);
  }

  #waysOf({ as, to }: Sent): Address[][] {
    return this.#names.isAlias(as) ? this.#routes.waysThroughOthers(to) : this.#routes.ways(to);
  }

  #sendAlong(sent: Sent, path: readonly Address[], keep: boolean): boolean {
    const first = this.#names.neighbour(path[1] as Address);
    // Neighbours know which aliases are ours no more: what still came under one would count as malformed.
    if (first === undefined || first.isSlow || !this.#names.isOurs(path[0] as Address)) return false;
    const number = this.#number;
    this.#number = (this.#number + 1) >>> 0;
    sent.path = path;
    sent.tries += 1;
    if (!first.send(makePacket(frameTypes.packet, sent.service, number, path, 1, sent.payload))) return false;
    if (keep) this.#keep(number, sent);
    return true;
  }

  #keep(number: number, sent: Sent): void {
    const old = this.#clock.now() - SENT_KEPT_MS;
    for (const [other, { at }] of this.#sent) {
      if (at > old && this.#sent.size < MAX_SENT_KEPT) break;
      this.#sent.delete(other);
    }
    this.#sent.set(number, sent);
  }

  #packet(neighbour: Neighbour, frame: Uint8Array): void {
    const head = readPacketHead(frame);
    const { count, position } = head;
    this.#checkHop(neighbour, frame, position, position - 1);
    if (!neighbour.allows(frame.length)) this.counters.dropped += 1;
    else if (position === count - 1) this.#deliver(neighbour, frame, head);
    // Whom it leads to would learn whose link that alias is.
    else if (this.#names.isAlias(addressAt(frame, position))) this.counters.dropped += 1;
    else this.#forward(neighbour, frame, head);
  }

  /** It must name us, and have come from the node that stands beside us on its path. */
  #checkHop(neighbour: Neighbour, frame: Uint8Array, position: number, from: number): void {
    const beside = from >= 0 && this.#names.speaksFor(neighbour, addressAt(frame, from));
    if (!beside || !this.#names.isOurs(addressAt(frame, position))) throw new KithError('frame-malformed');
  }

  #deliver(neighbour: Neighbour, frame: Uint8Array, head: PacketHead): void {
    const handler = this.#handlers.get(head.extra);
    const path = pathOf(frame, head);
    const to = path.at(-1) as Address;
    const toAlias = this.#names.isAlias(to);
    // An alias that answered a neighbour directly would tell it whose it is.
    if (handler === undefined || (toAlias && path.length === 2)) {
      this.counters.dropped += 1;
      return;
    }
    const bringer = neighbour.address;
    this.#routes.learnReverse(path.slice(0, -1), bringer);
    this.#hear(path[0] as Address);
    handler(path[0] as Address, payloadOf(frame, head), { to, toAlias, path, bringer });
  }

  #forward(neighbour: Neighbour, frame: Uint8Array, head: PacketHead): void {
    const { position } = head;
    const next = this.#names.neighbour(addressAt(frame, position + 1));
    if (next?.isSlow) this.counters.dropped += 1;
    else if (next?.send(readdressed(frame, position + 1))) this.counters.forwarded += 1;
    else {
      this.counters.dropped += 1;
      const path = pathOf(frame, head);
      const none = new Uint8Array(0);
      neighbour.answer(makePacket(frameTypes.noRoute, position, numberOf(frame), path, position - 1, none));
    }
  }

  #noRoute(neighbour: Neighbour, frame: Uint8Array): void {
    const head = readPacketHead(frame);
    const { extra: brokenAt, count, position } = head;
    if (payloadOf(frame, head).length > 0 || brokenAt <= position || brokenAt >= count - 1) {
      throw new KithError('frame-malformed');
    }
    this.#checkHop(neighbour, frame, position, position + 1);
    if (!neighbour.allows(frame.length)) {
      this.counters.dropped += 1;
      return;
    }
    if (position > 0) {
      this.#names.neighbour(addressAt(frame, position - 1))?.answer(readdressed(frame, position - 1));
      return;
    }
    const sent = this.#sent.get(numberOf(frame));
    const path = pathOf(frame, head);
    if (sent === undefined || sent.path.join() !== path.join()) return;
    this.#sent.delete(numberOf(frame));
    this.#routes.forget(path[brokenAt] as Address, path[brokenAt + 1] as Address);
    this.#tryAgain(sent);
  }

  #hear(from: Address): void {
    this.#heardAt.delete(from);
    this.#heardAt.set(from, this.#clock.now());
    if (this.#heardAt.size > MAX_SENT_KEPT) this.#heardAt.delete(this.#heardAt.keys().next().value as Address);
  }

  /** Whoever has spoken since has most likely answered; what it has not, the asker asks again after its own time-out. */
  #lost(neighbour: Neighbour): void {
    const old = this.#clock.now() - SENT_KEPT_MS;
    for (const [number, sent] of [...this.#sent]) {
      const first = sent.path[1] as Address;
      if (first !== neighbour.address && !neighbour.aliases.has(first)) continue;
      this.#sent.delete(number);
      const answered = (this.#heardAt.get(sent.to) ?? Number.NEGATIVE_INFINITY) >= sent.at;
      if (sent.at > old && !answered) this.#tryAgain(sent);
    }
  }

  #tryAgain(sent: Sent): void {
    if (sent.tries < MAX_WAYS_TRIED) {
      for (const way of this.#waysOf(sent)) {
        if (this.#sendAlong(sent, [sent.as, ...way, sent.to], true)) return;
      }
    }
    for (const handler of this.#unreachable) handler(sent.to, sent.service, sent.payload);
  }
}
