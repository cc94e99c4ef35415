// Where a group's log stands at one member, what moves it, and what it asks for (GROUP.md, "Taking in").
import type { Bytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import type { ErrorKind } from '../../errors.ts';
import { emptyLog, type Genuine, type Log } from './log.ts';
import type { Arrived } from './reading.ts';

/** An operation whose parents are not all known. */
export interface Waiting {
  readonly from: string;
  readonly arrived: Arrived;
  /** There when its signatures were checked. */
  readonly genuine: Genuine | undefined;
  readonly missing: readonly string[];
}

/** Somebody who sends operations: a session, under whatever name the node gives it. */
export interface Source {
  /** Operations whose signatures are being checked. */
  readonly checking: number;
  readonly refused: number;
  /** What it said its heads are. */
  readonly heads: readonly Uint8Array[];
  /** The newest of my entries that it has shown to have. */
  readonly shared: readonly number[];
}

export interface MembershipState {
  readonly groupId: Bytes;
  readonly group: string;
  readonly log: Log;
  /** By hash. */
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** Hashes of what was refused lately. */
  readonly refused: ReadonlySet<string>;
  readonly sources: ReadonlyMap<string, Source>;
}

export type MembershipEvent =
  /** Operations came, and what their sender's heads are; its signatures are not checked. */
  | {
      readonly is: 'arrived';
      readonly from: string;
      readonly operations: readonly Arrived[];
      readonly heads: readonly Uint8Array[];
    }
  /** A `verify` was done. */
  | {
      readonly is: 'checked';
      readonly from: string;
      readonly genuine: readonly Genuine[];
      readonly forged: readonly string[];
    }
  /** Something came that is no operation. */
  | { readonly is: 'malformed'; readonly from: string }
  | { readonly is: 'heads'; readonly from: string; readonly heads: readonly Uint8Array[] }
  /** Somebody lacks what `want` follows from and does not follow from `have`. */
  | {
      readonly is: 'need';
      readonly from: string;
      readonly want: readonly Uint8Array[];
      readonly have: readonly Uint8Array[];
    }
  /** I have signed an operation that `draft` made of this very state. */
  | { readonly is: 'authored'; readonly genuine: Genuine }
  /** The session has ended. */
  | { readonly is: 'left'; readonly from: string };

export type MembershipEffect =
  /** `prove` each, then say `checked`. */
  | { readonly do: 'verify'; readonly from: string; readonly operations: readonly Arrived[] }
  /** To the disk, in this order, before anything that follows. */
  | { readonly do: 'keep'; readonly operations: readonly Genuine[] }
  /** To everybody but that source. */
  | { readonly do: 'relay'; readonly operations: readonly Genuine[]; readonly except: string | undefined }
  | {
      readonly do: 'need';
      readonly to: string;
      readonly want: readonly Uint8Array[];
      readonly have: readonly Uint8Array[];
    }
  | {
      readonly do: 'give';
      readonly to: string;
      readonly operations: readonly Bytes[];
      readonly heads: readonly Uint8Array[];
    }
  /** One author signed several operations in one place (R-fork): shown to everybody. Hashes as text. */
  | { readonly do: 'forked'; readonly author: string; readonly operations: readonly string[] }
  /** Time to sign `seen` (R-witness). */
  | { readonly do: 'witness' }
  /** No more is taken from that source. `kind`: of the last refusal. */
  | { readonly do: 'ignore'; readonly source: string; readonly kind: ErrorKind };

export interface MembershipStep {
  readonly state: MembershipState;
  readonly effects: readonly MembershipEffect[];
}

/** Of a group of which nothing but the id is known. */
export const emptyMembership = (groupId: Bytes, log: Log = emptyLog()): MembershipState => ({
  groupId,
  group: toHex(groupId),
  log,
  waiting: new Map(),
  refused: new Set(),
  sources: new Map(),
});
