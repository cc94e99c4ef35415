// Inside of another page: that page could lay its own words over our buttons, so there are none here. A header forbids it
// (`frame-ancestors`), but not every host sends one.
import type { Dictionary } from '../../app/i18n/en.ts';
import { Mark } from '../icons/icons.tsx';
import './welcome.css';

export function Framed({ t, address }: { readonly t: Dictionary['framed']; readonly address: string }) {
  return (
    <main class="welcome" data-testid="framed">
      <div class="welcome-card">
        <Mark size={48} />
        <h1>{t.title}</h1>
        <p>{t.why}</p>
        <p>
          <a href={address} target="_blank" rel="noopener">
            {t.open}
          </a>
        </p>
      </div>
    </main>
  );
}
