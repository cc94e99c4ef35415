// SymmetricState of the Noise Protocol Framework, revision 34, §5.2, with SHA256 (§12.5: HASHLEN 32).
import { type Bytes, concat } from '../../bytes/bytes.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { HASH_BYTES, hkdf, sha256 } from '../../crypto/kdf.ts';
import { CipherState } from './cipher-state.ts';

const EMPTY: Bytes = new Uint8Array(0);

/** §4.3 HKDF(chaining_key, input_key_material, num_outputs): RFC 5869 with the chaining key as salt and no info. */
async function noiseHkdf(chainingKey: Uint8Array, input: Uint8Array, outputs: 2 | 3): Promise<[Bytes, Bytes, Bytes]> {
  const okm = await hkdf(input, chainingKey, EMPTY, outputs * HASH_BYTES);
  return [okm.slice(0, 32), okm.slice(32, 64), okm.slice(64)];
}

export class SymmetricState {
  readonly #cipher = new CipherState();
  #ck: Bytes;
  #h: Bytes;

  private constructor(h: Bytes) {
    this.#h = h;
    this.#ck = h;
  }

  /** §5.2 InitializeSymmetric(protocol_name): names up to 32 bytes are padded with zeros, longer ones hashed. */
  static async initializeSymmetric(protocolName: string): Promise<SymmetricState> {
    const name = utf8(protocolName);
    const padding = new Uint8Array(Math.max(0, HASH_BYTES - name.length));
    return new SymmetricState(name.length <= HASH_BYTES ? concat(name, padding) : await sha256(name));
  }

  /** ck: 32 bytes, secret. */
  get chainingKey(): Bytes {
    return this.#ck;
  }

  /** §5.2 GetHandshakeHash(): 32 bytes, not secret. */
  get handshakeHash(): Bytes {
    return this.#h;
  }

  /** §5.2 MixKey. */
  async mixKey(input: Uint8Array): Promise<void> {
    const [ck, tempK] = await noiseHkdf(this.#ck, input, 2);
    this.#ck = ck;
    this.#cipher.initializeKey(tempK);
  }

  /** §5.2 MixHash. */
  async mixHash(data: Uint8Array): Promise<void> {
    this.#h = await sha256(concat(this.#h, data));
  }

  /** §5.2 MixKeyAndHash, for pre-shared keys (§9.2). */
  async mixKeyAndHash(input: Uint8Array): Promise<void> {
    const [ck, tempH, tempK] = await noiseHkdf(this.#ck, input, 3);
    this.#ck = ck;
    await this.mixHash(tempH);
    this.#cipher.initializeKey(tempK);
  }

  /** Bytes that encryptAndHash adds now. */
  get overhead(): 0 | 16 {
    return this.#cipher.hasKey ? 16 : 0;
  }

  /** §5.2 EncryptAndHash. */
  async encryptAndHash(plaintext: Uint8Array): Promise<Bytes> {
    const ciphertext = await this.#cipher.encryptWithAd(this.#h, plaintext);
    await this.mixHash(ciphertext);
    return ciphertext;
  }

  /** §5.2 DecryptAndHash. */
  async decryptAndHash(ciphertext: Uint8Array): Promise<Bytes> {
    const plaintext = await this.#cipher.decryptWithAd(this.#h, ciphertext);
    await this.mixHash(ciphertext);
    return plaintext;
  }

  /** §5.2 Split(): the initiator's sending cipher first. */
  async split(): Promise<[CipherState, CipherState]> {
    const [tempK1, tempK2] = await noiseHkdf(this.#ck, EMPTY, 2);
    const pair: [CipherState, CipherState] = [new CipherState(), new CipherState()];
    pair[0].initializeKey(tempK1);
    pair[1].initializeKey(tempK2);
    return pair;
  }
}
