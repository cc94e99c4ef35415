// `npm run dev` beside Vite: same tracker, same kith.config.json, and hot reload as before.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type ViteDevServer } from 'vite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { entryPointPlugin } from '../../src/host/entry-point-plugin.ts';
import { announce, builtPage, visit } from './fixtures.ts';

let page: ReturnType<typeof builtPage>;
let server: ViteDevServer;
let port: number;

beforeEach(async () => {
  page = builtPage();
  server = await createServer({
    configFile: false,
    root: page.folder,
    logLevel: 'silent',
    plugins: [entryPointPlugin()],
    server: { port: 0, host: '127.0.0.1' },
  });
  await server.listen();
  const address = server.httpServer?.address() as AddressInfo;
  port = address.port;
});
afterEach(async () => {
  await server.close();
  page.remove();
});

describe('the development server', () => {
  it('serves the kith.config.json of npm start', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/kith.config.json?fresh`);
    expect(await answer.json()).toEqual({ trackers: ['/announce'], iceServers: [], maxFileBytes: 26_214_400 });
  });

  it('has the tracker at /announce', async () => {
    const ana = await visit(`ws://127.0.0.1:${port}/announce`);
    ana.say(announce('ana', 'topic'));
    expect(await ana.hear((message) => message.incomplete === 1)).toBeDefined();
  });

  it('still reloads hot', async () => {
    const token = server.config.webSocketToken;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/?token=${token}`, 'vite-hmr');
    const [greeting] = await once(socket, 'message');
    expect(JSON.parse(String(greeting))).toEqual({ type: 'connected' });
    socket.close();
  });
});
