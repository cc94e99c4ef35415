/// <reference path="./webtorrent-dht.d.ts" />
// The Kademlia DHT (BEP5, BEP44): webtorrent-dht keeps values, announcements and tokens and speaks KRPC; ours are the socket
// below it, the look-up inside it and the table, which holds exactly the neighbours. Everything that reaches into the library
// stands in this file.
import krpcSocket from 'k-rpc-socket';
import WebTorrentDht, { type KRpc } from 'webtorrent-dht';
import { toHex } from '../bytes/hex.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { OverlayCrypto } from '../ports/overlay-crypto.ts';
import { type Address, addressOf, fromHostPort, ID_BYTES, idFromAddress, toHostPort } from './address.ts';
import { MAX_NODES_IN_ANSWER } from './krpc-message.ts';
import { type Answer, K, Lookup } from './lookup.ts';
import { beginningOf, nearest } from './nearest.ts';
import type { NodeRef } from './overlay-api.ts';
import { type Datagrams, type VerifiedItem, VirtualSocket } from './virtual-socket.ts';

/** The library's own, behind ours (virtual-socket.ts), milliseconds. */
const LIBRARY_TIMEOUT_MS = 8_000;
/** More than a browser has neighbours: no bucket ever overflows, since what stands in the table is not the library's choice. */
const BUCKET_SIZE = 256;
/** Values kept for others, each below 1,000 bytes, and for how long without a newer one, milliseconds (BEP44: two hours). */
const MAX_VALUES = 1_000;
const VALUE_AGE_MS = 7_200_000;
/** Announcements kept for others, in all, and for how long (the library drops them after two thirds to four thirds of it). */
const MAX_PEERS = 4_000;
const PEER_AGE_MS = 1_800_000;
/** Announcements in one answer. */
const MAX_PEERS_IN_ANSWER = 32;
/** Look-ups whose results are kept until their `put` or `announce`. */
const MAX_TABLES = 64;
const NODE_BYTES = ID_BYTES + 6;

export interface SignedValue {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Below 1,000 bytes. */
  readonly value: Uint8Array;
  readonly seq: number;
  /** Over `signedBytes`, 64 bytes. */
  readonly signature: Uint8Array;
}

export interface DhtOptions {
  /** 20 bytes. */
  readonly id: Uint8Array;
  readonly datagrams: Datagrams;
  readonly clock: Clock;
  readonly crypto: OverlayCrypto;
  readonly log: Log;
  /** A node answered. `sure`: it does not rest on one peer's word. */
  readonly onMet: (id: Uint8Array, sure: boolean) => void;
}

type Found = Answer & { readonly answer: LibraryMessage; readonly peer: LibraryPeer };
type ItemHandler = (item: VerifiedItem) => void;

export class Dht {
  readonly #options: DhtOptions;
  readonly #socket: VirtualSocket;
  readonly #library: WebTorrentDht;
  readonly #lookups = new Set<Lookup<Found>>();
  /** By public key. */
  readonly #gets = new Map<string, Set<ItemHandler>>();
  readonly #onClosed = new Set<() => void>();
  /** What the library's table holds. */
  readonly #contacts = new Map<Address, LibraryContact & { readonly beginning: number }>();
  #closed = false;
  /** Questions asked since the start. */
  queries = 0;

  constructor(options: DhtOptions) {
    this.#options = options;
    this.#socket = new VirtualSocket({
      ...options,
      toBuffer,
      onItem: (item) => this.#hand(item),
    });
    this.#library = new WebTorrentDht({
      nodeId: toBuffer(options.id),
      krpcSocket: krpcSocket({ socket: this.#socket, isIP: () => true, timeout: LIBRARY_TIMEOUT_MS }),
      nodes: [],
      bootstrap: false,
      k: BUCKET_SIZE,
      concurrency: BUCKET_SIZE,
      maxTables: MAX_TABLES,
      maxValues: MAX_VALUES,
      maxPeers: MAX_PEERS,
      maxAge: PEER_AGE_MS,
      verify: (signature, signed, key) => this.#socket.isVerified(signature, signed, key),
    });
    this.#library._values.maxAge = VALUE_AGE_MS;
    this.#library.on('error', () => options.log('warn', 'dht-error'));
    this.#replaceInsides(this.#library._rpc);
  }

  /** Values with a wrong signature that others sent. */
  get forged(): number {
    return this.#socket.forged;
  }

  /** Values kept for others. */
  get stored(): number {
    return this.#library._values.length;
  }

  addNeighbour(id: Uint8Array): void {
    const contact = { id: asBuffer(id), beginning: beginningOf(id), ...toHostPort(addressOf(id)) };
    this.#contacts.set(addressOf(id), contact);
    this.#library._rpc.nodes.add(contact);
  }

  removeNeighbour(id: Uint8Array): void {
    this.#contacts.delete(addressOf(id));
    this.#library._rpc.nodes.remove(asBuffer(id));
  }

  /** Resolves to how many nodes took it. */
  async put({ publicKey, value, seq, signature }: SignedValue): Promise<number> {
    const target = await this.#options.crypto.sha1(publicKey);
    this.#library._tables.remove(toHex(target));
    const item = { k: toBuffer(publicKey), v: toBuffer(value), seq, sig: toBuffer(signature) };
    return this.#run((done) => this.#library.put(item, (_, __, count) => done(count ?? 0)), 0);
  }

  /** Every verified value newer than those before, the first one at once. Resolves at the end of the look-up. */
  async get(publicKey: Uint8Array, onItem: ItemHandler): Promise<void> {
    const target = await this.#options.crypto.sha1(publicKey);
    let newest = -1;
    const handler = (item: VerifiedItem) => {
      if (item.seq <= newest) return;
      newest = item.seq;
      onItem(item);
    };
    const key = toHex(publicKey);
    const handlers = this.#gets.get(key) ?? new Set();
    this.#gets.set(key, handlers.add(handler));
    this.#handStored(target, handler);
    await this.#run<void>((done) => this.#library.get(toBuffer(target), { cache: false }, () => done()), undefined);
    handlers.delete(handler);
    if (handlers.size === 0) this.#gets.delete(key);
  }

  /** Resolves to how many nodes took it. `still`: whether it is wanted once the nodes to tell have been looked up; until then none is told. */
  announce(target: Uint8Array, still: () => boolean = () => true): Promise<number> {
    const wanted = toBuffer(target);
    return this.#run((done) => {
      // The library's own look-up would announce whatever has become of it. After this one its table is there, so it makes none.
      this.#library.lookup(wanted, (error) => {
        if (error || !still()) done(0);
        else this.#library.announce(wanted, (_, count) => done(count ?? 0));
      });
    }, 0);
  }

  /** Who announced under `target` (20 bytes); an answer names addresses only, so that each is looked up in turn. */
  async lookup(target: Uint8Array, onNode: (node: NodeRef) => void): Promise<void> {
    const resolving = new Map<Address, Promise<void>>();
    const wanted = toHex(target);
    const onPeer = ({ host, port }: { host: string; port: number }, under: Uint8Array) => {
      const address = toHex(under) === wanted ? fromHostPort(host, port) : undefined;
      if (address === undefined || resolving.has(address) || resolving.size >= MAX_PEERS_IN_ANSWER) return;
      resolving.set(address, this.#resolve(address, onNode));
    };
    this.#library.on('peer', onPeer);
    await this.#run<void>((done) => this.#library.lookup(toBuffer(target), () => done()), undefined);
    this.#library.removeListener('peer', onPeer);
    await Promise.all(resolving.values());
  }

  /** The nodes nearest to `target` (20 bytes) that answered, the nearest first. */
  closest(target: Uint8Array): Promise<Uint8Array[]> {
    return this.#run<Uint8Array[]>((done) => this.#search(target, (nearest) => done(nearest.map(({ id }) => id))), []);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const lookup of this.#lookups) lookup.stop();
    this.#lookups.clear();
    this.#library.destroy();
    for (const giveUp of this.#onClosed) giveUp();
    this.#onClosed.clear();
  }

  /** What the library calls back for, or `otherwise` when all ends before. */
  #run<T>(start: (done: (result: T) => void) => void, otherwise: T): Promise<T> {
    if (this.#closed) return Promise.resolve(otherwise);
    return new Promise((resolve) => {
      const giveUp = () => resolve(otherwise);
      this.#onClosed.add(giveUp);
      start((result) => {
        this.#onClosed.delete(giveUp);
        resolve(result);
      });
    });
  }

  /** The table is ours to fill, answers are short and name nodes also beside a value, and look-ups are lookup.ts. */
  #replaceInsides(rpc: KRpc): void {
    rpc._addNode = () => {};
    rpc.nodes.get = () => null; // asked at every message, only to note that a contact was seen
    // The library's own computes with inexact numbers, and sorts all for a few.
    rpc.nodes.closest = (target, count = MAX_NODES_IN_ANSWER + 1) => nearest(this.#contacts.values(), target, count);
    limitAnswers(rpc);
    rpc.closest = (target, message, visit, done) => {
      let holds = false;
      this.#search(
        target,
        (nearest) => {
          for (const { answer, peer } of nearest) if (!holdsSomething(answer)) visit(answer, peer);
          // The library goes on with what `visit` collected.
          done(null, nearest.length);
        },
        {
          message,
          missing: () => !holds && message.q === 'get',
          onAnswer: ({ answer, peer }) => {
            if (!holdsSomething(answer)) return;
            holds = true;
            visit(answer, peer);
          },
        },
      );
    };
  }

  #search(
    target: Uint8Array,
    done: (nearest: readonly Found[]) => void,
    {
      message,
      missing = () => false,
      onAnswer,
    }: { message?: LibraryMessage; missing?: () => boolean; onAnswer?: (found: Found) => void } = {},
  ): void {
    const { nodes, socket, id: self } = this.#library._rpc;
    const query = message ?? { q: 'find_node', a: { id: self, target: toBuffer(target) } };
    const lookup = new Lookup<Found>({
      target,
      self,
      start: nodes.closest(toBuffer(target), K).map(({ id }) => id),
      clock: this.#options.clock,
      ask: (id, answered) => {
        this.queries += 1;
        const peer = { id: toBuffer(id), ...toHostPort(addressOf(id)) };
        socket.query(peer, query, (error, answer, from) => {
          if (error || !answer) return answered(undefined);
          const found = { id, nodes: nodesIn(answer), answer, peer: from };
          onAnswer?.(found);
          answered(found);
        });
      },
      met: (id, sure) => this.#options.onMet(id, sure),
      missing,
      done: (nearest) => {
        this.#lookups.delete(lookup);
        done(nearest);
      },
    });
    this.#lookups.add(lookup);
    lookup.start();
  }

  async #resolve(address: Address, onNode: (node: NodeRef) => void): Promise<void> {
    const own = addressOf(this.#options.id);
    if (address === own) return;
    let known: NodeRef | undefined;
    const onAnswer = ({ id, nodes }: Found) => {
      const full = addressOf(id) === address ? id : nodes.find((each) => addressOf(each) === address);
      if (!full || known) return;
      known = { id: full, via: full === id ? [] : [id] };
      onNode(known);
    };
    await this.#run<void>((done) => this.#search(idFromAddress(address), () => done(), { onAnswer }), undefined);
  }

  #hand(item: VerifiedItem): void {
    for (const handler of this.#gets.get(toHex(item.key)) ?? []) handler(item);
  }

  /** A value that this node keeps for others is an answer too. */
  #handStored(target: Uint8Array, handler: ItemHandler): void {
    const stored = this.#library._values.peek(toHex(target));
    if (!stored?.k || stored.seq === undefined || !stored.sig) return;
    const { id } = this.#options;
    const item = { key: stored.k, signature: stored.sig, seq: stored.seq, value: stored.v };
    handler({ ...item, from: addressOf(id), id, links: 0 });
  }
}

/** At most eight nodes, never the asker itself; nodes also beside a value, so that a look-up is not led into a dead end. */
function limitAnswers(rpc: KRpc): void {
  const { nodes } = rpc;
  const respond = rpc.response.bind(rpc);
  rpc.response = (peer, query, response, offered) => {
    const target = query.a?.target ?? query.a?.info_hash;
    const isSearch = response.token !== undefined && target instanceof Uint8Array;
    const found = offered ?? (isSearch ? nodes.closest(target) : undefined);
    const [host, port] = [peer.address ?? peer.host, peer.port];
    const others = found?.filter((node) => node.host !== host || node.port !== port).slice(0, MAX_NODES_IN_ANSWER);
    const { values } = response;
    const short = Array.isArray(values) ? { ...response, values: values.slice(0, MAX_PEERS_IN_ANSWER) } : response;
    respond(peer, query, short, others);
  };
}

/** As the library's Buffer, which is the global one: Node's, or in a browser that of shims/node-globals.ts. */
function toBuffer(bytes: Uint8Array): LibraryBuffer {
  return (globalThis as unknown as { Buffer: { from(bytes: Uint8Array): LibraryBuffer } }).Buffer.from(bytes);
}

/** The same bytes, not a copy of them: Node's share a pool, and one small copy that stays keeps 8 KiB of it. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): LibraryBuffer {
  const { Buffer } = globalThis as unknown as {
    Buffer: { from(buffer: ArrayBufferLike, offset: number, length: number): LibraryBuffer };
  };
  return Buffer.from(buffer, byteOffset, byteLength);
}

function holdsSomething({ r }: LibraryMessage): boolean {
  return r?.v !== undefined || r?.values !== undefined;
}

/** Validated by the socket: whole entries, addresses that belong to their ids. */
function nodesIn({ r }: LibraryMessage): Uint8Array[] {
  const packed = r?.nodes ?? new Uint8Array();
  const ids: Uint8Array[] = [];
  for (let at = 0; at + NODE_BYTES <= packed.length; at += NODE_BYTES) ids.push(packed.subarray(at, at + ID_BYTES));
  return ids;
}
