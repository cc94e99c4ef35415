// Argon2id off the thread that draws: takes { id, fingerprint }, { id, find } or { id, passphrase, salt, cost }, answers { id, result } or
// { id, failed: true }.
import { deriveFindTarget, deriveNumber, derivePassphraseKey } from '../core/identity/argon2.ts';
import type { Argon2Cost } from '../core/ports/key-deriver.ts';

declare const self: DedicatedWorkerGlobalScope;

/** A fingerprint (32 bytes) whose number is wanted, a number (15 digits) that is looked for, or a passphrase. */
type Request = { readonly id: number } & (
  | { readonly fingerprint: Uint8Array }
  | { readonly find: string }
  | { readonly passphrase: string | Uint8Array; readonly salt: Uint8Array; readonly cost: Argon2Cost }
);

function answer(data: Request): Promise<unknown> {
  if ('passphrase' in data) return derivePassphraseKey(data.passphrase, data.salt, data.cost);
  return 'find' in data ? deriveFindTarget(data.find) : deriveNumber(data.fingerprint);
}

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  answer(data).then(
    (result) => self.postMessage({ id: data.id, result }),
    // The page asks again in a fresh worker or gives up; the reason (mostly: no 64 MiB to be had) helps nobody there.
    () => self.postMessage({ id: data.id, failed: true }),
  );
});
