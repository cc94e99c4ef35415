// Our own calls to one person: a connection offered to them, and beside or instead of it a link that a door carries.
import { compareBytes, equalBytes } from '../bytes/bytes.ts';
import type { Link } from '../ports/link.ts';
import { Call } from './call.ts';
import type { Place } from './places.ts';
import { carries, Relay, takesOffers } from './relay.ts';
import type { SignalSealer } from './sealed-signal.ts';
import type { Tools } from './tools.ts';

/** An answered call that has not opened a link by then is helped by one through a door, milliseconds. Most open within two seconds. */
const RELAY_AFTER_MS = 5_000;
/** Own offer ids remembered, so that a door that hands them back does not make us call ourselves. */
const MAX_OWN_IDS = 64;

export interface CallingOptions {
  readonly tools: Tools;
  readonly sealer: SignalSealer;
  /** Where they can be called now. */
  readonly places: () => readonly Place[];
  /** Whether there is a reason to call and none not to. Asked again when it is our turn. */
  readonly mayCall: () => boolean;
  /** Whether an offer may go out before all of its candidates are known. */
  readonly mayTrickle: () => boolean;
  /** Whether a link through a door would help. */
  readonly wantsRelay: () => boolean;
  /** Whether doors are asked for one at once. */
  readonly prefersRelay: () => boolean;
  readonly onLink: (link: Link) => void;
  readonly onRelayed: (link: Link) => void;
  /** They answered, and no direct link came of it. */
  readonly onUnopened: () => void;
  /** Nothing came of it, by neither way. */
  readonly onFailed: () => void;
}

export class Calling {
  readonly #options: CallingOptions;
  readonly #ownIds: Uint8Array[] = [];
  #call: Call | undefined;
  #relay: Relay | undefined;
  #leaveQueue: (() => void) | undefined;

  constructor(options: CallingOptions) {
    this.#options = options;
  }

  get isUnderWay(): boolean {
    return this.#call !== undefined || this.#relay !== undefined;
  }

  /** Whether there is a place to which anything could be sent. */
  get hasWay(): boolean {
    const places = this.#options.places();
    return this.#mayOffer(places) || (this.#options.wantsRelay() && carries(places));
  }

  /** Whether this is an offer of ours. */
  hasMade(offerId: Uint8Array): boolean {
    return this.#ownIds.some((own) => equalBytes(own, offerId));
  }

  /** Whether an offer of ours is out that goes before theirs. */
  goesBefore(offerId: Uint8Array): boolean {
    return this.#call !== undefined && compareBytes(this.#call.id, offerId) < 0;
  }

  /** Calls as soon as it is our turn. */
  begin(): void {
    if (this.#leaveQueue) return;
    this.#leaveQueue = this.#options.tools.slots.request('offer', (release) => {
      this.#leaveQueue = undefined;
      if (this.#options.mayCall()) this.#start(release);
      else release();
    });
    // Granted at once: there is no queue to leave.
    if (this.isUnderWay) this.#leaveQueue = undefined;
  }

  /** A call that was answered long enough ago gets a link through a door. */
  help(): void {
    const since = this.#call?.answeredAt;
    if (since !== undefined) this.#startRelay(Math.max(0, since + RELAY_AFTER_MS - this.#options.tools.clock.now()));
  }

  stop(): void {
    this.stopDirect();
    this.stopRelay();
  }

  stopDirect(): void {
    this.#call?.cancel();
    this.#endCall();
  }

  /** True when no call is out besides. */
  stopRelay(): boolean {
    this.#relay?.cancel();
    this.#relay = undefined;
    return this.#call === undefined;
  }

  #mayOffer(places: readonly Place[]): boolean {
    return !this.#options.tools.relayOnly() && takesOffers(places);
  }

  #start(release: () => void): void {
    const { tools, sealer, mayTrickle, prefersRelay } = this.#options;
    const places = this.#options.places();
    if (!this.#mayOffer(places)) {
      // No connection is made, so nobody else has to wait for this one.
      release();
      this.#startRelay(0);
      return;
    }
    this.#call = new Call({
      tools,
      sealer,
      places,
      mayTrickle: mayTrickle(),
      release,
      onAnswered: () => this.help(),
      onEnd: (link) => this.#onCallEnd(link),
    });
    this.#ownIds.push(this.#call.id);
    if (this.#ownIds.length > MAX_OWN_IDS) this.#ownIds.shift();
    if (prefersRelay()) this.#startRelay(0);
  }

  #startRelay(after: number): void {
    const { tools, places, wantsRelay } = this.#options;
    if (this.#relay || !wantsRelay() || !carries(places())) return;
    this.#relay = new Relay({ tools, places, after, onEnd: (link) => this.#onRelayEnd(link) });
  }

  #onCallEnd(link: Link | undefined): void {
    if (!link && this.#call?.answeredAt !== undefined) this.#options.onUnopened();
    this.#endCall();
    if (link) this.#options.onLink(link);
    else if (!this.#relay) this.#options.onFailed();
  }

  #onRelayEnd(link: Link | undefined): void {
    this.#relay = undefined;
    if (link) this.#options.onRelayed(link);
    else if (!this.#call) this.#options.onFailed();
  }

  #endCall(): void {
    this.#call = undefined;
    this.#leaveQueue?.();
    this.#leaveQueue = undefined;
  }
}
