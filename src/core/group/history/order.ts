// The order on screen, the same for everybody who has the same messages (HISTORY.md, "Order"). A message's time is its author's
// clock, pushed behind those of all its parents: a hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014). Its
// author writes it into the message, so that who may not read the parents puts it at the same place.
import type { Entry, MessageHash } from './entry.ts';

interface Placed {
  readonly entry: Entry;
  /** ms; greater than that of every parent that is here. */
  time: number;
}

export class Order {
  readonly #placed = new Map<MessageHash, Placed>();
  readonly #children = new Map<MessageHash, MessageHash[]>();
  #sorted: Placed[] | undefined = [];

  /** Everything, first to last. */
  list(): readonly Entry[] {
    this.#sorted ??= [...this.#placed.values()].sort(compare);
    return this.#sorted.map(({ entry }) => entry);
  }

  /** Place in time of a message that is here, ms. */
  timeOf(hash: MessageHash): number {
    return this.#placed.get(hash)?.time ?? 0;
  }

  /** Whether the one stands before the other. */
  isBefore(one: Entry, other: Entry): boolean {
    const [a, b] = [this.#placed.get(one.hash), this.#placed.get(other.hash)];
    return a !== undefined && b !== undefined && compare(a, b) < 0;
  }

  /** Messages here that name this one as a parent. */
  childrenOf(hash: MessageHash): readonly MessageHash[] {
    return this.#children.get(hash) ?? [];
  }

  add(entry: Entry): void {
    const placed: Placed = { entry, time: this.#timeOf(entry) };
    this.#placed.set(entry.hash, placed);
    for (const parent of entry.follows) {
      const children = this.#children.get(parent);
      if (children === undefined) this.#children.set(parent, [entry.hash]);
      else children.push(entry.hash);
    }
    const last = this.#sorted?.at(-1);
    if (this.childrenOf(entry.hash).length > 0) this.#push(placed);
    else if (last === undefined || compare(last, placed) < 0) this.#sorted?.push(placed);
    else this.#sorted = undefined;
  }

  #timeOf({ message, follows }: Entry): number {
    return follows.reduce((time, parent) => {
      const placed = this.#placed.get(parent);
      return placed === undefined ? time : Math.max(time, placed.time + 1);
    }, message.time ?? message.at);
  }

  /** Descendants that were here first move behind it. Hashes allow no cycle, so this ends. */
  #push(placed: Placed): void {
    this.#sorted = undefined;
    const open = [placed];
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      for (const hash of this.childrenOf(one.entry.hash)) {
        const child = this.#placed.get(hash);
        if (child === undefined || child.time > one.time) continue;
        child.time = one.time + 1;
        open.push(child);
      }
    }
  }
}

function compare(a: Placed, b: Placed): number {
  if (a.time !== b.time) return a.time - b.time;
  return a.entry.hash < b.entry.hash ? -1 : 1;
}
