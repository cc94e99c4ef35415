// What a page and the transfer worker say to each other (adapters/opfs calls, transfer.worker.ts answers).
import type { ErrorDetail, ErrorKind } from '../core/errors.ts';
import type { FileLayout, SealedFile } from '../core/ports/blob-store.ts';
import type { KeyState } from './key-files.ts';

/** Received units on their way to the disk: `first` and those behind it. */
export interface WrittenRow {
  readonly layout: FileLayout;
  readonly key: Uint8Array;
  readonly first: number;
  readonly sealed: Uint8Array<ArrayBuffer>;
}

/** Indices of the units that do not open, or why nothing could be stored. */
export type RowOutcome = readonly number[] | TransferFailure;

/** A KithError that can be cloned. */
export interface TransferFailure {
  readonly kind: ErrorKind;
  readonly detail: ErrorDetail;
  readonly message: string;
}

/** Calls by name: arguments in, result out. Everything is structured-cloneable. */
export interface TransferCalls {
  seal(id: string, source: Blob, key: Uint8Array): SealedFile;
  /** At most `count` units from `first` on, up to the first that is not stored; views of one buffer. */
  readUnits(id: string, layout: FileLayout, first: number, count: number): Uint8Array[];
  /** What became of each row, in their order. */
  writeRows(id: string, rows: readonly WrittenRow[]): readonly RowOutcome[];
  stored(id: string, layout: FileLayout): Uint8Array;
  finish(id: string, layout: FileLayout, key: Uint8Array): Uint8Array;
  open(id: string, layout: FileLayout, key: Uint8Array, type: string): Blob;
  remove(id: string): void;
  list(): string[];
  layout(id: string): FileLayout | undefined;
  restoreUnits(id: string, layout: FileLayout, first: number, sealed: Uint8Array): void;
  flush(id: string, layout: FileLayout): void;
  readKeys(): KeyState;
  writeDataKey(key: Uint8Array<ArrayBuffer>): void;
  hasLived(): boolean;
  noteLife(): void;
  beginMove(): void;
  endMove(): void;
  writeLock(record: Uint8Array<ArrayBuffer>): void;
  writeUnlocked(key: Uint8Array<ArrayBuffer>, record: Uint8Array<ArrayBuffer>): void;
  destroy(): void;
}

export type CallName = keyof TransferCalls;

export type TransferRequest =
  | {
      readonly [Name in CallName]: {
        readonly id: number;
        readonly call: Name;
        readonly args: Parameters<TransferCalls[Name]>;
      };
    }[CallName]
  /** Stops a `seal`; it then answers 'file-cancelled'. */
  | { readonly cancel: number };

export type TransferReply =
  | { readonly id: number; readonly value: unknown }
  | ({ readonly id: number } & TransferFailure)
  /** How far a `seal` is, 0 … 1. */
  | { readonly id: number; readonly progress: number };
