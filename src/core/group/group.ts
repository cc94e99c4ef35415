// One group at one member: its membership and its conversation, joined. Messages and events go in; what is to be stored, sent and
// shown comes out, in order. Knows neither sessions nor disks nor screens: the node carries out what comes out.
import { type Bytes, compareBytes } from '../bytes/bytes.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import type { SigningKey } from '../crypto/sign.ts';
import { type ErrorKind, KithError, kindOf } from '../errors.ts';
import { decodeBundle } from '../identity/bundle.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { Queue } from '../queue.ts';
import { isMessageBody } from '../wire/group-message.ts';
import type { OperationBody } from '../wire/group-operations.ts';
import type { GroupWords } from '../wire/group-says.ts';
import { MAX_HEADS, MAX_OPERATION_PARENTS, MAX_REMOVAL_MESSAGES } from '../wire/limits.ts';
import { GroupConversation, type Stored } from './conversation.ts';
import type { Draft, GroupEffect, GroupEvent } from './events.ts';
import type { Entry } from './history/entry.ts';
import { GroupLinks } from './links.ts';
import { hasJoined, type MemberId } from './members-view.ts';
import { joiningBody, type Self } from './membership/authoring.ts';
import { MembershipDesk, type OutwardEffect } from './membership/desk.ts';
import { append, emptyLog, find, type Genuine, type Log } from './membership/log.ts';
import type { Members } from './membership/members.ts';
import { membersOf } from './membership/members-of.ts';
import { headsOf } from './membership/membership.ts';
import { readStored, type Verbs } from './membership/reading.ts';
import { emptyMembership } from './membership/state.ts';
import { stampOf } from './writing.ts';

/** What the node does, in order; a `keep` or `store` is on the disk (strict) before the next. */
export type GroupOut =
  | { readonly do: 'keep'; readonly operations: readonly Bytes[] }
  | ({ readonly do: 'store' } & Omit<Extract<GroupEffect, { type: 'store' }>, 'type'>)
  | { readonly do: 'send'; readonly to: MemberId; readonly message: GroupWords }
  /** Sessions with these members may stand or come about for the group, with others not. */
  | { readonly do: 'seek'; readonly peers: ReadonlySet<MemberId> }
  /** A session with this member is wanted for the group, or is no longer. */
  | { readonly do: 'dial' | 'drop'; readonly peer: MemberId }
  /** The messages on show changed; `arrived`: hashes. */
  | { readonly do: 'messages'; readonly arrived: readonly string[] }
  | { readonly do: 'members' }
  /** Something was thrown away. */
  | { readonly do: 'refused'; readonly from: MemberId; readonly kind: ErrorKind }
  /** Somebody signed two operations in one place (R-fork-shown). */
  | { readonly do: 'forked'; readonly author: MemberId };

export interface GroupKit {
  readonly groupId: Bytes;
  readonly self: Self;
  /** Made for this group; undefined until an invitation is taken. */
  readonly key: SigningKey | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly verbs: Verbs;
  readonly readReceipts: boolean;
  readonly out: (effect: GroupOut) => void | Promise<void>;
}

/** As `keep` and `store` put it on the disk. */
export interface StoredGroup extends Stored {
  readonly operations: readonly Uint8Array[];
}

export class Group {
  readonly id: MemberId;
  readonly #kit: GroupKit;
  readonly #desk: MembershipDesk;
  readonly #links: GroupLinks;
  /** Membership changes reach the conversation one after another. */
  readonly #changes = new Queue();
  /** What one event brought is carried out before the next one is looked at. */
  readonly #line = new Queue();
  #key: SigningKey | undefined;
  #members: Members;
  /** Those that the conversation knows of: a moment behind, while a change is on its way to it. */
  #conversing: Members;
  #conversation!: GroupConversation;
  /** Size of the log whose heads were joined, or tried to be. */
  #joinedAt = 0;

  private constructor(kit: GroupKit, log: Log, members: Members) {
    this.#kit = kit;
    this.#key = kit.key;
    this.#members = members;
    this.#conversing = members;
    this.id = toHex(kit.self.fingerprint);
    const state = emptyMembership(kit.groupId, log);
    this.#desk = new MembershipDesk({ state, verbs: kit.verbs, out: (effect) => this.#membership(effect) });
    this.#links = new GroupLinks({
      groupId: kit.groupId,
      self: this.id,
      clock: kit.clock,
      desk: this.#desk,
      members: () => this.#members,
      conversing: () => this.#conversing,
      settled: () => this.#changes.run(async () => {}),
      converse: (event) => this.#converse(event),
      out: (to, message) => this.#kit.out({ do: 'send', to, message }),
    });
  }

  /** As it was stored; of a group of which only the id is known: nothing. @throws KithError 'record-damaged' when its keys do not decode */
  static async open(kit: GroupKit, stored: StoredGroup = { operations: [], messages: [] }): Promise<Group> {
    const log = await logOf(stored.operations, kit.verbs);
    const group = new Group(kit, log, await membersOf(kit.groupId, log, kit.verbs.sha256));
    const { clock, random, readReceipts } = kit;
    const sign = (data: Uint8Array) => group.#signer().sign(data);
    const conversationKit = { self: group.id, sign, clock, random, members: group.#members, readReceipts };
    group.#conversation = await GroupConversation.restore(conversationKit, stored);
    return group;
  }

  get members(): Members {
    return this.#members;
  }

  get log(): Log {
    return this.#desk.state.log;
  }

  get history() {
    return this.#conversation.parts.history;
  }

  /** Written, and waiting for somebody who takes them. */
  get drafts(): readonly Draft[] {
    return this.#conversation.drafts;
  }

  get receipts() {
    return this.#conversation.parts.receipts.receipts;
  }

  /** Belongs to the group today, and may read this. */
  mayRead(entry: Entry, member: MemberId): boolean {
    return hasJoined(this.#members.view, member) && this.#conversation.parts.readers.mayRead(entry, member);
  }

  /** I have made this group: `creation` is its first operation. */
  created(creation: Genuine): Promise<void> {
    return this.#desk.tell({ is: 'authored', genuine: creation });
  }

  /** A session with somebody who is, or says to be, in this group. */
  linked(peer: MemberId): Promise<void> {
    return this.#links.linked(peer);
  }

  unlinked(peer: MemberId): Promise<void> {
    return this.#links.unlinked(peer);
  }

  /** @throws nothing for what it says: that comes out as `refused` */
  received(peer: MemberId, message: GroupWords): Promise<void> {
    return this.#links.received(peer, message);
  }

  /** A session that was to be made did not come about. */
  unreachable(peer: MemberId): Promise<void> {
    return this.#converse({ type: 'unreachable', peer });
  }

  /** @throws KithError 'frame-malformed': nobody would take it, and all that waits behind it would wait for ever; 'group-not-member' */
  async write(draft: Draft): Promise<void> {
    if (!isMessageBody(draft.body)) throw new KithError('frame-malformed');
    return this.#converse({ type: 'write', draft: { at: stampOf(this.#kit.clock), ...draft } });
  }

  /** What was dropped because I was outside goes after all. @param id 16 bytes @throws KithError 'group-not-member' when I still am */
  retry(id: Uint8Array): Promise<void> {
    return this.#converse({ type: 'retry', id });
  }

  /** Thought better of, before anybody had it; false: it has left, or there is none. @param id 16 bytes */
  async withdraw(id: Uint8Array): Promise<boolean> {
    const isDraft = () => this.drafts.some((draft) => compareBytes(draft.id, id) === 0);
    const waited = isDraft();
    await this.#converse({ type: 'withdraw', id });
    return waited && !this.history.hasId(this.id, id);
  }

  /** A person has seen everything that is shown. */
  seen(): Promise<void> {
    return this.#converse({ type: 'seen' });
  }

  /** How often more an admin may let somebody read what was written before. */
  get sharesLeft(): number {
    return this.#conversation.parts.readers.room;
  }

  /** An admin lets `to` read everything written so far. @throws KithError 'group-stranger' | 'group-shares-full' */
  share(to: MemberId): Promise<void> {
    return this.#converse({ type: 'share', to });
  }

  /** Several times a second while somebody is linked, else now and then. */
  async tick(): Promise<void> {
    await this.#links.tick();
    await this.#converse({ type: 'tick' });
    await this.#joinHeads();
  }

  /**
   * More heads than an operation names are joined when they come; a page that died in that moment does it when it is back, once
   * somebody has told what they know: it may be an old backup.
   */
  #joinHeads(): Promise<void> {
    return this.#changes.run(async () => {
      const { size, heads } = this.log;
      if (heads.length <= MAX_OPERATION_PARENTS || this.#joinedAt === size || !this.#links.someTalk) return;
      this.#joinedAt = size;
      await this.#witness();
    });
  }

  /** Signs an operation of mine, for everybody. @throws KithError what everybody else would say of it (`author`) */
  async act(body: OperationBody): Promise<Genuine> {
    return this.#act(body, this.#signer());
  }

  async #act(body: OperationBody, key: SigningKey): Promise<Genuine> {
    const genuine = await this.#desk.act(this.#kit.self.fingerprint, key, body);
    await this.#changes.run(async () => {});
    return genuine;
  }

  /** Takes the invitation, with a key that was never used. @throws KithError 'group-not-member' when there is none */
  async join(key: SigningKey, person: string): Promise<void> {
    const body = await joiningBody(this.#desk.state, this.#kit.self, key.publicKey, person);
    this.#key = key;
    await this.act(body);
  }

  /** What was said until now goes with it: nothing else of the removed counts (R-message). */
  async remove(member: MemberId): Promise<Genuine> {
    return this.act({ do: 'remove', member: fromHex(member), messages: await this.#lastMessages(member) });
  }

  /** Leaves, or refuses the invitation; `successor` becomes an admin with it. */
  async leave(successor?: MemberId): Promise<void> {
    const left = successor === undefined ? {} : { successor: fromHex(successor) };
    const body = { do: 'leave', messages: await this.#lastMessages(this.id), ...left } as const;
    await this.#act(body, hasJoined(this.#members.view, this.id) ? this.#signer() : this.#identity());
  }

  /**
   * What leads to everything of theirs that is here, and the heads, which may lead to what is not. Between two events: what is named
   * is delivered in its author's eyes, and so on the disk.
   */
  #lastMessages(member: MemberId): Promise<Uint8Array[]> {
    return this.#line.run(async () => {
      const named = new Set([...this.history.leading(member), ...this.history.heads()]);
      const hashes = [...named].slice(0, MAX_REMOVAL_MESSAGES).map(({ hashBytes }) => hashBytes);
      return hashes.sort(compareBytes);
    });
  }

  #signer(): SigningKey {
    if (this.#key === undefined) throw new KithError('group-not-member');
    return this.#key;
  }

  /** Whoever is only invited has no key in the group yet. */
  #identity(): SigningKey {
    const { bundle, sign } = this.#kit.self;
    return { publicKey: decodeBundle(bundle).signing, sign };
  }

  /** Effects of the membership, in the desk's own line: nothing here may wait for another step of it. */
  async #membership(effect: OutwardEffect): Promise<void> {
    const { out, groupId: group } = this.#kit;
    switch (effect.do) {
      case 'keep':
        await out({ do: 'keep', operations: effect.operations.map(({ bytes }) => bytes) });
        this.#members = await membersOf(group, this.log, this.#kit.verbs.sha256);
        return void this.#changes.run(() => this.#membersChanged());
      case 'relay':
        return this.#links.relay(effect.operations, effect.except);
      case 'need':
        return this.#links.send(effect.to, {
          type: 'members-need',
          group,
          want: [...effect.want],
          have: [...effect.have],
        });
      case 'give':
        return this.#links.give(effect.to, effect.operations, effect.heads);
      case 'forked':
        return out({ do: 'forked', author: effect.author });
      case 'ignore':
        return out({ do: 'refused', from: effect.source, kind: effect.kind });
      case 'witness':
        return void this.#changes.run(() => this.#witness());
    }
  }

  async #membersChanged(): Promise<void> {
    const members = this.#members;
    await this.#converse({ type: 'members', members });
    this.#conversing = members;
    await this.#kit.out({ do: 'members' });
    await this.#links.membersChanged();
  }

  /** Not everybody may sign that they saw something: whoever is only invited, or was removed by it. */
  async #witness(): Promise<void> {
    if (this.#key === undefined || !hasJoined(this.#members.view, this.id)) return;
    try {
      await this.#desk.act(this.#kit.self.fingerprint, this.#key, { do: 'seen' });
    } catch (error) {
      if (!(error instanceof KithError)) throw error;
      await this.#kit.out({ do: 'refused', from: this.id, kind: kindOf(error) });
    }
  }

  #converse(event: GroupEvent): Promise<void> {
    return this.#line.run(async () => {
      for (const effect of await this.#conversation.run(event)) await this.#carryOut(effect);
    });
  }

  async #carryOut(effect: GroupEffect): Promise<void> {
    const { out, groupId: group } = this.#kit;
    switch (effect.type) {
      case 'store': {
        const { type: _, ...parts } = effect;
        return out({ do: 'store', ...parts });
      }
      case 'send':
        return this.#links.send(effect.to, effect.talk);
      case 'seek':
        return out({ do: 'seek', peers: effect.peers });
      case 'dial':
      case 'drop':
        return out({ do: effect.type, peer: effect.peer });
      case 'fetch-operations': {
        const want = effect.hashes.slice(0, MAX_HEADS);
        const have = headsOf(this.log).slice(0, MAX_HEADS);
        return this.#links.send(effect.from, { type: 'members-need', group, want, have });
      }
      case 'changed':
        return out({ do: 'messages', arrived: effect.arrived });
      case 'refused':
        return out({ do: 'refused', from: effect.from, kind: effect.kind });
    }
  }
}

/** What was stored, parents first. What lost its parents with a damaged record is left out: the others have it. */
async function logOf(operations: readonly Uint8Array[], verbs: Verbs): Promise<Log> {
  let log = emptyLog();
  let waiting: Genuine[] = [];
  for (const bytes of operations) waiting.push(await readStored(bytes, verbs));
  for (let before = -1; before !== log.size; ) {
    before = log.size;
    const left: Genuine[] = [];
    for (const genuine of waiting) {
      const isReady = genuine.operation.parents.every((parent) => find(log, toHex(parent)) !== undefined);
      if (find(log, genuine.id) !== undefined) continue;
      if (isReady) log = append(log, genuine);
      else left.push(genuine);
    }
    waiting = left;
  }
  return log;
}
