// My sender key: made anew at every start and whenever the membership changes, never written anywhere (KEYS.md).
import type { Bytes } from '../../bytes/bytes.ts';
import { equalBytes } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { Queue } from '../../queue.ts';
import type { SenderKeyMessage } from '../../wire/group-key.ts';
import { MESSAGES_PER_CHAIN } from '../../wire/group-limits.ts';
import type { SealedMessage, SignedMessage } from '../../wire/group-message.ts';
import type { Sign } from '../history/signing.ts';
import type { MemberId, MembersView } from '../members-view.ts';
import { sealEnvelope, senderKeyBytes } from './envelope.ts';
import { CHAIN_KEY_BYTES, type MessageKey, step } from './ratchet.ts';

/** Longest use of one sender key, ms: 7 days. */
export const CHAIN_LIFE_MS = 7 * 24 * 3_600_000;
const CHAIN_ID_BYTES = 16;

interface Chain {
  readonly id: Bytes;
  readonly view: MembersView;
  /** When it was made, by the sender's clock. */
  readonly since: number;
  /** Chain key at `counter`. */
  key: Bytes;
  counter: number;
}

export interface SendingKit {
  readonly self: MemberId;
  readonly sign: Sign;
  readonly random: Random;
  readonly clock: Clock;
}

export interface Sealed {
  readonly envelope: SealedMessage;
  /** A new key: to be handed to every other member of its view before the envelope. */
  readonly newKey?: SenderKeyMessage;
}

export class SendingKeys {
  readonly #kit: SendingKit;
  readonly #queue = new Queue();
  #chain: Chain | undefined;

  constructor(kit: SendingKit) {
    this.#kit = kit;
  }

  /**
   * Seals for the members of `view` and nobody else. Calls take their keys one after another, whatever becomes of the sealing:
   * a key that was taken is gone.
   */
  async seal(signed: SignedMessage, hash: Uint8Array, view: MembersView): Promise<Sealed> {
    const { chain, counter, message, newKey } = await this.#queue.run(() => this.#take(view));
    const header = {
      group: view.groupId,
      from: fromHex(this.#kit.self),
      chain: chain.id,
      counter,
      hash,
      view: view.headsHash,
    };
    const envelope = await sealEnvelope(header, message, signed, this.#kit.sign);
    message.key.fill(0);
    return newKey === undefined ? { envelope } : { envelope, newKey };
  }

  /** The key for messages from now on, for a member of `view` who has no session before; undefined when there is none. */
  async handOver(view: MembersView): Promise<SenderKeyMessage | undefined> {
    return this.#queue.run(async () => {
      const chain = this.#chain;
      return chain !== undefined && this.#isFit(chain, view) ? this.#message(chain) : undefined;
    });
  }

  async #take(view: MembersView) {
    let chain = this.#chain;
    let newKey: SenderKeyMessage | undefined;
    if (chain === undefined || !this.#isFit(chain, view)) {
      chain?.key.fill(0);
      chain = this.#begin(view);
      this.#chain = chain;
      newKey = await this.#message(chain);
    }
    const counter = chain.counter;
    const used = chain.key;
    const { message, next }: { message: MessageKey; next: Bytes } = await step(used);
    // Before anything is sealed the chain stands behind this place.
    chain.key = next;
    chain.counter = counter + 1;
    used.fill(0);
    return { chain, counter, message, newKey };
  }

  #isFit(chain: Chain, view: MembersView): boolean {
    const age = this.#kit.clock.now() - chain.since;
    // A clock that was set back tells nothing about the age.
    return (
      equalBytes(chain.view.headsHash, view.headsHash) &&
      chain.counter < MESSAGES_PER_CHAIN &&
      age >= 0 &&
      age < CHAIN_LIFE_MS
    );
  }

  #begin(view: MembersView): Chain {
    const { random, clock } = this.#kit;
    const [id, key] = [random.bytes(CHAIN_ID_BYTES), random.bytes(CHAIN_KEY_BYTES)];
    return { id, view, since: clock.now(), key, counter: 0 };
  }

  async #message(chain: Chain): Promise<SenderKeyMessage> {
    const key = {
      group: chain.view.groupId,
      from: fromHex(this.#kit.self),
      chain: chain.id,
      view: [...chain.view.heads],
      counter: chain.counter,
      key: Uint8Array.from(chain.key),
    };
    return { type: 'group-key', ...key, signature: await this.#kit.sign(senderKeyBytes(key)) };
  }
}
