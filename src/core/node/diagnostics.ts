// Figures of the network, for the settings and for whoever measures.
import type { DiagnosticsView } from '../node-api.ts';
import type { House } from './house.ts';
import { overlayView } from './overlay-views.ts';

type Rooms = Pick<House, 'network' | 'profile' | 'transfers' | 'options'>;

export function diagnosticsOf({ network, profile, transfers, options }: Rooms): DiagnosticsView {
  const { dialer } = options;
  const totals = network?.peers.totals();
  const overlay = overlayView(network?.overlay?.view(), network?.peers.circuits() ?? [], profile.settings.relaying);
  const { unitsSent, unitsReceived } = transfers.counters;
  return {
    links: overlay.neighbours.length,
    routes: overlay.routesKnown,
    peerConnectionsOpened: dialer.opened,
    peerConnectionsAlive: dialer.alive,
    bytesIn: totals?.bytesIn ?? 0,
    bytesOut: totals?.bytesOut ?? 0,
    unitsSent,
    unitsReceived,
    session: {
      protocol: totals?.protocol ?? null,
      live: totals?.live ?? 0,
      relayed: totals?.relayed ?? 0,
      handshakes: network?.peers.handshakes ?? 0,
    },
    entryPoints: network?.view().entryPoints ?? [],
    overlay,
  };
}
