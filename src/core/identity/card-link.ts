// The invitation link: a card behind the # of an address, which no browser sends to any server (RFC 3986 §3.5).
//   https://host/path/#kith1…          opens Kith at that host
//   web+kith:kith1…                    opens whichever Kith has asked the browser for such links (HTML, "custom scheme handlers")
import { type ErrorKind, KithError, kindOf } from '../errors.ts';
import { CARD_LENGTH, type Card, cardsWithin, MAX_PASTE, parseCard } from './card.ts';

export interface GivenCard {
  readonly card: Card;
  /** The text is a link, or came with one: nobody hands over such a text in person. */
  readonly inLink: boolean;
}

/** An address of any kind, or what is left of one. */
const ADDRESS = /:\/\/|web\+kith:|#\s*kith1/i;
/** What a link gives: a card, or something that should have been one. */
const GIVEN = /(?:#|web\+kith:)(?:\/\/)?(kith1[a-z0-9]*)/gi;

/**
 * A card as people paste, scan or open it: by itself, or in a link, with any words around it.
 * @throws KithError as `parseCard`; for what a link gives 'link-broken' (not whole, not one card, or more than one) or 'card-version'
 */
export function parseGiven(text: string): GivenCard {
  if (text.length > MAX_PASTE) throw new KithError('card-too-long', { limit: CARD_LENGTH });
  const plain = decoded(text);
  if (!ADDRESS.test(plain)) return { card: parseCard(plain), inLink: false };
  const given = [...plain.matchAll(GIVEN)].map(([, card = '']) => card.toLowerCase());
  if (given.length === 0) return { card: parseCard(plain), inLink: true };
  const whole = cardsWithin(plain);
  // The beginning of a whole one is a link that was broken into lines.
  const meant = new Set([...whole, ...given.filter((start) => !whole.some((card) => card.startsWith(start)))]);
  const [only] = meant;
  // With two nobody can tell which is meant.
  if (only === undefined || meant.size > 1) throw new KithError('link-broken');
  return { card: linkCard(() => parseCard(only)), inLink: true };
}

/** What is behind the # of an opened link. @throws KithError 'link-broken' | 'card-version' */
export const parseFragment = (fragment: string): Card => linkCard(() => parseGiven(`#${fragment}`).card);

/** What is said of a card, when it came in a link. */
export function ofLink(kind: ErrorKind): ErrorKind {
  switch (kind) {
    case 'card-own':
      return 'link-own';
    case 'card-used':
      return 'link-used';
    case 'card-expired':
      return 'link-expired';
    default:
      return kind;
  }
}

/** Of what is wrong with a card that nobody typed, only one thing can be told apart. */
function linkCard(parse: () => Card): Card {
  try {
    return parse();
  } catch (error) {
    throw new KithError(kindOf(error) === 'card-version' ? 'card-version' : 'link-broken', {}, { cause: error });
  }
}

/** A browser escapes what it hands to a handler, and messengers what they like. */
function decoded(text: string): string {
  return text.replace(/%(?:23|2b|3a|2f)/gi, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));
}
