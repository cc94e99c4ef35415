// The invitations of the cards I show, in memory as on the disk.
import { equalBytes } from '../bytes/bytes.ts';
import { kindOf } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Store, Write } from '../ports/store.ts';
import { decodeInvitation, encodeInvitation, type Invitation, isForgettable, isOpen, MAX_ENDED } from './invitation.ts';

export interface InvitationsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

export class Invitations {
  readonly #options: InvitationsOptions;
  readonly #invitations = new Map<string, Invitation>();

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
  async save(invitations: readonly Invitation[], others: readonly Write[]): Promise<void> {
    const puts = invitations.map((one): Write => ({ put: 'invitations', key: one.id, value: encodeInvitation(one) }));
    await this.#options.store.commit([...puts, ...others], 'strict');
    for (const one of invitations) this.#invitations.set(one.id, one);
    for (const write of others)
      if ('remove' in write && write.remove === 'invitations') this.#invitations.delete(write.key);
  }

  /** Removals of ended cards beyond what is worth remembering. `expiring`: how many more are about to end. */
  forgettable(expiring: number): Write[] {
    const now = this.#options.clock.now();
    const ended = this.newestFirst().filter((one) => !isOpen(one, now) && one.state !== 'bound');
    const tooMany = ended.filter((one) => one.request === undefined).slice(MAX_ENDED - expiring);
    const tooOld = ended.filter((one) => isForgettable(one, now));
    return [...new Set([...tooMany, ...tooOld])].map((one) => ({ remove: 'invitations', key: one.id }));
  }
}
