// What a group costs on its sessions: every message of the protocol, counted where it is sealed.
import { toHex } from '../../../src/core/bytes/hex.ts';
import { decode } from '../../../src/core/wire/cbor.ts';
import { MAX_RECEIPT_BYTES, receiptSchema, type SignedReceipt } from '../../../src/core/wire/group-gossip.ts';
import type { GroupWords } from '../../../src/core/wire/group-says.ts';

/** What the protocol's messages are for. */
const kinds = {
  'group-sealed': 'messages',
  'group-key': 'keys',
  'group-have': 'names',
  'group-prune': 'names',
  'group-graft': 'names',
  'group-compare': 'history',
  'group-list': 'history',
  'group-want': 'history',
  'group-fill': 'history',
  'group-share': 'history',
  'group-receipts': 'receipts',
  'members-heads': 'membership',
  'members-need': 'membership',
  'members-give': 'membership',
} as const satisfies Record<GroupWords['type'], string>;

export type CostKind = (typeof kinds)[GroupWords['type']];

export class Cost {
  readonly frames = new Map<CostKind, number>();
  readonly bytes = new Map<CostKind, number>();
  readonly refusals = new Map<string, number>();
  sessions = 0;
  /** When a message was written, and how long others waited for it, ms. */
  readonly #written = new Map<string, number>();
  readonly #authors = new WeakMap<SignedReceipt, string>();
  delays: number[] = [];

  sent(type: GroupWords['type'], bytes: number): void {
    const kind = kinds[type];
    this.frames.set(kind, (this.frames.get(kind) ?? 0) + 1);
    this.bytes.set(kind, (this.bytes.get(kind) ?? 0) + bytes);
  }

  /** The first to whom it is new is its author. */
  arrived(hash: string, now: number): void {
    const at = this.#written.get(hash);
    if (at === undefined) this.#written.set(hash, now);
    else this.delays.push(now - at);
  }

  refused(kind: string): void {
    this.refusals.set(kind, (this.refusals.get(kind) ?? 0) + 1);
  }

  authorOf(receipt: SignedReceipt): string {
    let author = this.#authors.get(receipt);
    if (author === undefined) {
      author = toHex(decode(receipt.content, receiptSchema, MAX_RECEIPT_BYTES).from);
      this.#authors.set(receipt, author);
    }
    return author;
  }

  /** From here on. */
  reset(): void {
    this.frames.clear();
    this.bytes.clear();
    this.delays = [];
    this.sessions = 0;
  }
}
