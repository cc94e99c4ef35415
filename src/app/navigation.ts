// Which screen is open. In memory only: neither the address nor the title ever tells whom one talks to. History entries
// carry an index into `entries`, so that Back (the phone's button, a gesture, Alt+Left) walks through the screens.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Platform } from './platform.ts';

export type Screen =
  | { readonly name: 'home' }
  | { readonly name: 'conversation'; readonly id: string }
  | { readonly name: 'contact'; readonly id: string }
  | { readonly name: 'viewer'; readonly id: string; readonly messageId: string }
  | { readonly name: 'add-contact' }
  /** `at`: the part to begin at. */
  | { readonly name: 'settings'; readonly at?: 'network' };

const home: Screen = { name: 'home' };

export interface Navigation {
  readonly screen: ReadonlySignal<Screen>;
  /** Id of the conversation on screen, be it the messages, the contact's page or a picture; null elsewhere. */
  readonly conversationId: ReadonlySignal<string | null>;
  open(screen: Screen): void;
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

export function createNavigation(platform: Platform): Navigation {
  const entries: Screen[] = [home];
  const index = signal(0);
  const screen = computed(() => entries[index.value] ?? home);

  platform.history.replace(0);
  platform.history.watch((entry) => {
    // Entries of an earlier load of the page mean nothing any more.
    index.value = entry !== null && entry < entries.length ? entry : 0;
  });

  const open = (next: Screen) => {
    if (same(screen.value, next)) return;
    entries.length = index.value + 1;
    entries.push(next);
    index.value += 1;
    platform.history.push(index.value);
  };

  return {
    screen,
    conversationId: computed(() => ('id' in screen.value ? screen.value.id : null)),
    open,
    close() {
      if (screen.value.name === 'home') return;
      const parent = parentOf(screen.value);
      const below = entries[index.value - 1];
      // Going back keeps the history short; where something else lies below, the parent opens on top.
      if (below !== undefined && same(below, parent)) platform.history.back();
      else open(parent);
    },
  };
}
