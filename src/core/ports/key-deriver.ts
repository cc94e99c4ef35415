// From a passphrase to a key, for the vault and for backups.

/** What Argon2id costs (RFC 9106, version 1.3): KiB of memory, passes, lanes. */
export interface Argon2Cost {
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
}

/**
 * 32 bytes from a passphrase (as text, or as bytes of UTF-8) and 16 or 32 bytes of salt, off the thread that draws; half a second and more. @throws
 * KithError 'internal' when it cannot, mostly for lack of memory
 */
export type KeyDeriver = (
  passphrase: string | Uint8Array,
  salt: Uint8Array,
  cost: Argon2Cost,
) => Promise<Uint8Array<ArrayBuffer>>;
