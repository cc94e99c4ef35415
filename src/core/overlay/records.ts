// Values in the DHT (BEP44, mutable items without salt), signed by the key of a 32-byte seed. What is in them is sealed and of
// one size before it comes here (place-record.ts), and put again by whoever owns it: nodes keep it in memory and go.
import { KithError } from '../errors.ts';
import type { OverlayCrypto } from '../ports/overlay-crypto.ts';
import type { SignedValue } from './dht.ts';
import { MAX_VALUE_BYTES, signedBytes } from './krpc-message.ts';

export interface RecordDraft {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly value: Uint8Array;
  /** A newer value has a larger one. */
  readonly seq: number;
}

/** @throws KithError 'frame-too-large' from 1,000 bytes on, 'internal' for an empty value or a `seq` that is no whole number. */
export async function signRecord(crypto: OverlayCrypto, { seed, value, seq }: RecordDraft): Promise<SignedValue> {
  if (value.length >= MAX_VALUE_BYTES) throw new KithError('frame-too-large', { limit: MAX_VALUE_BYTES - 1 });
  if (value.length === 0 || !Number.isSafeInteger(seq) || seq < 0) throw new KithError('internal');
  const key = await crypto.keyFromSeed(seed);
  return { publicKey: key.publicKey, value, seq, signature: await key.sign(signedBytes({ seq, value })) };
}
