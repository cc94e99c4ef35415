// What people did to messages and what was done to devices, and what of a broken promise that excuses: of each message alone, as far as
// it can be told.
import type { Table } from '../../src/core/ports/store.ts';
import type { Device } from './device.ts';
import type { Written } from './witness.ts';

/** What people did to a message, and what excuses it. */
export interface Deeds {
  cancelled: boolean;
  stoppedByReader: boolean;
  retried: boolean;
  removed: boolean;
  /** It was dropped at some time. */
  dropped: boolean;
  /** Its reader had no room for it when it came. */
  foundNoRoom: boolean;
  /** Its row of the outbox was damaged: written anew before the next session sends, or, without room, as soon as there is. */
  rowDamaged: boolean;
  /** Its record, or its file, was damaged, or lost by restoring. */
  harmed: boolean;
}

/** What was done to a device. */
interface Harm {
  wasFull: boolean;
  wasRestored: boolean;
}

export class Excuses {
  readonly #deeds = new Map<string, Deeds>();
  readonly #harm = new Map<Device, Harm>();

  of(id: string): Deeds {
    const known = this.#deeds.get(id);
    if (known) return known;
    const fresh: Deeds = {
      cancelled: false,
      stoppedByReader: false,
      retried: false,
      removed: false,
      dropped: false,
      foundNoRoom: false,
      rowDamaged: false,
      harmed: false,
    };
    this.#deeds.set(id, fresh);
    return fresh;
  }

  at(device: Device): Harm {
    const known = this.#harm.get(device);
    if (known) return known;
    const fresh: Harm = { wasFull: false, wasRestored: false };
    this.#harm.set(device, fresh);
    return fresh;
  }

  /** Whether it may have another place among the others than the one in which it was written. */
  mayMove(id: string, writer: Device): boolean {
    const { retried, dropped, foundNoRoom, rowDamaged, harmed } = this.of(id);
    return retried || dropped || foundNoRoom || harmed || (rowDamaged && this.at(writer).wasFull);
  }

  /** `giveUpAfter`: milliseconds, as chosen right before and right after; 0 is never. `age`: milliseconds, where the writer's clock knows. */
  mayDrop(message: Written, giveUpAfter: readonly number[], age: number | undefined): boolean {
    const { cancelled, stoppedByReader, foundNoRoom, harmed } = this.of(message.id);
    switch (message.reason) {
      case 'cancelled':
        return cancelled;
      case 'expired':
        return giveUpAfter.some((after) => after > 0 && (age === undefined || age >= after));
      case 'disk-full':
        return foundNoRoom || (message.isFile && this.at(message.to).wasFull);
      case 'declined':
        return message.isFile && (stoppedByReader || harmed);
      default:
        return message.reason === 'damaged' && message.isFile && harmed;
    }
  }

  /** A record of this message is not what was written there. What the index and the outbox say, the message says too: that costs nothing. */
  damaged(table: Table, id: string): void {
    if (table !== 'message-keys' && table !== 'outbox') this.of(id).harmed = true;
  }
}
