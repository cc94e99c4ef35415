// Which screen is open. Neither the address nor the title ever tells whom one talks to: each entry of the history carries its
// screen as state, with ids that mean nothing outside this device. So Back (the phone's button, a gesture, Alt+Left) walks
// through the screens, and a reload comes back to the one that was open.
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Platform } from './platform.ts';

export type Screen =
  | { readonly name: 'home' }
  | { readonly name: 'conversation'; readonly id: string }
  | { readonly name: 'contact'; readonly id: string }
  | { readonly name: 'viewer'; readonly id: string; readonly messageId: string }
  | { readonly name: 'add-contact' | 'new-group' }
  /** What an invitation link that was opened asks. The link itself is in memory alone. */
  | { readonly name: 'invitation' }
  /** `at`: the part to begin at. */
  | { readonly name: 'settings'; readonly at?: 'network' };

const home: Screen = { name: 'home' };
/** Within this the browser has gone a step back, or has nowhere to go: it keeps some fifty entries of a page. Milliseconds. */
const BACK_WITHIN_MS = 1_000;

/** One entry of the history. `below`: the screen to which Back leads; null at the lowest, below which lies another page. */
interface Entry {
  readonly screen: Screen;
  readonly below: Screen | null;
}

const lowest: Entry = { screen: home, below: null };

export interface Navigation {
  readonly screen: ReadonlySignal<Screen>;
  /** Id of the conversation on screen, be it the messages, the contact's page or a picture; null elsewhere. */
  readonly conversationId: ReadonlySignal<string | null>;
  open(screen: Screen): void;
  /** Another screen in the place of this one: Back passes by what was open. */
  replace(screen: Screen): void;
  /** The browser has put an entry on top by itself: it is this screen's, or that of the one that is open. */
  adopt(screen?: Screen): void;
  /** One level up: from a picture or a contact to the messages, from anything else home. */
  close(): void;
}

function same(a: Screen, b: Screen): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The screen that lies below. */
export function parentOf(screen: Screen): Screen {
  if (screen.name === 'contact' || screen.name === 'viewer') return { name: 'conversation', id: screen.id };
  return home;
}

/** A screen out of the history, which another version may have written; null when it is none. */
function screenOf(value: unknown): Screen | null {
  const { name, id, messageId, at } = (value ?? {}) as Record<string, unknown>;
  if (name === 'home' || name === 'add-contact' || name === 'invitation' || name === 'new-group') return { name };
  if (name === 'settings') return at === 'network' ? { name, at } : { name };
  if (typeof id !== 'string') return null;
  if (name === 'conversation' || name === 'contact') return { name, id };
  return name === 'viewer' && typeof messageId === 'string' ? { name, id, messageId } : null;
}

function entryOf(value: unknown): Entry {
  const { screen, below } = (value ?? {}) as Record<string, unknown>;
  const shown = screenOf(screen);
  return shown === null ? lowest : { screen: shown, below: screenOf(below) };
}

/** `exists` tells, as signals do, whether there is what this screen shows, or may be. */
export function createNavigation(platform: Platform, exists: (screen: Screen) => boolean): Navigation {
  const { history } = platform;
  const entry = signal(entryOf(history.current()));
  const dead = computed(() => !exists(entry.value.screen));
  const screen = computed(() => (dead.value ? home : entry.value.screen));
  history.replace(entry.peek());

  // A step back is the browser's to make, and takes a moment. A second one meanwhile would lead out of the app, so whatever is asked
  // for waits until the first has arrived.
  let underWay: { readonly giveUp: () => void; readonly waiting: (() => void)[] } | null = null;
  const soon = (step: () => void) => {
    if (underWay) underWay.waiting.push(step);
    else step();
  };
  const arrived = (at: Entry) => {
    const waiting = underWay?.waiting ?? [];
    underWay?.giveUp();
    underWay = null;
    entry.value = at;
    for (const step of waiting) soon(step);
  };
  /** Only where something lies below. */
  const back = () => {
    const { below } = entry.peek();
    const giveUp = platform.after(BACK_WITHIN_MS, () => {
      const at: Entry = { screen: below ?? home, below: null };
      history.replace(at);
      arrived(at);
    });
    underWay = { giveUp, waiting: [] };
    history.back();
  };
  history.watch((state) => arrived(entryOf(state)));

  // Who was removed, and what was answered, leaves entries behind: Back passes them, down to one that still means something.
  let passed: Entry | null = null;
  effect(() => {
    const here = entry.value;
    if (!dead.value || here === passed) return;
    passed = here;
    soon(() => {
      if (entry.peek() !== here) return;
      if (here.below !== null) return back();
      entry.value = lowest;
      history.replace(lowest);
    });
  });

  const open = (next: Screen) => {
    if (same(screen.value, next)) return;
    entry.value = { screen: next, below: screen.value };
    history.push(entry.value);
  };

  const replace = (next: Screen) => {
    const { below } = entry.value;
    if (below !== null && same(below, next)) return back();
    entry.value = { screen: next, below };
    history.replace(entry.value);
  };

  const close = () => {
    if (screen.value.name === 'home') return;
    const parent = parentOf(screen.value);
    const { below } = entry.value;
    // Going back keeps the history short; where something else lies below, the parent opens on top.
    if (below !== null && same(below, parent)) back();
    else open(parent);
  };

  return {
    screen,
    conversationId: computed(() => ('id' in screen.value ? screen.value.id : null)),
    open: (next) => soon(() => open(next)),
    replace: (next) => soon(() => replace(next)),
    close: () => soon(close),
    adopt(next = screen.value) {
      if (!same(screen.value, next)) entry.value = { screen: next, below: screen.value };
      history.replace(entry.value);
    },
  };
}
