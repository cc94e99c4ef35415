// The only way conversations change. Each conversation has one queue: work runs in order, everything that waited commits
// together (a strict commit costs a disk flush, so ten messages share one), and memory changes only after the disk has.
import { KithError } from '../errors.ts';
import type { Durability, Store, Table, Write } from '../ports/store.ts';
import { RecentRecords } from './recent.ts';
import {
  type ConversationRecord,
  decodeConversation,
  decodeMessage,
  emptyConversation,
  encodeConversation,
  encodeMessage,
  type MessageRecord,
  messageKey,
  positionOfKey,
  unlessDamaged,
} from './records.ts';

export interface ChangedMessage {
  readonly position: number;
  readonly record: MessageRecord;
}

export interface LedgerEvents {
  committed(contactId: string, conversation: ConversationRecord, messages: readonly ChangedMessage[]): void;
}

interface Job {
  readonly durability: Durability;
  readonly work: (entry: Entry) => Promise<unknown>;
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

interface Lane {
  conversation: ConversationRecord;
  readonly recent: RecentRecords;
  waiting: Job[];
  running: Promise<void> | undefined;
}

/** One piece of work on a conversation: reads see the writes made before it in the same commit. */
export class Entry {
  readonly writes: Write[] = [];
  readonly changed = new Map<number, MessageRecord>();

  constructor(
    readonly contactId: string,
    public conversation: ConversationRecord,
    private readonly earlier: readonly Entry[],
    private readonly recent: RecentRecords,
    /** For reading what no entry has changed. */
    readonly store: Store,
  ) {}

  put(table: Table, key: string, value: Uint8Array): void {
    this.writes.push({ put: table, key, value });
  }

  remove(table: Table, key: string): void {
    this.writes.push({ remove: table, key });
  }

  async get(table: Table, key: string): Promise<Uint8Array | undefined> {
    for (const entry of [this, ...this.earlier.toReversed()]) {
      const write = entry.writes.findLast((one) => touches(one, table, key));
      if (write) return 'put' in write ? write.value : undefined;
    }
    return this.recent.get(table, key) ?? this.store.get(table, key);
  }

  /** undefined when there is none, and when it cannot be read any more. */
  message(position: number): Promise<MessageRecord | undefined> {
    return unlessDamaged(async () => {
      const bytes = await this.get('messages', messageKey(this.contactId, position));
      return bytes && decodeMessage(bytes);
    });
  }

  /** The message before this place; undefined when there is none. */
  async before(position: number): Promise<number | undefined> {
    const prefix = `${this.contactId}/`;
    for (let at = messageKey(this.contactId, position); ; ) {
      const [row] = await this.store.list('messages', { prefix, before: at, reverse: true, limit: 1 });
      if (!row) return undefined;
      // The work before this one in the same commit may have removed it.
      if (await this.get('messages', row.key)) return positionOfKey(row.key);
      at = row.key;
    }
  }

  /** What the work before this one in the same commit has made of messages: not on the disk yet. */
  pendingMessages(): ReadonlyMap<number, MessageRecord> {
    return new Map(this.earlier.flatMap((entry) => [...entry.changed]));
  }

  putMessage(position: number, record: MessageRecord): void {
    this.put('messages', messageKey(this.contactId, position), encodeMessage(record));
    this.changed.set(position, record);
  }
}

function touches(write: Write, table: Table, key: string): boolean {
  if ('put' in write) return write.put === table && write.key === key;
  if ('remove' in write) return write.remove === table && write.key === key;
  return write.clear === table && key.startsWith(write.prefix);
}

export class Ledger {
  private readonly lanes = new Map<string, Lane>();

  constructor(
    private readonly store: Store,
    private readonly events: LedgerEvents,
  ) {}

  /** Reads the counters of a conversation, or starts it. */
  async open(contactId: string, now: number, cameBack: boolean): Promise<ConversationRecord> {
    const known = this.lanes.get(contactId);
    if (known) return known.conversation;
    const bytes = await this.store.get('conversations', contactId);
    const conversation = bytes ? decodeConversation(bytes) : emptyConversation(now, cameBack);
    this.lanes.set(contactId, { conversation, recent: new RecentRecords(), waiting: [], running: undefined });
    return conversation;
  }

  conversation(contactId: string): ConversationRecord | undefined {
    return this.lanes.get(contactId)?.conversation;
  }

  /** A committed record of this conversation. */
  async get(contactId: string, table: Table, key: string): Promise<Uint8Array | undefined> {
    return this.lanes.get(contactId)?.recent.get(table, key) ?? this.store.get(table, key);
  }

  /** Closes the conversation: work that waits is refused. */
  forget(contactId: string): void {
    const lane = this.lanes.get(contactId);
    this.lanes.delete(contactId);
    for (const job of lane?.waiting.splice(0) ?? []) job.failed(new KithError('not-a-contact'));
  }

  /** Runs `work` after everything queued before it; resolves once its writes are committed. What `work` throws rejects it alone. */
  transact<T>(contactId: string, durability: Durability, work: (entry: Entry) => Promise<T>): Promise<T> {
    const lane = this.lanes.get(contactId);
    if (!lane) return Promise.reject(new KithError('not-a-contact'));
    return new Promise<T>((resolve, reject) => {
      lane.waiting.push({ durability, work, done: resolve as (value: unknown) => void, failed: reject });
      lane.running ??= this.run(contactId, lane);
    });
  }

  private async run(contactId: string, lane: Lane): Promise<void> {
    // Everything asked for in the same turn shares the first commit too.
    await Promise.resolve();
    while (lane.waiting.length > 0) {
      const jobs = lane.waiting.splice(0, 256);
      if (!(await this.commit(contactId, lane, jobs)))
        for (const job of jobs) await this.commit(contactId, lane, [job]);
    }
    lane.running = undefined;
  }

  /** False when a commit of several failed and each must be tried alone. */
  private async commit(contactId: string, lane: Lane, jobs: readonly Job[]): Promise<boolean> {
    const entries: Entry[] = [];
    const settled: (() => void)[] = [];
    let conversation = lane.conversation;
    for (const job of jobs) {
      const entry = new Entry(contactId, conversation, entries, lane.recent, this.store);
      try {
        const value = await job.work(entry);
        entries.push(entry);
        conversation = entry.conversation;
        settled.push(() => job.done(value));
      } catch (error) {
        settled.push(() => job.failed(error));
      }
    }
    try {
      await this.write(contactId, lane, conversation, entries, jobs);
    } catch (error) {
      if (jobs.length > 1) return false;
      jobs[0]?.failed(error);
      return true;
    }
    for (const settle of settled) settle();
    return true;
  }

  private async write(
    contactId: string,
    lane: Lane,
    conversation: ConversationRecord,
    entries: readonly Entry[],
    jobs: readonly Job[],
  ): Promise<void> {
    const writes = entries.flatMap((entry) => entry.writes);
    const changedCounters = conversation !== lane.conversation;
    if (changedCounters) writes.push({ put: 'conversations', key: contactId, value: encodeConversation(conversation) });
    if (writes.length === 0) return;
    await this.store.commit(writes, jobs.some((job) => job.durability === 'strict') ? 'strict' : 'relaxed');
    lane.conversation = conversation;
    lane.recent.committed(writes);
    const changed = new Map(entries.flatMap((entry) => [...entry.changed]));
    this.events.committed(
      contactId,
      conversation,
      [...changed].map(([position, record]) => ({ position, record })),
    );
  }
}
