// What main.tsx needs: puts the app on the page.
import { render } from 'preact';
import { en } from '../app/i18n/en.ts';
import type { App } from '../app/kith.ts';
import { Root } from './root.tsx';
import './styles/tokens.css';
import './styles/base.css';
// What every screen stands on, those included that come later: none may be drawn before its page is laid out.
import './components/page.css';
import { AppContext } from './context.ts';
import { Framed } from './screens/framed.tsx';

export function mountApp(root: HTMLElement, app: App): void {
  render(
    <AppContext.Provider value={app}>
      <Root />
    </AppContext.Provider>,
    root,
  );
}

/** Instead of the app, inside of another page. */
export function mountFramed(root: HTMLElement, address: string): void {
  render(<Framed t={en.framed} address={address} />, root);
}
