// Tells the screens of groups: what a conversation shows, and who the people in it are outside the group.
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { MemberId } from '../../group/members-view.ts';
import type { GroupConversationView, GroupMemberView, GroupView, MessageView } from '../../node-api.ts';
import type { Board } from '../board.ts';
import type { ContactBook } from '../contact-book.ts';
import { isTombstone } from '../standing.ts';
import { type Entrance, groupConversationView, groupView, memberViews } from './group-views.ts';
import type { LiveGroup } from './live-group.ts';
import { itemView } from './message-views.ts';
import type { People } from './people.ts';
import type { ShownChange } from './transcript.ts';

/** Messages and lines that are told anew when their authors are called otherwise. */
const RECENT = 500;

interface GroupBoardOptions {
  readonly board: Pick<Board, 'cleared' | 'removed' | 'messages' | 'group' | 'changed'>;
  /** Those in the list. */
  readonly groups: () => readonly LiveGroup[];
  /** My fingerprint. */
  readonly self: Uint8Array;
  readonly book: ContactBook;
  readonly entrance: Entrance;
  /** I have asked this person to be a contact, and they are called. */
  readonly isAsked: (fingerprint: Uint8Array) => boolean;
  /** '' while it is derived. */
  readonly ownNumber: () => string;
  /** Never rejects. */
  readonly deriveNumber: (fingerprint: Uint8Array) => Promise<string>;
}

export class GroupBoard {
  readonly people: People;
  /** Of fellow members who are no contacts; '' while being derived. */
  readonly #numbers = new Map<MemberId, string>();

  /** What was told last of the members of each group, as text, and what they were called in what they wrote. */
  readonly #known = new Map<string, string>();
  readonly #called = new Map<string, ReadonlyMap<MemberId, string>>();

  constructor(private readonly options: GroupBoardOptions) {
    const contact = (member: MemberId) => {
      const known = options.book.byFingerprint(fromHex(member));
      return known && !isTombstone(known) ? known : undefined;
    };
    this.people = {
      contact,
      number: (member) => contact(member)?.number || this.#number(member),
      asked: (member) => options.isAsked(fromHex(member)) || contact(member)?.theirs === 'waiting',
    };
  }

  shown(live: LiveGroup, { fresh, gone, isNew }: ShownChange): void {
    const { board } = this.options;
    if (live.record.hidden) return;
    if (isNew) board.cleared(live.id);
    for (const id of gone) board.removed(live.id, id, undefined);
    board.messages(live.id, this.views(live, new Set(fresh)));
    this.tell(live);
  }

  /** Its page has changed: members, cards, requests. */
  tell(live: LiveGroup): void {
    const { board } = this.options;
    if (live.record.hidden) return;
    const view = this.view(live);
    this.#known.set(live.id, JSON.stringify(view.members));
    if (!this.#called.has(live.id)) this.#called.set(live.id, calledIn(view.members));
    board.group(view);
    board.changed();
  }

  /** Contacts have come, changed or gone, or a number is known now: tells the groups in which they are, and what they wrote there. */
  peopleChanged(): void {
    for (const live of this.options.groups()) {
      const members = memberViews(live, this.people);
      const before = this.#called.get(live.id);
      const now = calledIn(members);
      const renamed = [...now].filter(([id, called]) => before?.get(id) !== called).map(([id]) => id);
      this.#called.set(live.id, now);
      if (before && renamed.length > 0) this.#tellWritings(live, new Set(renamed));
      if (this.#known.get(live.id) !== JSON.stringify(members)) this.tell(live);
    }
  }

  /** Older ones are read when somebody looks. */
  #tellWritings(live: LiveGroup, authors: ReadonlySet<MemberId>): void {
    const items = live.transcript.items
      .slice(-RECENT)
      .filter((item) => item.is === 'line' || (item.is === 'message' && authors.has(item.shown.entry.from)));
    this.options.board.messages(live.id, this.views(live, new Set(items.map(({ id }) => id))));
  }

  view(live: LiveGroup): GroupView {
    return groupView(live, this.people, this.options.entrance);
  }

  /** The newest `limit` before `before` (position, exclusive), ascending. */
  list(live: LiveGroup, before: number | null, limit: number): MessageView[] {
    const items = live.transcript.items.filter(
      ({ id }) => before === null || (live.transcript.order.of(id) ?? 0) < before,
    );
    return items.slice(-limit).map((item) => itemView(live, this.people, item));
  }

  views(live: LiveGroup, ids: ReadonlySet<string>): MessageView[] {
    return live.transcript.items.filter(({ id }) => ids.has(id)).map((item) => itemView(live, this.people, item));
  }

  conversations(): GroupConversationView[] {
    const { groups, entrance } = this.options;
    return groups().map((live) => groupConversationView(live, this.people, entrance.requests(live).length));
  }

  /** Mine is known to the profile; those of fellow members are worked out one after another, once. */
  #number(member: MemberId): string {
    if (member === toHex(this.options.self)) return this.options.ownNumber();
    const known = this.#numbers.get(member);
    if (known !== undefined) return known;
    this.#numbers.set(member, '');
    void this.options.deriveNumber(fromHex(member)).then((number) => {
      this.#numbers.set(member, number);
      this.options.board.changed();
      this.peopleChanged();
    });
    return '';
  }
}

const calledIn = (members: readonly GroupMemberView[]): ReadonlyMap<MemberId, string> =>
  new Map(members.map(({ id, number, name }) => [id, `${number} ${name}`]));
