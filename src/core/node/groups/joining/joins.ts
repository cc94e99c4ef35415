// The cards of groups that I took: looks for the admin whom each names, asks to be let in, and goes on asking after a reload.
import { equalBytes } from '../../../bytes/bytes.ts';
import { toHex } from '../../../bytes/hex.ts';
import { type SigningKey, signingKeyFromSeed } from '../../../crypto/sign.ts';
import { type ErrorKind, KithError, kindOf } from '../../../errors.ts';
import { askByCard, cardKey, type GroupCard, parseGroupCard } from '../../../group/membership/group-card.ts';
import type { AttemptView } from '../../../node-api.ts';
import { cardMeeting } from '../../../pairing/card-keys.ts';
import { type DeskOptions, LONGEST_WAIT_MS } from '../../../pairing/desk.ts';
import type { Timer } from '../../../ports/clock.ts';
import type { Link } from '../../../ports/link.ts';
import type { Write } from '../../../ports/store.ts';
import { Queue } from '../../../queue.ts';
import type { Rendezvous } from '../../../rendezvous/rendezvous.ts';
import type { GroupAnswer } from '../../../wire/group-messages.ts';
import { Appointments, type Wanted } from '../../appointments.ts';
import { inBackground } from '../../background.ts';
import { HolderCall } from './call.ts';
import {
  cardOf,
  decodeJoin,
  encodeJoin,
  isBy,
  JOIN_LIFE_MS,
  JOINS,
  type JoinRecord,
  joinKey,
  keyOf,
  MAX_GIVEN_UP,
  MAX_JOINS,
} from './join-record.ts';

/** I was let in: everything to go on with. */
export interface Entry {
  /** SHA-256 of the creation. */
  readonly group: Uint8Array;
  /** Seed of my key in it. */
  readonly seed: Uint8Array;
  /** Bundle of the admin who let me in: until the group's operations are here nobody else of it is known. */
  readonly letInBy: Uint8Array;
}

export interface JoinsOptions extends Omit<DeskOptions, 'contacts'> {
  readonly rendezvous: Rendezvous;
  readonly hasJoined: (group: Uint8Array) => boolean;
  /** In one commit with `writes`. */
  readonly enter: (entry: Entry, writes: readonly Write[]) => Promise<void>;
}

const refusals: Readonly<Record<Extract<GroupAnswer, { answer: 'refused' }>['reason'], ErrorKind>> = {
  'card-over': 'group-card-over',
  full: 'group-full',
  refused: 'group-declined',
  member: 'group-mine',
};

export class Joins {
  readonly #joins = new Map<string, JoinRecord>();
  /** Calls under way, by attempt. */
  readonly #calls = new Map<string, Link>();
  readonly #appointments: Appointments;
  readonly #queue = new Queue();
  #timer: Timer | undefined;
  #closed = false;

  constructor(private readonly options: JoinsOptions) {
    this.#appointments = new Appointments(options, () => this.#wanted());
  }

  /** Records that make no sense are left alone. */
  async load(): Promise<void> {
    for (const { value } of await this.options.store.list('groups', { prefix: JOINS })) {
      try {
        const join = decodeJoin(value);
        this.#joins.set(join.id, join);
      } catch (error) {
        this.options.log('warn', 'card of a group not read', { kind: kindOf(error) });
      }
    }
    await this.#look();
  }

  views(): AttemptView[] {
    return [...this.#joins.values()]
      .filter(({ state }) => state !== 'given-up')
      .map(({ id, state, kind, startedAt }) => ({
        id,
        state: state === 'failed' ? 'failed' : this.#calls.has(id) ? 'calling' : 'waiting',
        kind: kind ?? null,
        startedAt,
        way: 'group',
      }));
  }

  /** Attempt id. @throws KithError 'card-…' for what is no card of a group, 'card-own' for one of mine, 'group-joins-full' */
  take(text: string): Promise<string> {
    const card = parseGroupCard(text);
    if (equalBytes(card.fingerprint, this.options.self.fingerprint)) throw new KithError('card-own');
    return this.#queue.run(async () => {
      const before = [...this.#joins.values()].find((join) => isBy(join, card));
      if (before?.state === 'waiting') return before.id;
      const waiting = [...this.#joins.values()].filter(({ state }) => state === 'waiting');
      if (waiting.length >= MAX_JOINS) throw new KithError('group-joins-full');
      const join = { ...this.#fresh(card), ...keyOf(before) };
      await this.#save(join, before ? [{ remove: 'groups', key: joinKey(before.id) }] : []);
      if (before) this.#joins.delete(before.id);
      this.#changed();
      return join.id;
    });
  }

  /** Asks no longer, or has read why it failed. False: no attempt of this id is about a group. */
  async dismiss(attemptId: string): Promise<boolean> {
    if (!this.#joins.has(attemptId)) return false;
    await this.#queue.run(async () => {
      const join = this.#joins.get(attemptId);
      if (join?.seed === undefined) await this.#remove([attemptId]);
      else {
        const { kind: _, ...rest } = join;
        await this.#save({ ...rest, state: 'given-up' });
      }
    });
    this.#calls.get(attemptId)?.close();
    this.#changed();
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#appointments.close();
    for (const link of this.#calls.values()) link.close();
  }

  #fresh({ fingerprint, secret }: GroupCard): JoinRecord {
    const { clock, random } = this.options;
    const id = toHex(random.bytes(16));
    return { v: 1, id, fingerprint, secret, startedAt: clock.now(), state: 'waiting' };
  }

  #wanted(): Map<string, Wanted> {
    const waiting = [...this.#joins.values()].filter(({ state }) => state === 'waiting');
    return new Map(
      waiting.map((join): [string, Wanted] => [
        `join/${join.id}`,
        {
          meeting: () => cardMeeting(cardOf(join), 'initiator', 'kith group card'),
          onLink: (link) => inBackground(this.options.log, 'call by a group’s card', this.#call(link, join.id)),
          quiet: this.#calls.has(join.id),
          lasting: true,
        },
      ]),
    );
  }

  /** One at a time for each card; the newest link is the one that works. */
  async #call(link: Link, id: string): Promise<void> {
    if (this.#closed || this.#joins.get(id)?.state !== 'waiting') return link.close();
    this.#calls.get(id)?.close();
    this.#calls.set(id, link);
    this.#changed();
    try {
      const outcome = await this.#ask(link, id);
      await this.#queue.run(() => this.#settle(id, outcome));
    } finally {
      if (this.#calls.get(id) === link) this.#calls.delete(id);
      this.#changed();
    }
  }

  /** @throws KithError 'link-closed' and others when there is no answer yet: the next call may bring one */
  async #ask(link: Link, id: string): Promise<Entry | ErrorKind> {
    const join = this.#joins.get(id);
    if (join === undefined) throw new KithError('link-closed');
    const { self, name, clock, random, log } = this.options;
    const card = cardOf(join);
    const call = await HolderCall.place({ link, self, name: name(), clock, random, log, card });
    try {
      const { publicKey } = await cardKey(card);
      await call.ask(publicKey);
      const first = await call.answer();
      if (first.answer === 'refused') return refusals[first.reason];
      if (first.answer !== 'group') throw new KithError('frame-malformed');
      const group = Uint8Array.from(first.group);
      if (this.options.hasJoined(group)) return 'group-mine';
      const [seed, key] = await this.#keyFor(id, group);
      const { binding, proof } = await askByCard(card, group, self, key.publicKey);
      await call.ask(publicKey, { key: key.publicKey, binding, proof });
      let answer = await call.answer();
      while (answer.answer === 'asked') answer = await call.answer(true);
      if (answer.answer === 'refused') return refusals[answer.reason];
      if (!equalBytes(answer.group, group)) throw new KithError('frame-malformed');
      return { group, seed, letInBy: call.admin.bundle };
    } finally {
      call.end();
    }
  }

  /** The same one whenever I ask for this group by this card: on the disk before anybody sees it. */
  #keyFor(id: string, group: Uint8Array): Promise<[Uint8Array, SigningKey]> {
    return this.#queue.run(async () => {
      const join = this.#joins.get(id);
      if (join === undefined) throw new KithError('link-closed');
      const known = join.group && equalBytes(join.group, group) ? join.seed : undefined;
      const seed = known ?? this.options.random.bytes(32);
      if (known === undefined) await this.#save({ ...join, group, seed });
      return [seed, await signingKeyFromSeed(Uint8Array.from(seed))];
    });
  }

  async #settle(id: string, outcome: Entry | ErrorKind): Promise<void> {
    const join = this.#joins.get(id);
    if (join?.state !== 'waiting') return;
    const fail = (kind: ErrorKind) => this.#save({ ...join, state: 'failed', kind });
    if (typeof outcome === 'string') return fail(outcome);
    // An invitation may have been taken meanwhile: the key in use is not given up for another one.
    if (this.options.hasJoined(outcome.group)) return fail('group-mine');
    await this.options.enter(outcome, [{ remove: 'groups', key: joinKey(id) }]);
    this.#joins.delete(id);
  }

  async #save(join: JoinRecord, others: readonly Write[] = []): Promise<void> {
    const writes: Write[] = [...others, { put: 'groups', key: joinKey(join.id), value: encodeJoin(join) }];
    await this.options.store.commit(writes, 'strict');
    this.#joins.set(join.id, join);
  }

  async #remove(ids: readonly string[]): Promise<void> {
    await this.options.store.commit(
      ids.map((id) => ({ remove: 'groups', key: joinKey(id) })),
      'strict',
    );
    for (const id of ids) this.#joins.delete(id);
  }

  #changed(): void {
    if (this.#closed) return;
    this.#appointments.fit();
    this.options.changed();
  }

  /** Whoever made the card never came while it can have been valid. */
  async #look(): Promise<void> {
    const { clock, log } = this.options;
    await this.#queue.run(async () => {
      for (const join of this.#joins.values()) {
        const isOver = Math.abs(clock.now() - join.startedAt) >= JOIN_LIFE_MS;
        if (join.state === 'waiting' && isOver) await this.#save({ ...join, state: 'failed', kind: 'group-card-over' });
      }
      const givenUp = [...this.#joins.values()].filter(({ state }) => state === 'given-up');
      const byAge = givenUp.sort((one, other) => other.startedAt - one.startedAt);
      const isOld = ({ startedAt }: JoinRecord) => Math.abs(clock.now() - startedAt) >= 2 * JOIN_LIFE_MS;
      const old = byAge.filter((join, at) => at >= MAX_GIVEN_UP || isOld(join));
      if (old.length > 0) await this.#remove(old.map(({ id }) => id));
    });
    this.#changed();
    if (this.#closed) return;
    this.#timer = clock.after(LONGEST_WAIT_MS, () => inBackground(log, 'cards of groups not looked at', this.#look()));
  }
}
