// The picture of a group that is open. The log holds its hash; the bytes are fetched from whoever of the linked members has them.
import { equalBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { sha256 } from '../../crypto/kdf.ts';
import { KithError } from '../../errors.ts';
import { hasJoined, type MemberId } from '../../group/members-view.ts';
import { safeImageHeader } from '../../image-header.ts';
import type { Store } from '../../ports/store.ts';
import { type PictureTalk, pictureTalkSchema } from '../../wire/group-picture.ts';
import type { GroupSays } from '../../wire/group-says.ts';
import { MAX_THUMBNAIL_BYTES } from '../../wire/limits.ts';
import { groupKeys } from './group-records.ts';
import type { LiveGroup } from './live-group.ts';

/** What a group's log says of its picture. */
interface Signed {
  readonly sha256: Uint8Array;
  readonly size: number;
}

interface Held {
  /** Of `bytes`, hexadecimal. */
  readonly hash: string;
  readonly bytes: Uint8Array;
}

const types = new Set<string>(['image/jpeg', 'image/png', 'image/webp']);

export class LivePicture {
  readonly #live: LiveGroup;
  #wanted: Signed | null = null;
  #held: Held | undefined;
  /** Who was asked for the wanted one, in this session with them. */
  readonly #asked = new Set<MemberId>();
  /** Who asked me for it before I had it, and who was given it: once in a session. */
  readonly #askers = new Set<MemberId>();
  readonly #given = new Set<MemberId>();

  constructor(live: LiveGroup) {
    this.#live = live;
  }

  /** Null: none, or not here yet. */
  get shown(): Uint8Array | null {
    return this.#isHere() ? (this.#held?.bytes ?? null) : null;
  }

  /** Reads what the disk has. */
  async load(): Promise<void> {
    const bytes = await this.#store.get('group-state', groupKeys.picture(this.#live.id));
    if (bytes) this.#held = await heldOf(bytes);
  }

  /** The log may name another one. */
  look(wanted: Signed | null): void {
    const isNew = !sameSigned(this.#wanted, wanted);
    this.#wanted = wanted;
    if (!isNew) return;
    this.#asked.clear();
    this.#askers.clear();
    this.#given.clear();
    for (const member of this.#live.linked) this.linked(member);
  }

  linked(member: MemberId): void {
    const wanted = this.#wanted;
    if (!wanted || wanted.size > MAX_THUMBNAIL_BYTES || this.#isHere() || this.#asked.has(member)) return;
    this.#asked.add(member);
    const group = Uint8Array.from(this.#live.record.group);
    this.#live.options.send(member, { type: 'group-picture-ask', group, sha256: Uint8Array.from(wanted.sha256) });
  }

  unlinked(member: MemberId): void {
    for (const members of [this.#asked, this.#askers, this.#given]) members.delete(member);
  }

  /** Of a member. What they were not asked for, or what is not what was signed, is not looked at. */
  async received(from: MemberId, message: PictureTalk): Promise<void> {
    if (message.type === 'group-picture-ask') return this.#give(from, message.sha256);
    if (!this.#asked.has(from) || this.#isHere()) return;
    const held = await heldOf(message.picture);
    if (!this.#wanted || toHex(this.#wanted.sha256) !== held.hash) return;
    await this.#keep(held);
    this.#live.pictureChanged();
    for (const asker of this.#askers) this.#give(asker, this.#wanted.sha256);
    this.#askers.clear();
  }

  /** Sets it for everybody, or takes it away. @throws KithError 'picture-unreadable' for what is no small picture; as Group.act */
  async set(picture: Uint8Array | null): Promise<void> {
    const { group } = this.#live;
    if (picture === null) {
      await group.act({ do: 'picture', picture: null });
      return;
    }
    const header = picture.length <= MAX_THUMBNAIL_BYTES ? safeImageHeader(picture) : null;
    if (header === null || !types.has(header.type)) throw new KithError('picture-unreadable');
    const held = await heldOf(Uint8Array.from(picture));
    const before = this.#held;
    // Before anybody is told: whoever names a picture has it.
    await this.#keep(held);
    try {
      await group.act({ do: 'picture', picture: { sha256: await sha256(held.bytes), size: held.bytes.length } });
    } catch (error) {
      if (before) await this.#keep(before);
      throw error;
    }
  }

  #give(to: MemberId, wanted: Uint8Array): void {
    const { group, options, record } = this.#live;
    if (!hasJoined(group.members.view, to) || this.#given.has(to)) return;
    const isWanted = this.#wanted !== null && equalBytes(this.#wanted.sha256, wanted);
    if (isWanted && !this.#isHere()) this.#askers.add(to);
    if (this.#held?.hash !== toHex(wanted)) return;
    this.#given.add(to);
    const picture = Uint8Array.from(this.#held.bytes);
    options.send(to, { type: 'group-picture', group: Uint8Array.from(record.group), picture });
  }

  async #keep(held: Held): Promise<void> {
    const key = groupKeys.picture(this.#live.id);
    await this.#store.commit([{ put: 'group-state', key, value: held.bytes }], 'strict');
    this.#held = held;
  }

  #isHere(): boolean {
    return this.#wanted !== null && this.#held?.hash === toHex(this.#wanted.sha256);
  }

  get #store(): Store {
    return this.#live.options.store;
  }
}

/** @param bytes kept as they are. */
const heldOf = async (bytes: Uint8Array): Promise<Held> => ({
  hash: toHex(await sha256(Uint8Array.from(bytes))),
  bytes,
});

const sameSigned = (one: Signed | null, other: Signed | null): boolean =>
  one === other || (one !== null && other !== null && equalBytes(one.sha256, other.sha256));

const talk = new Set<string>(pictureTalkSchema.options.map(({ entries }) => entries.type.literal));

export const isPictureTalk = (message: GroupSays): message is PictureTalk => talk.has(message.type);
