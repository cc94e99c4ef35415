// What the overlay needs of cryptography. A simulation of thousands of nodes puts a native library behind it.

export interface OverlayKey {
  /** Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes (RFC 8032). */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

export interface OverlayCrypto {
  /** The Ed25519 key of a 32-byte seed (RFC 8032 §5.1.5). */
  keyFromSeed(seed: Uint8Array): Promise<OverlayKey>;
  /** False as well for keys and signatures that are none; never rejects. */
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** 20 bytes. Names things in BEP5's space; nothing rests on its strength against collisions. */
  sha1(data: Uint8Array): Promise<Uint8Array>;
  /** 32 bytes. */
  sha256(data: Uint8Array): Promise<Uint8Array>;
}
