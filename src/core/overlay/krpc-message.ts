// What the DHT's messages (KRPC, BEP5; items, BEP44) show on their way through the virtual socket.
import { concat } from '../bytes/bytes.ts';
import { ADDRESS_BYTES, ID_BYTES, isUsableId } from './address.ts';
import { type Bencoded, type BencodedDictionary, readDictionary } from './bencode.ts';

/** Nodes of one answer; k of the table. */
export const MAX_NODES_IN_ANSWER = 8;
/** BEP44: v < 1000 bytes. */
export const MAX_VALUE_BYTES = 1000;
const NODE_BYTES = ID_BYTES + ADDRESS_BYTES;

/** BEP44, mutable, without salt. */
export interface SignedItem {
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
  readonly seq: number;
  readonly value: Uint8Array;
}

export interface KrpcMessage {
  readonly type: 'query' | 'response' | 'error';
  readonly transaction: Uint8Array;
  /** Whether it asks that something be kept: `put`, `announce_peer`. */
  readonly keeps: boolean;
  /** Of the sender; missing in errors. */
  readonly id: Uint8Array | undefined;
  /** Ids (20 bytes each) of the sender's neighbours. */
  readonly nodes: readonly Uint8Array[];
  readonly item: SignedItem | undefined;
}

const types = { q: 'query', r: 'response', e: 'error' } as const;

/** `1:t2:??1:y1:?e` */
const OWN_END = [0x31, 0x3a, 0x74, 0x32, 0x3a, undefined, undefined, 0x31, 0x3a, 0x79, 0x31, 0x3a, undefined, 0x65];
const [TRANSACTION_AT, TYPE_AT] = [5, 12];

/** The message, or undefined when nobody well-meaning would have sent it. */
export function readKrpcMessage(bytes: Uint8Array): KrpcMessage | undefined {
  const message = readDictionary(bytes);
  const transaction = message && bytesOf(message, 't');
  const type = message && types[textOf(message, 'y') as keyof typeof types];
  if (!message || !type || transaction?.length !== 2) return undefined;
  const nothing = { type, transaction, keeps: false, id: undefined, nodes: [], item: undefined };
  if (type === 'error') return isErrorBody(message) ? nothing : undefined;
  const body = message.get(type === 'query' ? 'a' : 'r');
  const query = type === 'query' ? textOf(message, 'q') : undefined;
  if (!(body instanceof Map) || (type === 'query' && !isKnownQuery(query, body))) return undefined;
  const id = bytesOf(body, 'id');
  const nodes = type === 'response' ? readNodes(body) : [];
  const item = readItem(body);
  if (id?.length !== ID_BYTES || !nodes || !arePeers(body.get('values')) || item === 'malformed') return undefined;
  return { type, transaction, keeps: query === 'put' || query === 'announce_peer', id, nodes, item };
}

/** As its end says: bencoding sorts the keys, so that `t` and `y` are the last. Of a message that somebody else made it proves nothing. */
export function readOwnMessage(bytes: Uint8Array): Pick<KrpcMessage, 'type' | 'transaction'> | undefined {
  const end = bytes.subarray(-OWN_END.length);
  if (end.length < OWN_END.length || OWN_END.some((byte, at) => byte !== undefined && end[at] !== byte))
    return undefined;
  const type = types[String.fromCharCode(end[TYPE_AT] as number) as keyof typeof types];
  return type && { type, transaction: end.subarray(TRANSACTION_AT, TRANSACTION_AT + 2) };
}

/** The bytes that BEP44 signs: seq and v, bencoded. */
export function signedBytes({ seq, value }: { seq: number; value: Uint8Array }): Uint8Array {
  return concat(new TextEncoder().encode(`3:seqi${seq}e1:v${value.length}:`), value);
}

/** An error answer to `transaction`, as if its receiver had sent it. */
export function errorAnswer(transaction: Uint8Array): Uint8Array {
  const text = new TextEncoder();
  return concat(text.encode('d1:eli201e8:no routee1:t2:'), transaction, text.encode('1:y1:ee'));
}

function isErrorBody(message: BencodedDictionary): boolean {
  const body = message.get('e');
  return Array.isArray(body) && typeof body[0] === 'number';
}

/** The queries that the library answers, with the arguments it reads unchecked. */
function isKnownQuery(name: string | undefined, body: BencodedDictionary): boolean {
  switch (name) {
    case 'ping':
      return true;
    case 'find_node':
    case 'get':
      return bytesOf(body, 'target')?.length === ID_BYTES;
    case 'get_peers':
      return bytesOf(body, 'info_hash')?.length === ID_BYTES;
    case 'announce_peer':
      return bytesOf(body, 'info_hash')?.length === ID_BYTES && bytesOf(body, 'token') !== undefined;
    case 'put':
      // Immutable items are nobody's here: only signed ones are kept.
      return bytesOf(body, 'token') !== undefined && body.has('k');
    default:
      return false;
  }
}

function readItem(body: BencodedDictionary): SignedItem | 'malformed' | undefined {
  if (!body.has('v') && !body.has('k') && !body.has('sig')) return undefined;
  const [key, signature, value] = [bytesOf(body, 'k'), bytesOf(body, 'sig'), bytesOf(body, 'v')];
  const seq = body.get('seq');
  if (key?.length !== 32 || signature?.length !== 64 || body.has('salt') || body.has('cas')) return 'malformed';
  if (!value || value.length === 0 || value.length >= MAX_VALUE_BYTES) return 'malformed';
  return typeof seq === 'number' && seq >= 0 ? { key, signature, seq, value } : 'malformed';
}

function readNodes(body: BencodedDictionary): Uint8Array[] | undefined {
  const packed = body.has('nodes') ? bytesOf(body, 'nodes') : new Uint8Array();
  if (!packed || packed.length % NODE_BYTES !== 0 || packed.length > MAX_NODES_IN_ANSWER * NODE_BYTES) return undefined;
  const ids: Uint8Array[] = [];
  for (let offset = 0; offset < packed.length; offset += NODE_BYTES) {
    const id = packed.subarray(offset, offset + ID_BYTES);
    // An address is the beginning of the id; another one would lead to somebody else.
    for (let index = 0; index < ADDRESS_BYTES; index += 1) {
      if (id[index] !== packed[offset + ID_BYTES + index]) return undefined;
    }
    if (!isUsableId(id)) return undefined;
    ids.push(id);
  }
  return ids;
}

/** Announcements, 6 bytes each; the library reads them unchecked. */
function arePeers(values: Bencoded | undefined): boolean {
  if (values === undefined) return true;
  return Array.isArray(values) && values.every((peer) => peer instanceof Uint8Array && peer.length === ADDRESS_BYTES);
}

function bytesOf(body: BencodedDictionary, name: string): Uint8Array | undefined {
  const value = body.get(name);
  return value instanceof Uint8Array ? value : undefined;
}

function textOf(body: BencodedDictionary, name: string): string | undefined {
  const value = bytesOf(body, name);
  return value && String.fromCharCode(...value.subarray(0, 16));
}
