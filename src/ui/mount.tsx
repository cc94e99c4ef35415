// The one thing main.tsx needs: puts the app on the page.
import { render } from 'preact';
import type { App } from '../app/kith.ts';
import { Root } from './root.tsx';
import './styles/tokens.css';
import './styles/base.css';
import { AppContext } from './context.ts';

export function mountApp(root: HTMLElement, app: App): void {
  render(
    <AppContext.Provider value={app}>
      <Root />
    </AppContext.Provider>,
    root,
  );
}
