// Appointments with whoever is wanted at the moment: made, kept and cancelled so that they fit.
import type { Link } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { Appointment, MeetingKeys, Rendezvous } from '../rendezvous/rendezvous.ts';
import { inBackground } from './background.ts';

export interface Wanted {
  readonly meeting: () => Promise<MeetingKeys>;
  readonly onLink: (link: Link) => void;
  /** Waits to be found: during a call a new link would replace it, and nobody goes looking for a caller to turn away. */
  readonly quiet: boolean;
  /** For longer than a day. */
  readonly lasting: boolean;
}

export class Appointments {
  readonly #kept = new Map<string, Appointment>();
  #fitting: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly options: { readonly rendezvous: Rendezvous; readonly log: Log },
    /** By a name of each that stays the same. */
    private readonly wanted: () => ReadonlyMap<string, Wanted>,
  ) {}

  /** What is wanted has changed. */
  fit(): void {
    const fitted = this.#fitting.then(() => this.#fit());
    inBackground(this.options.log, 'appointments not kept', fitted);
    this.#fitting = fitted.catch(() => {});
  }

  close(): void {
    this.#closed = true;
    for (const appointment of this.#kept.values()) appointment.cancel();
    this.#kept.clear();
  }

  async #fit(): Promise<void> {
    if (this.#closed) return;
    const wanted = this.wanted();
    for (const [key, appointment] of this.#kept) {
      if (wanted.has(key)) continue;
      appointment.cancel();
      this.#kept.delete(key);
    }
    for (const [key, one] of wanted) {
      const appointment = this.#kept.get(key) ?? (await this.#appoint(key, one));
      appointment?.satisfied(one.quiet);
    }
  }

  async #appoint(key: string, { meeting, onLink, lasting }: Wanted): Promise<Appointment | undefined> {
    const keys = await meeting();
    if (this.#closed) return undefined;
    const appointment = this.options.rendezvous.meet({ id: key, meeting: keys, daily: lasting, onLink });
    this.#kept.set(key, appointment);
    return appointment;
  }
}
