// A node's key: made at each start, for the overlay alone. Its id is the SHA-1 of the public key (BEP5's 160 bits).
import type { OverlayCrypto, OverlayKey } from '../ports/overlay-crypto.ts';
import type { Random } from '../ports/random.ts';
import { isUsableId } from './address.ts';

const SEED_BYTES = 32;

export interface NodeKey extends OverlayKey {
  /** 20 bytes. */
  readonly id: Uint8Array;
}

export async function makeNodeKey(crypto: OverlayCrypto, random: Random): Promise<NodeKey> {
  for (;;) {
    const key = await crypto.keyFromSeed(random.bytes(SEED_BYTES));
    const id = await crypto.sha1(key.publicKey);
    if (isUsableId(id)) return { ...key, id };
  }
}
