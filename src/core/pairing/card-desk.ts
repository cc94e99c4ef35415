// The cards I show: makes them, answers whoever calls, asks the person, and commits every step before it is told
// (PAIRING.md, "The commit rule").
import { compareBytes, equalBytes } from '../bytes/bytes.ts';
import { KithError, kindOf } from '../errors.ts';
import type { Link } from '../ports/link.ts';
import type { Write } from '../ports/store.ts';
import { Queue } from '../queue.ts';
import { AnsweredCalls, type Call } from './answered-calls.ts';
import type { Agreed, Candidate } from './contact-book.ts';
import { type Control, decodeControl } from './control.ts';
import type { CheckedCommit, TakenCards } from './crossing.ts';
import type { DeskOptions, Sought } from './desk.ts';
import type { Person } from './introduction.ts';
import { accept, bind, burn, type Invitation, isAnswered, isAwaited, judge, use, withdraw } from './invitation.ts';
import { Invitations } from './invitations.ts';
import { IssuedCards, type ShownCard } from './issued-cards.ts';
import type { Agreement } from './mailbox/phase.ts';
import { met, type Promising } from './promise.ts';
import type { HandedOut, Way } from './way.ts';

/** Somebody took my card and waits for my answer. */
export interface PairRequest {
  readonly id: string;
  readonly person: Person;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How they came by my card. Only in person can anybody have compared anything. */
  readonly way: Way;
}

export type Answer = 'accept' | 'accept-verified' | 'refuse';

export interface CardDeskOptions extends DeskOptions {
  /** The cards that I took: whoever showed me one of them need not ask me. */
  readonly taken: TakenCards;
}

export class CardDesk {
  readonly #options: CardDeskOptions;
  readonly #queue = new Queue();
  readonly #invitations: Invitations;
  readonly #issued: IssuedCards;
  readonly #calls: AnsweredCalls;
  #closed = false;

  constructor(options: CardDeskOptions) {
    this.#options = options;
    this.#calls = new AnsweredCalls(options);
    this.#invitations = new Invitations(options);
    this.#issued = new IssuedCards(options, this.#invitations, this.#queue);
  }

  /** Reads what an earlier page left. */
  load(): Promise<void> {
    return this.#invitations.load();
  }

  /** The card to show, or to put into a link. */
  current(way?: HandedOut): ShownCard | undefined {
    return this.#issued.current(way);
  }

  newCard(way?: HandedOut): Promise<void> {
    return this.#issued.newCard(way);
  }

  strangerCard(): Promise<Uint8Array | undefined> {
    return this.#issued.strangerCard();
  }

  memberCard(bundle: Uint8Array): Promise<Uint8Array | 'busy' | 'refused'> {
    return this.#issued.memberCard(bundle);
  }

  promise(agreement: Promising, agreed: boolean): Promise<void> {
    return this.#issued.promise(agreement, agreed);
  }

  withdraw(agreement: Agreement): Promise<void> {
    return this.#issued.withdraw(agreement);
  }

  /** Cards on which a caller may come: for rendezvous. */
  listening(): Sought[] {
    return this.#issued.listening((id) => this.#calls.admitted(id) !== undefined);
  }

  /** Who waits for my answer, oldest first. */
  requests(): PairRequest[] {
    return this.#invitations
      .all()
      .flatMap(({ id, request, way }) => (request === undefined ? [] : [{ id, person: request, at: request.at, way }]))
      .sort((one, other) => one.at - other.at);
  }

  /** Somebody arrived under one of my cards. The link is the desk's from here on. Never rejects. */
  async answerCall(link: Link, invitationId: string): Promise<void> {
    const invitation = this.#invitations.get(invitationId);
    if (this.#closed || invitation === undefined || !isAnswered(invitation, this.#now())) return link.close();
    // Who comes too late learns that, and not my name.
    const awaited = this.#options.taken.awaited();
    const invited = { id: invitationId, card: this.#issued.cardOf(invitation), promise: invitation.promise };
    const call = await this.#calls.answer(link, invited, isAwaited(invitation, this.#now()));
    if (call === undefined) return;
    try {
      await this.#queue.run(() => this.#admit(call, awaited));
    } catch (error) {
      this.#options.log('warn', 'call not stored', { kind: kindOf(error) });
      call.channel.close(false);
    }
  }

  /**
   * The person's answer, on the disk with all it means when this resolves; told to the caller if they are still there.
   * @throws KithError 'card-cancelled' when there is nothing to answer (any more) | 'disk-full'
   */
  answerRequest(requestId: string, answer: Answer): Promise<void> {
    return this.#queue.run(async () => {
      const invitation = this.#invitations.get(requestId);
      if (invitation?.request === undefined) throw new KithError('card-cancelled');
      const { request, way } = invitation;
      const verified = answer === 'accept-verified' && way === 'card';
      if (answer === 'refuse') await this.#refuse(invitation, request);
      else await this.#accept(invitation, request, { verified, way });
    });
  }

  /**
   * I take the card of somebody who waits for my answer: that is the answer, and it verifies them if the card is from themselves.
   * `settle` commits what else this means together with it. False, and nothing has happened, when nobody of this fingerprint took a card of mine and waits.
   */
  answerByCard(fingerprint: Uint8Array, settle: (commit: CheckedCommit) => Promise<void>): Promise<boolean> {
    return this.#queue.run(async () => {
      const waits = ({ way, request }: Invitation) =>
        way !== 'number' && request !== undefined && equalBytes(request.fingerprint, fingerprint);
      const invitation = this.#invitations.all().find(waits);
      const request = invitation?.request;
      if (invitation === undefined || request === undefined) return false;
      await settle((writes, checked) => this.#accept(invitation, request, byCard(checked, invitation.way), writes));
      return true;
    });
  }

  /**
   * A caller has shown over a session under the newest secret of the two that they stored what first contact gave them: their card is
   * used up. Not one on which they wait for an answer: its secret is no session's yet.
   */
  callerProven(bundle: Uint8Array): Promise<void> {
    return this.#queue.run(async () => {
      const bound = this.#invitations.all().filter((one) => one.state === 'bound' && one.accepted);
      const theirs = bound.filter((one) => judge(one, bundle, this.#now()) === 'bind');
      if (theirs.length > 0) await this.#invitations.save(theirs.map(use));
    });
  }

  /** Ends every call; the page is going away. */
  close(): void {
    this.#closed = true;
    this.#invitations.close();
    this.#calls.close();
  }

  async #admit(call: Call, awaited: readonly Uint8Array[]): Promise<void> {
    const invitation = this.#invitations.get(call.invitationId);
    if (invitation === undefined) return call.channel.close(false);
    const { person, pairSecret } = call;
    const candidate: Candidate = { ...person, pairSecret };
    const verdict = judge(invitation, person.bundle, this.#now());
    if (verdict !== 'bind') return this.#calls.farewell(call, { say: 'refused', why: verdict });
    if (this.#calls.isOvertaken(call)) return call.channel.close(false);
    const crossing = this.#isCrossing(invitation, candidate, awaited);
    // Their call would be a second one beside mine: they let it go, and answer mine (PAIRING.md, "Crossing cards").
    if (crossing && compareBytes(this.#options.self.fingerprint, person.fingerprint) < 0)
      return call.channel.close(false);
    const accepted =
      (crossing && (await this.#settle(invitation, candidate))) || (await this.#bind(invitation, candidate));
    this.#calls.admit(call);
    this.#calls.say(call, { say: 'stored' });
    if (accepted) this.#calls.say(call, { say: 'accepted' });
    this.#options.changed();
    call.channel.onMessage((payload) => this.#hear(call, decodeControl(payload)));
  }

  /** The candidate is on the disk. True: my person has said yes to them before. */
  async #bind(invitation: Invitation, candidate: Candidate): Promise<boolean> {
    const { contacts } = this.#options;
    const { promise, accepted } = invitation;
    const bound = bind(invitation, candidate, this.#now());
    const save = (writes?: readonly Write[]) =>
      this.#invitations.save([promise ? { ...bound, promise: met(promise) } : bound], writes);
    if (promise) await contacts.met(candidate, promise, save);
    else await (accepted ? contacts.renewed(candidate, save) : save());
    return accepted;
  }

  /**
   * I took the card of the very person who calls under mine, and nobody had answered me yet when they began (`awaited`): a call
   * that was under way when mine succeeded asks nobody a thing either.
   */
  #isCrossing(
    { accepted, way, promise }: Invitation,
    { fingerprint }: Candidate,
    awaited: readonly Uint8Array[],
  ): boolean {
    const all = [...awaited, ...this.#options.taken.awaited()];
    // Whoever was promised at a mailbox calls one way only: that call is no second one.
    if (accepted || way === 'number' || promise) return false;
    return all.some((one) => equalBytes(one, fingerprint));
  }

  /** They are a contact, as if I had been asked, and I call them no more: one commit. False: I have given up meanwhile. */
  #settle(invitation: Invitation, candidate: Candidate): Promise<boolean> {
    const { contacts, taken } = this.#options;
    const bound = accept(bind(invitation, candidate, this.#now()));
    return taken.settle(candidate.fingerprint, (writes, checked) =>
      contacts.accepted(candidate, byCard(checked, invitation.way), (more) =>
        this.#invitations.save([bound], [...writes, ...more]),
      ),
    );
  }

  #hear(call: Call, { say }: Control): void {
    if (say !== 'stored' && say !== 'cancelled') throw new KithError('frame-malformed');
    const step = say === 'stored' ? () => this.#callerStored(call) : () => this.#callerCancelled(call);
    this.#queue.run(step).catch((error: unknown) => {
      this.#options.log('warn', 'step of first contact failed', { kind: kindOf(error) });
      call.channel.close(false);
    });
  }

  async #callerStored(call: Call): Promise<void> {
    const invitation = this.#invitations.get(call.invitationId);
    if (invitation === undefined || this.#calls.admitted(call.invitationId) !== call) return;
    if (invitation.state === 'bound') await this.#invitations.save([use(invitation)]);
    if (invitation.accepted) call.channel.close();
  }

  async #callerCancelled(call: Call): Promise<void> {
    const invitation = this.#invitations.get(call.invitationId);
    if (invitation?.state !== 'bound' || this.#calls.admitted(call.invitationId) !== call) return;
    await this.#invitations.save([withdraw(invitation)]);
    call.channel.close();
  }

  async #accept(
    invitation: Invitation,
    candidate: Candidate,
    how: Agreed,
    others: readonly Write[] = [],
  ): Promise<void> {
    const save = (writes: readonly Write[]) => this.#invitations.save([accept(invitation)], [...writes, ...others]);
    await this.#options.contacts.accepted(candidate, how, save);
    const call = this.#calls.admitted(invitation.id);
    if (call === undefined) return;
    this.#calls.say(call, { say: 'accepted' });
    // A caller that has not stored yet says so later, and only then the call is over.
    if (invitation.state === 'used') call.channel.close();
  }

  async #refuse(invitation: Invitation, candidate: Candidate): Promise<void> {
    await this.#options.contacts.refused(candidate, (writes) => this.#invitations.save([burn(invitation)], writes));
    const call = this.#calls.admitted(invitation.id);
    if (call !== undefined) this.#calls.farewell(call, { say: 'refused', why: 'card-refused' });
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

/** Agreed to by taking their card. Out of a link, or in a group, it verifies nobody. `way`: how they came by mine. */
function byCard(checked: boolean, way: Way): Agreed {
  if (checked) return { verified: true, way: 'card' };
  return { verified: false, way: way === 'card' ? 'link' : way };
}
