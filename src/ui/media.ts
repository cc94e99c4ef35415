// Media queries as signals, for the few things that style sheets cannot decide.
import { type ReadonlySignal, signal } from '@preact/signals';

function media(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener('change', () => {
    matches.value = list.matches;
  });
  return matches;
}

/** One pane: the same width as in shell.css. */
export const isNarrow = media('(width < 48rem)');
/** A mouse or the like: no keyboard slides over the screen when a field takes the focus. */
export const hasFinePointer = media('(pointer: fine)');
