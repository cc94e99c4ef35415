// The ancestors of some messages, kept up to date while messages arrive in any order.
import type { Entry, MessageHash } from './entry.ts';

export class Ancestry {
  /** Names, also of messages that are not here yet. */
  readonly #names = new Set<MessageHash>();

  constructor(heads: readonly MessageHash[], find: (hash: MessageHash) => Entry | undefined) {
    this.#include(heads, find);
  }

  /** Whether it is one of the heads or an ancestor of one, as far as is known. */
  has(hash: MessageHash): boolean {
    return this.#names.has(hash);
  }

  /** A message has come. True when that made other messages ancestors. */
  arrived(entry: Entry, find: (hash: MessageHash) => Entry | undefined): boolean {
    if (!this.#names.has(entry.hash)) return false;
    const before = this.#names.size;
    this.#include(entry.follows, find);
    return this.#names.size > before;
  }

  #include(heads: readonly MessageHash[], find: (hash: MessageHash) => Entry | undefined): void {
    const open = heads.filter((hash) => !this.#names.has(hash));
    for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
      if (this.#names.has(hash)) continue;
      this.#names.add(hash);
      for (const parent of find(hash)?.follows ?? []) if (!this.#names.has(parent)) open.push(parent);
    }
  }
}
