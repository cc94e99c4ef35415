// Everything about groups, put together: the groups of this device, what their screens are told, their cards, and those I took.
import { fromHex } from '../../bytes/hex.ts';
import { isGroupCard } from '../../group/membership/group-card.ts';
import type { Identity } from '../../identity/keys.ts';
import type { AttemptView, MessageView, Result } from '../../node-api.ts';
import type { Board } from '../board.ts';
import type { FirstContact } from '../first-contact.ts';
import { Acquaintances } from './acquaintances.ts';
import { GroupBoard } from './group-board.ts';
import { type GroupDeeds, groupDeeds } from './group-deeds.ts';
import { Groups, type GroupsOptions } from './groups.ts';
import { Admissions } from './joining/admissions.ts';
import { Joins } from './joining/joins.ts';

export interface GroupHouseOptions extends Omit<GroupsOptions, 'shown' | 'acquaint'> {
  readonly self: Identity;
  readonly board: Board;
  /** '' while it is derived. */
  readonly ownNumber: () => string;
  /** Never rejects. */
  readonly deriveNumber: (fingerprint: Uint8Array) => Promise<string>;
  readonly firstContact: Pick<FirstContact, 'takeFound' | 'memberCard' | 'isAsked'>;
  readonly attempt: <T>(work: () => Promise<T>) => Promise<Result<T>>;
}

export class GroupHouse {
  readonly groups: Groups;
  readonly board: GroupBoard;
  readonly deeds: GroupDeeds;
  readonly #admissions: Admissions;
  readonly #joins: Joins;

  constructor(options: GroupHouseOptions) {
    const { self, board, attempt, firstContact } = options;
    this.groups = new Groups({
      ...options,
      acquaint: (live, from, message) => acquaintances.received(live, from, message),
      shown: (live, change) => {
        this.board.shown(live, change);
        this.#admissions.look();
      },
    });
    const acquaintances = new Acquaintances({
      ...options,
      reach: this.groups.reach,
      take: (card) => firstContact.takeFound(card, 'member'),
      cardFor: (bundle) => firstContact.memberCard(bundle),
    });
    this.#admissions = new Admissions({
      ...options,
      groups: () => this.groups.shown(),
      save: (live, change) => this.groups.edit(live, change),
      number: (member) => this.board.people.number(member),
      changed: (live) => this.board.tell(live),
      isBlocked: (member) => options.book.byFingerprint(fromHex(member))?.mine === 'blocked',
    });
    this.board = new GroupBoard({
      ...options,
      groups: () => this.groups.shown(),
      self: self.fingerprint,
      entrance: this.#admissions,
      isAsked: (fingerprint) => firstContact.isAsked(fingerprint),
    });
    this.#joins = new Joins({
      ...options,
      hasJoined: (group) => this.groups.hasJoined(group),
      enter: (entry, writes) => this.groups.enter(entry, writes),
    });
    this.deeds = groupDeeds({
      groups: this.groups,
      board: this.board,
      admissions: this.#admissions,
      acquaintances,
      book: options.book,
      attempt,
      cleared: (conversationId) => board.cleared(conversationId),
    });
  }

  async start(): Promise<void> {
    await this.groups.load();
    await this.#admissions.load();
    await this.#joins.load();
  }

  /** Whether a text is the card of a group and not of a person. */
  isCard(text: string): boolean {
    return isGroupCard(text);
  }

  /** Asks to be let in by a group's card; attempt id. @throws as Joins.take */
  take(card: string): Promise<string> {
    return this.#joins.take(card);
  }

  /** As GroupBoard.list; undefined: no group of this id. */
  list(conversationId: string, before: number | null, limit: number): MessageView[] | undefined {
    const live = this.groups.find(conversationId);
    return live && this.board.list(live, before, limit);
  }

  attempts(): AttemptView[] {
    return this.#joins.views();
  }

  /** False: no attempt of this id is about a group. */
  dismiss(attemptId: string): Promise<boolean> {
    return this.#joins.dismiss(attemptId);
  }

  close(): void {
    this.groups.close();
    this.#admissions.close();
    this.#joins.close();
  }
}
