// Argon2id off the thread that draws: takes { id, fingerprint }, { id, find } or { id, stretch }, answers { id, result } or
// { id, failed: true }.
import { deriveFindTarget, deriveNumber, stretchPassphrase } from '../core/identity/argon2.ts';

declare const self: DedicatedWorkerGlobalScope;

/** What a passphrase is stretched with: as core/ports/backup-tools.ts takes it. */
export type StretchRequest = Parameters<typeof stretchPassphrase>;

/** A fingerprint (32 bytes) whose number is wanted, a number (15 digits) that is looked for, or a passphrase. */
type Request = { readonly id: number } & (
  | { readonly fingerprint: Uint8Array }
  | { readonly find: string }
  | { readonly stretch: StretchRequest }
);

function work(request: Request): Promise<unknown> {
  if ('stretch' in request) return stretchPassphrase(...request.stretch);
  return 'find' in request ? deriveFindTarget(request.find) : deriveNumber(request.fingerprint);
}

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  work(data).then(
    (result) => self.postMessage({ id: data.id, result }),
    // The page asks again in a fresh worker or gives up; the reason (mostly: no 64 MiB to be had) helps nobody there.
    () => self.postMessage({ id: data.id, failed: true }),
  );
});
