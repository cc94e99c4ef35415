// What the other side says, and how a file ended, is noted when there is room for it. A full disk here is no reason to end a session with them: it would be made
// anew at once, the same would be said again, and so on without end.
import { kindOf } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';

/** A full disk is tried again after this, milliseconds. Until then the message shows less than is known, never more. */
export const TRY_AGAIN_MS = 15_000;

/** Resolves when `work` is done, or put off because the disk is full: then it is tried again while it `isWanted`. @throws what else `work` throws at first */
export async function untilRoom(clock: Clock, isWanted: () => boolean, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (kindOf(error) !== 'disk-full') throw error;
    clock.after(TRY_AGAIN_MS, () => {
      // What fails in another way is said again in the next session.
      if (isWanted()) untilRoom(clock, isWanted, work).catch(() => {});
    });
  }
}
