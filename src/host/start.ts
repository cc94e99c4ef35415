// `npm start`: builds the page, then serves it with the tracker until a signal ends it.
//   PORT=8080 npm start       another port (0: any free one)
//   npm start -- --host       to the local network, over HTTPS with a self-signed certificate
//   npm start -- --folder DIR serves a page that is built already
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import qrcode from 'qrcode-terminal';
import { type Host, startHost } from './host.ts';

const DEFAULT_PORT = 4173;
/** Well below the 2 s within which a signal has to end us (CONTRACT.md). */
const PARENT_LOOK_MS = 250;
const root = fileURLToPath(new URL('../../', import.meta.url));
const output = fileURLToPath(new URL('../../dist/', import.meta.url));

let host: Host | undefined;

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
  endWithNpm();
  const { network, built } = options();
  const port = portFrom(process.env.PORT);
  if (built === undefined) await buildPage();
  else if (!existsSync(join(built, 'index.html'))) throw new Error(`There is no built page in ${built}.`);
  host = await startHost({ folder: built ?? output, port, network });
  announce(host, network);
}

/**
 * npm passes a signal to the shell it has started us in, and the shell dies without passing it on. So a process that npm
 * has started also ends when its parent is gone. Of a SIGINT that npm alone gets we see nothing: dash waits for us instead of dying.
 */
function endWithNpm(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void stop();
  }, PARENT_LOOK_MS).unref();
}

function options(): { network: boolean; built: string | undefined } {
  const { values } = parseArgs({ options: { host: { type: 'boolean' }, folder: { type: 'string' } } });
  return { network: values.host === true, built: values.folder };
}

function portFrom(text: string | undefined): number {
  const port = Number(text || DEFAULT_PORT);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT must be a number from 0 to 65535, not "${text}".`);
}

async function buildPage(): Promise<void> {
  const { build } = await import('vite');
  await build({ root, logLevel: 'warn' });
}

function announce({ urls }: Host, network: boolean): void {
  const [first = '', ...others] = urls;
  if (network) {
    console.log('Open to everybody on this network. The certificate is self-signed: the browser will warn once.');
    for (const url of others) console.log(`Also at ${url}`);
    qrcode.generate(first, { small: true }, (drawing) => console.log(drawing));
  }
  console.log(`Kith is ready at ${first}`);
}

/** The process ends whatever is still going on: a build, a half-open connection. */
async function stop(): Promise<void> {
  await host?.close();
  process.exit(0);
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const port = process.env.PORT || DEFAULT_PORT;
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken. Stop the other program, or choose another: PORT=8080 npm start`;
  if (code === 'EACCES') return `Port ${port} is not allowed for this user. Choose another: PORT=8080 npm start`;
  return message;
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});
