// A session description of one data channel (RFC 8841) as its fields alone: about 70 bytes, and 30 for each candidate, in the
// place of 700. Whatever has a line that is not known here does not fit and travels as text.
import { concat } from '../../core/bytes/bytes.ts';
import { uint16be, uint32be } from '../../core/bytes/integers.ts';
import { ByteReader } from '../../core/bytes/reader.ts';
import { utf8 } from '../../core/bytes/utf8.ts';
import { KithError } from '../../core/errors.ts';
import { packCandidate, readCandidate } from './candidate.ts';

/** More addresses than any machine has. */
const MAX_CANDIDATES = 40;
const setups = ['actpass', 'active', 'passive'] as const;
const TRICKLE = 0b100;
const BUNDLE = 0b1000;
const KNOWN_BITS = 0b1111;
const FINGERPRINT_BYTES = 32;
/** RFC 8839 §5.4, with an upper bound of our own. */
const ufragForm = /^[A-Za-z0-9+/]{4,64}$/;
const pwdForm = /^[A-Za-z0-9+/]{22,64}$/;
const midForm = /^[A-Za-z0-9]{1,16}$/;

/** Lines that say nothing the other side needs for a data channel. */
const droppable = [
  /^v=0$/,
  /^o=\S+ \d+ \d+ IN IP[46] \S+$/,
  /^s=\S+$/,
  /^t=0 0$/,
  /^c=IN IP[46] \S+$/,
  /^m=application [1-9]\d{0,4} UDP\/DTLS\/SCTP webrtc-datachannel$/,
  /^a=extmap-allow-mixed$/,
  /^a=msid-semantic: ?WMS(?: \*)?$/,
  /^a=sendrecv$/,
  /^a=end-of-candidates$/,
  // No browser listens on TCP, so an end that only calls out meets nobody.
  /^a=candidate:\S+ 1 tcp \d+ \S+ 9 typ host tcptype active(?: \S+ \S+)*$/i,
];

const fields = {
  group: /^a=group:BUNDLE (.+)$/,
  ufrag: /^a=ice-ufrag:(.+)$/,
  pwd: /^a=ice-pwd:(.+)$/,
  options: /^a=ice-options:(trickle)$/,
  fingerprint: /^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})$/i,
  setup: /^a=setup:(actpass|active|passive)$/,
  mid: /^a=mid:(.+)$/,
  port: /^a=sctp-port:([1-9]\d{0,4})$/,
  size: /^a=max-message-size:(0|[1-9]\d{0,9})$/,
} as const;

type Field = keyof typeof fields;
type Found = Partial<Record<Field, string>>;

/** undefined when the description does not fit. */
export function packDescription(sdp: string): Uint8Array | undefined {
  const found: Found = {};
  const candidates: Uint8Array[] = [];
  for (const line of sdp.split(/\r?\n/)) {
    if (line === '' || droppable.some((form) => form.test(line))) continue;
    const candidate = line.startsWith('a=candidate:') && packCandidate(line.slice(2));
    if (candidate) candidates.push(candidate);
    else if (!note(found, line)) return undefined;
  }
  return candidates.length <= MAX_CANDIDATES ? packFields(found, candidates) : undefined;
}

/** The description again, in lines of our own. @throws KithError 'frame-malformed' */
export function unpackDescription(bytes: Uint8Array): string {
  const reader = new ByteReader(bytes);
  const bits = reader.uint8();
  const setup = setups[bits & 3];
  if (bits > KNOWN_BITS || setup === undefined) throw new KithError('frame-malformed');
  const mid = readText(reader, midForm);
  const ufrag = readText(reader, ufragForm);
  const pwd = readText(reader, pwdForm);
  const fingerprint = Array.from(reader.take(FINGERPRINT_BYTES), (byte) => byte.toString(16).padStart(2, '0'));
  const port = reader.uint16();
  const size = reader.uint32();
  const count = reader.uint8();
  if (count > MAX_CANDIDATES || port === 0) throw new KithError('frame-malformed');
  const candidates = Array.from({ length: count }, () => `a=${readCandidate(reader)}`);
  reader.end();
  return [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    ...(bits & BUNDLE ? [`a=group:BUNDLE ${mid}`] : []),
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...candidates,
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    ...(bits & TRICKLE ? ['a=ice-options:trickle'] : []),
    `a=fingerprint:sha-256 ${fingerprint.join(':').toUpperCase()}`,
    `a=setup:${setup}`,
    `a=mid:${mid}`,
    `a=sctp-port:${port}`,
    `a=max-message-size:${size}`,
    '',
  ].join('\r\n');
}

/** False for a line that is not known, or that says again and otherwise what another said. */
function note(found: Found, line: string): boolean {
  for (const [name, form] of Object.entries(fields) as [Field, RegExp][]) {
    const value = form.exec(line)?.[1];
    if (value === undefined) continue;
    const before = found[name];
    found[name] = value;
    return before === undefined || before === value;
  }
  return false;
}

function packFields(found: Found, candidates: readonly Uint8Array[]): Uint8Array | undefined {
  const { group, ufrag = '', pwd = '', options, fingerprint, setup, mid = '', port, size } = found;
  if (!ufragForm.test(ufrag) || !pwdForm.test(pwd) || !midForm.test(mid)) return undefined;
  if (fingerprint === undefined || setup === undefined || (group !== undefined && group !== mid)) return undefined;
  if (!(Number(port) <= 0xffff) || !(Number(size) <= 0xffff_ffff)) return undefined;
  const bits = setups.indexOf(setup as 'active') | (options ? TRICKLE : 0) | (group ? BUNDLE : 0);
  return concat(
    Uint8Array.of(bits),
    ...[mid, ufrag, pwd].flatMap((text) => [Uint8Array.of(text.length), utf8(text)]),
    Uint8Array.from(fingerprint.split(':'), (byte) => Number.parseInt(byte, 16)),
    uint16be(Number(port)),
    uint32be(Number(size)),
    Uint8Array.of(candidates.length),
    ...candidates,
  );
}

function readText(reader: ByteReader, form: RegExp): string {
  const text = String.fromCharCode(...reader.take(reader.uint8()));
  // Without the test a line break would smuggle further lines into the description.
  if (!form.test(text)) throw new KithError('frame-malformed');
  return text;
}
