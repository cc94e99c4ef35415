// One group while the page is open: the group itself, its disk, who of it is linked, and what its conversation shows.
import { equalBytes } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { SigningKey } from '../../crypto/sign.ts';
import { signingKeyFromSeed } from '../../crypto/sign.ts';
import { KithError, kindOf } from '../../errors.ts';
import type { Draft } from '../../group/events.ts';
import { Group, type GroupOut } from '../../group/group.ts';
import type { Shown } from '../../group/history/history.ts';
import { Places } from '../../group/history/places.ts';
import { type Line, linesOf } from '../../group/lines.ts';
import { hasJoined, type MemberId } from '../../group/members-view.ts';
import { evaluateAll } from '../../group/membership/evaluate.ts';
import { webCrypto } from '../../group/membership/reading.ts';
import type { Identity } from '../../identity/keys.ts';
import type { Mention } from '../../node-api.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { Store } from '../../ports/store.ts';
import { Queue } from '../../queue.ts';
import type { Acquaintance } from '../../wire/group-acquaintance.ts';
import { type GroupFileTalk, groupFileTalkSchema } from '../../wire/group-files.ts';
import type { GroupSays } from '../../wire/group-says.ts';
import { Attachments } from './files/attachments.ts';
import { LiveFiles } from './files/live-files.ts';
import { GroupDisk, type Stored } from './group-disk.ts';
import type { GroupRecord, SeenRecord } from './group-records.ts';
import { isPictureTalk, LivePicture } from './live-picture.ts';
import { ScreenOrder } from './screen-order.ts';

export interface LiveGroupOptions {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly maxFileBytes: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly self: Identity;
  readonly readReceipts: () => boolean;
  readonly send: (to: MemberId, message: GroupSays) => void;
  /** Whom to look for has changed (`sought`). */
  readonly seek: (group: LiveGroup) => void;
  readonly dial: (group: LiveGroup, member: MemberId) => void;
  readonly drop: (group: LiveGroup, member: MemberId) => void;
  readonly changed: (group: LiveGroup, change: ShownChange) => void;
  readonly membersChanged: (group: LiveGroup) => void;
  /** Its disk could not take something: what it holds in memory is ahead, and it has to be opened anew. */
  readonly failed: (group: LiveGroup) => void;
}

/** Ids of items that are new or different, and of those that are no more. `isNew`: everything has a new place and is read again. */
export interface ShownChange {
  readonly fresh: readonly string[];
  readonly gone: readonly string[];
  readonly isNew: boolean;
}

/** A message, a line of the log, or a text that waits for somebody who takes it, where it stands. */
export type Item =
  | { readonly is: 'message'; readonly id: string; readonly shown: Shown }
  | { readonly is: 'line'; readonly id: string; readonly line: Line }
  | { readonly is: 'draft'; readonly id: string; readonly draft: Draft; readonly at: number };

interface WrittenText {
  readonly text: string;
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly mentions: readonly Mention[];
}

/** Own messages whose receipts are told anew when one came: older ones are read when somebody looks. */
const RECENT_OWN = 200;

export class LiveGroup {
  readonly linked = new Set<MemberId>();
  /** Sessions with these are of use to it; undefined until it has been tended once. */
  sought: Set<MemberId> | undefined;
  readonly order = new ScreenOrder();
  /** Authors who signed two operations in one place. */
  readonly forked = new Set<MemberId>();
  readonly disk: GroupDisk;
  readonly files: LiveFiles;
  readonly attachments = new Attachments(this);
  readonly picture = new LivePicture(this);
  /** Everything that the disk held when it was opened could be read, and is in the group. */
  isWhole = true;
  items: readonly Item[] = [];
  seen = new Map<MemberId, Places>();
  /** When texts that wait were written, as far as this page knows. */
  private readonly writtenAt = new Map<string, number>();
  /** Its disk failed: shown as it was, and nothing is done with it until it is opened anew. */
  isBroken = false;
  /** Of an invitation that is not known to be one: kept in memory alone. */
  private pending: { readonly operations: Uint8Array[]; readonly stores: Stored[] } | undefined;
  /** What it holds is being written. */
  isSettling = false;
  private readonly changes = new Queue();
  group!: Group;

  private constructor(
    readonly options: LiveGroupOptions,
    public record: GroupRecord,
  ) {
    this.disk = new GroupDisk(options.store, record.id, options.log);
    this.files = new LiveFiles({
      ...options,
      id: record.id,
      group: Uint8Array.from(record.group),
      self: toHex(options.self.fingerprint),
      mayRead: (entry, member) => this.group.mayRead(entry, member),
      changed: (messages) => this.showFiles(messages),
    });
  }

  get id(): string {
    return this.record.id;
  }

  /**
   * Changes the record on the disk, and then in memory: what could not be kept is not so. One change after the other.
   * @param make From the record as it is by then; null: there is nothing to do, and `change` resolves with false.
   */
  change(
    make: (record: GroupRecord) => GroupRecord | null,
    save = (record: GroupRecord) => this.disk.save(record),
  ): Promise<boolean> {
    return this.changes.run(async () => {
      const record = make(this.record);
      if (record === null) return false;
      await save(record);
      this.record = record;
      return true;
    });
  }

  /** Of the disk. */
  static async open(options: LiveGroupOptions, record: GroupRecord): Promise<LiveGroup> {
    const live = new LiveGroup(options, record);
    const { seen, ...stored } = await live.disk.load(record.group);
    live.seen = new Map(seen.map(({ author, high, missing }) => [author, new Places(high, missing)]));
    const key = record.seed && (await signingKeyFromSeed(record.seed));
    live.group = await Group.open(live.kit(key), stored);
    const { log, history } = live.group;
    const isTaken = log.size === stored.operations.length && history.size === stored.messages.length;
    live.isWhole = isTaken && !live.disk.isDamaged;
    await live.picture.load();
    live.arrange();
    return live;
  }

  /** One that I have made, or (without a key) that somebody says I am invited to. */
  static async begin(options: LiveGroupOptions, record: GroupRecord, key?: SigningKey): Promise<LiveGroup> {
    const live = new LiveGroup(options, record);
    if (key === undefined) live.pending = { operations: [], stores: [] };
    live.disk.begin(record);
    live.group = await Group.open(live.kit(key));
    return live;
  }

  get isProvisional(): boolean {
    return this.pending !== undefined;
  }

  /** An admin has let me in by a card, and what says so is not here yet. */
  get isAwaited(): boolean {
    const { members, id } = this.group;
    return this.record.letInBy !== undefined && !hasJoined(members.view, id);
  }

  /** Nothing of it is here, or not yet what says that I was let in: who has never belonged to it was not removed either. */
  get isUnknown(): boolean {
    const { log, members, id } = this.group;
    return log.size === 0 || (this.isAwaited && members.removedAfter(id, [this.record.group]).length === 0);
  }

  /** The invitation is one: it goes to the disk, or stays in memory alone. False: it is there, or on its way. @throws KithError 'disk-full' */
  async settle(): Promise<boolean> {
    if (!this.pending || this.isSettling) return false;
    this.isSettling = true;
    try {
      await this.writePending(this.pending);
    } finally {
      this.isSettling = false;
    }
    this.arrange();
    return true;
  }

  /** Also what comes meanwhile: until all of it is there, nothing goes past it. */
  private async writePending({ operations, stores }: NonNullable<LiveGroup['pending']>): Promise<void> {
    for (;;) {
      const { length } = operations;
      const [store] = stores;
      if (length > 0) {
        await this.disk.keep(operations);
        operations.splice(0, length);
      } else if (store) {
        await this.disk.write(store);
        stores.shift();
      } else break;
    }
    this.pending = undefined;
  }

  private kit(key: SigningKey | undefined) {
    const { self, clock, random, readReceipts } = this.options;
    return {
      groupId: Uint8Array.from(this.record.group),
      self,
      key,
      clock,
      random,
      verbs: webCrypto,
      readReceipts: readReceipts(),
      out: (effect: GroupOut) => this.perform(effect),
    };
  }

  private async perform(effect: GroupOut): Promise<void> {
    const { options } = this;
    switch (effect.do) {
      case 'keep':
        if (this.pending) this.pending.operations.push(...effect.operations);
        else await this.onDisk(() => this.disk.keep(effect.operations));
        return;
      case 'store':
        if (this.pending) this.pending.stores.push(effect);
        else await this.onDisk(() => this.disk.write(effect));
        if (effect.drafts) this.showChanges([]);
        if (effect.receipt) this.showReceipts();
        return;
      case 'send':
        return options.send(effect.to, effect.message);
      case 'seek':
        this.sought = new Set(effect.peers);
        return options.seek(this);
      case 'dial':
        return options.dial(this, effect.peer);
      case 'drop':
        return options.drop(this, effect.peer);
      case 'messages':
        return this.showChanges(effect.arrived);
      case 'members':
        this.showChanges([]);
        return options.membersChanged(this);
      case 'forked':
        this.forked.add(effect.author);
        return;
      case 'refused':
        options.log('debug', 'part of a group refused', { kind: effect.kind });
    }
  }

  private async onDisk(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.isBroken = true;
      this.options.failed(this);
      throw error;
    }
  }

  private showChanges(arrived: readonly string[]): void {
    const before = new Set(this.items.map(({ id }) => id));
    const isNew = this.arrange();
    const now = new Set(this.items.map(({ id }) => id));
    const isFresh = (item: Item) =>
      !before.has(item.id) || (item.is === 'message' && arrived.includes(item.shown.entry.hash));
    const fresh = this.items.filter(isFresh).map(({ id }) => id);
    this.options.changed(this, { fresh, gone: [...before].filter((id) => !now.has(id)), isNew });
  }

  private showReceipts(): void {
    const own = this.items.filter((item) => item.is === 'message' && item.shown.entry.from === this.group.id);
    this.options.changed(this, { fresh: own.slice(-RECENT_OWN).map(({ id }) => id), gone: [], isNew: false });
  }

  private showFiles(messages: readonly string[]): void {
    const moved = this.items.filter((item) => item.is === 'message' && messages.includes(item.shown.entry.hash));
    if (moved.length > 0) this.options.changed(this, { fresh: moved.map(({ id }) => id), gone: [], isNew: false });
  }

  pictureChanged(): void {
    this.options.changed(this, { fresh: [], gone: [], isNew: false });
  }

  /** Puts messages and lines in the order on show, and behind them what waits. True when places were renumbered. */
  private arrange(): boolean {
    const { group } = this;
    const messages = group.history.shown().filter(({ entry }) => entry.message.body.type !== 'system');
    const entries = messages.map(({ entry }) => entry);
    this.files.look(entries);
    this.picture.look(evaluateAll(group.log).picture);
    const lines = linesOf(group.log, group.members, entries);
    const items: Item[] = [];
    let next = 0;
    for (let at = 0; at <= messages.length; at += 1) {
      for (let line = lines[next]; line !== undefined && line.after <= at; line = lines[next]) {
        items.push({ is: 'line', id: line.id, line });
        next += 1;
      }
      const shown = messages[at];
      if (shown) items.push({ is: 'message', id: this.idOf(shown), shown });
    }
    const taken = new Set(items.map(({ id }) => id));
    for (const draft of group.drafts) {
      const id = toHex(draft.id);
      if (taken.has(id)) continue;
      const at = this.writtenAt.get(id) ?? this.options.clock.now();
      this.writtenAt.set(id, at);
      items.push({ is: 'draft', id, draft, at });
    }
    this.items = items;
    return this.order.update(items.map(({ id }) => id));
  }

  /** My own messages keep the id under which they were written. Ids of others are theirs to choose, hashes are not. */
  private idOf({ entry, verdict }: Shown): string {
    const isPlain = entry.from === this.group.id && verdict === 'counts';
    return isPlain ? toHex(entry.message.id) : entry.hash.slice(0, 32);
  }

  hasSeen({ entry }: Shown): boolean {
    return entry.from === this.group.id || (this.seen.get(entry.from)?.has(entry.message.seq) ?? false);
  }

  /** A person has seen everything on show. */
  async markSeen(): Promise<void> {
    for (const item of this.items) {
      if (item.is !== 'message' || this.hasSeen(item.shown)) continue;
      const { from, message } = item.shown.entry;
      const places = this.seen.get(from) ?? new Places();
      places.add(message.seq);
      this.seen.set(from, places);
    }
    const record: SeenRecord = [...this.seen].map(([author, { high, missing }]) => ({
      author,
      high,
      missing: missing.map(([first, last]) => [first, last]),
    }));
    await this.disk.seen(record);
    await this.group.seen();
  }

  /** @throws KithError 'group-not-member' when I do not belong to it */
  async write({ text, id, mentions }: WrittenText): Promise<void> {
    const { group } = this;
    if (!hasJoined(group.members.view, group.id)) throw new KithError('group-not-member');
    if (this.hasWritten(id)) return;
    const named = mentions.map(({ start, length, memberId }) => ({ start, length, member: fromHex(memberId) }));
    await group.write({ id, body: { type: 'text', text, ...(named.length === 0 ? {} : { mentions: named }) } });
  }

  /** A message of mine with this id (16 bytes) waits, or has left. */
  hasWritten(id: Uint8Array): boolean {
    const { group } = this;
    return group.history.hasId(group.id, id) || group.drafts.some((draft) => equalBytes(draft.id, id));
  }

  /** Takes back what waits; what has left stays. @param id 32 hexadecimal digits */
  async withdraw(id: string): Promise<void> {
    const draft = this.group.drafts.find((one) => toHex(one.id) === id);
    if (draft && (await this.group.withdraw(draft.id)) && draft.body.type === 'file') await this.files.forget(draft.id);
  }

  /** Names in the store of sealed units of everything that was said here, whether it counts today or not, or waits. */
  blobIds(): Promise<string[]> {
    const { history, drafts } = this.group;
    return this.files.blobIds(history.all(), drafts);
  }

  /** Whatever a member says about this group. @throws nothing for what it says */
  async received(from: MemberId, message: Exclude<GroupSays, Acquaintance>): Promise<void> {
    if (isPictureTalk(message)) await this.picture.received(from, message);
    else if (isFileTalk(message)) await this.files.received(from, message);
    else await this.group.received(from, message);
  }

  /** Of the message with this id on the screen; '' of anything else. */
  hashOf(itemId: string): string {
    const item = this.items.find(({ id }) => id === itemId);
    return item?.is === 'message' ? item.shown.entry.hash : '';
  }

  /** A session with this person is there, and they may belong to the group. */
  async link(member: MemberId): Promise<void> {
    if (this.isBroken || this.linked.has(member)) return;
    this.linked.add(member);
    this.files.linked(member);
    this.picture.linked(member);
    await this.group.linked(member);
  }

  async unlink(member: MemberId): Promise<void> {
    if (!this.linked.delete(member)) return;
    this.files.unlinked(member);
    this.picture.unlinked(member);
    await this.group.unlinked(member);
  }

  /** The group as text, for the log of a failure. */
  get name(): string {
    return toHex(this.record.group).slice(0, 8);
  }

  async tick(): Promise<void> {
    if (this.isBroken) return;
    try {
      await this.group.tick();
      this.files.tick();
    } catch (error) {
      this.options.log('warn', 'group not tended', { kind: kindOf(error) });
    }
  }
}

const fileTalk = new Set<string>(groupFileTalkSchema.options.map(({ entries }) => entries.type.literal));

const isFileTalk = (message: GroupSays): message is GroupFileTalk => fileTalk.has(message.type);
