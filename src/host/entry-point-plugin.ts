// Vite plugin: `npm run dev` has the same tracker and the same kith.config.json as `npm start`, on the same port.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Plugin } from 'vite';
import { CONFIG_PATH, runtimeConfig, TRACKER_PATH } from './runtime-config.ts';
import { createTracker } from './tracker.ts';

export function entryPointPlugin(): Plugin {
  return {
    name: 'kith:entry-point',
    apply: 'serve',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (pathOf(request) !== CONFIG_PATH) return next();
        response.setHeader('Content-Type', 'application/json');
        response.setHeader('Cache-Control', 'no-cache');
        response.end(runtimeConfig);
      });
      const { httpServer } = server;
      if (!httpServer) return;
      const tracker = createTracker();
      // Other upgrades are Vite's own (hot reload) and stay untouched.
      httpServer.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (pathOf(request) === TRACKER_PATH) tracker.handleUpgrade(request, socket, head);
      });
      httpServer.on('close', () => tracker.close());
    },
  };
}

function pathOf(request: IncomingMessage): string | undefined {
  return request.url?.split('?', 1)[0];
}
