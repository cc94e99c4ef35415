// What waits to be written into a group, on the disk: a record for each, in the order in which it was written.
import { toHex } from '../../bytes/hex.ts';
import type { Draft } from '../../group/events.ts';
import type { StoredRecord, Write } from '../../ports/store.ts';
import { encodeArray } from '../../wire/cbor.ts';
import { decodeDraft, decodeDrafts, decodeOldDraft, encodeDraft, groupKeys, placeOf } from './group-records.ts';

/** Reads each record, and leaves out with a word in the log what cannot be read. */
type Readable = <T>(records: readonly StoredRecord[], read: (bytes: Uint8Array, key: string) => T) => T[];

interface Place {
  readonly key: string;
  readonly dropped: Draft['dropped'];
}

export class DraftShelf {
  /** By id, what is on the disk. */
  #places: ReadonlyMap<string, Place> = new Map();
  /** The same once what is being written is there. */
  #next: ReadonlyMap<string, Place> = new Map();
  #last = 0;
  /** An earlier version's record of all of them is there still, and more than what could not be read of it. */
  #isOld = false;
  /** What could not: it stays there. */
  #unread: readonly Uint8Array[] = [];

  get isOld(): boolean {
    return this.#isOld;
  }

  constructor(private readonly group: string) {}

  load(records: readonly StoredRecord[], readable: Readable): Draft[] {
    const own = records.filter(({ key }) => key.startsWith(`${this.group}/draft/`));
    // Also behind one that cannot be read.
    this.#last = placeOf(own.at(-1)?.key ?? '/0');
    const places = new Map<string, Place>();
    const drafts = readable(own, (bytes, key) => {
      const draft = decodeDraft(bytes);
      places.set(toHex(draft.id), { key, dropped: draft.dropped });
      return draft;
    });
    this.#places = places;
    const old = readable(
      records.filter(({ key }) => key === groupKeys.drafts(this.group)),
      decodeDrafts,
    );
    const parts = old.flat();
    const read = new Set<Uint8Array>();
    const before = readable(
      parts.map((value) => ({ key: '', value })),
      (bytes) => {
        const draft = decodeOldDraft(bytes);
        read.add(bytes);
        return draft;
      },
    );
    this.#unread = parts.filter((bytes) => !read.has(bytes));
    this.#isOld = old.length > 0 && (read.size > 0 || parts.length === 0);
    return [...before.filter(({ id }) => !places.has(toHex(id))), ...drafts];
  }

  /** What makes the disk hold these and no others. */
  writes(drafts: readonly Draft[]): Write[] {
    const writes: Write[] = [];
    const next = new Map<string, Place>();
    for (const draft of drafts) {
      const id = toHex(draft.id);
      const known = this.#places.get(id);
      if (known === undefined) this.#last += 1;
      const key = known?.key ?? groupKeys.draft(this.group, this.#last);
      if (known === undefined || known.dropped !== draft.dropped)
        writes.push({ put: 'group-state', key, value: encodeDraft(draft) });
      next.set(id, { key, dropped: draft.dropped });
    }
    for (const [id, { key }] of this.#places) if (!next.has(id)) writes.push({ remove: 'group-state', key });
    if (this.#isOld) writes.push(this.#putOver());
    this.#next = next;
    return writes;
  }

  #putOver(): Write {
    const key = groupKeys.drafts(this.group);
    if (this.#unread.length === 0) return { remove: 'group-state', key };
    return { put: 'group-state', key, value: encodeArray(this.#unread) };
  }

  /** The last `writes` are on the disk. */
  written(): void {
    this.#places = this.#next;
    this.#isOld = false;
  }
}
