// Before the end-to-end tests: builds the page (unless `npm test` just did) and starts the real server on a free port.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Playwright's globalSetup: sets KITH_SITE to the address of the page; the returned function ends the server. */
export default async function setUp(): Promise<() => Promise<void>> {
  const site = await startSite('0', process.env.KITH_BUILT !== undefined);
  process.env.KITH_SITE = site.url;
  return site.stop;
}

export interface Site {
  /** With a slash at its end. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A server process of its own on this port, or any free one. `built`: dist/ is there already, as it is inside of a test. */
export async function startSite(port = '0', built = true): Promise<Site> {
  const folder = built ? ['--folder', 'dist'] : [];
  const server = spawn(process.execPath, ['--import', 'tsx', 'src/host/start.ts', ...folder], {
    cwd: root,
    env: { ...process.env, PORT: port },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { url: await addressOf(server), stop: () => end(server) };
}

/** The address in "Kith is ready at …", with a slash at its end. */
async function addressOf(server: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: server.stdout! })) {
    const ready = /^Kith is ready at (\S+)$/.exec(line);
    if (ready) return new URL('/', ready[1]).href;
  }
  throw new Error('The server ended before it was ready.');
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
}
