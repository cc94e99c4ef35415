// Sends files to one contact, one after another: keeps the window full and the link's buffer low.
import { emptyBitmap } from '../bytes/bitmap.ts';
import { joined } from '../bytes/bytes.ts';
import { kindOf } from '../errors.ts';
import type { Timer } from '../ports/clock.ts';
import type { TransferMessage } from '../wire/transfer-messages.ts';
import { kindOfReason, type TransferChannel } from './channel.ts';
import { type Files, layoutOfFile, type TransferFile } from './files.ts';
import {
  allAcked,
  newSender,
  nextRow,
  type Row,
  type SenderEvent,
  type SenderState,
  senderProgress,
  stepSender,
} from './sender.ts';
import { bufferedAhead, initialWindow, measured, unitsPerFrame, type WindowState } from './window.ts';

/** Without any acknowledgement for so long we ask. Lossy paths stand still for seconds; nothing fails by time. */
const NO_PROGRESS_MS = 30_000;
/** What was acknowledged is written down this often: it only serves the bar that is shown after a reload. */
const REMEMBER_EVERY_MS = 2000;

interface Sending {
  readonly file: TransferFile;
  state: SenderState;
  rememberedAt: number;
}

type ToSender = Exclude<TransferMessage, { type: 'units' }>;

export class OutgoingLane {
  readonly #files: Files;
  readonly #queue: Sending[] = [];
  #channel: TransferChannel | undefined;
  #window: WindowState = initialWindow;
  #watch: Timer | undefined;
  #movedAt = 0;
  #pumping = false;

  constructor(files: Files) {
    this.#files = files;
  }

  /** `file` takes its turn by its order. */
  add(file: TransferFile): void {
    if (this.#queue.some((sending) => sending.file === file)) return;
    const state = newSender(layoutOfFile(file), file.record.acked);
    this.#queue.push({ file, state, rememberedAt: this.#files.options.clock.now() });
    this.#queue.sort((a, b) => a.file.record.order - b.file.record.order);
    this.#files.tell(file, 'waiting', senderProgress(state));
  }

  /** By its order `file` would move before one that is here already. */
  goesBefore(file: TransferFile): boolean {
    return this.#queue.some(({ file: other }) => other.record.order > file.record.order);
  }

  drop(file: TransferFile): void {
    const at = this.#queue.findIndex((sending) => sending.file === file);
    if (at >= 0) this.#queue.splice(at, 1);
    this.#pump();
  }

  attach(channel: TransferChannel): void {
    this.#channel = channel;
    this.#window = initialWindow;
    // Of one that is tried again they know no more than its end, and would tell us that: its offer is on the way, and they ask.
    for (const sending of this.#queue) if (!sending.file.record.again) this.#ask(sending);
  }

  detach(): void {
    this.#channel = undefined;
    this.#watch?.cancel();
    this.#watch = undefined;
    for (const sending of this.#queue) {
      this.#step(sending, { type: 'detached' });
      this.#files.tell(sending.file, 'waiting', senderProgress(sending.state));
    }
  }

  async handle(file: TransferFile, message: ToSender): Promise<void> {
    const sending = this.#queue.find((one) => one.file === file);
    if (sending === undefined) return;
    if (message.type === 'done') return this.#finished(sending);
    if (message.type === 'stop') return this.#failed(sending, kindOfReason(message.reason), true);
    // What it had of an earlier try: of this one it says first where it stands.
    if (message.type !== 'have' && !sending.state.accepted) return;
    const at = this.#files.options.clock.now();
    this.#files.wanted(file);
    if (message.type === 'have') this.#step(sending, { type: 'have', bitmap: message.bitmap });
    else if (message.type === 'ack-units') this.#step(sending, { type: 'acked', bitmap: message.bitmap, at });
    else this.#step(sending, { type: 'nacked', index: message.index });
    this.#progressed(sending);
    this.#pump();
  }

  #step(sending: Sending, event: SenderEvent): void {
    const { state, effects } = stepSender(sending.state, event);
    sending.state = state;
    for (const effect of effects) {
      if (effect.type === 'measured') this.#window = measured(this.#window, effect.units, effect.milliseconds);
      else {
        this.#send({ type: 'stop', fileId: sending.file.idBytes, reason: 'corrupt' });
        void this.#failed(sending, 'file-corrupt-unit', false);
      }
    }
  }

  #progressed(sending: Sending): void {
    const progress = senderProgress(sending.state);
    if (sending.file.record.state !== 'waiting') return;
    const moves = allAcked(sending.state) || sending === this.#current();
    this.#files.tell(sending.file, moves ? 'transferring' : 'waiting', progress);
    const now = this.#files.options.clock.now();
    if (now - sending.rememberedAt < REMEMBER_EVERY_MS) return;
    sending.rememberedAt = now;
    this.#files.rememberAcked(sending.file, sending.state.acked);
  }

  async #finished(sending: Sending): Promise<void> {
    this.drop(sending.file);
    await this.#files.delivered(sending.file);
  }

  async #failed(sending: Sending, kind: Parameters<Files['fail']>[1], byThem: boolean): Promise<void> {
    this.drop(sending.file);
    await this.#files.fail(sending.file, kind, byThem);
  }

  /** Tells that we have the file to send, and learns what the other side holds of it. */
  #ask(sending: Sending): void {
    this.#step(sending, { type: 'asked' });
    const bitmap = emptyBitmap(sending.state.layout.units).fill(0xff);
    this.#send({ type: 'have', fileId: sending.file.idBytes, bitmap });
  }

  #send(message: TransferMessage): void {
    this.#channel?.send(message).catch(() => {}); // the session's end is told by detach
  }

  /** One file at a time: the first that is wanted and not yet all acknowledged. */
  #current(): Sending | undefined {
    return this.#queue.find(({ state }) => state.accepted && !allAcked(state));
  }

  /** The units that may go now, in one frame. */
  #next(): { sending: Sending; row: Row } | undefined {
    const sending = this.#current();
    if (sending === undefined) return undefined;
    const most = Math.min(unitsPerFrame(this.#window), this.#window.units - sending.state.inFlight.size);
    const row = most > 0 ? nextRow(sending.state, most) : undefined;
    return row && { sending, row };
  }

  #pump(): void {
    this.#watchProgress();
    if (this.#pumping) return;
    this.#pumping = true;
    this.#pumpAll().then(
      () => this.#rest(),
      (error) => {
        this.#pumping = false;
        this.#files.options.log('error', 'sending stopped', { kind: kindOf(error) });
      },
    );
  }

  #rest(): void {
    this.#pumping = false;
    // Something may have come after the last look.
    if (this.#channel !== undefined && this.#next() !== undefined) this.#pump();
  }

  async #pumpAll(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const channel = this.#channel;
      if (channel === undefined) return;
      const { sending, row } = next;
      const ahead = bufferedAhead(this.#window);
      if (channel.bufferedAmount > ahead) await channel.drained(ahead);
      const sealed = await this.#read(sending, row);
      // While we waited the session may have ended, the file may have been cancelled, or the receiver may have told more.
      const still = this.#next();
      if (this.#channel !== channel || still?.sending !== sending || still.row.first !== row.first) continue;
      if (sealed !== undefined && still.row.count >= row.count) this.#sendRow(channel, sending, row, sealed);
    }
  }

  /** The sealed units, one after another. */
  async #read({ file, state }: Sending, { first, count }: Row): Promise<Uint8Array | undefined> {
    const { blobs } = this.#files.options;
    try {
      const reading = Array.from({ length: count }, (_, i) => blobs.readUnit(file.id, state.layout, first + i));
      const [unit, ...more] = await Promise.all(reading);
      return unit && joined(unit, ...more);
    } catch (error) {
      const sending = this.#queue.find((one) => one.file === file);
      if (sending === undefined) return undefined;
      this.#files.options.log('warn', 'sealed unit not readable', { kind: kindOf(error) });
      this.#send({ type: 'stop', fileId: file.idBytes, reason: 'corrupt' });
      await this.#failed(sending, kindOf(error), false);
      return undefined;
    }
  }

  /** Does not wait: units are sealed several at a time, and what is being sealed counts as buffered. */
  #sendRow(channel: TransferChannel, sending: Sending, { first, count }: Row, sealed: Uint8Array): void {
    const at = this.#files.options.clock.now();
    for (let index = first; index < first + count; index++) this.#step(sending, { type: 'sent', index, at });
    this.#files.counters.unitsSent += count;
    this.#watchProgress();
    // When the session has ended, detach tells so. What was in flight is asked about in the next one.
    channel.send({ type: 'units', fileId: sending.file.idBytes, first, sealed }).catch(() => {});
  }

  /** Something moves. One timer watches over all of it: setting one anew for each unit would cost more than it tells. */
  #watchProgress(): void {
    this.#movedAt = this.#files.options.clock.now();
    this.#watch ??= this.#watchFor(NO_PROGRESS_MS);
  }

  #watchFor(ms: number): Timer {
    return this.#files.options.clock.after(ms, () => {
      this.#watch = undefined;
      const sending = this.#current();
      if (this.#channel === undefined || sending === undefined) return;
      const left = this.#movedAt + NO_PROGRESS_MS - this.#files.options.clock.now();
      if (left > 0) {
        this.#watch = this.#watchFor(left);
        return;
      }
      this.#files.options.log('info', 'file makes no progress');
      this.#files.tell(sending.file, 'waiting', senderProgress(sending.state));
      this.#ask(sending);
      this.#watchProgress();
    });
  }
}
