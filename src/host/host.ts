// The server of `npm start`: the built page, its kith.config.json and the tracker on one port.
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { lanAddresses, selfSigned } from './certificate.ts';
import { CONFIG_PATH, runtimeConfig, TRACKER_PATH } from './runtime-config.ts';
import { readFiles, serve, servedFile } from './static-files.ts';
import { createTracker, refuse, type Tracker } from './tracker.ts';

export interface HostOptions {
  /** Folder of the built page. */
  readonly folder: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Over HTTPS to the whole network; otherwise this machine alone, over HTTP (localhost is a secure context). */
  readonly network: boolean;
}

export interface Host {
  /** Where people open it: the first is the one to show. */
  readonly urls: readonly string[];
  readonly port: number;
  close(): Promise<void>;
}

/** Resolves when it accepts connections. @throws Node's listen errors ('EADDRINUSE' when the port is taken) */
export async function startHost({ folder, port, network }: HostOptions): Promise<Host> {
  const files = readFiles(folder);
  files.set(CONFIG_PATH, servedFile(CONFIG_PATH, Buffer.from(runtimeConfig)));
  const tracker = createTracker();
  const listener: RequestListener = (request, response) => serve(files, request, response);
  const servers: Server[] = [];
  try {
    servers.push(...(network ? await openToNetwork(port, listener) : await openToThisMachine(port, listener)));
  } catch (error) {
    tracker.close();
    throw error;
  }
  for (const server of servers) routeUpgrades(server, tracker);
  const bound = portOf(servers[0]);
  return {
    urls: network ? networkUrls(bound) : [`http://localhost:${bound}`],
    port: bound,
    async close() {
      tracker.close();
      await Promise.all(servers.map(closeServer));
    },
  };
}

function routeUpgrades(server: Server, tracker: Tracker): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?', 1)[0] === TRACKER_PATH) tracker.handleUpgrade(request, socket, head);
    else refuse(socket, '404 Not Found');
  });
}

/** `localhost` is 127.0.0.1 for some programs and ::1 for others: both, where the machine has both. */
async function openToThisMachine(port: number, listener: RequestListener): Promise<Server[]> {
  const first = await listen(createServer(listener), port, '127.0.0.1');
  try {
    return [first, await listen(createServer(listener), portOf(first), '::1')];
  } catch (error) {
    if (isWithoutIpv6(error)) return [first];
    await closeServer(first);
    throw error;
  }
}

async function openToNetwork(port: number, listener: RequestListener): Promise<Server[]> {
  const secure = () => createTlsServer(credentials, listener);
  const credentials = await selfSigned(lanAddresses());
  try {
    return [await listen(secure(), port, '::')];
  } catch (error) {
    if (!isWithoutIpv6(error)) throw error;
    return [await listen(secure(), port, '0.0.0.0')];
  }
}

function networkUrls(port: number): string[] {
  const names = lanAddresses().map((address) => (address.includes(':') ? `[${address}]` : address));
  return (names.length > 0 ? names : ['localhost']).map((name) => `https://${name}:${port}`);
}

function listen(server: Server, port: number, address: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: address }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function portOf(server: Server | undefined): number {
  return (server?.address() as AddressInfo | null)?.port ?? 0;
}

function isWithoutIpv6(error: unknown): boolean {
  return ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes((error as NodeJS.ErrnoException).code ?? '');
}
