// The cards of groups that I made: their secrets on this device, what the group's log says of them.
import { fromHex, toHex } from '../../../bytes/hex.ts';
import { KithError } from '../../../errors.ts';
import {
  cardKey,
  encodeGroupCard,
  type GroupCard,
  type IssuedCard,
  issuedCards,
} from '../../../group/membership/group-card.ts';
import type { GroupCardView } from '../../../node-api.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Random } from '../../../ports/random.ts';
import { MAX_GROUP_MEMBERS } from '../../../wire/limits.ts';
import type { GroupRecord } from '../group-records.ts';
import type { LiveGroup } from '../live-group.ts';

/** Cards of one group that still work, by one admin: each is a topic to listen on. */
const MAX_CARDS = 16;
/** Of one group, ended ones included: whoever makes and revokes them over and over must not listen on ever more topics. */
const MAX_REMEMBERED = 2 * MAX_CARDS;
/** For so long a card works at most, and is still answered when it is over, so that a late holder hears why. Milliseconds. */
const LONGEST_MS = 7 * 24 * 3_600_000;

export interface OwnCardsOptions {
  readonly self: { readonly fingerprint: Uint8Array };
  readonly clock: Clock;
  readonly random: Random;
  readonly save: (live: LiveGroup, change: Pick<GroupRecord, 'cards'>) => Promise<void>;
}

export class OwnCards {
  constructor(private readonly options: OwnCardsOptions) {}

  card(secret: Uint8Array): GroupCard {
    return { fingerprint: Uint8Array.from(this.options.self.fingerprint), secret: Uint8Array.from(secret) };
  }

  /** Those that work, the newest first. */
  views(live: LiveGroup): GroupCardView[] {
    // Asked at every message.
    if (live.record.cards === undefined) return [];
    const issued = this.issued(live);
    const views = live.record.cards.flatMap(({ secret, key }): GroupCardView[] => {
      const one = issued.get(toHex(key));
      if (one === undefined) return [];
      const { hash, uses, used, until } = one;
      const text = encodeGroupCard(this.card(secret));
      return [{ id: toHex(hash), text, usesLeft: uses - used, uses, expiresAt: until }];
    });
    return views.reverse();
  }

  /** Those that work, by their public keys (hexadecimal). */
  issued({ group }: LiveGroup): Map<string, IssuedCard> {
    const now = this.options.clock.now();
    const works = ({ issuedBy, used, uses, until }: IssuedCard) => issuedBy === group.id && used < uses && now <= until;
    const cards = group.members.view.member(group.id)?.role === 'admin' ? issuedCards(group.log).filter(works) : [];
    return new Map(cards.map((card) => [toHex(card.key), card]));
  }

  /** Those that are answered still. */
  remembered({ record }: LiveGroup): NonNullable<GroupRecord['cards']> {
    const now = this.options.clock.now();
    return (record.cards ?? []).filter(({ until }) => now < until + LONGEST_MS);
  }

  /** One at a time. @throws as Admissions.newCard */
  async make(live: LiveGroup, uses: number, milliseconds: number): Promise<GroupCardView> {
    const { clock, random, save } = this.options;
    const fits = Number.isInteger(uses) && uses >= 1 && uses < MAX_GROUP_MEMBERS;
    if (!fits || !(milliseconds > 0 && milliseconds <= LONGEST_MS)) throw new KithError('internal');
    const issued = this.issued(live);
    if (issued.size >= MAX_CARDS) throw new KithError('group-cards-full');
    const card = this.card(random.bytes(16));
    const { publicKey } = await cardKey(card);
    const until = Math.floor(clock.now() + milliseconds);
    const remembered = this.remembered(live);
    const ended = remembered.filter(({ key }) => !issued.has(toHex(key)));
    const forgotten = ended.slice(0, Math.max(0, remembered.length + 1 - MAX_REMEMBERED));
    const before = remembered.filter((one) => !forgotten.includes(one));
    await save(live, { cards: [...before, { secret: card.secret, key: publicKey, until }] });
    const asks = live.record.admission === 'ask';
    const issue = () => live.group.act({ do: 'card', key: publicKey, uses, until, asks });
    const { hash } = await issue().catch(async (error: unknown) => {
      // Nobody will ever come by it.
      await save(live, { cards: before });
      throw error;
    });
    return { id: toHex(hash), text: encodeGroupCard(card), usesLeft: uses, uses, expiresAt: until };
  }

  /** @throws KithError 'group-card-over' when there is none */
  async revoke(live: LiveGroup, cardId: string): Promise<void> {
    if (!/^[0-9a-f]{64}$/.test(cardId)) throw new KithError('group-card-over');
    await live.group.act({ do: 'revoke', card: fromHex(cardId) });
  }
}
