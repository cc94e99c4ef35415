// A group's card that was pasted or scanned: nobody asks to join a group without having said so.
import { type ReadonlySignal, signal } from '@preact/signals';
import { hasCardChecksum } from '../../core/card-checksum.ts';
import { cleanedCard } from '../format.ts';
import type { App } from '../kith.ts';

/**
 * Told by its beginning alone, as it is typed; whether it is whole is the node's to say. A card of a group begins with a prefix of its
 * own, or with version 2 where a person's has 1: five bits of the version byte and three more of it, then two of the fingerprint.
 */
const GROUP_CARD = /^kith(?:g1|1q[gf2t])/;

export const isGroupCard = (text: string): boolean => GROUP_CARD.test(cleanedCard(text));

export class JoinByCard {
  readonly #app: App;
  readonly #card = signal<string | null>(null);

  constructor(app: App) {
    this.#app = app;
  }

  /** The card that waits for a yes; null when none does. */
  get card(): ReadonlySignal<string | null> {
    return this.#card;
  }

  /**
   * Whether a text is a group's card and waits for a yes from now on. Otherwise it is somebody else's to take, and so is one with a wrong
   * letter: nobody is asked about what cannot be one.
   */
  propose(text: string): boolean {
    if (!isGroupCard(text) || !hasCardChecksum(cleanedCard(text))) return false;
    this.#app.pairing.dismissError();
    this.#card.value = text;
    return true;
  }

  readonly cancel = (): void => {
    this.#card.value = null;
  };

  /** Asks to join. What is wrong with the card, now or later, is told where cards are taken. */
  readonly confirm = async (): Promise<void> => {
    const card = this.#card.peek();
    if (card === null) return;
    this.#card.value = null;
    this.#app.pairing.type(card);
    await this.#app.pairing.submit();
  };
}
