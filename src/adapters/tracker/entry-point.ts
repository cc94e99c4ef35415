// The EntryPoint port over one WebTorrent tracker: any number of topics on one WebSocket. It makes no connection of its own
// and shows the tracker nothing but topics, a random peer id for each socket, and sealed signals.
import type { Clock, Timer } from '../../core/ports/clock.ts';
import type {
  EntryPoint,
  EntryPointState,
  EntryPointStatus,
  MeetingPlace,
  TopicListener,
  TopicMembership,
  TopicUrgency,
} from '../../core/ports/entry-point.ts';
import type { Random } from '../../core/ports/random.ts';
import { AnnounceQueue } from './announce-queue.ts';
import {
  announceMessage,
  answerMessage,
  binaryString,
  type Incoming,
  idFrom,
  offerMessage,
  parseIncoming,
} from './messages.ts';
import { PersistentSocket, type WebSocketLike } from './socket.ts';

/** Bounds on the tracker's wish how often to announce, and what holds until it is known, seconds. */
const MIN_INTERVAL_S = 30;
const MAX_INTERVAL_S = 120;
const DEFAULT_INTERVAL_S = 60;
/** Topics of other days are only kept warm. */
const LATER_FACTOR = 4;
/** Announces are spread over this share of the interval, so that they do not keep step. */
const JITTER = 0.25;
/** Others that get a copy of an offer: members that have gone without a word must not swallow it. Trackers pass on 5 at least. */
const MAX_COPIES = 5;
const ID_SEED_BYTES = 15;

export interface TrackerOptions {
  /** Absolute, ws: or wss:. */
  readonly url: string;
  readonly clock: Clock;
  readonly random: Random;
  /** For tests and Node; default: the browser's WebSocket. */
  readonly connect?: (url: string) => WebSocketLike;
}

interface Member {
  readonly topic: string;
  readonly listener: TopicListener;
  readonly urgency: TopicUrgency;
  /** Offers of ours that wait for an answer, by each of their ids. */
  readonly offers: Map<string, (signal: Uint8Array) => void>;
  /** Undefined until the tracker has said so on this socket. */
  others: number | undefined;
  timer: Timer | undefined;
}

/** Connects at once, and again whenever the socket is lost, until closed. */
export function trackerEntryPoint(options: TrackerOptions): EntryPoint {
  return new TrackerEntryPoint(options);
}

class TrackerEntryPoint implements EntryPoint {
  status: EntryPointStatus;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #socket: PersistentSocket;
  readonly #queue: AnnounceQueue<Member>;
  readonly #members = new Map<string, Set<Member>>();
  readonly #statusHandlers: ((status: EntryPointStatus) => void)[] = [];
  #peerId = '';
  #intervalSeconds = DEFAULT_INTERVAL_S;

  constructor({ url, clock, random, connect = openWebSocket }: TrackerOptions) {
    this.#clock = clock;
    this.#random = random;
    this.status = { url, state: 'connecting' };
    this.#queue = new AnnounceQueue(clock, (member) => this.#announce(member));
    this.#socket = new PersistentSocket({
      connect: () => connect(url),
      clock,
      random,
      onState: (state, retryAt) => this.#onState(state, retryAt),
      onText: (text) => this.#onText(text),
    });
    this.#socket.start();
  }

  onStatus(handler: (status: EntryPointStatus) => void): void {
    this.#statusHandlers.push(handler);
  }

  join(place: MeetingPlace, listener: TopicListener, urgency: TopicUrgency = 'now'): TopicMembership {
    const topic = binaryString(place.topic);
    const member: Member = { topic, listener, urgency, offers: new Map(), others: undefined, timer: undefined };
    const members = this.#members.get(topic) ?? new Set();
    this.#members.set(topic, members.add(member));
    if (this.status.state === 'open') this.#queue.add(member);
    return {
      offer: (signal, onAnswer, copies) => this.#offer(member, signal, onAnswer, copies),
      refresh: () => {
        if (this.status.state === 'open' && this.#isIn(member)) this.#queue.add(member);
      },
      leave: () => this.#leave(member),
    };
  }

  retryNow(): void {
    this.#socket.retryNow();
    // An open socket may be a dead one: ask something, and the silence will tell.
    const [member] = this.#all();
    if (this.status.state === 'open' && member) this.#queue.add(member);
  }

  close(): void {
    this.#socket.close();
    this.#members.clear();
  }

  #onState(state: EntryPointState, retryAt?: number): void {
    const { url } = this.status;
    this.status = retryAt === undefined ? { url, state } : { url, state, retryAt };
    this.#queue.clear();
    for (const member of this.#all()) forget(member);
    if (state === 'open') {
      this.#peerId = this.#newId();
      for (const member of this.#all()) this.#queue.add(member);
    }
    for (const handler of this.#statusHandlers) handler(this.status);
  }

  #announce(member: Member): void {
    const event = member.timer === undefined ? 'started' : undefined;
    this.#schedule(member);
    this.#socket.send(announceMessage(this.#speaker(member), event), true);
  }

  #schedule(member: Member): void {
    const seconds = this.#intervalSeconds * (member.urgency === 'now' ? 1 : LATER_FACTOR);
    const jittered = seconds * (1 + JITTER * this.#random.fraction());
    member.timer?.cancel();
    member.timer = this.#clock.after(Math.round(jittered * 1000), () => this.#queue.add(member));
  }

  #offer(member: Member, signal: Uint8Array, onAnswer: (signal: Uint8Array) => void, copies = MAX_COPIES): () => void {
    const others = Math.min(Math.max(member.others ?? MAX_COPIES, 1), MAX_COPIES, copies);
    const offerIds = Array.from({ length: others }, () => this.#newId());
    if (this.#isIn(member) && this.#socket.send(offerMessage(this.#speaker(member), offerIds, signal), true)) {
      for (const offerId of offerIds) member.offers.set(offerId, onAnswer);
    }
    return () => {
      for (const offerId of offerIds) member.offers.delete(offerId);
    };
  }

  #leave(member: Member): void {
    const members = this.#members.get(member.topic);
    if (!members?.delete(member)) return;
    this.#queue.remove(member);
    forget(member);
    if (members.size > 0) return;
    this.#members.delete(member.topic);
    this.#socket.send(announceMessage(this.#speaker(member), 'stopped'), false);
  }

  #onText(text: string): void {
    const message = parseIncoming(text);
    if (!message) return;
    // A copy: listeners may join and leave.
    for (const member of [...(this.#members.get(message.topic) ?? [])]) this.#deliver(member, message);
  }

  #deliver(member: Member, message: Incoming): void {
    if (message.kind === 'counts') this.#count(member, message);
    else if (message.kind === 'answer') member.offers.get(message.offerId)?.(message.signal);
    else if (message.peerId !== this.#peerId) this.#receiveOffer(member, message);
  }

  #count(member: Member, { others, intervalSeconds }: Incoming & { kind: 'counts' }): void {
    if (intervalSeconds !== undefined) {
      this.#intervalSeconds = Math.min(Math.max(intervalSeconds, MIN_INTERVAL_S), MAX_INTERVAL_S);
    }
    member.others = others;
    member.listener.others(others);
  }

  #receiveOffer(member: Member, { peerId, offerId, signal }: Incoming & { kind: 'offer' }): void {
    const speaker = this.#speaker(member);
    member.listener.offer({
      signal,
      answer: (answer) => {
        // After a reconnect the tracker knows us under another id, and the other side waits in vain: let it pass.
        if (speaker.peerId === this.#peerId) this.#socket.send(answerMessage(speaker, peerId, offerId, answer), false);
      },
    });
  }

  #speaker({ topic }: Member) {
    return { topic, peerId: this.#peerId };
  }

  #isIn(member: Member): boolean {
    return this.#members.get(member.topic)?.has(member) ?? false;
  }

  #all(): Member[] {
    return [...this.#members.values()].flatMap((members) => [...members]);
  }

  #newId(): string {
    return idFrom(this.#random.bytes(ID_SEED_BYTES));
  }
}

/** What was true of one socket is not of the next. */
function forget(member: Member): void {
  member.timer?.cancel();
  member.timer = undefined;
  member.others = undefined;
  member.offers.clear();
}

function openWebSocket(url: string): WebSocketLike {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  return socket as WebSocketLike;
}
