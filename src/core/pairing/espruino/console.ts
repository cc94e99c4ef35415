// Espruino's JavaScript prompt over a UART (espruino.com: "Interfacing to a PC", "Troubleshooting BLE"): one line asked, one answer
// awaited, so that its input buffer never holds more than one line; XOFF and XON are obeyed all the same.
import type { Clock, Timer } from '../../ports/clock.ts';
import { UART_CHUNK_BYTES, type UartConnection } from '../../ports/uart.ts';
import { GadgetError } from './problem.ts';

const CTRL_C = 3;
/** Data link escape at the beginning of a line: no echo, no result and no prompt for it. Nothing to switch back on after a lost connection. */
const QUIET = '\x10';
const XON = 0x11;
const XOFF = 0x13;
/** A gadget that stopped us and never says to go on is not waited for longer, milliseconds (as in Espruino's own tools). */
const XOFF_MS = 10_000;
/** A line is waited for so long, milliseconds: writing to flash stops everything else for a while. */
const ANSWER_MS = 10_000;
/** After Ctrl-C what comes next is thrown away for a moment, milliseconds. */
const INTERRUPT_MS = 300;
/** No value of a characteristic is longer (Bluetooth Core, Vol 3, Part F, 3.2.9). */
const LONGEST_CHUNK = 512;
/** Characters of what was said that are kept: the end is where an answer stands. */
const HEARD_CHARACTERS = 8_192;
/** Bytes of an expression, so that its line (80 more) fits whole into the smallest input buffer of a gadget with Bluetooth, 256 bytes. */
export const EXPRESSION_BYTES = 160;

/** In a line it is written in two parts, so that its echo is never taken for an answer. */
const MARK = 'KITH';
const PRINTED_MARK = '"KI"+"TH"';

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void };

export class EspruinoConsole {
  readonly #connection: UartConnection;
  readonly #clock: Clock;
  #heard = '';
  #count = 0;
  #chunkBytes = UART_CHUNK_BYTES;
  #waiting: Waiting | undefined;
  /** Held back until XON. */
  #held: { readonly release: () => void; readonly until: Promise<void> } | undefined;
  /** Rejects for ever when the connection is gone or the person has had enough. */
  readonly #end: Promise<never>;

  constructor(connection: UartConnection, clock: Clock, signal: AbortSignal) {
    this.#connection = connection;
    this.#clock = clock;
    this.#end = new Promise((_, reject) => {
      const stop = (): void => reject(new GadgetError('cancelled'));
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      void connection.lost.then(() => reject(new GadgetError('lost')));
    });
    this.#end.catch(() => undefined);
    connection.listen((bytes) => this.#hear(bytes));
  }

  /** Stops what runs and forgets a line that was begun. */
  async interrupt(): Promise<void> {
    await this.#send(Uint8Array.of(CTRL_C));
    const moment = new Promise<void>((resolve) => this.#clock.after(INTERRUPT_MS, resolve));
    await Promise.race([moment, this.#end]);
  }

  /**
   * The value of an expression, as JSON.
   * @param expression ASCII, without line breaks
   * @throws GadgetError 'silent' | 'locked' | 'full' | 'refused' | 'lost' | 'cancelled'
   */
  async ask(expression: string, patienceMs = ANSWER_MS): Promise<unknown> {
    const id = ++this.#count;
    const say = `print(${PRINTED_MARK}+`;
    const line = `${QUIET}try{${say}"${id}="+JSON.stringify(${expression}))}catch(e){${say}"${id}!"+e)}\n`;
    this.#heard = '';
    // It may be there before the last write is acknowledged.
    const answered = new Promise<unknown>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    answered.catch(() => undefined);
    let late: Timer | undefined;
    try {
      await this.#send(new TextEncoder().encode(line));
      late = this.#clock.after(patienceMs, () => this.#waiting?.reject(new GadgetError(this.#silence())));
      return await Promise.race([answered, this.#end]);
    } finally {
      late?.cancel();
      this.#waiting = undefined;
    }
  }

  /** What it means that no answer came. */
  #silence(): 'locked' | 'full' | 'silent' {
    if (/password/i.test(this.#heard)) return 'locked';
    return /memory/i.test(this.#heard) ? 'full' : 'silent';
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      if (this.#held) await Promise.race([this.#held.until, this.#end]);
      const chunk = bytes.slice(at, at + this.#chunkBytes);
      await Promise.race([this.#connection.write(chunk), this.#end]);
      at += chunk.length;
    }
  }

  #hear(bytes: Uint8Array): void {
    // What fits into a notification fits into a write: both are the MTU less three.
    this.#chunkBytes = Math.min(Math.max(this.#chunkBytes, bytes.length), LONGEST_CHUNK);
    for (const byte of bytes) {
      if (byte === XOFF) this.#hold();
      else if (byte === XON) this.#held?.release();
      else this.#heard += String.fromCharCode(byte);
    }
    this.#heard = this.#heard.slice(-HEARD_CHARACTERS);
    const [, kind, value] = new RegExp(`${MARK}${this.#count}([=!])([^\\r\\n]*)[\\r\\n]`).exec(this.#heard) ?? [];
    if (kind === undefined || value === undefined) return;
    if (kind === '=') this.#waiting?.resolve(parsed(value));
    else
      this.#waiting?.reject(
        new GadgetError(/memory|full|space|create file/i.test(value) ? 'full' : 'refused', { cause: value }),
      );
  }

  #hold(): void {
    if (this.#held) return;
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      const late = this.#clock.after(XOFF_MS, () => release());
      release = () => {
        late.cancel();
        this.#held = undefined;
        resolve();
      };
    });
    this.#held = { release, until };
  }
}

/** undefined has no JSON, and something garbled is none. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
