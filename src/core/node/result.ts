// Expected failures become values for the app; what nobody expected is logged by kind and told as 'internal'.
import { KithError } from '../errors.ts';
import type { Result } from '../node-api.ts';
import type { Log } from '../ports/log.ts';

export async function resultOf<T>(log: Log, work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof KithError) return { ok: false, kind: error.kind, detail: error.detail };
    log('error', 'unexpected failure', { name: error instanceof Error ? error.name : 'unknown' });
    return { ok: false, kind: 'internal', detail: {} };
  }
}
