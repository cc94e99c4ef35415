// The developer's console behind the Log port. What may stand in a line is the port's rule, not this file's.
import type { Log, LogLevel } from '../../core/ports/log.ts';

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Lines below `least` are left out. */
export function consoleLog(least: LogLevel = 'info'): Log {
  const threshold = order.indexOf(least);
  return (level, event, facts) => {
    if (order.indexOf(level) < threshold) return;
    // biome-ignore lint/suspicious/noConsole: this is the one place that writes to the console
    console[level](`kith: ${event}`, facts ?? {});
  };
}
