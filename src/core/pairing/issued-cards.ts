// The cards that I hand out: in person, in links, to strangers who found my number, through a mailbox.
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { CARD_SECRET_BYTES, type Card, encodeCard } from '../identity/card.ts';
import type { Queue } from '../queue.ts';
import { type DeskOptions, ID_BYTES, type Sought } from './desk.ts';
import {
  CARD_LIFE_MS,
  expireNow,
  type Invitation,
  isAnswered,
  isAwaited,
  isHandedOut,
  isOpen,
  MAX_ASKING_MEMBERS,
  MAX_OPEN,
  MAX_STRANGERS,
  openInvitation,
  promisedInvitation,
} from './invitation.ts';
import type { Invitations } from './invitations.ts';
import type { Agreement } from './mailbox/phase.ts';
import { type Promising, promised } from './promise.ts';
import type { HandedOut, Way } from './way.ts';

export interface ShownCard {
  readonly id: string;
  /** `kith1…`, 90 characters. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export class IssuedCards {
  readonly #options: DeskOptions;
  readonly #invitations: Invitations;
  /** The desk's: no card changes while another part of the desk decides about it. */
  readonly #queue: Queue;

  constructor(options: DeskOptions, invitations: Invitations, queue: Queue) {
    this.#options = options;
    this.#invitations = invitations;
    this.#queue = queue;
  }

  /** The card to show, or to put into a link: the newest that can still be taken. */
  current(way: HandedOut = 'card'): ShownCard | undefined {
    const newest = this.#handedOut().find((one) => one.way === way);
    return newest && { id: newest.id, text: encodeCard(this.cardOf(newest)), expiresAt: newest.expiresAt };
  }

  /**
   * Makes another card; those handed out stay valid. On the disk before anybody can see it. One for a link goes into links alone, so
   * that whoever calls by it is known to have it from there. @throws KithError 'disk-full'
   */
  newCard(way: HandedOut = 'card'): Promise<void> {
    return this.#queue.run(async () => {
      const now = this.#now();
      const expired = this.#handedOut()
        .slice(MAX_OPEN - 1)
        .map((one) => expireNow(one, now));
      const fresh = openInvitation(this.#newId(), this.#newSecret(), now, way);
      await this.#invitations.save([fresh, ...expired], this.#invitations.forgettable(expired.length));
    });
  }

  /** The secret of a card for one who found my number, on the disk; undefined when enough of them wait already. */
  strangerCard(): Promise<Uint8Array | undefined> {
    return this.#queue.run(async () => {
      if (this.#waiting('number') >= MAX_STRANGERS) return undefined;
      return this.#keep(openInvitation(this.#newId(), this.#newSecret(), this.#now(), 'number'));
    });
  }

  /**
   * The same for a member of a group of mine, and for nobody else: the one they have while they can take it, or wait for my answer. refused: I said no to them
   * less than a day ago.
   */
  memberCard(bundle: Uint8Array): Promise<Uint8Array | 'busy' | 'refused'> {
    return this.#queue.run(async () => {
      const now = this.#now();
      const theirs = this.#invitations
        .newestFirst()
        .find(({ way, boundTo }) => way === 'member' && boundTo !== undefined && equalBytes(boundTo, bundle));
      if (theirs && (isAwaited(theirs, now) || theirs.request)) return Uint8Array.from(theirs.secret);
      if (theirs?.state === 'burnt' && now < theirs.createdAt + CARD_LIFE_MS) return 'refused';
      if (this.#waiting('member') >= MAX_ASKING_MEMBERS) return 'busy';
      const fresh = openInvitation(this.#newId(), this.#newSecret(), now, 'member');
      return this.#keep({ ...fresh, boundTo: Uint8Array.from(bundle) });
    });
  }

  /**
   * Somebody got a card of mine through a mailbox, or was introduced, and will call. `agreed`: they certainly have it, so that they
   * are a contact from now on, in the same commit. Of what is already so nothing changes. @throws KithError 'disk-full'
   */
  promise(agreement: Promising, agreed: boolean): Promise<void> {
    return this.#queue.run(async () => {
      const { cardSecret, theirs } = agreement;
      const before = this.#invitations.withSecret(cardSecret);
      if (before?.promise?.agreed || (before && !agreed)) return;
      const id = before?.id ?? this.#newId();
      const invitation = promisedInvitation(id, cardSecret, promised(agreement, agreed), this.#now());
      if (!agreed) return this.#invitations.save([invitation]);
      await this.#options.contacts.agreed(theirs.fingerprint, (writes) => this.#invitations.save([invitation], writes));
    });
  }

  /** It came to nothing after all. */
  withdraw({ cardSecret }: Agreement): Promise<void> {
    return this.#queue.run(async () => {
      const invitation = this.#invitations.withSecret(cardSecret);
      if (invitation?.promise?.agreed === false)
        await this.#invitations.save([], [{ remove: 'invitations', key: invitation.id }]);
    });
  }

  /**
   * Cards on which a caller may come, ended ones included: for rendezvous. `quiet`: nobody needs to be looked for, because a
   * caller is on the line (`isCalled`) or the card has ended; who comes is answered all the same.
   */
  listening(isCalled: (id: string) => boolean): Sought[] {
    const now = this.#now();
    return this.#invitations
      .all()
      .filter((one) => isAnswered(one, now))
      .map((one) => ({
        id: one.id,
        card: this.cardOf(one),
        quiet: !isAwaited(one, now) || isCalled(one.id),
        lasting: one.promise !== undefined,
      }));
  }

  cardOf({ secret }: Invitation): Card {
    return { fingerprint: this.#options.self.fingerprint, secret: Uint8Array.from(secret) };
  }

  /** Newest first. */
  #handedOut(): Invitation[] {
    const now = this.#now();
    return this.#invitations.newestFirst().filter((one) => isHandedOut(one) && isOpen(one, now));
  }

  /** Of those who came this way: who has a card, or waits for my answer. */
  #waiting(way: Way): number {
    const now = this.#now();
    const all = this.#invitations.all().filter((one) => one.way === way);
    return all.filter((one) => isOpen(one, now) || one.request !== undefined).length;
  }

  /** On the disk; its secret. */
  async #keep(fresh: Invitation): Promise<Uint8Array> {
    await this.#invitations.save([fresh], this.#invitations.forgettable(0));
    return Uint8Array.from(fresh.secret);
  }

  #newId(): string {
    return toHex(this.#options.random.bytes(ID_BYTES));
  }

  #newSecret(): Uint8Array {
    return this.#options.random.bytes(CARD_SECRET_BYTES);
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
