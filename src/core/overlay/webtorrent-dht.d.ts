// What dht.ts uses of webtorrent-dht 0.18.6, of bittorrent-dht 8.4.0 below it, and of k-rpc 5.1.0 and k-rpc-socket 1.11.1
// below that. None of them brings types. Names with an underscore are their insides: only dht.ts touches them.

/** Node's Buffer, or the npm package's; both are Uint8Arrays with more methods. */
interface LibraryBuffer extends Uint8Array<ArrayBuffer> {
  equals(other: Uint8Array): boolean;
}

interface LibraryContact {
  readonly id: Uint8Array;
  readonly host: string;
  readonly port: number;
}

interface LibraryPeer {
  readonly address?: string;
  readonly host?: string;
  readonly port: number;
}

interface LibraryMessage {
  readonly q?: string;
  readonly a?: Record<string, unknown>;
  readonly r?: {
    readonly id?: LibraryBuffer;
    readonly nodes?: LibraryBuffer;
    readonly v?: unknown;
    readonly values?: unknown[];
    readonly token?: LibraryBuffer;
  };
}

declare module 'k-rpc-socket' {
  export interface KrpcSocket {
    readonly socket: unknown;
    query(
      peer: LibraryContact,
      query: LibraryMessage,
      done: (error: Error | null, answer: LibraryMessage | null, peer: LibraryPeer) => void,
    ): void;
  }
  export default function krpcSocket(options: {
    socket: unknown;
    isIP: () => boolean;
    /** Milliseconds. */
    timeout: number;
  }): KrpcSocket;
}

declare module 'webtorrent-dht' {
  import type { KrpcSocket } from 'k-rpc-socket';

  export interface KBucket {
    add(contact: LibraryContact): void;
    remove(id: Uint8Array): void;
    get(id: Uint8Array): LibraryContact | null;
    /** The nearest first; all without `count`. */
    closest(target: Uint8Array, count?: number): LibraryContact[];
    toArray(): LibraryContact[];
  }

  export interface KRpc {
    readonly id: Uint8Array;
    readonly nodes: KBucket;
    readonly socket: KrpcSocket;
    _addNode(contact: LibraryContact): void;
    closest(
      target: Uint8Array,
      message: LibraryMessage,
      visit: (answer: LibraryMessage, peer: LibraryPeer) => boolean | undefined,
      done: (error: Error | null, count: number) => void,
    ): void;
    response(
      peer: LibraryPeer,
      query: LibraryMessage,
      response: Record<string, unknown>,
      nodes?: LibraryContact[],
      done?: () => void,
    ): void;
  }

  export interface StoredItem {
    readonly v: Uint8Array;
    readonly k?: Uint8Array;
    readonly sig?: Uint8Array;
    readonly seq?: number;
  }

  export default class WebTorrentDht {
    constructor(options: {
      nodeId: Uint8Array;
      krpcSocket: KrpcSocket;
      nodes: [];
      bootstrap: false;
      k: number;
      concurrency: number;
      maxTables: number;
      maxValues: number;
      maxPeers: number;
      maxAge: number;
      verify: (signature: Uint8Array, signed: Uint8Array, key: Uint8Array) => boolean;
    });
    readonly _rpc: KRpc;
    readonly _tables: { remove(key: string): void };
    readonly _values: { peek(key: string): StoredItem | undefined; maxAge: number; readonly length: number };
    on(event: 'peer', handler: (peer: { host: string; port: number }, target: Uint8Array) => void): this;
    removeListener(event: 'peer', handler: (peer: { host: string; port: number }, target: Uint8Array) => void): this;
    on(event: 'error' | 'warning', handler: (error: Error) => void): this;
    put(
      item: { k: Uint8Array; v: Uint8Array; seq: number; sig: Uint8Array },
      done: (error: Error | null, key: Uint8Array, count?: number) => void,
    ): void;
    get(key: Uint8Array, options: { cache: false }, done: (error: Error | null) => void): void;
    announce(target: Uint8Array, done: (error: Error | null, count?: number) => void): void;
    lookup(target: Uint8Array, done: (error: Error | null) => void): void;
    destroy(done?: () => void): void;
  }
}
