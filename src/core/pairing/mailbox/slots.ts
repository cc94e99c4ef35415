// The mailbox's own side (MAILBOX.md, "What a mailbox does"): five slots, and what each command does to them. The program for a
// Linux laptop runs this; those for gadgets say the same in their languages, and one set of vectors holds them together.
import { KithError } from '../../errors.ts';
import { type Command, decodeCommand, encodeReply, MEMORY_MS, REPLY_BYTES, SLOT_BYTES } from './commands.ts';

interface Draft {
  readonly bytes: Uint8Array;
  /** Which of them were put. */
  readonly put: Uint8Array;
}

/** What belongs to a connection. */
interface Connection {
  readonly drafts: Map<number, Draft>;
  selection: { readonly slot: number; readonly offset: number };
}

/** `central` tells connections apart where a radio takes several at a time. */
export class MailboxSlots {
  readonly #now: () => number;
  readonly #slots = new Map<number, Uint8Array>();
  readonly #connections = new Map<string, Connection>();
  #forgetAt = Number.POSITIVE_INFINITY;

  /** @param now milliseconds, of any clock that only goes forward */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A connection begins or ends: drafts and the selection belonged to the last one. */
  connectionChanged(central = ''): void {
    this.#connections.delete(central);
  }

  /**
   * A central wrote this. Answers the slot that it has just committed, 0 for none.
   * @throws KithError 'frame-malformed' (ATT error 0x80); then nothing has changed
   */
  write(bytes: Uint8Array, central = ''): number {
    this.#forget();
    const command = decodeCommand(bytes);
    const connection = this.#connection(central);
    if (command.do === 'clear') this.#clear();
    if (command.do === 'put') this.#put(connection, command);
    if (command.do === 'select') connection.selection = { slot: command.slot, offset: command.offset };
    return command.do === 'commit' ? this.#commit(connection, command) : 0;
  }

  /** What a read of the reply gets, 5 to 20 bytes. */
  read(central = ''): Uint8Array {
    this.#forget();
    const { slot, offset } = this.#connection(central).selection;
    const content = this.#slots.get(slot) ?? EMPTY;
    return encodeReply({ slot, offset, length: content.length, data: content.slice(offset, offset + REPLY_BYTES) });
  }

  #connection(central: string): Connection {
    const connection = this.#connections.get(central) ?? { drafts: new Map(), selection: NOTHING };
    this.#connections.set(central, connection);
    return connection;
  }

  #put({ drafts }: Connection, { slot, offset, data }: Extract<Command, { do: 'put' }>): void {
    this.#touch();
    if (this.#slots.has(slot)) return;
    const draft = drafts.get(slot) ?? { bytes: new Uint8Array(SLOT_BYTES), put: new Uint8Array(SLOT_BYTES) };
    drafts.set(slot, draft);
    draft.bytes.set(data, offset);
    draft.put.fill(1, offset, offset + data.length);
  }

  #commit({ drafts }: Connection, { slot, length }: Extract<Command, { do: 'commit' }>): number {
    if (this.#slots.has(slot)) {
      this.#touch();
      return 0;
    }
    const draft = drafts.get(slot);
    if (draft === undefined || draft.put.subarray(0, length).includes(0)) throw new KithError('frame-malformed');
    this.#touch();
    this.#slots.set(slot, draft.bytes.slice(0, length));
    drafts.delete(slot);
    return slot;
  }

  #touch(): void {
    this.#forgetAt = this.#now() + MEMORY_MS;
  }

  #forget(): void {
    if (this.#now() >= this.#forgetAt) this.#clear();
  }

  #clear(): void {
    this.#slots.clear();
    for (const { drafts } of this.#connections.values()) drafts.clear();
    this.#forgetAt = Number.POSITIVE_INFINITY;
  }
}

const EMPTY = new Uint8Array(0);
const NOTHING = { slot: 0, offset: 0 };
