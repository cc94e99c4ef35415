// The files of one group at one member: fetched from whoever of the linked members has units, and given to whoever may have them
// (core/group/FILES.md). Knows the store of sealed units; what is said on links and kept on the disk goes out through its kit.
import { countUnits } from '../../../bytes/bitmap.ts';
import { concat, equalBytes } from '../../../bytes/bytes.ts';
import { fromHex, toHex } from '../../../bytes/hex.ts';
import { type ErrorKind, KithError, kindOf } from '../../../errors.ts';
import { Giving } from '../../../group/files/giving.ts';
import { type FileName, isSigned } from '../../../group/files/offer.ts';
import { Swarm } from '../../../group/files/swarm.ts';
import type { MemberId } from '../../../group/members-view.ts';
import { type SealedUnit, unitsOfRow } from '../../../transfer/layout.ts';
import {
  type GroupFileHave,
  type GroupFileTalk,
  type GroupFileUnits,
  type GroupFileWant,
  MAX_FILES_ASKED,
} from '../../../wire/group-files.ts';
import {
  type BroughtFile,
  type FileNote,
  type FileReach,
  type GroupFileState,
  type GroupFilesKit,
  isHeld,
  type KnownFile,
  knownFile,
  reachOf,
} from './known-file.ts';
import { pathWindow } from './path-window.ts';

/** What is missing is asked for anew so often, ms: somebody may have got it from elsewhere. */
const ASK_EVERY_MS = 30_000;
/** Others are told of so many new units at once; of fewer, at the next tick. */
const TELL_EVERY_UNITS = 8;
/** Files that are asked for at once, the next ones the next time: fewer than a member answers for in that time (giving.ts). */
const MAX_MISSING = 96;
/** How often a file that rotted on our own disk is mended by fetching units again. */
const MAX_REPAIRS = 3;

export class GroupFiles {
  readonly #kit: GroupFilesKit;
  readonly #swarm: Swarm;
  readonly #giving = new Giving();
  readonly #files = new Map<FileName, KnownFile>();
  readonly #links = new Set<MemberId>();
  #askedAt: number;
  /** How many of the missing were asked for before those whose turn it is. */
  #turn = 0;

  constructor(kit: GroupFilesKit) {
    this.#kit = kit;
    this.#swarm = new Swarm({ random: kit.random, window: pathWindow });
    this.#askedAt = kit.clock.now();
  }

  /** A message brought it, or the disk did, with what was noted. Again is the same. */
  async brought(file: BroughtFile, note?: FileNote): Promise<void> {
    const before = this.#files.get(file.name);
    if (before) {
      // Somebody signed it once more under an earlier time.
      before.isMine ||= file.isMine;
      return;
    }
    const known = knownFile(file, note);
    this.#files.set(file.name, known);
    if (note !== undefined) return;
    if (file.offer.size > this.#kit.maxFileBytes()) return this.#fail(known, 'file-too-large');
    await this.#begin(known);
  }

  linked(peer: MemberId): void {
    this.#links.add(peer);
    this.#swarm.met(peer);
    this.#askFor(this.#missing(), [peer]);
    this.#askForLonely([peer]);
  }

  unlinked(peer: MemberId): void {
    this.#links.delete(peer);
    this.#swarm.lost(peer);
    for (const known of this.#files.values()) known.askers.delete(peer);
  }

  /** Never rejects for what a member says. */
  async received(peer: MemberId, message: GroupFileTalk): Promise<void> {
    if (!this.#links.has(peer)) return;
    switch (message.type) {
      case 'group-file-ask':
        for (const file of message.files) await this.#asked(peer, toHex(file));
        return;
      case 'group-file-have':
        return this.#told(peer, message);
      case 'group-file-want':
        return this.#wanted(peer, message);
      case 'group-file-units':
        await this.#came(peer, message);
        return this.#fetch();
    }
  }

  /** Several times a second while somebody is linked. */
  async tick(): Promise<void> {
    const now = this.#kit.clock.now();
    for (const known of this.#files.values()) if (known.untold > 0) await this.#tell(known);
    if (Math.abs(now - this.#askedAt) >= ASK_EVERY_MS) {
      this.#askedAt = now;
      this.#turn += MAX_MISSING;
      await this.#beginAnew();
      this.#askFor(this.#missing(), [...this.#links]);
      this.#askForLonely([...this.#links]);
    }
    this.#fetch();
  }

  /** undefined when no message brought such a file. */
  state(file: FileName): GroupFileState | undefined {
    const known = this.#files.get(file);
    if (known === undefined) return undefined;
    if (known.note?.state === 'failed') return { ...known.note, progress: 0 };
    if (known.note?.state === 'complete') return { state: 'complete', progress: 1 };
    const isMoving = known.finishing || this.#swarm.isMoving(file);
    return { state: isMoving ? 'transferring' : 'waiting', progress: this.#swarm.progress(file) ?? 0 };
  }

  /** Of a file of mine. */
  reach(file: FileName): FileReach {
    const known = this.#files.get(file);
    return known ? reachOf(known) : 'unknown';
  }

  /** Mine that no other member has said to have: lost to everybody when I leave now. */
  onlyHere(): FileName[] {
    return this.#lonely().map(({ name }) => name);
  }

  /** What failed is looked for anew. */
  async retry(file: FileName): Promise<void> {
    const known = this.#files.get(file);
    if (known?.note?.state !== 'failed' || known.offer.size > this.#kit.maxFileBytes()) return;
    await this.#kit.unkeep(file);
    known.note = undefined;
    known.repairs = 0;
    await this.#begin(known);
  }

  /** @throws KithError 'file-unreadable' while it is not whole; 'record-damaged' */
  async open(file: FileName, type: string): Promise<Blob> {
    const known = this.#files.get(file);
    if (known?.note?.state !== 'complete') throw new KithError('file-unreadable');
    return this.#kit.blobs.open(known.blobId, known.layout, known.offer.key, type);
  }

  /** The person wants it no more. What is whole stays. */
  async cancel(file: FileName): Promise<void> {
    const known = this.#files.get(file);
    if (known === undefined || (await this.#isWhole(known)) || known.finishing) return;
    await this.#fail(known, 'file-cancelled');
  }

  /** Whole or not, its units go from the disk: the person removed what brought it. */
  async discard(file: FileName): Promise<void> {
    const known = this.#files.get(file);
    if (known === undefined) return;
    known.note = undefined;
    await this.#fail(known, 'file-cancelled');
  }

  /** Those whose units could not be looked at when they were brought: another tab, which is about to close, had them. */
  async #beginAnew(): Promise<void> {
    const idle = [...this.#files.values()].filter(
      ({ name, note, finishing }) => note === undefined && !finishing && !this.#swarm.has(name),
    );
    await Promise.allSettled(idle.map((known) => this.#begin(known)));
  }

  async #begin(known: KnownFile): Promise<void> {
    const { blobId, layout, name } = known;
    this.#swarm.remove(name);
    const held = await this.#kit.blobs.stored(blobId, layout);
    if (this.#files.get(name) !== known || known.note !== undefined) return;
    const isWhole = countUnits(held, layout.units) === layout.units;
    this.#swarm.add(name, layout.units, held.slice());
    this.#kit.changed(name);
    if (isWhole) return this.#finish(known);
    this.#askFor([known], [...this.#links]);
  }

  /** All its units are here, looked at already or not: of one of mine, they may be the only ones there are. */
  async #isWhole({ blobId, layout, note, finishing }: KnownFile): Promise<boolean> {
    if (note !== undefined || finishing) return true;
    return countUnits(await this.#kit.blobs.stored(blobId, layout), layout.units) === layout.units;
  }

  #missing(): KnownFile[] {
    const missing = [...this.#files.values()].filter(({ note }) => note === undefined);
    if (missing.length <= MAX_MISSING) return missing;
    const first = this.#turn % missing.length;
    return [...missing.slice(first), ...missing.slice(0, first)].slice(0, MAX_MISSING);
  }

  #lonely(): KnownFile[] {
    return [...this.#files.values()].filter((known) => known.isMine && reachOf(known) === 'only-here');
  }

  /** Who of them has what only I am known to have: I want to know when leaving does no harm. Of many the next ones the next time. */
  #askForLonely(peers: readonly MemberId[]): void {
    const lonely = this.#lonely();
    for (const peer of peers) {
      const theirs = lonely.filter(({ name }) => this.#kit.mayRead(name, peer));
      const first = theirs.length > MAX_FILES_ASKED ? this.#turn % theirs.length : 0;
      this.#askFor([...theirs.slice(first), ...theirs.slice(0, first)].slice(0, MAX_FILES_ASKED), [peer]);
    }
  }

  #askFor(files: readonly KnownFile[], peers: readonly MemberId[]): void {
    for (const to of peers) {
      const names = files.filter(({ name }) => this.#kit.mayRead(name, to)).map(({ name }) => fromHex(name));
      for (let at = 0; at < names.length; at += MAX_FILES_ASKED) {
        const some = names.slice(at, at + MAX_FILES_ASKED);
        this.#kit.send(to, { type: 'group-file-ask', group: this.#kit.group, files: some });
      }
    }
  }

  /** The file, if it is one of ours that this member may have. */
  #for(peer: MemberId, file: FileName): KnownFile | undefined {
    const known = this.#files.get(file);
    return known && known.note?.state !== 'failed' && this.#kit.mayRead(file, peer) ? known : undefined;
  }

  async #asked(peer: MemberId, file: FileName): Promise<void> {
    if (!this.#giving.mayAsk(peer, this.#kit.clock.now())) return;
    const known = this.#for(peer, file);
    if (known === undefined) return;
    known.askers.add(peer);
    await this.#sayHave(known, [peer]);
  }

  async #sayHave({ blobId, layout, name }: KnownFile, peers: readonly MemberId[]): Promise<void> {
    const bitmap = await this.#kit.blobs.stored(blobId, layout);
    if (countUnits(bitmap, layout.units) === 0) return;
    const message: GroupFileHave = { type: 'group-file-have', group: this.#kit.group, file: fromHex(name), bitmap };
    for (const to of peers) this.#kit.send(to, message);
  }

  async #tell(known: KnownFile): Promise<void> {
    known.untold = 0;
    // That all of it is here everybody hears: then its sender may leave.
    const peers = known.note?.state === 'complete' ? this.#links : known.askers;
    await this.#sayHave(
      known,
      [...peers].filter((peer) => this.#for(peer, known.name) !== undefined),
    );
  }

  async #told(peer: MemberId, { file, bitmap }: GroupFileHave): Promise<void> {
    const known = this.#files.get(toHex(file));
    if (known === undefined || bitmap.length !== Math.ceil(known.layout.units / 8)) return;
    if (!this.#kit.mayRead(known.name, peer)) return;
    this.#swarm.told(peer, known.name, bitmap);
    this.#fetch();
    if (countUnits(bitmap, known.layout.units) !== known.layout.units) return;
    known.owners.add(peer);
    if (!known.isMine || (known.note?.state === 'complete' && known.note.elsewhere)) return;
    try {
      if (known.note?.state === 'complete') await this.#complete(known);
    } finally {
      this.#kit.changed(known.name);
    }
  }

  async #wanted(peer: MemberId, { file, first, units }: GroupFileWant): Promise<void> {
    const known = this.#for(peer, toHex(file));
    if (known === undefined) return;
    const { blobId, layout, name } = known;
    if (!this.#giving.mayHave(peer, name, layout.units, units, this.#kit.clock.now())) return;
    const { blobs, group } = this.#kit;
    const held = await blobs.stored(blobId, layout);
    const rows: Uint8Array[] = [];
    try {
      for (let index = first; index < first + units && isHeld(held, layout, index); index += 1) {
        rows.push(await blobs.readUnit(blobId, layout, index));
      }
    } catch (error) {
      if (kindOf(error) !== 'record-damaged') throw error;
    }
    // They may have been removed while the disk was read.
    if (this.#for(peer, name) === undefined) return;
    if (rows.length === 0) return this.#sayHave(known, [peer]);
    const message: GroupFileUnits = { type: 'group-file-units', group, file, first, sealed: concat(...rows) };
    this.#kit.send(peer, message);
  }

  async #came(peer: MemberId, { file, first, sealed }: GroupFileUnits): Promise<void> {
    const known = this.#files.get(toHex(file));
    if (known === undefined) return;
    // Nobody makes us look at what we did not ask for.
    const row = unitsOfRow(known.layout, first, sealed);
    const asked = row.filter(({ index }) => this.#swarm.came(peer, known.name, index));
    const judged = await Promise.all(asked.map(({ index, sealed: unit }) => isSigned(known.offer, index, unit)));
    if (judged.includes(false)) {
      this.#swarm.wrong(peer, known.name);
      this.#kit.refused(peer, 'file-corrupt-unit');
    }
    for (const [at, unit] of asked.entries()) if (judged[at]) await this.#store(peer, known, unit);
    this.#kit.changed(known.name);
  }

  async #store(peer: MemberId, known: KnownFile, { index, sealed }: SealedUnit): Promise<void> {
    if (known.note !== undefined) return;
    const { blobs, clock } = this.#kit;
    try {
      // What was signed and does not open, its own sender got wrong: nobody has anything better.
      const closed = await blobs.writeUnits(known.blobId, known.layout, known.offer.key, index, sealed.slice());
      if (closed.length > 0) return await this.#fail(known, 'file-corrupt-unit');
    } catch (error) {
      return this.#fail(known, kindOf(error));
    }
    known.untold += 1;
    if (this.#swarm.stored(peer, known.name, index, clock.now())) return this.#finish(known);
    if (known.untold >= TELL_EVERY_UNITS) await this.#tell(known);
  }

  async #finish(known: KnownFile): Promise<void> {
    if (known.finishing || known.note !== undefined) return;
    known.finishing = true;
    const { blobs, changed } = this.#kit;
    try {
      const digest = await blobs.finish(known.blobId, known.layout, known.offer.key);
      if (!equalBytes(digest, known.offer.sha256)) return await this.#fail(known, 'file-hash-mismatch');
      await this.#complete(known);
      this.#swarm.remove(known.name);
      changed(known.name);
      await this.#tell(known);
    } catch (error) {
      await this.#mend(known, kindOf(error));
    } finally {
      known.finishing = false;
    }
  }

  /** On the disk (strict) when it resolves, with what others said of it so far. */
  async #complete(known: KnownFile): Promise<void> {
    const elsewhere = known.isMine ? { elsewhere: known.owners.size > 0 } : {};
    const note: FileNote = { state: 'complete', ...elsewhere };
    await this.#kit.keep(known.name, note);
    known.note = note;
  }

  /** Our own disk gave something else than was written: the store has dropped it, and it is fetched again. */
  async #mend(known: KnownFile, kind: ErrorKind): Promise<void> {
    known.repairs += 1;
    if (kind !== 'file-corrupt-unit' || known.repairs > MAX_REPAIRS) return this.#fail(known, kind);
    await this.#begin(known);
  }

  async #fail(known: KnownFile, error: ErrorKind): Promise<void> {
    if (known.note !== undefined) return;
    const { blobs, keep, changed } = this.#kit;
    known.note = { state: 'failed', error };
    this.#swarm.remove(known.name);
    this.#giving.forget(known.name);
    try {
      // First, so that there is room for the note; a page that dies in between fetches again and fails again.
      await blobs.remove(known.blobId);
      await keep(known.name, known.note);
    } finally {
      changed(known.name);
    }
  }

  #fetch(): void {
    const { clock, group, send } = this.#kit;
    for (const { to, file, first, units } of this.#swarm.next(clock.now())) {
      send(to, { type: 'group-file-want', group, file: fromHex(file), first, units });
    }
  }
}
