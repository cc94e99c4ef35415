// From the Store port's ranges to IDBKeyRange (Indexed Database API 3.0 §2.9). String keys compare by UTF-16 code units, as in JavaScript.
import type { Range } from '../../core/ports/store.ts';

/** The smallest string greater than every string that starts with `prefix`; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const kept = prefix.replace(/\uffff+$/, '');
  if (kept === '') return undefined;
  const last = kept.charCodeAt(kept.length - 1);
  return kept.slice(0, -1) + String.fromCharCode(last + 1);
}

/** 'empty' when no key can be inside (IDBKeyRange would throw), 'all' without bounds. */
export function keyRange(range: Pick<Range, 'prefix' | 'after' | 'before'>): IDBKeyRange | 'empty' | 'all' {
  const prefix = range.prefix ?? '';
  const end = afterPrefix(prefix);
  const lowerOpen = range.after !== undefined && range.after >= prefix;
  const lower = lowerOpen ? range.after : prefix;
  const upper = range.before !== undefined && (end === undefined || range.before < end) ? range.before : end;
  if (upper === undefined) return lower === '' && !lowerOpen ? 'all' : IDBKeyRange.lowerBound(lower, lowerOpen);
  if (lower !== undefined && lower >= upper) return 'empty';
  return IDBKeyRange.bound(lower, upper, lowerOpen, true);
}
