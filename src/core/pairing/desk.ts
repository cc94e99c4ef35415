// What the desk of the cards I show and that of the cards I took have in common.
import type { Card } from '../identity/card.ts';
import type { Identity } from '../identity/keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import type { ContactBook } from './contact-book.ts';

/** Of invitations and attempts. */
export const ID_BYTES = 16;
/** Timers of browsers end at 24.8 days; time is looked at again before that, milliseconds. */
export const LONGEST_WAIT_MS = 24 * 3_600_000;

export interface DeskOptions {
  readonly self: Identity;
  /** My display name now. */
  readonly name: () => string;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly contacts: ContactBook;
  /** Something that the desk lists is different now. */
  readonly changed: () => void;
}

/** A card under which somebody is to be met. */
export interface Sought {
  readonly id: string;
  readonly card: Card;
  /** Answer who comes, but look for nobody. */
  readonly quiet: boolean;
  /** For longer than a day. */
  readonly lasting: boolean;
}
