// One appointment: somebody we want to meet, from joining their topics to a link, again and again (RENDEZVOUS.md, "States").
import type { Timer } from '../ports/clock.ts';
import type { EntryPoint } from '../ports/entry-point.ts';
import type { Link } from '../ports/link.ts';
import { BackOff, LONGEST_BACKOFF_MS } from './back-off.ts';
import { Calling } from './calling.ts';
import { type Place, Places } from './places.ts';
import { type Caller, Replies } from './replies.ts';
import { SignalSealer } from './sealed-signal.ts';
import type { Tools } from './tools.ts';
import { dailyTopics, dayNumber, type MeetingKeys, singleTopic, type Topic } from './topics.ts';

/** A link that has led to nothing within this (the session's handshake has 15 s) is not waited for any longer, milliseconds. */
const LINK_TRIAL_MS = 20_000;
/** When both call at once, the one whose offer id is larger is answered only after this: the other call is usually through by then. */
const YIELD_MS = 3_000;
/** While a relayed link is in use a direct one is tried less eagerly: the back-off starts with this round (up to 32 s) … */
const UPGRADE_ROUND = 4;
/** … and grows up to this, milliseconds: each attempt costs both sides a connection, and networks seldom change. */
const LONGEST_UPGRADE_MS = 600_000;
/** Who made the offer that became the link. */
export type LinkRole = 'offered' | 'answered';

/** true: connected as well as can be. relayed: connected over a link that a door carries, and one of their own would be better. */
export type Satisfaction = boolean | 'relayed';

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
  /** They answered a call of ours, and no direct link came of it. */
  readonly onUnopened?: () => void;
  /** A door has looked for them: `node` may be another. */
  readonly onLooked?: () => void;
}

export class Appointment {
  readonly #request: AppointmentRequest;
  readonly #tools: Tools;
  readonly #sealer: SignalSealer;
  readonly #places: Places;
  readonly #replies: Replies;
  readonly #backOff: BackOff;
  readonly #calling: Calling;
  #topics: readonly Topic[] = [];
  #satisfied: Satisfaction = false;
  /** The last connection ran through others: they are asked first when it is gone. */
  #prefersRelay = false;
  #cancelled = false;
  #appearances = 0;
  #trial: Timer | undefined;
  readonly #yielding = new Set<Timer>();

  constructor(request: AppointmentRequest, tools: Tools) {
    this.#request = request;
    this.#tools = tools;
    const { meeting } = request;
    this.#sealer = new SignalSealer(meeting.signalKey, tools.random, meeting.isCrowd ? meeting.side : undefined);
    this.#backOff = new BackOff(tools, () => this.#places.refresh());
    this.#places = new Places({
      others: (arrived) => this.#onOthers(arrived),
      offer: (place: Place, incoming) => void this.#replies.hear(place, incoming),
      link: (link) => this.#onRelayed(link, 'answered'),
    });
    this.#replies = new Replies({
      tools,
      sealer: this.#sealer,
      onCaller: (caller) => this.#onCaller(caller),
      onLink: (link) => this.#onLink(link, 'answered'),
      onIdle: () => this.#consider(),
    });
    this.#calling = this.#ownCalls();
  }

  #ownCalls(): Calling {
    return new Calling({
      tools: this.#tools,
      sealer: this.#sealer,
      places: () => this.#places.callable(this.#backOff.round),
      mayCall: () => this.#mayCall(),
      // Every other time by all doors at once: what carries candidates may be what does not work.
      mayTrickle: () => this.#backOff.round % 2 === 0,
      wantsRelay: () => !this.#satisfied,
      prefersRelay: () => this.#prefersRelay,
      onLink: (link) => this.#onLink(link, 'offered'),
      onRelayed: (link) => this.#onRelayed(link, 'offered'),
      onUnopened: () => this.#request.onUnopened?.(),
      onFailed: () => this.#startBackOff(),
    });
  }

  get state(): AppointmentState {
    if (this.#cancelled) return 'cancelled';
    if (this.#satisfied) return 'met';
    if (this.#trial) return 'linked';
    return this.#calling.isUnderWay || this.#replies.pending > 0 ? 'calling' : 'waiting';
  }

  /** Overlay id of the node on which they were last found, as they say themselves; 'hidden' when they hide it. */
  get node(): Uint8Array | 'hidden' | undefined {
    return this.#places.node;
  }

  /** Whether they are connected. While they are, no offers are made, but theirs are answered: their page may have reloaded. */
  satisfied(by: Satisfaction): void {
    if (this.#cancelled || this.#satisfied === by) return;
    this.#satisfied = by;
    this.#endTrial();
    if (by !== false) this.#prefersRelay = by === 'relayed';
    if (by === 'relayed') {
      this.#seekDirect();
      return;
    }
    this.#stopCalling();
    this.#backOff.round = 0;
    if (!by) this.#places.refresh();
  }

  /** The link on trial has led to nothing: the rest of its time is not waited for. */
  linkFailed(): void {
    if (!this.#trial) return;
    this.#endTrial();
    this.#startBackOff();
  }

  /** Forgets the back-off and asks the doors again. */
  retryNow(): void {
    if (this.#cancelled || this.#satisfied === true) return;
    this.#backOff.round = this.#firstRound;
    this.#backOff.stop();
    this.#places.refresh();
  }

  /** Our address is not to be shown any more: what would show it ends in the making. Links through a door go on. */
  stopDirect(): void {
    if (this.#cancelled) return;
    this.#calling.stopDirect();
    for (const timer of this.#yielding) timer.cancel();
    this.#yielding.clear();
    this.#replies.cancelAll();
    this.retryNow();
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
    this.#request.onLooked?.();
    if (arrived) {
      this.#backOff.round = this.#firstRound;
      this.#backOff.stop();
    }
    // A door that carries links may count later than the one that the call went through.
    this.#calling.help();
    this.#consider();
  }

  /** Calls, when there is a reason to and none not to. */
  #consider(): void {
    if (this.#mayCall() && !this.#backOff.isWaiting) this.#calling.begin();
  }

  #mayCall(): boolean {
    const busy = this.#calling.isUnderWay || this.#trial || this.#replies.pending > 0 || this.#yielding.size > 0;
    return !this.#cancelled && this.#satisfied !== true && !busy && this.#calling.hasWay;
  }

  #onCaller(caller: Caller): void {
    const { offerId } = caller.offer;
    if (this.#cancelled || this.#tools.relayOnly() || this.#calling.hasMade(offerId)) return;
    if (this.#calling.goesBefore(offerId)) {
      const timer = this.#tools.clock.after(YIELD_MS, () => {
        this.#yielding.delete(timer);
        if (!this.#trial && this.#satisfied !== true) this.#replies.reply(caller, 'answer');
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
    this.#startTrial();
    this.#request.onLink(link, role);
  }

  /** A link through others: it is tried while a direct one may still open. */
  #onRelayed(link: Link, role: LinkRole): void {
    // Their page may have reloaded, so theirs is tried whatever we have; ours has come too late.
    if (this.#cancelled || (this.#satisfied && role === 'offered')) {
      link.close();
      return;
    }
    if (!this.#satisfied) this.#startTrial();
    this.#request.onLink(link, role);
  }

  #startTrial(): void {
    if (this.#satisfied === true) return;
    this.#endTrial();
    this.#trial = this.#tools.clock.after(LINK_TRIAL_MS, () => {
      this.#trial = undefined;
      if (!this.#calling.isUnderWay) this.#startBackOff();
    });
  }

  /** Connected through others: from now and then on a direct link is tried. */
  #seekDirect(): void {
    this.#backOff.round = Math.max(this.#backOff.round, UPGRADE_ROUND);
    if (this.#calling.stopRelay()) this.#startBackOff();
  }

  get #firstRound(): number {
    return this.#satisfied === 'relayed' ? UPGRADE_ROUND : 0;
  }

  /** Waits a random while, longer each time, then asks the doors whether somebody is still there. */
  #startBackOff(): void {
    if (this.#cancelled || this.#satisfied === true) return;
    this.#backOff.start(this.#satisfied ? LONGEST_UPGRADE_MS : LONGEST_BACKOFF_MS);
  }

  #stopCalling(): void {
    this.#calling.stop();
    this.#backOff.stop();
  }

  #endTrial(): void {
    this.#trial?.cancel();
    this.#trial = undefined;
  }
}
