// The calls that I make by cards I took: one at a time for each card, because two at once could each leave another secret on either
// side.
import { type ErrorKind, kindOf } from '../errors.ts';
import type { Identity } from '../identity/keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { Queue } from '../queue.ts';
import { type Attempt, cardOf } from './attempt.ts';
import { type Control, decodeControl, encodeControl } from './control.ts';
import { callShower, type FirstContact } from './first-contact.ts';

/** A shower who says nothing for so long after the handshake is given up; the next call may find a healthier page. */
const WORD_DEADLINE_MS = 30_000;

export interface PlacedCallsOptions {
  readonly self: Identity;
  readonly name: () => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** A call has begun or ended. */
  readonly changed: () => void;
  /** What is heard is carried out in it, one word after the other. */
  readonly queue: Queue;
}

/** What becomes of what is heard. */
export interface Caller {
  /** The attempt while it waits for an answer; undefined: nobody needs to be called any more. */
  waiting(attemptId: string): Attempt | undefined;
  hear(attemptId: string, contact: FirstContact, control: Control): Promise<void>;
  /** Before or in the handshake. Never rejects. */
  failed(attemptId: string, kind: ErrorKind): Promise<void>;
}

interface Line {
  readonly link: Link;
  contact: FirstContact | undefined;
  /** Everything heard on it is carried out, and nothing more will come. */
  ended: Promise<void>;
}

export class PlacedCalls {
  readonly #options: PlacedCallsOptions;
  readonly #caller: Caller;
  readonly #lines = new Map<string, Line>();
  #closed = false;

  constructor(options: PlacedCallsOptions, caller: Caller) {
    this.#options = options;
    this.#caller = caller;
  }

  /** Somebody is on the line. */
  has(attemptId: string): boolean {
    return this.#lines.has(attemptId);
  }

  /** Calls over this link, in the place of a call under way. Resolves when the call is over; never rejects. */
  async place(link: Link, attemptId: string): Promise<void> {
    for (let before = this.#lines.get(attemptId); before !== undefined; before = this.#lines.get(attemptId)) {
      if (this.#caller.waiting(attemptId) === undefined) break;
      before.link.close();
      await before.ended;
    }
    const attempt = this.#caller.waiting(attemptId);
    if (this.#closed || attempt === undefined) return link.close();
    const line: Line = { link, contact: undefined, ended: Promise.resolve() };
    this.#lines.set(attemptId, line);
    line.ended = this.#callOn(line, attempt);
    this.#options.changed();
    await line.ended;
  }

  /** Nothing will come of this attempt. One whose handshake is under way says so when that is done, if `politely`. */
  cancel(attemptId: string, politely: boolean): void {
    const line = this.#lines.get(attemptId);
    if (line?.contact !== undefined) sayCancelled(line.contact);
    else if (!politely) line?.link.close();
  }

  close(): void {
    this.#closed = true;
    for (const { link } of this.#lines.values()) link.close();
  }

  async #callOn(line: Line, attempt: Attempt): Promise<void> {
    try {
      const { name, ...rest } = this.#options;
      const { promise } = attempt;
      line.contact = await callShower({ ...rest, link: line.link, card: cardOf(attempt), promise, name: name() });
      await this.#listen(attempt.id, line.contact);
    } catch (error) {
      await this.#caller.failed(attempt.id, kindOf(error));
    } finally {
      this.#lines.delete(attempt.id);
      this.#options.changed();
    }
  }

  /** Resolves when the call has ended and everything heard on it is carried out. */
  #listen(attemptId: string, contact: FirstContact): Promise<void> {
    const { clock, queue } = this.#options;
    const { channel } = contact;
    const deadline = clock.after(WORD_DEADLINE_MS, () => channel.close(false));
    const ended = new Promise<void>((resolve) => channel.onClose(() => resolve(queue.run(async () => {}))));
    channel.onMessage((payload) => {
      deadline.cancel();
      const step = queue.run(() => this.#caller.hear(attemptId, contact, decodeControl(payload)));
      step.catch((error: unknown) => this.#stepFailed(contact, error));
    });
    if (this.#caller.waiting(attemptId) === undefined) sayCancelled(contact);
    return ended.finally(() => deadline.cancel());
  }

  /** A step that could not be carried out, for lack of room or because it made no sense, leaves the attempt as it was. */
  #stepFailed({ channel }: FirstContact, error: unknown): void {
    this.#options.log('warn', 'step of first contact failed', { kind: kindOf(error) });
    channel.close(false);
  }
}

export function sayCancelled({ channel }: FirstContact): void {
  channel.send(encodeControl({ say: 'cancelled' })).catch(() => undefined);
  channel.close();
}
