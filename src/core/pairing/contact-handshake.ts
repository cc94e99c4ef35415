// The handshake of two who are not contacts yet, over a link: hybrid Noise XX with every check on who the other side is
// (PAIRING.md, "Handshake"). What differs between a card and a number are its terms.
import { type Bytes, concat, equalBytes } from '../bytes/bytes.ts';
import { KithError, kindOf } from '../errors.ts';
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
import { pairSecretFrom } from './card-keys.ts';
import { introduce, type Person, readIntroduction } from './introduction.ts';

export interface HandshakeOptions {
  readonly link: Link;
  readonly self: Identity;
  /** How I introduce myself; cleaned before it is sent. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The other side's first message is here. */
  readonly onCalled?: () => void;
}

/** What both must agree on, and whom the caller expects. */
export interface Terms {
  readonly pattern: 'XX' | 'XXpsk0';
  readonly psks: () => Promise<Uint8Array[]>;
  /** Hashed by both in front of the two ends of the link: what this is, and about whom. */
  readonly prologue: (version: number) => Uint8Array;
  /** Whether it may be this person. The caller asks before it says who it is. */
  readonly isExpected: (person: Person) => boolean;
}

export interface FirstContact {
  readonly person: Person;
  /** The pair's secret if both sides keep it, 32 bytes. */
  readonly pairSecret: Uint8Array;
  readonly channel: SealedChannel;
}

const MESSAGES = 3;
/** After these the caller knows who answered, and has not said who it is. */
const MESSAGES_TO_KNOW = 2;
const EMPTY = new Uint8Array(0);

/** The link is closed when this fails. @throws KithError 'contact-impostor' | 'handshake-failed' | 'link-…' | 'frame-…' */
export async function contactHandshake(options: HandshakeOptions, terms: Terms, role: Role): Promise<FirstContact> {
  return shaken(options, terms, role, MESSAGES, async (party, inbox) => {
    const { link, clock, random } = options;
    const { noise, person } = party.outcome();
    const { send, receive, chainingKey } = await noise.split();
    const pairSecret = await pairSecretFrom(chainingKey);
    chainingKey.fill(0);
    return { person, pairSecret, channel: new SealedChannel({ link, inbox, send, receive, clock, random }) };
  });
}

/** Who answers, proven, without a word of who asks. The link is closed in any case. @throws as `contactHandshake` */
export async function whoAnswers(options: HandshakeOptions, terms: Terms): Promise<Person> {
  const person = await shaken(options, terms, 'initiator', MESSAGES_TO_KNOW, async (party) => party.outcome().person);
  options.link.close();
  return person;
}

async function shaken<T>(
  options: HandshakeOptions,
  terms: Terms,
  role: Role,
  messages: number,
  then: (party: Party, inbox: Inbox) => Promise<T>,
): Promise<T> {
  const { link, clock, log } = options;
  const inbox = new Inbox(link);
  const deadline = clock.after(HANDSHAKE_DEADLINE_MS, () => inbox.end('link-timeout'));
  const party = new Party(options, terms, role);
  try {
    await shake({ link, inbox, clock, party, steps: startSteps(role, frameKinds.firstContact, messages) });
    return await then(party, inbox);
  } catch (error) {
    log('info', 'first contact failed', { kind: kindOf(error), role });
    link.close();
    throw error;
  } finally {
    deadline.cancel();
  }
}

/** Both sides hash the same: what it is, version, about whom, and the link they think they share. */
function contactPrologue(terms: Terms, { local, remote }: LinkBinding, role: Role): Bytes {
  const [caller, answerer] = role === 'initiator' ? [local, remote] : [remote, local];
  return concat(terms.prologue(WIRE_VERSION), caller, answerer);
}

/** XX: e / e, ee, s, es + the answerer's introduction / s, se + the caller's introduction. */
class Party implements HandshakeParty {
  #noise: HybridHandshake | undefined;
  #person: Person | undefined;

  constructor(
    private readonly options: HandshakeOptions,
    private readonly terms: Terms,
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
    const person = await readIntroduction(payload, provenKey);
    const expected = this.terms.isExpected(person);
    // Our own keys from the other side: somebody reflects our messages, or runs a copy of us.
    if (!expected || equalBytes(person.fingerprint, this.options.self.fingerprint))
      throw new KithError('contact-impostor');
    return person;
  }

  async #started(): Promise<HybridHandshake> {
    const { self, link, random } = this.options;
    this.#noise ??= await createHybridHandshake({
      pattern: this.terms.pattern,
      role: this.role,
      prologue: contactPrologue(this.terms, link.binding, this.role),
      psks: await this.terms.psks(),
      s: self.dh,
      random,
    });
    return this.#noise;
  }
}
