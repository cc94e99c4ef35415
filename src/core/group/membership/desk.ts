// Runs `step` for one group: one event at a time, signatures checked in between, effects handed out in their order.
import type { Bytes } from '../../bytes/bytes.ts';
import { KithError } from '../../errors.ts';
import type { OperationBody } from '../../wire/group-operations.ts';
import { author } from './authoring.ts';
import type { Genuine } from './log.ts';
import { step } from './membership.ts';
import { type Arrived, arrive, prove, type Verbs } from './reading.ts';
import type { MembershipEffect, MembershipEvent, MembershipState } from './state.ts';

/** Effects that are left to the node. A `keep` is on the disk before the next effect is asked for. */
export type OutwardEffect = Exclude<MembershipEffect, { readonly do: 'verify' }>;

interface DeskOptions {
  readonly state: MembershipState;
  readonly verbs: Verbs;
  readonly out: (effect: OutwardEffect) => void | Promise<void>;
}

interface Signer {
  readonly publicKey: Bytes;
  sign(data: Uint8Array): Promise<Bytes>;
}

export class MembershipDesk {
  readonly #verbs: Verbs;
  readonly #out: DeskOptions['out'];
  #state: MembershipState;
  /** Ends when everything that was asked for is done. */
  #line: Promise<unknown> = Promise.resolve();

  constructor({ state, verbs, out }: DeskOptions) {
    this.#state = state;
    this.#verbs = verbs;
    this.#out = out;
  }

  get state(): MembershipState {
    return this.#state;
  }

  /** Operations as they came from a source, and what it says its heads are. Never fails for what others sent. */
  receive(from: string, operations: readonly Uint8Array[], heads: readonly Uint8Array[]): Promise<void> {
    return this.#inLine(async () => {
      const arrived: Arrived[] = [];
      for (const bytes of operations) {
        const one = await this.#arrive(bytes);
        if (one === undefined) await this.#step({ is: 'malformed', from });
        else arrived.push(one);
      }
      await this.#step({ is: 'arrived', from, operations: arrived, heads });
    });
  }

  tell(event: MembershipEvent): Promise<void> {
    return this.#inLine(() => this.#step(event));
  }

  /** Signs an operation of mine. @throws KithError as `author` does */
  act(fingerprint: Uint8Array, key: Signer, body: OperationBody): Promise<Genuine> {
    return this.#inLine(async () => {
      const genuine = await author(this.#state, fingerprint, key, body, this.#verbs);
      await this.#step({ is: 'authored', genuine });
      return genuine;
    });
  }

  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#line.then(work);
    this.#line = done.catch(() => undefined);
    return done;
  }

  async #step(event: MembershipEvent): Promise<void> {
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    for (const effect of effects) {
      if (effect.do === 'verify') await this.#verify(effect.from, effect.operations);
      else await this.#out(effect);
    }
  }

  async #arrive(bytes: Uint8Array): Promise<Arrived | undefined> {
    try {
      return await arrive(bytes, this.#verbs);
    } catch (error) {
      if (error instanceof KithError) return undefined;
      throw error;
    }
  }

  async #verify(from: string, operations: readonly Arrived[]): Promise<void> {
    const genuine: Genuine[] = [];
    const forged: string[] = [];
    for (const one of operations) {
      try {
        genuine.push(await prove(one, this.#state.groupId, this.#verbs));
      } catch (error) {
        if (!(error instanceof KithError)) throw error;
        forged.push(one.id);
      }
    }
    await this.#step({ is: 'checked', from, genuine, forged });
  }
}
