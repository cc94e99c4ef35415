// A door: something that lets strangers under one topic hand each other one offer and one answer.
// It learns topics (20 opaque bytes) and sealed signals, nothing else. BEP3's "info-hash" is our topic. A door that has no
// list of who stands under a topic (the overlay) uses the place's keys: each leaves a record under its own.
import type { Link } from './link.ts';

/** Where two people meet on one day. Only the two can derive it, each with `mine` where the other has `theirs`. */
export interface MeetingPlace {
  /** What a door that lists people under topics is told, 20 bytes; the same for both. */
  readonly topic: Uint8Array;
  /** Seed of the Ed25519 key under which I leave a record, 32 bytes. */
  readonly mine: Uint8Array;
  /** Seed of the key under which they leave theirs, 32 bytes. */
  readonly theirs: Uint8Array;
  /** What records are sealed with, 32 bytes; the same for both. */
  readonly key: Uint8Array;
}

export type EntryPointState = 'connecting' | 'open' | 'waiting' | 'closed';

/** Signals that follow an offer and its answer, both ways (candidates: RFC 8838), where a door carries many. None is promised to arrive. */
export interface Lane {
  send(signal: Uint8Array): void;
  /** One handler; what came before it is kept, up to a limit. */
  onSignal(handler: (signal: Uint8Array) => void): void;
}

export interface IncomingOffer {
  readonly signal: Uint8Array;
  answer(signal: Uint8Array): void;
  /** There when the offer was made with `offerWithLane`. */
  readonly lane?: Lane;
}

export interface TopicListener {
  /** How many others the door says are under this topic; undefined when it does not say. Called after every announce. */
  others(count: number | undefined): void;
  offer(offer: IncomingOffer): void;
  /** Somebody opened a link through a door that carries links; the receiver owns it. */
  link?(link: Link): void;
}

export interface TopicMembership {
  /**
   * Sends one offer to up to so many others under the topic (1 … 5, default 5; a door may send it to fewer). Each answer is handed
   * over. The function returned stops listening.
   */
  offer(signal: Uint8Array, onAnswer: (signal: Uint8Array) => void, copies?: number): () => void;
  /** The same to the one other there is, at doors that carry further signals; the lane ends with `stop`. */
  offerWithLane?(signal: Uint8Array, onAnswer: (signal: Uint8Array) => void): Lane & { stop(): void };
  /**
   * A link to the other through the door itself, where it carries links: for when no direct one opens.
   * @throws KithError 'no-route' | 'link-timeout'
   */
  carry?(): Promise<Link>;
  /** Whoever was last said to be there takes no offers, only a link through the door. */
  readonly takesNoOffers?: boolean;
  /** Overlay id of the node on which the other was last found, where a door finds by node and they do not hide it. */
  readonly node?: Uint8Array | undefined;
  /** Announces again now (asks how many others there are). */
  refresh(): void;
  leave(): void;
}

/** `later`: announced after everything that is `now`, and less often (topics of other days). */
export type TopicUrgency = 'now' | 'later';

export interface EntryPointStatus {
  readonly url: string;
  readonly state: EntryPointState;
  /** Milliseconds since the epoch of the next attempt, while `waiting`. */
  readonly retryAt?: number;
}

export interface EntryPoint {
  readonly status: EntryPointStatus;
  onStatus(handler: (status: EntryPointStatus) => void): void;
  /** Announces at the place now and again after every reconnect, until left. */
  join(place: MeetingPlace, listener: TopicListener, urgency?: TopicUrgency): TopicMembership;
  /** Tries at once instead of waiting for the back-off (the browser says it is online again). */
  retryNow(): void;
  close(): void;
}
