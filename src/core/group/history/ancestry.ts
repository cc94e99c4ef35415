// Sets of messages with all that they follow, kept up to date while messages arrive in any order. Each message has one mark, a bit for
// each set, and passes it on to what it follows: all sets together cost one walk, and messages in the same sets share one mark.
import type { Entry, MessageHash } from './entry.ts';

/** A bit for each of some sets. */
export type Sets = bigint;

export const NO_SETS: Sets = 0n;

/** What is here. */
interface Messages {
  find(hash: MessageHash): Entry | undefined;
  /** Parents before what follows them. */
  all(): readonly Entry[];
}

export class Ancestry {
  readonly #messages: Messages;
  /** By their heads. */
  readonly #sets = new Map<string, Sets>();
  /** By name, also of messages that are not here yet. */
  readonly #marks = new Map<MessageHash, Sets>();
  /** A set has been added since the last walk. */
  #isBehind = false;

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  /** The set of these messages and everything that they follow. Equal heads make one set; nothing is walked before somebody asks. */
  of(heads: readonly MessageHash[]): Sets {
    const name = heads.toSorted().join();
    let set = this.#sets.get(name);
    if (set === undefined) {
      set = 1n << BigInt(this.#sets.size);
      this.#sets.set(name, set);
      for (const head of heads) this.#mark(head, set);
      this.#isBehind = true;
    }
    return set;
  }

  /** Whether it belongs to one of these sets, as far as is known. */
  has(sets: Sets, hash: MessageHash): boolean {
    if (this.#isBehind) this.#walk();
    return ((this.#marks.get(hash) ?? NO_SETS) & sets) !== NO_SETS;
  }

  /** A message has come. True when that may have brought messages that are here into a set. */
  arrived(entry: Entry): boolean {
    const mark = this.#marks.get(entry.hash);
    if (this.#isBehind || mark === undefined) return this.#isBehind;
    let grew = false;
    const open = [entry];
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      for (const parent of one.follows) {
        const found = this.#mark(parent, mark) ? this.#messages.find(parent) : undefined;
        if (found === undefined) continue;
        grew = true;
        open.push(found);
      }
    }
    return grew;
  }

  #walk(): void {
    for (const { hash, follows } of this.#messages.all().toReversed()) {
      const mark = this.#marks.get(hash);
      if (mark !== undefined) for (const parent of follows) this.#mark(parent, mark);
    }
    this.#isBehind = false;
  }

  /** False when it had all of them. */
  #mark(hash: MessageHash, sets: Sets): boolean {
    const before = this.#marks.get(hash);
    const marked = before === undefined ? sets : before | sets;
    if (marked === before) return false;
    this.#marks.set(hash, marked);
    return true;
  }
}
