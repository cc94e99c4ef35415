// A door: something that lets strangers under one topic hand each other one offer and one answer.
// It learns topics (20 opaque bytes) and sealed signals, nothing else. BEP3's "info-hash" is our topic.

export type EntryPointState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface IncomingOffer {
  readonly signal: Uint8Array;
  answer(signal: Uint8Array): void;
}

export interface TopicListener {
  /** How many others the door says are under this topic; undefined when it does not say. Called after every announce. */
  others(count: number | undefined): void;
  offer(offer: IncomingOffer): void;
}

export interface TopicMembership {
  /** Sends one offer to up to five others under the topic. Each answer is handed over. The function returned stops listening. */
  offer(signal: Uint8Array, onAnswer: (signal: Uint8Array) => void): () => void;
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
  /** Announces under the topic now and again after every reconnect, until left. */
  join(topic: Uint8Array, listener: TopicListener, urgency?: TopicUrgency): TopicMembership;
  /** Tries at once instead of waiting for the back-off (the browser says it is online again). */
  retryNow(): void;
  close(): void;
}
