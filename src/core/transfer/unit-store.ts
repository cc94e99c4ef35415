// The BlobStore port over any directory of random access files: OPFS in a worker, memory in tests.
import { type Bytes, equalBytes } from '../bytes/bytes.ts';
import { importAeadKey } from '../crypto/aead.ts';
import { sha256 } from '../crypto/kdf.ts';
import { KithError } from '../errors.ts';
import type { BlobStore, FileLayout, SealedFile } from '../ports/blob-store.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { UNIT_BYTES } from '../wire/limits.ts';
import { emptyBitmap, isUnit, layoutOf, SEALED_UNIT_BYTES, type SealedUnit, unitLength, unitsOfRow } from './layout.ts';
import { readSource, unlessAborted } from './source.ts';
import { openUnit, sealUnit } from './unit.ts';
import { type FileDirectory, fileError, UnitFile } from './unit-file.ts';

/** Units sealed or opened at a time: 1 MiB keeps WebCrypto and the disk busy and memory flat. */
const BATCH_UNITS = 16;
/** Files that are being received are kept in memory as far as they all fit into this, and need not be read again for their hash. */
const MAX_PLAIN_BYTES = 32 * 1024 * 1024;
/** An unused file is let go after this, so that another tab may have it. */
const IDLE_MS = 2000;
/** Names that mean the same on every file system. */
const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

type SealOptions = NonNullable<Parameters<BlobStore['seal']>[3]>;

/** What is kept of one file while it is in use. */
interface Session {
  /** Work on one file happens in the order of the calls. */
  queue: Promise<unknown>;
  waiting: number;
  file: UnitFile | undefined;
  idle: Timer | undefined;
  usedAt: number;
  key: { readonly raw: Uint8Array; readonly imported: CryptoKey } | undefined;
  /** The plain file while it is received, if it was begun in this session and there is room; `opened` units of it are here. */
  plain: Bytes | undefined;
  opened: number;
}

export class UnitStore implements BlobStore {
  readonly #directory: FileDirectory;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Session>();
  #plainBytes = 0;

  constructor(directory: FileDirectory, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  seal(id: string, source: Blob, key: Uint8Array, options: SealOptions = {}): Promise<SealedFile> {
    return this.#inTurn(id, async (session) => {
      try {
        return await this.#seal(session, id, source, key, options);
      } catch (error) {
        await this.#discard(session, id);
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
    return this.#inTurn(id, async (session) => {
      const file = await this.#existing(session, id, layout);
      if (file === undefined || !isUnit(layout, first)) throw new KithError('record-damaged');
      return file.readRun(first, count);
    });
  }

  writeUnits(id: string, layout: FileLayout, key: Uint8Array, first: number, sealed: Uint8Array): Promise<number[]> {
    return this.#inTurn(id, async (session) => {
      const file = (await this.#existing(session, id, layout)) ?? (await this.#begun(session, id, layout));
      const missing = unitsOfRow(layout, first, sealed).filter(({ index }) => !file.has(index));
      const imported = await importedKey(session, key);
      const opened = await Promise.all(missing.map((unit) => openedUnit(imported, layout, unit)));
      for (const run of runsOf(opened)) {
        file.write(
          run[0].index,
          run.map((unit) => unit.sealed),
        );
        for (const { index, plain } of run) keep(session, index, plain);
      }
      return opened.filter(({ plain }) => plain === undefined).map(({ index }) => index);
    });
  }

  stored(id: string, layout: FileLayout): Promise<Uint8Array> {
    return this.#inTurn(
      id,
      async (session) => (await this.#existing(session, id, layout))?.bitmap() ?? emptyBitmap(layout.units),
    );
  }

  finish(id: string, layout: FileLayout, key: Uint8Array): Promise<Uint8Array> {
    return this.#inTurn(id, async (session) => {
      const file = await this.#existing(session, id, layout);
      if (!file?.complete) throw new KithError('file-corrupt-unit');
      const whole = session.opened === layout.units ? session.plain : undefined;
      const digest = sha256(whole ?? (await readWhole(file, await importedKey(session, key))));
      file.flush(); // while the browser hashes on a thread of its own
      this.#close(session);
      return digest;
    });
  }

  open(id: string, layout: FileLayout, key: Uint8Array, type: string): Promise<Blob> {
    return this.#inTurn(id, async (session) => {
      const file = await this.#existing(session, id, layout);
      if (!file?.complete) throw new KithError('record-damaged');
      const imported = await importedKey(session, key);
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
    return this.#inTurn(id, (session) => this.#discard(session, id));
  }

  list(): Promise<string[]> {
    return this.#directory.list();
  }

  /** Lets go of every file now. */
  async closeAll(): Promise<void> {
    await Promise.all(
      [...this.#sessions.keys()].map((id) => this.#inTurn(id, async (session) => this.#close(session))),
    );
  }

  async #seal(session: Session, id: string, source: Blob, key: Uint8Array, options: SealOptions): Promise<SealedFile> {
    const layout = layoutOf(source.size);
    const file = await this.#fresh(session, id, layout);
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
    this.#close(session);
    return { layout, sha256: await unlessAborted(digest, options.signal) };
  }

  /** Runs `work` after everything asked before about this file. */
  #inTurn<T>(id: string, work: (session: Session) => Promise<T>): Promise<T> {
    if (!ID_PATTERN.test(id)) return Promise.reject(new KithError('internal'));
    const session = this.#sessions.get(id) ?? newSession();
    this.#sessions.set(id, session);
    session.waiting++;
    const result = session.queue.then(() => work(session));
    session.queue = result.then(
      () => this.#rest(id, session),
      () => this.#rest(id, session),
    );
    return result.catch((error: unknown) => {
      throw fileError(error);
    });
  }

  /** Lets go of the file when nothing was asked of it for a while. */
  #rest(id: string, session: Session): void {
    if (--session.waiting > 0) return;
    session.usedAt = this.#clock.now();
    if (session.file === undefined) this.#forget(id, session);
    else session.idle ??= this.#forgetIn(IDLE_MS, id, session);
  }

  /** One timer for many calls. */
  #forgetIn(ms: number, id: string, session: Session): Timer {
    return this.#clock.after(ms, () => {
      const left = session.usedAt + IDLE_MS - this.#clock.now();
      if (session.waiting > 0) session.idle = this.#forgetIn(IDLE_MS, id, session);
      else if (left > 0) session.idle = this.#forgetIn(left, id, session);
      else this.#forget(id, session);
    });
  }

  #forget(id: string, session: Session): void {
    session.idle?.cancel();
    session.idle = undefined;
    this.#close(session);
    if (this.#sessions.get(id) === session) this.#sessions.delete(id);
  }

  async #existing(session: Session, id: string, layout: FileLayout): Promise<UnitFile | undefined> {
    if (session.file !== undefined) return sameLayout(session.file.layout, layout) ? session.file : undefined;
    const handle = await this.#directory.open(id, false);
    if (handle === undefined) return undefined;
    session.file = UnitFile.existing(handle, layout);
    if (session.file === undefined) handle.close();
    return session.file;
  }

  async #fresh(session: Session, id: string, layout: FileLayout): Promise<UnitFile> {
    this.#close(session);
    const handle = await this.#directory.open(id, true);
    if (handle === undefined) throw new KithError('storage-unavailable');
    try {
      session.file = UnitFile.fresh(handle, layout);
    } catch (error) {
      handle.close();
      throw error;
    }
    return session.file;
  }

  /** The file of somebody who begins to send it. */
  async #begun(session: Session, id: string, layout: FileLayout): Promise<UnitFile> {
    const file = await this.#fresh(session, id, layout);
    if (this.#plainBytes + layout.size > MAX_PLAIN_BYTES) return file;
    session.plain = new Uint8Array(layout.size);
    this.#plainBytes += layout.size;
    return file;
  }

  #close(session: Session): void {
    session.file?.close();
    session.file = undefined;
    session.key = undefined;
    this.#plainBytes -= session.plain?.length ?? 0;
    session.plain = undefined;
    session.opened = 0;
  }

  async #discard(session: Session, id: string): Promise<void> {
    this.#close(session);
    await this.#directory.remove(id);
  }
}

const newSession = (): Session => ({
  queue: Promise.resolve(),
  waiting: 0,
  file: undefined,
  idle: undefined,
  usedAt: 0,
  key: undefined,
  plain: undefined,
  opened: 0,
});

const sameLayout = (a: FileLayout, b: FileLayout): boolean => a.size === b.size && a.units === b.units;

async function importedKey(session: Session, raw: Uint8Array): Promise<CryptoKey> {
  if (session.key && equalBytes(session.key.raw, raw)) return session.key.imported;
  session.key = { raw: raw.slice(), imported: await importAeadKey(raw) };
  return session.key.imported;
}

interface OpenedUnit extends SealedUnit {
  /** undefined: it is not this unit of this file. */
  readonly plain: Bytes | undefined;
}

interface PlainUnit extends SealedUnit {
  readonly plain: Bytes;
}

type Run = [PlainUnit, ...PlainUnit[]];

async function openedUnit(key: CryptoKey, layout: FileLayout, { index, sealed }: SealedUnit): Promise<OpenedUnit> {
  try {
    return { index, sealed, plain: await openUnit(key, layout, index, sealed) };
  } catch (error) {
    if (error instanceof KithError && error.kind === 'file-corrupt-unit') return { index, sealed, plain: undefined };
    throw error;
  }
}

/** The units that opened, those that follow one another together. */
function runsOf(opened: readonly OpenedUnit[]): Run[] {
  const runs: Run[] = [];
  for (const { index, sealed, plain } of opened) {
    if (plain === undefined) continue;
    const last = runs.at(-1);
    if (last?.at(-1)?.index === index - 1) last.push({ index, sealed, plain });
    else runs.push([{ index, sealed, plain }]);
  }
  return runs;
}

function keep(session: Session, index: number, plain: Uint8Array): void {
  session.plain?.set(plain, index * UNIT_BYTES);
  session.opened++;
}

/** The plain file. Units that do not open are dropped. @throws KithError 'file-corrupt-unit' when there was one. */
async function readWhole(file: UnitFile, key: CryptoKey): Promise<Bytes> {
  const whole = new Uint8Array(file.layout.size);
  let damaged = false;
  for (const indices of batchesOf(file.layout)) {
    const units = await Promise.all(indices.map((index) => openOrDrop(file, key, index)));
    for (const [at, unit] of units.entries()) {
      if (unit === undefined) damaged = true;
      else whole.set(unit, (indices[at] as number) * UNIT_BYTES);
    }
  }
  if (damaged) throw new KithError('file-corrupt-unit');
  return whole;
}

async function openOrDrop(file: UnitFile, key: CryptoKey, index: number): Promise<Bytes | undefined> {
  try {
    return await openUnit(key, file.layout, index, file.read(index));
  } catch {
    file.drop(index);
    return undefined;
  }
}

function* batchesOf({ units }: FileLayout): Generator<number[]> {
  for (let start = 0; start < units; start += BATCH_UNITS)
    yield Array.from({ length: Math.min(BATCH_UNITS, units - start) }, (_, i) => start + i);
}

/** The parts copied into `space`, one behind the other: what lies so is written at once. */
function laidOut(space: Bytes, parts: readonly Uint8Array[]): Uint8Array[] {
  let end = 0;
  return parts.map((part) => {
    space.set(part, end);
    end += part.length;
    return space.subarray(end - part.length, end);
  });
}

const plainUnit = (whole: Bytes, layout: FileLayout, index: number): Bytes =>
  whole.subarray(index * UNIT_BYTES, index * UNIT_BYTES + unitLength(layout, index));
