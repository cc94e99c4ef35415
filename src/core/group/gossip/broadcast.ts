// Spreads messages over the links of a group: at once along a tree, and by name along all other links, which mend the tree
// (Leitão, Pereira, Rodrigues, "Epidemic Broadcast Trees", SRDS 2007: "Plumtree"). A pure machine; GOSSIP.md, "Spreading".
import type { MemberId } from '../members-view.ts';

/** Short id of a message, 16 hexadecimal digits. */
type ShortId = string;

/** An announced message that has not come by itself within so long is asked for, ms: a few hops' time. */
export const GRAFT_MS = 500;
/** Announced ids remembered for one link. */
const MAX_PENDING = 4_096;

interface LinkState {
  /** Gets messages at once; otherwise only their names. */
  eager: boolean;
  /** Names to announce with the next tick. */
  announce: ShortId[];
  /** Announced by the other side, and not here: when, ms. */
  readonly pending: Map<ShortId, number>;
}

export interface Late {
  readonly id: ShortId;
  /** Who has it, the first who said so first. */
  readonly from: readonly MemberId[];
}

export class Broadcast {
  readonly #links = new Map<MemberId, LinkState>();

  /** A new link carries messages at once until one turns out to have come another way. */
  up(peer: MemberId): void {
    this.#links.set(peer, { eager: true, announce: [], pending: new Map() });
  }

  /** When the last link that carries messages at once has gone, all others do again: the tree grows anew. */
  down(peer: MemberId): void {
    this.#links.delete(peer);
    this.#wake();
  }

  #wake(): void {
    const links = [...this.#links.values()];
    if (!links.some(({ eager }) => eager)) for (const link of links) link.eager = true;
  }

  peers(): readonly MemberId[] {
    return [...this.#links.keys()];
  }

  isEager(peer: MemberId): boolean {
    return this.#links.get(peer)?.eager ?? false;
  }

  /** A message is new here: whom to send it at once. The others learn its name. `source`: who sent it. */
  spread(id: ShortId, source?: MemberId): MemberId[] {
    this.arrived(id);
    // Everybody asked for names only, since others were faster: with messages of other people, not with one of mine.
    if (source === undefined) this.#wake();
    const eager: MemberId[] = [];
    for (const [peer, link] of this.#links) {
      if (peer === source) link.eager = true;
      else if (link.eager) eager.push(peer);
      else link.announce.push(id);
    }
    return eager;
  }

  /** A message came as part of the history: everybody but those who have it learns its name. */
  announce(id: ShortId, owners: ReadonlySet<MemberId>): void {
    this.arrived(id);
    for (const [peer, link] of this.#links) if (!owners.has(peer)) link.announce.push(id);
  }

  /** `peer` sent at once what was here already. True: tell it to prune. */
  repeated(peer: MemberId): boolean {
    const link = this.#links.get(peer);
    if (link === undefined || !link.eager) return false;
    link.eager = false;
    return true;
  }

  pruned(peer: MemberId): void {
    const link = this.#links.get(peer);
    if (link !== undefined) link.eager = false;
  }

  grafted(peer: MemberId): void {
    const link = this.#links.get(peer);
    if (link !== undefined) link.eager = true;
  }

  /** `peer` has these, and they are not here. */
  announced(peer: MemberId, ids: readonly ShortId[], now: number): void {
    const link = this.#links.get(peer);
    for (const id of ids) {
      if (link === undefined || link.pending.size >= MAX_PENDING) return;
      if (!link.pending.has(id)) link.pending.set(id, now);
    }
  }

  arrived(id: ShortId): void {
    for (const link of this.#links.values()) link.pending.delete(id);
  }

  /** Names to tell each link, at most `most` at once. */
  announcements(most: number): { readonly to: MemberId; readonly ids: readonly ShortId[] }[] {
    const all: { to: MemberId; ids: ShortId[] }[] = [];
    for (const [to, link] of this.#links) {
      while (link.announce.length > 0) all.push({ to, ids: link.announce.splice(0, most) });
    }
    return all;
  }

  /** Announced messages that have not come in time; each is told once for each who announced it. */
  late(now: number): Late[] {
    const late = new Map<ShortId, { peer: MemberId; at: number }[]>();
    for (const [peer, { pending }] of this.#links) {
      for (const [id, at] of pending) {
        if (Math.abs(now - at) < GRAFT_MS) continue;
        pending.delete(id);
        late.set(id, [...(late.get(id) ?? []), { peer, at }]);
      }
    }
    return [...late].map(([id, who]) => ({
      id,
      from: who.sort((a, b) => a.at - b.at).map(({ peer }) => peer),
    }));
  }
}
