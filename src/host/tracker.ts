// The embedded entry point: the real `bittorrent-tracker` server in its WebSocket mode (the WebTorrent tracker protocol, an
// extension of BEP3), without a port of its own, and guarded against what would bring it down.
/// <reference path="./untyped.d.ts" />
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import Server, { type TrackerSocket } from 'bittorrent-tracker/server';

/** Seconds between announces that clients are told. A person who closes the lid should not look present for long. */
export const ANNOUNCE_INTERVAL_SECONDS = 60;
/** Largest WebSocket message, bytes: five sealed offers take about 14 KiB. */
const MAX_MESSAGE_BYTES = 65_536;
/** Connections at once; more are turned away. */
const MAX_SOCKETS = 1_000;
/** Topics at once: 1,000 people with some 100 contacts on three days share their topics pairwise. */
const MAX_TOPICS = 200_000;
/** Topics of one connection: 1,000 contacts on three days, and cards. Nobody may take them all. */
export const MAX_TOPICS_A_SOCKET = 4_096;
/** How often topics that nobody is under any more are forgotten. */
const FORGET_INTERVAL_MS = 600_000;
/** A socket that does not answer a ping until the next one is dead; its owner must leave the swarms. */
const PING_INTERVAL_MS = 20_000;

export interface Tracker {
  /** For a server's `upgrade` event. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends every connection. */
  close(): void;
}

export function createTracker(): Tracker {
  const server = new GuardedServer();
  const sockets = new Map<TrackerSocket, { answered: boolean }>();
  const timers = [
    setInterval(() => pingAll(sockets), PING_INTERVAL_MS).unref(),
    setInterval(() => server.forgetEmptyTopics(), FORGET_INTERVAL_MS).unref(),
  ];
  // Bad requests are their senders' problem: the server tells them, the terminal stays quiet.
  server.on('warning', () => {});
  server.on('error', () => {});
  return {
    handleUpgrade(request, socket, head) {
      if (sockets.size >= MAX_SOCKETS) {
        refuse(socket, '503 Service Unavailable');
        return;
      }
      server.ws.handleUpgrade(request, socket, head, (connection, upgraded) => {
        // The library adds a listener for each message that a closing socket cannot take any more.
        connection.setMaxListeners(0);
        const health = { answered: true };
        sockets.set(connection, health);
        connection.on('pong', () => {
          health.answered = true;
        });
        connection.on('close', () => sockets.delete(connection));
        server.ws.emit('connection', connection, upgraded);
      });
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets.keys()) socket.terminate();
      server.close();
    },
  };
}

/** Answers an upgrade that is not taken. */
export function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function pingAll(sockets: Map<TrackerSocket, { answered: boolean }>): void {
  for (const [socket, health] of sockets) {
    if (!health.answered) {
      socket.terminate();
      continue;
    }
    health.answered = false;
    socket.ping();
  }
}

class GuardedServer extends Server {
  readonly #topics = new Set<string>();
  /** Topics that each connection is under. */
  readonly #topicsOf = new WeakMap<TrackerSocket, Set<string>>();

  constructor() {
    super({
      http: false,
      udp: false,
      stats: false,
      // The library tells WebSocket clients a fifth of its interval.
      interval: ANNOUNCE_INTERVAL_SECONDS * 5 * 1000,
      ws: { noServer: true, maxPayload: MAX_MESSAGE_BYTES },
      filter: (infoHash, _request, done) => done(this.#refusal(infoHash)),
    });
  }

  /** The library trusts shapes that a hostile client can choose: a null offer or a scrape for a number ends the process. */
  override _onWebSocketRequest(socket: TrackerSocket, options: object, message: unknown): void {
    const announce = announceIn(String(message));
    if (announce === undefined) fail(socket, 'not an announce');
    else if (this.#hasTooMany(socket, announce)) fail(socket, 'too many topics');
    else super._onWebSocketRequest(socket, options, message);
  }

  #hasTooMany(socket: TrackerSocket, { topic, leaves }: Announce): boolean {
    const topics = this.#topicsOf.get(socket) ?? new Set();
    this.#topicsOf.set(socket, topics);
    if (leaves) topics.delete(topic);
    else if (topics.size < MAX_TOPICS_A_SOCKET) topics.add(topic);
    return !leaves && !topics.has(topic);
  }

  /** The library keeps every topic for ever; those of past days would pile up. */
  forgetEmptyTopics(): void {
    for (const infoHash of this.#topics) {
      const swarm = this.torrents[infoHash];
      if (swarm && swarm.complete + swarm.incomplete > 0) continue;
      delete this.torrents[infoHash];
      this.#topics.delete(infoHash);
    }
  }

  #refusal(infoHash: string): Error | null {
    if (!this.#topics.has(infoHash) && this.#topics.size >= MAX_TOPICS) return new Error('too many topics');
    this.#topics.add(infoHash);
    return null;
  }
}

interface Announce {
  readonly topic: string;
  readonly leaves: boolean;
}

/** An announce whose shape the library can take; undefined for anything else. */
function announceIn(text: string): Announce | undefined {
  const request = parse(text);
  if (!isRecord(request) || request.action !== 'announce') return undefined;
  const { info_hash, offers, answer, event, offer_id } = request;
  const fits =
    (offers === undefined || (Array.isArray(offers) && offers.every(isRecord))) &&
    (answer === undefined || isRecord(answer)) &&
    (offer_id === undefined || typeof offer_id === 'string') &&
    (event === undefined || typeof event === 'string');
  return fits && typeof info_hash === 'string' ? { topic: info_hash, leaves: event === 'stopped' } : undefined;
}

function fail(socket: TrackerSocket, reason: string): void {
  socket.send(JSON.stringify({ 'failure reason': reason }), () => {});
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
