// Joins pairing to rendezvous: listens under every card I show, looks for the shower of every card I took.
import { compareBytes, equalBytes } from '../bytes/bytes.ts';
import { type ErrorKind, KithError, kindOf } from '../errors.ts';
import type { Card } from '../identity/card.ts';
import { ofLink, parseFragment, parseGiven } from '../identity/card-link.ts';
import type { AttemptView, CardView, LinkView, PairRequestView } from '../node-api.ts';
import { CallDesk } from '../pairing/call-desk.ts';
import { type Answer, CardDesk } from '../pairing/card-desk.ts';
import { cardMeeting } from '../pairing/card-keys.ts';
import type { DeskOptions } from '../pairing/desk.ts';
import type { Agreement } from '../pairing/mailbox/phase.ts';
import type { Promising } from '../pairing/promise.ts';
import type { HandedOut, Way } from '../pairing/way.ts';
import type { Timer } from '../ports/clock.ts';
import type { Rendezvous } from '../rendezvous/rendezvous.ts';
import { Appointments, type Wanted } from './appointments.ts';
import { inBackground } from './background.ts';
import type { ContactBook } from './contact-book.ts';

export interface FirstContactOptions extends Omit<DeskOptions, 'changed'> {
  readonly rendezvous: Rendezvous;
  readonly book: ContactBook;
  readonly changed: () => void;
  /** Never rejects. */
  readonly deriveNumber: (fingerprint: Uint8Array) => Promise<string>;
}

/** Numbers of strangers are derived so often at most, milliseconds; until then their request is not shown. */
const STRANGERS_EVERY_MS = 60_000;

export class FirstContact {
  private readonly showing: CardDesk;
  private readonly calling: CallDesk;
  private readonly appointments: Appointments;
  private readonly numbers = new Map<string, string>();
  private strangersFrom = 0;
  private strangersLater: Timer | undefined;

  constructor(private readonly options: FirstContactOptions) {
    const deskOptions = { ...options, changed: () => this.changed() };
    this.calling = new CallDesk(deskOptions);
    this.showing = new CardDesk({ ...deskOptions, taken: this.calling });
    this.appointments = new Appointments(options, () => this.wanted());
  }

  async start(): Promise<void> {
    await this.showing.load();
    await this.calling.load();
    this.changed();
  }

  card(way: HandedOut): CardView | null {
    const card = this.showing.current(way);
    return card ? { text: card.text, expiresAt: card.expiresAt } : null;
  }

  requests(): PairRequestView[] {
    return this.showing.requests().flatMap(({ id, person, way }) => {
      const known = this.options.book.byFingerprint(person.fingerprint);
      const number = known?.number || this.numbers.get(id);
      // Without the number there is nothing to compare yet; it takes about a second.
      if (!number) return [];
      return [
        {
          id,
          number,
          name: person.name,
          knownAs: null,
          blocked: false,
          ...this.acquaintance(person.fingerprint),
          way,
        },
      ];
    });
  }

  /** Somebody in my list. */
  private acquaintance(fingerprint: Uint8Array): LinkView | undefined {
    const known = this.options.book.byFingerprint(fingerprint);
    if (known?.mine !== 'accepted' && known?.mine !== 'blocked') return undefined;
    return { knownAs: known.nickname || known.theirName, blocked: known.mine === 'blocked' };
  }

  attempts(): AttemptView[] {
    return this.calling.attempts();
  }

  newCard(way: HandedOut): Promise<void> {
    return this.showing.newCard(way);
  }

  /** Whose card is in a link. @throws KithError 'link-broken' | 'link-own' | 'link-used' (by me, with success) | 'card-version' */
  readLink(fragment: string): LinkView {
    const card = parseFragment(fragment);
    if (equalBytes(card.fingerprint, this.options.self.fingerprint)) throw new KithError('link-own');
    if (this.calling.hasUsed(card)) throw new KithError('link-used');
    return { knownAs: null, blocked: false, ...this.acquaintance(card.fingerprint) };
  }

  /** Attempt id. @throws KithError 'card-…' | 'link-…' */
  async take(text: string): Promise<string> {
    const { card, inLink } = parseGiven(text);
    return this.takeBy(inLink ? 'link' : 'card', card);
  }

  /** @throws as `take` */
  async takeLink(fragment: string): Promise<string> {
    return this.takeBy('link', parseFragment(fragment));
  }

  private async takeBy(way: HandedOut, card: Card): Promise<string> {
    try {
      const answered = await this.answerBy(card, way);
      return answered ?? (await this.calling.take(card, way)).attemptId;
    } catch (error) {
      throw way === 'link' ? new KithError(ofLink(kindOf(error)), {}, { cause: error }) : error;
    }
  }

  /** Whoever waits for my answer need not be called: taking their card is the answer. */
  private async answerBy(card: Card, way: HandedOut): Promise<string | undefined> {
    let attemptId: string | undefined;
    await this.showing.answerByCard(card.fingerprint, async (commit) => {
      ({ attemptId } = await this.calling.takeAnswered(card, way, commit));
    });
    return attemptId;
  }

  /** A card that was made for me: by somebody found by number, or a fellow member. */
  async takeFound(card: Card, way: Exclude<Way, HandedOut>): Promise<string> {
    const { attemptId } = await this.calling.take(card, way);
    return attemptId;
  }

  /** I have asked this person to be a contact, and they are called. */
  isAsked(fingerprint: Uint8Array): boolean {
    return this.calling.isAsked(fingerprint);
  }

  /** For somebody who found my number; undefined: no more of them now. */
  strangerCard(): Promise<Uint8Array | undefined> {
    return this.showing.strangerCard();
  }

  /** For a fellow member; see CardDesk. */
  memberCard(bundle: Uint8Array): Promise<Uint8Array | 'busy' | 'refused'> {
    return this.showing.memberCard(bundle);
  }

  /** Both have compared codes over a mailbox, or said yes to an introduction; see the desks. The smaller fingerprint calls. */
  promise(agreement: Promising, agreed: boolean): Promise<void> {
    return this.deskFor(agreement).promise(agreement, agreed);
  }

  withdraw(agreement: Agreement): Promise<void> {
    return this.deskFor(agreement).withdraw(agreement);
  }

  /** Why whoever was introduced to me is not looked for any more; undefined while all is well. */
  failureOf(introductionId: string): ErrorKind | undefined {
    return this.calling.failureOf(introductionId);
  }

  async dismiss(attemptId: string): Promise<void> {
    await this.calling.dismiss(attemptId);
  }

  answer(requestId: string, answer: Answer): Promise<void> {
    return this.showing.answerRequest(requestId, answer);
  }

  /** A session under our newest secret shows that this person has stored what first contact gave them. */
  async proven(bundle: Uint8Array): Promise<void> {
    await this.showing.callerProven(bundle);
  }

  close(): void {
    this.strangersLater?.cancel();
    this.appointments.close();
    this.showing.close();
    this.calling.close();
  }

  private deskFor({ theirs }: Agreement): CallDesk | CardDesk {
    const calls = compareBytes(this.options.self.fingerprint, theirs.fingerprint) < 0;
    return calls ? this.calling : this.showing;
  }

  private changed(): void {
    this.options.changed();
    inBackground(this.options.log, 'number not derived', this.deriveNumbers());
    this.appointments.fit();
  }

  private wanted(): Map<string, Wanted> {
    const shown = this.showing.listening().map(({ id, card, quiet, lasting }): [string, Wanted] => [
      `card/${id}`,
      {
        meeting: () => cardMeeting(card, 'responder'),
        onLink: (link) => void this.showing.answerCall(link, id),
        quiet,
        lasting,
      },
    ]);
    const taken = this.calling.searching().map(({ id, card, quiet, lasting }): [string, Wanted] => [
      `call/${id}`,
      {
        meeting: () => cardMeeting(card, 'initiator'),
        onLink: (link) => void this.calling.call(link, id),
        quiet,
        lasting,
      },
    ]);
    return new Map([...shown, ...taken]);
  }

  /** Somebody who only knows my number costs me Argon2id, and may not do so often. */
  private strangerMay(): boolean {
    const { clock } = this.options;
    const wait = this.strangersFrom - clock.now();
    if (wait <= 0) {
      this.strangersFrom = clock.now() + STRANGERS_EVERY_MS;
      return true;
    }
    this.strangersLater ??= clock.after(wait, () => {
      this.strangersLater = undefined;
      this.changed();
    });
    return false;
  }

  private async deriveNumbers(): Promise<void> {
    for (const { id, person, way } of this.showing.requests()) {
      if (this.numbers.has(id) || this.options.book.byFingerprint(person.fingerprint)?.number) continue;
      if (way === 'number' && !this.strangerMay()) continue;
      this.numbers.set(id, '');
      this.numbers.set(id, await this.options.deriveNumber(person.fingerprint));
      this.options.changed();
    }
  }
}
