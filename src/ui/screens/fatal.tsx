// Before there is anything to show, and when there never will be.
import type { ErrorKind } from '../../app/errors.ts';
import { Button } from '../components/button.tsx';
import { useApp } from '../context.ts';
import { Mark } from '../icons/icons.tsx';
import './welcome.css';

export function Loading() {
  const { t } = useApp();
  return (
    <main data-content class="welcome loading" tabIndex={-1}>
      <Mark size={56} />
      <p role="status" class="soft">
        {t.loading}
      </p>
    </main>
  );
}

export function Fatal({ kind }: { readonly kind: ErrorKind }) {
  const { t, platform } = useApp();
  return (
    <main data-content class="welcome" tabIndex={-1}>
      <div class="welcome-card" role="alert" data-code={kind}>
        <Mark size={48} />
        <h1>{t.fatal.title}</h1>
        <p>{t.errors[kind]({})}</p>
        <p class="soft figures">{t.fatal.code(kind)}</p>
        <div class="buttons">
          <Button look="primary" onClick={() => platform.reload()}>
            {t.reload}
          </Button>
        </div>
      </div>
    </main>
  );
}
