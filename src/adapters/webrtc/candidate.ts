// ICE candidates (RFC 8839 §5.1) as few bytes. What all browsers write fits: UDP, one component, an IP address or an mDNS
// name. What the other side does not need (network-id, ufrag, the address behind the NAT) is left out.
import { concat } from '../../core/bytes/bytes.ts';
import { fromHex, toHex } from '../../core/bytes/hex.ts';
import { readUint16be, uint16be, uint32be } from '../../core/bytes/integers.ts';
import type { ByteReader } from '../../core/bytes/reader.ts';
import { KithError } from '../../core/errors.ts';

const types = ['host', 'srflx', 'relay'] as const;
/** Kinds of address, in the order of their numbers, and how many bytes each takes. */
const addressBytes = [4, 16, 16] as const;
const IPV4 = 0;
const IPV6 = 1;
const MDNS = 2;
const HAS_COST = 0b1_0000;
const KNOWN_BITS = 0b1_1111;

const line =
  /^candidate:(0|[1-9]\d{0,9}) 1 udp (0|[1-9]\d{0,9}) (\S{1,64}) ([1-9]\d{0,4}) typ (host|srflx|relay)((?: \S+ \S+)*)$/i;
/** Extensions that are dropped; `generation` only when it says what its absence says. */
const droppable = /^(?:raddr \S+|rport \d+|generation 0|ufrag \S+|network-id \d+)$/;

/** A `candidate:…` line without `a=`; undefined when it does not fit. */
export function packCandidate(text: string): Uint8Array | undefined {
  const [, foundation, priority, address = '', port, type = '', extensions = ''] = line.exec(text) ?? [];
  const numbers = [Number(foundation), Number(priority)];
  if (!numbers.every((number) => number <= 0xffff_ffff) || Number(port) > 0xffff) return undefined;
  const packed = packAddress(address);
  const cost = costOf(extensions);
  if (!packed || cost === undefined) return undefined;
  const bits = packed.kind | (types.indexOf(type.toLowerCase() as 'host') << 2) | (cost > 0 ? HAS_COST : 0);
  return concat(
    Uint8Array.of(bits),
    ...numbers.map(uint32be),
    uint16be(Number(port)),
    cost > 0 ? uint16be(cost) : new Uint8Array(0),
    packed.bytes,
  );
}

/** The line again. @throws KithError 'frame-malformed' */
export function readCandidate(reader: ByteReader): string {
  const bits = reader.uint8();
  const kind = bits & 3;
  const type = types[(bits >> 2) & 3];
  const length = addressBytes[kind];
  if (bits > KNOWN_BITS || type === undefined || length === undefined) throw new KithError('frame-malformed');
  const [foundation, priority, port] = [reader.uint32(), reader.uint32(), reader.uint16()];
  const cost = bits & HAS_COST ? reader.uint16() : 0;
  if (port === 0) throw new KithError('frame-malformed');
  const address = addressText(kind, reader.take(length));
  // RFC 8839 wants a related address; that of a private network is nobody's business.
  const related = type === 'host' ? '' : ` raddr ${kind === IPV6 ? '::' : '0.0.0.0'} rport 0`;
  const costText = cost > 0 ? ` network-cost ${cost}` : '';
  return `candidate:${foundation} 1 udp ${priority} ${address} ${port} typ ${type}${related} generation 0${costText}`;
}

/** 0 when none is named, undefined when there is an extension that must not be lost. */
function costOf(extensions: string): number | undefined {
  let cost = 0;
  for (const pair of extensions.match(/\S+ \S+/g) ?? []) {
    const found = /^network-cost (\d{1,5})$/.exec(pair)?.[1];
    if (found !== undefined) cost = Number(found);
    else if (!droppable.test(pair)) return undefined;
  }
  return cost <= 0xffff ? cost : undefined;
}

function packAddress(text: string): { kind: number; bytes: Uint8Array } | undefined {
  const uuid = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\.local$/.exec(text);
  if (uuid) return { kind: MDNS, bytes: fromHex(uuid.slice(1).join('')) };
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) {
    const bytes = text.split('.').map(Number);
    return bytes.every((byte) => byte <= 255) ? { kind: IPV4, bytes: Uint8Array.from(bytes) } : undefined;
  }
  const bytes = packIpv6(text);
  return bytes && { kind: IPV6, bytes };
}

/** RFC 4291 §2.2, without the form that ends in an IPv4 address. */
function packIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (!/^[0-9a-f:]+$/i.test(text) || halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - groups.flat().length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const [head = [], tail = []] = groups;
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return concat(...all.map((group) => uint16be(Number.parseInt(group, 16))));
}

function addressText(kind: number, bytes: Uint8Array): string {
  if (kind === IPV4) return bytes.join('.');
  if (kind === MDNS) return `${toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}.local`;
  return Array.from({ length: 8 }, (_, group) => readUint16be(bytes.subarray(2 * group)).toString(16)).join(':');
}
