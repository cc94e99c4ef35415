// First contact over a link under a card's secret (PAIRING.md). The taker of the card calls (initiator), its shower answers
// (responder).
import { concat, equalBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import type { Card } from '../identity/card.ts';
import { cardPsk } from './card-keys.ts';
import { contactHandshake, type FirstContact, type HandshakeOptions, type Terms } from './contact-handshake.ts';

export type { FirstContact } from './contact-handshake.ts';

export interface FirstContactOptions extends HandshakeOptions {
  readonly card: Card;
}

/**
 * Calls whoever showed the card. The link is closed when this fails.
 * @throws KithError 'contact-impostor' when the answer is not from the person on the card; 'handshake-failed' | 'link-…' | 'frame-…'
 */
export const callShower = (options: FirstContactOptions): Promise<FirstContact> =>
  contactHandshake(options, cardTerms(options.card), 'initiator');

/** Answers whoever took the card. The link is closed when this fails. @throws as `callShower` */
export const answerCaller = (options: FirstContactOptions): Promise<FirstContact> =>
  contactHandshake(options, cardTerms(options.card), 'responder');

/** Both sides hash the same: version, whose card it is, and the link they think they share. */
const cardTerms = (card: Card): Terms => ({
  pattern: 'XXpsk0',
  psks: async () => [await cardPsk(card)],
  prologue: (version) => concat(utf8('kith first contact v1'), Uint8Array.of(version), card.fingerprint),
  isExpected: (answerer) => equalBytes(answerer.fingerprint, card.fingerprint),
});
