// What a backup needs of the system it runs on.

/** Argon2id (RFC 9106), version 1.3. */
export interface Argon2Parameters {
  /** KiB. */
  readonly memory: number;
  readonly iterations: number;
  readonly parallelism: number;
}

export interface BackupTools {
  /** Argon2id of `password`: 32 bytes. Off the thread that draws; half a second and more. Rejects when there is no memory for it. */
  stretch(password: Uint8Array, salt: Uint8Array, parameters: Argon2Parameters): Promise<Uint8Array>;
}
