// What a page and the transfer worker say to each other (adapters/opfs calls, transfer.worker.ts answers).
import type { ErrorDetail, ErrorKind } from '../core/errors.ts';
import type { FileLayout, SealedFile } from '../core/ports/blob-store.ts';

/** Calls by name: arguments in, result out. Everything is structured-cloneable. */
export interface TransferCalls {
  seal(id: string, source: Blob, key: Uint8Array): SealedFile;
  readUnit(id: string, layout: FileLayout, index: number): Uint8Array;
  writeUnit(id: string, layout: FileLayout, key: Uint8Array, index: number, sealed: Uint8Array): void;
  stored(id: string, layout: FileLayout): Uint8Array;
  finish(id: string, layout: FileLayout, key: Uint8Array): Uint8Array;
  open(id: string, layout: FileLayout, key: Uint8Array, type: string): Blob;
  remove(id: string): void;
  list(): string[];
  readDataKey(): Uint8Array<ArrayBuffer> | undefined;
  writeDataKey(key: Uint8Array<ArrayBuffer>): void;
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
  | { readonly id: number; readonly kind: ErrorKind; readonly detail: ErrorDetail; readonly message: string }
  /** How far a `seal` is, 0 … 1. */
  | { readonly id: number; readonly progress: number };
