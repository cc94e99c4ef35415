// One group as its screens see it: what the node told last, what one can do to it, and what lies open over its messages.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorKind } from '../../core/errors.ts';
import type {
  GroupActions,
  GroupAdmission,
  GroupMemberView,
  GroupView,
  MemberReceipt,
  Result,
} from '../../core/node-api.ts';
import type { App } from '../kith.ts';
import { type Chosen, mentionsIn } from './mentions.ts';

/** What lies over the messages: who has one of mine, or what is wrong with one of somebody's. */
export type Sheet =
  | { readonly kind: 'receipts'; readonly messageId: string }
  | { readonly kind: 'two-faced'; readonly messageId: string };

export class Group {
  readonly id: string;
  readonly #app: App;
  readonly #view = signal<GroupView | null>(null);
  readonly #failure = signal<ErrorKind | null>(null);
  readonly #sheet = signal<Sheet | null>(null);
  readonly #receipts = signal<readonly MemberReceipt[] | null>(null);
  /** Rises with every change that the node tells: an answer that was asked for before is older. */
  #told = 0;
  #chosen: readonly Chosen[] = [];

  /** Me first, then who is there, admins before others, by name; the invited last. */
  readonly members: ReadonlySignal<readonly GroupMemberView[]> = computed(() =>
    [...(this.#view.value?.members ?? [])].sort(byRank),
  );
  /** Names that more than one member has: those show their numbers. */
  readonly sharedNames: ReadonlySignal<ReadonlySet<string>> = computed(() => {
    const names = this.members.value.map(({ name }) => name);
    return new Set(names.filter((name, index) => names.indexOf(name) !== index));
  });
  /** I am the only admin, and others would be left without one. */
  readonly wouldOrphan: ReadonlySignal<boolean> = computed(() => {
    const joined = this.members.value.filter(({ state }) => state === 'joined');
    const admins = joined.filter(({ role }) => role === 'admin');
    return joined.length > 1 && admins.length === 1 && admins[0]?.me === true;
  });

  constructor(app: App, id: string) {
    this.#app = app;
    this.id = id;
  }

  /** null until it is here. */
  get view(): ReadonlySignal<GroupView | null> {
    return this.#view;
  }
  /** Why it is not here. */
  get failure(): ReadonlySignal<ErrorKind | null> {
    return this.#failure;
  }
  get sheet(): ReadonlySignal<Sheet | null> {
    return this.#sheet;
  }
  /** Of the message of the open sheet; null while they are on their way. */
  get receipts(): ReadonlySignal<readonly MemberReceipt[] | null> {
    return this.#receipts;
  }

  /** A screen opens: asks, and is told of changes from then on. */
  async load(): Promise<void> {
    const told = this.#told;
    const answer = await this.#ask((node) => node.group(this.id));
    if (told !== this.#told) return;
    if (answer.ok) this.take(answer.value);
    else this.#failure.value = answer.kind;
  }

  take(view: GroupView): void {
    this.#told += 1;
    this.#view.value = view;
    this.#failure.value = null;
  }

  /** In a text of mine. */
  readonly mentionsIn = (text: string) => {
    const chosen = this.#chosen;
    this.#chosen = [];
    return mentionsIn(text, this.#view.peek()?.members ?? [], chosen);
  };

  /** This one of those who share the name is meant. */
  choose(name: string, memberId: string): void {
    this.#chosen = [...this.#chosen, { name, memberId }];
  }

  async openReceipts(messageId: string): Promise<void> {
    this.#receipts.value = null;
    this.#sheet.value = { kind: 'receipts', messageId };
    await this.refreshReceipts();
  }

  /** Asked again whenever their counts change. */
  async refreshReceipts(): Promise<void> {
    const sheet = this.#sheet.peek();
    if (sheet?.kind !== 'receipts') return;
    const answer = await this.#ask((node) => node.messageReceipts(this.id, sheet.messageId));
    if (this.#sheet.peek() !== sheet) return;
    if (answer.ok) this.#receipts.value = answer.value;
    else {
      this.close();
      this.#app.report(answer);
    }
  }

  explainTwoFaced(messageId: string): void {
    this.#sheet.value = { kind: 'two-faced', messageId };
  }

  /** The sheet. */
  readonly close = (): void => {
    this.#sheet.value = null;
  };

  readonly answer = (how: 'accept' | 'refuse') => this.#do((node) => node.answerGroup(this.id, how));
  readonly add = (ids: readonly string[], history: boolean) =>
    this.#do((node) => node.addMembers(this.id, ids, history));
  readonly remove = (memberId: string) => this.#do((node) => node.removeMember(this.id, memberId));
  readonly makeAdmin = (memberId: string) => this.#do((node) => node.makeAdmin(this.id, memberId));
  readonly rename = (name: string) => this.#do((node) => node.renameGroup(this.id, name));
  readonly setPicture = (picture: Uint8Array | null) => this.#do((node) => node.setGroupPicture(this.id, picture));
  readonly leave = (successorId?: string) => this.#do((node) => node.leaveGroup(this.id, successorId));
  readonly delete = () => this.#do((node) => node.deleteGroup(this.id));
  readonly mute = (muted: boolean) => this.#do((node) => node.setMuted(this.id, muted));
  readonly makeCard = (uses: number, milliseconds: number) =>
    this.#do((node) => node.newGroupCard(this.id, uses, milliseconds));
  readonly revokeCard = (cardId: string) => this.#do((node) => node.revokeGroupCard(this.id, cardId));
  readonly setAdmission = (admission: GroupAdmission) => this.#do((node) => node.setAdmission(this.id, admission));
  readonly answerJoin = (requestId: string, how: 'accept' | 'refuse') =>
    this.#do((node) => node.answerJoin(this.id, requestId, how));
  readonly askMember = (memberId: string) => this.#do((node) => node.askMember(this.id, memberId));

  /** Whether it was done; a failure is told in passing. */
  async #do(act: (node: GroupActions) => Promise<Result<unknown>>): Promise<boolean> {
    const done = await this.#ask(act);
    this.#app.report(done);
    return done.ok;
  }

  #ask<T>(act: (node: GroupActions) => Promise<Result<T>>): Promise<Result<T>> {
    return answerOf(() => act(groupActions(this.#app)));
  }
}

/** A call that should never fail did. */
const internal = { ok: false, kind: 'internal', detail: {} } as const;

export const answerOf = <T>(call: () => Promise<Result<T>>): Promise<Result<T>> => call().catch(() => internal);

export const groupActions = ({ node }: App): GroupActions => node;

function byRank(a: GroupMemberView, b: GroupMemberView): number {
  const rank = ({ me, state, online, role }: GroupMemberView) =>
    (me ? 0 : 8) + (state === 'joined' ? 0 : 4) + (online ? 0 : 2) + (role === 'admin' ? 0 : 1);
  return rank(a) - rank(b) || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}
