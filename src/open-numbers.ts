// Numbers by Argon2id, loaded when one is first wanted.
import { createNumberDeriver } from './adapters/system/number-deriver.ts';
import { trustedScriptUrl } from './adapters/system/trusted-types.ts';
import numberWorkerUrl from './workers/number.worker.ts?worker&url';

export const numbers = createNumberDeriver(
  () => new Worker(trustedScriptUrl(numberWorkerUrl), { type: 'module', name: 'kith-number' }),
);
