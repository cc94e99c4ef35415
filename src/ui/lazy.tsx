// Screens that the first paint does not need. They are fetched right after it, so that opening one never flashes.
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { Button } from './components/button.tsx';
import { useApp } from './context.ts';

type State<P> = { readonly screen: ComponentType<P> } | 'none' | 'loading' | 'failed';

export interface LazyScreen<P> {
  readonly Screen: ComponentType<P>;
  preload(): Promise<void>;
}

/** @param part It is a part of a screen that does without it until it is here. */
export function lazyScreen<P extends object>(load: () => Promise<ComponentType<P>>, part = false): LazyScreen<P> {
  const state = signal<State<P>>('none');

  const preload = async () => {
    if (typeof state.peek() === 'object' || state.peek() === 'loading') return;
    state.value = 'loading';
    try {
      state.value = { screen: await load() };
    } catch {
      state.value = 'failed';
    }
  };

  function Screen(props: P) {
    const app = useApp();
    const now = state.value;
    if (typeof now === 'object') return <now.screen {...props} />;
    if (now === 'none') void preload();
    if (part) return null;
    if (now !== 'failed') return <div class="lazy" role="status" aria-label={app.t.loadingPart} />;
    return (
      <div class="lazy" role="alert">
        <p>{app.t.loadingPartFailed}</p>
        <Button onClick={() => app.platform.reload()}>{app.t.reload}</Button>
      </div>
    );
  }

  return { Screen, preload };
}
