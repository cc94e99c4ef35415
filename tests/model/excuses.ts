// What people did to messages and what was done to devices, and what of a broken promise that excuses: of one message, at one device, and of
// nothing else.
import type { Device } from './device.ts';
import type { Written } from './witness.ts';

/** What people did to a message, and what happened to it. */
interface Deeds {
  /** Its writer called it back, or stopped its file, when that could be done. */
  cancelled: boolean;
  stoppedByReader: boolean;
  removed: boolean;
  /** It was dropped at some time. */
  dropped: boolean;
  /** Its reader had no room for it when it came: it may come once more, behind others. */
  foundNoRoom: boolean;
  /** Its reader had no room for it, or for its file, and all of it has not been there since. */
  hasNoRoom: boolean;
  /** Its row of the outbox was damaged, and there was no room when it was to be written anew: its message goes behind others. */
  mendedLate: boolean;
  /** A file that had ended, and waits on an older disk that was put back: its reader knows it as ended, and says so. */
  endedSinceCopy: boolean;
  /** It had been refused when its record was damaged at its writer: nobody can send it once more. */
  refusedAndDamaged: boolean;
}

/** What of a message is not as it was written on a device: damaged, or, when an older copy of the whole disk was put back, behind. */
export type Harm = 'record' | 'index' | 'row' | 'file' | 'units' | 'gone' | 'lost' | 'behind';

export class Excuses {
  readonly #deeds = new Map<string, Deeds>();
  readonly #harm = new Map<Device, Map<string, Set<Harm>>>();

  of(id: string): Deeds {
    const known = this.#deeds.get(id);
    if (known) return known;
    const fresh: Deeds = {
      cancelled: false,
      stoppedByReader: false,
      removed: false,
      dropped: false,
      foundNoRoom: false,
      hasNoRoom: false,
      mendedLate: false,
      endedSinceCopy: false,
      refusedAndDamaged: false,
    };
    this.#deeds.set(id, fresh);
    return fresh;
  }

  harm(device: Device, id: string, harm: Harm): void {
    const all = this.#harm.get(device) ?? new Map<string, Set<Harm>>();
    this.#harm.set(device, all);
    all.set(id, (all.get(id) ?? new Set()).add(harm));
  }

  /** It is whole there after all. */
  heal(device: Device, id: string, harm: Harm): void {
    this.#harm.get(device)?.get(id)?.delete(harm);
  }

  isHarmed(device: Device, id: string, ...harms: readonly Harm[]): boolean {
    const known = this.#harm.get(device)?.get(id);
    return known !== undefined && harms.some((harm) => known.has(harm));
  }

  /** Whether its reader may have it in another place among the others than the one in which it was written. */
  mayMove(id: string, writer: Device, reader: Device): boolean {
    const { dropped, foundNoRoom, mendedLate } = this.of(id);
    // Where neither it nor what knows its id can be read, it is stored when it comes again.
    const isForgotten = this.isHarmed(reader, id, 'record') && this.isHarmed(reader, id, 'index');
    // A void took its place while it could not be read, until an older disk had it whole.
    return dropped || foundNoRoom || mendedLate || isForgotten || this.isHarmed(writer, id, 'record');
  }

  /** `giveUpAfter`: milliseconds, as chosen right before and right after; 0 is never. `age`: milliseconds, by the writer's clock. */
  mayDrop({ id, from, to, isFile, reason }: Written, giveUpAfter: readonly number[], age: number): boolean {
    const { cancelled, stoppedByReader, hasNoRoom, endedSinceCopy } = this.of(id);
    switch (reason) {
      case 'cancelled':
        return cancelled;
      case 'expired':
        return giveUpAfter.some((after) => after > 0 && age >= after);
      case 'disk-full':
        return hasNoRoom;
      case 'declined':
        // What its reader cannot read any more is not asked for.
        return (
          isFile && (stoppedByReader || endedSinceCopy || this.isHarmed(to, id, 'record', 'file', 'gone', 'behind'))
        );
      default:
        return reason === 'damaged' && isFile && this.isHarmed(from, id, 'file', 'units');
    }
  }

  /** Whether its number may be missing at its reader for ever, besides those that were refused. */
  mayBeMissing(id: string, from: Device, to: Device): boolean {
    // Its row names what would fill its place, and so does its record; without both nothing does.
    const hasRecord = !(this.of(id).removed || this.isHarmed(from, id, 'record'));
    const isUnnamed = !hasRecord && this.isHarmed(from, id, 'row');
    const isGone = this.isHarmed(from, id, 'gone') || this.isHarmed(to, id, 'gone');
    return isGone || isUnnamed || this.of(id).refusedAndDamaged;
  }
}
