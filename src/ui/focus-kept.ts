// For lazily loaded screens whose buttons go away with what they did.
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** When what had the focus within the box goes away, and the focus with it, `rescue` says where the keyboard goes on. */
export function useFocusKept(box: RefObject<HTMLElement | null>, rescue: () => void): void {
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    let last: EventTarget | null = null;
    const onFocus = ({ target }: FocusEvent) => {
      last = target;
    };
    const observer = new MutationObserver(() => {
      if (!(last instanceof Node) || last.isConnected) return;
      last = null;
      if (document.activeElement === document.body) rescue();
    });
    current.addEventListener('focusin', onFocus);
    observer.observe(current, { childList: true, subtree: true });
    return () => {
      observer.disconnect();
      current.removeEventListener('focusin', onFocus);
    };
  }, [box, rescue]);
}

/** The messages of the open conversation take the focus. */
export const focusMessages = (): void =>
  document.querySelector<HTMLElement>('[role="log"]')?.focus({ preventScroll: true });
