// What a contact says of a group that is not known here may be an invitation. It is looked into in memory alone, goes to the disk when it is
// one, and is forgotten when it is none.
import { equalBytes } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { MemberId } from '../../group/members-view.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GroupSays } from '../../wire/group-says.ts';
import type { LiveGroup } from './live-group.ts';
import type { Shelf } from './shelf.ts';

/** Looked into at once, of all contacts and of one; more of one wait in line. */
const MAX_PLACES = 8;
const MAX_OF_CONTACT = 4;
const MAX_IN_LINE = 16;
/** How long one is looked into, and how often room is looked for. */
const LOOK_MS = 60_000;

export interface InvitationsOptions {
  readonly clock: Clock;
  readonly shelf: Shelf;
  readonly isContact: (member: MemberId) => boolean;
  readonly begin: (group: Uint8Array, invitedBy: Uint8Array) => Promise<LiveGroup>;
  /** This group (32 bytes) is about to be opened anew, or a card has just let me in. */
  readonly isInterrupted: (group: Uint8Array) => boolean;
  /** One is on the disk, and shown. */
  readonly taken: (live: LiveGroup) => Promise<void>;
  /** A place is free for what this contact said. */
  readonly again: (from: MemberId, message: GroupSays) => Promise<void>;
  readonly inBackground: (work: Promise<unknown>) => void;
}

interface Said {
  readonly from: MemberId;
  readonly message: GroupSays;
}

export class Invitations {
  #line: Said[] = [];
  /** A place is kept for each, and it stands on the shelf in a moment. */
  #beginning: Said[] = [];
  /** There was no room when it was tried last: the clock tries again, not everything that is said. */
  readonly #noRoom = new WeakSet<LiveGroup>();
  #closed = false;

  constructor(private readonly options: InvitationsOptions) {}

  /** Of a group that is not known. Undefined: nothing to look into, or not yet. */
  async begin(from: MemberId, message: GroupSays): Promise<LiveGroup | undefined> {
    const { shelf, isContact, isInterrupted, begin } = this.options;
    if (message.type !== 'members-heads' || !isContact(from)) return undefined;
    const said = { from, message };
    if (this.#isBeginning(message.group) || !this.#hasPlace(from)) return void this.#wait(said);
    this.#beginning.push(said);
    try {
      const live = await begin(message.group, fromHex(from));
      if (!isContact(from)) return undefined;
      // A card let me in meanwhile.
      if (shelf.byGroup(message.group) || isInterrupted(message.group)) return void this.#again(said);
      shelf.put(live);
      this.#lookLater(live);
      return live;
    } finally {
      this.#beginning = this.#beginning.filter((one) => one !== said);
      // Somebody else may have spoken of it meanwhile.
      this.#next();
    }
  }

  /** Something was said of it. Rejects when that could not be kept. */
  async heard(live: LiveGroup): Promise<void> {
    const isDue = live.isProvisional && this.#isCurrent(live) && isInvitation(live);
    if (isDue && !this.#noRoom.has(live)) await this.#take(live);
  }

  /** Somebody was blocked or removed: they invite nobody any more. */
  contactsChanged(): void {
    const { shelf, isContact } = this.options;
    this.#line = this.#line.filter(({ from }) => isContact(from));
    // What is being written will be there at the next start, so it is shown.
    for (const live of shelf.provisional()) if (!live.isSettling && !this.#isOfContact(live)) this.#drop(live);
  }

  /** Their session has ended: in the next one they say it again. */
  left(contact: MemberId): void {
    this.#line = this.#line.filter(({ from }) => from !== contact);
  }

  close(): void {
    this.#closed = true;
  }

  #hasPlace(contact: MemberId): boolean {
    return this.#holders().length < MAX_PLACES && this.#placesOf(contact) < MAX_OF_CONTACT;
  }

  #placesOf(contact: MemberId): number {
    return this.#holders().filter((one) => one === contact).length;
  }

  /** The contact of every place that is taken. */
  #holders(): MemberId[] {
    const held = this.options.shelf.provisional().map(inviterOf);
    return [...held, ...this.#beginning.map(({ from }) => from)];
  }

  /** The heads of a group are said once in a session: what found no place would be heard in the next one only. */
  #wait(said: Said): void {
    const { group } = said.message;
    const others = this.#line.filter(({ from, message }) => from !== said.from || !equalBytes(message.group, group));
    const own = others.filter(({ from }) => from === said.from);
    if (own.length < MAX_IN_LINE) this.#line = [...others, said];
  }

  /** Of those who wait, whoever has the fewest places: two who say much do not keep out a third. */
  #next(): void {
    const waiting = this.#line.filter((said) => this.#mayPass(said));
    const [next] = waiting.toSorted((one, other) => this.#placesOf(one.from) - this.#placesOf(other.from));
    this.#line = this.#line.filter((said) => said !== next);
    if (next && !this.#closed) this.#again(next);
  }

  /** A group that is known by now needs no place. */
  #mayPass({ from, message: { group } }: Said): boolean {
    if (this.#isBeginning(group)) return false;
    return this.options.shelf.byGroup(group) !== undefined || this.#hasPlace(from);
  }

  /** It may have taken no place: whoever is behind it is looked at too. */
  #again({ from, message }: Said): void {
    this.options.inBackground(this.options.again(from, message).finally(() => this.#next()));
  }

  #isBeginning(group: Uint8Array): boolean {
    return this.#beginning.some(({ message }) => equalBytes(message.group, group));
  }

  /** It has not been opened anew meanwhile, and is not about to be. */
  #isCurrent(live: LiveGroup): boolean {
    return this.options.shelf.has(live) && !this.options.isInterrupted(live.record.group);
  }

  /** What is no invitation by then is none. One for which there was no room is taken when there is some. */
  #lookLater(live: LiveGroup): void {
    const { clock, shelf, inBackground } = this.options;
    clock.after(LOOK_MS, () => {
      if (this.#closed) return;
      // A card may have let me in meanwhile.
      if (!live.isProvisional || !shelf.has(live)) return this.#next();
      if (!isInvitation(live) || !this.#isOfContact(live)) return this.#drop(live);
      this.#lookLater(live);
      if (this.#isCurrent(live)) inBackground(this.#take(live));
    });
  }

  async #take(live: LiveGroup): Promise<void> {
    try {
      if (!(await live.settle())) return;
      this.#noRoom.delete(live);
    } catch (error) {
      this.#noRoom.add(live);
      throw error;
    }
    this.#next();
    if (this.#isCurrent(live)) await this.options.taken(live);
  }

  #drop(live: LiveGroup): void {
    this.options.shelf.take(live);
    this.#next();
  }

  #isOfContact(live: LiveGroup): boolean {
    return this.options.isContact(inviterOf(live));
  }
}

/** Hexadecimal. */
const inviterOf = ({ record }: LiveGroup): MemberId => toHex(record.invitedBy ?? new Uint8Array());

const isInvitation = ({ group }: LiveGroup): boolean => group.members.view.has(group.id);
