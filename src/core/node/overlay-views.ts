// What screens are told of the overlay: how this page stands in the network, in one word, and an overlay that is not there.
import type { Diagnosis, OverlayView } from '../node-api.ts';

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

export const noOverlay: OverlayView = {
  neighbours: [],
  routesKnown: 0,
  circuits: [],
  relaying: { circuits: 0, bytes: 0 },
  bytesIn: 0,
  bytesOut: 0,
};
