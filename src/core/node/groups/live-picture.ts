// The picture of a group that is open. The log holds its hash; the bytes are fetched from whoever of the linked members has them.
import { equalBytes } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { sha256 } from '../../crypto/kdf.ts';
import { KithError, kindOf } from '../../errors.ts';
import { hasJoined, type MemberId } from '../../group/members-view.ts';
import { safeImageHeader } from '../../image-header.ts';
import type { Store } from '../../ports/store.ts';
import { Queue } from '../../queue.ts';
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
  /** Who asked me for one that I do not have, and for which, hexadecimal; and who was given the wanted one: once in a session. */
  readonly #askers = new Map<MemberId, string>();
  readonly #given = new Set<MemberId>();
  /** The disk has one at a time: what comes while mine is being signed waits until that is named, or is not. */
  readonly #queue = new Queue();

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
    if (isNew) {
      this.#asked.clear();
      this.#given.clear();
    }
    // Who was linked before they had joined is asked now.
    for (const member of this.#live.linked) this.linked(member);
  }

  linked(member: MemberId): void {
    const wanted = this.#wanted;
    if (!wanted || wanted.size > MAX_THUMBNAIL_BYTES || this.#isHere() || this.#asked.has(member)) return;
    if (!hasJoined(this.#live.group.members.view, member)) return;
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
    await this.#queue.run(async () => {
      if (this.#isHere() || !this.#wanted || toHex(this.#wanted.sha256) !== held.hash) return;
      this.#held = held;
      this.#live.pictureChanged();
      // Shown where the disk has no room for it too; the next page asks for it again.
      await this.#keep(held).catch((error: unknown) => {
        this.#live.options.log('warn', 'picture of a group not kept', { kind: kindOf(error) });
      });
    });
    this.#giveAskers();
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
    const signed = { sha256: await sha256(Uint8Array.from(picture)), size: picture.length };
    await this.#queue.run(async () => {
      const before = this.#held;
      // Before anybody is told: whoever names a picture has it.
      await this.#keep(held);
      try {
        await group.act({ do: 'picture', picture: signed });
      } catch (error) {
        if (before) await this.#keep(before);
        throw error;
      }
    });
    this.#giveAskers();
  }

  #giveAskers(): void {
    const hash = this.#held?.hash;
    for (const [asker, wanted] of this.#askers) if (wanted === hash) this.#give(asker, fromHex(wanted));
  }

  #give(to: MemberId, wanted: Uint8Array): void {
    const { group, options, record } = this.#live;
    if (!hasJoined(group.members.view, to)) return;
    const hash = toHex(wanted);
    if (this.#held?.hash !== hash) {
      // They may know of one that has not reached me.
      this.#askers.set(to, hash);
      return;
    }
    this.#askers.delete(to);
    if (this.#given.has(to)) return;
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
