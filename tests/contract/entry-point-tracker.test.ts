// The tracker adapter against the real bittorrent-tracker server, over real WebSockets.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { trackerEntryPoint } from '../../src/adapters/tracker/entry-point.ts';
import type { WebSocketLike } from '../../src/adapters/tracker/socket.ts';
import type { EntryPoint } from '../../src/core/ports/entry-point.ts';
import { createTracker, type Tracker } from '../../src/host/tracker.ts';
import { entryPointContract } from './entry-point.ts';

async function open(port: number): Promise<{ server: Server; tracker: Tracker; port: number }> {
  const tracker = createTracker();
  const server = createServer();
  server.on('upgrade', (request, socket, head) => tracker.handleUpgrade(request, socket, head));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { server, tracker, port: (server.address() as AddressInfo).port };
}

entryPointContract('bittorrent-tracker', async () => {
  const visitors: EntryPoint[] = [];
  let place = await open(0);
  const close = async () => {
    place.tracker.close();
    place.server.closeAllConnections();
    place.server.close();
    await once(place.server, 'close');
  };
  return {
    visitor: () => {
      const url = `ws://127.0.0.1:${place.port}/announce`;
      const connect = (address: string) => new WebSocket(address) as unknown as WebSocketLike;
      const visitor = trackerEntryPoint({ url, clock: systemClock, random: seededRandom(visitors.length), connect });
      visitors.push(visitor);
      return visitor;
    },
    until: (promise) => promise,
    goDown: close,
    goUp: async () => {
      place = await open(place.port);
    },
    end: async () => {
      for (const visitor of visitors) visitor.close();
      await close();
    },
  };
});
