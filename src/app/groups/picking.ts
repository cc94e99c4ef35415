// Choosing contacts for a group: who may be chosen, why others may not, and a search for long lists.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { ConversationView, DirectConversationView, GroupMemberView } from '../../core/node-api.ts';
import { typedDigits } from '../format.ts';

/** People of a group, invited ones included (GROUP.md). */
export const MAX_MEMBERS = 50;
/** From so many contacts on, there is a field to search them. */
export const SEARCHED_FROM = 8;

/** Why somebody cannot be chosen. */
export type Obstacle = Exclude<DirectConversationView['state'], 'active'> | GroupMemberView['state'];

export interface Candidate {
  /** Of the conversation with them. */
  readonly id: string;
  readonly view: DirectConversationView;
  readonly obstacle: Obstacle | null;
}

/** Letters without marks and capitals, for comparing what is typed with names. */
export const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();

function matches(view: DirectConversationView, query: string): boolean {
  const wanted = plain(query.trim());
  if (wanted === '') return true;
  const digits = typedDigits(query);
  const byNumber = /^\d+$/.test(digits) && view.number.includes(digits);
  return byNumber || [view.name, view.theirName].some((name) => plain(name).includes(wanted));
}

export class Picking {
  readonly #query = signal('');
  readonly #picked = signal<ReadonlySet<string>>(new Set());
  readonly candidates: ReadonlySignal<readonly Candidate[]>;
  readonly shown: ReadonlySignal<readonly Candidate[]>;
  /** In the order in which they were chosen; who has become impossible meanwhile is left out. */
  readonly picked: ReadonlySignal<readonly string[]>;
  /** How many more may be chosen. */
  readonly room: ReadonlySignal<number>;

  /** @param members Of the group that is added to; none for a new one, in which I am alone. */
  constructor(
    list: ReadonlySignal<readonly ConversationView[]>,
    members: ReadonlySignal<readonly GroupMemberView[]> = signal([]),
  ) {
    this.candidates = computed(() => {
      const inGroup = new Map(members.value.map((member) => [member.contactId, member.state]));
      return list.value
        .filter((view): view is DirectConversationView => view.kind === 'direct')
        .map((view) => ({ id: view.id, view, obstacle: inGroup.get(view.id) ?? obstacleOf(view) }))
        .sort((a, b) => a.view.name.localeCompare(b.view.name) || (a.id < b.id ? -1 : 1));
    });
    this.shown = computed(() => this.candidates.value.filter(({ view }) => matches(view, this.#query.value)));
    this.picked = computed(() => {
      const possible = new Set(this.candidates.value.filter(({ obstacle }) => obstacle === null).map(({ id }) => id));
      return [...this.#picked.value].filter((id) => possible.has(id));
    });
    this.room = computed(() => MAX_MEMBERS - Math.max(1, members.value.length) - this.picked.value.length);
  }

  get query(): ReadonlySignal<string> {
    return this.#query;
  }

  search(query: string): void {
    this.#query.value = query;
  }

  /** Of no effect for who cannot be chosen, and beyond the room there is. */
  toggle(id: string): void {
    const next = new Set(this.#picked.peek());
    if (next.delete(id)) this.#picked.value = next;
    else if (this.room.peek() > 0 && this.candidates.peek().some((one) => one.id === id && one.obstacle === null)) {
      this.#picked.value = next.add(id);
    }
  }

  clear(): void {
    this.#picked.value = new Set();
    this.#query.value = '';
  }
}

const obstacleOf = ({ state }: DirectConversationView): Obstacle | null => (state === 'active' ? null : state);
