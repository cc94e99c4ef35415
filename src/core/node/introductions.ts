// Joins introductions to sessions, contacts and first contact: what contacts introduce me to, and whom I introduce.
import type { Identity } from '../identity/keys.ts';
import type { GivenIntroductionView, IntroductionsView, IntroductionView } from '../node-api.ts';
import { type Described, GivenIntroductions, type Say } from '../pairing/introductions/given-introductions.ts';
import { type Introducer, ReceivedIntroductions } from '../pairing/introductions/received-introductions.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import { Queue } from '../queue.ts';
import type { Introduce, IntroductionMessage } from '../wire/introduction-messages.ts';
import { inBackground } from './background.ts';
import { type Contact, type ContactBook, nameOf } from './contact-book.ts';
import type { FirstContact } from './first-contact.ts';
import { mayTalk } from './standing.ts';

export interface IntroductionsOptions {
  readonly self: Identity;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly book: ContactBook;
  readonly firstContact: Pick<FirstContact, 'promise' | 'withdraw' | 'failureOf'>;
  /** Never rejects. */
  readonly deriveNumber: (fingerprint: Uint8Array) => Promise<string>;
  readonly changed: () => void;
}

export class Introductions {
  private readonly received: ReceivedIntroductions;
  private readonly given: GivenIntroductions;
  /** One number after the other: each takes 64 MiB for a moment. */
  private readonly numbering = new Queue();

  constructor(private readonly options: IntroductionsOptions) {
    const { book, firstContact, changed } = options;
    this.received = new ReceivedIntroductions({
      ...options,
      self: options.self.fingerprint,
      introducer: (contactId) => introducerOf(book.get(contactId)),
      standing: (fingerprint) => standingOf(book.byFingerprint(fingerprint)),
      meet: (agreement) => firstContact.promise(agreement, false),
      part: (agreement) => firstContact.withdraw(agreement),
      changed: () => {
        changed();
        this.deriveNumbers();
      },
    });
    this.given = new GivenIntroductions({ ...options, contact: (contactId) => describedOf(book.get(contactId)) });
  }

  async start(): Promise<void> {
    await this.received.load();
    await this.given.load();
    this.deriveNumbers();
  }

  view(): IntroductionsView {
    return {
      received: this.received.list().flatMap((one) => this.receivedView(one)),
      given: this.given.list().map(
        ({ id, sides, endsAt }): GivenIntroductionView => ({
          id,
          conversationIds: [sides[0].contactId, sides[1].contactId],
          delivered: [sides[0].delivered, sides[1].delivered],
          endsAt,
        }),
      ),
    };
  }

  introduce(one: string, other: string): Promise<string> {
    return this.given.make(one, other);
  }

  withdraw(introductionId: string): Promise<void> {
    return this.given.withdraw(introductionId);
  }

  answer(introductionId: string, answer: 'accept' | 'refuse'): Promise<void> {
    return this.received.answer(introductionId, answer);
  }

  attach(contactId: string, say: Say): void {
    this.given.attach(contactId, say);
  }

  detach(contactId: string): void {
    this.given.detach(contactId);
  }

  /** What a contact says in a session that both sides accepted. `say`: in the same session. */
  async handle(contactId: string, message: IntroductionMessage, say: Say): Promise<void> {
    switch (message.type) {
      case 'introduce':
        return this.receive(contactId, message, say);
      case 'introduce-withdraw':
        await this.received.withdrawn(contactId, message.id);
        return acknowledge(message, 'withdrawal', say);
      case 'introduce-ack':
        return this.given.confirmed(contactId, message);
    }
  }

  /** Somebody was added, checked, renamed, blocked or removed. */
  contactsChanged(): void {
    inBackground(this.options.log, 'introductions not looked through', this.received.refresh());
    inBackground(this.options.log, 'introductions not looked through', this.given.refresh());
  }

  close(): void {
    this.received.close();
    this.given.close();
  }

  private async receive(contactId: string, message: Introduce, say: Say): Promise<void> {
    await this.received.receive(contactId, message);
    await acknowledge(message, 'introduction', say);
  }

  private receivedView(one: ReturnType<ReceivedIntroductions['list']>[number]): IntroductionView[] {
    const { book, firstContact } = this.options;
    const introducer = book.get(one.by);
    const known = one.state === 'lapsed' ? undefined : book.byFingerprint(one.fingerprint);
    // Without the number nobody can tell who is meant; it takes about a second.
    if (one.number === '' || known?.mine === 'blocked') return [];
    const isKnown = standingOf(known) === 'contact';
    const kind = one.state === 'accepted' ? (firstContact.failureOf(one.key) ?? null) : null;
    return [
      {
        id: one.key,
        state: isKnown ? 'known' : kind !== null ? 'failed' : one.state === 'accepted' ? 'waiting' : one.state,
        by: one.by,
        byName: introducer ? nameOf(introducer) : '',
        byVerified: introducer?.trust === 'verified',
        number: one.number,
        name: (isKnown && known && nameOf(known)) || one.name,
        endsAt: one.endsAt,
        kind,
      },
    ];
  }

  private deriveNumbers(): void {
    const { book, deriveNumber, log } = this.options;
    const derived = this.numbering.run(async () => {
      for (const one of this.received.list()) {
        if (one.state === 'lapsed' || one.number !== '') continue;
        const known = book.byFingerprint(one.fingerprint)?.number;
        await this.received.numbered(one.key, known || (await deriveNumber(one.fingerprint)));
      }
    });
    inBackground(log, 'number not kept', derived);
  }
}

/** Also of what was not wanted: nothing is told of what becomes of it. */
async function acknowledge(
  { id }: { readonly id: Uint8Array },
  of: 'introduction' | 'withdrawal',
  say: Say,
): Promise<void> {
  // Who does not hear it says it again in the next session.
  await say({ type: 'introduce-ack', id, of }).catch(() => undefined);
}

function introducerOf(contact: Contact | undefined): Introducer | undefined {
  if (!contact || !mayTalk(contact)) return undefined;
  return { fingerprint: contact.fingerprint, name: nameOf(contact), verified: contact.trust === 'verified' };
}

function describedOf(contact: Contact | undefined): Described | undefined {
  if (!contact || !mayTalk(contact)) return undefined;
  return { bundle: contact.bundle, name: contact.theirName, verified: contact.trust === 'verified' };
}

function standingOf(contact: Contact | undefined): 'stranger' | 'contact' | 'blocked' {
  if (contact?.mine === 'blocked') return 'blocked';
  // Whoever removed or declined me may be introduced anew: that is a way back.
  const isContact = contact?.mine === 'accepted' && (contact.theirs === 'accepted' || contact.theirs === 'waiting');
  return isContact ? 'contact' : 'stranger';
}
