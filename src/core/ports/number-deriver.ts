// Argon2id is slow on purpose, so it runs off the thread that draws.

export interface NumberDeriver {
  /** The 15-digit number of a fingerprint (32 bytes): see identity/number.ts. */
  derive(fingerprint: Uint8Array): Promise<string>;
}
