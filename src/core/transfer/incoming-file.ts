// Receives one file: runs the effects of the receiver's state machine.
import { equalBytes } from '../bytes/bytes.ts';
import { type ErrorKind, kindOf } from '../errors.ts';
import type { TransferMessage, UnitsMessage } from '../wire/transfer-messages.ts';
import { reasonOf } from './channel.ts';
import { type Files, layoutOfFile, type TransferFile } from './files.ts';
import { unitsOfRow } from './layout.ts';
import {
  newReceiver,
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
  receiverProgress,
  stepReceiver,
} from './receiver.ts';

export class IncomingFile {
  readonly file: TransferFile;
  readonly #files: Files;
  /** Sends into the live session, if there is one. */
  readonly #send: (message: TransferMessage) => void;
  #state: ReceiverState | undefined;
  #loading: Promise<void> | undefined;

  constructor(files: Files, file: TransferFile, send: (message: TransferMessage) => void) {
    this.#files = files;
    this.file = file;
    this.#send = send;
  }

  /** Tells the sender what is here (at the start, after a reconnect, when it asks), or finishes what is whole. */
  async announce(): Promise<void> {
    await this.#load();
    this.#step({ type: 'asked' });
  }

  async onUnits({ first, sealed }: UnitsMessage): Promise<void> {
    await this.#load();
    const units = unitsOfRow(layoutOfFile(this.file), first, sealed);
    const wanted = units.filter(({ index }) => this.#step({ type: 'unit', index }).includes('write'));
    if (wanted.length === units.length) await this.#write(first, units.length, sealed);
    else await Promise.all(wanted.map((unit) => this.#write(unit.index, 1, unit.sealed)));
  }

  /** The session ended. */
  rest(): void {
    if (this.#active && this.#state) this.#files.tell(this.file, 'waiting', receiverProgress(this.#state));
  }

  get #active(): boolean {
    return this.file.record.state === 'waiting';
  }

  #load(): Promise<void> {
    this.#loading ??= this.#readStored();
    return this.#loading;
  }

  async #readStored(): Promise<void> {
    const layout = layoutOfFile(this.file);
    try {
      this.#state = newReceiver(layout, await this.#files.options.blobs.stored(this.file.id, layout));
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
    if (this.#active) this.#files.tell(this.file, 'waiting', receiverProgress(this.#state));
  }

  #step(event: ReceiverEvent): readonly ReceiverEffect[] {
    if (!this.#active || this.#state === undefined) return [];
    const { state, effects } = stepReceiver(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#run(effect, event);
    return effects;
  }

  #run(effect: ReceiverEffect, event: ReceiverEvent): void {
    const fileId = this.file.idBytes;
    const bitmap = this.#state?.stored ?? new Uint8Array(0);
    if (effect === 'ack') this.#send({ type: 'ack-units', fileId, bitmap });
    else if (effect === 'have') this.#send({ type: 'have', fileId, bitmap });
    else if (effect === 'nack' && 'index' in event) this.#send({ type: 'nack', fileId, index: event.index });
    else if (effect === 'corrupt') void this.fail('file-corrupt-unit');
    else if (effect === 'finish') void this.#finish();
    else if (effect === 'flooded') this.#files.options.log('warn', 'more units than any window holds');
  }

  async #write(first: number, count: number, sealed: Uint8Array): Promise<void> {
    const { blobs } = this.#files.options;
    let refused: readonly number[];
    try {
      refused = await blobs.writeUnits(this.file.id, layoutOfFile(this.file), this.file.record.key, first, sealed);
    } catch (error) {
      await this.fail(kindOf(error));
      return;
    }
    for (let index = first; index < first + count; index++)
      this.#step({ type: refused.includes(index) ? 'refused' : 'written', index });
    if (this.#active && this.#state) this.#files.tell(this.file, 'transferring', receiverProgress(this.#state));
    // Cancelled while it was being written: nothing of it may stay.
    else if (this.file.record.state === 'failed') await blobs.remove(this.file.id);
  }

  async #finish(): Promise<void> {
    const { blobs } = this.#files.options;
    const layout = layoutOfFile(this.file);
    try {
      const digest = await blobs.finish(this.file.id, layout, this.file.record.key);
      if (!this.#active) return;
      if (!equalBytes(digest, this.file.record.sha256)) return await this.fail('file-hash-mismatch');
      if (await this.#files.received(this.file)) this.#send({ type: 'done', fileId: this.file.idBytes });
    } catch (error) {
      const kind = kindOf(error);
      if (kind !== 'file-corrupt-unit') return await this.fail(kind);
      await this.#recount();
    }
  }

  /** Some units no longer open: what is left of them is asked for again. */
  async #recount(): Promise<void> {
    const { blobs } = this.#files.options;
    try {
      this.#step({ type: 'damaged', stored: await blobs.stored(this.file.id, layoutOfFile(this.file)) });
    } catch (error) {
      await this.fail(kindOf(error));
    }
  }

  /** Ends it on this side and tells the sender why. */
  async fail(kind: ErrorKind): Promise<void> {
    if (!this.#active) return;
    this.#send({ type: 'stop', fileId: this.file.idBytes, reason: reasonOf(kind) });
    await this.#files.fail(this.file, kind, false);
  }
}
