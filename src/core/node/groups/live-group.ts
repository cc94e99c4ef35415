// One group while the page is open: the group itself, its disk, who of it is linked, and what its conversation shows.
import { toHex } from '../../bytes/hex.ts';
import type { SigningKey } from '../../crypto/sign.ts';
import { signingKeyFromSeed } from '../../crypto/sign.ts';
import { kindOf } from '../../errors.ts';
import { Group, type GroupOut } from '../../group/group.ts';
import type { Entry } from '../../group/history/entry.ts';
import { hasJoined, type MemberId } from '../../group/members-view.ts';
import { evaluateAll } from '../../group/membership/evaluate.ts';
import { webCrypto } from '../../group/membership/reading.ts';
import type { Identity } from '../../identity/keys.ts';
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
import { GroupDisk } from './group-disk.ts';
import type { GroupRecord } from './group-records.ts';
import { isPictureTalk, LivePicture } from './live-picture.ts';
import { OwnMessages } from './own-messages.ts';
import { Pending } from './pending.ts';
import { type ShownChange, Transcript } from './transcript.ts';

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

export class LiveGroup {
  readonly linked = new Set<MemberId>();
  /** Sessions with these are of use to it; undefined until it has been tended once. */
  sought: Set<MemberId> | undefined;
  readonly transcript: Transcript;
  /** Authors who signed two operations in one place. */
  readonly forked = new Set<MemberId>();
  readonly disk: GroupDisk;
  readonly files: LiveFiles;
  readonly own = new OwnMessages(this);
  readonly attachments = new Attachments(this);
  readonly picture = new LivePicture(this);
  /** Everything that the disk held when it was opened could be read, and is in the group. */
  isWhole = true;
  /** Its disk failed: shown as it was, and nothing is done with it until it is opened anew. */
  isBroken = false;
  /** Of an invitation that is not known to be one: kept in memory alone. */
  private pending: Pending | undefined;
  private readonly changes = new Queue();
  /** Messages (hashes) whose file waits, and whose author was gone when the members changed last. */
  private orphans: ReadonlySet<string> = new Set();
  group!: Group;

  private constructor(
    readonly options: LiveGroupOptions,
    public record: GroupRecord,
  ) {
    this.disk = new GroupDisk(options.store, record.id, options.log);
    this.transcript = new Transcript(options.clock);
    this.files = new LiveFiles({
      ...options,
      id: record.id,
      group: Uint8Array.from(record.group),
      self: toHex(options.self.fingerprint),
      // What is void its author may yet take back.
      mayRead: (entry, member) => this.group.history.verdict(entry) !== 'void' && this.group.mayRead(entry, member),
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
    live.transcript.load(seen);
    const key = record.seed && (await signingKeyFromSeed(record.seed));
    live.group = await Group.open(live.kit(key), stored);
    const { log, history } = live.group;
    const isTaken = log.size === stored.operations.length && history.size === stored.messages.length;
    live.isWhole = isTaken && !live.disk.isDamaged;
    await live.picture.load();
    live.transcript.unsee(history.voidPlaces());
    live.arrange();
    return live;
  }

  /** One that I have made, or (without a key) that somebody says I am invited to. */
  static async begin(options: LiveGroupOptions, record: GroupRecord, key?: SigningKey): Promise<LiveGroup> {
    const live = new LiveGroup(options, record);
    if (key === undefined) live.pending = new Pending();
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

  /** Something was read or written here. */
  get hasBelonged(): boolean {
    return this.group.history.size > 0 || this.group.drafts.length > 0;
  }

  /** Nothing of it is here, or not yet what says that I was let in: who has never belonged to it was not removed either. */
  get isUnknown(): boolean {
    const { log, members, id } = this.group;
    return log.size === 0 || (this.isAwaited && members.removedAfter(id, [this.record.group]).length === 0);
  }

  /** It is being written, and will be there at the next start. */
  get isSettling(): boolean {
    return this.pending?.isSettling ?? false;
  }

  /** The invitation is one: it goes to the disk, or stays in memory alone. False: it is there, or on its way. @throws KithError 'disk-full' */
  async settle(): Promise<boolean> {
    const { pending, disk } = this;
    if (!pending || pending.isSettling) return false;
    pending.isSettling = true;
    try {
      // Also what comes meanwhile: until all of it is there, nothing goes past it.
      while (!pending.isEmpty) await pending.writeSome(disk);
      this.pending = undefined;
    } finally {
      pending.isSettling = false;
    }
    this.arrange();
    return true;
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
        if (this.pending) this.pending.keep(effect.operations);
        else await this.onDisk(() => this.disk.keep(effect.operations));
        return;
      case 'store':
        if (this.pending) this.pending.store(effect);
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
        this.transcript.unsee(this.group.history.voidPlaces());
        this.showChanges([]);
        // What a removal names has come to its author's eyes by this alone.
        if (!hasJoined(this.group.members.view, this.group.id)) this.showReceipts();
        this.showOrphans();
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

  /** @param arrived Hashes of messages that came by themselves */
  showChanges(arrived: readonly string[]): void {
    this.options.changed(
      this,
      this.transcript.changeBy(() => this.arrange(), arrived),
    );
  }

  private showReceipts(): void {
    this.options.changed(this, this.transcript.recentOf(this.group.id));
  }

  private showFiles(messages: readonly string[]): void {
    const change = this.transcript.anew(messages);
    if (change) this.options.changed(this, change);
  }

  /** Files that wait, and whose sender is gone or back since the last time. */
  private showOrphans(): void {
    const { view } = this.group.members;
    const orphans = new Set(this.files.waiting((author) => !hasJoined(view, author)));
    const isOther = (hash: string) => orphans.has(hash) !== this.orphans.has(hash);
    const changed = [...orphans, ...this.orphans].filter(isOther);
    this.orphans = orphans;
    if (changed.length > 0) this.showFiles(changed);
  }

  pictureChanged(): void {
    this.options.changed(this, { fresh: [], gone: [], isNew: false });
  }

  /** What is here now is what shows. True when places were renumbered. */
  private arrange(): boolean {
    const { group } = this;
    const shown = group.history.shown(group.id);
    const messages = shown.filter((one) => one.entry.message.body.type !== 'system' && !this.own.isRemoved(one));
    this.files.look(messages.map(({ entry }) => entry));
    this.picture.look(evaluateAll(group.log).picture);
    return this.transcript.arrange(group, messages);
  }

  /** A person has seen everything on show. */
  async markSeen(): Promise<void> {
    await this.disk.seen(this.transcript.seeAll(this.group.id));
    await this.group.seen();
  }

  /** Names in the store of sealed units of everything that was said here, whether it counts today or not, or waits; not of what I removed. */
  blobIds(): Promise<string[]> {
    const { history, drafts } = this.group;
    const isGone = (entry: Entry) => this.disk.isRemoved(entry.hash) && history.verdict(entry) === 'void';
    const entries = history.all().filter((entry) => !isGone(entry));
    return this.files.blobIds(entries, drafts);
  }

  /** Whatever a member says about this group. @throws nothing for what it says */
  async received(from: MemberId, message: Exclude<GroupSays, Acquaintance>): Promise<void> {
    if (isPictureTalk(message)) await this.picture.received(from, message);
    else if (isFileTalk(message)) await this.files.received(from, message);
    else await this.group.received(from, message);
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
