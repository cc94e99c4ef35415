// All groups of this device: opened at the start, linked with whoever is there, told what arrives.
import { toHex } from '../../bytes/hex.ts';
import { signingKeyFromSeed } from '../../crypto/sign.ts';
import { kindOf } from '../../errors.ts';
import { hasJoined, type MemberId } from '../../group/members-view.ts';
import { createGroup } from '../../group/membership/authoring.ts';
import { webCrypto } from '../../group/membership/reading.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { Timer } from '../../ports/clock.ts';
import type { Store, Write } from '../../ports/store.ts';
import type { Acquaintance } from '../../wire/group-acquaintance.ts';
import type { GroupSays } from '../../wire/group-says.ts';
import { inBackground } from '../background.ts';
import { isAcquaintance } from './acquaintances.ts';
import { Company } from './company.ts';
import { storedOfGroups, tidy } from './files/tidying.ts';
import { decodeGroup, encodeGroup, type GroupRecord } from './group-records.ts';
import { Invitations } from './invitations.ts';
import { JOINS } from './joining/join-record.ts';
import type { Entry } from './joining/joins.ts';
import { LiveGroup, type LiveGroupOptions } from './live-group.ts';
import type { Reach, ReachOptions } from './reach.ts';
import { Reopening } from './reopening.ts';
import { Shelf } from './shelf.ts';
import type { ShownChange } from './transcript.ts';

const TICK_MS = 500;
/** A group in which nobody is linked is tended at every so many ticks: there is nothing to do but to look for somebody. */
const IDLE_TICKS = 10;

export interface GroupsOptions extends ReachOptions {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly maxFileBytes: () => number;
  readonly name: () => string;
  readonly readReceipts: () => boolean;
  /** Two of a group would become contacts. */
  readonly acquaint: (live: LiveGroup, from: MemberId, message: Acquaintance) => Promise<void>;
  /** As LiveGroupOptions.changed. */
  readonly shown: (group: LiveGroup, change: ShownChange) => void;
}

export class Groups {
  readonly #shelf = new Shelf();
  readonly #company: Company;
  readonly #invitations: Invitations;
  readonly #reopening: Reopening;
  readonly #joining = new Map<LiveGroup, Promise<void>>();
  #timer: Timer | undefined;
  /** The first one tends to all. */
  #ticks = -1;
  #closed = false;

  constructor(private readonly options: GroupsOptions) {
    this.#company = new Company(options, this.#shelf, (member, message) => this.received(member, message));
    this.#invitations = new Invitations({
      clock: options.clock,
      shelf: this.#shelf,
      isContact: (member) => this.reach.contact(member) !== undefined,
      begin: (group, invitedBy) => LiveGroup.begin(this.#kit(), { ...this.#fresh(group), invitedBy }),
      isInterrupted: (group) => this.#reopening.interrupted(group) !== undefined,
      taken: (live) => this.#invited(live),
      again: (from, message) => this.received(from, message),
      inBackground: (work) => this.#inBackground(work),
    });
    this.#reopening = new Reopening({
      clock: options.clock,
      isWanted: (live) => this.#shelf.has(live) && !this.#closed,
      open: ({ record }) => LiveGroup.open(this.#kit(), record),
      opened: (live) => this.#openedAnew(live),
    });
  }

  get reach(): Reach {
    return this.#company.reach;
  }

  /** One that cannot be read stays on the disk and keeps no other out. */
  async load(): Promise<void> {
    const { blobs } = this.options;
    const stored = await storedOfGroups(blobs);
    const [records, count] = await Promise.all([this.options.store.list('groups'), this.options.store.count('groups')]);
    // The store leaves out what does not decrypt.
    let isWhole = records.length === count;
    for (const { key, value } of records) {
      if (key.startsWith(JOINS)) continue; // joining/ reads those
      try {
        await this.#open(decodeGroup(value));
      } catch (error) {
        isWhole = false;
        this.options.log('warn', 'group not read', { kind: kindOf(error) });
      }
    }
    if (isWhole) this.#inBackground(tidy(blobs, stored, this.#shelf.everyone()));
    this.#tickLater();
  }

  /** Those in the list. */
  shown(): LiveGroup[] {
    return this.#shelf.all().filter(({ record }) => !record.hidden);
  }

  /** Those that an admin has let me into and of which nothing has come yet. */
  awaited(): LiveGroup[] {
    return this.#shelf.awaited();
  }

  /** The person waits no longer: when it comes all the same, I leave it. False: it is none that is awaited. */
  async abandon(id: string): Promise<boolean> {
    const live = this.awaited().find((one) => one.id === id);
    if (!live) return false;
    await live.change((record) => ({ ...record, hidden: true }));
    // It may have come while that was being written.
    this.#inBackground(this.#arrived(live));
    this.options.changed();
    return true;
  }

  /** For what changes it. @throws KithError 'group-not-member' when there is none, 'storage-unavailable' while its disk takes nothing */
  get(conversationId: string): LiveGroup {
    return this.#shelf.get(conversationId);
  }

  find(conversationId: string): LiveGroup | undefined {
    return this.#shelf.find(conversationId);
  }

  /** Makes one, of which I am the only member. */
  async create(name: string): Promise<LiveGroup> {
    const { self, random } = this.options;
    const seed = random.bytes(32);
    const key = await signingKeyFromSeed(seed);
    const person = this.options.name();
    const creation = await createGroup(self, key, { name, person, seed: random.bytes(32) }, webCrypto);
    const live = await LiveGroup.begin(this.#kit(), { ...this.#fresh(creation.hash), seed }, key);
    this.#shelf.put(live);
    await live.group.created(creation);
    return live;
  }

  /** Takes the invitation to a group, with a key made for it. Asked for twice in one moment it is one joining, with one key. */
  join(live: LiveGroup): Promise<void> {
    const joining = this.#joining.get(live) ?? this.#join(live).finally(() => this.#joining.delete(live));
    this.#joining.set(live, joining);
    return joining;
  }

  async #join(live: LiveGroup): Promise<void> {
    const seed = this.options.random.bytes(32);
    // Before it is used: after a crash the same key speaks for me.
    await live.change((record) => ({ ...record, seed }));
    await live.group.join(await signingKeyFromSeed(seed), this.options.name());
    await this.#company.linkAll(live);
  }

  /** An admin has let me in by a card: from now on the group is known, and its operations are asked for. In one commit with `writes`. */
  async enter({ group, seed, letInBy }: Entry, writes: readonly Write[]): Promise<void> {
    const before = this.#shelf.byGroup(group);
    const entered = (record: GroupRecord) => ({ ...record, seed, letInBy, hidden: false });
    let record = entered(before?.record ?? this.#fresh(group));
    // A contact may speak of it in the same moment: nothing of it is taken for an invitation, which knows no key.
    const interrupted = new Set(before?.linked);
    this.#reopening.begin(group, interrupted);
    try {
      if (before) {
        // Behind what is being changed of it: nothing that knows no key may be written after this.
        await before.change(entered, (changed) => before.disk.save(changed, writes));
        record = entered(before.record);
        // What is in memory knows no key: also when it cannot be read just now, it is opened anew with the one that is on the disk.
        before.isBroken = true;
      } else {
        await this.options.store.commit(
          [...writes, { put: 'groups', key: record.id, value: encodeGroup(record) }],
          'strict',
        );
      }
      for (const member of interrupted) await before?.unlink(member);
      await this.#open(record);
    } finally {
      this.#reopening.over(group, interrupted);
      if (before?.isBroken) this.#reopening.failed(before);
    }
    const live = this.#shelf.byId(record.id);
    // Of whom nothing else is known, and who may be there already.
    if (live?.isAwaited) await this.reach.wantAdmitter(letInBy);
    if (live) await this.#company.linkAll(live);
    // What they said to the one before is lost: both sides begin anew.
    for (const member of interrupted) this.reach.end(member);
  }

  /** With a key that is here: of a group into which a card has just let me, a contact may tell before the admin does. */
  hasJoined(group: Uint8Array): boolean {
    const live = this.#shelf.byGroup(group);
    return live?.record.seed !== undefined && !live.record.hidden && hasJoined(live.group.members.view, live.group.id);
  }

  /** Takes it off this device. What the others must still learn of my leaving stays, and nothing else. */
  async forget(live: LiveGroup): Promise<void> {
    const files = await live.blobIds();
    await live.change(
      (record) => ({ ...record, hidden: true }),
      (record) => live.disk.eraseConversation(record),
    );
    this.#shelf.take(live);
    for (const file of files) await this.options.blobs.remove(file);
    for (const member of [...live.linked]) await live.unlink(member);
    await this.#open(live.record);
    await this.#company.linkAll(this.#shelf.byId(live.id) ?? live);
    this.#company.releaseUnwanted();
  }

  async edit(live: LiveGroup, change: Partial<Pick<GroupRecord, 'muted' | 'admission' | 'cards'>>): Promise<void> {
    await live.change((record) => ({ ...record, ...change }));
    this.options.changed();
  }

  /** A contact's session carries messages now. */
  contactAttached(contactId: string): void {
    const contact = this.options.book.get(contactId);
    if (contact) this.#company.sessionUp(toHex(contact.fingerprint));
  }

  contactDetached(contactId: string): void {
    const contact = this.options.book.get(contactId);
    if (!contact) return;
    const member = toHex(contact.fingerprint);
    this.#company.sessionDown(member);
    this.#invitations.left(member);
  }

  /** Rejects when what was said could not be kept. */
  async received(from: MemberId, message: GroupSays): Promise<void> {
    // Of a group that is being opened anew nothing can be taken in: its sessions begin again after that.
    const interrupted = this.#reopening.interrupted(message.group);
    if (interrupted) return void interrupted.add(from);
    const known = this.#shelf.byGroup(message.group);
    const live = known ?? (await this.#invitations.begin(from, message));
    if (!live) return;
    // Whoever speaks of a group is worth listening to, though our own page does not know yet that they belong to it.
    await live.link(from);
    if (isAcquaintance(message)) return this.options.acquaint(live, from, message);
    await live.received(from, message);
    await this.#invitations.heard(live);
  }

  /** Somebody was blocked or removed, or is not any more. */
  contactsChanged(): void {
    this.#invitations.contactsChanged();
    for (const live of this.#shelf.everyone()) this.#company.follow(live);
  }

  /** The person wants to be reached through others alone. */
  endDirect(): void {
    this.reach.endDirect();
  }

  endAll(): void {
    this.reach.endAll();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#invitations.close();
    this.reach.close();
  }

  async #invited(live: LiveGroup): Promise<void> {
    await this.#company.linkAll(live);
    this.options.shown(live, { fresh: [], gone: [], isNew: true });
  }

  #fresh(group: Uint8Array): GroupRecord {
    const { random, clock } = this.options;
    const id = toHex(random.bytes(16));
    return { v: 1, id, group, muted: false, hidden: false, admission: 'ask', createdAt: clock.now() };
  }

  async #open(record: GroupRecord): Promise<void> {
    this.#put(await LiveGroup.open(this.#kit(), record));
  }

  #put(live: LiveGroup): void {
    this.#shelf.put(live);
    this.#company.follow(live);
    this.#inBackground(this.#arrived(live));
  }

  #kit(): LiveGroupOptions {
    const { store, blobs, maxFileBytes, clock, random, log, self, readReceipts, shown } = this.options;
    return {
      store,
      blobs,
      maxFileBytes,
      clock,
      random,
      log,
      self,
      readReceipts,
      // The end of a session is told by itself.
      send: (to, message) => void this.reach.send(to, message).catch(() => {}),
      seek: (live) => this.#company.follow(live),
      dial: (live, member) => this.#company.dial(live, member),
      drop: (live, member) => this.#company.drop(live, member),
      changed: shown,
      failed: (live) => this.#reopening.failed(live),
      membersChanged: (live) => {
        this.#inBackground(this.#arrived(live));
        this.#company.follow(live);
        this.#inBackground(this.#company.linkAll(live));
        this.options.changed();
      },
    };
  }

  /** What says that I was let in may be here. */
  async #arrived(live: LiveGroup): Promise<void> {
    if (live.isProvisional || live.isAwaited) return;
    await live.change(({ letInBy, ...record }) => (letInBy === undefined ? null : record));
    await this.#invitedAgain(live);
    // Given up while I waited for it; an earlier page may have died before it said so.
    if (live.record.hidden && hasJoined(live.group.members.view, live.group.id)) await live.group.leave();
  }

  /** Whoever deleted it is asked again, as by a first invitation: if a contact brings it. */
  async #invitedAgain(live: LiveGroup): Promise<void> {
    const { members, id } = live.group;
    if (!live.record.hidden || members.view.member(id)?.state !== 'invited') return;
    const there = [...live.linked].filter((member) => hasJoined(members.view, member));
    const inviter = there.map((member) => this.reach.contact(member)).find((contact) => contact !== undefined);
    if (!inviter) return;
    const { fingerprint: invitedBy } = inviter;
    const isNew = await live.change((record) => (record.hidden ? { ...record, hidden: false, invitedBy } : null));
    if (isNew) this.options.shown(live, { fresh: [], gone: [], isNew: true });
  }

  /** Both sides begin anew with each other: ours remembers nothing of what was agreed on the links. */
  #openedAnew(live: LiveGroup): void {
    this.#put(live);
    this.#company.endAllOf(live);
    this.options.changed();
  }

  #tickLater(): void {
    this.#timer = this.options.clock.after(TICK_MS, () => {
      this.#ticks += 1;
      const isIdleTurn = this.#ticks % IDLE_TICKS === 0;
      const busy = this.#shelf.everyone().filter(({ linked }) => linked.size > 0 || isIdleTurn);
      void Promise.allSettled(busy.map((live) => live.tick())).then(() => this.#closed || this.#tickLater());
    });
  }

  #inBackground(work: Promise<unknown>): void {
    inBackground(this.options.log, 'group not followed', work);
  }
}
