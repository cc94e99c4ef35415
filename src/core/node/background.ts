// Work that nobody waits for. A failure is told to the log by its kind alone, and never becomes an uncaught error: those would
// carry their causes, and so what people wrote, into the console.
import { kindOf } from '../errors.ts';
import type { Log } from '../ports/log.ts';

export function inBackground(log: Log, event: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => log('warn', event, { kind: kindOf(error) }));
}
