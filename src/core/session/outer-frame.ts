// What lies in the clear around every frame on a link: a version and a kind, two bytes (SESSION.md, "Frames").
import { type Bytes, concat } from '../bytes/bytes.ts';
import { type ErrorKind, KithError } from '../errors.ts';
import { MAX_FRAME_BYTES, WIRE_VERSION } from '../wire/limits.ts';

/** `lastOfKey` is a transport frame after which its direction changes the key: told in the clear, so that the frames behind it can
 * be opened without waiting for it. Its header is authenticated like any other. */
export const frameKinds = { firstContact: 1, session: 2, transport: 3, refusal: 4, lastOfKey: 5 } as const;

export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

export interface OuterFrame {
  readonly kind: FrameKind;
  readonly body: Uint8Array;
}

export const HEADER_BYTES = 2;

/** The two bytes in the clear. A transport frame authenticates them as associated data. */
export function header(kind: FrameKind): Bytes {
  return Uint8Array.of(WIRE_VERSION, kind);
}

/** @throws KithError 'frame-too-large' above MAX_FRAME_BYTES. */
export function encodeFrame(kind: FrameKind, body: Uint8Array): Bytes {
  if (HEADER_BYTES + body.length > MAX_FRAME_BYTES) throw new KithError('frame-too-large', { limit: MAX_FRAME_BYTES });
  return concat(header(kind), body);
}

/** @throws KithError 'frame-too-large' | 'frame-version' | 'frame-malformed' */
export function decodeFrame(frame: Uint8Array): OuterFrame {
  if (frame.length > MAX_FRAME_BYTES) throw new KithError('frame-too-large', { limit: MAX_FRAME_BYTES });
  const [version, kind] = frame;
  if (version === undefined || kind === undefined) throw new KithError('frame-malformed');
  // A refusal keeps its shape in every version, or nobody could be told that versions differ.
  if (version !== WIRE_VERSION && kind !== frameKinds.refusal) throw new KithError('frame-version');
  if (!isFrameKind(kind)) throw new KithError('frame-malformed');
  return { kind, body: frame.subarray(HEADER_BYTES) };
}

function isFrameKind(kind: number): kind is FrameKind {
  return kind >= frameKinds.firstContact && kind <= frameKinds.lastOfKey;
}

const REFUSED_VERSION = 1;

/** Tells the other side that it spoke another version than ours. The only thing ever said in the clear. */
export function versionRefusal(): Bytes {
  return encodeFrame(frameKinds.refusal, Uint8Array.of(REFUSED_VERSION));
}

/** What a refusal from the other side means here. Nothing in it is authenticated: it ends the link and does no more. */
export function refusalKind(body: Uint8Array): ErrorKind {
  return body.length === 1 && body[0] === REFUSED_VERSION ? 'frame-version' : 'frame-malformed';
}
