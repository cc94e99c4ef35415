// Which unit of which file is asked of whom: every linked member that has units is asked at once, each within a window of its own,
// and the units that fewest have come first (FILES.md, "Fetching"). Knows neither bytes nor disks.
import { countUnits, emptyBitmap, hasUnit, markUnit } from '../../bytes/bitmap.ts';
import type { Random } from '../../ports/random.ts';
import type { MemberId } from '../members-view.ts';
import type { FileName } from './offer.ts';

/** A unit that has not come after this is asked of somebody else, ms: on 12 links at once even 20 kB/s gives each its first unit. */
const ANSWER_WITHIN_MS = 60_000;

/** How many units may be on their way from one member; adapts to the path. */
export interface PeerWindow {
  readonly units: number;
  readonly perRequest: number;
  /** So many units came, `milliseconds` after they were asked for. */
  measured(units: number, milliseconds: number): void;
}

export interface SwarmKit {
  readonly random: Random;
  readonly window: () => PeerWindow;
}

interface Pending {
  readonly peer: MemberId;
  readonly at: number;
  /** It has come, and is being looked at. */
  isHere: boolean;
}

interface Wanted {
  readonly units: number;
  readonly held: Uint8Array;
  /** Asked for, or here and being looked at. */
  readonly pending: Map<number, Pending>;
  /** Who gave something else than what was signed. */
  readonly liars: Set<MemberId>;
}

interface Peer {
  readonly window: PeerWindow;
  readonly holds: Map<FileName, Uint8Array>;
  /** Units on their way. */
  asked: number;
}

export interface Request {
  readonly to: MemberId;
  readonly file: FileName;
  readonly first: number;
  readonly units: number;
}

export class Swarm {
  readonly #files = new Map<FileName, Wanted>();
  readonly #peers = new Map<MemberId, Peer>();

  constructor(private readonly kit: SwarmKit) {}

  /** A file of which something is missing; those that came first are fetched first. `held` becomes the swarm's. */
  add(file: FileName, units: number, held: Uint8Array): void {
    this.remove(file);
    this.#files.set(file, { units, held, pending: new Map(), liars: new Set() });
  }

  remove(file: FileName): void {
    const wanted = this.#files.get(file);
    if (wanted === undefined) return;
    for (const index of [...wanted.pending.keys()]) this.#release(wanted, index);
    this.#files.delete(file);
    for (const { holds } of this.#peers.values()) holds.delete(file);
  }

  met(peer: MemberId): void {
    this.lost(peer);
    this.#peers.set(peer, { window: this.kit.window(), holds: new Map(), asked: 0 });
  }

  lost(peer: MemberId): void {
    this.#peers.delete(peer);
    for (const wanted of this.#files.values()) {
      for (const [index, pending] of wanted.pending) if (pending.peer === peer) wanted.pending.delete(index);
    }
  }

  /** What somebody says to have. Of files that are not wanted nothing is kept. */
  told(peer: MemberId, file: FileName, bitmap: Uint8Array): void {
    if (this.#files.has(file)) this.#peers.get(peer)?.holds.set(file, bitmap.slice());
  }

  /** Whether this unit was asked of this member and comes for the first time: nothing else is to be looked at. */
  came(peer: MemberId, file: FileName, index: number): boolean {
    const pending = this.#files.get(file)?.pending.get(index);
    if (pending?.peer !== peer || pending.isHere) return false;
    pending.isHere = true;
    return true;
  }

  /** It came, was what was signed, and lies on the disk. True when it was the last. */
  stored(peer: MemberId, file: FileName, index: number, now: number): boolean {
    const wanted = this.#files.get(file);
    if (wanted === undefined) return false;
    const pending = wanted.pending.get(index);
    if (pending?.peer === peer) {
      this.#release(wanted, index);
      this.#peers.get(peer)?.window.measured(1, Math.max(0, now - pending.at));
    }
    markUnit(wanted.held, index);
    return countUnits(wanted.held, wanted.units) === wanted.units;
  }

  /** It was something else: this member is asked for nothing more of this file. */
  wrong(peer: MemberId, file: FileName): void {
    const wanted = this.#files.get(file);
    if (wanted === undefined) return;
    wanted.liars.add(peer);
    for (const [index, pending] of [...wanted.pending]) if (pending.peer === peer) this.#release(wanted, index);
  }

  has(file: FileName): boolean {
    return this.#files.has(file);
  }

  /** 0 … 1; undefined when it is not wanted. */
  progress(file: FileName): number | undefined {
    const wanted = this.#files.get(file);
    return wanted && countUnits(wanted.held, wanted.units) / wanted.units;
  }

  isMoving(file: FileName): boolean {
    return (this.#files.get(file)?.pending.size ?? 0) > 0;
  }

  /** Everything that may be asked for now. */
  next(now: number): Request[] {
    this.#forgetLate(now);
    const requests: Request[] = [];
    // One request for each in turn, so that a fast answerer does not take what the others could give.
    for (let before = -1; before < requests.length; ) {
      before = requests.length;
      for (const id of this.#peers.keys()) requests.push(...this.#ask(id, now));
    }
    return requests;
  }

  #ask(id: MemberId, now: number): Request[] {
    const peer = this.#peers.get(id);
    const room = Math.min(peer?.window.perRequest ?? 0, (peer?.window.units ?? 0) - (peer?.asked ?? 0));
    if (peer === undefined || room <= 0) return [];
    for (const [file, wanted] of this.#files) {
      const holds = peer.holds.get(file);
      if (holds === undefined || wanted.liars.has(id)) continue;
      const first = this.#rarest(file, wanted, holds);
      if (first === undefined) continue;
      let units = 0;
      while (units < room && isFree(wanted, holds, first + units)) {
        wanted.pending.set(first + units, { peer: id, at: now, isHere: false });
        units += 1;
      }
      peer.asked += units;
      return [{ to: id, file, first, units }];
    }
    return [];
  }

  /** Of the units that are missing and that this member has, one that fewest of the others have. */
  #rarest(file: FileName, wanted: Wanted, holds: Uint8Array): number | undefined {
    const others = [...this.#peers.values()].flatMap((peer) => peer.holds.get(file) ?? []);
    let found: number[] = [];
    let fewest = Number.POSITIVE_INFINITY;
    for (let index = 0; index < wanted.units; index += 1) {
      if (!isFree(wanted, holds, index)) continue;
      const copies = others.reduce((sum, bitmap) => sum + (hasUnit(bitmap, index) ? 1 : 0), 0);
      if (copies < fewest) [fewest, found] = [copies, []];
      if (copies === fewest) found.push(index);
    }
    return found[Math.floor(this.kit.random.fraction() * found.length)];
  }

  /** They may have it no more, or be slow: asked again when they say anew that they have it. */
  #forgetLate(now: number): void {
    for (const [file, wanted] of this.#files) {
      for (const [index, { peer, at, isHere }] of [...wanted.pending]) {
        if (isHere || Math.abs(now - at) < ANSWER_WITHIN_MS) continue;
        this.#release(wanted, index);
        this.#peers.get(peer)?.holds.set(file, emptyBitmap(wanted.units));
      }
    }
  }

  #release(wanted: Wanted, index: number): void {
    const pending = wanted.pending.get(index);
    const peer = pending && this.#peers.get(pending.peer);
    if (peer) peer.asked -= 1;
    wanted.pending.delete(index);
  }
}

const isFree = ({ units, held, pending }: Wanted, holds: Uint8Array, index: number): boolean =>
  index < units && hasUnit(holds, index) && !hasUnit(held, index) && !pending.has(index);
