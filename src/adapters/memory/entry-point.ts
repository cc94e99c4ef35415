// EntryPoint twin: a tracker in memory that can lose its visitors, remember people who have gone, and keep its counts secret.
import type { Clock, Timer } from '../../core/ports/clock.ts';
import type {
  EntryPoint,
  EntryPointState,
  EntryPointStatus,
  MeetingPlace,
  TopicListener,
  TopicMembership,
} from '../../core/ports/entry-point.ts';
import type { Random } from '../../core/ports/random.ts';

const MAX_COPIES = 5;

export interface MemoryTrackerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** One way, milliseconds. */
  readonly latencyMs?: number;
  readonly intervalMs?: number;
  /** Between attempts while the tracker is down, milliseconds. */
  readonly retryMs?: number;
}

/** Somebody under a topic; one that has gone without a word has no listener. */
interface Present {
  readonly owner: MemoryEntryPoint | undefined;
  readonly listener: TopicListener | undefined;
}

export class MemoryTracker {
  /** False: `others` is told undefined. */
  tellsCounts = true;
  isUp = true;
  /** Copies of offers handed to somebody, and answers handed back. */
  offersPassed = 0;
  answersPassed = 0;
  /** Sees every sealed signal, as a curious tracker would. */
  onSignal: (kind: 'offer' | 'answer', signal: Uint8Array) => void = () => {};
  readonly options: Required<MemoryTrackerOptions>;
  readonly #swarms = new Map<string, Set<Present>>();
  readonly #visitors = new Set<MemoryEntryPoint>();

  constructor({ clock, random, latencyMs = 20, intervalMs = 60_000, retryMs = 5_000 }: MemoryTrackerOptions) {
    this.options = { clock, random, latencyMs, intervalMs, retryMs };
  }

  entryPoint(): MemoryEntryPoint {
    const visitor = new MemoryEntryPoint(this);
    this.#visitors.add(visitor);
    return visitor;
  }

  /** Ends every visit; attempts fail until `goUp`. */
  goDown(): void {
    this.isUp = false;
    this.#swarms.clear();
    for (const visitor of this.#visitors) visitor.lost();
  }

  goUp(): void {
    this.isUp = true;
  }

  /** Leaves members under a topic who have long gone. */
  addGhosts(topic: Uint8Array, count: number): void {
    for (let i = 0; i < count; i++) this.#swarm(key(topic)).add({ owner: undefined, listener: undefined });
  }

  /** Every topic anybody is under. */
  topics(): string[] {
    return [...this.#swarms].filter(([, swarm]) => swarm.size > 0).map(([topic]) => topic);
  }

  enter(topic: string, present: Present): number | undefined {
    this.#swarm(topic).add(present);
    return this.tellsCounts ? this.#others(topic, present).length : undefined;
  }

  leave(topic: string, present: Present): void {
    this.#swarm(topic).delete(present);
  }

  /** So many of the others, chosen at random, get a copy; fewer when fewer are known. */
  pass(topic: string, from: Present, copies: number, signal: Uint8Array, onAnswer: (signal: Uint8Array) => void): void {
    this.onSignal('offer', signal);
    for (const { listener, owner } of this.#some(this.#others(topic, from), copies)) {
      if (!listener || !owner) continue;
      this.offersPassed++;
      this.#later(owner, () =>
        listener.offer({
          signal: signal.slice(),
          answer: (answer) => {
            this.onSignal('answer', answer);
            this.answersPassed++;
            this.#later(from.owner, () => onAnswer(answer.slice()));
          },
        }),
      );
    }
  }

  #later(owner: MemoryEntryPoint | undefined, action: () => void): void {
    this.options.clock.after(2 * this.options.latencyMs, () => {
      if (owner?.status.state === 'open') action();
    });
  }

  #others(topic: string, self: Present): Present[] {
    return [...this.#swarm(topic)].filter((present) => present.owner === undefined || present.owner !== self.owner);
  }

  #some(all: Present[], count: number): Present[] {
    const rest = [...all];
    const chosen: Present[] = [];
    while (rest.length > 0 && chosen.length < Math.min(count, MAX_COPIES)) {
      chosen.push(...rest.splice(Math.floor(this.options.random.fraction() * rest.length), 1));
    }
    return chosen;
  }

  #swarm(topic: string): Set<Present> {
    const swarm = this.#swarms.get(topic) ?? new Set();
    this.#swarms.set(topic, swarm);
    return swarm;
  }
}

class Membership implements TopicMembership {
  readonly #tracker: MemoryTracker;
  readonly #owner: MemoryEntryPoint;
  readonly #topic: string;
  readonly #listener: TopicListener;
  readonly #present: Present;
  #timer: Timer | undefined;
  #left = false;

  constructor(tracker: MemoryTracker, owner: MemoryEntryPoint, topic: string, listener: TopicListener) {
    this.#tracker = tracker;
    this.#owner = owner;
    this.#topic = topic;
    this.#listener = listener;
    this.#present = { owner, listener };
  }

  offer(signal: Uint8Array, onAnswer: (signal: Uint8Array) => void, copies = MAX_COPIES): () => void {
    let listening = true;
    if (this.#isThere()) {
      this.#tracker.pass(this.#topic, this.#present, copies, signal.slice(), (answer) => {
        if (listening && !this.#left) onAnswer(answer);
      });
    }
    return () => {
      listening = false;
    };
  }

  refresh(): void {
    if (!this.#isThere()) return;
    this.#timer?.cancel();
    const { clock, latencyMs, intervalMs } = this.#tracker.options;
    this.#timer = clock.after(latencyMs, () => {
      if (!this.#isThere()) return;
      const others = this.#tracker.enter(this.#topic, this.#present);
      this.#timer = clock.after(latencyMs, () => {
        this.#timer = clock.after(intervalMs, () => this.refresh());
        this.#listener.others(others);
      });
    });
  }

  /** The visit has ended: the next one announces again. */
  forget(): void {
    this.#timer?.cancel();
  }

  leave(): void {
    this.#left = true;
    this.forget();
    this.#tracker.leave(this.#topic, this.#present);
    this.#owner.forget(this);
  }

  #isThere(): boolean {
    return !this.#left && this.#owner.status.state === 'open';
  }
}

export class MemoryEntryPoint implements EntryPoint {
  status: EntryPointStatus = { url: 'memory:', state: 'connecting' };
  readonly #tracker: MemoryTracker;
  readonly #members = new Set<Membership>();
  readonly #handlers: ((status: EntryPointStatus) => void)[] = [];
  #timer: Timer | undefined;

  constructor(tracker: MemoryTracker) {
    this.#tracker = tracker;
    this.#connect();
  }

  onStatus(handler: (status: EntryPointStatus) => void): void {
    this.#handlers.push(handler);
  }

  join({ topic }: MeetingPlace, listener: TopicListener): TopicMembership {
    const member = new Membership(this.#tracker, this, key(topic), listener);
    this.#members.add(member);
    member.refresh();
    return member;
  }

  retryNow(): void {
    if (this.status.state === 'waiting') this.#connect();
  }

  close(): void {
    for (const member of [...this.#members]) member.leave();
    this.#timer?.cancel();
    this.#set('closed');
  }

  lost(): void {
    if (this.status.state === 'closed') return;
    const { clock, retryMs } = this.#tracker.options;
    for (const member of this.#members) member.forget();
    this.#timer?.cancel();
    this.#timer = clock.after(retryMs, () => this.#connect());
    this.#set('waiting', clock.now() + retryMs);
  }

  forget(member: Membership): void {
    this.#members.delete(member);
  }

  #connect(): void {
    this.#timer?.cancel();
    this.#set('connecting');
    this.#timer = this.#tracker.options.clock.after(this.#tracker.options.latencyMs, () => {
      if (!this.#tracker.isUp) return this.lost();
      this.#set('open');
      for (const member of this.#members) member.refresh();
    });
  }

  #set(state: EntryPointState, retryAt?: number): void {
    this.status = { url: 'memory:', state, ...(retryAt !== undefined && { retryAt }) };
    for (const handler of this.#handlers) handler(this.status);
  }
}

function key(topic: Uint8Array): string {
  return Array.from(topic, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
