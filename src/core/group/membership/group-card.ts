// A group's card: whom to ask, and a secret that says one may. As text it looks like a contact's card (identity/card.ts), 90 characters:
//   version (1 byte: 2) || fingerprint of the admin who answers (32) || secret (16)
import { decodeBech32m, encodeBech32m, hasValidChecksum } from '../../bytes/bech32m.ts';
import { type Bytes, concat, equalBytes } from '../../bytes/bytes.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { hkdf } from '../../crypto/kdf.ts';
import { type SigningKey, signingKeyFromSeed } from '../../crypto/sign.ts';
import { type ErrorKind, KithError } from '../../errors.ts';
import { CARD_LENGTH, cleanCardText, parseCard } from '../../identity/card.ts';
import type { BodyOf } from '../../wire/group-operations.ts';
import { evaluateAll } from './evaluate.ts';
import { entryAt, type Log } from './log.ts';
import { bindingOf, proofOf, type Verbs } from './reading.ts';

export const GROUP_CARD_VERSION = 2;
export const GROUP_CARD_SECRET_BYTES = 16;
const PREFIX = 'kith';
const KEY_INFO = utf8('kith group card key v1');

export interface GroupCard {
  /** Of the admin who answers, 32 bytes. */
  readonly fingerprint: Bytes;
  /** 16 bytes. */
  readonly secret: Bytes;
}

/** 90 characters. @throws KithError 'internal' for parts of another size. */
export function encodeGroupCard({ fingerprint, secret }: GroupCard): string {
  if (fingerprint.length !== 32 || secret.length !== GROUP_CARD_SECRET_BYTES) throw new KithError('internal');
  return encodeBech32m(PREFIX, concat(Uint8Array.of(GROUP_CARD_VERSION), fingerprint, secret));
}

/** Whether a text is the card of a group and not of a person: to be asked before anything refuses it. */
export function isGroupCard(text: string): boolean {
  const cleaned = cleanCardText(text);
  return (
    cleaned.length === CARD_LENGTH &&
    hasValidChecksum(PREFIX, cleaned) &&
    decodeBech32m(PREFIX, cleaned)[0] === GROUP_CARD_VERSION
  );
}

/**
 * A group's card as people paste or type it.
 * @throws KithError what `parseCard` throws for what is mistyped or missing; 'card-version' for a person's card
 */
export function parseGroupCard(text: string): GroupCard {
  if (!isGroupCard(text)) {
    // Says what is wrong with it; a whole card of a person is of another version than one of a group.
    parseCard(text);
    throw new KithError('card-version');
  }
  const data = decodeBech32m(PREFIX, cleanCardText(text));
  if (data.length !== 1 + 32 + GROUP_CARD_SECRET_BYTES) throw new KithError('card-version');
  return { fingerprint: data.slice(1, 33), secret: data.slice(33) };
}

/** The key that a card's holder signs with; its public half stands in the operation that issued the card. */
export async function cardKey({ fingerprint, secret }: GroupCard): Promise<SigningKey> {
  return signingKeyFromSeed(await hkdf(secret, fingerprint, KEY_INFO, 32));
}

/** Who asks: their fingerprint, and their identity's signature. */
interface Asker {
  readonly fingerprint: Uint8Array;
  sign(data: Uint8Array): Promise<Bytes>;
}

/** What joins `asker` to the group with `key` (public, made for this group alone), for the admin to put into an `add`. */
export async function askByCard(
  card: GroupCard,
  group: Uint8Array,
  asker: Asker,
  key: Uint8Array,
): Promise<{ key: Uint8Array; cardKey: Bytes; binding: Bytes; proof: Bytes }> {
  const holder = await cardKey(card);
  const [binding, proof] = await Promise.all([
    asker.sign(bindingOf(group, key)),
    holder.sign(proofOf(group, asker.fingerprint, key)),
  ]);
  return { key, cardKey: holder.publicKey, binding, proof };
}

/** A card of this group as it stands today. */
export interface IssuedCard {
  /** Its public key. */
  readonly key: Uint8Array;
  /** Hash of the operation that issued it. */
  readonly hash: Bytes;
  readonly issuedBy: string;
  readonly uses: number;
  readonly used: number;
  /** ms since the epoch. */
  readonly until: number;
  /** Whether the admin's person is asked before somebody is let in. */
  readonly asks: boolean;
}

/** The cards that were not revoked, used up ones included. */
export function issuedCards(log: Log): IssuedCard[] {
  return [...evaluateAll(log).cards.values()]
    .filter(({ revoked }) => revoked.length === 0)
    .map(({ at, used }) => {
      const { hash, author, operation } = entryAt(log, at);
      const { key, uses, until, asks } = operation.body as BodyOf<'card'>;
      return { key, hash, issuedBy: author, uses, used, until, asks };
    });
}

/**
 * Whether an admin's page lets the holder of that card in, and asks its person first (R-card-clock: `now` is that page's clock, in ms
 * since the epoch, and no other page judges it again).
 */
export function answerToCard(
  log: Log,
  key: Uint8Array,
  now: number,
):
  | { readonly let: true; readonly ask: boolean; readonly card: IssuedCard }
  | { readonly let: false; readonly kind: ErrorKind } {
  const issued = issuedCards(log).find((one) => equalBytes(one.key, key));
  if (issued === undefined || issued.used >= issued.uses || now > issued.until)
    return { let: false, kind: 'group-card-over' };
  return { let: true, ask: issued.asks, card: issued };
}

/** Whether an asking is what it says: the identity wants that key for this group, and the asker holds the card. */
export async function checkAsking(
  group: Uint8Array,
  person: { readonly fingerprint: Uint8Array; readonly signing: Uint8Array },
  asking: {
    readonly key: Uint8Array;
    readonly cardKey: Uint8Array;
    readonly binding: Uint8Array;
    readonly proof: Uint8Array;
  },
  verbs: Verbs,
): Promise<boolean> {
  const { key, binding, proof } = asking;
  if (!(await verbs.verify(person.signing, bindingOf(group, key), binding))) return false;
  return verbs.verify(asking.cardKey, proofOf(group, person.fingerprint, key), proof);
}
