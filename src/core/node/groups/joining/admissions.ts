// The cards of groups that I made: whoever holds one calls under it, and is let in, asked about, or told why not.
import { equalBytes } from '../../../bytes/bytes.ts';
import { fromHex, toHex } from '../../../bytes/hex.ts';
import { KithError, kindOf } from '../../../errors.ts';
import type { MemberId } from '../../../group/members-view.ts';
import {
  answerToCard,
  cardKey,
  checkAsking,
  encodeGroupCard,
  type GroupCard,
  type IssuedCard,
  issuedCards,
} from '../../../group/membership/group-card.ts';
import { webCrypto } from '../../../group/membership/reading.ts';
import { decodeBundle } from '../../../identity/bundle.ts';
import { cleanName } from '../../../identity/names.ts';
import type { GroupCardView, JoinRequestView } from '../../../node-api.ts';
import { cardMeeting } from '../../../pairing/card-keys.ts';
import type { DeskOptions } from '../../../pairing/desk.ts';
import type { Link } from '../../../ports/link.ts';
import { Queue } from '../../../queue.ts';
import type { Rendezvous } from '../../../rendezvous/rendezvous.ts';
import type { GroupAnswer, GroupAsk } from '../../../wire/group-messages.ts';
import { MAX_GROUP_MEMBERS } from '../../../wire/limits.ts';
import { Appointments, type Wanted } from '../../appointments.ts';
import { inBackground } from '../../background.ts';
import { type GroupRecord, groupKeys } from '../group-records.ts';
import type { LiveGroup } from '../live-group.ts';
import { type AskerCall, answerAsker } from './call.ts';
import { decodeRequest, encodeRequest, MAX_REQUESTS, type RequestRecord } from './request-record.ts';

/** Cards of one group that still work, by one admin: each is a topic to listen on. */
const MAX_CARDS = 16;
/** Of one group, ended ones included: whoever makes and revokes them over and over must not listen on ever more topics. */
const MAX_REMEMBERED = 2 * MAX_CARDS;
/** For so long a card works at most, and is still answered when it is over, so that a late holder hears why. Milliseconds. */
const LONGEST_MS = 7 * 24 * 3_600_000;
/** Calls answered at a time under one card, besides those that wait for a person: each costs a handshake. */
const MAX_CALLS = 4;
/** Refusals remembered of one group: the oldest is forgotten before another one. */
const MAX_REFUSALS = 128;

export interface AdmissionsOptions extends Omit<DeskOptions, 'contacts' | 'changed'> {
  readonly rendezvous: Rendezvous;
  readonly groups: () => readonly LiveGroup[];
  readonly save: (live: LiveGroup, change: Pick<GroupRecord, 'cards'>) => Promise<void>;
  /** '' while it is derived. */
  readonly number: (member: MemberId) => string;
  /** The group's cards or requests are different now. */
  readonly changed: (live: LiveGroup) => void;
  /** The person wants nothing to do with this one. */
  readonly isBlocked: (member: MemberId) => boolean;
}

interface Line {
  call: AskerCall | undefined;
}

const refused = (reason: Extract<GroupAnswer, { answer: 'refused' }>['reason']): GroupAnswer => ({
  type: 'group-answer',
  answer: 'refused',
  reason,
});

const named = ({ record }: LiveGroup): GroupAnswer => ({
  type: 'group-answer',
  answer: 'group',
  group: Uint8Array.from(record.group),
});

export class Admissions {
  /** By conversation, by member. */
  readonly #requests = new Map<string, Map<MemberId, RequestRecord>>();
  /** Who is on the line now, by member, and waits for my answer. */
  readonly #waiting = new Map<string, AskerCall>();
  /** By the secret of the card under which they came. */
  readonly #lines = new Map<string, Set<Line>>();
  readonly #appointments: Appointments;
  /** One after another: two who hold the last use of a card must not both be let in. */
  readonly #queue = new Queue();

  constructor(private readonly options: AdmissionsOptions) {
    this.#appointments = new Appointments(options, () => this.#wanted());
  }

  /** What an earlier page left. */
  async load(): Promise<void> {
    for (const live of this.options.groups()) {
      const prefix = groupKeys.request(live.id, '');
      for (const { key, value } of await this.options.store.list('group-state', { prefix })) {
        try {
          this.#of(live).set(key.slice(prefix.length), decodeRequest(value));
        } catch (error) {
          this.options.log('warn', 'request to join not read', { kind: kindOf(error) });
        }
      }
    }
    this.look();
  }

  /** A group is there that was not, or its members or cards have changed. */
  look(): void {
    this.#appointments.fit();
    for (const live of this.options.groups()) {
      if (this.#of(live).size === 0) continue;
      inBackground(
        this.options.log,
        'requests to join not looked at',
        this.#queue.run(() => this.#tidy(live)),
      );
    }
  }

  close(): void {
    this.#appointments.close();
    for (const call of this.#waiting.values()) call.end();
  }

  /** Mine that work, the newest first. */
  cards(live: LiveGroup): GroupCardView[] {
    // Asked at every message.
    if (live.record.cards === undefined) return [];
    const issued = this.#issued(live);
    const views = live.record.cards.flatMap(({ secret, key }): GroupCardView[] => {
      const one = issued.get(toHex(key));
      if (one === undefined) return [];
      const { hash, uses, used, until } = one;
      const text = encodeGroupCard(this.#card(secret));
      return [{ id: toHex(hash), text, usesLeft: uses - used, uses, expiresAt: until }];
    });
    return views.reverse();
  }

  requests(live: LiveGroup): JoinRequestView[] {
    const requests = [...this.#of(live)].filter(([, { refused }]) => !refused);
    if (requests.length === 0) return [];
    const issued = this.#issued(live);
    return requests
      .filter(([id, { cardKey }]) => issued.has(toHex(cardKey)) && !live.group.members.view.has(id))
      .sort(([, one], [, other]) => one.at - other.at)
      .map(([id, { person }]) => ({ id, number: this.options.number(id), name: cleanName(person) }));
  }

  /**
   * Its secret is on the disk before the group hears of it.
   * @param uses 1 … 49. @param milliseconds from now, a week at most
   * @throws KithError 'group-not-admin' | 'group-not-member' | 'group-cards-full' | 'disk-full' | 'internal' for other sizes
   */
  newCard(live: LiveGroup, uses: number, milliseconds: number): Promise<GroupCardView> {
    const { clock, random } = this.options;
    const fits = Number.isInteger(uses) && uses >= 1 && uses < MAX_GROUP_MEMBERS;
    if (!fits || !(milliseconds > 0 && milliseconds <= LONGEST_MS)) throw new KithError('internal');
    return this.#queue.run(async () => {
      const issued = this.#issued(live);
      if (issued.size >= MAX_CARDS) throw new KithError('group-cards-full');
      const card = this.#card(random.bytes(16));
      const { publicKey } = await cardKey(card);
      const until = Math.floor(clock.now() + milliseconds);
      const remembered = this.#remembered(live);
      const ended = remembered.filter(({ key }) => !issued.has(toHex(key)));
      const forgotten = ended.slice(0, Math.max(0, remembered.length + 1 - MAX_REMEMBERED));
      const before = remembered.filter((one) => !forgotten.includes(one));
      await this.options.save(live, { cards: [...before, { secret: card.secret, key: publicKey, until }] });
      const asks = live.record.admission === 'ask';
      const issue = () => live.group.act({ do: 'card', key: publicKey, uses, until, asks });
      const { hash } = await issue().catch(async (error: unknown) => {
        // Nobody will ever come by it.
        await this.options.save(live, { cards: before });
        throw error;
      });
      this.#changed(live);
      return { id: toHex(hash), text: encodeGroupCard(card), usesLeft: uses, uses, expiresAt: until };
    });
  }

  /** @throws KithError 'group-card-over' when there is none */
  async revoke(live: LiveGroup, cardId: string): Promise<void> {
    if (!/^[0-9a-f]{64}$/.test(cardId)) throw new KithError('group-card-over');
    await live.group.act({ do: 'revoke', card: fromHex(cardId) });
    this.#changed(live);
  }

  /**
   * My answer to somebody who waits; told to them now, or when they ask again.
   * @throws KithError 'group-card-over' when there is nothing to answer (any more) | 'group-full' | 'group-member' | 'group-not-admin'
   */
  answer(live: LiveGroup, requestId: string, how: 'accept' | 'refuse'): Promise<void> {
    return this.#queue.run(async () => {
      const request = this.#of(live).get(requestId);
      if (request === undefined || request.refused) throw new KithError('group-card-over');
      const line = this.#waiting.get(lineOf(live, requestId));
      if (how === 'refuse') {
        await this.#keep(live, requestId, { ...request, refused: true });
        line?.say(refused('refused'));
      } else {
        await this.#admit(live, request);
        line?.say(named(live));
      }
      line?.end();
      this.#changed(live);
    });
  }

  #changed(live: LiveGroup): void {
    this.#appointments.fit();
    this.options.changed(live);
  }

  #card(secret: Uint8Array): GroupCard {
    return { fingerprint: Uint8Array.from(this.options.self.fingerprint), secret: Uint8Array.from(secret) };
  }

  #of(live: LiveGroup): Map<MemberId, RequestRecord> {
    const known = this.#requests.get(live.id);
    if (known) return known;
    const requests = new Map<MemberId, RequestRecord>();
    this.#requests.set(live.id, requests);
    return requests;
  }

  /** Mine that work, by their public keys. */
  #issued({ group }: LiveGroup): Map<string, IssuedCard> {
    const now = this.options.clock.now();
    const works = ({ issuedBy, used, uses, until }: IssuedCard) => issuedBy === group.id && used < uses && now <= until;
    const cards = group.members.view.member(group.id)?.role === 'admin' ? issuedCards(group.log).filter(works) : [];
    return new Map(cards.map((card) => [toHex(card.key), card]));
  }

  #remembered({ record }: LiveGroup): NonNullable<GroupRecord['cards']> {
    const now = this.options.clock.now();
    return (record.cards ?? []).filter(({ until }) => now < until + LONGEST_MS);
  }

  #wanted(): Map<string, Wanted> {
    const { clock, log } = this.options;
    const cards = this.options.groups().flatMap((live) => this.#remembered(live).map((card) => ({ live, ...card })));
    return new Map(
      cards.map(({ live, secret, until }): [string, Wanted] => {
        const card = this.#card(secret);
        return [
          `door/${live.id}/${toHex(secret)}`,
          {
            meeting: () => cardMeeting(card, 'responder', 'kith group card'),
            onLink: (link) => inBackground(log, 'holder of a card not answered', this.#answerCall(live.id, card, link)),
            quiet: clock.now() > until,
            lasting: true,
          },
        ];
      }),
    );
  }

  async #answerCall(id: string, card: GroupCard, link: Link): Promise<void> {
    const { self, name, clock, random, log } = this.options;
    const secret = toHex(card.secret);
    const lines = this.#lines.get(secret) ?? new Set();
    if ([...lines].filter(({ call }) => !call?.waits).length >= MAX_CALLS) return link.close();
    this.#lines.set(secret, lines);
    const line: Line = { call: undefined };
    lines.add(line);
    const options = { link, self, name: name(), clock, random, log, card };
    try {
      await answerAsker(options, (call, ask) => {
        line.call = call;
        return this.#queue.run(() => this.#hear(id, card, call, ask));
      });
    } finally {
      lines.delete(line);
      for (const [key, call] of this.#waiting) if (call.channel.ended) this.#waiting.delete(key);
    }
  }

  async #hear(id: string, card: GroupCard, call: AskerCall, ask: GroupAsk): Promise<void> {
    const key = (await cardKey(card)).publicKey;
    if (!equalBytes(ask.cardKey, key)) throw new KithError('group-forged');
    const live = this.options.groups().find((one) => one.id === id);
    const answer = live ? await this.#answerFor(live, key, call, ask) : refused('card-over');
    call.say(answer);
    const isOver = answer.answer === 'refused' || (answer.answer === 'group' && ask.joining !== undefined);
    if (isOver) return call.end();
    if (live === undefined || answer.answer !== 'asked') return;
    // Nobody waits twice.
    const place = lineOf(live, toHex(call.person.fingerprint));
    const before = this.#waiting.get(place);
    if (before !== call) before?.end();
    this.#waiting.set(place, call);
  }

  async #answerFor(live: LiveGroup, cardKey: Uint8Array, call: AskerCall, ask: GroupAsk): Promise<GroupAnswer> {
    const { group, record } = live;
    const { person } = call;
    const member = toHex(person.fingerprint);
    const known = group.members.view.member(member);
    // Let in before, and the answer was lost: the group's name is no secret to a member.
    if (known?.state === 'joined') {
      const isTheirs = ask.joining === undefined || equalBytes(known.signKey, ask.joining.key);
      return isTheirs ? named(live) : refused('member');
    }
    if (known) return refused('member');
    const verdict = answerToCard(group.log, cardKey, this.options.clock.now());
    if (!verdict.let || !this.#issued(live).has(toHex(cardKey))) return refused('card-over');
    if (group.members.view.members().length >= MAX_GROUP_MEMBERS) return refused('full');
    if (this.#of(live).get(member)?.refused) return refused('refused');
    if (ask.joining === undefined) return named(live);
    const asking = { ...ask.joining, cardKey };
    const signer = { fingerprint: person.fingerprint, signing: decodeBundle(Uint8Array.from(person.bundle)).signing };
    if (!(await checkAsking(Uint8Array.from(record.group), signer, asking, webCrypto)))
      throw new KithError('group-forged');
    const { bundle } = person;
    const at = this.options.clock.now();
    const request: RequestRecord = { v: 1, bundle, person: ask.person, ...asking, at, refused: false };
    const asks = record.admission === 'ask' || wasThrownOut(live, member) || this.options.isBlocked(member);
    return asks ? this.#askPerson(live, member, request) : this.#letIn(live, request);
  }

  async #askPerson(live: LiveGroup, member: MemberId, request: RequestRecord): Promise<GroupAnswer> {
    const requests = this.#of(live);
    const before = requests.get(member);
    const waiting = [...requests.values()].filter(({ refused }) => !refused);
    if (before === undefined && waiting.length >= MAX_REQUESTS) throw new KithError('group-refused');
    await this.#keep(live, member, { ...request, at: before?.at ?? request.at });
    this.options.changed(live);
    return { type: 'group-answer', answer: 'asked' };
  }

  async #letIn(live: LiveGroup, request: RequestRecord): Promise<GroupAnswer> {
    try {
      await this.#admit(live, request);
      return named(live);
    } catch (error) {
      const kind = kindOf(error);
      if (kind === 'group-full') return refused('full');
      if (kind === 'group-member') return refused('member');
      if (kind === 'group-card-over') return refused('card-over');
      throw error;
    }
  }

  /** @throws KithError what everybody would say of it */
  async #admit(live: LiveGroup, { bundle, person, key, cardKey, binding, proof }: RequestRecord): Promise<void> {
    const issued = this.#issued(live).get(toHex(cardKey));
    if (issued === undefined) throw new KithError('group-card-over');
    const by = { card: issued.hash, cardKey, key, binding, proof };
    const { subject } = await live.group.act({ do: 'add', bundle, person, by });
    await this.#forget(live, [subject]);
    this.#changed(live);
  }

  /** Askings by cards that work no more cannot be answered, and refusals by cards that are forgotten need no keeping. */
  async #tidy(live: LiveGroup): Promise<void> {
    const issued = this.#issued(live);
    const remembered = new Set(this.#remembered(live).map(({ key }) => toHex(key)));
    const requests = [...this.#of(live)];
    const over = requests.filter(([, { refused, cardKey }]) => !refused && !issued.has(toHex(cardKey)));
    const refusals = requests.filter(([, one]) => one.refused).sort(([, one], [, other]) => other.at - one.at);
    const old = refusals.filter(([, { cardKey }], at) => at >= MAX_REFUSALS || !remembered.has(toHex(cardKey)));
    if (over.length + old.length === 0) return;
    await this.#forget(
      live,
      [...over, ...old].map(([member]) => member),
    );
    for (const [member] of over) {
      const call = this.#waiting.get(lineOf(live, member));
      call?.say(refused('card-over'));
      call?.end();
    }
    this.options.changed(live);
  }

  async #forget(live: LiveGroup, members: readonly MemberId[]): Promise<void> {
    const keys = members.map((member) => groupKeys.request(live.id, member));
    await this.options.store.commit(
      keys.map((key) => ({ remove: 'group-state', key })),
      'strict',
    );
    for (const member of members) this.#of(live).delete(member);
  }

  async #keep(live: LiveGroup, member: MemberId, request: RequestRecord): Promise<void> {
    const key = groupKeys.request(live.id, member);
    await this.options.store.commit([{ put: 'group-state', key, value: encodeRequest(request) }], 'strict');
    this.#of(live).set(member, request);
  }
}

/** Removed by somebody else, at whatever time. */
const wasThrownOut = ({ group, record }: LiveGroup, member: MemberId): boolean =>
  group.members.removedAfter(member, [record.group]).some(({ by }) => by !== member);

const lineOf = ({ id }: LiveGroup, member: MemberId): string => `${id}/${member}`;
