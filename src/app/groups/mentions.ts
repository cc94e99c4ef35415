// Members named in a text: which one is being typed, which ones it names, and where they stand. Pure functions. What stands in the
// text is what a member calls themselves: a nickname is nobody else's business.
import type { GroupMemberView, Mention } from '../../core/node-api.ts';
import { plain } from './picking.ts';

/** Offered at a time: what fits above a composer on a phone. */
export const MAX_OFFERED = 6;
/** Longest name that is looked for behind an @, UTF-16 units: as long as a name may be. */
const MAX_TYPED = 128;

/** What may be mentioned: members who joined, have a name, and are not I. */
type Named = Pick<GroupMemberView, 'id' | 'name' | 'theirName' | 'me' | 'state'>;

/** Somebody chosen from the list, so that one of two who share a name is meant. */
export interface Chosen {
  readonly name: string;
  readonly memberId: string;
}

export interface Typed {
  /** Of the @, UTF-16 units. */
  readonly start: number;
  /** Behind the @, up to the caret. */
  readonly query: string;
}

/** The name that is being typed at the caret; null when none is. */
export function typedMention(text: string, caret: number): Typed | null {
  const start = text.lastIndexOf('@', caret - 1);
  if (start < 0 || caret - start > MAX_TYPED || !opens(text, start)) return null;
  const query = text.slice(start + 1, caret);
  return /[\n@]/.test(query) || query.startsWith(' ') ? null : { start, query };
}

/** Not within a word: that is a mail address. */
const opens = (text: string, at: number) => at === 0 || !/[\p{L}\p{N}._-]/u.test(text[at - 1] ?? '');

/** Not in the middle of a longer word. */
const closes = (text: string, at: number) => at >= text.length || !/[\p{L}\p{N}]/u.test(text[at] ?? '');

/** Members whose name, or a later word of it, begins with what is typed: the best first. */
export function offered<T extends Named>(members: readonly T[], query: string): readonly T[] {
  const wanted = plain(query);
  const rank = ({ name, theirName }: Named): number => {
    const names = [plain(name), plain(theirName)];
    if (names.some((one) => one.startsWith(wanted))) return 0;
    return names.some((one) => one.split(/\s+/u).some((word) => word.startsWith(wanted))) ? 1 : 2;
  };
  return members
    .filter((member) => !member.me && member.state === 'joined' && member.theirName !== '' && rank(member) < 2)
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
    .slice(0, MAX_OFFERED);
}

/** The text with a member in the place of what was typed, and where the caret goes. */
export function withMention(text: string, { start, query }: Typed, name: string): { text: string; caret: number } {
  const rest = text.slice(start + 1 + query.length);
  const end = start + 1 + name.length;
  const space = /^[\s\p{P}]/u.test(rest) ? '' : ' ';
  return { text: `${text.slice(0, start)}@${name}${space}${rest}`, caret: /^\p{P}/u.test(rest) ? end : end + 1 };
}

/** Everybody whom a text names. Who shares a name with somebody is meant only where chosen from the list: in the order chosen. */
export function mentionsIn(text: string, members: readonly Named[], picks: readonly Chosen[]): readonly Mention[] {
  const names = new Map<string, string[]>();
  for (const { id, theirName, me, state } of members) {
    if (theirName !== '' && !me && state === 'joined') names.set(theirName, [...(names.get(theirName) ?? []), id]);
  }
  const longestFirst = [...names.keys()].sort((a, b) => b.length - a.length);
  const left = [...picks];
  const found: Mention[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const name = longestFirst.find((one) => text.startsWith(one, at + 1) && closes(text, at + 1 + one.length));
    if (name === undefined || !opens(text, at)) continue;
    const memberId = meant(name, names.get(name) ?? [], left);
    if (memberId !== undefined) found.push({ start: at, length: name.length + 1, memberId });
    at += name.length;
  }
  return found;
}

function meant(name: string, ids: readonly string[], left: Chosen[]): string | undefined {
  const index = left.findIndex((pick) => pick.name === name && ids.includes(pick.memberId));
  if (index >= 0) return left.splice(index, 1)[0]?.memberId;
  return ids.length === 1 ? ids[0] : undefined;
}

export interface TextPart {
  readonly text: string;
  /** Whom it names; null for plain words. */
  readonly memberId: string | null;
}

/** A text in parts. Spans that a stranger made up (outside the text, upon one another) are plain words. */
export function partsOf(text: string, mentions: readonly Mention[]): readonly TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (const { start, length, memberId } of [...mentions].sort((a, b) => a.start - b.start)) {
    if (start < at || length < 2 || start + length > text.length || text[start] !== '@') continue;
    if (start > at) parts.push({ text: text.slice(at, start), memberId: null });
    parts.push({ text: text.slice(start, start + length), memberId });
    at = start + length;
  }
  if (at < text.length || parts.length === 0) parts.push({ text: text.slice(at), memberId: null });
  return parts;
}
