// WebCrypto over node:crypto, as much of it as core uses: done at once, inside promises that are already settled, so that virtual time
// need not wait for other threads and a seed replays (as ../node-crypto.ts for the overlay). The same algorithms on the same bytes.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

/** RFC 8410: the DER around a public key of 32 bytes. */
const SPKI_PREFIXES = { Ed25519: '302a300506032b6570032100', X25519: '302a300506032b656e032100' } as const;
const TAG_BYTES = 16;
const MAX_KEPT_KEYS = 20_000;
/** Made here lately: exactly that is genuine, for all who check it; anything else is verified in earnest. */
const MAX_KEPT_SIGNATURES = 200_000;

interface Handle {
  /** Of a secret, or of a public key. */
  readonly raw?: Buffer;
  readonly object?: KeyObject;
}

type Algorithm = string | { readonly name: string; readonly [parameter: string]: unknown };

const publicKeys = new Map<string, KeyObject>();
const made = new Map<string, { readonly publicKey: Buffer; readonly data: Buffer }>();
const nameOf = (algorithm: Algorithm): string => (typeof algorithm === 'string' ? algorithm : algorithm.name);
const copy = (bytes: unknown): Buffer => Buffer.from(bytes as Uint8Array);
const result = (bytes: Buffer): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);

function publicKeyOf(curve: keyof typeof SPKI_PREFIXES, raw: Buffer): KeyObject {
  const name = curve + raw.toString('latin1');
  let key = publicKeys.get(name);
  if (key === undefined) {
    key = createPublicKey({
      key: Buffer.concat([Buffer.from(SPKI_PREFIXES[curve], 'hex'), raw]),
      format: 'der',
      type: 'spki',
    });
    if (publicKeys.size >= MAX_KEPT_KEYS) publicKeys.clear();
    publicKeys.set(name, key);
  }
  return key;
}

function importKey(format: string, bytes: Uint8Array, algorithm: Algorithm): Handle {
  const name = nameOf(algorithm);
  if (format === 'pkcs8') {
    const object = createPrivateKey({ key: copy(bytes), format: 'der', type: 'pkcs8' });
    return { object, raw: copy(createPublicKey(object).export({ format: 'der', type: 'spki' }).subarray(-32)) };
  }
  if (format !== 'raw') throw new Error(`not offered here: ${format}`); // so the KEM is the library's
  const raw = copy(bytes);
  return name === 'Ed25519' || name === 'X25519' ? { raw, object: publicKeyOf(name, raw) } : { raw };
}

function signNow({ object, raw }: Handle, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const signature = sign(null, data, object as KeyObject);
  if (made.size >= MAX_KEPT_SIGNATURES) made.delete(made.keys().next().value as string);
  made.set(signature.toString('latin1'), { publicKey: raw as Buffer, data: copy(data) });
  return result(signature);
}

function verifyNow({ object, raw }: Handle, signature: Uint8Array, data: Uint8Array): boolean {
  const known = made.get(Buffer.from(signature).toString('latin1'));
  if (known?.publicKey.equals(raw as Buffer) && known.data.equals(data)) return true;
  return verify(null, data, object as KeyObject, signature);
}

function encrypt({ iv, additionalData }: AesGcmParams, { raw }: Handle, plain: Uint8Array): Uint8Array<ArrayBuffer> {
  const cipher = createCipheriv('aes-256-gcm', raw as Buffer, iv as Uint8Array);
  cipher.setAAD((additionalData ?? new Uint8Array(0)) as Uint8Array);
  return result(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}

function decrypt({ iv, additionalData }: AesGcmParams, { raw }: Handle, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
  const cipher = createDecipheriv('aes-256-gcm', raw as Buffer, iv as Uint8Array);
  cipher.setAAD((additionalData ?? new Uint8Array(0)) as Uint8Array);
  cipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return result(Buffer.concat([cipher.update(sealed.subarray(0, -TAG_BYTES)), cipher.final()]));
}

function deriveBits(algorithm: Algorithm, { raw, object }: Handle, bits: number): ArrayBuffer | Uint8Array {
  const parameters = algorithm as unknown as HkdfParams & { readonly public?: Handle };
  if (parameters.name === 'X25519') {
    return result(
      diffieHellman({ privateKey: object as KeyObject, publicKey: parameters.public?.object as KeyObject }),
    );
  }
  const [salt, info] = [parameters.salt as Uint8Array, parameters.info as Uint8Array];
  return hkdfSync('sha256', raw as Buffer, salt, info, bits / 8);
}

const now = {
  importKey: async (format: string, bytes: Uint8Array, algorithm: Algorithm) => importKey(format, bytes, algorithm),
  exportKey: async (_format: 'jwk', { object }: Handle) =>
    createPublicKey(object as KeyObject).export({ format: 'jwk' }),
  digest: async (name: string, data: Uint8Array) =>
    result(createHash(name.replace('-', '').toLowerCase()).update(data).digest()),
  sign: async (algorithm: Algorithm, key: Handle, data: Uint8Array) =>
    nameOf(algorithm) === 'HMAC'
      ? result(
          createHmac('sha256', key.raw as Buffer)
            .update(data)
            .digest(),
        )
      : signNow(key, data),
  verify: async (_: Algorithm, key: Handle, signature: Uint8Array, data: Uint8Array) => verifyNow(key, signature, data),
  encrypt: async (parameters: AesGcmParams, key: Handle, data: Uint8Array) => encrypt(parameters, key, data),
  decrypt: async (parameters: AesGcmParams, key: Handle, data: Uint8Array) => decrypt(parameters, key, data),
  deriveBits: async (algorithm: Algorithm, key: Handle, bits: number) => deriveBits(algorithm, key, bits),
};

/** For a process, or a test file, of its own: until the returned function puts the real one back. */
export function replaceSubtle(): () => void {
  Object.defineProperty(globalThis.crypto, 'subtle', { value: now, configurable: true });
  return () => {
    Reflect.deleteProperty(globalThis.crypto, 'subtle'); // the real one is the prototype's
  };
}
