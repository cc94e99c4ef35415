// Circuits: links through one to four relays (OVERLAY.md, "Circuits"). Opens and answers them, and carries those of others.
import { concat, equalBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { KithError } from '../errors.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Link, LinkBinding } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { OverlayCrypto } from '../ports/overlay-crypto.ts';
import type { Random } from '../ports/random.ts';
import { type Address, addressOf, ID_BYTES } from './address.ts';
import { type CloseReason, cellKinds, closeCell, makeCell, renumber } from './cells.ts';
import { CircuitLink } from './circuit-link.ts';
import { type Closed, Opening } from './circuit-opening.ts';
import { FairQueue } from './fair-queue.ts';
import { frameTypes } from './frames.ts';
import { type Hop, type HopOwner, Hops } from './hops.ts';
import { CIRCUIT_IDLE_MS, MAX_CIRCUIT_PAYLOAD_BYTES, MAX_WAYS_TRIED, RELAY_BYTES_PER_SECOND } from './limits.ts';
import type { Names } from './names.ts';
import type { Neighbour } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';
import {
  type CircuitHandler,
  type NodeRef,
  type SendOptions,
  type ServiceName,
  services,
  servicesOfAliases,
} from './overlay-api.ts';
import { addressAt, makePacket, type PacketHead, pathOf, payloadOf, readdressed, readPacketHead } from './packet.ts';
import { Relay } from './relay.ts';
import { introducersOf } from './requests.ts';
import type { Routes } from './routes.ts';

const NONCE_BYTES = 32;
/** Id and nonce of whoever asks. */
const HELLO_BYTES = ID_BYTES + NONCE_BYTES;
const LABEL = utf8('kith route v1');
const SWEEP_MS = CIRCUIT_IDLE_MS / 4;

interface Asked {
  readonly neighbour: Neighbour;
  readonly number: number;
  readonly head: PacketHead;
  readonly body: Uint8Array;
  readonly cell: Uint8Array;
}

export interface CircuitTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: OverlayCrypto;
  readonly log: Log;
  readonly names: Names;
  readonly routes: Routes;
  readonly neighbours: Neighbours;
}

export class Circuits {
  readonly #tools: CircuitTools;
  readonly #queue: FairQueue;
  readonly #hops: Hops;
  readonly #handlers = new Map<number, CircuitHandler>();
  readonly #links = new Set<CircuitLink>();
  readonly #relays = new Set<Relay>();
  readonly #openings = new Set<Opening>();
  /** null when we carry nothing. */
  #bytesPerSecond: number | null = RELAY_BYTES_PER_SECOND;
  #sweep: Timer | undefined;

  constructor(tools: CircuitTools) {
    this.#tools = tools;
    this.#queue = new FairQueue(tools.clock, RELAY_BYTES_PER_SECOND);
    this.#hops = new Hops(tools.names.self, tools.neighbours, this.#queue, (neighbour, number, body, cell) =>
      this.#asked(neighbour, number, body, cell),
    );
  }

  /** Circuits that end here, and those that pass through. */
  get view(): { open: number; relayed: number; bytes: number; bytesPerSecond: number | null } {
    return {
      open: this.#links.size,
      relayed: this.#relays.size,
      bytes: this.#queue.relayedBytes,
      bytesPerSecond: this.#bytesPerSecond,
    };
  }

  /** See Overlay.onCircuit. */
  onCircuit(service: ServiceName, handler: CircuitHandler): void {
    this.#handlers.set(services[service], handler);
  }

  /** See Overlay.setRelaying. */
  setRelaying(limits: { readonly bytesPerSecond: number } | null): void {
    this.#bytesPerSecond = limits?.bytesPerSecond ?? null;
    if (limits !== null) this.#queue.limit(limits.bytesPerSecond);
    else for (const relay of [...this.#relays]) relay.end();
  }

  /** See Overlay.openCircuit. Up to three ways are tried. */
  async openCircuit(to: NodeRef, service: ServiceName, payload: Uint8Array, options: SendOptions = {}): Promise<Link> {
    if (payload.length > MAX_CIRCUIT_PAYLOAD_BYTES) {
      throw new KithError('frame-too-large', { limit: MAX_CIRCUIT_PAYLOAD_BYTES });
    }
    const { routes, names } = this.#tools;
    const address = addressOf(to.id);
    const id = options.as ?? (names.ourId(names.self) as Uint8Array);
    const hides = names.isAlias(addressOf(id));
    for (const via of to.via) routes.learn(address, addressOf(via), names.self);
    const tried = new Set<string>();
    let failure = new KithError('no-route');
    while (tried.size < MAX_WAYS_TRIED) {
      const ways = hides ? routes.waysThroughOthers(address) : routes.ways(address);
      const way = ways.find((each) => !tried.has(each.join()));
      if (way === undefined) break;
      tried.add(way.join());
      const path = [addressOf(id), ...way, address];
      const outcome = await this.#tryWay(path, service, id, to.id, payload);
      if (outcome instanceof CircuitLink) return outcome;
      failure = this.#judge(path, outcome);
      // A relay can say this in the other's name.
      if (failure.kind === 'link-closed' && way.length === 0) break;
    }
    throw hides && failure.kind === 'no-route' && names.neighbour(address) ? new KithError('no-relay') : failure;
  }

  close(): void {
    for (const opening of [...this.#openings]) opening.fail('lost', 0);
    for (const relay of [...this.#relays]) relay.end();
    for (const link of [...this.#links]) link.abandon();
    this.#queue.close();
    this.#sweep?.cancel();
    this.#handlers.clear();
  }

  async #tryWay(
    path: readonly Address[],
    service: ServiceName,
    id: Uint8Array,
    wanted: Uint8Array,
    payload: Uint8Array,
  ): Promise<CircuitLink | Closed> {
    const { clock, random, names } = this.#tools;
    // Under an alias that is ours no more (router.ts) there is no way either.
    const first = names.isOurs(path[0] as Address) ? names.neighbour(path[1] as Address) : undefined;
    const nonce = random.bytes(NONCE_BYTES);
    const opening = new Opening(clock);
    const hop = first && this.#hops.begin(first, undefined, opening);
    if (hop === undefined) return { reason: 'noRoute', place: 0 };
    this.#watch();
    this.#openings.add(opening);
    const body = makePacket(frameTypes.cell, services[service], 0, path, 1, concat(id, nonce, payload));
    hop.send(makeCell(cellKinds.open, body));
    const outcome = await opening.outcome(hop, (theirs) => {
      const link = this.#link(hop, path.length - 1);
      void this.#bind(link, id, nonce, theirs).then(
        () => opening.ready(link),
        () => link.close(),
      );
      return link;
    });
    this.#openings.delete(opening);
    if (!(outcome instanceof CircuitLink)) return outcome;
    if (equalBytes(opening.answerer, wanted)) return outcome;
    outcome.close();
    return { reason: 'lost', place: 0 };
  }

  /** What a failed attempt teaches about its way, and what to say when it was the last. */
  #judge(path: readonly Address[], { reason, place }: Closed): KithError {
    const { routes } = this.#tools;
    const last = path.length - 1;
    if (reason === 'refused' && place === last) return new KithError('link-closed');
    if (place > 0 && place < last) {
      const [via, target] = [path[place] as Address, path[place + 1] as Address];
      if (reason === 'noRoute') routes.forget(via, target);
      else routes.doubt(via, target);
      return new KithError('no-route');
    }
    if (last > 1) routes.doubt(path[last - 1] as Address, path[last] as Address);
    return new KithError(reason === 'timeout' ? 'link-timeout' : 'no-route');
  }

  /** Somebody wants a circuit to us or through us. */
  #asked(neighbour: Neighbour, number: number, body: Uint8Array, cell: Uint8Array): void {
    const { names } = this.#tools;
    const head = readPacketHead(body);
    const { count, position } = head;
    const named = position > 0 && names.isOurs(addressAt(body, position));
    if (!named || !names.speaksFor(neighbour, addressAt(body, position - 1))) throw new KithError('frame-malformed');
    const room = payloadOf(body, head).length - HELLO_BYTES;
    if (room < 0 || room > MAX_CIRCUIT_PAYLOAD_BYTES) throw new KithError('frame-malformed');
    const asked: Asked = { neighbour, number, head, body, cell };
    const refusal = position === count - 1 ? this.#answer(asked) : this.#carry(asked);
    if (refusal === undefined) this.#watch();
    else neighbour.answer(renumber(closeCell(refusal, position), number));
  }

  /** A circuit that passes through here; or why not. */
  #carry({ neighbour, number, head, body, cell }: Asked): CloseReason | undefined {
    const next = this.#tools.names.neighbour(addressAt(body, head.position + 1));
    if (next === undefined) return 'noRoute';
    // Whom it leads to would learn whose link that alias is.
    if (this.#tools.names.isAlias(addressAt(body, head.position))) return 'refused';
    if (this.#bytesPerSecond === null) return 'refused';
    const relay: Relay = new Relay(this.#tools.clock, () => this.#relays.delete(relay));
    const from = this.#hops.accept(neighbour, number, true, relay);
    if (from === undefined) return 'refused';
    const to = this.#hops.begin(next, neighbour, relay);
    if (to === undefined) {
      from.release();
      return 'refused';
    }
    relay.join(from, to);
    this.#relays.add(relay);
    readdressed(body, head.position + 1);
    to.send(cell);
    return undefined;
  }

  /** A circuit that ends here; or why not. */
  #answer({ neighbour, number, head, body }: Asked): CloseReason | undefined {
    const { names, random, routes, log } = this.#tools;
    const handler = this.#handlers.get(head.extra);
    const path = pathOf(body, head);
    const id = names.ourId(path.at(-1) as Address) as Uint8Array;
    const hello = payloadOf(body, head).slice();
    const from: NodeRef = { id: hello.slice(0, ID_BYTES), via: introducersOf({ path }) };
    if (handler === undefined || addressOf(from.id) !== path[0]) return 'refused';
    // Over a neighbour's own link it would tell them whose alias this is.
    const mayBeAsked = path.length > 2 && servicesOfAliases.has(head.extra);
    if (names.isAlias(path.at(-1) as Address) && !mayBeAsked) return 'refused';
    const end: { link?: CircuitLink } & HopOwner = {
      cell: (_, kind, cell, rest) => end.link?.cell(kind, cell, rest),
      lost: () => end.link?.lost(),
    };
    const hop = this.#hops.accept(neighbour, number, false, end);
    if (hop === undefined) return 'refused';
    routes.learnReverse(path.slice(0, -1), neighbour.address);
    const link = this.#link(hop, path.length - 1);
    end.link = link;
    const nonce = random.bytes(NONCE_BYTES);
    hop.send(makeCell(cellKinds.opened, concat(id, nonce)));
    this.#bind(link, id, nonce, hello.subarray(0, HELLO_BYTES))
      .then(() => handler(from, hello.subarray(HELLO_BYTES), link, id))
      .catch((error: unknown) => {
        log('error', 'circuit handler failed', { error: String(error) });
        link.close();
      });
    return undefined;
  }

  #link(hop: Hop, hops: number): CircuitLink {
    const link: CircuitLink = new CircuitLink(hop, hops, this.#tools.clock, () => this.#links.delete(link));
    this.#links.add(link);
    return link;
  }

  /** `theirs`: id and nonce. */
  async #bind(link: CircuitLink, id: Uint8Array, nonce: Uint8Array, theirs: Uint8Array): Promise<void> {
    const { crypto } = this.#tools;
    const [local, remote] = await Promise.all([
      crypto.sha256(concat(LABEL, id, nonce)),
      crypto.sha256(concat(LABEL, theirs)),
    ]);
    const binding: LinkBinding = { local, remote };
    link.bind(binding);
  }

  /** While there are circuits, those on which nothing moves are closed. */
  #watch(): void {
    this.#sweep ??= this.#tools.clock.after(SWEEP_MS, () => {
      this.#sweep = undefined;
      for (const relay of [...this.#relays]) if (relay.isIdle()) relay.end();
      for (const link of [...this.#links]) if (link.isIdle()) link.abandon();
      if (this.#relays.size + this.#links.size + this.#openings.size > 0) this.#watch();
    });
  }
}
