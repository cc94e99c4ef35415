// The calls under way on my cards: their handshakes, which of them counts, and what is said on it.
import { kindOf } from '../errors.ts';
import type { Card } from '../identity/card.ts';
import type { Identity } from '../identity/keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { type Control, encodeControl } from './control.ts';
import { answerCaller, type FirstContact } from './first-contact.ts';
import type { Promised } from './promise.ts';

/** Links answered at a time on one card. More come only from somebody who plays with its secret. */
const MAX_CALLS = 8;

export interface Call extends FirstContact {
  readonly invitationId: string;
  /** Place among all calls by the arrival of their first message. */
  readonly order: number;
}

/** The card that somebody calls on. */
export interface Invited {
  readonly id: string;
  readonly card: Card;
  readonly promise: Promised | undefined;
}

export interface AnsweringOptions {
  readonly self: Identity;
  readonly name: () => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** A call has ended. */
  readonly changed: () => void;
}

export class AnsweredCalls {
  readonly #options: AnsweringOptions;
  readonly #links = new Map<string, Set<Link>>();
  readonly #admitted = new Map<string, Call>();
  /** Order of the newest call that was admitted on each card, alive or not. */
  readonly #newest = new Map<string, number>();
  #order = 0;

  constructor(options: AnsweringOptions) {
    this.#options = options;
  }

  /** Handshake with whoever calls; undefined when it came to nothing (the link is closed then). */
  async answer(link: Link, { id: invitationId, card, promise }: Invited, withName: boolean): Promise<Call | undefined> {
    const links = this.#links.get(invitationId) ?? new Set<Link>();
    if (links.size >= MAX_CALLS) {
      link.close();
      return undefined;
    }
    this.#links.set(invitationId, links.add(link));
    const { name, ...rest } = this.#options;
    let order = 0;
    const onCalled = (): void => {
      order = ++this.#order;
    };
    try {
      const contact = await answerCaller({ ...rest, link, card, promise, name: withName ? name() : '', onCalled });
      contact.channel.onClose(() => this.#forget(link, invitationId));
      return { ...contact, invitationId, order };
    } catch (error) {
      this.#forget(link, invitationId);
      this.#options.log('debug', 'call not answered', { kind: kindOf(error) });
      return undefined;
    }
  }

  /**
   * A caller gives up a call before making the next, but the end of the old one may be delayed until after the new one is
   * stored. It would bring back a pair secret that the caller has thrown away.
   */
  isOvertaken(call: Call): boolean {
    return call.order < (this.#newest.get(call.invitationId) ?? 0);
  }

  /** From now on this is the call of its card; an older one ends. */
  admit(call: Call): void {
    const before = this.#admitted.get(call.invitationId);
    this.#admitted.set(call.invitationId, call);
    this.#newest.set(call.invitationId, call.order);
    before?.channel.close(false);
  }

  /** The call on which the caller of this card still listens. */
  admitted(invitationId: string): Call | undefined {
    const call = this.#admitted.get(invitationId);
    return call?.channel.ended === undefined ? call : undefined;
  }

  say(call: Call, control: Control): void {
    // A call that has ended cannot be told; the caller asks again or learns it over a session.
    call.channel.send(encodeControl(control)).catch(() => undefined);
  }

  farewell(call: Call, control: Control): void {
    this.say(call, control);
    call.channel.close();
  }

  close(): void {
    for (const links of this.#links.values()) for (const link of links) link.close();
  }

  #forget(link: Link, invitationId: string): void {
    this.#links.get(invitationId)?.delete(link);
    this.#options.changed();
  }
}
