// To which members a link is kept: the next two on the ring who can be reached, and three across it. A pure machine; why that
// makes one piece, and stays below 12 links, stands in GOSSIP.md, "Neighbours".
import type { MemberId } from '../members-view.ts';

/** Links one browser holds for one group, at most. */
export const MAX_LINKS = 12;
/** Next members on the ring: the first makes one piece, the second lasts until the first is mended. */
const RING_LINKS = 2;
/** Across the ring, at these parts of it: few hops to everybody. */
const CHORDS = [1 / 2, 1 / 4, 3 / 4];
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 600_000;
/** A link that ends sooner was none: the other side has no room for it. */
const BRIEF_MS = 10_000;

interface Pause {
  readonly until: number;
  readonly ms: number;
  /** They are there, and have no room for me or I for them. */
  readonly isFull: boolean;
}

export interface Plan {
  readonly dial: readonly MemberId[];
  /** Links that this one should give up to stay below the cap. */
  readonly drop: readonly MemberId[];
}

export class Neighbours {
  readonly #self: MemberId;
  #ring: readonly MemberId[] = [];
  readonly #linked = new Set<MemberId>();
  /** When each link came, ms. */
  readonly #since = new Map<MemberId, number>();
  readonly #dialing = new Set<MemberId>();
  readonly #paused = new Map<MemberId, Pause>();

  constructor(self: MemberId) {
    this.#self = self;
  }

  /** The members in the order of the ring, with or without oneself. */
  place(ring: readonly MemberId[]): void {
    const at = ring.indexOf(this.#self);
    // Clockwise from the member itself.
    this.#ring = at < 0 ? ring : [...ring.slice(at + 1), ...ring.slice(0, at)];
  }

  linked(): ReadonlySet<MemberId> {
    return this.#linked;
  }

  /** `now`: ms. */
  up(peer: MemberId, now: number): void {
    this.#dialing.delete(peer);
    this.#linked.add(peer);
    this.#since.set(peer, now);
  }

  /** The link has ended, or the session it was to have. What ends at once is tried again after a pause, as if it had not come about. */
  down(peer: MemberId, now: number): void {
    const since = this.#since.get(peer);
    const isBrief = since === undefined ? this.#dialing.has(peer) : Math.abs(now - since) < BRIEF_MS;
    this.#dialing.delete(peer);
    this.#linked.delete(peer);
    this.#since.delete(peer);
    if (isBrief) this.failed(peer, now, true);
    else if (since !== undefined) this.#paused.delete(peer);
  }

  /** No link came about: tried again after a pause that doubles. `isFull`: one of the two has no room. */
  failed(peer: MemberId, now: number, isFull = false): void {
    this.#dialing.delete(peer);
    const ms = Math.min(LONGEST_PAUSE_MS, 2 * (this.#paused.get(peer)?.ms ?? FIRST_PAUSE_MS / 2));
    this.#paused.set(peer, { until: now + ms, ms, isFull });
  }

  /** Somebody is there: worth trying at once. */
  seen(peer: MemberId): void {
    this.#paused.delete(peer);
  }

  /** Whether a link that `peer` opened may stay; with `drop` when another has to go for it. */
  admits(peer: MemberId): { readonly yes: boolean; readonly drop?: MemberId } {
    if (!this.#ring.includes(peer)) return { yes: false };
    if (this.#linked.has(peer) || this.#linked.size < MAX_LINKS) return { yes: true };
    // Without whoever stands next to this member the ring would have a hole; a link that one of two wants is worth one that nobody does.
    const places = this.#places();
    const isNext = this.#isClosest(peer, this.#ring) || this.#isClosest(peer, [...this.#ring].reverse());
    const drop = isNext ? this.#spare()[0] : this.#spare().find((id) => places.has(peer) && !places.has(id));
    return drop === undefined ? { yes: false } : { yes: true, drop };
  }

  /** What to do now (ms). */
  plan(now: number): Plan {
    const wanted = this.#wanted(now);
    const room = MAX_LINKS - this.#linked.size - this.#dialing.size;
    const dial = wanted.filter((peer) => !this.#linked.has(peer) && !this.#dialing.has(peer));
    const strangers = [...this.#linked].filter((peer) => !this.#ring.includes(peer));
    // A link on the ring is worth one that is not.
    const drop = [...strangers, ...(room < 1 && dial.length > 0 ? this.#spare().slice(0, 1) : [])];
    const chosen = dial.slice(0, Math.max(0, room));
    for (const peer of chosen) this.#dialing.add(peer);
    return { dial: chosen, drop };
  }

  /**
   * Those with whom a session may stand or come about for the group: whom I am linked with or would be, and who would be linked with me. Two find
   * each other only when both look. In a group of at most 13 that is everybody. `now`: ms.
   */
  sought(now: number): Set<MemberId> {
    if (this.#ring.length <= MAX_LINKS) return new Set(this.#ring);
    const isFull = (peer: MemberId) => {
      const pause = this.#paused.get(peer);
      return pause?.isFull === true && now < pause.until;
    };
    const links = this.#ring.filter((peer) => this.#linked.has(peer));
    return new Set([...links, ...[...this.#places()].filter((peer) => !isFull(peer))]);
  }

  /** Those to whom the ring and the links across lead, from either side. */
  #places(): Set<MemberId> {
    const clockwise = this.#ring;
    const back = [...clockwise].reverse();
    const places = [...this.#upTo(clockwise, 0, RING_LINKS), ...this.#upTo(back, 0, RING_LINKS)];
    for (const part of CHORDS) {
      const start = Math.floor(clockwise.length * part);
      places.push(...this.#upTo(clockwise, start, 1), ...this.#leadingHere(back, start));
    }
    return new Set(places);
  }

  /** From a place on: everybody up to the first `count` who are linked. */
  #upTo(ring: readonly MemberId[], start: number, count: number): MemberId[] {
    const found: MemberId[] = [];
    let linked = 0;
    for (let step = 0; step < ring.length && linked < count; step += 1) {
      const peer = ring[(start + step) % ring.length] as MemberId;
      found.push(peer);
      if (this.#linked.has(peer)) linked += 1;
    }
    return found;
  }

  /** Whose link across ends here: it is meant for this place, or for one before it at which nobody is. `back`: counter-clockwise. */
  #leadingHere(back: readonly MemberId[], start: number): MemberId[] {
    const present = back.findIndex((peer) => this.#linked.has(peer));
    const absent = present < 0 ? back.length : present;
    return back.slice(start, start + absent + 1);
  }

  /** Members to be linked with, the most important first. */
  #wanted(now: number): MemberId[] {
    const wanted = this.#walk(0, RING_LINKS, now);
    for (const part of CHORDS) {
      for (const peer of this.#walk(Math.floor(this.#ring.length * part), 1, now)) wanted.add(peer);
    }
    return [...wanted];
  }

  /** From a place on the ring clockwise: the first `count` who are linked or may be there, and who is worth a try on the way. */
  #walk(start: number, count: number, now: number): Set<MemberId> {
    const found = new Set<MemberId>();
    for (let step = 0; step < this.#ring.length && found.size < count; step += 1) {
      const peer = this.#ring[(start + step) % this.#ring.length] as MemberId;
      const pause = this.#paused.get(peer);
      if (this.#linked.has(peer) || pause === undefined || now >= pause.until) found.add(peer);
    }
    return found;
  }

  /** Whether fewer than two linked members stand between this member and `peer`, in this direction. */
  #isClosest(peer: MemberId, ring: readonly MemberId[]): boolean {
    const between = ring.slice(0, ring.indexOf(peer));
    return between.filter((id) => this.#linked.has(id)).length < RING_LINKS;
  }

  /** Links that neither side's ring rests on: first those that nobody wants, the farthest before this member first. */
  #spare(): MemberId[] {
    const after = this.#walkLinked(this.#ring);
    const before = this.#walkLinked([...this.#ring].reverse());
    const spare = this.#ring.filter((id) => this.#linked.has(id) && !after.has(id) && !before.has(id));
    const places = this.#places();
    return [...spare.filter((id) => !places.has(id)), ...spare.filter((id) => places.has(id))];
  }

  #walkLinked(ring: readonly MemberId[]): Set<MemberId> {
    return new Set(ring.filter((id) => this.#linked.has(id)).slice(0, RING_LINKS));
  }
}
