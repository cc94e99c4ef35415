// One appointment: somebody we want to meet, from joining their topics to a link, again and again (RENDEZVOUS.md, "States").
import { compareBytes, equalBytes } from '../bytes/bytes.ts';
import type { Timer } from '../ports/clock.ts';
import type { EntryPoint } from '../ports/entry-point.ts';
import type { Link } from '../ports/link.ts';
import { BackOff, LONGEST_BACKOFF_MS } from './back-off.ts';
import { Call } from './call.ts';
import { type Place, Places } from './places.ts';
import { carries, Relay, takesOffers } from './relay.ts';
import { type Caller, Replies } from './replies.ts';
import { SignalSealer } from './sealed-signal.ts';
import type { Tools } from './tools.ts';
import { dailyTopics, dayNumber, type MeetingKeys, singleTopic, type Topic } from './topics.ts';

/** A link that has led to nothing within this (the session's handshake has 15 s) is not waited for any longer, milliseconds. */
const LINK_TRIAL_MS = 20_000;
/** When both call at once, the one whose offer id is larger is answered only after this: the other call is usually through by then. */
const YIELD_MS = 3_000;
/** An answered call that has not opened a link by then is helped by one through a door, milliseconds. Most open within two seconds. */
const RELAY_AFTER_MS = 5_000;
/** While a relayed link is in use a direct one is tried less eagerly: the back-off starts with this round (up to 32 s) … */
const UPGRADE_ROUND = 4;
/** … and grows up to this, milliseconds: each attempt costs both sides a connection, and networks seldom change. */
const LONGEST_UPGRADE_MS = 600_000;
/** Own offer ids remembered, so that a door that hands them back does not make us call ourselves. */
const MAX_OWN_IDS = 64;

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
  readonly #ownIds: Uint8Array[] = [];
  #topics: readonly Topic[] = [];
  #satisfied: Satisfaction = false;
  /** The last connection ran through others: they are asked first when it is gone. */
  #prefersRelay = false;
  #cancelled = false;
  #appearances = 0;
  #call: Call | undefined;
  #relay: Relay | undefined;
  #leaveQueue: (() => void) | undefined;
  #trial: Timer | undefined;
  readonly #yielding = new Set<Timer>();

  constructor(request: AppointmentRequest, tools: Tools) {
    this.#request = request;
    this.#tools = tools;
    this.#sealer = new SignalSealer(request.meeting.signalKey, tools.random);
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
  }

  get state(): AppointmentState {
    if (this.#cancelled) return 'cancelled';
    if (this.#satisfied) return 'met';
    if (this.#trial) return 'linked';
    return this.#call || this.#relay || this.#replies.pending > 0 ? 'calling' : 'waiting';
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
    this.#call?.cancel();
    this.#endCall();
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
    this.#helpCall();
    this.#consider();
  }

  /** Calls, when there is a reason to and none not to. */
  #consider(): void {
    if (!this.#mayCall() || this.#leaveQueue || this.#backOff.isWaiting) return;
    this.#leaveQueue = this.#tools.slots.request('offer', (release) => {
      this.#leaveQueue = undefined;
      if (this.#mayCall()) this.#startCall(release);
      else release();
    });
    // Granted at once: there is no queue to leave.
    if (this.#call || this.#relay) this.#leaveQueue = undefined;
  }

  #mayCall(): boolean {
    const busy = this.#call || this.#relay || this.#trial || this.#replies.pending > 0 || this.#yielding.size > 0;
    if (this.#cancelled || this.#satisfied === true || busy) return false;
    const places = this.#places.callable(this.#backOff.round);
    return this.#mayOffer(places) || (!this.#satisfied && carries(places));
  }

  #mayOffer(places: readonly Place[]): boolean {
    return !this.#tools.relayOnly() && takesOffers(places);
  }

  #startCall(release: () => void): void {
    const places = this.#places.callable(this.#backOff.round);
    if (!this.#mayOffer(places)) {
      // No connection is made, so nobody else has to wait for this one.
      release();
      this.#startRelay(0);
      return;
    }
    this.#call = new Call({
      tools: this.#tools,
      sealer: this.#sealer,
      places,
      // Every other time by all doors at once: what carries candidates may be what does not work.
      mayTrickle: this.#backOff.round % 2 === 0,
      release,
      onAnswered: () => this.#helpCall(),
      onEnd: (link) => this.#onCallEnd(link),
    });
    this.#ownIds.push(this.#call.id);
    if (this.#ownIds.length > MAX_OWN_IDS) this.#ownIds.shift();
    if (this.#prefersRelay) this.#startRelay(0);
  }

  #helpCall(): void {
    const since = this.#call?.answeredAt;
    if (since !== undefined) this.#startRelay(Math.max(0, since + RELAY_AFTER_MS - this.#tools.clock.now()));
  }

  #startRelay(after: number): void {
    const places = () => this.#places.callable(this.#backOff.round);
    if (this.#relay || this.#satisfied || !carries(places())) return;
    this.#relay = new Relay({ tools: this.#tools, places, after, onEnd: (link) => this.#onRelayEnd(link) });
  }

  #onCallEnd(link: Link | undefined): void {
    if (!link && this.#call?.answeredAt !== undefined) this.#request.onUnopened?.();
    this.#endCall();
    if (link) this.#onLink(link, 'offered');
    else if (!this.#relay) this.#startBackOff();
  }

  #onRelayEnd(link: Link | undefined): void {
    this.#relay = undefined;
    if (link) this.#onRelayed(link, 'offered');
    else if (!this.#call) this.#startBackOff();
  }

  #onCaller(caller: Caller): void {
    const { offerId } = caller.offer;
    if (this.#cancelled || this.#tools.relayOnly() || this.#ownIds.some((own) => equalBytes(own, offerId))) return;
    if (this.#call && compareBytes(this.#call.id, offerId) < 0) {
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
      if (!this.#call && !this.#relay) this.#startBackOff();
    });
  }

  /** Connected through others: from now and then on a direct link is tried. */
  #seekDirect(): void {
    this.#backOff.round = Math.max(this.#backOff.round, UPGRADE_ROUND);
    this.#relay?.cancel();
    this.#relay = undefined;
    if (!this.#call) this.#startBackOff();
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
    this.#call?.cancel();
    this.#relay?.cancel();
    this.#relay = undefined;
    this.#endCall();
    this.#backOff.stop();
  }

  #endCall(): void {
    this.#call = undefined;
    this.#leaveQueue?.();
    this.#leaveQueue = undefined;
  }

  #endTrial(): void {
    this.#trial?.cancel();
    this.#trial = undefined;
  }
}
