// Randomness. The real one is crypto.getRandomValues; tests give a seeded one.

export interface Random {
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /** Uniform in [0, 1), for jitter only. */
  fraction(): number;
}
