// What the page's host says the time is. Devices whose clocks are days apart look for each other at different places and never meet.

/**
 * How far this device's clock stands from that of whoever answered, ms: positive when it is ahead, 0 when the answer does not tell.
 * @param headers Of the answer (RFC 9110 §6.6.1: Date; RFC 9111 §5.1: Age, seconds).
 * @param asked What this device's clock said before it was asked for, ms.
 * @param now What it says since it came, ms: hours later where the device slept in between.
 */
export function clockOffset(headers: Headers, asked: number, now: number): number {
  const date = Date.parse(headers.get('date') ?? '');
  const age = Math.max(0, 1_000 * Number(headers.get('age')));
  // A cache on the way may leave the date as it came, or write its own. NaN where either cannot be read.
  return Math.max(0, asked - date - age) + Math.min(0, now - date) || 0;
}
