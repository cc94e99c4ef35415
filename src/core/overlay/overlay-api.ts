// What the rest of core may know of the overlay. Nothing in here is proven about a person: ids belong to nodes, are made anew
// at every start, and only a hello on a direct link proves one.
import type { Link } from '../ports/link.ts';

/** A node, and how it may be reached. */
export interface NodeRef {
  /** 20 bytes. */
  readonly id: Uint8Array;
  /**
   * Ids of nodes that have a live link to it, the most promising first; may be empty. Only their first 6 bytes (the address)
   * count: where no more is known the rest is zero.
   */
  readonly via: readonly Uint8Array[];
}

/** What a request or a circuit is for. The numbers are the wire's (OVERLAY.md). */
export const services = {
  /** An offer for a direct link between neighbours, its answer and candidates. */
  dial: 1,
  /** Which trackers do you know? */
  trackers: 2,
  /** A sealed signal for whoever waits at a place (rendezvous). */
  signal: 3,
  /** Is anybody there for this place, and how many? */
  presence: 4,
  /** A session between contacts. Circuits only. */
  session: 5,
  /** Who can be called by this number? */
  number: 6,
} as const;

export type ServiceName = keyof typeof services;

/** What an alias may be asked for. All else would show the node behind it: a dial its address, a look-up its id. */
export const servicesOfAliases: ReadonlySet<number> = new Set([services.signal, services.presence, services.session]);

export interface NeighbourView {
  readonly id: Uint8Array;
  /** Who asked for the link, when it is known. */
  readonly direction: 'in' | 'out' | 'unknown';
  /** Kept for a contact (`keep`). */
  readonly pinned: boolean;
  /** It stands in our table; we stand in theirs. */
  readonly inTable: boolean;
  readonly inTheirTable: boolean;
  /** Milliseconds; undefined before the first answer. */
  readonly rttMs: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export interface OverlayView {
  readonly neighbours: readonly NeighbourView[];
  /** Nodes that are no neighbours and to which a route is known. */
  readonly routes: number;
  /** Circuits that end here. */
  readonly circuits: number;
  readonly relayed: {
    /** Circuits of others that pass through here now. */
    readonly circuits: number;
    /** Bytes carried for others in circuits since the start. */
    readonly bytes: number;
    /** null when we relay no circuits; Infinity without a cap. */
    readonly bytesPerSecond: number | null;
  };
  readonly traffic: {
    readonly bytesIn: number;
    readonly bytesOut: number;
    /** Packets of others passed on. */
    readonly forwarded: number;
    /** Packets and other frames not taken or passed on: over a limit, malformed, or without a way. */
    readonly dropped: number;
  };
  /** Links that said hello since the start. */
  readonly linksOpened: number;
}

export interface AdoptOptions {
  /** Whether this side asked for the link. Decides which of two simultaneous links stays. */
  readonly dialed?: boolean;
}

export interface SendOptions {
  /** An alias of ours (see `addAlias`) to appear under instead of our own id: then at least one relay is between us and them. */
  readonly as?: Uint8Array;
}

/**
 * `bringer`: id of the neighbour that handed it to us, the only one on the path that is proven. Limits count by it, never by `from`.
 * `asked`: which of our ids was asked, our own or an alias.
 */
export type RequestHandler = (
  from: NodeRef,
  payload: Uint8Array,
  bringer: Uint8Array,
  asked: Uint8Array,
) => Promise<Uint8Array | undefined>;
/** The neighbour that brought a circuit. */
export const bringerOf = (from: NodeRef, { way }: Link): Uint8Array => way?.via ?? from.via[0] ?? from.id;

/** `asked`: which of our ids was asked, our own or an alias. */
export type CircuitHandler = (from: NodeRef, payload: Uint8Array, link: Link, asked: Uint8Array) => void;

export interface Overlay {
  /** 20 bytes: SHA-1 of a key made at this start. */
  readonly id: Uint8Array;
  view(): OverlayView;
  onChange(handler: () => void): void;
  /**
   * A link that leads to some node of the overlay: hello first. Resolves to its id, also when it turns out that there already
   * was a link to that node (the worse of the two is closed).
   * @throws KithError 'link-timeout' | 'link-closed' (also: no room) | 'frame-malformed' | 'frame-version' | 'frame-authentication'
   */
  adopt(link: Link, options?: AdoptOptions): Promise<Uint8Array>;
  /** Stores a mutable item (BEP44) signed by the key of `seed` (32 bytes). Resolves to how many nodes took it. */
  put(item: { readonly seed: Uint8Array; readonly value: Uint8Array; readonly seq: number }): Promise<number>;
  /** Every verified value, the first at once, newer ones as they turn up. Resolves at the end of the look-up. */
  get(
    publicKey: Uint8Array,
    onValue: (item: { readonly value: Uint8Array; readonly seq: number; readonly from: NodeRef }) => void,
  ): Promise<void>;
  /**
   * BEP5 announce_peer of this node under `target` (20 bytes). Resolves to how many nodes took it. `still`: asked when the look-up
   * for these nodes has ended and before any is told; with false none is. Default: always.
   */
  announce(target: Uint8Array, still?: () => boolean): Promise<number>;
  /** Who announced under `target`. Resolves at the end of the look-up. */
  lookup(target: Uint8Array, onNode: (node: NodeRef) => void): Promise<void>;
  /**
   * Asks another node. The answer's sender is not proven by more than the route.
   * @throws KithError 'no-route' | 'no-relay' (under an alias: it is our neighbour, and nobody is between) | 'link-timeout' (also:
   * it chose not to answer) | 'frame-too-large' above MAX_REQUEST_BYTES
   */
  request(to: NodeRef, service: ServiceName, payload: Uint8Array, options?: SendOptions): Promise<Uint8Array>;
  /** One handler per service. undefined: no answer is sent. A handler that rejects sends none either. */
  onRequest(service: ServiceName, handler: RequestHandler): void;
  /**
   * A link through neighbours, not sealed: for sessions only. `route: 'relayed'`, or 'direct' over the link of a neighbour that is
   * itself asked.
   * @throws KithError 'no-route' | 'no-relay' (as `request`) | 'link-timeout' | 'link-closed' (refused) | 'frame-too-large' above
   * MAX_CIRCUIT_PAYLOAD_BYTES
   */
  openCircuit(to: NodeRef, service: ServiceName, payload: Uint8Array, options?: SendOptions): Promise<Link>;
  /** One handler per service; without one circuits for it are refused. Close the link to refuse. */
  onCircuit(service: ServiceName, handler: CircuitHandler): void;
  /**
   * Contacts' nodes (ids), the most important first, instead of those said before: a link to one of them, should there be any, is
   * not evicted for a stranger's. None is made, and a quarter of the links is the most.
   */
  keep(ids: readonly Uint8Array[]): void;
  /**
   * Be reachable through present and coming neighbours under a further id (20 random bytes) until removed: requests and circuits
   * to { id: alias, via: our neighbours } arrive here, and what answers them leaves under the alias. The neighbours know; nobody else.
   * What a neighbour asks of an alias itself, with nobody between, is not answered.
   */
  addAlias(alias: Uint8Array): void;
  removeAlias(alias: Uint8Array): void;
  /** Circuits of others: capped, or none (null). Small packets are always passed on. */
  setRelaying(limits: { readonly bytesPerSecond: number } | null): void;
  close(): void;
}
