// What protects the stored data: a passphrase, or nothing (vault/VAULT.md).

export interface Vault {
  /** A passphrase is set. */
  readonly isProtected: boolean;
  /**
   * Everything is sealed anew under a key that only the passphrase opens. The store waits meanwhile and goes on. After a failure everything
   * is as before. @throws KithError 'disk-full' | 'storage-unavailable' | 'internal' (Argon2id found no memory)
   */
  setPassphrase(passphrase: string): Promise<void>;
  /** @throws KithError 'passphrase-empty' | 'passphrase-wrong' when `current` does not open it, and as `setPassphrase` */
  changePassphrase(current: string, next: string): Promise<void>;
  /** Everything is sealed anew under a key that lies beside it. @throws as `setPassphrase` */
  removePassphrase(): Promise<void>;
}

/** The vault's code comes when it is first asked for. */
export interface VaultSource {
  readonly isProtected: boolean;
  open(): Promise<Vault>;
}
