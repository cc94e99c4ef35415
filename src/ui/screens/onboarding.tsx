// First screen: asks only what people should call you, and makes the identity.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ErrorKind } from '../../app/errors.ts';
import { MAX_NAME_LENGTH } from '../../app/limits.ts';
import { Button } from '../components/button.tsx';
import { useApp } from '../context.ts';
import { Mark } from '../icons/icons.tsx';
import { lazyScreen } from '../lazy.tsx';
import './welcome.css';

const unfinished = lazyScreen(() => import('./backup/unfinished.tsx').then((file) => file.Unfinished));
const Return = lazyScreen(() => import('./backup/return.tsx').then((file) => file.Return), true);

export function Onboarding() {
  const app = useApp();
  const { t } = app;
  const name = useSignal('');
  const busy = useSignal(false);
  const error = useSignal<ErrorKind | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const create = async (event: Event) => {
    event.preventDefault();
    if (busy.peek()) return;
    error.value = null;
    busy.value = true;
    const made = await app.createIdentity(name.peek());
    busy.value = false;
    if (made.ok) return;
    error.value = made.kind;
    field.current?.focus();
  };

  return (
    <main data-content class="welcome" tabIndex={-1}>
      {app.snapshot.value?.unfinished && <unfinished.Screen />}
      <form class="welcome-card" autocomplete="off" onSubmit={create} noValidate>
        <Mark size={56} />
        <h1>{t.onboarding.title}</h1>
        <p class="welcome-lead">{t.onboarding.lead}</p>
        {app.invitation.value !== null && <p data-testid="onboarding-invited">{t.onboarding.invited}</p>}
        <div class="field">
          <label for="onboarding-name">{t.onboarding.nameLabel}</label>
          <input
            id="onboarding-name"
            ref={field}
            class="input"
            data-testid="onboarding-name"
            type="text"
            dir="auto"
            autocomplete="off"
            maxLength={MAX_NAME_LENGTH * 2}
            placeholder={t.onboarding.namePlaceholder}
            aria-describedby={error.value === null ? 'onboarding-help' : 'onboarding-error onboarding-help'}
            aria-invalid={error.value !== null}
            value={name.value}
            onInput={({ currentTarget }) => {
              name.value = currentTarget.value;
              error.value = null;
            }}
          />
          <p id="onboarding-help" class="help">
            {t.onboarding.nameHelp}
          </p>
          {error.value !== null && (
            <p id="onboarding-error" class="alert" role="alert" data-code={error.value}>
              {t.errors[error.value]({})}
            </p>
          )}
        </div>
        <Button look="primary" type="submit" data-testid="onboarding-create" aria-disabled={busy.value}>
          {busy.value ? t.onboarding.creating : t.onboarding.create}
        </Button>
        <ul class="welcome-facts">
          {t.onboarding.facts.map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
      </form>
      {/* Its room is kept: what comes later moves nothing. */}
      <div class="welcome-return">
        <Return.Screen />
      </div>
    </main>
  );
}
