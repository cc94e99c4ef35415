// Carries out what an exchange over a mailbox asks for, and tells it what came of it.
import type { Bytes } from '../../bytes/bytes.ts';
import { KithError, kindOf } from '../../errors.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import { step } from './exchange.ts';
import type { Agreement, Effect, Exchange, ExchangeEvent, Phase, Step } from './phase.ts';
import { begin } from './transitions.ts';
import { deriveSecrets, freshValues, openCard, otherSide, sealCard } from './values.ts';
import type { Errand, Seen } from './visit.ts';

export interface MailboxRunOptions {
  /** My fingerprint, 32 bytes. */
  readonly self: Bytes;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Goes to the mailbox. @throws KithError as `MailboxVisitor.visit` */
  readonly visit: (errand: Errand) => Promise<Seen>;
  /** Resolves when it is on the disk. `confirmed`: the other side certainly has my card; else it is only a promise. */
  readonly keep: (agreement: Agreement, confirmed: boolean) => Promise<void>;
  /** What was promised is void. */
  readonly withdraw: (agreement: Agreement) => Promise<void>;
  readonly changed: () => void;
}

type Visit = Extract<Effect, { readonly do: 'visit' | 'clear' }>;

export class MailboxRun {
  readonly #options: MailboxRunOptions;
  #exchange: Exchange;
  /** The look that is due. A newer one takes its place, also while it is under way. */
  #next: Visit | undefined;
  #timer: Timer | undefined;
  /** One visit after the other: two at once would disconnect each other. */
  #visits: Promise<void> = Promise.resolve();

  constructor(options: MailboxRunOptions) {
    this.#options = options;
    const first = begin(options.clock.now());
    this.#exchange = first.exchange;
    this.#carryOut(first);
  }

  get phase(): Phase {
    return this.#exchange.phase;
  }

  /** The person typed the six digits of the other's screen. @throws KithError 'code-…' | 'mailbox-expired' */
  enter(digits: string): void {
    const told = this.#happened({ is: 'code', digits }).find((effect) => effect.do === 'tell');
    if (told?.kind) throw new KithError(told.kind, told.detail);
  }

  /** The person wants the mailbox for themselves, or begins again after a failure. */
  startOver(): void {
    this.#happened({ is: 'start-over' });
  }

  /** The person closes the screen: before the code it is given up, after it it goes on. */
  cancel(): void {
    this.#happened({ is: 'cancel' });
  }

  /** The page is going away. */
  close(): void {
    this.#timer?.cancel();
    this.#next = undefined;
  }

  #happened(event: ExchangeEvent): readonly Effect[] {
    const next = step(this.#exchange, event, this.#options.clock.now());
    this.#exchange = next.exchange;
    this.#carryOut(next);
    this.#options.changed();
    return next.effects;
  }

  #carryOut({ exchange, effects }: Step): void {
    const attempt = exchange.phase;
    for (const effect of effects) {
      if (effect.do === 'visit') this.#visitAfter(effect);
      else if (effect.do === 'clear') this.#clearAfter(effect);
      else if (effect.do !== 'tell') void this.#compute(effect, attempt);
    }
  }

  /** What is computed for a phase that has been left meanwhile is of no use. */
  async #compute(effect: Exclude<Effect, Visit | { readonly do: 'tell' }>, phase: Phase): Promise<void> {
    let event: ExchangeEvent | undefined;
    try {
      event = await this.#outcome(effect);
    } catch (error) {
      this.#options.log('info', 'pairing over a mailbox failed', { kind: kindOf(error), at: phase.at });
      event = { is: 'broken', kind: kindOf(error) };
    }
    if (event !== undefined && this.#exchange.phase === phase) this.#happened(event);
  }

  async #outcome(effect: Exclude<Effect, Visit | { readonly do: 'tell' }>): Promise<ExchangeEvent | undefined> {
    const { self, random, keep, withdraw } = this.#options;
    switch (effect.do) {
      case 'prepare':
        return { is: 'prepared', own: await freshValues(self, random) };
      case 'derive':
        return { is: 'derived', secrets: await deriveSecrets(effect.side, effect.own, effect.messages) };
      case 'seal':
        return { is: 'sealed', sealed: await sealCard(effect.run.side, effect.run.own, effect.run.secrets) };
      case 'open': {
        const { side, messages, secrets } = effect.run;
        return { is: 'opened', card: await openCard(otherSide(side), effect.sealed, messages, secrets, self) };
      }
      case 'keep':
        await keep(effect.agreement, effect.confirmed);
        return { is: 'kept' };
      case 'withdraw':
        await withdraw(effect.agreement);
        return undefined;
    }
  }

  #visitAfter(effect: Extract<Effect, { readonly do: 'visit' }>): void {
    const { clock, random } = this.#options;
    this.#next = effect;
    this.#timer?.cancel();
    // Two who look at the same moments would always find the mailbox taken.
    const after = Math.round(effect.after * (0.6 + 0.8 * random.fraction()));
    this.#timer = clock.after(after, () => this.#visit(effect));
  }

  #visit(effect: Extract<Effect, { readonly do: 'visit' }>): void {
    this.#visits = this.#visits.then(async () => {
      if (this.#next !== effect) return;
      const event = await this.#options.visit(effect.errand).then(
        (seen): ExchangeEvent => ({ is: 'visited', seen }),
        (error: unknown): ExchangeEvent => ({ is: 'unreachable', kind: kindOf(error) }),
      );
      if (this.#next === effect) this.#happened(event);
    });
  }

  #clearAfter({ first, after }: Extract<Effect, { readonly do: 'clear' }>): void {
    const errand: Errand = { first, write: null, read: [], clear: true };
    const clear = (): void => {
      this.#visits = this.#visits.then(async () => {
        await this.#options.visit(errand).catch((error: unknown) => {
          this.#options.log('info', 'mailbox not cleared', { kind: kindOf(error) });
        });
      });
    };
    if (after === 0) clear();
    else this.#options.clock.after(after, clear);
  }
}
