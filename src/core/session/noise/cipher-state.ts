// CipherState of the Noise Protocol Framework, revision 34, §5.1, with AESGCM (§12.4): nonce = 4 zero bytes || n, big endian.
// Nonces are reserved and keys captured before any await, so calls may overlap; results settle in the order of the calls.
import { type Bytes, unshared } from '../../bytes/bytes.ts';
import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, importAeadKey, open, seal } from '../../crypto/aead.ts';
import { KithError } from '../../errors.ts';

/** §5.1: n = 2^64 - 1 is reserved for rekey. */
const MAX_NONCE = 2n ** 64n - 1n;
const EMPTY: Bytes = new Uint8Array(0);

function nonceBytes(n: bigint): Bytes {
  const bytes = new Uint8Array(AEAD_NONCE_BYTES);
  new DataView(bytes.buffer).setBigUint64(AEAD_NONCE_BYTES - 8, n);
  return bytes;
}

/** §4.2 REKEY(k): the first 32 bytes of ENCRYPT(k, 2^64 - 1, zerolen, 32 zeros). */
async function rekeyed(key: CryptoKey): Promise<CryptoKey> {
  const sealed = await seal(key, nonceBytes(MAX_NONCE), new Uint8Array(AEAD_KEY_BYTES), EMPTY);
  return importAeadKey(sealed.subarray(0, AEAD_KEY_BYTES));
}

/**
 * One direction of a channel. A failed decryption is final: that call and all later ones throw, so a frame that follows a
 * forged, lost or repeated one is never read under a shifted nonce. The owner closes the session.
 */
export class CipherState {
  #key: Promise<CryptoKey> | undefined;
  /** The same once it is made: then a call gives its bytes to WebCrypto, which copies them, before it returns. */
  #ready: CryptoKey | undefined;
  #n = 0n;
  #tail: Promise<unknown> = Promise.resolve();
  #failed = false;

  /** §5.1 InitializeKey(key): 32 bytes. Resets n. */
  initializeKey(raw: Uint8Array): void {
    this.#setKey(importAeadKey(raw));
    this.#n = 0n;
  }

  /** §5.1 HasKey(). */
  get hasKey(): boolean {
    return this.#key !== undefined;
  }

  /** The nonce that the next call takes. */
  get n(): bigint {
    return this.#n;
  }

  /** §5.1 SetNonce(nonce): 0 … 2^64 - 1; the largest leaves no call. */
  setNonce(n: bigint): void {
    if (n < 0n || n > MAX_NONCE) throw new KithError('internal');
    this.#n = n;
  }

  /**
   * §5.1 EncryptWithAd: plaintext + 16 bytes; without a key the plaintext itself. `plaintext` may change once this has returned.
   * @throws KithError 'frame-authentication' after a failure or when the nonces are used up.
   */
  async encryptWithAd(ad: Uint8Array, plaintext: Uint8Array): Promise<Bytes> {
    const key = this.#key;
    if (key === undefined) return unshared(plaintext);
    const nonce = this.#reserve();
    if (this.#ready) return this.#inOrder(seal(this.#ready, nonce, plaintext, ad));
    const kept = plaintext.slice();
    return this.#inOrder(key.then((k) => seal(k, nonce, kept, ad)));
  }

  /**
   * §5.1 DecryptWithAd.
   * @throws KithError 'frame-authentication' when the ciphertext is not what the other side sealed for this n.
   */
  async decryptWithAd(ad: Uint8Array, ciphertext: Uint8Array): Promise<Bytes> {
    const key = this.#key;
    if (key === undefined) return unshared(ciphertext);
    const nonce = this.#reserve();
    return this.#inOrder(
      this.#ready ? open(this.#ready, nonce, ciphertext, ad) : key.then((k) => open(k, nonce, ciphertext, ad)),
    );
  }

  /** §5.1 Rekey(): takes effect for every call made after this one; n goes on. */
  rekey(): void {
    if (this.#key === undefined) throw new KithError('internal');
    this.#setKey(this.#key.then(rekeyed));
  }

  #setKey(key: Promise<CryptoKey>): void {
    this.#key = key;
    this.#ready = undefined;
    key.then(
      (made) => {
        if (this.#key === key) this.#ready = made;
      },
      () => undefined, // whoever uses the key sees the failure
    );
  }

  #reserve(): Bytes {
    if (this.#failed || this.#n >= MAX_NONCE) throw new KithError('frame-authentication');
    const nonce = nonceBytes(this.#n);
    this.#n += 1n;
    return nonce;
  }

  /** Settles after every earlier call has, and fails when one of them did. */
  async #inOrder(work: Promise<Bytes>): Promise<Bytes> {
    const before = this.#tail;
    const settled = Promise.all([work, before]).then(([bytes]) => bytes);
    this.#tail = settled;
    try {
      return await settled;
    } catch (cause) {
      this.#failed = true;
      if (cause instanceof KithError) throw cause;
      throw new KithError('frame-authentication', {}, { cause });
    }
  }
}
