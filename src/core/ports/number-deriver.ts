// Argon2id is slow on purpose, so it runs off the thread that draws.

export interface NumberDeriver {
  /** The 15-digit number of a fingerprint (32 bytes): see identity/number.ts. */
  derive(fingerprint: Uint8Array): Promise<string>;
  /** Where a number (15 digits) is announced and looked for, 20 bytes: see identity/argon2.ts. */
  findTarget(number: string): Promise<Uint8Array>;
}
