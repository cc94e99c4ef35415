// What is to be noted of one conversation: what the other side says in a session, and how files ended. Each is tried at once; what finds no room waits for
// it, in the order in which it came. A full disk here is no reason to end a session: it would be made anew at once, the same would be said again, and
// so on without end.
import { kindOf } from '../errors.ts';
import type { Clock, Timer } from '../ports/clock.ts';

/** A full disk is tried again after this, milliseconds. Until then the message shows less than is known, never more. */
export const TRY_AGAIN_MS = 15_000;
/** More than a person writes to one contact while a disk is full. What is beyond is lost until the next session, so that no contact fills the memory. */
const MAX_WAITING = 4096;

export interface Note {
  /** Of what waits about the same, only the newest is left, */
  readonly about: string;
  /** or the oldest of those that say the same: what came between speaks of it. */
  readonly says?: string;
  /** More waits for it than for others: it is tried until it is done, also when it fails in another way. */
  readonly insists?: boolean;
  readonly isWanted: () => boolean;
  /** Writes it down. Done once more after it has found no room. */
  readonly work: () => Promise<unknown>;
}

export class Notes {
  /** By what they are about, the oldest first. */
  private readonly waiting = new Map<string, Note>();
  /** Resolves when all that has come so far is noted, or waits. */
  private tried: Promise<void> = Promise.resolve();
  /** Set until nothing waits any more. */
  private timer: Timer | undefined;

  constructor(private readonly clock: Clock) {}

  /** Whether something about this waits that is still to be written down. */
  waits(about: string): boolean {
    return this.waiting.get(about)?.isWanted() === true;
  }

  /** Resolves when it is noted, or waits for room: at once where something about the same waits. @throws what else `work` throws at first */
  async note(note: Note): Promise<void> {
    if (this.waits(note.about)) {
      const isSaid = note.says !== undefined && note.says === this.waiting.get(note.about)?.says;
      return isSaid ? undefined : this.wait(note);
    }
    this.waiting.delete(note.about);
    const trying = this.attempt(note);
    this.tried = Promise.allSettled([this.tried, trying]).then(() => {});
    await trying;
  }

  /** The same for what speaks of all that came before it: noted first, it would speak of less. */
  async noteBehind(note: Note): Promise<void> {
    await this.tried;
    this.waiting.delete(note.about);
    if (this.waiting.size > 0) this.wait(note);
    else await this.note(note);
  }

  /** The session is over: the other side says it again in the next one. */
  forgetUnwanted(): void {
    for (const note of this.waiting.values()) if (!note.isWanted()) this.waiting.delete(note.about);
  }

  private async attempt(note: Note): Promise<void> {
    if (!note.isWanted()) return;
    try {
      await note.work();
    } catch (error) {
      if (kindOf(error) !== 'disk-full') throw error;
      // The session may have ended meanwhile: what is said in the next one must not find its place taken.
      if (note.isWanted()) this.wait(note);
    }
  }

  private wait(note: Note): void {
    if (this.waiting.size >= MAX_WAITING && !this.waiting.has(note.about) && !note.insists) return;
    this.waiting.set(note.about, note);
    this.timer ??= this.clock.after(TRY_AGAIN_MS, () => void this.tryAgain());
  }

  private async tryAgain(): Promise<void> {
    await this.tryInOrder();
    this.timer = undefined;
    const [first] = this.waiting.values();
    if (first) this.wait(first);
  }

  /** Until one finds no room: those behind it may speak of it. */
  private async tryInOrder(): Promise<void> {
    for (const note of this.waiting.values()) {
      try {
        if (note.isWanted()) await note.work();
      } catch (error) {
        if (kindOf(error) === 'disk-full') return;
        if (note.insists) continue;
        // What fails in another way is said again in the next session.
      }
      if (this.waiting.get(note.about) === note) this.waiting.delete(note.about);
    }
  }
}
