// One group on the disk: carries out what the group says must be stored, and reads it back. Every commit is strict: what was sent
// or acknowledged rests on it.

import { toHex } from '../../bytes/hex.ts';
import { kindOf } from '../../errors.ts';
import type { GroupOut, StoredGroup } from '../../group/group.ts';
import type { Log } from '../../ports/log.ts';
import type { Store, StoredRecord, Table, Write } from '../../ports/store.ts';
import { decode } from '../../wire/cbor.ts';
import { MAX_RECEIPT_BYTES, receiptSchema } from '../../wire/group-gossip.ts';
import { decodeSignedMessage, encodeSignedMessage } from '../../wire/group-message.ts';
import { DraftShelf } from './draft-shelf.ts';
import {
  decodeSeen,
  decodeSignedPart,
  encodeGroup,
  encodeSeen,
  encodeSignedPart,
  type GroupRecord,
  groupKeys,
  placeOf,
  type SeenRecord,
} from './group-records.ts';

export type Stored = Extract<GroupOut, { do: 'store' }>;

export class GroupDisk {
  #operations = 0;
  #messages = 0;
  #shares = 0;
  /** Keys of shares that stand in an earlier record too: taken away with whatever is written next. */
  #spare: readonly string[] = [];
  readonly #drafts: DraftShelf;
  /** Not written before there is something to keep: an invitation that is none leaves nothing. */
  #record: GroupRecord | undefined;
  /** Hashes of messages of mine that do not count and that a person removed. */
  readonly #removed = new Set<string>();
  /** Something of it could not be read. */
  isDamaged = false;

  constructor(
    private readonly store: Store,
    readonly id: string,
    private readonly log: Log,
  ) {
    this.#drafts = new DraftShelf(id);
  }

  /** Records that cannot be read stay on the disk as they are: the others have what they held. */
  async load(group: Uint8Array): Promise<StoredGroup & { readonly seen: SeenRecord }> {
    const [operations, messages, parts] = await Promise.all([
      this.#list('group-operations'),
      this.#list('group-messages'),
      this.#list('group-state'),
    ]);
    this.#operations = lastPlace(operations);
    this.#messages = lastPlace(messages);
    const { id } = this;
    const part = (key: string) => parts.find((one) => one.key === key)?.value;
    const allShares = parts.filter(({ key }) => key.startsWith(`${id}/share/`));
    this.#shares = lastPlace(allShares);
    const shares = firstOfEach(allShares);
    this.#spare = allShares.filter((one) => !shares.includes(one)).map(({ key }) => key);
    const receipts = parts.filter(({ key }) => key.startsWith(`${id}/receipt/`));
    const keys = part(groupKeys.keys(id));
    const drafts = this.#drafts.load(parts, (records, read) => this.#readable(records, read));
    // As large as it may be, it would not fit into a backup. A full disk takes it with whatever is written next.
    if (this.#drafts.isOld) await this.write({ do: 'store', drafts }).catch(() => undefined);
    const removed = groupKeys.removed(id, '');
    for (const { key } of parts) if (key.startsWith(removed)) this.#removed.add(key.slice(removed.length));
    const seen = part(groupKeys.seen(id));
    return {
      operations: operations.map(({ value }) => value),
      messages: this.#readable(messages, decodeSignedMessage),
      receipts: this.#readable(receipts, decodeSignedPart),
      shares: this.#readable(shares, decodeSignedPart).map((share) => ({ type: 'group-share', group, ...share })),
      drafts,
      seen: seen === undefined ? [] : (this.#readable([{ key: '', value: seen }], decodeSeen)[0] ?? []),
      ...(keys === undefined ? {} : { keys }),
    };
  }

  /** Goes to the disk with the first operations. */
  begin(record: GroupRecord): void {
    this.#record = record;
  }

  /** Settings or my key have changed. `writes` go in the same commit. */
  async save(record: GroupRecord, writes: readonly Write[] = []): Promise<void> {
    await this.store.commit([...writes, { put: 'groups', key: this.id, value: encodeGroup(record) }], 'strict');
    // What was to go with the first operations is older.
    this.#record = undefined;
  }

  /** Changes nothing that is read again. Rejects while the disk takes nothing. */
  async probe(): Promise<void> {
    if (this.#record) return;
    await this.store.commit([{ put: 'group-state', key: groupKeys.probe(this.id), value: PROBE }], 'strict');
  }

  async keep(operations: readonly Uint8Array[]): Promise<void> {
    const writes: Write[] = operations.map((value) => {
      this.#operations += 1;
      return { put: 'group-operations', key: groupKeys.operation(this.id, this.#operations), value };
    });
    const record = this.#record;
    if (record) writes.unshift({ put: 'groups', key: this.id, value: encodeGroup(record) });
    await this.store.commit(writes, 'strict');
    if (this.#record === record) this.#record = undefined;
  }

  async write({ messages, keys, receipt, share, drafts }: Stored): Promise<void> {
    const { id } = this;
    const writes: Write[] = [];
    const put = (key: string, value: Uint8Array) => writes.push({ put: 'group-state', key, value });
    for (const message of messages ?? []) {
      this.#messages += 1;
      const key = groupKeys.message(id, this.#messages);
      writes.push({ put: 'group-messages', key, value: encodeSignedMessage(message) });
    }
    if (keys) put(groupKeys.keys(id), keys);
    if (receipt) {
      const { from } = decode(receipt.content, receiptSchema, MAX_RECEIPT_BYTES);
      put(groupKeys.receipt(id, toHex(from)), encodeSignedPart(receipt));
    }
    if (share) {
      this.#shares += 1;
      put(groupKeys.share(id, this.#shares), encodeSignedPart(share));
    }
    if (drafts) writes.push(...this.#drafts.writes(drafts));
    if (writes.length === 0) return;
    for (const key of this.#spare) writes.push({ remove: 'group-state', key });
    await this.store.commit(writes, 'strict');
    if (drafts) this.#drafts.written();
    this.#spare = [];
  }

  async seen(seen: SeenRecord): Promise<void> {
    await this.store.commit([{ put: 'group-state', key: groupKeys.seen(this.id), value: encodeSeen(seen) }], 'strict');
  }

  isRemoved(hash: string): boolean {
    return this.#removed.has(hash);
  }

  /** A message of mine that does not count is not shown to me either. */
  async remove(hash: string): Promise<void> {
    const key = groupKeys.removed(this.id, hash);
    await this.store.commit([{ put: 'group-state', key, value: new Uint8Array(0) }], 'strict');
    this.#removed.add(hash);
  }

  /** Everything that was said, and what would open it. */
  async eraseConversation(record: GroupRecord): Promise<void> {
    const prefix = groupKeys.all(this.id);
    const tables: Table[] = ['group-messages', 'group-state'];
    const writes: Write[] = tables.map((table) => ({ clear: table, prefix }));
    writes.push({ remove: 'drafts', key: this.id }, { put: 'groups', key: this.id, value: encodeGroup(record) });
    await this.store.commit(writes, 'strict');
  }

  async #list(table: Table): Promise<StoredRecord[]> {
    const range = { prefix: groupKeys.all(this.id) };
    const [records, count] = await Promise.all([this.store.list(table, range), this.store.count(table, range)]);
    // The store leaves out what does not decrypt.
    if (records.length < count) this.isDamaged = true;
    return records;
  }

  #readable<T>(records: readonly StoredRecord[], read: (bytes: Uint8Array, key: string) => T): T[] {
    return records.flatMap(({ key, value }) => {
      try {
        return [read(value, key)];
      } catch (error) {
        this.isDamaged = true;
        this.log('warn', 'part of a group not read', { kind: kindOf(error) });
        return [];
      }
    });
  }
}

const PROBE = new Uint8Array(256);

const lastPlace = (records: readonly StoredRecord[]): number => placeOf(records.at(-1)?.key ?? '/0');

/** Records without those that repeat an earlier one byte for byte. */
function firstOfEach(records: readonly StoredRecord[]): StoredRecord[] {
  const first = new Map<string, StoredRecord>();
  for (const record of records) {
    const name = toHex(record.value);
    if (!first.has(name)) first.set(name, record);
  }
  return [...first.values()];
}
