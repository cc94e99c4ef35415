// Noise with an ephemeral ML-KEM-768 exchange on top, under protocol names of its own (CRYPTO.md, "The hybrid"):
// the public key travels in message 1's payload, the ciphertext in message 2's, the shared secret is mixed in after message 2.
import { type Bytes, concat } from '../../bytes/bytes.ts';
import {
  KEM_CIPHERTEXT_BYTES,
  KEM_PUBLIC_KEY_BYTES,
  type KemKeyPair,
  kemDecapsulate,
  kemEncapsulate,
  kemKeyPair,
} from '../../crypto/kem.ts';
import { KithError } from '../../errors.ts';
import type { Random } from '../../ports/random.ts';
import {
  createHandshake,
  type Handshake,
  type HandshakeOptions,
  type HandshakeState,
  required,
  type Transport,
} from './handshake-state.ts';

/** Sessions between contacts. */
export const SESSION_PROTOCOL = 'Noise_KKpsk0_25519+MLKEM768_AESGCM_SHA256';
/** First contact by card. */
export const FIRST_CONTACT_PROTOCOL = 'Noise_XXpsk0_25519+MLKEM768_AESGCM_SHA256';

export type HybridOptions = Omit<HandshakeOptions, 'protocolName'>;

/** Starts a hybrid handshake of at least two messages. @throws KithError 'internal' when the options do not fit. */
export async function createHybridHandshake(options: HybridOptions): Promise<HybridHandshake> {
  const protocolName = `Noise_${options.pattern}_25519+MLKEM768_AESGCM_SHA256`;
  const noise = await createHandshake({ ...options, protocolName });
  return new HybridHandshake(noise, options.random);
}

/** The same calls and the same guarantees as HandshakeState. */
export class HybridHandshake implements Handshake {
  readonly #noise: HandshakeState;
  readonly #random: Random;
  #pair: KemKeyPair | undefined;
  #remoteKey: Bytes | undefined;
  #message = 0;
  #mixed = false;

  /** Use `createHybridHandshake`. */
  constructor(noise: HandshakeState, random: Random) {
    this.#noise = noise;
    this.#random = random;
  }

  get protocolName(): string {
    return this.#noise.protocolName;
  }

  get canWrite(): boolean {
    return this.#noise.canWrite;
  }

  get finished(): boolean {
    return this.#noise.finished && this.#mixed;
  }

  get remoteStatic(): Bytes | undefined {
    return this.#noise.remoteStatic;
  }

  /** @throws KithError 'handshake-failed' */
  writeMessage(payload: Uint8Array): Promise<Bytes> {
    return this.#guard(async () => {
      const message = ++this.#message;
      if (message === 1) return this.#writeKey(payload);
      if (message === 2) return this.#writeCiphertext(payload);
      return this.#noise.writeMessage(payload);
    });
  }

  /** @throws KithError 'handshake-failed' */
  readMessage(bytes: Uint8Array): Promise<Bytes> {
    return this.#guard(async () => {
      const message = ++this.#message;
      const payload = await this.#noise.readMessage(bytes);
      if (message === 1) return this.#readKey(payload);
      if (message === 2) return this.#readCiphertext(payload);
      return payload;
    });
  }

  /** @throws KithError 'handshake-failed' unless `finished`. */
  split(): Promise<Transport> {
    return this.#guard(async () => {
      if (!this.finished) throw new KithError('handshake-failed');
      return this.#noise.split();
    });
  }

  async #writeKey(payload: Uint8Array): Promise<Bytes> {
    this.#pair = await kemKeyPair(this.#random);
    return this.#noise.writeMessage(concat(this.#pair.publicKey, payload));
  }

  #readKey(payload: Bytes): Bytes {
    if (payload.length < KEM_PUBLIC_KEY_BYTES) throw new KithError('handshake-failed');
    this.#remoteKey = payload.slice(0, KEM_PUBLIC_KEY_BYTES);
    return payload.slice(KEM_PUBLIC_KEY_BYTES);
  }

  async #writeCiphertext(payload: Uint8Array): Promise<Bytes> {
    const { ciphertext, sharedSecret } = await kemEncapsulate(required(this.#remoteKey), this.#random);
    const message = await this.#noise.writeMessage(concat(ciphertext, payload));
    await this.#mix(sharedSecret);
    return message;
  }

  async #readCiphertext(payload: Bytes): Promise<Bytes> {
    await this.#mix(await kemDecapsulate(required(this.#pair), payload.subarray(0, KEM_CIPHERTEXT_BYTES)));
    return payload.slice(KEM_CIPHERTEXT_BYTES);
  }

  async #mix(sharedSecret: Bytes): Promise<void> {
    await this.#noise.mixKey(sharedSecret);
    sharedSecret.fill(0);
    this.#pair = undefined;
    this.#mixed = true;
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      this.#noise.fail();
      throw new KithError('handshake-failed', {}, { cause });
    }
  }
}
