// First contact over a link: hybrid Noise XXpsk0 under the card's secret, with every check on who the other side is
// (PAIRING.md). The taker of the card calls (initiator), its shower answers (responder).
import { type Bytes, concat, equalBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { KithError, kindOf } from '../errors.ts';
import type { Card } from '../identity/card.ts';
import type { Identity } from '../identity/keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { Link, LinkBinding } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { SealedChannel } from '../session/channel.ts';
import { startSteps } from '../session/handshake-steps.ts';
import { Inbox } from '../session/inbox.ts';
import type { Role } from '../session/noise/handshake-state.ts';
import { createHybridHandshake, type HybridHandshake } from '../session/noise/hybrid.ts';
import { frameKinds } from '../session/outer-frame.ts';
import { HANDSHAKE_DEADLINE_MS, type HandshakeParty, shake } from '../session/shake.ts';
import { WIRE_VERSION } from '../wire/limits.ts';
import { cardPsk, pairSecretFrom } from './card-keys.ts';
import { introduce, type Person, readIntroduction } from './introduction.ts';

export interface FirstContactOptions {
  readonly link: Link;
  readonly card: Card;
  readonly self: Identity;
  /** How I introduce myself; cleaned before it is sent. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The other side's first message is here. */
  readonly onCalled?: () => void;
}

export interface FirstContact {
  readonly person: Person;
  /** The pair's secret if both sides keep it, 32 bytes. */
  readonly pairSecret: Uint8Array;
  readonly channel: SealedChannel;
}

const MESSAGES = 3;
const EMPTY = new Uint8Array(0);

/**
 * Calls whoever showed the card. The link is closed when this fails.
 * @throws KithError 'contact-impostor' when the answer is not from the person on the card; 'handshake-failed' | 'link-…' | 'frame-…'
 */
export const callShower = (options: FirstContactOptions): Promise<FirstContact> => run(options, 'initiator');

/** Answers whoever took the card. The link is closed when this fails. @throws as `callShower` */
export const answerCaller = (options: FirstContactOptions): Promise<FirstContact> => run(options, 'responder');

async function run(options: FirstContactOptions, role: Role): Promise<FirstContact> {
  const { link, clock, random, log } = options;
  const inbox = new Inbox(link);
  const deadline = clock.after(HANDSHAKE_DEADLINE_MS, () => inbox.end('link-timeout'));
  const party = new Party(options, role);
  try {
    await shake({ link, inbox, clock, party, steps: startSteps(role, frameKinds.firstContact, MESSAGES) });
    const { noise, person } = party.outcome();
    const { send, receive, chainingKey } = await noise.split();
    const pairSecret = await pairSecretFrom(chainingKey);
    chainingKey.fill(0);
    return { person, pairSecret, channel: new SealedChannel({ link, inbox, send, receive, clock, random }) };
  } catch (error) {
    log('info', 'first contact failed', { kind: kindOf(error), role });
    link.close();
    throw error;
  } finally {
    deadline.cancel();
  }
}

/** Both sides hash the same: version, whose card it is, and the link they think they share. */
export function firstContactPrologue({ fingerprint }: Card, { local, remote }: LinkBinding, role: Role): Bytes {
  const [caller, shower] = role === 'initiator' ? [local, remote] : [remote, local];
  return concat(utf8('kith first contact v1'), Uint8Array.of(WIRE_VERSION), fingerprint, caller, shower);
}

/** XX: e / e, ee, s, es + the shower's introduction / s, se + the caller's introduction. */
class Party implements HandshakeParty {
  #noise: HybridHandshake | undefined;
  #person: Person | undefined;

  constructor(
    private readonly options: FirstContactOptions,
    private readonly role: Role,
  ) {}

  outcome(): { noise: HybridHandshake; person: Person } {
    if (this.#noise === undefined || this.#person === undefined) throw new KithError('handshake-failed');
    return { noise: this.#noise, person: this.#person };
  }

  async write(message: number): Promise<Uint8Array> {
    const { self, name } = this.options;
    const noise = await this.#started();
    return noise.writeMessage(message === 1 ? EMPTY : await introduce(self, name));
  }

  async read(message: number, body: Uint8Array): Promise<void> {
    if (message === 1) this.options.onCalled?.();
    const noise = await this.#started();
    const payload = await noise.readMessage(body);
    if (message > 1) this.#person = await this.#check(payload, noise.remoteStatic);
    else if (payload.length > 0) throw new KithError('handshake-failed');
  }

  async #check(payload: Uint8Array, provenKey: Uint8Array | undefined): Promise<Person> {
    const { self, card } = this.options;
    const person = await readIntroduction(payload, provenKey);
    const expected = this.role === 'responder' || equalBytes(person.fingerprint, card.fingerprint);
    // Our own keys from the other side: somebody reflects our messages, or runs a copy of us.
    if (!expected || equalBytes(person.fingerprint, self.fingerprint)) throw new KithError('contact-impostor');
    return person;
  }

  async #started(): Promise<HybridHandshake> {
    const { card, self, link, random } = this.options;
    this.#noise ??= await createHybridHandshake({
      pattern: 'XXpsk0',
      role: this.role,
      prologue: firstContactPrologue(card, link.binding, this.role),
      psks: [await cardPsk(card)],
      s: self.dh,
      random,
    });
    return this.#noise;
  }
}
