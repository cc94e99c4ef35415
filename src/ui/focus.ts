// Where the keyboard goes on when what had the focus is gone.
import { useEffect, useRef } from 'preact/hooks';

/** The title of the screen that is open, else what is shown last: the open pane, or on a narrow window the list. */
export function focusContent(): void {
  const shown = (selector: string) =>
    [...document.querySelectorAll<HTMLElement>(selector)].findLast((element) => element.checkVisibility());
  (shown('[data-screen-title]') ?? shown('[data-content]'))?.focus({ preventScroll: true });
}

/** A button that went away with what it did leaves the focus nowhere: the screen takes it. @param state What makes it go. */
export function useFocusRescue(state: unknown): void {
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== state && document.activeElement === document.body) focusContent();
    before.current = state;
  }, [state]);
}
