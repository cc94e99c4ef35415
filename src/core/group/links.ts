// The links of one group at one member: operations of the membership are exchanged first, messages when those are here. Who is
// not listed is told nothing, but for the removed, who hear of their removal.
import type { Bytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import type { Clock } from '../ports/clock.ts';
import type { GroupWords } from '../wire/group-says.ts';
import type { GroupTalk } from '../wire/group-talk.ts';
import { MAX_HEADS, MAX_OPERATIONS_PER_FRAME } from '../wire/limits.ts';
import type { GroupEvent } from './events.ts';
import { hasJoined, type MemberId } from './members-view.ts';
import type { MembershipDesk } from './membership/desk.ts';
import { find, type Genuine } from './membership/log.ts';
import type { Members } from './membership/members.ts';
import { headsOf } from './membership/membership.ts';

/** How long a member's operations are waited for before messages are exchanged with them all the same, ms. */
const OPERATIONS_WITHIN_MS = 5_000;
/** What is kept of one who begins before us: their key, their receipts, and the first words of comparing. */
const MAX_EARLY = 32;

export interface GroupLinksKit {
  readonly groupId: Bytes;
  readonly self: MemberId;
  readonly clock: Clock;
  readonly desk: MembershipDesk;
  members(): Members;
  /** As far as the conversation has heard of them: whoever it does not know yet, it would turn away. */
  conversing(): Members;
  /** When the changes of the membership that are known have reached the conversation. */
  settled(): Promise<void>;
  converse(event: GroupEvent): Promise<void>;
  out(to: MemberId, message: GroupWords): void | Promise<void>;
}

interface GroupLink {
  readonly since: number;
  /** What they said their heads are; undefined until they did. */
  heads: readonly Uint8Array[] | undefined;
  /** They were told ours. */
  told: boolean;
  /** They do not belong, and were told why, as far as it is known. */
  toldOut: boolean;
  /** Messages are exchanged with them. */
  talks: boolean;
  /** What they said of messages before we knew the operations that they know. */
  early: GroupTalk[];
}

export class GroupLinks {
  readonly #kit: GroupLinksKit;
  readonly #links = new Map<MemberId, GroupLink>();

  constructor(kit: GroupLinksKit) {
    this.#kit = kit;
  }

  /** Whether somebody is there whose operations are all here. */
  get someTalk(): boolean {
    return [...this.#links.values()].some(({ talks }) => talks);
  }

  async linked(peer: MemberId): Promise<void> {
    this.#links.set(peer, {
      since: this.#kit.clock.now(),
      heads: undefined,
      told: false,
      toldOut: false,
      talks: false,
      early: [],
    });
    await this.#tellHeads(peer);
  }

  async unlinked(peer: MemberId): Promise<void> {
    if (!this.#links.delete(peer)) return;
    await this.#kit.desk.tell({ is: 'left', from: peer });
    await this.#kit.converse({ type: 'unlinked', peer });
  }

  async received(peer: MemberId, message: GroupWords): Promise<void> {
    const { desk } = this.#kit;
    const link = this.#links.get(peer);
    if (link === undefined) return;
    switch (message.type) {
      case 'members-heads':
        link.heads = message.heads;
        if (!this.#isListed(peer)) await this.#tellRemoval(peer, message.heads);
        await desk.tell({ is: 'heads', from: peer, heads: message.heads });
        return this.#ready(peer, link);
      case 'members-give':
        link.heads ??= message.heads;
        await desk.receive(peer, message.operations, message.heads);
        await this.#kit.settled();
        return this.#ready(peer, link);
      case 'members-need':
        if (!this.#isListed(peer)) return this.#tellRemoval(peer, message.have);
        return desk.tell({ is: 'need', from: peer, want: message.want, have: message.have });
      default:
        if (link.talks) return this.#kit.converse({ type: 'received', from: peer, talk: message });
        // They know all that we know, and begin: what they know beyond that is on its way to us. Said once, it is not said again.
        if (link.early.length < MAX_EARLY) link.early.push(message);
        return;
    }
  }

  async tick(): Promise<void> {
    const now = this.#kit.clock.now();
    for (const [peer, link] of this.#links) {
      if (!link.talks && Math.abs(now - link.since) >= OPERATIONS_WITHIN_MS) await this.#talk(peer, link);
    }
  }

  /** The conversation knows of the change already. */
  async membersChanged(): Promise<void> {
    for (const [peer, link] of this.#links) {
      if (link.talks && !hasJoined(this.#kit.conversing().view, peer)) link.talks = false;
      // Nobody may have removed them: then they went with whoever brought them in, and hear of that.
      if (this.#isListed(peer)) link.toldOut = false;
      else if (!link.toldOut && link.heads) {
        link.toldOut = true;
        await this.#tellRemoval(peer, link.heads);
      }
      await this.#ready(peer, link);
    }
  }

  /** As many operations as fit into a frame. */
  give(to: MemberId, operations: readonly Bytes[], heads: readonly Uint8Array[]): Promise<void> {
    // What came after somebody's removal is not named to them either.
    const told = this.#isListed(to) ? [...heads] : [];
    return this.send(to, { type: 'members-give', group: this.#kit.groupId, operations: [...operations], heads: told });
  }

  /** As many frames as it takes, parents first. Before the last one names only what it brings: nobody asks for what is on its way. */
  async #giveAll(to: MemberId, operations: readonly Genuine[], heads: readonly Uint8Array[]): Promise<void> {
    for (let at = 0; at < operations.length; at += MAX_OPERATIONS_PER_FRAME) {
      const some = operations.slice(at, at + MAX_OPERATIONS_PER_FRAME);
      const isLast = at + MAX_OPERATIONS_PER_FRAME >= operations.length;
      const named = isLast ? heads : some.slice(-1).map(({ hash }) => hash);
      await this.give(
        to,
        some.map(({ bytes }) => bytes),
        named,
      );
    }
  }

  async relay(operations: readonly Genuine[], except: string | undefined): Promise<void> {
    const { view } = this.#kit.members();
    const heads = this.#heads();
    for (const [peer, link] of this.#links) {
      if (peer === except) continue;
      if (view.has(peer) && link.told) await this.#giveAll(peer, operations, heads);
      const own = operations.filter(({ subject, operation }) => subject === peer && operation.body.do === 'remove');
      // Whoever was just removed hears of that and of nothing else.
      if (!view.has(peer)) await this.#giveAll(peer, own, []);
    }
  }

  async send(to: MemberId, message: GroupWords): Promise<void> {
    if (this.#links.has(to)) await this.#kit.out(to, message);
  }

  #isListed(peer: MemberId): boolean {
    return this.#kit.members().view.has(peer);
  }

  #heads(): Uint8Array[] {
    return headsOf(this.#kit.desk.state.log).slice(0, MAX_HEADS);
  }

  async #tellHeads(peer: MemberId): Promise<void> {
    const link = this.#links.get(peer);
    if (link === undefined || link.told || !this.#isListed(peer)) return;
    link.told = true;
    await this.send(peer, { type: 'members-heads', group: this.#kit.groupId, heads: this.#heads() });
  }

  /** Whoever was removed learns that, and nothing that came after. */
  async #tellRemoval(peer: MemberId, have: readonly Uint8Array[]): Promise<void> {
    const { members, desk } = this.#kit;
    const want = members().partedBy(peer);
    if (want.length > 0) await desk.tell({ is: 'need', from: peer, want: [...want], have });
  }

  /** Messages are exchanged once their operations are here. */
  async #ready(peer: MemberId, link: GroupLink): Promise<void> {
    await this.#tellHeads(peer);
    const { log } = this.#kit.desk.state;
    if (link.heads?.every((head) => find(log, toHex(head)) !== undefined)) await this.#talk(peer, link);
  }

  async #talk(peer: MemberId, link: GroupLink): Promise<void> {
    if (link.talks || this.#links.get(peer) !== link) return;
    const { view } = this.#kit.conversing();
    if (!hasJoined(view, peer) || !hasJoined(view, this.#kit.self)) return;
    link.talks = true;
    await this.#kit.converse({ type: 'linked', peer });
    for (const talk of link.early.splice(0)) await this.#kit.converse({ type: 'received', from: peer, talk });
  }
}
