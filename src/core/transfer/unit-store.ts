// The BlobStore port over any directory of random access files: OPFS in a worker, memory in tests.
import { emptyBitmap } from '../bytes/bitmap.ts';
import { importAeadKey } from '../crypto/aead.ts';
import { sha256 } from '../crypto/kdf.ts';
import { KithError } from '../errors.ts';
import type { BlobStore, FileLayout, SealedFile } from '../ports/blob-store.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { BATCH_UNITS, batchesOf, laidOut, openedUnit, plainUnit, readWhole, runsOf } from './batches.ts';
import { FileInUse, type PlainMemory } from './file-in-use.ts';
import { isUnit, isWhole, layoutOf, SEALED_UNIT_BYTES, unitsOfRow } from './layout.ts';
import { readSource, unlessAborted } from './source.ts';
import { openUnit, sealUnit } from './unit.ts';
import { type FileDirectory, fileError } from './unit-file.ts';

/** An unused file is let go after this, so that another tab may have it. */
const IDLE_MS = 2000;
/** Names that mean the same on every file system. */
const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

type SealOptions = NonNullable<Parameters<BlobStore['seal']>[3]>;

/** Work on one file happens in the order of the calls. */
interface Turns {
  readonly inUse: FileInUse;
  queue: Promise<unknown>;
  waiting: number;
  idle: Timer | undefined;
  usedAt: number;
}

export class UnitStore implements BlobStore {
  readonly #directory: FileDirectory;
  readonly #clock: Clock;
  readonly #turns = new Map<string, Turns>();
  readonly #memory: PlainMemory = { bytes: 0 };

  constructor(directory: FileDirectory, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  seal(id: string, source: Blob, key: Uint8Array, options: SealOptions = {}): Promise<SealedFile> {
    return this.#inTurn(id, async (inUse) => {
      try {
        return await this.#seal(inUse, source, key, options);
      } catch (error) {
        await inUse.discard();
        throw error;
      }
    });
  }

  async readUnit(id: string, layout: FileLayout, index: number): Promise<Uint8Array> {
    const [unit] = await this.readUnits(id, layout, index, 1);
    return unit as Uint8Array;
  }

  /** At most `count` units from `first` on, up to the first that is not stored; views of one buffer. @throws KithError 'record-damaged' */
  readUnits(id: string, layout: FileLayout, first: number, count: number): Promise<Uint8Array[]> {
    return this.#inTurn(id, async (inUse) => {
      const file = await inUse.existing(layout);
      if (file === undefined || !isUnit(layout, first)) throw new KithError('record-damaged');
      return file.readRun(first, count);
    });
  }

  writeUnits(id: string, layout: FileLayout, key: Uint8Array, first: number, sealed: Uint8Array): Promise<number[]> {
    return this.#inTurn(id, async (inUse) => {
      const file = (await inUse.existing(layout)) ?? (await inUse.begun(layout));
      const missing = unitsOfRow(layout, first, sealed).filter(({ index }) => !file.has(index));
      const imported = await inUse.imported(key);
      const opened = await Promise.all(missing.map((unit) => openedUnit(imported, layout, unit)));
      for (const run of runsOf(opened)) {
        file.write(
          run[0].index,
          run.map((unit) => unit.sealed),
        );
        for (const { index, plain } of run) inUse.keep(index, plain);
      }
      return opened.filter(({ plain }) => plain === undefined).map(({ index }) => index);
    });
  }

  stored(id: string, layout: FileLayout): Promise<Uint8Array> {
    return this.#inTurn(id, async (inUse) => (await inUse.existing(layout))?.bitmap() ?? emptyBitmap(layout.units));
  }

  finish(id: string, layout: FileLayout, key: Uint8Array): Promise<Uint8Array> {
    return this.#inTurn(id, async (inUse) => {
      const file = await inUse.existing(layout);
      if (!file?.complete) throw new KithError('file-corrupt-unit');
      const whole = inUse.whole(layout);
      const digest = sha256(whole ?? (await readWhole(file, await inUse.imported(key))));
      file.flush(); // while the browser hashes on a thread of its own
      inUse.close();
      return digest;
    });
  }

  open(id: string, layout: FileLayout, key: Uint8Array, type: string): Promise<Blob> {
    return this.#inTurn(id, async (inUse) => {
      const file = await inUse.existing(layout);
      if (!file?.complete) throw new KithError('record-damaged');
      const imported = await inUse.imported(key);
      const parts: Blob[] = [];
      // Each part goes to the browser's blob storage at once, so only one batch lies in our memory.
      for (const indices of batchesOf(layout)) {
        const units = await Promise.all(indices.map((index) => openUnit(imported, layout, index, file.read(index))));
        parts.push(new Blob(units));
      }
      return new Blob(parts, { type });
    }).catch((error: unknown) => {
      throw error instanceof KithError && error.kind === 'file-corrupt-unit'
        ? new KithError('record-damaged', {}, { cause: error })
        : error;
    });
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(id, (inUse) => inUse.discard());
  }

  list(): Promise<string[]> {
    return this.#directory.list();
  }

  layout(id: string): Promise<FileLayout | undefined> {
    return this.#inTurn(id, (inUse) => inUse.layout());
  }

  restoreUnits(id: string, layout: FileLayout, first: number, sealed: Uint8Array): Promise<void> {
    return this.#inTurn(id, async (inUse) => {
      const units = unitsOfRow(layout, first, sealed);
      const fits = units.every((unit) => isUnit(layout, unit.index) && isWhole(layout, unit));
      if (!fits) throw new KithError('backup-damaged');
      const file = (await inUse.existing(layout)) ?? (await inUse.fresh(layout));
      file.write(
        first,
        units.map((unit) => unit.sealed),
      );
    });
  }

  flush(id: string, layout: FileLayout): Promise<void> {
    return this.#inTurn(id, async (inUse) => (await inUse.existing(layout))?.flush());
  }

  /** Lets go of every file now. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#turns.keys()].map((id) => this.#inTurn(id, async (inUse) => inUse.close())));
  }

  async #seal(inUse: FileInUse, source: Blob, key: Uint8Array, options: SealOptions): Promise<SealedFile> {
    const layout = layoutOf(source.size);
    const file = await inUse.fresh(layout);
    const imported = await importAeadKey(key);
    // The one place that holds a file whole: WebCrypto's hash is five times as fast as any that takes piece after piece. It runs
    // on a thread of its own while the units are sealed.
    const whole = await readSource(source, options.signal);
    const digest = sha256(whole);
    const batch = new Uint8Array(BATCH_UNITS * SEALED_UNIT_BYTES);
    for (const indices of batchesOf(layout)) {
      const sealing = indices.map((index) => sealUnit(imported, layout, index, plainUnit(whole, layout, index)));
      const sealed = await unlessAborted(Promise.all(sealing), options.signal);
      file.write(indices[0] as number, laidOut(batch, sealed));
      options.onProgress?.(((indices.at(-1) as number) + 1) / layout.units);
    }
    file.flush();
    inUse.close();
    return { layout, sha256: await unlessAborted(digest, options.signal) };
  }

  /** Runs `work` after everything asked before about this file. */
  #inTurn<T>(id: string, work: (inUse: FileInUse) => Promise<T>): Promise<T> {
    if (!ID_PATTERN.test(id)) return Promise.reject(new KithError('internal'));
    const turns = this.#turns.get(id) ?? this.#newTurns(id);
    turns.waiting++;
    const result = turns.queue.then(() => work(turns.inUse));
    turns.queue = result.then(
      () => this.#rest(id, turns),
      () => this.#rest(id, turns),
    );
    return result.catch((error: unknown) => {
      throw fileError(error);
    });
  }

  #newTurns(id: string): Turns {
    const inUse = new FileInUse(this.#directory, id, this.#memory);
    const turns: Turns = { inUse, queue: Promise.resolve(), waiting: 0, idle: undefined, usedAt: 0 };
    this.#turns.set(id, turns);
    return turns;
  }

  /** Lets go of the file when nothing was asked of it for a while. */
  #rest(id: string, turns: Turns): void {
    if (--turns.waiting > 0) return;
    turns.usedAt = this.#clock.now();
    if (!turns.inUse.isOpen) this.#forget(id, turns);
    else turns.idle ??= this.#forgetIn(IDLE_MS, id, turns);
  }

  /** One timer for many calls. */
  #forgetIn(ms: number, id: string, turns: Turns): Timer {
    return this.#clock.after(ms, () => {
      const left = turns.usedAt + IDLE_MS - this.#clock.now();
      if (turns.waiting > 0) turns.idle = this.#forgetIn(IDLE_MS, id, turns);
      else if (left > 0) turns.idle = this.#forgetIn(left, id, turns);
      else this.#forget(id, turns);
    });
  }

  #forget(id: string, turns: Turns): void {
    turns.idle?.cancel();
    turns.idle = undefined;
    turns.inUse.close();
    if (this.#turns.get(id) === turns) this.#turns.delete(id);
  }
}
