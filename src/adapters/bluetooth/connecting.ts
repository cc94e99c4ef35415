// What every connection over Web Bluetooth has: choosing, connecting and leaving, with what a browser says when that fails.
import { KithError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { BrowserBluetooth, GattDevice, GattServer } from './gatt.ts';

/** A browser that never answers a connection attempt is not waited for longer, milliseconds. */
export const CONNECT_MS = 15_000;
/** Nor one that never says what became of a read or a write, as Chromium does when a late disconnection comes between; milliseconds. */
export const OPERATION_MS = 10_000;
/** Nor one that does not say that a connection is gone. */
const DISCONNECT_MS = 2_000;

/** Why nothing was chosen. */
export async function notChosen(browser: BrowserBluetooth, cause: unknown): Promise<KithError> {
  const name = nameOf(cause);
  if (name === 'SecurityError' || name === 'NotAllowedError') return new KithError('bluetooth-denied', {}, { cause });
  // The same error says that nothing was chosen and that there is nothing to choose with. One that is only switched off counts as
  // available in Chromium, whose own list says so.
  const available = await browser.getAvailability().catch(() => true);
  return new KithError(available ? 'bluetooth-cancelled' : 'bluetooth-off', {}, { cause });
}

/** Rejects with KithError 'bluetooth-lost' when it takes longer. */
export function inTime<T>(clock: Clock, milliseconds: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = clock.after(milliseconds, () => reject(new KithError('bluetooth-lost')));
    work()
      .then(resolve, reject)
      .finally(() => late.cancel());
  });
}

/** Why a connection came to nothing; what there is of it is ended. */
export function notConnected(gatt: GattServer, cause: unknown): KithError {
  const foreign = gatt.connected && nameOf(cause) === 'NotFoundError';
  gatt.disconnect();
  return cause instanceof KithError
    ? cause
    : new KithError(foreign ? 'mailbox-foreign' : 'bluetooth-lost', {}, { cause });
}

/** Whether one connection is still there. */
export class Presence {
  gone = false;
  /** Resolves when the device says that it is not. */
  readonly left: Promise<void>;

  constructor(
    device: GattDevice,
    private readonly gatt: GattServer,
    private readonly clock: Clock,
  ) {
    this.left = new Promise((resolve) => {
      const ended = (): void => {
        this.gone = true;
        resolve();
      };
      device.addEventListener('gattserverdisconnected', ended, { once: true });
    });
  }

  /** Ends it. Resolves when it is gone. */
  async leave(): Promise<void> {
    if (this.gone) return;
    this.gatt.disconnect();
    await new Promise<void>((resolve) => {
      const late = this.clock.after(DISCONNECT_MS, resolve);
      void this.left.then(() => {
        late.cancel();
        resolve();
      });
    });
    this.gone = true;
  }
}

export const nameOf = (error: unknown): string =>
  error instanceof Error || error instanceof DOMException ? error.name : '';
