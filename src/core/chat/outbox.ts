// Sends what is in the outbox of one contact while a session lives, in sequence order, with few messages unacknowledged.
// What is not acknowledged when the session dies is sent again in the next one; the receiver knows it by its id.
import { toHex } from '../bytes/hex.ts';
import type { Store } from '../ports/store.ts';
import type { ChatMessage, SequencedMessage } from '../wire/chat-messages.ts';
import { isPending, leavesVoid } from './delivery.ts';
import { decodeMessage, decodeOutbox, type MessageRecord, messageKey, type OutboxRecord } from './records.ts';

/** Messages sent and not yet acknowledged, at most: enough to fill a long path, few enough to resend cheaply. */
const WINDOW_MESSAGES = 64;
/** The same in bytes of text. One message may exceed it alone. */
const WINDOW_BYTES = 262_144;

/** What chat needs of a live session. */
export interface ChatChannel {
  /** Resolves when the message has been handed to the link, in call order. Rejects when the session is over. */
  send(message: ChatMessage): Promise<void>;
}

export interface OutboxEvents {
  /** Handed to the link for the first time. */
  handed(position: number): void;
}

interface Flight {
  readonly kind: 'message' | 'void';
  readonly bytes: number;
}

export class Outbox {
  private waiting: OutboxRecord[] = [];
  private readonly inFlight = new Map<string, Flight>();
  private readonly fresh = new Map<number, MessageRecord>();
  private pumping = false;
  private stopped = false;

  constructor(
    private readonly contactId: string,
    private readonly store: Store,
    private readonly channel: ChatChannel,
    private readonly events: OutboxEvents,
  ) {}

  async start(): Promise<void> {
    const stored = await this.store.list('outbox', { prefix: `${this.contactId}/` });
    for (const { value } of stored) this.enqueue(decodeOutbox(value));
    this.pump();
  }

  /** Something new is in the outbox (it has been committed). `record` saves reading it back. */
  add(entry: OutboxRecord, record?: MessageRecord): void {
    if (record) this.fresh.set(entry.position, record);
    this.enqueue(entry);
    this.pump();
  }

  /** The other side answered for this id; undefined when it was not in flight here. */
  settled(id: Uint8Array): Flight['kind'] | undefined {
    const key = toHex(id);
    const flight = this.inFlight.get(key);
    this.inFlight.delete(key);
    this.pump();
    return flight?.kind;
  }

  stop(): void {
    this.stopped = true;
    this.waiting = [];
    this.fresh.clear();
  }

  private enqueue(entry: OutboxRecord): void {
    if (this.waiting.some((one) => one.seq === entry.seq)) return;
    // Nearly always the newest; a retried one finds its place by sequence.
    const after = this.waiting.findLastIndex((one) => one.seq < entry.seq);
    this.waiting.splice(after + 1, 0, entry);
  }

  private pump(): void {
    if (this.pumping || this.stopped) return;
    this.pumping = true;
    // A failure means that the session is over; the outbox on disk keeps everything.
    this.sendWhilePossible().catch(() => this.stop());
  }

  private async sendWhilePossible(): Promise<void> {
    try {
      while (!this.stopped && this.hasRoom()) {
        const entry = this.waiting.shift();
        if (!entry) return;
        if (this.inFlight.has(toHex(entry.id))) continue;
        const record = this.fresh.get(entry.position) ?? (await this.read(entry.position));
        this.fresh.delete(entry.position);
        if (!this.stopped) await this.sendOne(entry, record);
      }
    } finally {
      // In the same turn as the last look: what is added in the next one must find nobody at work.
      this.pumping = false;
    }
  }

  private hasRoom(): boolean {
    let bytes = 0;
    for (const flight of this.inFlight.values()) bytes += flight.bytes;
    return this.inFlight.size < WINDOW_MESSAGES && (bytes < WINDOW_BYTES || this.inFlight.size === 0);
  }

  private async read(position: number): Promise<MessageRecord | undefined> {
    const bytes = await this.store.get('messages', messageKey(this.contactId, position));
    return bytes && decodeMessage(bytes);
  }

  private async sendOne(entry: OutboxRecord, record: MessageRecord | undefined): Promise<void> {
    if (record && isPending(record)) {
      // A file stays unacknowledged until all of it is there; it must not hold up the texts behind it.
      this.inFlight.set(toHex(entry.id), { kind: 'message', bytes: record.file ? 0 : record.text.length });
      await this.channel.send(messageOf(record));
      if (record.state === 'queued') this.events.handed(entry.position);
    } else if (!record || leavesVoid(record)) {
      this.inFlight.set(toHex(entry.id), { kind: 'void', bytes: 0 });
      await this.channel.send({ type: 'void', id: entry.id, seq: entry.seq });
    }
  }
}

function messageOf(record: MessageRecord): SequencedMessage {
  const envelope = { id: record.id, seq: record.seq, at: record.sentAt, seen: record.seen };
  return record.file
    ? { type: 'file', ...envelope, file: record.file }
    : { type: 'text', ...envelope, text: record.text };
}
