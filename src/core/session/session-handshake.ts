// Both sides of a session's handshake: the hint, hybrid Noise KKpsk0, and what its prologue binds (SESSION.md).
import { type Bytes, concat } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import type { DhKeyPair } from '../crypto/dh.ts';
import { KithError } from '../errors.ts';
import type { LinkBinding } from '../ports/link.ts';
import type { Random } from '../ports/random.ts';
import { WIRE_VERSION } from '../wire/limits.ts';
import { type CallContext, findHint, HINT_BYTES, hintOf } from './hint.ts';
import type { Role } from './noise/handshake-state.ts';
import { createHybridHandshake, type HybridHandshake } from './noise/hybrid.ts';
import { pairPsk } from './pair-keys.ts';
import type { HandshakeParty } from './shake.ts';

export const SESSION_MESSAGES = 2;
const EMPTY = new Uint8Array(0);

export interface SessionKeys {
  readonly self: { readonly fingerprint: Uint8Array; readonly dh: DhKeyPair };
  /** Fingerprint and X25519 public key, 32 bytes each. */
  readonly peer: { readonly fingerprint: Uint8Array; readonly dhPublic: Uint8Array };
  /** Secrets of the pair, newest first. */
  readonly secrets: readonly Uint8Array[];
  readonly binding: LinkBinding;
  readonly random: Random;
}

function callContext({ binding, self, peer }: SessionKeys, role: Role): CallContext {
  const { local, remote } = binding;
  return role === 'initiator'
    ? { initiator: self.fingerprint, responder: peer.fingerprint, initiatorDtls: local, responderDtls: remote }
    : { initiator: peer.fingerprint, responder: self.fingerprint, initiatorDtls: remote, responderDtls: local };
}

/** Both sides hash the same: version, who is who, and the link they think they share. */
export function sessionPrologue({ initiator, responder, initiatorDtls, responderDtls }: CallContext): Bytes {
  const version = Uint8Array.of(WIRE_VERSION);
  return concat(utf8('kith session v1'), version, initiator, responder, initiatorDtls, responderDtls);
}

export abstract class SessionParty implements HandshakeParty {
  secretIndex = 0;
  #noise: HybridHandshake | undefined;
  protected readonly call: CallContext;

  constructor(
    protected readonly keys: SessionKeys,
    private readonly role: Role,
  ) {
    this.call = callContext(keys, role);
  }

  get noise(): HybridHandshake {
    if (this.#noise === undefined) throw new KithError('handshake-failed');
    return this.#noise;
  }

  abstract write(message: number): Promise<Uint8Array>;
  abstract read(message: number, body: Uint8Array): Promise<void>;

  protected get secret(): Uint8Array {
    const secret = this.keys.secrets[this.secretIndex];
    if (secret === undefined) throw new KithError('internal');
    return secret;
  }

  protected async start(): Promise<void> {
    const { self, peer, random } = this.keys;
    this.#noise = await createHybridHandshake({
      pattern: 'KKpsk0',
      role: this.role,
      prologue: sessionPrologue(this.call),
      psks: [await pairPsk(this.secret)],
      s: self.dh,
      rs: peer.dhPublic,
      random,
    });
  }

  /** Session messages carry nothing but the keys. */
  protected async readEmpty(message: Uint8Array): Promise<void> {
    const payload = await this.noise.readMessage(message);
    if (payload.length > 0) throw new KithError('handshake-failed');
  }
}

export class Initiator extends SessionParty {
  constructor(keys: SessionKeys) {
    super(keys, 'initiator');
  }

  async write(): Promise<Uint8Array> {
    await this.start();
    return concat(await hintOf(this.secret, this.call), await this.noise.writeMessage(EMPTY));
  }

  read(_message: number, body: Uint8Array): Promise<void> {
    return this.readEmpty(body);
  }
}

export class Responder extends SessionParty {
  constructor(keys: SessionKeys) {
    super(keys, 'responder');
  }

  async read(_message: number, body: Uint8Array): Promise<void> {
    const hint = body.subarray(0, HINT_BYTES);
    const index = await findHint(hint, this.keys.secrets, this.call);
    if (index === undefined) throw new KithError('unknown-hint'); // before any Diffie-Hellman
    this.secretIndex = index;
    await this.start();
    await this.readEmpty(body.subarray(HINT_BYTES));
  }

  write(): Promise<Uint8Array> {
    return this.noise.writeMessage(EMPTY);
  }
}
