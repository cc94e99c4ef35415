// One visit to a mailbox: connect, look, perhaps write, disconnect. All of it is idempotent, so whatever fails is tried again from
// the beginning on a connection of its own.
import { concat, equalBytes } from '../../bytes/bytes.ts';
import { KithError, kindOf } from '../../errors.ts';
import type { MailboxConnection, MailboxPeripheral } from '../../ports/bluetooth.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { decodeReply, encodeCommand, PUT_BYTES, type Reply } from './commands.ts';

/** What is to be done at the mailbox. Slot 1 is always read first. */
export interface Errand {
  /** Slot 1 must hold exactly this, or nothing else is done. null: whatever it holds. */
  readonly first: Uint8Array | null;
  /** Written if the slot is empty. */
  readonly write: { readonly slot: number; readonly bytes: Uint8Array } | null;
  /** Read after that. */
  readonly read: readonly number[];
  /** Forgets everything, at the end. */
  readonly clear: boolean;
}

/** What the slots that were read hold; null: empty. Slot 1 is always there, the others only if slot 1 was as expected. */
export type Seen = ReadonlyMap<number, Uint8Array | null>;

/** Tries of one visit, and the wait before the second, doubled each time, milliseconds: a radio link fails now and then. */
const TRIES = 4;
const BACK_OFF_MS = 250;
/** Answers for another place than the one that was selected, in a row: a mailbox that does so is none of ours. */
const STALE_REPLIES = 3;
/** B's answer: nothing is written after it. */
const LAST_SLOT = 5;
/** No use in trying again. */
const final = new Set(['bluetooth-off', 'bluetooth-denied', 'bluetooth-missing']);

export interface VisitorOptions {
  readonly peripheral: MailboxPeripheral;
  readonly clock: Clock;
  readonly random: Random;
}

export class MailboxVisitor {
  readonly #options: VisitorOptions;

  constructor(options: VisitorOptions) {
    this.#options = options;
  }

  /** @throws KithError the last try's: 'bluetooth-…' | 'mailbox-foreign' when what answers does not follow the protocol */
  async visit(errand: Errand): Promise<Seen> {
    for (let trial = 1; ; trial += 1) {
      try {
        return await this.#once(errand);
      } catch (error) {
        if (trial === TRIES || final.has(kindOf(error))) throw error;
        await this.#pause(BACK_OFF_MS * 2 ** (trial - 1));
      }
    }
  }

  async #once(errand: Errand): Promise<Seen> {
    const connection = await this.#options.peripheral.connect();
    try {
      return await carryOut(errand, connection);
    } finally {
      // Not before it is gone: a disconnection that is still under way would take the next connection with it.
      await connection.disconnect();
    }
  }

  #pause(milliseconds: number): Promise<void> {
    const { clock, random } = this.#options;
    return new Promise((resolve) => clock.after(Math.round(milliseconds * (0.5 + random.fraction())), resolve));
  }
}

async function carryOut({ first, write, read, clear }: Errand, connection: MailboxConnection): Promise<Seen> {
  const seen = new Map<number, Uint8Array | null>([[1, await readSlot(connection, 1)]]);
  if (!isExpected(first, seen.get(1))) return seen;
  if (write !== null) {
    const before = write.slot === 1 ? seen.get(1) : await readSlot(connection, write.slot);
    if (before === null) await writeSlot(connection, write.slot, write.bytes);
    // Emptied in the meantime, what was written lies there alone. Looked at before it is read back: what is there then was not cleared since.
    if (before === null && write.slot !== 1) seen.set(1, await readSlot(connection, 1, write.slot === LAST_SLOT));
    // Slot 5 is the last: emptied after it was written, the other has it. Any other was forgotten, and the visit has to see that.
    seen.set(write.slot, await readSlot(connection, write.slot, before === null && write.slot === LAST_SLOT));
    // The next two would find it behind their own commitment, and each of their writes would keep it.
    const liesAlone = before === null && seen.get(1) === null && isExpected(write.bytes, seen.get(write.slot));
    if (liesAlone && (await readSlot(connection, 1)) === null) await connection.command(encodeCommand({ do: 'clear' }));
  }
  for (const slot of read) seen.set(slot, await readSlot(connection, slot));
  if (clear) {
    await connection.command(encodeCommand({ do: 'clear' }));
    seen.set(1, await readSlot(connection, 1));
  }
  return seen;
}

const isExpected = (expected: Uint8Array | null, found: Uint8Array | null | undefined): boolean =>
  expected === null || (found instanceof Uint8Array && equalBytes(expected, found));

async function writeSlot(connection: MailboxConnection, slot: number, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += PUT_BYTES) {
    const data = bytes.slice(offset, offset + PUT_BYTES);
    await connection.command(encodeCommand({ do: 'put', slot, offset, data }));
  }
  await connection.command(encodeCommand({ do: 'commit', slot, length: bytes.length }));
}

/** `mayGo`: emptied by another connection while it is read, it is empty; else the visit is made again. */
async function readSlot(connection: MailboxConnection, slot: number, mayGo = false): Promise<Uint8Array | null> {
  const { length, data } = await readAt(connection, slot, 0);
  if (length === 0) return null;
  const parts = [data];
  for (let got = data.length; got < length; got += parts.at(-1)?.length ?? 0) {
    const part = await readAt(connection, slot, got);
    if (mayGo && part.length === 0) return null;
    if (part.length !== length) throw new KithError('mailbox-foreign');
    parts.push(part.data);
  }
  return concat(...parts);
}

async function readAt(connection: MailboxConnection, slot: number, offset: number): Promise<Reply> {
  for (let stale = 0; stale < STALE_REPLIES; stale += 1) {
    await connection.command(encodeCommand({ do: 'select', slot, offset }));
    const reply = understood(await connection.reply());
    if (reply.slot !== slot || reply.offset !== offset) continue;
    // A mailbox may give fewer bytes at a time than fit, but some, and none beyond the end.
    const left = Math.max(0, reply.length - offset);
    if (left === 0 ? reply.data.length === 0 : reply.data.length > 0 && reply.data.length <= left) return reply;
  }
  throw new KithError('mailbox-foreign');
}

function understood(bytes: Uint8Array): Reply {
  try {
    return decodeReply(bytes);
  } catch (cause) {
    throw new KithError('mailbox-foreign', {}, { cause });
  }
}
