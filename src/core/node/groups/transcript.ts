// What the conversation of a group shows: messages, lines of the log, and behind them what waits, each in its place; and what of it was seen.
import { toHex } from '../../bytes/hex.ts';
import type { Draft } from '../../group/events.ts';
import type { Group } from '../../group/group.ts';
import type { Shown } from '../../group/history/history.ts';
import { Places } from '../../group/history/places.ts';
import { type Line, linesOf } from '../../group/lines.ts';
import type { MemberId } from '../../group/members-view.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SeenRecord } from './group-records.ts';
import { ScreenOrder } from './screen-order.ts';

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

/** Own messages whose receipts are told anew when one came: older ones are read when somebody looks. */
const RECENT_OWN = 200;

export class Transcript {
  items: readonly Item[] = [];
  readonly order = new ScreenOrder();
  #seen = new Map<MemberId, Places>();
  /** When texts that wait were written, as far as this page knows. */
  readonly #writtenAt = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** As it is on the disk. */
  load(seen: SeenRecord): void {
    this.#seen = new Map(seen.map(({ author, high, missing }) => [author, new Places(high, missing)]));
  }

  /** Puts `messages` and lines in the order on show, and behind them what waits. True when places were renumbered. */
  arrange(group: Group, messages: readonly Shown[]): boolean {
    const items = this.#withLines(group, messages);
    const taken = new Set(items.map(({ id }) => id));
    for (const draft of group.drafts) {
      const id = toHex(draft.id);
      if (taken.has(id)) continue;
      const at = draft.at ?? this.#writtenAt.get(id) ?? this.clock.now();
      this.#writtenAt.set(id, at);
      const item: Item = { is: 'draft', id, draft, at };
      // What waits stands below everything; what was dropped stays where it was written.
      items.splice(isDropped(item) ? placeAt(group, items, at) : items.length, 0, item);
    }
    this.items = items;
    return this.order.update(items.map(({ id }) => id));
  }

  #withLines(group: Group, messages: readonly Shown[]): Item[] {
    const entries = messages.map(({ entry }) => entry);
    const lines = linesOf(group.log, group.members, entries);
    const items: Item[] = [];
    let next = 0;
    for (let at = 0; at <= messages.length; at += 1) {
      for (let line = lines[next]; line !== undefined && line.after <= at; line = lines[next]) {
        items.push({ is: 'line', id: line.id, line });
        next += 1;
      }
      const shown = messages[at];
      if (shown) items.push({ is: 'message', id: idOf(group, shown), shown });
    }
    return items;
  }

  /**
   * What `arrange`, which answers as above, changes on the screen.
   * @param arrived Hashes of messages that are different though they were there.
   */
  changeBy(arrange: () => boolean, arrived: readonly string[]): ShownChange {
    const stateOf = (item: Item) => `${this.order.of(item.id)} ${isDropped(item)}`;
    const before = new Map(this.items.map((item) => [item.id, stateOf(item)]));
    const isNew = arrange();
    const now = new Set(this.items.map(({ id }) => id));
    const isFresh = (item: Item) =>
      before.get(item.id) !== stateOf(item) || (item.is === 'message' && arrived.includes(item.shown.entry.hash));
    const fresh = this.items.filter(isFresh).map(({ id }) => id);
    return { fresh, gone: [...before.keys()].filter((id) => !now.has(id)), isNew };
  }

  /** Messages of this member, the newest of them, are told anew. */
  recentOf(member: MemberId): ShownChange {
    const own = this.items.filter((item) => item.is === 'message' && item.shown.entry.from === member);
    return { fresh: own.slice(-RECENT_OWN).map(({ id }) => id), gone: [], isNew: false };
  }

  /** These messages (hashes) are told anew; undefined: none of them is on show. */
  anew(messages: readonly string[]): ShownChange | undefined {
    const wanted = new Set(messages);
    const moved = this.items.filter((item) => item.is === 'message' && wanted.has(item.shown.entry.hash));
    return moved.length === 0 ? undefined : { fresh: moved.map(({ id }) => id), gone: [], isNew: false };
  }

  find(itemId: string): Item | undefined {
    return this.items.find(({ id }) => id === itemId);
  }

  /** Of the message with this id on the screen; '' of anything else. */
  hashOf(itemId: string): string {
    const item = this.find(itemId);
    return item?.is === 'message' ? item.shown.entry.hash : '';
  }

  /** What was seen of messages that do not count any more. */
  unsee(places: readonly { readonly author: MemberId; readonly seq: number }[]): void {
    for (const { author, seq } of places) this.#seen.get(author)?.remove(seq);
  }

  /** By me, who am `self`, or `self` wrote it. */
  hasSeen({ entry }: Shown, self: MemberId): boolean {
    return entry.from === self || (this.#seen.get(entry.from)?.has(entry.message.seq) ?? false);
  }

  /** A person has seen everything on show: the record that says so. */
  seeAll(self: MemberId): SeenRecord {
    for (const item of this.items) {
      if (item.is !== 'message' || this.hasSeen(item.shown, self)) continue;
      const { from, message } = item.shown.entry;
      const places = this.#seen.get(from) ?? new Places();
      places.add(message.seq);
      this.#seen.set(from, places);
    }
    return [...this.#seen].map(([author, { high, missing }]) => ({
      author,
      high,
      missing: missing.map(([first, last]) => [first, last]),
    }));
  }
}

/** Behind the last that was written before, and before what ended my place in the group. */
function placeAt(group: Group, items: readonly Item[], time: number): number {
  const isEarlier = (item: Item) =>
    item.is === 'message' ? group.history.timeOf(item.shown.entry) <= time : item.is === 'draft' && item.at <= time;
  let place = 1 + items.findLastIndex(isEarlier);
  for (let item = items[place]; item?.is === 'line' && !endsSeat(item.line, group.id); item = items[place]) place += 1;
  return place;
}

const endsSeat = ({ body, whom }: Line, self: MemberId): boolean =>
  (body.do === 'remove' || body.do === 'leave') && whom === self;

/** Mine, and kept out of the group because I was outside. */
export const isDropped = (item: Item): boolean =>
  item.is === 'draft' ? item.draft.dropped === true : item.is === 'message' && item.shown.verdict === 'void';

/** My own messages keep the id under which they were written. Ids of others are theirs to choose, hashes are not. */
function idOf(group: Group, { entry, verdict }: Shown): string {
  const isPlain = entry.from === group.id && verdict !== 'conflict';
  return isPlain ? toHex(entry.message.id) : entry.hash.slice(0, 32);
}
