// Becoming contacts with somebody met in a group: over the session of the two, one asks and the other gives a card that is good for
// nobody else. All the rest is first contact's, the person's answer too (group/GROUP.md, "Met in a group").
import { fromHex, toHex } from '../../bytes/hex.ts';
import { KithError, kindOf } from '../../errors.ts';
import { hasJoined, type MemberId } from '../../group/members-view.ts';
import type { Card } from '../../identity/card.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { type Acquaintance, acquaintanceSchema } from '../../wire/group-acquaintance.ts';
import type { GroupSays } from '../../wire/group-says.ts';
import type { ContactBook } from '../contact-book.ts';
import { mayTalk } from '../standing.ts';
import type { LiveGroup } from './live-group.ts';
import type { Reach } from './reach.ts';

/** Whoever is asked makes a card and writes it down first, milliseconds. */
const ANSWER_WITHIN_MS = 10_000;

export interface AcquaintancesOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly book: ContactBook;
  readonly reach: Pick<Reach, 'reach' | 'send'>;
  /** Takes a card that was made for me; attempt id. */
  readonly take: (card: Card) => Promise<string>;
  /** The secret of a card for this person alone, 16 bytes, or why there is none. */
  readonly cardFor: (bundle: Uint8Array) => Promise<Uint8Array | 'busy' | 'refused'>;
}

type Answer = Exclude<Acquaintance, { type: 'contact-ask' }>;

interface Asking {
  readonly group: string;
  readonly heard: (answer: Answer) => void;
}

export class Acquaintances {
  /** One question to a member at a time. */
  readonly #asking = new Map<MemberId, Asking>();

  constructor(private readonly options: AcquaintancesOptions) {}

  /**
   * Asks a fellow member to be a contact; attempt id.
   * @throws KithError 'group-not-member' | 'contact-known' | 'blocked' (by me) | 'member-away' | 'member-busy' | 'member-refused' |
   * 'disk-full'
   */
  async ask(live: LiveGroup, memberId: string): Promise<string> {
    const { book, reach, take } = this.options;
    const bundle = joinedBundle(live, memberId);
    if (!bundle || memberId === live.group.id) throw new KithError('group-not-member');
    const fingerprint = fromHex(memberId);
    const known = book.byFingerprint(fingerprint);
    if (known && mayTalk(known)) throw new KithError('contact-known');
    if (known?.mine === 'blocked') throw new KithError('blocked');
    if (!(await reach.reach(memberId, bundle))) throw new KithError('member-away');
    const answer = await this.#answerOf(memberId, Uint8Array.from(live.record.group));
    if (answer.type === 'contact-no') throw new KithError(answer.why === 'busy' ? 'member-busy' : 'member-refused');
    return take({ fingerprint, secret: Uint8Array.from(answer.secret) }).catch((error: unknown) => {
      // The one that they gave me before, of which they have not said yet what comes of it.
      throw kindOf(error) === 'card-used' ? new KithError('contact-known') : error;
    });
  }

  /** What a member says to me in a session of the two. @throws nothing for what it says */
  async received(live: LiveGroup, from: MemberId, message: Acquaintance): Promise<void> {
    if (message.type === 'contact-ask') return this.#answer(live, from);
    const asking = this.#asking.get(from);
    if (asking?.group === toHex(message.group)) asking.heard(message);
  }

  #answerOf(member: MemberId, group: Uint8Array<ArrayBuffer>): Promise<Answer> {
    const { clock, reach } = this.options;
    return new Promise((resolve, reject) => {
      const over = () => {
        deadline.cancel();
        if (this.#asking.get(member) === asking) this.#asking.delete(member);
      };
      const fail = () => {
        over();
        reject(new KithError('member-away'));
      };
      const deadline: Timer = clock.after(ANSWER_WITHIN_MS, fail);
      const asking: Asking = {
        group: toHex(group),
        heard(answer) {
          over();
          resolve(answer);
        },
      };
      this.#asking.set(member, asking);
      reach.send(member, { type: 'contact-ask', group }).catch(fail);
    });
  }

  /** Only who is in the group with me gets an answer. */
  async #answer(live: LiveGroup, from: MemberId): Promise<void> {
    const bundle = joinedBundle(live, from);
    if (!bundle) return;
    const { cardFor, reach, log } = this.options;
    const group = Uint8Array.from(live.record.group);
    const card = await cardFor(Uint8Array.from(bundle)).catch((error: unknown) => {
      log('warn', 'no card for a fellow member', { kind: kindOf(error) });
      return 'busy' as const;
    });
    const answer: Answer =
      typeof card === 'string'
        ? { type: 'contact-no', group, why: card }
        : { type: 'contact-card', group, secret: Uint8Array.from(card) };
    // Who has gone meanwhile asks again, and gets the same.
    await reach.send(from, answer).catch(() => undefined);
  }
}

/** Of a member who has joined a group that I have joined. */
function joinedBundle({ group }: LiveGroup, id: MemberId): Uint8Array | undefined {
  const { view } = group.members;
  return hasJoined(view, group.id) && hasJoined(view, id) ? view.member(id)?.bundle : undefined;
}

const types = new Set<string>(acquaintanceSchema.options.map(({ entries }) => entries.type.literal));

export const isAcquaintance = (message: GroupSays): message is Acquaintance => types.has(message.type);
