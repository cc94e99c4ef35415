// SHA-256 (FIPS 180-4) of bytes that come one after another; WebCrypto only hashes what lies in memory whole.
import { createSHA256 } from 'hash-wasm';
import type { Bytes } from '../bytes/bytes.ts';

export interface IncrementalHash {
  update(bytes: Uint8Array): void;
  /** 32 bytes; ends it. */
  digest(): Bytes;
}

export async function incrementalSha256(): Promise<IncrementalHash> {
  const hasher = await createSHA256();
  hasher.init();
  return {
    update: (bytes) => void hasher.update(bytes),
    digest: () => new Uint8Array(hasher.digest('binary')),
  };
}
