// A built page in a temporary folder, and a person at the tracker with a plain WebSocket.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';

/** A folder as the build leaves it, and a secret beside it that nobody may read. */
export function builtPage(): { folder: string; remove: () => void } {
  const parent = mkdtempSync(join(tmpdir(), 'kith-host-'));
  const folder = join(parent, 'dist');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(parent, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Kith</title>');
  writeFileSync(join(folder, 'assets', 'index-abc123.js'), `console.log(${JSON.stringify('x'.repeat(2_000))});`);
  writeFileSync(join(folder, 'sw.js'), '// worker');
  writeFileSync(join(folder, 'manifest.webmanifest'), '{}');
  writeFileSync(join(folder, 'kith.config.json'), '{"trackers":["wss://elsewhere.example"]}');
  return { folder, remove: () => rmSync(parent, { recursive: true, force: true }) };
}

export interface TrackerVisitor {
  readonly socket: WebSocket;
  say(message: unknown): void;
  /** The first message, from now or before, for which `wanted` holds; each is handed out once. */
  hear(wanted: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
}

export async function visit(url: string): Promise<TrackerVisitor> {
  const socket = new WebSocket(url, { rejectUnauthorized: false });
  const heard: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    heard.push(JSON.parse(String(data)) as Record<string, unknown>);
    for (const wake of waiting) wake();
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    socket,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    hear: (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          const index = heard.findIndex(wanted);
          if (index < 0) return;
          waiting.delete(look);
          resolve(heard.splice(index, 1)[0] ?? {});
        };
        waiting.add(look);
        look();
      }),
  };
}

export const announce = (peer: string, topic: string, more: object = {}): object => ({
  action: 'announce',
  info_hash: topic.padEnd(20, '.'),
  peer_id: peer.padEnd(20, '.'),
  ...more,
});
