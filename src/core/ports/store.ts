// Sealed key-value tables. The adapter encrypts and authenticates every value; keys are visible on disk,
// so a key never holds a name, a number or anything else about a person (random ids and positions only).

export const tables = [
  'meta', // one record each: identity, settings
  'contacts', // <contactId>: keys, secrets, names, trust
  'conversations', // <contactId>: counters of a conversation, owned by chat/
  'invitations', // <invitationId>: cards I show
  'attempts', // <attemptId>: cards I took
  'introductions', // mine/<id>: those I make; <contactId>/<id>: those that a contact makes
  'messages', // <contactId>/<position, 12 digits>
  'message-keys', // <contactId>/<messageId>: key in `messages`
  'outbox', // <contactId>/<seq, 12 digits>: key in `messages` of what is not yet delivered
  'files', // <fileId>: file key, layout, direction, progress
  'drafts', // <contactId>
  'groups', // <conversationId>: a group's id, my key in it, settings
  'group-operations', // <conversationId>/<place, 12 digits>: as signed, parents first
  'group-messages', // <conversationId>/<place, 12 digits>: as signed, in order of arrival
  'group-state', // <conversationId>/keys | draft/<place> | seen | receipt/<member> | share/<place> | removed/<hash> | probe
] as const;

export type Table = (typeof tables)[number];

export interface StoredRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

export type Write =
  | { readonly put: Table; readonly key: string; readonly value: Uint8Array }
  | { readonly remove: Table; readonly key: string }
  /** Removes every key that starts with `prefix`. */
  | { readonly clear: Table; readonly prefix: string };

export interface Range {
  /** Only keys that start with this. */
  readonly prefix?: string;
  /** Only keys greater than this (whole key). */
  readonly after?: string;
  /** Only keys less than this (whole key). */
  readonly before?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** `strict`: resolves after the data is on the disk, for everything a promise to a person rests on. */
export type Durability = 'strict' | 'relaxed';

export interface Store {
  /** undefined when there is none. @throws KithError 'record-damaged' when it does not decrypt. */
  get(table: Table, key: string): Promise<Uint8Array | undefined>;
  /** In key order (UTF-16 code units). Damaged records are left out and reported through `onDamaged`; they stay on disk. */
  list(table: Table, range?: Range): Promise<StoredRecord[]>;
  count(table: Table, range?: Pick<Range, 'prefix' | 'after' | 'before'>): Promise<number>;
  /** All or nothing, applied in order. @throws KithError 'disk-full' */
  commit(writes: readonly Write[], durability: Durability): Promise<void>;
  onDamaged(handler: (table: Table, key: string) => void): void;
  close(): void;
}
