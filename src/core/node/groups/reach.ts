// Whom of the members of groups one can speak to now, and over which session: that of a contact, or that of fellow members.
import { toHex } from '../../bytes/hex.ts';
import type { MemberId } from '../../group/members-view.ts';
import { fingerprintOf } from '../../identity/bundle.ts';
import type { Timer } from '../../ports/clock.ts';
import type { GroupSays } from '../../wire/group-says.ts';
import { inBackground } from '../background.ts';
import type { Contact, ContactBook } from '../contact-book.ts';
import { mayTalk } from '../standing.ts';
import { type FellowEvents, Fellows } from './fellows.ts';

/** A link that was wanted and is not there after this does not come about for now. */
const DIAL_MS = 30_000;

type Rooms = ConstructorParameters<typeof Fellows>[0];

export interface ReachOptions extends Omit<Rooms, 'events'> {
  readonly book: ContactBook;
  /** Over the session with a contact. Rejects when there is none. */
  readonly sendToContact: (contactId: string, message: GroupSays) => Promise<void>;
  /** The session with this contact carries messages. */
  readonly isAttached: (contactId: string) => boolean;
  /** Ends the session with this contact; it comes back by itself. */
  readonly endContact: (contactId: string) => void;
}

interface Dial {
  readonly member: MemberId;
  readonly timer: Timer;
  readonly over: (isThere: boolean) => void;
}

export class Reach {
  readonly #options: ReachOptions;
  readonly #fellows: Fellows;
  readonly #dials = new Set<Dial>();
  /** Who let me into groups of which nothing is known yet. */
  readonly #awaited = new Set<MemberId>();

  constructor(options: ReachOptions, events: FellowEvents) {
    this.#options = options;
    this.#fellows = new Fellows({ ...options, events });
  }

  /** Contacts with whom I talk: a session of ours carries groups as well. */
  contact(member: MemberId): Contact | undefined {
    const contact = this.#known(member);
    return contact && mayTalk(contact) ? contact : undefined;
  }

  isThere(member: MemberId): boolean {
    const contact = this.contact(member);
    return contact ? this.#options.isAttached(contact.id) : this.#fellows.isLive(member);
  }

  /** Rejects when it could not be handed to a session. */
  send(to: MemberId, message: GroupSays): Promise<void> {
    const contact = this.contact(to);
    return contact ? this.#options.sendToContact(contact.id, message) : this.#fellows.send(to, message);
  }

  /** Looks for a member until they are not wanted any more (`keepOnly`). */
  want(member: MemberId, bundle: Uint8Array): void {
    if (!this.#isMet(member)) return;
    this.#inBackground(this.#fellows.want(member, bundle));
  }

  /** The same for whoever has let me into a group of which nothing is known yet. */
  async wantAdmitter(bundle: Uint8Array): Promise<void> {
    const id = toHex(await fingerprintOf(Uint8Array.from(bundle)));
    this.#awaited.add(id);
    this.want(id, bundle);
  }

  awaited(): MemberId[] {
    return [...this.#awaited];
  }

  isAwaited(member: MemberId): boolean {
    return this.#awaited.has(member);
  }

  /** Nobody else is looked for as a fellow member. `isAwaiting`: nothing is known yet of some group. */
  keepOnly(wanted: ReadonlySet<MemberId>, isAwaiting: boolean): void {
    if (!isAwaiting) this.#awaited.clear();
    for (const id of this.#fellows.wanted()) {
      const isWanted = wanted.has(id) || this.#awaited.has(id);
      if (!isWanted || !this.#isMet(id)) this.#fellows.release(id);
    }
  }

  /** Whether they come, or are, within a while. */
  reach(member: MemberId, bundle: Uint8Array | undefined): Promise<boolean> {
    if (this.isThere(member)) return Promise.resolve(true);
    if (bundle) this.want(member, bundle);
    return new Promise((resolve) => {
      const over = (isThere: boolean) => {
        timer.cancel();
        this.#dials.delete(dial);
        resolve(isThere);
      };
      const timer = this.#options.clock.after(DIAL_MS, () => over(false));
      const dial: Dial = { member, timer, over };
      this.#dials.add(dial);
    });
  }

  /** A session with them carries messages now. */
  arrived(member: MemberId): void {
    for (const dial of this.#dials) if (dial.member === member) dial.over(true);
  }

  /** Both sides begin anew with each other. */
  end(member: MemberId): void {
    const contact = this.contact(member);
    if (contact) this.#options.endContact(contact.id);
    else this.#fellows.end(member);
  }

  /** The person wants to be reached through others alone. */
  endDirect(): void {
    this.#fellows.endDirect();
  }

  endAll(): void {
    this.#fellows.endAll();
  }

  close(): void {
    for (const { timer } of this.#dials) timer.cancel();
    this.#fellows.close();
  }

  /**
   * As a fellow member. Contacts look for each other anyway; whom I have blocked or removed I do not meet in a group either: what they say
   * comes through others. But who has not agreed to be a contact, or whose asking I declined, is a fellow member as before.
   */
  #isMet(member: MemberId): boolean {
    const known = this.#known(member);
    return known === undefined || !(mayTalk(known) || known.mine === 'blocked' || known.mine === 'removed');
  }

  #known(member: MemberId): Contact | undefined {
    return this.#options.book.all().find(({ fingerprint }) => toHex(fingerprint) === member);
  }

  #inBackground(work: Promise<unknown>): void {
    inBackground(this.#options.log, 'fellow member not looked for', work);
  }
}
