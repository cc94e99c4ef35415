// The sender keys of the others: opens each message once, in whatever order they come (KEYS.md).
import { type Bytes, equalBytes } from '../../bytes/bytes.ts';
import { toHex } from '../../bytes/hex.ts';
import { verify } from '../../crypto/sign.ts';
import { KithError } from '../../errors.ts';
import { Queue } from '../../queue.ts';
import { encodeArray } from '../../wire/cbor.ts';
import type { SenderKeyMessage } from '../../wire/group-key.ts';
import type { SealedMessage, SignedMessage } from '../../wire/group-message.ts';
import { hasJoined, type MemberId, type MembersView } from '../members-view.ts';
import { isGenuine, openEnvelope, senderKeyBytes } from './envelope.ts';
import { type MessageKey, step } from './ratchet.ts';
import { type ChainRecord, decodeChains, encodeChain } from './records.ts';

/** Chains kept for one sender: messages of two or three may be on their way at once, libsignal keeps five. */
export const CHAINS_PER_SENDER = 5;
/** Message keys kept for messages that were overtaken, in the whole group. Beyond it the oldest go: history fills in. */
export const MAX_SKIPPED = 1_000;
/** A chain is forgotten so long after it came, ms: a week of use and a day on the way. */
export const CHAIN_KEPT_MS = 8 * 24 * 3_600_000;

export type KeyOutcome = 'new' | 'known' | 'refused';

export type OpenOutcome =
  | { readonly is: 'opened'; readonly signed: SignedMessage }
  /** This place was opened before: a repetition. */
  | { readonly is: 'spent' }
  /** No key for it, or not any more: the history has to fill it in. */
  | { readonly is: 'no-key' }
  /** The author's own envelope does not open as it says. */
  | { readonly is: 'unreadable' };

interface Written {
  readonly counter: number;
  readonly skipped: number;
  readonly bytes: Bytes;
}

export class ReceivingKeys {
  readonly #self: MemberId;
  readonly #queue = new Queue();
  readonly #chains: Map<string, ChainRecord>;
  /** Each as it was encoded last. */
  readonly #written = new Map<ChainRecord, Written>();

  constructor(self: MemberId, chains: readonly ChainRecord[] = []) {
    this.#self = self;
    this.#chains = new Map(chains.map((chain) => [chain.name, chain]));
  }

  /** @throws KithError 'record-damaged' */
  static restore(self: MemberId, bytes: Uint8Array): ReceivingKeys {
    return new ReceivingKeys(self, decodeChains(bytes));
  }

  /** Everything kept, for the disk: to be written together with the message that an opened key gave. */
  snapshot(): Bytes {
    return encodeArray(Array.from(this.#chains.values(), (chain) => this.#encoded(chain)));
  }

  /** Of hundreds of chains one has changed since the last time. */
  #encoded(chain: ChainRecord): Bytes {
    const before = this.#written.get(chain);
    // At one counter keys are only taken out.
    if (before?.counter === chain.counter && before.skipped === chain.skipped.size) return before.bytes;
    before?.bytes.fill(0);
    const bytes = encodeChain(chain);
    this.#written.set(chain, { counter: chain.counter, skipped: chain.skipped.size, bytes });
    return bytes;
  }

  /** How many message keys wait for messages that were overtaken. */
  get skipped(): number {
    return [...this.#chains.values()].reduce((sum, chain) => sum + chain.skipped.size, 0);
  }

  /**
   * Takes a key that `passer` handed over. `view`: the members at the key's own heads; `now`: ms.
   * 'refused': not for me, not from a member to a member, or not signed by its owner.
   */
  take(key: SenderKeyMessage, passer: MemberId, view: MembersView, now: number): Promise<KeyOutcome> {
    return this.#queue.run(async () => {
      const from = toHex(key.from);
      // My own, which somebody passed on to all their peers.
      if (from === this.#self) return 'known';
      const owner = view.member(from);
      const all = [from, passer, this.#self].every((id) => hasJoined(view, id));
      if (owner === undefined || !all || !equalBytes(key.group, view.groupId)) return 'refused';
      if (!(await verify(owner.signKey, senderKeyBytes(key), key.signature))) return 'refused';
      const name = nameOf(from, key.chain);
      if (this.#chains.has(name)) return 'known';
      this.#chains.set(name, {
        name,
        from,
        view: view.headsHash,
        counter: key.counter,
        key: Uint8Array.from(key.key),
        skipped: new Map(),
        at: now,
      });
      this.#keepNewest(from);
      return 'new';
    });
  }

  /** `signKey`: the author's, in the view for which the envelope was sealed. @throws KithError 'frame-authentication' when it is not theirs */
  open(envelope: SealedMessage, signKey: Uint8Array): Promise<OpenOutcome> {
    return this.#queue.run(async () => {
      // First the signature: junk must not move anybody's chain.
      if (!(await isGenuine(envelope, signKey))) throw new KithError('frame-authentication');
      const chain = this.#chains.get(nameOf(toHex(envelope.from), envelope.chain));
      if (chain === undefined || !equalBytes(chain.view, envelope.view)) return { is: 'no-key' };
      return this.#openUnder(chain, envelope);
    });
  }

  async #openUnder(chain: ChainRecord, envelope: SealedMessage): Promise<OpenOutcome> {
    const { counter } = envelope;
    const kept = chain.skipped.get(counter);
    if (counter < chain.counter && kept === undefined) return { is: 'spent' };
    const ahead = kept === undefined ? await advance(chain, counter) : undefined;
    const message = ahead?.message ?? (kept as MessageKey);
    let signed: SignedMessage;
    try {
      signed = await openEnvelope(envelope, message);
    } catch {
      return { is: 'unreadable' };
    }
    // The key goes only now: what did not open may still come right.
    chain.skipped.delete(counter);
    if (ahead !== undefined) {
      chain.key.fill(0);
      chain.key = ahead.key;
      chain.counter = counter + 1;
      for (const [place, key] of ahead.skipped) chain.skipped.set(place, key);
      this.#capSkipped();
    }
    message.key.fill(0);
    return { is: 'opened', signed };
  }

  /** Forgets what is old, and the keys of whoever does not belong any more. */
  tidy(view: MembersView, now: number): Promise<void> {
    return this.#queue.run(async () => {
      for (const chain of [...this.#chains.values()]) {
        if (!view.has(chain.from) || now - chain.at >= CHAIN_KEPT_MS) this.#forget(chain);
      }
    });
  }

  #keepNewest(from: MemberId): void {
    const theirs = [...this.#chains.values()].filter((chain) => chain.from === from);
    for (const chain of theirs.slice(0, -CHAINS_PER_SENDER)) this.#forget(chain);
  }

  #capSkipped(): void {
    let surplus = this.skipped - MAX_SKIPPED;
    for (const chain of this.#chains.values()) {
      for (const place of [...chain.skipped.keys()]) {
        if (surplus <= 0) return;
        chain.skipped.get(place)?.key.fill(0);
        chain.skipped.delete(place);
        surplus -= 1;
      }
    }
  }

  #forget(chain: ChainRecord): void {
    chain.key.fill(0);
    for (const { key } of chain.skipped.values()) key.fill(0);
    this.#written.get(chain)?.bytes.fill(0);
    this.#written.delete(chain);
    this.#chains.delete(chain.name);
  }
}

const nameOf = (from: MemberId, chain: Uint8Array): string => `${from}/${toHex(chain)}`;

/** Keys from the chain's place up to `counter`; the chain itself stays as it is. At most as many as a chain has messages. */
async function advance(chain: ChainRecord, counter: number) {
  const skipped = new Map<number, MessageKey>();
  let key: Bytes = chain.key;
  for (let place = chain.counter; ; place += 1) {
    const { message, next } = await step(key);
    if (key !== chain.key) key.fill(0);
    key = next;
    if (place === counter) return { message, key, skipped };
    skipped.set(place, message);
  }
}
