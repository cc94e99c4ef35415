// Bluetooth twin: a mailbox in memory with the air around it. One central at a time, everything takes a moment of the clock, and a
// test decides which operations fail and how.
import { KithError } from '../../core/errors.ts';
import { MailboxSlots } from '../../core/pairing/mailbox/slots.ts';
import type { MailboxConnection, MailboxPeripheral } from '../../core/ports/bluetooth.ts';
import type { Clock } from '../../core/ports/clock.ts';

export interface AirOperation {
  /** Who does it, as named in `MemoryMailbox.central`. */
  readonly central: string;
  readonly kind: 'connect' | 'command' | 'reply' | 'disconnect';
  /** 0 for the first operation of this central. */
  readonly index: number;
  /** Of a command. */
  readonly bytes?: Uint8Array;
}

/**
 * fine. lost: nothing happened, and the connection is gone. unheard: it happened, the answer and the connection are lost.
 * late (disconnect only): it is said to be done and comes later, in the middle of whatever is connected then.
 */
export type AirFate = 'fine' | 'lost' | 'unheard' | 'late';

/** What stands behind the air: an honest mailbox, or whatever a test makes of it. */
export interface MailboxLogic {
  connectionChanged(): void;
  /** Throws what is answered with an ATT error. */
  write(bytes: Uint8Array): number;
  read(): Uint8Array;
}

export interface MemoryMailboxOptions {
  readonly clock: Clock;
  readonly logic?: MailboxLogic;
  readonly fate?: (operation: AirOperation) => AirFate;
  /** Milliseconds that each operation takes. */
  readonly latencyMs?: number;
}

/** How late a late disconnection is, in operations of a connection. */
const LATE_OPERATIONS = 3;

export class MemoryMailbox {
  readonly logic: MailboxLogic;
  fate: (operation: AirOperation) => AirFate;
  latencyMs: number;
  /** Every command that arrived, in order. */
  readonly commands: { readonly central: string; readonly bytes: Uint8Array }[] = [];
  readonly #clock: Clock;
  #connected: Air | undefined;
  /** A late disconnection that is still to come, after so many operations. */
  #lateIn = 0;

  constructor({ clock, logic, fate = () => 'fine', latencyMs = 10 }: MemoryMailboxOptions) {
    this.#clock = clock;
    this.logic = logic ?? new MailboxSlots(() => clock.now());
    this.fate = fate;
    this.latencyMs = latencyMs;
  }

  /** The mailbox as one central sees it. */
  central(name: string): MailboxPeripheral {
    let index = 0;
    const next = (kind: AirOperation['kind'], bytes?: Uint8Array): AirFate =>
      this.fate({ central: name, kind, index: index++, ...(bytes && { bytes }) });
    return { connect: () => this.#connect(name, next) };
  }

  /** It ends the connection there is. */
  drop(): void {
    if (this.#connected !== undefined) this.#drop(this.#connected);
  }

  async #connect(name: string, next: (kind: AirOperation['kind'], bytes?: Uint8Array) => AirFate): Promise<Air> {
    const fate = next('connect');
    await this.#moment();
    // It does not advertise while somebody is connected.
    if (this.#connected !== undefined || fate === 'lost') throw new KithError('bluetooth-lost');
    const air = new Air((kind, act, bytes) => this.#operate(air, next(kind, bytes), act));
    this.#connected = air;
    air.received = (bytes) => {
      this.commands.push({ central: name, bytes: bytes.slice() });
      this.logic.write(bytes);
    };
    air.read = () => this.logic.read();
    this.logic.connectionChanged();
    if (fate === 'unheard') this.#drop(air);
    if (fate === 'unheard') throw new KithError('bluetooth-lost');
    return air;
  }

  async #operate<T>(air: Air, fate: AirFate, act: (() => T) | undefined): Promise<T | undefined> {
    await this.#moment();
    if (this.#lateIn > 0 && --this.#lateIn === 0 && this.#connected !== undefined) this.#drop(this.#connected);
    if (act === undefined) {
      if (fate === 'late' && this.#connected === air) this.#lateIn = LATE_OPERATIONS;
      this.#drop(air);
      return undefined;
    }
    if (fate === 'lost') this.#drop(air);
    if (this.#connected !== air) throw new KithError('bluetooth-lost');
    const result = attempt(act);
    if (fate !== 'unheard') return result();
    this.#drop(air);
    throw new KithError('bluetooth-lost');
  }

  #drop(air: Air): void {
    if (this.#connected !== air) return;
    this.#connected = undefined;
    this.logic.connectionChanged();
  }

  #moment(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(this.latencyMs, resolve));
  }
}

/** Done now; what came of it is said later. */
function attempt<T>(act: () => T): () => T {
  try {
    const value = act();
    return () => value;
  } catch (cause) {
    return () => {
      throw new KithError('bluetooth-command', {}, { cause });
    };
  }
}

type Operate = <T>(
  kind: AirOperation['kind'],
  act: (() => T) | undefined,
  bytes?: Uint8Array,
) => Promise<T | undefined>;

class Air implements MailboxConnection {
  received: (bytes: Uint8Array) => void = () => undefined;
  read: () => Uint8Array = () => new Uint8Array(0);

  constructor(private readonly operate: Operate) {}

  async command(bytes: Uint8Array): Promise<void> {
    await this.operate('command', () => this.received(bytes), bytes);
  }

  async reply(): Promise<Uint8Array> {
    return (await this.operate('reply', () => this.read())) ?? new Uint8Array(0);
  }

  async disconnect(): Promise<void> {
    await this.operate('disconnect', undefined);
  }
}
