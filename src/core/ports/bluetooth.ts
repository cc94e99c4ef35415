// The Bluetooth mailbox as one visits it: a small peripheral that two centrals connect to in turn. It is trusted with nothing;
// what its commands mean stands in pairing/mailbox/MAILBOX.md.

/** The GATT layout (Bluetooth Core Specification, Vol 3, Part G). Lower case, as Web Bluetooth and BlueZ write them. */
export const mailboxGatt = {
  service: '6b697468-6d61-4c62-a000-000000000001',
  /** Write with response. */
  command: '6b697468-6d61-4c62-a000-000000000002',
  /** Read. */
  reply: '6b697468-6d61-4c62-a000-000000000003',
  /** Notify; a mailbox may have none. Of no use to who only visits: it goes to whoever is connected. */
  hint: '6b697468-6d61-4c62-a000-000000000004',
  name: 'Kith mailbox',
} as const;

/** One connection. Every method rejects with KithError 'bluetooth-lost' once it is gone. */
export interface MailboxConnection {
  /**
   * Writes a command (at most 20 bytes, what fits under the smallest MTU) and waits for the response.
   * @throws KithError 'bluetooth-command' when the mailbox answers with an ATT error
   */
  command(bytes: Uint8Array): Promise<void>;
  /** Reads the reply. @throws as `command` */
  reply(): Promise<Uint8Array>;
  /** Resolves when the connection is gone; never rejects. */
  disconnect(): Promise<void>;
}

/** A mailbox that the person has chosen. */
export interface MailboxPeripheral {
  /** @throws KithError 'bluetooth-lost' | 'bluetooth-off' | 'bluetooth-denied' | 'mailbox-foreign' (it lacks the characteristics) */
  connect(): Promise<MailboxConnection>;
}

/**
 * Why a page cannot use Bluetooth. insecure: it was not opened over https. flag: this browser has it behind a switch. browser: it has none.
 */
export type BluetoothGap = 'insecure' | 'flag' | 'browser';

export interface Bluetooth {
  /**
   * Lets the person choose a mailbox; needs a gesture of theirs.
   * @throws KithError 'bluetooth-missing' | 'bluetooth-off' | 'bluetooth-denied' | 'bluetooth-cancelled'
   */
  choose(): Promise<MailboxPeripheral>;
}
