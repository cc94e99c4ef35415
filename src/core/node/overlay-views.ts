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
  /** Others at a door answer, and no connection to them opens. */
  readonly nothingOpens: boolean;
  readonly neighbours: number;
  /** Of the neighbours, those who asked for the link. */
  readonly inbound: number;
  /** Contacts connected directly, and over a route. */
  readonly direct: number;
  readonly relayed: number;
  /** Of the contacts over a route, those who answered a direct call of ours that then did not open. */
  readonly unopened: number;
  readonly relayOnly: boolean;
  /** The person hides, and nothing leads to one of their contacts but a link that shows their address. */
  readonly lacksRelay: boolean;
}

export function diagnose(facts: NetworkFacts): Diagnosis {
  const { neighbours, direct, relayed, relayOnly, lacksRelay } = facts;
  if (neighbours + direct + relayed === 0) return whyAlone(facts);
  if (relayOnly) return lacksRelay ? 'no-relay' : 'hidden';
  return direct === 0 && isShutOff(facts) ? 'only-relayed' : 'open';
}

function whyAlone({ doorOpen, doorOpening, nothingOpens }: NetworkFacts): Diagnosis {
  if (doorOpen) return nothingOpens ? 'no-connection' : 'nobody-else';
  return doorOpening ? 'joining' : 'no-door';
}

/** A contact on a route may hide, or be shut off themselves: only what failed here says something of this network. */
function isShutOff({ relayed, unopened, inbound }: NetworkFacts): boolean {
  return relayed > 0 && unopened > 0 && inbound === 0;
}

/** Bytes of an overlay id that are shown: enough to tell neighbours apart. */
const SHOWN_ID_BYTES = 4;

const shownId = (id: Uint8Array) => toHex(id.subarray(0, SHOWN_ID_BYTES));

/** A session with a contact, and how it runs. */
export interface SessionWay {
  readonly contactId: string;
  readonly way: LinkWay;
}

/**
 * @param view Undefined until the overlay is loaded.
 * @param sessions Those that run over circuits.
 * @param mayRelay What the person lets be carried for others, bytes a second; null: nothing. It holds as soon as the overlay is there.
 */
export function overlayView(
  view: core.OverlayView | undefined,
  sessions: readonly SessionWay[],
  mayRelay: number | null,
): OverlayView {
  return {
    neighbours: view?.neighbours.map(neighbourView) ?? [],
    routesKnown: view?.routes ?? 0,
    circuits: sessions.map(circuitView),
    relaying: view?.relayed ?? { circuits: 0, bytes: 0, bytesPerSecond: mayRelay },
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
