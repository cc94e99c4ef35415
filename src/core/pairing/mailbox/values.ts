// What an exchange over a mailbox computes (MAILBOX.md, "The exchange"), in that page's names.
import { type Bytes, concat, equalBytes } from '../../bytes/bytes.ts';
import { bigIntFromBytes } from '../../bytes/integers.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { AEAD_NONCE_BYTES, importAeadKey, open, seal } from '../../crypto/aead.ts';
import { DH_BYTES, type DhKeyPair, dhFromPrivate, diffieHellman } from '../../crypto/dh.ts';
import { HASH_BYTES, hkdf, sha256 } from '../../crypto/kdf.ts';
import { KithError } from '../../errors.ts';
import { CARD_SECRET_BYTES, type Card, cardBytes, cardFromBytes } from '../../identity/card.ts';
import type { Random } from '../../ports/random.ts';

const LABEL = utf8('kith-mailbox-1');
const CARD_LABEL = utf8('kith-card');
const NONCE_BYTES = 32;
const SALT_BYTES = 16;
const CODE_BYTES = 8;
/** Digits of a code: somebody in the middle guesses right once in a million. */
export const CODE_DIGITS = 6;

/** Of slot 1; of slots 2 and 3. */
export const COMMITMENT_BYTES = HASH_BYTES;
export const OPENING_BYTES = DH_BYTES + NONCE_BYTES + HASH_BYTES;

/** A: the first to commit slot 1. */
export type Side = 'A' | 'B';

/** Mine, fresh for each attempt. */
export interface Own {
  readonly pair: DhKeyPair;
  /** s ‖ card, 65 bytes. */
  readonly salted: Bytes;
  /** The one-time secret of the card that I hand over, 16 bytes. */
  readonly cardSecret: Bytes;
  /** E ‖ r ‖ hc, 96 bytes. */
  readonly opening: Bytes;
  /** C, 32 bytes. */
  readonly commitment: Bytes;
}

/** Slots 1, 2 and 3. */
export type Messages = readonly [Uint8Array, Uint8Array, Uint8Array];

export interface Secrets {
  /** T, 32 bytes. */
  readonly transcript: Bytes;
  /** What the screen of each side shows. */
  readonly codes: Readonly<Record<Side, string>>;
  /** What each side seals its card with: k_AB and k_BA, 32 bytes each. */
  readonly keys: Readonly<Record<Side, Bytes>>;
  /** Of the first contact, 32 bytes. */
  readonly psk: Bytes;
}

export const otherSide = (side: Side): Side => (side === 'A' ? 'B' : 'A');

const commitmentOf = (opening: Uint8Array): Promise<Bytes> => sha256(concat(LABEL, opening));
const cardHash = (salted: Uint8Array): Promise<Bytes> => sha256(concat(CARD_LABEL, salted));
const keyOf = (opening: Uint8Array): Uint8Array => opening.subarray(0, DH_BYTES);

/** Fresh values for one attempt to hand over a fresh card. @param fingerprint mine */
export async function freshValues(fingerprint: Bytes, random: Random): Promise<Own> {
  const pair = await dhFromPrivate(random.bytes(DH_BYTES));
  const cardSecret = random.bytes(CARD_SECRET_BYTES);
  const salted = concat(random.bytes(SALT_BYTES), cardBytes({ fingerprint, secret: cardSecret }));
  const opening = concat(pair.publicKey, random.bytes(NONCE_BYTES), await cardHash(salted));
  return { pair, salted, cardSecret, opening, commitment: await commitmentOf(opening) };
}

/** Whether these may be the other side's E, r and hc at all: 96 bytes, and not my own key. */
export const isOpening = (opening: Uint8Array, own: Own): boolean =>
  opening.length === OPENING_BYTES && !equalBytes(keyOf(opening), own.pair.publicKey);

/** @throws KithError 'mailbox-tampered' when slot 3 is not what slot 1 promised, or the keys give no secret */
export async function deriveSecrets(side: Side, own: Own, messages: Messages): Promise<Secrets> {
  const [commitment, reply, opening] = messages;
  if (!equalBytes(commitment, await commitmentOf(opening))) throw new KithError('mailbox-tampered');
  const shared = await diffieHellman(own.pair, keyOf(side === 'A' ? reply : opening)).catch((cause: unknown) => {
    throw new KithError('mailbox-tampered', {}, { cause });
  });
  return secretsFrom(shared, messages);
}

/** @param shared X25519 of both keys, 32 bytes */
export async function secretsFrom(shared: Uint8Array, messages: Messages, digits = CODE_DIGITS): Promise<Secrets> {
  const transcript = await sha256(concat(...messages));
  const output = await hkdf(shared, transcript, LABEL, 2 * CODE_BYTES + 3 * HASH_BYTES);
  const part = (from: number, length: number) => output.slice(from, from + length);
  return {
    transcript,
    codes: { A: codeFrom(part(0, 8), digits), B: codeFrom(part(8, 8), digits) },
    keys: { A: part(16, 32), B: part(48, 32) },
    psk: part(80, 32),
  };
}

function codeFrom(bytes: Uint8Array, digits: number): string {
  return (bigIntFromBytes(bytes) % 10n ** BigInt(digits)).toString().padStart(digits, '0');
}

/** Each key seals one thing, so the nonce may be zero. */
const NONCE = new Uint8Array(AEAD_NONCE_BYTES);

/** My card as `side` puts it into the mailbox, 81 bytes. */
export async function sealCard(side: Side, own: Own, { keys, transcript }: Secrets): Promise<Bytes> {
  return seal(await importAeadKey(keys[side]), NONCE, own.salted, transcript);
}

/**
 * The card that the other side, `from`, has sealed, checked against what it had promised.
 * @throws KithError 'mailbox-tampered' | 'card-version' | 'mailbox-own' when they are the same person
 */
export async function openCard(
  from: Side,
  sealed: Uint8Array,
  messages: Messages,
  { keys, transcript }: Secrets,
  self: Uint8Array,
): Promise<Card> {
  const salted = await open(await importAeadKey(keys[from]), NONCE, sealed, transcript).catch((cause: unknown) => {
    throw new KithError('mailbox-tampered', {}, { cause });
  });
  const promised = messages[from === 'A' ? 2 : 1].subarray(DH_BYTES + NONCE_BYTES);
  if (!equalBytes(await cardHash(salted), promised)) throw new KithError('mailbox-tampered');
  const card = cardFromBytes(salted.slice(SALT_BYTES));
  if (equalBytes(card.fingerprint, self)) throw new KithError('mailbox-own');
  return card;
}
