// Structured cloning makes everything new. This gives unchanged parts of a snapshot back their identity, so that a screen
// compares two of them by reference.

/** `next` with every part that equals its counterpart in `previous` replaced by that one. Plain data only. */
export function reuse<T>(previous: unknown, next: T): T {
  if (Object.is(previous, next)) return next;
  if (ArrayBuffer.isView(next)) return sameBytes(previous, next) ? (previous as T) : next;
  if (!isRecord(previous) || !isRecord(next) || Array.isArray(previous) !== Array.isArray(next)) return next;
  const keys = Object.keys(next);
  const merged = keys.map((key) => [key, reuse(previous[key], next[key])] as const);
  const same = keys.length === Object.keys(previous).length && merged.every(([key, value]) => previous[key] === value);
  if (same && keys.every((key) => key in previous)) return previous as T;
  return (Array.isArray(next) ? merged.map(([, value]) => value) : Object.fromEntries(merged)) as T;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function sameBytes(a: unknown, b: ArrayBufferView): boolean {
  if (!ArrayBuffer.isView(a) || a.byteLength !== b.byteLength) return false;
  const left = new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
  const right = new Uint8Array(b.buffer, b.byteOffset, b.byteLength);
  return left.every((byte, index) => byte === right[index]);
}
