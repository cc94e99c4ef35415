// The command itself, as a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announce, builtPage, visit } from './fixtures.ts';

/** Signals end it within this. */
const END_LIMIT_MS = 2_000;
const start = fileURLToPath(new URL('../../src/host/start.ts', import.meta.url));

let page: ReturnType<typeof builtPage>;
const running = new Set<ChildProcess>();

beforeEach(() => {
  page = builtPage();
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  page.remove();
});

function run(port: number, ...more: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', start, '--folder', page.folder, ...more], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  void ended.then(() => running.delete(child));
  let printed = '';
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const line = /^Kith is ready at (.+)$/m.exec(printed);
      if (line?.[1]) resolve(line[1]);
    });
    void ended.then(() => reject(new Error(`ended before it was ready: ${printed}`)));
  });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  ready.catch(() => {});
  return { child, ended, ready, output: () => printed, complaint: () => complaint };
}

describe('npm start', () => {
  it('says in one line where it is, and is there', async () => {
    const { ready, output } = run(0);
    const url = await ready;
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    expect(output()).toBe(`Kith is ready at ${url}\n`);
    expect((await fetch(url)).status).toBe(200);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends on %s although people are connected', async (signal) => {
    const { child, ended, ready } = run(0);
    const url = await ready;
    const ana = await visit(`${url.replace('http', 'ws')}/announce`);
    ana.say(announce('ana', 'topic'));
    await ana.hear((message) => message.incomplete === 1);
    child.kill(signal);
    const late = new Promise((resolve) => setTimeout(resolve, END_LIMIT_MS, 'late').unref());
    expect(await Promise.race([ended, late])).toBe(0);
  });

  it.skipIf(process.platform === 'win32')('ends with the shell that npm has put in between', async () => {
    // `; true` keeps every shell from putting our process in its own place.
    const child = spawn('sh', ['-c', `"${process.execPath}" --import tsx "${start}" --folder "${page.folder}"; true`], {
      env: { ...process.env, PORT: '0', npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const left = once(child, 'close'); // when the last process that writes to the pipe is gone
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const late = new Promise((resolve) => setTimeout(resolve, END_LIMIT_MS, 'late').unref());
    expect(await Promise.race([left.then(() => 'ended'), late])).toBe('ended');
  });

  it('says so and ends with 1 when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { ended, complaint } = run(port);
    expect(await ended).toBe(1);
    expect(complaint()).toBe(`Port ${port} is taken. Stop the other program, or choose another: PORT=8080 npm start\n`);
    other.close();
  });

  it.each(['70000', 'kith', '-1', '1.5'])('refuses PORT=%s with the reason', async (port) => {
    const { ended, complaint } = run(port as unknown as number);
    expect(await ended).toBe(1);
    expect(complaint()).toContain(`not "${port}"`);
  });

  it('shows the address for a phone as a QR code with --host', async () => {
    const { ready, output } = run(0, '--host');
    expect(await ready).toMatch(/^https:\/\/.+:\d+$/);
    expect(output()).toMatch(/[█▀▄]{20}/u);
    expect(output()).toContain('self-signed');
  });
});
