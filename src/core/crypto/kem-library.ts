// ML-KEM-768 of @noble/post-quantum, for browsers without a native one. Import it dynamically: it is not in the first chunk.
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { type Bytes, unshared } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';
import type { Kem } from './kem.ts';

const MESSAGE_BYTES = 32;

export const libraryKem: Kem = {
  name: 'library',
  async keyPair(seed) {
    const { publicKey, secretKey } = ml_kem768.keygen(seed);
    return { publicKey: unshared(publicKey), privateKey: unshared(secretKey) };
  },
  async encapsulate(publicKey, random) {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, random.bytes(MESSAGE_BYTES));
    return { ciphertext: unshared(cipherText), sharedSecret: unshared(sharedSecret) };
  },
  async decapsulate({ privateKey }, ciphertext): Promise<Bytes> {
    if (!(privateKey instanceof Uint8Array)) throw new KithError('internal');
    return unshared(ml_kem768.decapsulate(ciphertext, privateKey));
  },
};
