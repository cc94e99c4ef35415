// A field as high as its text.
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Grows with its text where the browser cannot do that itself (`field-sizing`). */
export function useGrowing(text: string) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const { current } = field;
    if (current === null || CSS.supports('field-sizing', 'content')) return;
    current.style.blockSize = 'auto';
    current.style.blockSize = `${current.scrollHeight}px`;
  }, [text]);
  return field;
}
