// What the host uses of two packages that come without types.

declare module 'bittorrent-tracker/server' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  /** A `ws` WebSocket, as far as the host touches it. */
  export interface TrackerSocket extends EventEmitter {
    send(text: string, done?: (error?: Error) => void): void;
    ping(): void;
    terminate(): void;
  }

  export interface TrackerOptions {
    /** Milliseconds; WebSocket clients are told a fifth of it. */
    interval?: number;
    http?: false;
    udp?: false;
    stats?: false;
    ws?: { noServer: true; maxPayload: number };
    filter?: (infoHash: string, request: object, done: (refused: Error | null) => void) => void;
  }

  export default class Server extends EventEmitter {
    constructor(options: TrackerOptions);
    readonly ws: EventEmitter & {
      handleUpgrade(
        request: IncomingMessage,
        socket: Duplex,
        head: Buffer,
        done: (socket: TrackerSocket, request: IncomingMessage) => void,
      ): void;
    };
    readonly torrents: Record<string, { complete: number; incomplete: number }>;
    close(done?: () => void): void;
    onWebSocketConnection(socket: TrackerSocket, options?: object): void;
    _onWebSocketRequest(socket: TrackerSocket, options: object, message: unknown): void;
  }
}

declare module 'qrcode-terminal' {
  const qrcode: { generate(text: string, options: { small: boolean }, done: (drawing: string) => void): void };
  export default qrcode;
}
