// What the parts of this room share.
import type { Clock } from '../ports/clock.ts';
import type { Dialer } from '../ports/dialer.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { Slots } from './slots.ts';
import type { Work } from './work.ts';

export interface Tools {
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly slots: Slots;
  readonly work: Work;
  /** No link may show our address: only those that a door carries. */
  readonly relayOnly: () => boolean;
}
