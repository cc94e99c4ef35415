// Makes a sealed session with a contact over a link: hint, hybrid Noise KKpsk0, then the channel (SESSION.md).
import { compareBytes, equalBytes } from '../bytes/bytes.ts';
import { KithError, kindOf } from '../errors.ts';
import { decodeBundle } from '../identity/bundle.ts';
import type { Identity } from '../identity/keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { type ChannelEnd, type ChannelOptions, SealedChannel } from './channel.ts';
import { startSteps } from './handshake-steps.ts';
import { Inbox } from './inbox.ts';
import type { Role } from './noise/handshake-state.ts';
import { frameKinds } from './outer-frame.ts';
import type { RekeyLimits } from './sealer.ts';
import { Initiator, Responder, SESSION_MESSAGES, type SessionKeys, type SessionParty } from './session-handshake.ts';
import { HANDSHAKE_DEADLINE_MS, shake } from './shake.ts';

export interface EstablishOptions {
  readonly link: Link;
  readonly self: Pick<Identity, 'fingerprint' | 'dh'>;
  /** Bundle (65 bytes) and its SHA-256. */
  readonly peer: { readonly bundle: Uint8Array; readonly fingerprint: Uint8Array };
  /** Secrets of the pair, newest first, 1 … 3 of 32 bytes each. The initiator uses the first, the responder knows any. */
  readonly secrets: readonly Uint8Array[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Default REKEY_LIMITS. */
  readonly rekeyLimits?: RekeyLimits;
}

/** Why a session ended: a failure, `goodbye` (the other side left on purpose) or `closed` (this side did). */
export type SessionEnd = ChannelEnd;

/** A live channel with a contact. */
export class Session extends SealedChannel {
  constructor(
    options: ChannelOptions,
    /** Name of the Noise protocol in use. */
    readonly protocol: string,
    /** Which of `secrets` the two met under. */
    readonly secretIndex: number,
  ) {
    super(options);
  }
}

const MAX_SECRETS = 3;

/** The person with the smaller fingerprint initiates, so that both know without asking. */
export function sessionRole(self: Uint8Array, peer: Uint8Array): Role {
  return compareBytes(self, peer) < 0 ? 'initiator' : 'responder';
}

/**
 * Resolves when both sides have proven who they are; for the responder that is with the first sealed frame. The link is
 * the session's from here on, and closed when this fails.
 * @throws KithError 'handshake-failed' | 'unknown-hint' | 'link-timeout' | 'link-closed' | 'frame-…'
 */
export async function establish(options: EstablishOptions): Promise<Session> {
  const { link, clock, self, peer, log } = options;
  const role = sessionRole(self.fingerprint, peer.fingerprint);
  const keys = sessionKeys(options);
  const party = role === 'initiator' ? new Initiator(keys) : new Responder(keys);
  const inbox = new Inbox(link);
  const deadline = clock.after(HANDSHAKE_DEADLINE_MS, () => inbox.end('link-timeout'));
  try {
    await shake({ link, inbox, clock, party, steps: startSteps(role, frameKinds.session, SESSION_MESSAGES) });
    return await openSession(options, inbox, role, party);
  } catch (error) {
    log('info', 'session not established', { kind: kindOf(error), role });
    throw error;
  } finally {
    deadline.cancel();
  }
}

function sessionKeys({ self, peer, secrets, link, random }: EstablishOptions): SessionKeys {
  const sensible = secrets.length >= 1 && secrets.length <= MAX_SECRETS;
  if (!sensible || equalBytes(self.fingerprint, peer.fingerprint)) throw new KithError('internal');
  const dhPublic = decodeBundle(peer.bundle).dh;
  return { self, peer: { fingerprint: peer.fingerprint, dhPublic }, secrets, binding: link.binding, random };
}

async function openSession(options: EstablishOptions, inbox: Inbox, role: Role, party: SessionParty): Promise<Session> {
  const { send, receive } = await party.noise.split();
  const { link, clock, random, rekeyLimits } = options;
  const channel = { link, inbox, send, receive, clock, random, ...(rekeyLimits && { rekeyLimits }) };
  const session = new Session(channel, party.noise.protocolName, party.secretIndex);
  if (role === 'initiator') await session.ready();
  // KK's first message can be repeated by whoever recorded it; only a sealed frame proves that the initiator is here now.
  else await session.confirmed;
  session.ping();
  return session;
}
