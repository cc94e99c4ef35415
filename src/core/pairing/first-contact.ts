// First contact over a link under a card's secret (PAIRING.md). The taker of the card calls (initiator), its shower answers
// (responder).
import { concat, equalBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import type { Card } from '../identity/card.ts';
import { cardPsk } from './card-keys.ts';
import { contactHandshake, type FirstContact, type HandshakeOptions, type Terms } from './contact-handshake.ts';

import type { Promised } from './promise.ts';

export type { FirstContact } from './contact-handshake.ts';

export interface FirstContactOptions extends HandshakeOptions {
  readonly card: Card;
  /** The card went through a mailbox: what both have from there, and who the other is. */
  readonly promise?: Pick<Promised, 'psk' | 'fingerprint'> | undefined;
}

/**
 * Calls whoever showed the card. The link is closed when this fails.
 * @throws KithError 'contact-impostor' when the answer is not from the person on the card; 'handshake-failed' | 'link-…' | 'frame-…'
 */
export const callShower = (options: FirstContactOptions): Promise<FirstContact> =>
  contactHandshake(options, cardTerms(options, options.card.fingerprint), 'initiator');

/** Answers whoever took the card. The link is closed when this fails. @throws as `callShower` */
export const answerCaller = (options: FirstContactOptions): Promise<FirstContact> =>
  contactHandshake(options, cardTerms(options, options.promise?.fingerprint), 'responder');

/** Both sides hash the same: version, whose card it is, and the link they think they share. */
const cardTerms = ({ card, promise }: FirstContactOptions, expected: Uint8Array | undefined): Terms => ({
  pattern: 'XXpsk0',
  psks: async () => [promise ? Uint8Array.from(promise.psk) : await cardPsk(card)],
  prologue: (version) => concat(utf8('kith first contact v1'), Uint8Array.of(version), card.fingerprint),
  isExpected: ({ fingerprint }) => expected === undefined || equalBytes(fingerprint, expected),
});
