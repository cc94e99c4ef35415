// Meeting without a tracker (DOORS.md): one person gives another a text by any way there is, takes the text that comes back,
// and their two browsers are neighbours. Both pages stay open meanwhile.
import { toHex } from '../../bytes/hex.ts';
import { KithError, kindOf } from '../../errors.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Dialer, PendingAnswer, PendingOffer } from '../../ports/dialer.ts';
import type { Link } from '../../ports/link.ts';
import type { Log } from '../../ports/log.ts';
import type { Random } from '../../ports/random.ts';
import type { Overlay } from '../overlay-api.ts';
import {
  decodeAnswer,
  decodeInvitation,
  encodeAnswer,
  encodeInvitation,
  INVITATION_ID_BYTES,
  type InvitationAnswer,
} from './door-text.ts';
import { type GivenText, GivenTexts } from './given-texts.ts';

/** An invitation waits so long for its answer, and an answer for being used: people carry them by hand. Milliseconds. */
export const INVITATION_LIFE_MS = 3_600_000;
/** Clocks of two people may differ by so much, milliseconds. */
const CLOCK_SKEW_MS = 86_400_000;
/** Answers of ours that wait for their link; each is a connection. The oldest makes room. */
const MAX_ANSWERS = 3;
/** Own invitations remembered, to tell a text of ours and one that came too late. */
const MAX_OWN_IDS = 64;

export interface InvitationDeskOptions {
  readonly overlay: Pick<Overlay, 'adopt'>;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** `given` tells something else than before. */
  readonly changed: () => void;
}

/** To hand over, and under which id `given` says what becomes of it. */
export interface DoorText {
  readonly id: string;
  readonly text: string;
}

interface Waiting {
  readonly id: string;
  readonly offer: PendingOffer;
  readonly timer: Timer;
}

interface Answered extends DoorText {
  readonly answer: PendingAnswer;
}

export class InvitationDesk {
  readonly #options: InvitationDeskOptions;
  /** The invitation that waits; a new one replaces it. */
  #waiting: Waiting | undefined;
  /** By the id of the invitation, which is the other side's. */
  readonly #answered = new Map<string, Answered>();
  /** Answers in the making: whoever asks for one meanwhile gets the same, or a connection more would live for an hour. */
  readonly #making = new Map<string, Promise<DoorText>>();
  readonly #given: GivenTexts;
  /** Ids of all own invitations; true for those whose time is over. */
  readonly #own = new Map<string, boolean>();
  #invitations = 0;
  #closed = false;

  constructor(options: InvitationDeskOptions) {
    this.#options = options;
    this.#given = new GivenTexts(options.changed);
  }

  /** What became of the last texts, the oldest first. */
  get given(): readonly GivenText[] {
    return this.#given.view();
  }

  /** @throws KithError 'too-many-connections' | 'unsupported-browser' | 'link-closed' */
  async invite(): Promise<DoorText> {
    const { dialer, clock, random } = this.#options;
    const invitation = ++this.#invitations;
    const offer = await dialer.offer();
    if (this.#closed || invitation !== this.#invitations) {
      offer.cancel();
      throw new KithError('link-closed');
    }
    this.#withdraw();
    const bytes = random.bytes(INVITATION_ID_BYTES);
    const id = toHex(bytes);
    const timer = clock.after(INVITATION_LIFE_MS, () => {
      this.#withdraw();
      this.#own.set(id, true);
    });
    this.#waiting = { id, offer, timer };
    this.#remember(id);
    this.#given.give(id);
    return { id, text: encodeInvitation({ id: bytes, madeAt: clock.now(), signal: offer.signal }) };
  }

  /**
   * The text that answers somebody's invitation; the same again for the same invitation.
   * @throws KithError 'door-empty' | 'door-malformed' | 'door-own' | 'door-expired' | 'frame-version' | 'too-many-connections'
   */
  async answer(text: string): Promise<DoorText> {
    const { clock } = this.#options;
    const { id, madeAt, signal } = decodeInvitation(text);
    const key = toHex(id);
    if (this.#own.has(key)) throw new KithError('door-own');
    if (clock.now() - madeAt > INVITATION_LIFE_MS + CLOCK_SKEW_MS) throw new KithError('door-expired');
    const known = this.#answered.get(key);
    if (known) return { id: known.id, text: known.text };
    const making = this.#making.get(key) ?? this.#makeAnswer(id, signal).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  /**
   * Takes the answer to the invitation that waits; resolves when the two are neighbours.
   * @throws KithError 'door-empty' | 'door-malformed' | 'door-unexpected' | 'door-expired' | 'door-failed' | 'frame-version'
   */
  async accept(text: string): Promise<void> {
    const { id, signal } = decodeAnswer(text);
    const key = toHex(id);
    const waiting = this.#waiting;
    if (waiting?.id !== key) throw new KithError(this.#own.get(key) ? 'door-expired' : 'door-unexpected');
    try {
      const opening = waiting.offer.accept(signal);
      // Used up, unless the answer made no sense.
      opening.catch((error) => kindOf(error) === 'frame-malformed' || this.#withdraw(waiting));
      const link = await opening;
      this.#stopWaiting(waiting);
      await this.#adopt(link, true);
      this.#given.settle(key, 'met');
    } catch (error) {
      this.#options.log('debug', 'invitation failed', { kind: kindOf(error) });
      if (kindOf(error) === 'frame-malformed' && this.#waiting === waiting)
        throw new KithError('door-malformed', {}, { cause: error });
      this.#given.settle(key, 'over');
      throw new KithError('door-failed', {}, { cause: error });
    }
  }

  close(): void {
    this.#closed = true;
    this.#withdraw();
    for (const { answer } of this.#answered.values()) answer.cancel();
    this.#answered.clear();
  }

  async #makeAnswer(invitationId: Uint8Array, signal: Uint8Array): Promise<DoorText> {
    const { dialer, random } = this.#options;
    const answer = await dialer.answer(signal, { patienceMs: INVITATION_LIFE_MS }).catch((error) => {
      throw kindOf(error) === 'frame-malformed' ? new KithError('door-malformed', {}, { cause: error }) : error;
    });
    const said: InvitationAnswer = { id: invitationId, signal: answer.signal };
    const id = toHex(random.bytes(INVITATION_ID_BYTES));
    const answered = { id, text: encodeAnswer(said), answer };
    this.#given.give(id);
    this.#keep(toHex(invitationId), answered);
    void this.#follow(toHex(invitationId), answered);
    return { id, text: answered.text };
  }

  async #follow(key: string, answered: Answered): Promise<void> {
    try {
      await this.#adopt(await answered.answer.link, false);
      this.#given.settle(answered.id, 'met');
    } catch (error) {
      this.#options.log('debug', 'invitation not taken up', { kind: kindOf(error) });
      this.#given.settle(answered.id, 'over');
    } finally {
      if (this.#answered.get(key) === answered) this.#answered.delete(key);
    }
  }

  #adopt(link: Link, dialed: boolean): Promise<unknown> {
    return this.#options.overlay.adopt(link, { dialed });
  }

  #keep(key: string, answered: Answered): void {
    if (this.#closed) answered.answer.cancel();
    const [oldest] = this.#answered;
    if (oldest && this.#answered.size >= MAX_ANSWERS) {
      oldest[1].answer.cancel();
      this.#answered.delete(oldest[0]);
    }
    this.#answered.set(key, answered);
  }

  /** The invitation that waits is over. */
  #withdraw(only?: Waiting): void {
    const waiting = this.#waiting;
    if (!waiting || (only && only !== waiting)) return;
    this.#stopWaiting(waiting);
    this.#given.settle(waiting.id, 'over');
  }

  #stopWaiting(waiting: Waiting): void {
    if (this.#waiting === waiting) this.#waiting = undefined;
    waiting.timer.cancel();
    waiting.offer.cancel(); // of no effect on a link
  }

  #remember(key: string): void {
    this.#own.set(key, false);
    const [oldest] = this.#own.keys();
    if (oldest !== undefined && this.#own.size > MAX_OWN_IDS) this.#own.delete(oldest);
  }
}
