// Cards as people mistype them: 100,000 corruptions from a seed. None is taken, and what can be pointed at is pointed at.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { BECH32_ALPHABET } from '../../src/core/bytes/bech32m.ts';
import { type ErrorDetail, type ErrorKind, KithError } from '../../src/core/errors.ts';
import { CARD_LENGTH, encodeCard, parseCard } from '../../src/core/identity/card.ts';

const EACH = 25_000;
const HEAD = 'kith1'.length;
/** What a finger may hit instead: every letter and digit, in either case. */
const keys = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

const random = seededRandom(20_261_126);
const below = (limit: number): number => {
  const [a = 0, b = 0, c = 0] = random.bytes(3);
  return ((a << 16) | (b << 8) | c) % limit;
};
const card = () => encodeCard({ fingerprint: random.bytes(32), secret: random.bytes(16) });
const put = (text: string, place: number, character: string) =>
  text.slice(0, place) + character + text.slice(place + 1);

/** So many different places of a card, in order. */
function places(count: number, from = 0): number[] {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(from + below(CARD_LENGTH - from));
  return [...chosen].sort((a, b) => a - b);
}

function refusal(text: string): { kind: ErrorKind; detail: ErrorDetail } {
  try {
    parseCard(text);
  } catch (error) {
    if (error instanceof KithError) return error;
    throw error;
  }
  throw new Error(`taken: ${text}`);
}

/** Substitutes characters of `text` at these places by others of `from`. */
const substituted = (text: string, at: readonly number[], from: string) =>
  at.reduce((changed, place) => {
    const others = [...from].filter((key) => key.toLowerCase() !== text[place]);
    return put(changed, place, others[below(others.length)] ?? '');
  }, text);

describe('a card that was mistyped is refused', () => {
  it('with one to four characters that a card may hold in the place of others, and one or two are found', () => {
    let pointed = 0;
    for (let run = 0; run < EACH; run += 1) {
      const at = places(1 + (run % 4), HEAD);
      const { kind, detail } = refusal(substituted(card(), at, BECH32_ALPHABET));
      expect(kind).toBe('card-checksum');
      if (at.length > 2) continue;
      expect(detail.position).toBe(at[0]);
      pointed += 1;
    }
    expect(pointed).toBe(EACH / 2);
  });

  it('with one to four characters off any key, and the first that no card holds is pointed at', () => {
    for (let run = 0; run < EACH; run += 1) {
      const at = places(1 + (run % 4), HEAD);
      const wrong = substituted(card(), at, keys);
      const first = [...wrong].findIndex((key, place) => place >= HEAD && !BECH32_ALPHABET.includes(key.toLowerCase()));
      const { kind, detail } = refusal(wrong);
      if (first < 0) expect(kind).toBe('card-checksum');
      else expect({ kind, position: detail.position }).toEqual({ kind: 'card-character', position: first });
    }
  });

  it('with neighbours the wrong way round, which are found behind the prefix', () => {
    for (let run = 0; run < EACH; ) {
      const text = card();
      const place = below(CARD_LENGTH - 1);
      const [one = '', other = ''] = [text[place], text[place + 1]];
      if (one === other) continue;
      run += 1;
      const { detail } = refusal(put(put(text, place, other), place + 1, one));
      if (place >= HEAD) expect(detail.position).toBe(place);
    }
  });

  it('with one to four characters missing, wherever, and a single one is found to its group', () => {
    for (let run = 0; run < EACH; run += 1) {
      const text = card();
      const at = places(1 + (run % 4));
      const { kind, detail } = refusal([...text].filter((_, place) => !at.includes(place)).join(''));
      expect(['card-truncated', 'card-prefix', 'card-character']).toContain(kind);
      const [only = 0] = at;
      // In a run of equal characters it does not matter which is missing.
      if (at.length > 1 || only < HEAD) continue;
      const { position = -1 } = detail;
      expect(new Set(text.slice(Math.min(position, only), Math.max(position, only) + 1)).size, text).toBe(1);
    }
  });
});
