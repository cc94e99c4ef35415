// A database without an identity where there was one: browsers delete a damaged database and open an empty one in its place. It must not
// pass for a first start.
import type { ErrorKind } from '../errors.ts';
import type { VaultSource } from '../ports/vault.ts';
import type { Witness } from '../ports/witness.ts';

interface Signs {
  readonly vault?: VaultSource;
  readonly witness?: Witness;
}

/** Asked where there is no identity. A passphrase is set over one only. When nothing can be told, nothing is claimed. */
export async function whatIsGone({ vault, witness }: Signs): Promise<ErrorKind | undefined> {
  const was = vault?.isProtected || (await witness?.seen().catch(() => false));
  return was ? 'data-gone' : undefined;
}
