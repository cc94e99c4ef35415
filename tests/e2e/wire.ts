// Between a browser and its host: every byte that the browser sends there, as it goes over the wire.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Wire {
  /** The same site by way of here, with a slash at its end. */
  readonly url: string;
  /** Sent by browsers up to now. */
  sent(): Buffer;
  stop(): Promise<void>;
}

export async function tapWire(site: string): Promise<Wire> {
  const { hostname, port } = new URL(site);
  const sent: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((browser) => {
    const host = connect(Number(port), hostname);
    for (const socket of [browser, host]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    browser.on('data', (bytes) => sent.push(Buffer.from(bytes)));
    browser.pipe(host).pipe(browser);
  });
  await new Promise<void>((resolve) => server.listen(0, hostname, resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://${hostname}:${own}/`,
    sent: () => Buffer.concat(sent),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
