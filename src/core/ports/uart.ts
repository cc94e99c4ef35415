// A gadget's console over Bluetooth: Nordic's UART service, behind which Espruino has its JavaScript prompt.
import type { MailboxPeripheral } from './bluetooth.ts';

/** Nordic UART Service. `input` and `output` as the gadget sees them. */
export const uartGatt = {
  service: '6e400001-b5a3-f393-e0a9-e50e24dcca9e',
  /** Write. */
  input: '6e400002-b5a3-f393-e0a9-e50e24dcca9e',
  /** Notify. */
  output: '6e400003-b5a3-f393-e0a9-e50e24dcca9e',
} as const;

/** What the smallest MTU leaves for one write (Bluetooth Core, Vol 3, Part F, 3.2.8: 23 bytes, 3 of them the header). */
export const UART_CHUNK_BYTES = 20;

export interface UartConnection {
  /** Called with whatever comes, from now on. One listener. */
  listen(listener: (bytes: Uint8Array) => void): void;
  /**
   * Resolves when the gadget's radio has it; that its console has read it is another matter.
   * @throws KithError 'bluetooth-lost' when the connection is gone or the write failed
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly lost: Promise<void>;
  /** Resolves when the connection is gone; never rejects. */
  disconnect(): Promise<void>;
}

/** A gadget that the person has chosen. */
export interface UartDevice {
  /** @throws KithError 'bluetooth-lost' | 'bluetooth-off' | 'bluetooth-denied' | 'mailbox-foreign' (it has no UART service) */
  connect(): Promise<UartConnection>;
  /** The same gadget, once it is a mailbox. */
  readonly mailbox: MailboxPeripheral;
}

export interface Uarts {
  /**
   * Lets the person choose a gadget; needs a gesture of theirs.
   * @throws KithError 'bluetooth-missing' | 'bluetooth-off' | 'bluetooth-denied' | 'bluetooth-cancelled'
   */
  choose(): Promise<UartDevice>;
}
