// HandshakeState of the Noise Protocol Framework, revision 34, §5.3, for 25519, AESGCM and SHA256, with psk (§9).
// Deviation: `mixKey` lets the hybrid put one more shared secret into the chaining key between messages (CRYPTO.md).
import { type Bytes, concat } from '../../bytes/bytes.ts';
import { DH_BYTES, type DhKeyPair, dhFromPrivate, diffieHellman } from '../../crypto/dh.ts';
import { KithError } from '../../errors.ts';
import type { Random } from '../../ports/random.ts';
import type { CipherState } from './cipher-state.ts';
import { type HandshakePattern, parsePattern, type Token } from './patterns.ts';
import { SymmetricState } from './symmetric-state.ts';

/** §3: no Noise message is longer. Transport frames deviate (SESSION.md), handshake messages do not. */
export const MAX_HANDSHAKE_BYTES = 65_535;
const PSK_BYTES = 32;

export type Role = 'initiator' | 'responder';

export interface HandshakeOptions {
  /** Default: `Noise_<pattern>_25519_AESGCM_SHA256`. */
  readonly protocolName?: string;
  /** `XX`, `KKpsk0` … (patterns.ts). */
  readonly pattern: string;
  readonly role: Role;
  readonly prologue: Uint8Array;
  /** One 32-byte key for each psk token, in their order. */
  readonly psks?: readonly Uint8Array[];
  /** Local static key pair, where the pattern has one. */
  readonly s?: DhKeyPair;
  /** Fixed ephemeral key pair: for published vectors only. */
  readonly e?: DhKeyPair;
  /** Remote static public key, where the pattern has it as a pre-message. */
  readonly rs?: Uint8Array;
  readonly random: Random;
}

export interface Transport {
  readonly send: CipherState;
  readonly receive: CipherState;
  /** h: 32 bytes, the same on both sides, not secret. */
  readonly handshakeHash: Bytes;
  /** ck before Split: 32 bytes, secret. The pair's secret is derived from it. */
  readonly chainingKey: Bytes;
}

/** What HandshakeState and the hybrid offer. Any failure throws KithError 'handshake-failed' and ends the handshake. */
export interface Handshake {
  /** Name that went into the hash. */
  readonly protocolName: string;
  /** Whether it is this side's turn to write. */
  readonly canWrite: boolean;
  /** All messages are written and read; only `split` is left. */
  readonly finished: boolean;
  /** The other side's static public key (32 bytes), once it is known. */
  readonly remoteStatic: Bytes | undefined;
  writeMessage(payload: Uint8Array): Promise<Bytes>;
  readMessage(message: Uint8Array): Promise<Bytes>;
  split(): Promise<Transport>;
}

/** Starts a handshake. @throws KithError 'internal' when the options do not fit the pattern. */
export async function createHandshake(options: HandshakeOptions): Promise<HandshakeState> {
  const pattern = parsePattern(options.pattern);
  checkOptions(options, pattern);
  const protocolName = options.protocolName ?? `Noise_${options.pattern}_25519_AESGCM_SHA256`;
  const symmetric = await SymmetricState.initializeSymmetric(protocolName);
  await symmetric.mixHash(options.prologue);
  for (const key of preMessageKeys(options, pattern)) await symmetric.mixHash(key);
  return new HandshakeState(protocolName, options, pattern, symmetric);
}

function checkOptions({ psks = [], s, rs, role }: HandshakeOptions, pattern: HandshakePattern): void {
  const [initiator, responder] = pattern.preMessages;
  const [ours, theirs] = role === 'initiator' ? [initiator, responder] : [responder, initiator];
  const pskOk = psks.length === pattern.psks && psks.every((psk) => psk.length === PSK_BYTES);
  const staticOk = (!ours || s !== undefined) && (!theirs || rs?.length === DH_BYTES);
  if (!pskOk || !staticOk) throw new KithError('internal');
}

/** §5.3: public keys of the pre-messages, the initiator's first. */
function preMessageKeys({ s, rs, role }: HandshakeOptions, { preMessages }: HandshakePattern): Uint8Array[] {
  const [initiator, responder] = role === 'initiator' ? [s?.publicKey, rs] : [rs, s?.publicKey];
  return [preMessages[0] ? initiator : undefined, preMessages[1] ? responder : undefined].filter(
    (key) => key !== undefined,
  );
}

type Phase = 'messages' | 'busy' | 'done' | 'failed';

export class HandshakeState implements Handshake {
  readonly protocolName: string;
  readonly #role: Role;
  readonly #random: Random;
  readonly #messages: readonly (readonly Token[])[];
  readonly #pskMode: boolean;
  readonly #psks: Uint8Array[];
  readonly #symmetric: SymmetricState;
  readonly #s: DhKeyPair | undefined;
  #e: DhKeyPair | undefined;
  #rs: Bytes | undefined;
  #re: Bytes | undefined;
  #next = 0;
  #phase: Phase = 'messages';

  /** Use `createHandshake`. */
  constructor(protocolName: string, options: HandshakeOptions, pattern: HandshakePattern, symmetric: SymmetricState) {
    this.protocolName = protocolName;
    this.#role = options.role;
    this.#random = options.random;
    this.#messages = pattern.messages;
    this.#pskMode = pattern.psks > 0;
    this.#psks = [...(options.psks ?? [])];
    this.#symmetric = symmetric;
    this.#s = options.s;
    this.#e = options.e;
    this.#rs = options.rs === undefined ? undefined : Uint8Array.from(options.rs);
  }

  get finished(): boolean {
    return this.#next === this.#messages.length && this.#phase !== 'failed';
  }

  get canWrite(): boolean {
    const initiatorsTurn = this.#next % 2 === 0;
    return this.#next < this.#messages.length && initiatorsTurn === (this.#role === 'initiator');
  }

  get remoteStatic(): Bytes | undefined {
    return this.#rs;
  }

  /** §5.3 WriteMessage(payload). */
  writeMessage(payload: Uint8Array): Promise<Bytes> {
    return this.#guard(this.canWrite, async () => {
      const parts: Bytes[] = [];
      for (const token of this.#messages[this.#next] ?? []) parts.push(await this.#writeToken(token));
      parts.push(await this.#symmetric.encryptAndHash(payload));
      const message = concat(...parts);
      if (message.length > MAX_HANDSHAKE_BYTES) throw new KithError('handshake-failed');
      this.#next += 1;
      return message;
    });
  }

  /** §5.3 ReadMessage(message): the payload. */
  readMessage(message: Uint8Array): Promise<Bytes> {
    const ourTurnToRead = !this.canWrite && !this.finished && message.length <= MAX_HANDSHAKE_BYTES;
    return this.#guard(ourTurnToRead, async () => {
      let rest = Uint8Array.from(message);
      for (const token of this.#messages[this.#next] ?? []) rest = rest.subarray(await this.#readToken(token, rest));
      const payload = await this.#symmetric.decryptAndHash(rest);
      this.#next += 1;
      return payload;
    });
  }

  /** Puts a further shared secret into the chaining key, between two messages (§5.2 MixKey). Both sides at the same place. */
  mixKey(extra: Uint8Array): Promise<void> {
    return this.#guard(true, () => this.#symmetric.mixKey(extra));
  }

  /** §5.2 Split(), once, when `finished`. */
  split(): Promise<Transport> {
    return this.#guard(
      this.finished,
      async () => {
        const [initiator, responder] = await this.#symmetric.split();
        const ours = this.#role === 'initiator';
        return {
          send: ours ? initiator : responder,
          receive: ours ? responder : initiator,
          handshakeHash: this.#symmetric.handshakeHash,
          chainingKey: this.#symmetric.chainingKey,
        };
      },
      'done',
    );
  }

  /** Ends the handshake: what follows is refused. */
  fail(): void {
    this.#phase = 'failed';
  }

  /** One call at a time, in turn; a failure of any sort is final and says no more than that it failed. */
  async #guard<T>(allowed: boolean, work: () => Promise<T>, after: Phase = 'messages'): Promise<T> {
    if (this.#phase !== 'messages' || !allowed) {
      this.#phase = 'failed';
      throw new KithError('handshake-failed');
    }
    this.#phase = 'busy';
    try {
      const result = await work();
      if ((this.#phase as Phase) !== 'busy') throw new KithError('handshake-failed');
      this.#phase = after;
      return result;
    } catch (cause) {
      this.#phase = 'failed';
      throw new KithError('handshake-failed', {}, { cause });
    }
  }

  async #writeToken(token: Token): Promise<Bytes> {
    if (token === 'e') {
      this.#e ??= await dhFromPrivate(this.#random.bytes(DH_BYTES));
      await this.#mixEphemeral(this.#e.publicKey);
      return this.#e.publicKey;
    }
    if (token === 's') return this.#symmetric.encryptAndHash(required(this.#s).publicKey);
    await this.#mixToken(token);
    return new Uint8Array(0);
  }

  /** Returns how many bytes of `message` the token took. */
  async #readToken(token: Token, message: Bytes): Promise<number> {
    if (token === 'e') {
      this.#re = take(message, DH_BYTES);
      await this.#mixEphemeral(this.#re);
      return DH_BYTES;
    }
    if (token === 's') {
      const length = DH_BYTES + this.#symmetric.overhead;
      this.#rs = await this.#symmetric.decryptAndHash(take(message, length));
      return length;
    }
    await this.#mixToken(token);
    return 0;
  }

  /** §9.2: with psks an ephemeral key is mixed into the chaining key too. */
  async #mixEphemeral(publicKey: Uint8Array): Promise<void> {
    await this.#symmetric.mixHash(publicKey);
    if (this.#pskMode) await this.#symmetric.mixKey(publicKey);
  }

  async #mixToken(token: Token): Promise<void> {
    if (token === 'psk') return this.#symmetric.mixKeyAndHash(required(this.#psks.shift()));
    // The first letter names the initiator's key, the second the responder's.
    const [first, second] = this.#role === 'initiator' ? [token[0], token[1]] : [token[1], token[0]];
    const local = required(first === 'e' ? this.#e : this.#s);
    const remote = required(second === 'e' ? this.#re : this.#rs);
    await this.#symmetric.mixKey(await diffieHellman(local, remote));
  }
}

function take(message: Bytes, length: number): Bytes {
  if (message.length < length) throw new KithError('handshake-failed');
  return message.slice(0, length);
}

/** What the pattern says is there by now. @throws KithError 'handshake-failed' */
export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new KithError('handshake-failed');
  return value;
}
