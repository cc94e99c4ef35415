// Sends what is in the outbox of one contact while a session lives, in sequence order, with few messages unacknowledged.
// What is not acknowledged when the session dies is sent again in the next one; the receiver knows it by its id.
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { kindOf } from '../errors.ts';
import type { Store } from '../ports/store.ts';
import type { ChatMessage, SequencedMessage } from '../wire/chat-messages.ts';
import { isPending, leavesVoid } from './delivery.ts';
import {
  decodeMessage,
  decodeOutbox,
  type MessageRecord,
  messageKey,
  type OutboxRecord,
  unlessDamaged,
} from './records.ts';

/** Messages sent and not yet acknowledged, at most: enough to fill a long path, few enough to resend cheaply. */
const WINDOW_MESSAGES = 64;
/** The same in bytes of text. One message may exceed it alone. */
const WINDOW_BYTES = 262_144;

/** What chat needs of a live session. */
export interface ChatChannel {
  /**
   * Resolves when the message has been handed to the link, in call order.
   * @throws KithError 'link-closed' when the session is over; anything else speaks of this message alone
   */
  send(message: ChatMessage): Promise<void>;
  /** Resolves when the link has at most so many bytes to send, or the session is over. */
  drained(bytes: number): Promise<void>;
}

export interface OutboxEvents {
  /** Handed to the link for the first time. */
  handed(position: number): void;
}

interface Flight {
  readonly kind: 'text' | 'file' | 'void';
  readonly bytes: number;
}

export class Outbox {
  private waiting: OutboxRecord[] = [];
  private readonly inFlight = new Map<string, Flight>();
  private readonly fresh = new Map<number, MessageRecord>();
  /** Sequence numbers that are about to be called back. */
  private readonly held = new Set<number>();
  /** Being read or handed to the link now. */
  private taken: OutboxRecord | undefined;
  private pumping = false;
  /** What the disk holds is in `waiting`: before that nothing is sent, or what is new would overtake it. */
  private loaded = false;
  private stopped = false;

  constructor(
    private readonly contactId: string,
    private readonly store: Store,
    private readonly channel: ChatChannel,
    private readonly events: OutboxEvents,
  ) {}

  /**
   * Sends what is on the disk, as it is there now, and from then on what is added; what is in flight is not sent twice. @throws when the
   * disk does not tell: then nothing is sent.
   */
  async start(): Promise<void> {
    this.pause();
    this.waiting = [];
    const stored = await this.store.list('outbox', { prefix: `${this.contactId}/` });
    for (const { value } of stored) {
      const entry = await unlessDamaged(async () => decodeOutbox(value));
      if (entry && !this.held.has(entry.seq)) this.enqueue(entry);
    }
    this.loaded = true;
    this.pump();
  }

  /** Sends nothing more until it is started again. */
  pause(): void {
    this.loaded = false;
  }

  /** Something new is in the outbox (it has been committed). `record` saves reading it back. */
  add(entry: OutboxRecord, record?: MessageRecord): void {
    if (record) this.fresh.set(entry.position, record);
    this.held.delete(entry.seq);
    this.enqueue(entry);
    this.pump();
  }

  /** Whether this message (not a void in its place) has been handed to the link, or is about to be. */
  isTaken(id: Uint8Array): boolean {
    const kind = this.inFlight.get(toHex(id))?.kind;
    return kind === 'text' || kind === 'file' || (this.taken !== undefined && equalBytes(this.taken.id, id));
  }

  /** It is about to be called back: does not send it until it is added again. */
  hold(entry: OutboxRecord): void {
    this.held.add(entry.seq);
    this.waiting = this.waiting.filter(({ seq }) => seq !== entry.seq);
    this.fresh.delete(entry.position);
  }

  /** These have changed on the disk: what was kept to save reading them is no longer true. */
  changed(positions: Iterable<number>): void {
    for (const position of positions) this.fresh.delete(position);
  }

  /** Everything may have changed on the disk. */
  reread(): void {
    this.fresh.clear();
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
    // Nearly always the newest; a retried one finds its place by sequence.
    const before = this.waiting.findLastIndex((one) => one.seq <= entry.seq);
    if (this.waiting[before]?.seq !== entry.seq) this.waiting.splice(before + 1, 0, entry);
  }

  private pump(): void {
    if (!this.loaded || this.pumping || this.stopped) return;
    this.pumping = true;
    // The session is over; the outbox on disk keeps everything.
    this.sendWhilePossible().catch(() => this.stop());
  }

  private async sendWhilePossible(): Promise<void> {
    try {
      while (this.loaded && !this.stopped && this.hasRoom()) {
        const entry = this.waiting.shift();
        if (!entry) return;
        if (this.inFlight.has(toHex(entry.id))) continue;
        this.taken = entry;
        await this.sendOne(entry);
      }
    } finally {
      this.taken = undefined;
      // In the same turn as the last look: what is added in the next one must find nobody at work.
      this.pumping = false;
    }
  }

  private hasRoom(): boolean {
    // A file stays unacknowledged until all of it is there; it must not hold up the texts behind it.
    const held = [...this.inFlight.values()].filter(({ kind }) => kind !== 'file');
    const bytes = held.reduce((sum, flight) => sum + flight.bytes, 0);
    return held.length < WINDOW_MESSAGES && bytes < WINDOW_BYTES;
  }

  private async sendOne(entry: OutboxRecord): Promise<void> {
    try {
      const record = this.fresh.get(entry.position) ?? (await this.read(entry.position));
      this.fresh.delete(entry.position);
      // Offers of files are in no window: a thousand photos must not pile up in the link.
      await this.channel.drained(WINDOW_BYTES);
      if (!this.stopped) await this.hand(entry, record);
    } catch (error) {
      if (kindOf(error) === 'link-closed') throw error;
      // It alone cannot be read now, or never be written. It stays queued until the next session, or a person calls it back, and
      // holds up nobody behind it.
      this.inFlight.delete(toHex(entry.id));
    }
  }

  /** undefined for what was cleared or cannot be read any more: nothing will ever come in its place. */
  private read(position: number): Promise<MessageRecord | undefined> {
    return unlessDamaged(async () => {
      const bytes = await this.store.get('messages', messageKey(this.contactId, position));
      return bytes && decodeMessage(bytes);
    });
  }

  private async hand(entry: OutboxRecord, record: MessageRecord | undefined): Promise<void> {
    if (record && isPending(record)) {
      this.inFlight.set(toHex(entry.id), { kind: record.file ? 'file' : 'text', bytes: record.text.length });
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
