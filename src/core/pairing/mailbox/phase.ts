// Where an exchange over a mailbox stands (MAILBOX.md, "The exchange"), what moves it, and what it asks for.
import type { ErrorDetail, ErrorKind } from '../../errors.ts';
import type { Card } from '../../identity/card.ts';
import type { Messages, Own, Secrets, Side } from './values.ts';
import type { Errand, Seen } from './visit.ts';

/** Both have opened: what is compared, and everything after. */
export interface Run {
  readonly side: Side;
  readonly own: Own;
  readonly messages: Messages;
  readonly secrets: Secrets;
}

/** What an exchange comes to: both cards and a secret that nobody else has. */
export interface Agreement {
  /** The one-time secret of the card that I handed over, 16 bytes. */
  readonly cardSecret: Uint8Array;
  readonly theirs: Card;
  /** 32 bytes. */
  readonly psk: Uint8Array;
}

export type Phase =
  /** Fresh values are being made. */
  | { readonly at: 'preparing' }
  /** Slot 1 is mine if it is free. `busy`: two others are at it. */
  | { readonly at: 'arriving'; readonly own: Own; readonly busy: boolean }
  /** A: slot 1 is mine; nobody has replied. */
  | { readonly at: 'waiting'; readonly own: Own }
  /** B: slot 2 is to be mine; slot 3 is awaited. */
  | { readonly at: 'replying'; readonly own: Own; readonly first: Uint8Array }
  /** A: somebody has replied; slot 3 is to be mine. */
  | { readonly at: 'opening'; readonly own: Own; readonly reply: Uint8Array }
  | { readonly at: 'deriving'; readonly side: Side; readonly own: Own; readonly messages: Messages }
  /** The codes are on the screens. `tries`: left. */
  | { readonly at: 'comparing'; readonly run: Run; readonly tries: number }
  /** My card is being sealed. `agreement`: B's, promised on the disk. */
  | { readonly at: 'sealing'; readonly run: Run; readonly agreement: Agreement | null }
  /** A: slot 4 is to be mine; slot 5 is awaited. */
  | { readonly at: 'delivering'; readonly run: Run; readonly sealed: Uint8Array; readonly delivered: boolean }
  /** B: slot 4 is awaited. */
  | { readonly at: 'fetching'; readonly run: Run }
  /** Their card is being opened. `early`: B had answered before it can have read slot 4. */
  | { readonly at: 'unsealing'; readonly run: Run; readonly early: boolean }
  /** It is being written down. */
  | { readonly at: 'keeping'; readonly run: Run; readonly agreement: Agreement; readonly early: boolean }
  /** B: slot 5 is to be mine, not before `since`. `gone`: the mailbox took it, and had it no more when it was read back. */
  | {
      readonly at: 'answering';
      readonly run: Run;
      readonly agreement: Agreement;
      readonly sealed: Uint8Array;
      readonly since: number;
      readonly gone: boolean;
    }
  /** B: A's receipt is awaited. What it is the receipt of was written after `since`. */
  | { readonly at: 'confirming'; readonly run: Run; readonly agreement: Agreement; readonly since: number }
  /** B: the receipt is there and is being written down. */
  | { readonly at: 'settling'; readonly run: Run; readonly agreement: Agreement }
  /** `confirmed`: the other side certainly has my card. */
  | { readonly at: 'done'; readonly agreement: Agreement; readonly confirmed: boolean }
  | { readonly at: 'failed'; readonly kind: ErrorKind }
  /** The person has left it. */
  | { readonly at: 'over' };

export interface Exchange {
  readonly phase: Phase;
  /** When this search for somebody began, milliseconds of the clock. */
  readonly since: number;
  /** When the mailbox was last visited with success. */
  readonly reachedAt: number;
}

export type ExchangeEvent =
  | { readonly is: 'prepared'; readonly own: Own }
  | { readonly is: 'visited'; readonly seen: Seen }
  | { readonly is: 'unreachable'; readonly kind: ErrorKind }
  | { readonly is: 'derived'; readonly secrets: Secrets }
  | { readonly is: 'sealed'; readonly sealed: Uint8Array }
  | { readonly is: 'opened'; readonly card: Card }
  /** What was to be kept is on the disk. */
  | { readonly is: 'kept' }
  /** An effect failed. */
  | { readonly is: 'broken'; readonly kind: ErrorKind }
  /** The person typed what the other's screen shows. */
  | { readonly is: 'code'; readonly digits: string }
  /** The person wants the mailbox for themselves. */
  | { readonly is: 'start-over' }
  /** The person closes the screen. */
  | { readonly is: 'cancel' };

export type Effect =
  | { readonly do: 'prepare' }
  /** After so many milliseconds; takes the place of a visit that has not begun. */
  | { readonly do: 'visit'; readonly errand: Errand; readonly after: number }
  /** CLEAR after so many milliseconds, if slot 1 holds `first` (null: whatever it holds). Whether it succeeds changes nothing. */
  | { readonly do: 'clear'; readonly first: Uint8Array | null; readonly after: number }
  | { readonly do: 'derive'; readonly side: Side; readonly own: Own; readonly messages: Messages }
  | { readonly do: 'seal'; readonly run: Run }
  | { readonly do: 'open'; readonly run: Run; readonly sealed: Uint8Array }
  /** `confirmed`: the other side has certainly my card. Otherwise it is only a promise. */
  | { readonly do: 'keep'; readonly agreement: Agreement; readonly confirmed: boolean }
  | { readonly do: 'withdraw'; readonly agreement: Agreement }
  /** What the person hears of the code they typed; null: it is right. */
  | { readonly do: 'tell'; readonly kind: ErrorKind | null; readonly detail: ErrorDetail };

export interface Step {
  readonly exchange: Exchange;
  readonly effects: readonly Effect[];
}
