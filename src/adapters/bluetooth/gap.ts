// Why a page has no Bluetooth, for a sentence that helps: the browser itself says nothing.
import type { BluetoothGap } from '../../core/ports/bluetooth.ts';

export interface Browser {
  readonly isSecureContext: boolean;
  readonly userAgent: string;
  /** `navigator.bluetooth` is there. */
  readonly hasBluetooth: boolean;
}

/** null: it has Bluetooth, though perhaps switched off. */
export function bluetoothGap({ isSecureContext, userAgent, hasBluetooth }: Browser): BluetoothGap | null {
  if (hasBluetooth) return null;
  if (!isSecureContext) return 'insecure';
  // Android calls itself Linux too, and has it without a flag.
  const isLinux = /Linux/.test(userAgent) && !/Android/.test(userAgent);
  return isLinux && /Chrome\//.test(userAgent) ? 'flag' : 'browser';
}
