// What the screens do when somebody becomes a contact, or does not want to be one.
import type { ReadonlySignal } from '@preact/signals';
import type { ConversationView, DirectConversationView, PairRequestView } from '../core/node-api.ts';
import type { Toasts } from './dialogs.ts';
import type { Dictionary } from './i18n/en.ts';
import type { Navigation, Screen } from './navigation.ts';
import type { Pairing } from './pairing.ts';

export interface WelcomeParts {
  readonly t: Dictionary;
  readonly list: ReadonlySignal<readonly ConversationView[]>;
  readonly navigation: Navigation;
  readonly toasts: Toasts;
  readonly pairing: Pairing;
  /** The person is in the middle of typing somebody's card or number. */
  readonly typing: () => boolean;
}

/** Somebody who was accepted here, until their conversation is there. */
interface Accepted {
  readonly is: (view: ConversationView) => boolean;
  /** Where the person was: who goes elsewhere meanwhile is left there. */
  readonly screen: Screen;
}

/** Whoever stood so and belongs now has been waiting for it: a group that was left, or removed from, is entered again by a card. */
const beforeBelonging: readonly (string | undefined)[] = [undefined, 'waiting', 'left', 'removed'];

const standingOf = (view: ConversationView) => (view.kind === 'direct' ? view.state : view.standing);

export class Welcome {
  readonly #parts: WelcomeParts;
  #accepted: Accepted | null = null;

  constructor(parts: WelcomeParts) {
    this.#parts = parts;
  }

  /** Call before a request is accepted, and what it returns afterwards: it opens the conversation as soon as that is there. */
  prepare({ number, knownAs }: PairRequestView): () => void {
    const { list, navigation } = this.#parts;
    // A number can be made to fit: somebody new is never taken for the contact who has it already.
    const before = new Set(knownAs === null ? list.peek().map(({ id }) => id) : []);
    const is = (view: ConversationView) =>
      view.kind === 'direct' && view.number === number && view.state === 'active' && !before.has(view.id);
    const screen = navigation.screen.peek();
    return () => {
      this.#accepted = { is, screen };
      this.#openAccepted();
    };
  }

  changed(before: readonly ConversationView[], after: readonly ConversationView[]): void {
    const { t, navigation, toasts, pairing, typing } = this.#parts;
    const stateBefore = new Map(before.map((view) => [view.id, standingOf(view)]));
    const added = after.find(
      (view) => standingOf(view) === 'active' && beforeBelonging.includes(stateBefore.get(view.id)),
    );
    this.#openAccepted();
    if (added !== undefined) {
      // The person may be on any screen. Where they waited for it, the conversation is next.
      const screen = navigation.screen.peek();
      // Whoever makes a group sees it open, now or in a moment.
      const isMade = added.kind === 'group' && 'id' in screen && screen.id === added.id;
      if (screen.name !== 'new-group' && !isMade) toasts.show(t.pairing.added(added.name));
      if (screen.name === 'add-contact' && !typing()) this.#open(added);
    }
    const declined = after.find(
      (view): view is DirectConversationView =>
        view.kind === 'direct' && view.state === 'declined' && stateBefore.get(view.id) === 'waiting',
    );
    if (declined === undefined) return;
    const { way } = declined;
    const kind = way === 'number' || way === 'member' ? (`${way}-refused` as const) : 'card-refused';
    pairing.refusedBy(kind);
    if (navigation.screen.peek().name !== 'add-contact') toasts.show(t.errors[kind]({}));
  }

  #openAccepted(): void {
    const { list, navigation } = this.#parts;
    const accepted = this.#accepted;
    const view = accepted === null ? undefined : list.peek().find(accepted.is);
    if (accepted === null || view === undefined) return;
    this.#accepted = null;
    if (navigation.screen.peek() === accepted.screen) this.#open(view);
  }

  #open({ id }: ConversationView): void {
    const { navigation } = this.#parts;
    const next = { name: 'conversation', id } as const;
    // What adding was for is done: Back does not lead there again.
    if (navigation.screen.peek().name === 'add-contact') navigation.replace(next);
    else navigation.open(next);
  }
}
