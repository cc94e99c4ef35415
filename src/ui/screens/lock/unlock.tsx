// Before anything is shown: the passphrase, or why none can help. Nothing of anybody is in the document meanwhile.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ErrorKind } from '../../../app/errors.ts';
import { lockWords } from '../../../app/i18n/lock.ts';
import { Lock } from '../../../app/lock.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { focusContent } from '../../focus.ts';
import { Mark } from '../../icons/icons.tsx';
import { PassphraseField } from './passphrase-field.tsx';
import '../welcome.css';
import './lock.css';

function Erase() {
  const { t, questions, settings } = useApp();
  const words = lockWords(t.locale);
  const erase = async () => {
    if (await questions.ask(words.eraseAsk)) await settings.eraseEverything();
  };
  return (
    <div class="buttons">
      <Button look="quiet-danger" data-testid="erase-everything" onClick={erase}>
        {words.erase}
      </Button>
    </div>
  );
}

function Ask() {
  const { t, node } = useApp();
  const words = lockWords(t.locale);
  const lock = useRef(new Lock(node)).current;
  const typed = useSignal('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    // It goes with the form, once the passphrase was right.
    return () => {
      if (document.activeElement === document.body) focusContent();
    };
  }, []);
  const error = lock.error.value;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await lock.carryOut({ do: 'unlock', passphrase: typed.peek() })) return;
    field.current?.focus();
    field.current?.select();
  };
  return (
    <form class="welcome-card" autocomplete="off" onSubmit={submit} noValidate>
      <Mark size={56} />
      <h1>{words.unlock.title}</h1>
      <p class="welcome-lead" id="unlock-lead">
        {words.unlock.lead}
      </p>
      <div class="field">
        <PassphraseField
          id="unlock-passphrase"
          label={words.passphrase}
          value={typed.value}
          field={field}
          invalid={error !== null}
          describedBy={error === null ? 'unlock-lead' : 'unlock-error unlock-lead'}
          onInput={(value) => {
            typed.value = value;
            lock.forgetError();
          }}
        />
        {error !== null && (
          <p id="unlock-error" class="alert" role="alert" data-testid="unlock-error" data-code={error.kind}>
            {t.errors[error.kind](error.detail)}
          </p>
        )}
      </div>
      <Button look="primary" type="submit" data-testid="unlock-submit" aria-disabled={lock.busy.value}>
        {lock.busy.value ? words.unlock.working : words.unlock.submit}
      </Button>
      <details class="forgotten">
        <summary>{words.unlock.forgotten}</summary>
        <p class="help">{words.unlock.forgottenHelp}</p>
        <Erase />
      </details>
    </form>
  );
}

function Lost({ kind }: { readonly kind: ErrorKind }) {
  const { t } = useApp();
  const words = lockWords(t.locale);
  return (
    <div class="welcome-card">
      <Mark size={48} />
      <h1>{words.unlock.lost}</h1>
      <div role="alert" data-code={kind}>
        <p>{t.errors[kind]({})}</p>
        <p class="soft figures">{t.fatal.code(kind)}</p>
      </div>
      <p class="soft">{words.unlock.lostHelp}</p>
      <Erase />
    </div>
  );
}

export function UnlockScreen() {
  const kind = useApp().snapshot.value?.lock.lost;
  return (
    <main data-content class="welcome" tabIndex={-1}>
      {kind ? <Lost kind={kind} /> : <Ask />}
    </main>
  );
}
