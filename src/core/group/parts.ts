// What a group's conversation consists of, and the little that all of its parts ask.
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { RefusalOfMember } from '../wire/group-gossip.ts';
import type { GroupTalk } from '../wire/group-talk.ts';
import type { GroupEffect } from './events.ts';
import { Broadcast } from './gossip/broadcast.ts';
import { Neighbours } from './gossip/neighbours.ts';
import { ReceiptExchange } from './gossip/receipt-exchange.ts';
import { Exchange } from './history/exchange.ts';
import { History } from './history/history.ts';
import { Intake } from './history/intake.ts';
import type { Places } from './history/places.ts';
import { Readers } from './history/readers.ts';
import type { Share } from './history/sharing.ts';
import type { Sign } from './history/signing.ts';
import { ReceivingKeys } from './keys/receiving.ts';
import { SendingKeys } from './keys/sending.ts';
import type { MemberId, Members } from './members-view.ts';
import { Once } from './once.ts';

export interface ConversationKit {
  readonly self: MemberId;
  /** By the Ed25519 key made for this group. */
  readonly sign: Sign;
  readonly clock: Clock;
  readonly random: Random;
  readonly members: Members;
  /** Whether others may learn what a person here has seen. */
  readonly readReceipts: boolean;
}

/** Envelopes remembered so that they are passed on once. */
const REMEMBERED = 8_192;

export class Parts {
  readonly kit: ConversationKit;
  members: Members;
  readonly history: History;
  readonly readers: Readers;
  readonly intake: Intake;
  readonly exchange: Exchange;
  readonly sending: SendingKeys;
  receiving: ReceivingKeys;
  readonly broadcast = new Broadcast();
  readonly neighbours: Neighbours;
  readonly receipts = new ReceiptExchange();
  readonly passed = new Once(REMEMBERED);
  /** Sender keys whose view is not known yet, with who passed them on. */
  readonly heldKeys = new Map<string, { readonly talk: GroupTalk; readonly from: MemberId }>();
  readonly seen = new Map<MemberId, Places>();
  readonly refusals = new Map<MemberId, Map<number, RefusalOfMember>>();
  /** Highest place of mine that somebody has a receipt for. */
  mine = 0;

  constructor(kit: ConversationKit) {
    this.kit = kit;
    this.members = kit.members;
    this.history = new History(kit.members);
    this.readers = new Readers(this.history, kit.members);
    this.intake = new Intake(this.history);
    this.exchange = new Exchange({
      self: kit.self,
      group: kit.members.view.groupId,
      history: this.history,
      random: kit.random,
      mayRead: (entry, member) => this.readers.mayRead(entry, member),
    });
    this.sending = new SendingKeys(kit);
    this.receiving = new ReceivingKeys(kit.self);
    this.neighbours = new Neighbours(kit.self);
  }

  get group(): Uint8Array {
    return this.members.view.groupId;
  }

  now(): number {
    return this.kit.clock.now();
  }

  refuse(author: MemberId, seq: number, reason: RefusalOfMember): void {
    const theirs = this.refusals.get(author) ?? new Map<number, RefusalOfMember>();
    this.refusals.set(author, theirs.set(seq, reason));
    this.receipts.changed();
  }

  /** What a person saw of messages that do not count is not what their author writes at the same places when they are back. */
  unsee(): void {
    for (const { author, seq } of this.history.voidPlaces()) this.seen.get(author)?.remove(seq);
  }

  /** @param share `readers` have it not yet, and room for it */
  grant(share: Share): void {
    this.readers.add(share);
    this.exchange.shared(share.to);
  }

  standing() {
    const { kit, history, members, seen, refusals } = this;
    return { self: kit.self, history, members, seen: kit.readReceipts ? seen : undefined, refused: refusals };
  }
}

export const send = (to: MemberId, talk: GroupTalk): GroupEffect => ({ type: 'send', to, talk });
