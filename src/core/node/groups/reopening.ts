// Groups whose disk failed, or that an admin has just let me into, on their way to being opened anew. What a group holds in memory is ahead of
// its disk then, and only what the disk holds counts.
import { toHex } from '../../bytes/hex.ts';
import type { MemberId } from '../../group/members-view.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LiveGroup } from './live-group.ts';

/** A group whose disk failed is opened anew after this, if the disk takes something by then; when it fails again and again, later each time. */
const REOPEN_MS = 5_000;
const LONGEST_REOPEN_MS = 160_000;
/** A failure so long ago is forgotten. */
const FORGOTTEN_MS = 600_000;

export interface ReopeningOptions {
  readonly clock: Clock;
  /** An admin may have let me in meanwhile, or the page is going away. */
  readonly isWanted: (live: LiveGroup) => boolean;
  /** Of the disk. Rejects when it cannot be read. */
  readonly open: (live: LiveGroup) => Promise<LiveGroup>;
  /** Comes in the place of the one before. */
  readonly opened: (live: LiveGroup) => void;
}

export class Reopening {
  /** By group; and who spoke of it meanwhile. */
  readonly #under = new Map<string, Set<MemberId>>();
  /** By group: when its disk failed last, and how long it was left alone then. */
  readonly #failures = new Map<string, { readonly at: number; readonly waited: number }>();

  constructor(private readonly options: ReopeningOptions) {}

  /** Who spoke of this group (32 bytes) since it is being opened anew; undefined when it is not. What they said is lost. */
  interrupted(group: Uint8Array): Set<MemberId> | undefined {
    return this.#under.get(toHex(group));
  }

  /** In the place of what was under way: that ends without a trace. */
  begin(group: Uint8Array, interrupted: Set<MemberId>): void {
    this.#under.set(toHex(group), interrupted);
  }

  /** `interrupted`: with what it began. What began later goes on. */
  over(group: Uint8Array, interrupted: Set<MemberId>): void {
    if (this.interrupted(group) === interrupted) this.#under.delete(toHex(group));
  }

  /** Its disk could not take something. */
  failed(live: LiveGroup): void {
    const { group } = live.record;
    if (this.interrupted(group) || !this.options.isWanted(live)) return;
    const interrupted = new Set<MemberId>();
    this.begin(group, interrupted);
    const at = this.options.clock.now();
    const before = this.#failures.get(toHex(group));
    const isAgain = before && at - before.at < FORGOTTEN_MS;
    const waited = isAgain ? Math.min(LONGEST_REOPEN_MS, 2 * before.waited) : REOPEN_MS;
    this.#failures.set(toHex(group), { at, waited });
    this.#openLater(live, interrupted, waited);
  }

  #openLater(live: LiveGroup, interrupted: Set<MemberId>, after: number): void {
    const { clock, isWanted, open, opened } = this.options;
    const { group } = live.record;
    const isStill = () => this.interrupted(group) === interrupted;
    clock.after(after, () => {
      if (!isStill()) return;
      if (!isWanted(live)) return this.over(group, interrupted);
      // Everybody begins anew with it then: while there is no room, for nothing.
      const work = async () => {
        await live.disk.probe();
        const anew = await open(live);
        if (!isStill()) return;
        this.over(group, interrupted);
        if (isWanted(live)) opened(anew);
      };
      work().catch(() => this.#openLater(live, interrupted, REOPEN_MS));
    });
  }
}
