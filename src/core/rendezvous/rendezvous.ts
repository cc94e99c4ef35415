// How two people who share a secret find each other through doors that must not learn who they are: RENDEZVOUS.md.
import { kindOf } from '../errors.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Dialer } from '../ports/dialer.ts';
import type { EntryPoint } from '../ports/entry-point.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { Appointment, type AppointmentRequest } from './appointment.ts';
import { Slots } from './slots.ts';
import type { Tools } from './tools.ts';
import { dayNumber, untilMidnight } from './topics.ts';
import { Work } from './work.ts';

export type { Appointment, AppointmentRequest, AppointmentState, LinkRole, Satisfaction } from './appointment.ts';
export type { MeetingKeys, MeetingSide } from './topics.ts';

/** Everybody's topics change at the same moment; their announces are spread over this, milliseconds. */
const MIDNIGHT_SPREAD_MS = 60_000;
/** A timer set for midnight may be late after a sleep, so the day is looked at at least this often, milliseconds. */
const LONGEST_LOOK_MS = 3_600_000;

export interface RendezvousOptions {
  readonly doors: readonly EntryPoint[];
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The person wants no contact to learn their address: only links that a door carries. Default: no. */
  readonly relayOnly?: () => boolean;
}

export class Rendezvous {
  readonly #tools: Tools;
  readonly #appointments = new Set<Appointment>();
  #doors: readonly EntryPoint[];
  /** The day whose topics are in use; undefined: to be tried again at the next look. */
  #day: number | undefined;
  #timer: Timer | undefined;

  constructor({ doors, dialer, clock, random, log, relayOnly = () => false }: RendezvousOptions) {
    this.#tools = { dialer, clock, random, log, slots: new Slots(), work: new Work(), relayOnly };
    this.#doors = doors;
    this.#day = dayNumber(clock.now());
    this.#awaitMidnight();
  }

  /** Waits at every door, calls when a door says that somebody is there, answers whoever calls; until cancelled. */
  meet(request: AppointmentRequest): Appointment {
    const appointment = new Appointment(request, this.#tools);
    this.#appointments.add(appointment);
    this.#appear(appointment);
    return appointment;
  }

  /** Other doors from now on. Closing the old ones is up to whoever opened them. */
  setDoors(doors: readonly EntryPoint[]): void {
    this.#doors = doors;
    for (const appointment of this.#all()) appointment.useDoors(doors);
  }

  /** The browser is online again, or the page is back in front: everything is tried at once. */
  retryNow(): void {
    for (const door of this.#doors) door.retryNow();
    this.#lookAtTheDay();
    for (const appointment of this.#all()) appointment.retryNow();
  }

  /** `relayOnly` has come to be true: calls and answers that are out are withdrawn. */
  stopDirect(): void {
    for (const appointment of this.#all()) appointment.stopDirect();
  }

  /** Offers and answers that are out now. */
  get pending(): number {
    return this.#tools.slots.taken;
  }

  /** Resolves when no sealing or opening is under way. */
  idle(): Promise<void> {
    return this.#tools.work.idle();
  }

  close(): void {
    this.#timer?.cancel();
    for (const appointment of this.#all()) appointment.cancel();
    this.#appointments.clear();
  }

  #awaitMidnight(): void {
    const { clock, random } = this.#tools;
    const spread = Math.floor(MIDNIGHT_SPREAD_MS * random.fraction());
    const wait = Math.min(untilMidnight(clock.now()) + spread, LONGEST_LOOK_MS);
    this.#timer = clock.after(wait, () => {
      this.#lookAtTheDay();
      this.#awaitMidnight();
    });
  }

  #lookAtTheDay(): void {
    const today = dayNumber(this.#tools.clock.now());
    if (today === this.#day) return;
    this.#day = today;
    for (const appointment of this.#all()) this.#appear(appointment);
  }

  #appear(appointment: Appointment): void {
    const { clock, log } = this.#tools;
    appointment
      .appear(() => this.#doors, clock.now())
      .catch((error: unknown) => {
        log('warn', 'appointment not kept', { kind: kindOf(error) });
        this.#day = undefined;
      });
  }

  #all(): Appointment[] {
    for (const appointment of this.#appointments) {
      if (appointment.state === 'cancelled') this.#appointments.delete(appointment);
    }
    return [...this.#appointments];
  }
}
