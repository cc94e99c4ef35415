// Joins keys, history, gossip and receipts of one group: an event goes in, what is to be done comes out, in order. Nothing here
// knows of links, disks or screens; one queue keeps events apart, so that nothing is written under a membership that has changed.
import { Queue } from '../queue.ts';
import type { GroupReceipts, SignedReceipt } from '../wire/group-gossip.ts';
import type { ShareMessage } from '../wire/group-history.ts';
import { MAX_ANNOUNCED } from '../wire/group-limits.ts';
import type { SignedMessage } from '../wire/group-message.ts';
import type { GroupTalk } from '../wire/group-talk.ts';
import { Drafts } from './drafts.ts';
import type { Draft, GroupEffect, GroupEvent } from './events.ts';
import { epochAt, ringOf } from './gossip/ring.ts';
import { Places } from './history/places.ts';
import { readShare } from './history/sharing.ts';
import { ReceivingKeys } from './keys/receiving.ts';
import { hasJoined, isSameSeat, type MemberId, type Members } from './members-view.ts';
import { type ConversationKit, Parts, send } from './parts.ts';
import { ask, attempt, read, readHeld, shortBytes } from './reading.ts';
import { shareHistory } from './writing.ts';

/** Every list of receipts is answered at once: on a link of which nothing is heard for so long the other side exchanges nothing, ms. */
const SILENT_MS = 20_000;

/** What `store` effects put on the disk, as it is read at the start. */
export interface Stored {
  readonly messages: readonly SignedMessage[];
  readonly keys?: Uint8Array;
  readonly receipts?: readonly SignedReceipt[];
  readonly shares?: readonly ShareMessage[];
  readonly drafts?: readonly Draft[];
}

export class GroupConversation {
  readonly parts: Parts;
  readonly #queue = new Queue();
  /** Members on a link, and whether their receipts have come: from then on we know how far our own messages went. `asked`: for ours. */
  readonly #links = new Map<MemberId, { asked: boolean; heard: boolean; readonly since: number }>();
  #sought: ReadonlySet<MemberId> = new Set();
  readonly #drafts: Drafts;
  #epoch = -1;

  constructor(kit: ConversationKit) {
    this.parts = new Parts(kit);
    const isHeard = () => [...this.#links.values()].some(({ heard }) => heard);
    this.#drafts = new Drafts(this.parts, isHeard);
  }

  /** What I wrote and has not left, in order. */
  get drafts(): readonly Draft[] {
    return this.#drafts.all;
  }

  /** As it was when it was last stored. @throws KithError 'record-damaged' when the keys do not decode */
  static async restore(kit: ConversationKit, stored: Stored): Promise<GroupConversation> {
    const conversation = new GroupConversation(kit);
    const { parts } = conversation;
    if (stored.keys !== undefined) parts.receiving = ReceivingKeys.restore(kit.self, stored.keys);
    for (const signed of stored.messages) await parts.intake.take(signed, kit.self, kit.members);
    for (const signed of stored.receipts ?? []) await parts.receipts.take(kit.self, signed, kit.members);
    for (const message of stored.shares ?? []) {
      if (parts.readers.knows(message) || parts.readers.room <= 0) continue;
      const share = await readShare(message, kit.members);
      if (share !== 'unknown-heads') parts.grant(share);
    }
    conversation.#drafts.load(stored.drafts ?? []);
    // What a person has seen stands in my own receipt.
    for (const [author, { read = 0, unread, refused = [] }] of parts.receipts.receipts.of(kit.self)?.marks ?? []) {
      parts.seen.set(author, new Places(read, unread));
      for (const { seq, reason } of refused) parts.refuse(author, seq, reason);
    }
    parts.unsee();
    return conversation;
  }

  /** Events are worked off one after another; effects are to be done in order. */
  run(event: GroupEvent): Promise<GroupEffect[]> {
    return this.#queue.run(async () => {
      const effects = await this.#handle(event);
      // Whoever is dropped is looked for no longer; whether they should be is told anew.
      if (effects.some(({ type }) => type === 'drop')) this.#sought = new Set();
      return effects;
    });
  }

  async #handle(event: GroupEvent): Promise<GroupEffect[]> {
    switch (event.type) {
      case 'linked':
        return this.#linked(event.peer);
      case 'unlinked':
        return this.#unlinked(event.peer);
      case 'unreachable':
        this.parts.neighbours.failed(event.peer, this.parts.now());
        return [];
      case 'received':
        return attempt(() => this.#received(event.from, event.talk), event.from);
      case 'write':
        return this.#drafts.write(event.draft);
      case 'retry':
        return this.#drafts.retry(event.id);
      case 'withdraw':
        return this.#drafts.withdraw(event.id);
      case 'members':
        return this.#membersChanged(event.members);
      case 'seen':
        return this.#seen();
      case 'refuse':
        this.parts.refuse(event.author, event.seq, event.reason);
        return [];
      case 'share':
        return shareHistory(this.parts, event.to);
      case 'tick':
        return this.#tick();
    }
  }

  async #linked(peer: MemberId): Promise<GroupEffect[]> {
    const { parts } = this;
    const { members, broadcast, neighbours, exchange } = parts;
    if (!hasJoined(members.view, peer)) return [{ type: 'drop', peer }];
    const now = parts.now();
    await this.#place(now);
    const { yes, drop } = neighbours.admits(peer);
    if (!yes) {
      neighbours.failed(peer, now, true);
      return [{ type: 'drop', peer }];
    }
    const effects: GroupEffect[] = drop === undefined ? [] : [{ type: 'drop', peer: drop }];
    neighbours.up(peer, now);
    broadcast.up(peer);
    exchange.met(peer, now);
    this.#links.set(peer, { asked: false, heard: false, since: now });
    const key = await parts.sending.handOver(members.view);
    if (key !== undefined) effects.push(send(peer, key));
    for (const { message } of parts.readers.shares) effects.push(send(peer, message));
    effects.push(send(peer, parts.receipts.known(members)));
    const first = await exchange.begin(peer);
    return [...effects, ...this.#seek([peer]), ...(first === undefined ? [] : [send(peer, first)])];
  }

  #unlinked(peer: MemberId): GroupEffect[] {
    const { broadcast, neighbours, exchange, receipts } = this.parts;
    this.#links.delete(peer);
    broadcast.down(peer);
    neighbours.down(peer, this.parts.now());
    exchange.lost(peer);
    receipts.lost(peer);
    return ask(this.parts);
  }

  async #received(from: MemberId, talk: GroupTalk): Promise<GroupEffect[]> {
    if (!this.#links.has(from)) return [];
    if (talk.type === 'group-receipts') return this.#readReceipts(from, talk);
    const effects = await read(this.parts, from, talk);
    const arrived = effects.some(({ type }) => type === 'changed');
    return arrived
      ? [...effects, ...this.#seek(this.parts.broadcast.peers()), ...(await this.#drafts.post())]
      : effects;
  }

  /** Parents that are named and not here are asked for by name. */
  #seek(peers: readonly MemberId[]): GroupEffect[] {
    const { history, intake, exchange } = this.parts;
    const missing = [...history.missing].filter((hash) => !intake.holds(hash)).map((hash) => hash.slice(0, 16));
    for (const peer of peers) exchange.fetching.sought(peer, missing);
    return ask(this.parts);
  }

  async #readReceipts(from: MemberId, talk: GroupReceipts): Promise<GroupEffect[]> {
    const { parts } = this;
    const { receipts, members, kit, broadcast } = parts;
    const link = this.#links.get(from);
    const effects: GroupEffect[] = [];
    if (talk.known !== undefined) {
      receipts.heard(from, talk.known);
      // Whoever has just come learns at once what I have of theirs.
      effects.push(...(await this.#renewReceipt(link?.asked === false)));
      if (link !== undefined) link.asked = true;
    }
    for (const signed of talk.receipts) {
      const outcome = await receipts.take(from, signed, members);
      if (typeof outcome === 'object') effects.push({ type: 'refused', from, kind: outcome.refused });
      if (outcome === 'new') effects.push({ type: 'store', receipt: signed });
    }
    for (const { marks, view } of receipts.receipts.all()) {
      // Of who was removed and is back others may still say what they had before: their places begin anew with their key.
      if (!isSameSeat(view, members.view, kit.self)) continue;
      parts.mine = Math.max(parts.mine, marks.get(kit.self)?.delivered ?? 0);
    }
    const isAsking = (peer: MemberId) => peer === from && talk.known !== undefined;
    const news = receipts.news(members, (peer) => broadcast.isEager(peer) || isAsking(peer));
    for (const { to, message } of news) effects.push(send(to, message));
    // A list of versions is always answered: whoever asked learns that there is nothing newer.
    if (talk.known !== undefined && !news.some(({ to }) => to === from)) {
      effects.push(send(from, { type: 'group-receipts', group: parts.group, receipts: [] }));
    }
    if (link !== undefined && talk.known === undefined) link.heard = true;
    return [...effects, ...(await this.#drafts.post())];
  }

  async #renewReceipt(isUrgent: boolean): Promise<GroupEffect[]> {
    const { parts } = this;
    const receipt = await parts.receipts.mine(parts.standing(), parts.kit.sign, parts.now(), isUrgent);
    return receipt === undefined ? [] : [{ type: 'store', receipt }];
  }

  async #membersChanged(members: Members): Promise<GroupEffect[]> {
    const { parts } = this;
    if (!isSameSeat(parts.members.view, members.view, parts.kit.self)) parts.mine = 0;
    parts.members = members;
    parts.history.judgeBy(members);
    parts.unsee();
    parts.readers.judgeBy(members);
    parts.receipts.changed();
    this.#epoch = -1;
    await parts.receiving.tidy(members.view, parts.now());
    const effects: GroupEffect[] = [{ type: 'store', keys: parts.receiving.snapshot() }, ...this.#drafts.dropOutside()];
    for (const peer of [...this.#links.keys()]) {
      if (hasJoined(members.view, peer)) effects.push(send(peer, parts.receipts.known(members)));
      else effects.push(...this.#unlinked(peer), { type: 'drop', peer });
    }
    return [...effects, ...(await readHeld(parts)), { type: 'changed', arrived: [] }];
  }

  #seen(): GroupEffect[] {
    const { history, kit, seen, receipts } = this.parts;
    for (const { entry } of history.shown()) {
      if (entry.from === kit.self) continue;
      const places = seen.get(entry.from) ?? new Places();
      places.add(entry.message.seq);
      seen.set(entry.from, places);
    }
    receipts.changed();
    return [];
  }

  async #tick(): Promise<GroupEffect[]> {
    const { parts } = this;
    const now = parts.now();
    const effects: GroupEffect[] = [...this.#drafts.dropOutside(), ...this.#graft(now), ...ask(parts)];
    for (const { to, ids } of parts.broadcast.announcements(MAX_ANNOUNCED)) {
      effects.push(send(to, { type: 'group-have', group: parts.group, ids: shortBytes(ids) }));
    }
    effects.push(...(await this.#renewReceipt(false)));
    const isEager = (peer: MemberId) => parts.broadcast.isEager(peer);
    for (const { to, message } of parts.receipts.news(parts.members, isEager)) effects.push(send(to, message));
    const compared = parts.receipts.comparisons(parts.members, (peer) => !isEager(peer), now);
    for (const { to, message } of compared) effects.push(send(to, message));
    for (const { to, message } of await parts.exchange.due(now)) effects.push(send(to, message));
    return [...effects, ...this.#giveUp(now), ...(await this.#plan(now)), ...(await this.#drafts.post())];
  }

  /** Links that stand on this side alone: the other one has no room, and the session below goes on for other reasons. */
  #giveUp(now: number): GroupEffect[] {
    const silent = [...this.#links].filter(([, { heard, since }]) => !heard && Math.abs(now - since) >= SILENT_MS);
    return silent.flatMap(([peer]) => {
      const effects = this.#unlinked(peer);
      this.parts.neighbours.failed(peer, now, true);
      return [...effects, { type: 'drop', peer }];
    });
  }

  /** What was announced and has not come: asked of the first who announced it and can be asked, who from now on sends at once. */
  #graft(now: number): GroupEffect[] {
    const { broadcast, exchange, history, group } = this.parts;
    const grafts = new Map<MemberId, string[]>();
    for (const { id, from } of broadcast.late(now)) {
      if (history.byShort(id).length > 0) continue;
      for (const peer of from) exchange.fetching.passed(peer, [id]);
      const asked = from.find((peer) => exchange.fetching.asks(peer, id, now));
      if (asked === undefined) continue;
      broadcast.grafted(asked);
      grafts.set(asked, [...(grafts.get(asked) ?? []), id]);
    }
    return [...grafts].flatMap(([to, ids]) => {
      const parts: GroupEffect[] = [];
      for (let at = 0; at < ids.length; at += MAX_ANNOUNCED) {
        parts.push(send(to, { type: 'group-graft', group, ids: shortBytes(ids.slice(at, at + MAX_ANNOUNCED)) }));
      }
      return parts;
    });
  }

  async #plan(now: number): Promise<GroupEffect[]> {
    await this.#place(now);
    const { neighbours } = this.parts;
    const { dial, drop } = neighbours.plan(now);
    const sought = neighbours.sought(now);
    const isNew = sought.size !== this.#sought.size || [...sought].some((peer) => !this.#sought.has(peer));
    this.#sought = sought;
    return [
      ...drop.map((peer): GroupEffect => ({ type: 'drop', peer })),
      ...(isNew ? [{ type: 'seek', peers: sought } as const] : []),
      ...dial.map((peer): GroupEffect => ({ type: 'dial', peer })),
    ];
  }

  async #place(now: number): Promise<void> {
    const epoch = epochAt(now);
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    const { neighbours, members, group } = this.parts;
    const joined = members.view.members().filter(({ state }) => state === 'joined');
    neighbours.place(
      await ringOf(
        group,
        epoch,
        joined.map(({ id }) => id),
      ),
    );
  }
}
