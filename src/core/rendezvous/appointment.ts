// One appointment: somebody we want to meet, from joining their topics to a link, again and again (RENDEZVOUS.md, "States").
import { compareBytes, equalBytes } from '../bytes/bytes.ts';
import type { Timer } from '../ports/clock.ts';
import type { EntryPoint } from '../ports/entry-point.ts';
import type { Link } from '../ports/link.ts';
import { Call } from './call.ts';
import { type Place, Places } from './places.ts';
import { type Caller, Replies } from './replies.ts';
import { SignalSealer } from './sealed-signal.ts';
import type { Tools } from './tools.ts';
import { dailyTopics, dayNumber, type MeetingKeys, singleTopic, type Topic } from './topics.ts';

/** Bounds of the random wait after a call without a link, milliseconds. */
const FIRST_BACKOFF_MS = 2_000;
const LONGEST_BACKOFF_MS = 120_000;
/** A link that has led to nothing within this (the session's handshake has 15 s) is not waited for any longer, milliseconds. */
const LINK_TRIAL_MS = 20_000;
/** When both call at once, the one whose offer id is larger is answered only after this: the other call is usually through by then. */
const YIELD_MS = 3_000;
/** Own offer ids remembered, so that a door that hands them back does not make us call ourselves. */
const MAX_OWN_IDS = 64;

/** Who made the offer that became the link. */
export type LinkRole = 'offered' | 'answered';

/** waiting: nobody there, or not yet time to call again. calling: an offer or an answer is out. linked: a link is being tried. met: satisfied. */
export type AppointmentState = 'waiting' | 'calling' | 'linked' | 'met' | 'cancelled';

export interface AppointmentRequest {
  /** For the log and for telling appointments apart. Random, never a person's. */
  readonly id: string;
  readonly meeting: MeetingKeys;
  /** Topics of yesterday, today and tomorrow; false: one topic for as long as it lasts. */
  readonly daily: boolean;
  /** Every link that comes of it, also while satisfied. The receiver owns it. */
  readonly onLink: (link: Link, role: LinkRole) => void;
}

export class Appointment {
  readonly #request: AppointmentRequest;
  readonly #tools: Tools;
  readonly #sealer: SignalSealer;
  readonly #places: Places;
  readonly #replies: Replies;
  readonly #ownIds: Uint8Array[] = [];
  #topics: readonly Topic[] = [];
  #satisfied = false;
  #cancelled = false;
  #appearances = 0;
  #round = 0;
  #call: Call | undefined;
  #leaveQueue: (() => void) | undefined;
  #backOff: Timer | undefined;
  #trial: Timer | undefined;
  readonly #yielding = new Set<Timer>();

  constructor(request: AppointmentRequest, tools: Tools) {
    this.#request = request;
    this.#tools = tools;
    this.#sealer = new SignalSealer(request.meeting.signalKey, tools.random);
    this.#places = new Places({
      others: (arrived) => this.#onOthers(arrived),
      offer: (place: Place, incoming) => void this.#replies.hear(place, incoming),
    });
    this.#replies = new Replies({
      tools,
      sealer: this.#sealer,
      onCaller: (caller) => this.#onCaller(caller),
      onLink: (link) => this.#onLink(link, 'answered'),
      onIdle: () => this.#consider(),
    });
  }

  get state(): AppointmentState {
    if (this.#cancelled) return 'cancelled';
    if (this.#satisfied) return 'met';
    if (this.#trial) return 'linked';
    return this.#call || this.#replies.pending > 0 ? 'calling' : 'waiting';
  }

  /** Whether they are connected. While they are, no offers are made, but theirs are answered: their page may have reloaded. */
  satisfied(isLive: boolean): void {
    if (this.#cancelled || this.#satisfied === isLive) return;
    this.#satisfied = isLive;
    this.#endTrial();
    this.#stopCalling();
    this.#round = 0;
    if (!isLive) this.#places.refresh();
  }

  /** Forgets the back-off and asks the doors again. */
  retryNow(): void {
    if (this.#cancelled || this.#satisfied) return;
    this.#round = 0;
    this.#endBackOff();
    this.#places.refresh();
  }

  /** Leaves every topic; nothing is called back any more. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#stopCalling();
    this.#endTrial();
    for (const timer of this.#yielding) timer.cancel();
    this.#replies.cancelAll();
    this.#places.leaveAll();
  }

  /** For the room: the topics of this day at these doors. */
  async appear(doors: () => readonly EntryPoint[], now: number): Promise<void> {
    const { meeting } = this.#request;
    const appearance = ++this.#appearances;
    const topics = this.#request.daily ? dailyTopics(meeting, dayNumber(now)) : singleTopic(meeting);
    const derived = await this.#tools.work.run(topics);
    if (appearance !== this.#appearances) return; // a later day was faster
    this.#topics = derived;
    this.useDoors(doors());
  }

  /** For the room: the same topics at other doors. */
  useDoors(doors: readonly EntryPoint[]): void {
    if (!this.#cancelled) this.#places.set(doors, this.#topics);
  }

  #onOthers(arrived: boolean): void {
    if (arrived) {
      this.#round = 0;
      this.#endBackOff();
    }
    this.#consider();
  }

  /** Calls, when there is a reason to and none not to. */
  #consider(): void {
    if (!this.#mayCall() || this.#leaveQueue || this.#backOff) return;
    this.#leaveQueue = this.#tools.slots.request('offer', (release) => {
      this.#leaveQueue = undefined;
      if (this.#mayCall()) this.#startCall(release);
      else release();
    });
    // Granted at once: there is no queue to leave.
    if (this.#call) this.#leaveQueue = undefined;
  }

  #mayCall(): boolean {
    const busy = this.#call || this.#trial || this.#replies.pending > 0 || this.#yielding.size > 0;
    return !this.#cancelled && !this.#satisfied && !busy && this.#places.callable(this.#round).length > 0;
  }

  #startCall(release: () => void): void {
    this.#call = new Call({
      tools: this.#tools,
      sealer: this.#sealer,
      places: this.#places.callable(this.#round),
      release,
      onEnd: (link) => this.#onCallEnd(link),
    });
    this.#ownIds.push(this.#call.id);
    if (this.#ownIds.length > MAX_OWN_IDS) this.#ownIds.shift();
  }

  #onCallEnd(link: Link | undefined): void {
    this.#endCall();
    if (link) this.#onLink(link, 'offered');
    else this.#startBackOff();
  }

  #onCaller(caller: Caller): void {
    const { offerId } = caller.offer;
    if (this.#cancelled || this.#ownIds.some((own) => equalBytes(own, offerId))) return;
    if (this.#call && compareBytes(this.#call.id, offerId) < 0) {
      const timer = this.#tools.clock.after(YIELD_MS, () => {
        this.#yielding.delete(timer);
        if (!this.#trial && !this.#satisfied) this.#replies.reply(caller, 'answer');
      });
      this.#yielding.add(timer);
      return;
    }
    this.#replies.reply(caller, this.#satisfied ? 'spare' : 'answer');
  }

  #onLink(link: Link, role: LinkRole): void {
    if (this.#cancelled) {
      link.close();
      return;
    }
    this.#stopCalling();
    if (!this.#satisfied) {
      this.#endTrial();
      this.#trial = this.#tools.clock.after(LINK_TRIAL_MS, () => {
        this.#trial = undefined;
        this.#startBackOff();
      });
    }
    this.#request.onLink(link, role);
  }

  /** Waits a random while, longer each time, then asks the doors whether somebody is still there. */
  #startBackOff(): void {
    if (this.#cancelled || this.#satisfied) return;
    const bound = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#round);
    this.#round++;
    this.#endBackOff();
    this.#backOff = this.#tools.clock.after(Math.ceil(bound * this.#tools.random.fraction()), () => {
      this.#backOff = undefined;
      this.#places.refresh();
    });
  }

  #stopCalling(): void {
    this.#call?.cancel();
    this.#endCall();
    this.#endBackOff();
  }

  #endCall(): void {
    this.#call = undefined;
    this.#leaveQueue?.();
    this.#leaveQueue = undefined;
  }

  #endBackOff(): void {
    this.#backOff?.cancel();
    this.#backOff = undefined;
  }

  #endTrial(): void {
    this.#trial?.cancel();
    this.#trial = undefined;
  }
}
