// Remembers, apart from the records, that there were any: a browser may lose its database and keep the rest.

export interface Witness {
  /** Somebody was here, and has not erased everything since. */
  seen(): Promise<boolean>;
  /** Somebody is. May be told again. @throws KithError 'disk-full' | 'storage-unavailable' */
  note(): Promise<void>;
}
