// Argon2id off the thread that draws: takes { id, fingerprint } or { id, find }, answers { id, result } or { id, failed: true }.
import { deriveFindTarget, deriveNumber } from '../core/identity/argon2.ts';

declare const self: DedicatedWorkerGlobalScope;

/** A fingerprint (32 bytes) whose number is wanted, or a number (15 digits) that is looked for. */
type Request = { readonly id: number } & ({ readonly fingerprint: Uint8Array } | { readonly find: string });

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  const work = 'find' in data ? deriveFindTarget(data.find) : deriveNumber(data.fingerprint);
  work.then(
    (result) => self.postMessage({ id: data.id, result }),
    // The page asks again in a fresh worker or gives up; the reason (mostly: no 64 MiB to be had) helps nobody there.
    () => self.postMessage({ id: data.id, failed: true }),
  );
});
