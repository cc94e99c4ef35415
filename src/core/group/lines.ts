// What a group's log tells in its conversation: *Ana removed Ben*. A line stands before the first message whose author knew the
// operation, which is the same place for everybody who has the same messages; what nobody wrote after stands at the end.
import { toHex } from '../bytes/hex.ts';
import type { OperationBody } from '../wire/group-operations.ts';
import type { Entry } from './history/entry.ts';
import { entryAt, inOrder, type Log } from './membership/log.ts';
import type { Members } from './membership/members.ts';

export interface Line {
  /** Hash of the operation, 64 hexadecimal digits. */
  readonly id: string;
  /** Fingerprint of whoever did it. */
  readonly who: string;
  /** Whom it is about: the invited, removed, promoted; else `who`. */
  readonly whom: string;
  readonly body: OperationBody;
  /** How many of the messages stand before it. */
  readonly after: number;
}

const told = new Set<OperationBody['do']>(['create', 'add', 'join', 'remove', 'leave', 'promote', 'rename', 'picture']);

/** Lines of everything in the log that people are told, first to last. `messages`: on show, first to last. */
export function linesOf(log: Log, members: Members, messages: readonly Entry[]): Line[] {
  const operations = Array.from({ length: log.size }, (_, index) => entryAt(log, index))
    .filter(({ operation }) => told.has(operation.body.do))
    .sort(inOrder);
  // Messages share few views: each is looked at once, where it first stands.
  const views = new Map<string, { readonly at: number; readonly heads: readonly Uint8Array[] }>();
  for (const [at, { view }] of messages.entries()) {
    const name = toHex(view.headsHash);
    if (!views.has(name)) views.set(name, { at, heads: view.heads });
  }
  const lines = operations.map(({ id, hash, author, subject, operation }) => {
    const first = [...views.values()].find(({ heads }) => members.includes(heads, [hash]));
    return { id, who: author, whom: subject, body: operation.body, after: first?.at ?? messages.length };
  });
  // What follows from another never stands before it, whoever wrote in between.
  for (let at = lines.length - 2; at >= 0; at -= 1) {
    const [line, next] = [lines[at], lines[at + 1]] as const;
    if (line && next && line.after > next.after) lines[at] = { ...line, after: next.after };
  }
  return lines;
}
