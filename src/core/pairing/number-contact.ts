// First contact by number: nothing is shared beforehand, so it is plain XX, and all that comes of it is a card for this one
// caller (PAIRING.md, "By number"). Who has a number proves little; who has the card is then as safe as with any other.
import * as v from 'valibot';
import { concat, equalBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { KithError } from '../errors.ts';
import type { Card } from '../identity/card.ts';
import type { SealedChannel } from '../session/channel.ts';
import { bytesOf, decode, encode } from '../wire/cbor.ts';
import { contactHandshake, type HandshakeOptions, type Terms, whoAnswers } from './contact-handshake.ts';
import type { Person } from './introduction.ts';

const MAX_WORD_BYTES = 64;
/** Whoever answers makes a card and writes it down first, milliseconds. */
const WORD_DEADLINE_MS = 10_000;

const wordSchema = v.variant('say', [
  /** Take this card of mine; it is for you alone. */
  v.object({ say: v.literal('card'), secret: bytesOf(16) }),
  /** Too many strangers have called. */
  v.object({ say: v.literal('busy') }),
]);

type Word = v.InferOutput<typeof wordSchema>;

export interface NumberContactOptions extends HandshakeOptions {
  /** 15 digits. */
  readonly number: string;
}

/**
 * Who answers to the number, without saying who asks. That their key hashes to it is for the caller to check: it takes Argon2id.
 * The link is closed in any case. @throws KithError 'contact-impostor' | 'handshake-failed' | 'link-…' | 'frame-…'
 */
export const lookWhoAnswers = (options: NumberContactOptions): Promise<Person> =>
  whoAnswers(
    options,
    numberTerms(options.number, () => true),
  );

/**
 * Introduces me to somebody found before, and asks for a card. The link is closed in any case.
 * @throws KithError 'number-gone' when they take no more strangers now; otherwise as `lookWhoAnswers`
 */
export async function askForCard(options: NumberContactOptions, expected: Uint8Array): Promise<Card> {
  const terms = numberTerms(options.number, ({ fingerprint }) => equalBytes(fingerprint, expected));
  const { channel, person } = await contactHandshake(options, terms, 'initiator');
  const word = await firstWord(channel, options);
  channel.close();
  if (word.say !== 'card') throw new KithError('number-gone');
  return { fingerprint: Uint8Array.from(person.fingerprint), secret: Uint8Array.from(word.secret) };
}

/**
 * Answers somebody who looked for my number. Most only look and hang up; who introduces themselves gets a card, or `busy` when
 * `cardFor` has none. @throws as `lookWhoAnswers`
 */
export async function answerNumberCall(
  options: NumberContactOptions,
  cardFor: (person: Person) => Promise<Uint8Array | undefined>,
): Promise<void> {
  const { channel, person } = await contactHandshake(
    options,
    numberTerms(options.number, () => true),
    'responder',
  );
  const secret = await cardFor(person).catch(() => undefined);
  const word: Word = secret ? { say: 'card', secret: Uint8Array.from(secret) } : { say: 'busy' };
  await channel.send(encode(word)).catch(() => undefined);
  // Whoever called hangs up; a caller who does not is left.
  options.clock.after(WORD_DEADLINE_MS, () => channel.close());
}

function firstWord(channel: SealedChannel, { clock }: HandshakeOptions): Promise<Word> {
  return new Promise((resolve, reject) => {
    const deadline = clock.after(WORD_DEADLINE_MS, () => channel.close(false));
    channel.onMessage((payload) => {
      const word = decode(payload, wordSchema, MAX_WORD_BYTES);
      deadline.cancel();
      resolve(word);
    });
    channel.onClose(() => {
      deadline.cancel();
      reject(new KithError('link-closed'));
    });
  });
}

const numberTerms = (number: string, isExpected: Terms['isExpected']): Terms => ({
  pattern: 'XX',
  psks: async () => [],
  prologue: (version) => concat(utf8('kith first contact by number v1'), Uint8Array.of(version), utf8(number)),
  isExpected,
});
