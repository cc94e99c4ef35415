// The other way to a link: through a door that carries links, for when no direct one opens or none may.
import { kindOf } from '../errors.ts';
import type { Timer } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { Place } from './places.ts';
import type { Tools } from './tools.ts';

export interface RelayOptions {
  readonly tools: Tools;
  /** As they are when its time has come. Tried in this order; those at doors that carry nothing are left out. */
  readonly places: () => readonly Place[];
  /** Milliseconds until it is tried. */
  readonly after: number;
  /** Called once: the link, or undefined when none came of it. Not called after `cancel`. */
  readonly onEnd: (link: Link | undefined) => void;
}

export class Relay {
  readonly #options: RelayOptions;
  readonly #timer: Timer;
  #over = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#timer = options.tools.clock.after(options.after, () => void this.#start());
  }

  /** A link that opens after this is closed. */
  cancel(): void {
    this.#over = true;
    this.#timer.cancel();
  }

  async #start(): Promise<void> {
    for (const { membership } of this.#options.places()) {
      if (this.#over) return;
      const link = await this.#through(membership.carry?.bind(membership));
      if (link && this.#over) return link.close();
      if (link) return this.#end(link);
    }
    if (!this.#over) this.#end(undefined);
  }

  async #through(carry: (() => Promise<Link>) | undefined): Promise<Link | undefined> {
    const { log } = this.#options.tools;
    try {
      return await carry?.();
    } catch (error) {
      log('debug', 'no link through others', { kind: kindOf(error) });
      return undefined;
    }
  }

  #end(link: Link | undefined): void {
    this.#over = true;
    this.#options.onEnd(link);
  }
}

/** Whether anybody there would take an offer, and whether a link could be carried. */
export const takesOffers = (places: readonly Place[]): boolean =>
  places.some(({ membership }) => membership.takesNoOffers !== true);

export const carries = (places: readonly Place[]): boolean =>
  places.some(({ membership }) => membership.carry !== undefined);
