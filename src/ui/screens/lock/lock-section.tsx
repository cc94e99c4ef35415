// The passphrase in the settings: whether there is one, and what can be done about it.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { lockWords } from '../../../app/i18n/lock.ts';
import { autoLockChoices, Lock } from '../../../app/lock.ts';
import { Button } from '../../components/button.tsx';
import { Section } from '../../components/page.tsx';
import { useApp } from '../../context.ts';
import { useFocusRescue } from '../../focus.ts';
import { ChevronIcon } from '../../icons/icons.tsx';
import { PassphraseField } from './passphrase-field.tsx';

interface FormProps {
  readonly lock: Lock;
  readonly what: 'set' | 'change';
  readonly done: () => void;
  readonly cancelled: () => void;
}

function LockError({ lock }: { readonly lock: Lock }) {
  const { t } = useApp();
  const error = lock.error.value;
  if (error === null) return null;
  return (
    <p id="lock-error" class="alert" role="alert" data-testid="lock-error" data-code={error.kind}>
      {t.errors[error.kind](error.detail)}
    </p>
  );
}

/** What is wrong with the passphrase that there is, not with the new one. */
const isOfCurrent = (kind: string | null | undefined): boolean =>
  kind === 'passphrase-wrong' || kind === 'passphrase-empty';

function PassphraseForm({ lock, what, done, cancelled }: FormProps) {
  const { t } = useApp();
  const words = lockWords(t.locale);
  const [current, typed] = [useSignal(''), useSignal('')];
  const [currentField, field] = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)];
  useEffect(() => (what === 'set' ? field : currentField).current?.focus(), [what]);
  useEffect(() => () => lock.forgetError(), [lock]);
  const kind = lock.error.value?.kind ?? null;
  const isCurrentWrong = isOfCurrent(kind);
  const submit = async (event: Event) => {
    event.preventDefault();
    const passphrase = typed.peek();
    const deed = what === 'set' ? { do: what, passphrase } : { do: what, passphrase, current: current.peek() };
    if (await lock.carryOut(deed)) done();
    else (isOfCurrent(lock.error.peek()?.kind) ? currentField : field).current?.focus();
  };
  const type = (into: typeof typed) => (value: string) => {
    into.value = value;
    lock.forgetError();
  };
  return (
    <form class="field" autocomplete="off" onSubmit={submit} noValidate>
      {what === 'change' && (
        <PassphraseField
          id="lock-current"
          label={words.current}
          value={current.value}
          field={currentField}
          invalid={isCurrentWrong}
          describedBy={isCurrentWrong ? 'lock-error' : ''}
          onInput={type(current)}
        />
      )}
      <PassphraseField
        id="lock-passphrase"
        label={what === 'set' ? words.passphrase : words.newPassphrase}
        value={typed.value}
        field={field}
        invalid={kind !== null && !isCurrentWrong}
        describedBy={kind === null ? 'lock-help lock-warning' : 'lock-error lock-help lock-warning'}
        onInput={type(typed)}
      />
      <LockError lock={lock} />
      <p class="help" id="lock-help">
        {words.help}
      </p>
      <p class="help" id="lock-warning">
        {words.setWarning}
      </p>
      <p class="help">{what === 'set' ? words.setPast : words.changeHelp}</p>
      <div class="buttons">
        <Button look="primary" type="submit" data-testid="lock-save" aria-disabled={lock.busy.value}>
          {lock.busy.value ? words.working : what === 'set' ? words.save : words.saveChange}
        </Button>
        <Button aria-disabled={lock.busy.value} onClick={() => lock.busy.peek() || cancelled()}>
          {t.cancel}
        </Button>
      </div>
    </form>
  );
}

function AutoLock({ lock }: { readonly lock: Lock }) {
  const { t, snapshot } = useApp();
  const words = lockWords(t.locale);
  const chosen = snapshot.value?.lock.autoLock ?? 0;
  return (
    <div class="field">
      <label for="lock-auto">{words.auto}</label>
      <span class="select">
        <select
          id="lock-auto"
          class="input"
          data-testid="lock-auto"
          aria-describedby="lock-auto-help"
          onChange={({ currentTarget }) => {
            const minutes = autoLockChoices.find((choice) => String(choice) === currentTarget.value) ?? 0;
            void lock.carryOut({ do: 'auto', minutes });
          }}
        >
          {autoLockChoices.map((choice) => (
            <option key={choice} value={String(choice)} selected={choice === chosen}>
              {words.autoChoice(choice)}
            </option>
          ))}
        </select>
        <ChevronIcon size={18} />
      </span>
      <p class="help" id="lock-auto-help">
        {words.autoHelp}
      </p>
    </div>
  );
}

export function LockSection() {
  const { t, node, snapshot, questions, toasts } = useApp();
  const words = lockWords(t.locale);
  const lock = useRef(new Lock(node)).current;
  const form = useSignal<'set' | 'change' | null>(null);
  const isOpen = snapshot.value?.lock.state === 'open';
  useFocusRescue(`${form.value} ${isOpen}`);
  const close = () => {
    form.value = null;
  };
  // Another tab has set or removed it: there is nothing for this form to change, or it would set a second.
  useEffect(() => {
    if (form.peek() !== (isOpen ? 'change' : 'set') && !lock.busy.peek()) close();
  }, [isOpen]);
  const done = (what: 'set' | 'change') => () => {
    close();
    toasts.show(words.done[what]);
  };
  const remove = async () => {
    if (!(await questions.ask(words.removeAsk))) return;
    if (await lock.carryOut({ do: 'remove' })) toasts.show(words.done.remove);
  };
  return (
    <Section title={words.title}>
      <div class="field">
        <p class="label" data-testid="lock-state">
          {isOpen ? words.on : words.none}
        </p>
        <p class="help">{isOpen ? words.onHelp : words.noneHelp}</p>
      </div>
      {form.value !== null ? (
        <PassphraseForm lock={lock} what={form.value} done={done(form.value)} cancelled={close} />
      ) : (
        <div class="field">
          <LockError lock={lock} />
          <div class="buttons">
            {isOpen ? (
              <>
                <Button look="primary" data-testid="lock-now" onClick={() => void lock.carryOut({ do: 'now' })}>
                  {words.lockNow}
                </Button>
                <Button
                  data-testid="lock-change"
                  onClick={() => {
                    form.value = 'change';
                  }}
                >
                  {words.change}
                </Button>
                <Button look="quiet-danger" data-testid="lock-remove" aria-disabled={lock.busy.value} onClick={remove}>
                  {lock.busy.value ? words.working : words.remove}
                </Button>
              </>
            ) : (
              <Button
                look="primary"
                data-testid="lock-set"
                onClick={() => {
                  form.value = 'set';
                }}
              >
                {words.set}
              </Button>
            )}
          </div>
        </div>
      )}
      {isOpen && <AutoLock lock={lock} />}
    </Section>
  );
}
