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
import { decodeAnswer, decodeInvitation, encodeAnswer, encodeInvitation, INVITATION_ID_BYTES } from './door-text.ts';

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
}

interface Waiting {
  readonly id: string;
  readonly offer: PendingOffer;
  readonly timer: Timer;
}

interface Answered {
  readonly text: string;
  readonly answer: PendingAnswer;
}

export class InvitationDesk {
  readonly #options: InvitationDeskOptions;
  /** The invitation that waits; a new one replaces it. */
  #waiting: Waiting | undefined;
  readonly #answered = new Map<string, Answered>();
  /** Ids of all own invitations; true for those whose time is over. */
  readonly #own = new Map<string, boolean>();
  #invitations = 0;
  #closed = false;

  constructor(options: InvitationDeskOptions) {
    this.#options = options;
  }

  /** @throws KithError 'too-many-connections' | 'unsupported-browser' | 'link-closed' */
  async invite(): Promise<string> {
    const { dialer, clock, random } = this.#options;
    const invitation = ++this.#invitations;
    const offer = await dialer.offer();
    if (this.#closed || invitation !== this.#invitations) {
      offer.cancel();
      throw new KithError('link-closed');
    }
    this.#withdraw();
    const id = random.bytes(INVITATION_ID_BYTES);
    const timer = clock.after(INVITATION_LIFE_MS, () => {
      this.#withdraw();
      this.#own.set(toHex(id), true);
    });
    this.#waiting = { id: toHex(id), offer, timer };
    this.#remember(toHex(id));
    return encodeInvitation({ id, madeAt: clock.now(), signal: offer.signal });
  }

  /**
   * The text that answers somebody's invitation; the same again for the same invitation.
   * @throws KithError 'door-empty' | 'door-malformed' | 'door-own' | 'door-expired' | 'frame-version' | 'too-many-connections'
   */
  async answer(text: string): Promise<string> {
    const { dialer, clock } = this.#options;
    const { id, madeAt, signal } = decodeInvitation(text);
    const key = toHex(id);
    if (this.#own.has(key)) throw new KithError('door-own');
    if (clock.now() - madeAt > INVITATION_LIFE_MS + CLOCK_SKEW_MS) throw new KithError('door-expired');
    const known = this.#answered.get(key);
    if (known) return known.text;
    const answer = await dialer.answer(signal, { patienceMs: INVITATION_LIFE_MS }).catch((error) => {
      throw kindOf(error) === 'frame-malformed' ? new KithError('door-malformed', {}, { cause: error }) : error;
    });
    const answered = { text: encodeAnswer({ id, signal: answer.signal }), answer };
    this.#keep(key, answered);
    void this.#follow(key, answered);
    return answered.text;
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
      this.#withdraw(waiting);
      await this.#adopt(link, true);
    } catch (error) {
      this.#options.log('debug', 'invitation failed', { kind: kindOf(error) });
      throw new KithError(kindOf(error) === 'frame-malformed' ? 'door-malformed' : 'door-failed', {}, { cause: error });
    }
  }

  close(): void {
    this.#closed = true;
    this.#withdraw();
    for (const { answer } of this.#answered.values()) answer.cancel();
    this.#answered.clear();
  }

  async #follow(key: string, { answer }: Answered): Promise<void> {
    try {
      await this.#adopt(await answer.link, false);
    } catch (error) {
      this.#options.log('debug', 'invitation not taken up', { kind: kindOf(error) });
    } finally {
      this.#answered.delete(key);
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

  #withdraw(only?: Waiting): void {
    const waiting = this.#waiting;
    if (!waiting || (only && only !== waiting)) return;
    this.#waiting = undefined;
    waiting.timer.cancel();
    waiting.offer.cancel(); // of no effect on a link
  }

  #remember(key: string): void {
    this.#own.set(key, false);
    const [oldest] = this.#own.keys();
    if (oldest !== undefined && this.#own.size > MAX_OWN_IDS) this.#own.delete(oldest);
  }
}
