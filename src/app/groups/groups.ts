// All groups of an app. Loaded with the screens that show them, so it listens to the node by itself.
import { effect } from '@preact/signals';
import type { Result } from '../../core/node-api.ts';
import type { App } from '../kith.ts';
import { answerOf, Group, groupActions } from './group.ts';
import { JoinByCard } from './join.ts';

export class Groups {
  readonly join: JoinByCard;
  readonly #app: App;
  readonly #groups = new Map<string, Group>();

  constructor(app: App) {
    this.#app = app;
    this.join = new JoinByCard(app);
    app.node.subscribe((event) => {
      if (event.type === 'group') this.#groups.get(event.group.conversationId)?.take(event.group);
      if (event.type !== 'snapshot') return;
      const present = new Set(event.snapshot.conversations.map(({ id }) => id));
      for (const id of this.#groups.keys()) if (!present.has(id)) this.#groups.delete(id);
    });
  }

  group(id: string): Group {
    const known = this.#groups.get(id) ?? new Group(this.#app, id);
    this.#groups.set(id, known);
    return known;
  }

  /** Makes one, invites those contacts, and opens it. */
  async create(name: string, contactIds: readonly string[]): Promise<Result<{ readonly conversationId: string }>> {
    const made = await answerOf(() => groupActions(this.#app).createGroup(name, contactIds));
    if (made.ok) this.#openNew(made.value.conversationId);
    return made;
  }

  /** As soon as it is in the list, unless the person has gone elsewhere. */
  #openNew(id: string): void {
    const { list, navigation } = this.#app;
    const stop = effect(() => {
      if (!list.value.some((view) => view.id === id)) return;
      queueMicrotask(() => stop());
      if (navigation.screen.peek().name === 'new-group') navigation.replace({ name: 'conversation', id });
    });
  }
}

const known = new WeakMap<App, Groups>();

export function groupsOf(app: App): Groups {
  const groups = known.get(app) ?? new Groups(app);
  known.set(app, groups);
  return groups;
}
