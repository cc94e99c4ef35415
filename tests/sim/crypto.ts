// The overlay's cryptography over Node's, at once and inside resolved promises: virtual time cannot wait for a thread pool.
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { OverlayCrypto } from '../../src/core/ports/overlay-crypto.ts';

/** RFC 8410: the DER around a seed and around a public key (OID 1.3.101.112). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export const nodeCrypto: OverlayCrypto = {
  async keyFromSeed(seed) {
    const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
    return {
      publicKey: Uint8Array.from(der.subarray(SPKI.length)),
      sign: async (data) => Uint8Array.from(sign(null, data, key)),
    };
  },
  async verify(publicKey, data, signature) {
    try {
      const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
      return verify(null, data, key, signature);
    } catch {
      return false;
    }
  },
  sha1: async (data) => Uint8Array.from(createHash('sha1').update(data).digest()),
  sha256: async (data) => Uint8Array.from(createHash('sha256').update(data).digest()),
};
