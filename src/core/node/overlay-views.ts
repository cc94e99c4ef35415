// What screens are told of the overlay: how this page stands in the network, in one word, and what its links carry.
import { toHex } from '../bytes/hex.ts';
import type { CircuitView, Diagnosis, NeighbourView, OverlayView } from '../node-api.ts';
import type * as core from '../overlay/overlay-api.ts';
import type { LinkWay } from '../ports/link.ts';

export interface NetworkFacts {
  /** A door is open. */
  readonly doorOpen: boolean;
  /** A door is being opened, and has not failed since it was last open. */
  readonly doorOpening: boolean;
  readonly neighbours: number;
  /** Contacts connected directly, and over a route. */
  readonly direct: number;
  readonly relayed: number;
  readonly relayOnly: boolean;
}

export function diagnose(facts: NetworkFacts): Diagnosis {
  const { doorOpen, doorOpening, neighbours, direct, relayed, relayOnly } = facts;
  if (neighbours + direct + relayed === 0) return doorOpen ? 'nobody-else' : doorOpening ? 'joining' : 'no-door';
  if (relayOnly) return 'hidden';
  return relayed > 0 && direct === 0 ? 'only-relayed' : 'open';
}

/** Bytes of an overlay id that are shown: enough to tell neighbours apart. */
const SHOWN_ID_BYTES = 4;

const shownId = (id: Uint8Array) => toHex(id.subarray(0, SHOWN_ID_BYTES));

/** A session with a contact, and how it runs. */
export interface SessionWay {
  readonly contactId: string;
  readonly way: LinkWay;
}

/** @param sessions Those that run over circuits. */
export function overlayView(view: core.OverlayView | undefined, sessions: readonly SessionWay[]): OverlayView {
  return {
    neighbours: view?.neighbours.map(neighbourView) ?? [],
    routesKnown: view?.routes ?? 0,
    circuits: sessions.map(circuitView),
    relaying: { circuits: view?.relayed.circuits ?? 0, bytes: view?.relayed.bytes ?? 0 },
    bytesIn: view?.traffic.bytesIn ?? 0,
    bytesOut: view?.traffic.bytesOut ?? 0,
  };
}

function circuitView({ contactId, way }: SessionWay): CircuitView {
  return { conversationId: contactId, via: shownId(way.via), hops: way.hops };
}

function neighbourView({ id, direction, rttMs, bytesIn, bytesOut, pinned }: core.NeighbourView): NeighbourView {
  return { id: shownId(id), direction, rtt: rttMs ?? null, bytesIn, bytesOut, pinned };
}
