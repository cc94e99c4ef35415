// Argon2id off the thread that draws: takes { id, fingerprint }, answers { id, number } or { id, failed: true }.
import { deriveNumber } from '../core/identity/argon2.ts';

declare const self: DedicatedWorkerGlobalScope;

interface Request {
  readonly id: number;
  /** 32 bytes */
  readonly fingerprint: Uint8Array;
}

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  deriveNumber(data.fingerprint).then(
    (number) => self.postMessage({ id: data.id, number }),
    // The page asks again in a fresh worker or gives up; the reason (mostly: no 64 MiB to be had) helps nobody there.
    () => self.postMessage({ id: data.id, failed: true }),
  );
});
