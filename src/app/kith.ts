// The app: everything the screens show and everything a person can do, over one KithNode. No JSX, no DOM (Platform).
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { type ErrorKind, errorKinds } from '../core/errors.ts';
import type { ConversationView, KithNode, NodeEvent, Result, Snapshot } from '../core/node-api.ts';
import { attentionSignal, MovingFiles, ReadMarks, type Seen, showUnread } from './attention.ts';
import { Conversation } from './conversation.ts';
import { Questions, Toasts } from './dialogs.ts';
import { Door } from './door.ts';
import { type Dictionary, en } from './i18n/en.ts';
import { createNavigation, type Navigation, type Screen } from './navigation.ts';
import { Notices } from './notices.ts';
import { NumberSearch } from './number-search.ts';
import { Pairing } from './pairing.ts';
import type { Platform } from './platform.ts';
import { Previews } from './previews.ts';
import { Settings } from './settings.ts';
import { Welcome } from './welcome.ts';

export type { Dictionary } from './i18n/en.ts';

/** The kind of anything a node may throw, also when it crossed from another tab and lost its class. */
function fatalKind(error: unknown): ErrorKind {
  const kind = (error as { kind?: unknown } | null)?.kind;
  return errorKinds.find((known) => known === kind) ?? 'internal';
}

export class App {
  readonly t: Dictionary;
  readonly node: KithNode;
  readonly platform: Platform;
  readonly #snapshot = signal<Snapshot | null>(null);
  readonly #fatal = signal<ErrorKind | null>(null);
  readonly #conversations = new Map<string, Conversation>();
  readonly #moving: MovingFiles;
  readonly #marks: ReadMarks;
  readonly #welcome: Welcome;
  /** What lies on top of the open screen and is closed first; null when nothing does. */
  onTop: (() => void) | null = null;
  #drawn: () => void = () => undefined;
  /** Resolves when the first screen is drawn and accepts input: what it does not need may be loaded from then on. */
  readonly usable: Promise<void> = new Promise((resolve) => {
    this.#drawn = resolve;
  });

  /** What stands behind the # of an invitation link that was opened, until it is answered. Never on any disk. */
  readonly invitation = signal<string | null>(null);
  /** Somebody looks at this page. */
  readonly looking: ReadonlySignal<boolean>;
  readonly navigation: Navigation;
  readonly pairing: Pairing;
  readonly search: NumberSearch;
  readonly door: Door;
  readonly settings: Settings;
  readonly previews: Previews;
  readonly notices: Notices;
  readonly questions = new Questions();
  readonly toasts: Toasts;
  readonly unread: ReadonlySignal<number>;
  readonly list: ReadonlySignal<readonly ConversationView[]> = computed(
    () => this.#snapshot.value?.conversations ?? [],
  );
  /** Names that more than one contact has: those show their numbers. */
  readonly sharedNames: ReadonlySignal<ReadonlySet<string>> = computed(() => {
    const names = this.list.value.map(({ name }) => name);
    return new Set(names.filter((name, index) => names.indexOf(name) !== index));
  });
  /** The conversation whose messages are on screen, or behind the picture that is. */
  readonly open: ReadonlySignal<Conversation | null> = computed(() => {
    const screen = this.navigation.screen.value;
    if (this.#isShut) return null;
    return screen.name === 'conversation' || screen.name === 'viewer' ? this.conversation(screen.id) : null;
  });

  constructor(node: KithNode, platform: Platform, dictionary: Dictionary) {
    this.node = node;
    this.platform = platform;
    this.t = dictionary;
    this.navigation = createNavigation(platform, (screen) => this.#exists(screen));
    this.toasts = new Toasts(platform);
    this.pairing = new Pairing(node, platform, this.#snapshot);
    this.search = new NumberSearch(node, this.#snapshot);
    this.#welcome = new Welcome({
      t: dictionary,
      list: this.list,
      navigation: this.navigation,
      toasts: this.toasts,
      pairing: this.pairing,
      typing: () => this.pairing.typed.peek() !== '' || this.search.typed.peek() !== '',
    });
    this.door = new Door(node, this.#snapshot);
    this.settings = new Settings(node, platform, this.#snapshot, (result) => this.report(result));
    this.previews = new Previews(node, platform);
    this.notices = new Notices(this.#snapshot, platform);
    this.#moving = new MovingFiles(platform);
    this.unread = showUnread(this.#snapshot, platform, dictionary);
    this.looking = attentionSignal(platform);
    this.#marks = new ReadMarks(
      node,
      this.looking,
      computed(() => this.#seen()),
    );
    this.#followScreen(this.looking);
    this.#followLinks();
    platform.watchHiding(() => this.open.peek()?.composer.flush());
    platform.watchLeaving(() => {
      for (const { composer } of this.#conversations.values()) composer.leave();
    });
    node.subscribe((event) => this.#on(event));
    node.snapshot().then(
      (snapshot) => {
        // An event may have come first; it is newer.
        if (this.#snapshot.peek() === null) this.#take(snapshot);
      },
      (error: unknown) => this.fail(fatalKind(error)),
    );
  }

  /** null until the node has opened its store. */
  get snapshot(): ReadonlySignal<Snapshot | null> {
    return this.#snapshot;
  }
  /** Why nothing can work; null while all is well. */
  get fatal(): ReadonlySignal<ErrorKind | null> {
    return this.#fatal;
  }

  /** For the screens. */
  firstScreenDrawn(): void {
    this.#drawn();
  }

  /** The page cannot go on, and says why. */
  fail(kind: ErrorKind): void {
    this.#fatal.value = kind;
  }

  /** One passing sentence for a failure that has no place of its own on the screen. */
  report(result: Result<unknown>): void {
    if (!result.ok) this.toasts.show(this.t.errors[result.kind](result.detail));
  }

  conversation(id: string): Conversation {
    const known = this.#conversations.get(id);
    if (known !== undefined) return known;
    const conversation = new Conversation(id, {
      node: this.node,
      platform: this.platform,
      view: computed(() => this.list.value.find((view) => view.id === id)),
      maxFileBytes: () => this.#snapshot.peek()?.settings.maxFileBytes ?? 0,
      failed: (result) => this.report(result),
    });
    this.#conversations.set(id, conversation);
    return conversation;
  }

  #seen(): Seen | null {
    const open = this.open.value;
    if (open === null || this.navigation.screen.value.name === 'viewer') return null;
    return { conversationId: open.id, messages: open.cache.messages, atEnd: open.atEnd };
  }

  /** Opens and closes conversations as the screen changes, and looks again when the person comes back. */
  #followScreen(looking: ReadonlySignal<boolean>): void {
    let before: Conversation | null = null;
    effect(() => {
      const next = this.open.value;
      if (next === before) return;
      before?.close();
      before = next;
      void next?.open();
    });
    effect(() => {
      if (looking.value) void this.open.peek()?.cache.refresh();
    });
  }

  /** Nothing is known of anybody yet. */
  get #isShut(): boolean {
    return (this.#snapshot.value?.lock.state ?? 'locked') === 'locked';
  }

  #exists(screen: Screen): boolean {
    if (screen.name === 'invitation') return this.invitation.value !== null;
    // Until the node has told, and while it may not, everybody whom the history names may be there.
    if (!('id' in screen) || this.#isShut) return true;
    return this.list.value.some(({ id }) => id === screen.id);
  }

  /** An invitation link is opened: with the page, or in it. */
  #followLinks(): void {
    const { fragments } = this.platform;
    const take = (fragment: string): boolean => {
      if (!/kith/i.test(fragment)) return false;
      this.invitation.value = fragment;
      return true;
    };
    if (take(fragments.first)) this.navigation.open({ name: 'invitation' });
    fragments.watch((fragment) => {
      if (take(fragment)) this.navigation.adopt({ name: 'invitation' });
      else this.navigation.adopt();
    });
  }

  #on(event: NodeEvent): void {
    if (event.type === 'snapshot') {
      this.#take(event.snapshot);
      return;
    }
    if (event.type === 'erased') this.platform.beginAnew();
    if (event.type === 'replaced') this.platform.reload(event.untouched);
    if (event.type === 'locked') this.platform.reload();
    if (!('conversationId' in event)) return;
    const conversation = this.#conversations.get(event.conversationId);
    if (event.type === 'messages') {
      this.#moving.update(event.messages);
      conversation?.cache.upsert(event.messages);
    } else if (event.type === 'removed') {
      conversation?.cache.remove(event.messageId);
    } else if (event.type === 'draft') {
      conversation?.composer.follow(event.text);
    } else {
      this.#moving.forget(event.conversationId);
      this.#marks.forget(event.conversationId);
      conversation?.cache.clear();
      conversation?.composer.cleared();
    }
  }

  #take(snapshot: Snapshot): void {
    const before = this.#snapshot.peek();
    // The tab with the keys has gone: nothing that they opened stays.
    if (before?.lock.state === 'open' && snapshot.lock.state === 'locked') {
      this.platform.reload();
      return;
    }
    this.#snapshot.value = snapshot;
    // Whoever is there after unlocking was there before.
    if (before !== null && before.lock.state !== 'locked')
      this.#welcome.changed(before.conversations, snapshot.conversations);
    this.#forgetGone(snapshot.conversations);
  }

  #forgetGone(present: readonly ConversationView[]): void {
    for (const [id, conversation] of this.#conversations) {
      if (present.some((view) => view.id === id)) continue;
      this.#conversations.delete(id);
      conversation.dispose();
    }
  }

  /** @param select What selects the text on the screen, so that it can be copied by hand where the browser refuses. */
  async copy(text: string, select?: () => void): Promise<void> {
    const copied = await this.platform.copy(text);
    if (!copied) select?.();
    this.toasts.show(copied ? this.t.copied : select ? this.t.copySelected : this.t.copyFailed);
  }

  async share(what: Parameters<NonNullable<Platform['share']>>[0]): Promise<void> {
    if (!(await this.platform.share?.(what))) this.toasts.show(this.t.shareFailed);
  }

  async createIdentity(name: string): Promise<Result> {
    return this.node.createIdentity(name).catch(() => ({ ok: false, kind: 'internal', detail: {} }) as const);
  }

  async answer(requestId: string, answer: 'accept' | 'accept-verified' | 'refuse'): Promise<void> {
    const request = this.#snapshot.peek()?.requests.find(({ id }) => id === requestId);
    const open = request === undefined ? null : this.#welcome.prepare(request);
    const answered = await this.node.answerRequest(requestId, answer);
    this.report(answered);
    if (answered.ok && answer !== 'refuse') open?.();
  }

  /** Asks, then clears, blocks or removes. */
  async askAndDo(conversation: Conversation, what: 'clear' | 'block' | 'remove'): Promise<void> {
    const name = conversation.view.peek()?.name ?? '';
    const { title, body, yes } = this.t.confirm[what];
    const text = (word: string | ((name: string) => string)) => (typeof word === 'string' ? word : word(name));
    if (!(await this.questions.ask({ title: text(title), body: text(body), yes }))) return;
    await conversation[what]();
  }

  /** Asks, then removes one dropped message. Resolves to whether it is gone. */
  async askAndRemove(conversation: Conversation, messageId: string): Promise<boolean> {
    return (await this.questions.ask(this.t.confirm.removeMessage)) && conversation.removeMessage(messageId);
  }

  /** Escape: closes whatever lies on top. True when there was something to close. */
  escape(): boolean {
    const question = this.questions.open.peek();
    if (question !== null) {
      question.answer(false);
      return true;
    }
    if (this.onTop !== null) {
      this.onTop();
      return true;
    }
    if (this.navigation.screen.peek().name === 'home') return false;
    this.navigation.close();
    return true;
  }
}

/** Starts the app over a node. The node may still be starting: its snapshot decides what is shown. */
export function createApp(node: KithNode, platform: Platform, dictionary: Dictionary = en): App {
  return new App(node, platform, dictionary);
}
