// The two texts of meeting without a tracker, as Bech32m: any case, spaces and line ends mean nothing, and a slip of the hand
// shows. Neither holds anything about a person.
import { decodeBech32m, encodeBech32m } from '../../bytes/bech32m.ts';
import { concat } from '../../bytes/bytes.ts';
import { uint32be } from '../../bytes/integers.ts';
import { ByteReader } from '../../bytes/reader.ts';
import { KithError } from '../../errors.ts';

/** Before the '1' that Bech32m puts between. */
const INVITATION_PREFIX = 'kith-door';
const ANSWER_PREFIX = 'kith-answer';
const VERSION = 1;
/** Random, made by whoever invites; an answer names it. */
export const INVITATION_ID_BYTES = 8;
/** A session description of 16 KiB; usually it is 250 characters. */
const MAX_TEXT_LENGTH = 27_000;

export interface Invitation {
  readonly id: Uint8Array;
  /** Milliseconds since the epoch by the inviter's clock, a whole number of seconds. */
  readonly madeAt: number;
  readonly signal: Uint8Array;
}

export interface InvitationAnswer {
  readonly id: Uint8Array;
  readonly signal: Uint8Array;
}

export function encodeInvitation({ id, madeAt, signal }: Invitation): string {
  const made = uint32be(Math.floor(madeAt / 1000));
  return encodeBech32m(INVITATION_PREFIX, concat(Uint8Array.of(VERSION), id, made, signal));
}

/** @throws KithError 'door-empty' | 'door-malformed' | 'frame-version' */
export function decodeInvitation(text: string): Invitation {
  const reader = bodyOf(INVITATION_PREFIX, text);
  const id = reader.take(INVITATION_ID_BYTES);
  return { id, madeAt: reader.uint32() * 1000, signal: reader.rest() };
}

export function encodeAnswer({ id, signal }: InvitationAnswer): string {
  return encodeBech32m(ANSWER_PREFIX, concat(Uint8Array.of(VERSION), id, signal));
}

/** @throws KithError 'door-empty' | 'door-malformed' | 'frame-version' */
export function decodeAnswer(text: string): InvitationAnswer {
  const reader = bodyOf(ANSWER_PREFIX, text);
  return { id: reader.take(INVITATION_ID_BYTES), signal: reader.rest() };
}

function bodyOf(prefix: string, typed: string): ByteReader {
  const text = typed.replace(/[\s\u200b\u2060\ufeff]+/g, '').toLowerCase();
  if (text === '') throw new KithError('door-empty');
  if (text.length > MAX_TEXT_LENGTH) throw new KithError('door-malformed');
  const reader = new ByteReader(bytesOf(prefix, text));
  if (reader.left < 1 + INVITATION_ID_BYTES + 4 + 1) throw new KithError('door-malformed');
  if (reader.uint8() !== VERSION) throw new KithError('frame-version');
  return reader;
}

function bytesOf(prefix: string, text: string): Uint8Array {
  try {
    return decodeBech32m(prefix, text);
  } catch (cause) {
    throw new KithError('door-malformed', {}, { cause });
  }
}
