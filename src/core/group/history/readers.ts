// Who may read a message (HISTORY.md, "Who may read"): who belonged in its author's eyes, and whom an admin let read it since.
import { toHex } from '../../bytes/hex.ts';
import type { ShareMessage } from '../../wire/group-history.ts';
import { hasJoined, type MemberId, type Members, nameOf } from '../members-view.ts';
import { Ancestry, NO_SETS, type Sets } from './ancestry.ts';
import type { Entry } from './entry.ts';
import type { History } from './history.ts';
import type { Share } from './sharing.ts';

/** Shares kept: one for each member and some more. */
const MAX_SHARES = 256;

export class Readers {
  #members: Members;
  /** By signature. */
  readonly #shares = new Map<string, Share>();
  readonly #ancestry: Ancestry;
  /** What shares let somebody read. */
  readonly #shared = new Map<MemberId, Sets>();
  /** Whether somebody had been removed, by the name of a view and member: found out once. */
  readonly #removed = new Map<string, Map<MemberId, boolean>>();

  constructor(history: History, members: Members) {
    this.#members = members;
    this.#ancestry = new Ancestry(history);
  }

  /** In the order in which they were taken. */
  get shares(): readonly Share[] {
    return [...this.#shares.values()];
  }

  /** How many more are taken. */
  get room(): number {
    return MAX_SHARES - this.#shares.size;
  }

  /** The membership has changed. */
  judgeBy(members: Members): void {
    this.#members = members;
    this.#removed.clear();
  }

  /** Who belonged when it was written, in its author's eyes, and belongs today; or whom an admin let read it since. */
  mayRead(entry: Entry, member: MemberId): boolean {
    if (member === entry.from) return true;
    if (!hasJoined(this.#members.view, member)) return false;
    if (entry.view.has(member)) return true;
    const shared = this.#shared.get(member);
    // Whom its author knew to be removed never reads it, whatever an admin says later.
    return shared !== undefined && this.#ancestry.has(shared, entry.hash) && !this.#wasRemoved(entry, member);
  }

  /** Every member repeats all shares on every new link: what was taken once, also on another day, is not taken again. */
  knows({ signature }: ShareMessage): boolean {
    return this.#shares.has(toHex(signature));
  }

  /** @param share not known yet, and there is room */
  add(share: Share): void {
    this.#shares.set(toHex(share.message.signature), share);
    this.#shared.set(share.to, (this.#shared.get(share.to) ?? NO_SETS) | this.#ancestry.of(share.upTo));
  }

  /** A message has come. */
  arrived(entry: Entry): void {
    this.#ancestry.arrived(entry);
  }

  #wasRemoved({ view }: Entry, member: MemberId): boolean {
    const name = nameOf(view);
    const known = this.#removed.get(name) ?? new Map<MemberId, boolean>();
    let removed = known.get(member);
    if (removed === undefined) {
      removed = this.#members.wasRemovedBefore(member, view.heads);
      this.#removed.set(name, known.set(member, removed));
    }
    return removed;
  }
}
