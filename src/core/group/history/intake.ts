// Messages on their way into the history: what waits for operations of the membership is held, within bounds, and tried again.
import { toHex } from '../../bytes/hex.ts';
import type { ErrorKind } from '../../errors.ts';
import type { SignedMessage } from '../../wire/group-message.ts';
import type { MemberId, Members } from '../members-view.ts';
import { type Entry, examine, type MessageHash } from './entry.ts';
import type { History } from './history.ts';
import { messageHash } from './signing.ts';

/** Messages held for operations that are missing: of one member who gave them, and of all. Beyond it the exchange brings them. */
const HELD_PER_SOURCE = 200;
const MAX_HELD = 2_000;

export type Taken =
  | { readonly is: 'new'; readonly entry: Entry }
  | { readonly is: 'known' }
  | { readonly is: 'held'; readonly missing: readonly Uint8Array[] }
  | { readonly is: 'refused'; readonly kind: ErrorKind };

interface Held {
  readonly signed: SignedMessage;
  readonly source: MemberId;
}

export class Intake {
  readonly #history: History;
  readonly #held = new Map<MessageHash, Held>();

  constructor(history: History) {
    this.#history = history;
  }

  holds(hash: MessageHash): boolean {
    return this.#held.has(hash);
  }

  /** `check`: what the envelope says and the message has to agree with. */
  async take(
    signed: SignedMessage,
    source: MemberId,
    members: Members,
    check: (entry: Entry) => boolean = () => true,
  ): Promise<Taken> {
    const hash = toHex(await messageHash(signed.content));
    if (this.#history.find(hash) !== undefined) return { is: 'known' };
    const examined = await examine(signed, members);
    if (examined.is === 'unknown-heads') return this.#hold(hash, { signed, source }, examined.missing);
    this.#held.delete(hash);
    if (examined.is === 'refused') return examined;
    if (!check(examined.entry)) return { is: 'refused', kind: 'group-forged' };
    this.#history.add(examined.entry);
    return { is: 'new', entry: examined.entry };
  }

  /** Everything held, to be taken again because operations have come. */
  waiting(): readonly Held[] {
    return [...this.#held.values()];
  }

  #hold(hash: MessageHash, held: Held, missing: readonly Uint8Array[]): Taken {
    const theirs = [...this.#held.values()].filter(({ source }) => source === held.source).length;
    if (this.#held.has(hash) || (theirs < HELD_PER_SOURCE && this.#held.size < MAX_HELD)) this.#held.set(hash, held);
    return { is: 'held', missing };
  }
}
