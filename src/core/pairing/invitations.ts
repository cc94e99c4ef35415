// The invitations of the cards I show and showed lately, in memory as on the disk: one strict commit a change, and a timer for the
// next to expire.
import { equalBytes } from '../bytes/bytes.ts';
import { kindOf } from '../errors.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Store, Write } from '../ports/store.ts';
import { LONGEST_WAIT_MS } from './desk.ts';
import {
  CARD_MEMORY_MS,
  decodeInvitation,
  encodeInvitation,
  type Invitation,
  isForgettable,
  isOpen,
  MAX_ENDED,
} from './invitation.ts';

export interface InvitationsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Something of them is different now. */
  readonly changed: () => void;
}

export class Invitations {
  readonly #options: InvitationsOptions;
  readonly #invitations = new Map<string, Invitation>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: InvitationsOptions) {
    this.#options = options;
  }

  /** Reads what an earlier page left. Records that make no sense are left alone. */
  async load(): Promise<void> {
    for (const { key, value } of await this.#options.store.list('invitations')) {
      try {
        this.#invitations.set(key, decodeInvitation(value));
      } catch (error) {
        this.#options.log('warn', 'invitation not read', { kind: kindOf(error) });
      }
    }
    this.#watchTime();
  }

  get(id: string): Invitation | undefined {
    return this.#invitations.get(id);
  }

  all(): Invitation[] {
    return [...this.#invitations.values()];
  }

  newestFirst(): Invitation[] {
    // Insertion order is the age where two were made in one millisecond.
    return this.all()
      .reverse()
      .sort((one, other) => other.createdAt - one.createdAt);
  }

  /** Of the card with this one-time secret, 16 bytes. */
  withSecret(secret: Uint8Array): Invitation | undefined {
    return this.all().find((one) => equalBytes(one.secret, secret));
  }

  /** One strict commit; memory follows the disk, never the other way round. @throws KithError 'disk-full' */
  async save(invitations: readonly Invitation[], others: readonly Write[] = []): Promise<void> {
    const puts = invitations.map((one): Write => ({ put: 'invitations', key: one.id, value: encodeInvitation(one) }));
    await this.#options.store.commit([...puts, ...others], 'strict');
    for (const one of invitations) this.#invitations.set(one.id, one);
    for (const write of others)
      if ('remove' in write && write.remove === 'invitations') this.#invitations.delete(write.key);
    this.#watchTime();
    this.#options.changed();
  }

  /** Removals of ended cards beyond what is worth remembering. `expiring`: how many more are about to end. */
  forgettable(expiring: number): Write[] {
    const now = this.#options.clock.now();
    const ended = this.newestFirst().filter((one) => !isOpen(one, now) && one.state !== 'bound');
    const tooMany = ended.filter((one) => one.request === undefined).slice(MAX_ENDED - expiring);
    // Bound ones too: whoever bound it and never came back is not answered any more.
    const tooOld = this.all().filter((one) => isForgettable(one, now));
    return [...new Set([...tooMany, ...tooOld])].map((one) => ({ remove: 'invitations', key: one.id }));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  /** Tells when the next card expires or is no longer answered, so that nobody shows or awaits it. */
  #watchTime(): void {
    this.#timer?.cancel();
    if (this.#closed) return;
    const { clock, changed } = this.#options;
    const now = clock.now();
    const ends = this.all()
      .flatMap((one) => [one.expiresAt - now, one.createdAt + CARD_MEMORY_MS - now])
      .filter((left) => left > 0);
    if (ends.length === 0) return;
    this.#timer = clock.after(Math.min(LONGEST_WAIT_MS, ...ends), () => {
      this.#watchTime();
      changed();
    });
  }
}
