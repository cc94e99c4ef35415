// The router as the DHT's socket sees it.
import type { Router } from './router.ts';
import type { Routes } from './routes.ts';
import type { Datagrams } from './virtual-socket.ts';

/** Of the router's services (OVERLAY.md, "Packets"): KRPC messages. */
export const DHT_SERVICE = 1;

export function routerDatagrams(router: Router, routes: Routes): Datagrams {
  return {
    send(to, payload, way) {
      const ways = routes.ways(to, way + 1);
      const chosen = ways[Math.min(way, ways.length - 1)];
      return chosen && router.send(to, DHT_SERVICE, payload, { way }) ? chosen.length + 1 : 0;
    },
    onPacket: (handler) =>
      router.onPacket(DHT_SERVICE, (from, payload, arrival) => {
        // The library answers with our own id.
        if (arrival.toAlias) return;
        handler({
          from,
          payload,
          links: arrival.path.length - 1,
          bringer: arrival.bringer,
          answer: (bytes) => void router.answer(arrival, DHT_SERVICE, bytes),
        });
      }),
    onUnreachable: (handler) =>
      router.onUnreachable((_, service, payload) => {
        if (service === DHT_SERVICE) handler(payload);
      }),
    learn: (node, introducer, bringer) => routes.learn(node, introducer, bringer),
  };
}
