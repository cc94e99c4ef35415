// What a live session gives to transfers, and the words in which a file's end is told to the other side.
import type { ErrorKind } from '../errors.ts';
import type { StopReason, TransferMessage } from '../wire/transfer-messages.ts';

export interface TransferChannel {
  /** Resolves when the link has taken it. Rejects when the session has ended. */
  send(message: TransferMessage): Promise<void>;
  /** Bytes that the link has taken and the network has not. */
  readonly bufferedAmount: number;
  /** Resolves when `bufferedAmount` <= `bytes`, or the session has ended. */
  drained(bytes: number): Promise<void>;
}

const reasons: Partial<Record<ErrorKind, StopReason>> = {
  'file-cancelled': 'cancelled',
  'file-too-large': 'too-large',
  'disk-full': 'disk-full',
  'file-hash-mismatch': 'hash-mismatch',
  'file-corrupt-unit': 'corrupt',
};

const kinds: Record<StopReason, ErrorKind> = {
  cancelled: 'file-cancelled',
  'too-large': 'file-too-large',
  'disk-full': 'disk-full',
  'hash-mismatch': 'file-hash-mismatch',
  corrupt: 'file-corrupt-unit',
  // They know nothing of it any more: somebody removed it there.
  unknown: 'file-cancelled',
};

/** What the other side is told; details of our disk are none of its business. */
export const reasonOf = (kind: ErrorKind | undefined): StopReason => (kind && reasons[kind]) ?? 'corrupt';

export const kindOfReason = (reason: StopReason): ErrorKind => kinds[reason];
