// A plain static host as deployers have them: a folder under some path, no rewriting, no headers of ours. Can be stopped, and its
// files can be replaced while it runs (a new release).
import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

export interface StaticSite {
  /** Ends with a slash. */
  readonly url: string;
  /** Paths asked for, without the base path, in order. */
  readonly requests: string[];
  /** Served instead of what the folder holds, by path ("kith.config.json"); null: 404. */
  readonly replaced: Map<string, string | null>;
  stop(): Promise<void>;
  /** Again on the same port after `stop`. */
  start(): Promise<void>;
}

/** @param base Path under which the folder is served, e.g. "/any/path/". */
export async function serveStatic(folder: string, base = '/'): Promise<StaticSite> {
  const requests: string[] = [];
  const replaced = new Map<string, string | null>();
  let server: Server;
  let port = 0;

  const read = (path: string): string | Buffer | null => {
    const instead = replaced.get(path);
    if (instead !== undefined) return instead;
    const file = normalize(join(folder, path));
    if (!file.startsWith(normalize(folder + sep))) return null;
    return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : null;
  };

  const start = async (): Promise<void> => {
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const path = pathname.startsWith(base) ? decodeURIComponent(pathname.slice(base.length)) || 'index.html' : null;
      requests.push(path ?? pathname);
      const body = path === null ? null : read(path);
      if (body === null) response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
      else
        response.writeHead(200, { 'content-type': types[extname(path ?? '')] ?? 'application/octet-stream' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };

  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };

  await start();
  return { url: `http://localhost:${port}${base}`, requests, replaced, start, stop };
}
