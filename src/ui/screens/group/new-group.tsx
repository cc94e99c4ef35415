// A new group: its name, whom to invite, and what an admin may do, before anybody is one.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { isBlank } from '../../../app/format.ts';
import { groupsOf } from '../../../app/groups/groups.ts';
import { Picking } from '../../../app/groups/picking.ts';
import { MAX_NAME_LENGTH } from '../../../app/limits.ts';
import { Button } from '../../components/button.tsx';
import { Page, Section } from '../../components/page.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import { WarningIcon } from '../../icons/icons.tsx';
import { hasFinePointer } from '../../media.ts';
import { Picker } from './picker.tsx';
import './group.css';

export function NewGroupScreen() {
  const app = useApp();
  const { t } = app;
  const words = useGroupWords().make;
  const name = useSignal('');
  const error = useSignal<{ readonly code: string; readonly text: string } | null>(null);
  const busy = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  const picking = useMemo(() => new Picking(app.list), [app]);
  useEffect(() => {
    if (hasFinePointer.peek()) field.current?.focus();
  }, []);

  const onSubmit = async (event: Event) => {
    event.preventDefault();
    if (busy.peek()) return;
    error.value = null;
    if (isBlank(name.peek())) {
      error.value = { code: 'name-empty', text: words.nameMissing };
      field.current?.focus();
      return;
    }
    busy.value = true;
    const made = await groupsOf(app).create(name.peek(), picking.picked.peek());
    busy.value = false;
    if (!made.ok) error.value = { code: made.kind, text: t.errors[made.kind](made.detail) };
  };

  const aboutName = error.value?.code === 'name-empty';
  return (
    <Page title={words.title}>
      <form class="group-form" autocomplete="off" onSubmit={(event) => void onSubmit(event)}>
        <div class="section-body">
          <div class="field">
            <label for="group-name">{words.name}</label>
            <input
              ref={field}
              id="group-name"
              class="input"
              data-testid="group-name"
              type="text"
              dir="auto"
              autocomplete="off"
              maxLength={MAX_NAME_LENGTH * 2}
              placeholder={words.namePlaceholder}
              aria-invalid={aboutName}
              aria-describedby={error.value === null ? 'group-name-help' : 'group-error'}
              value={name.value}
              onInput={({ currentTarget }) => {
                name.value = currentTarget.value;
                error.value = null;
              }}
            />
            <p id="group-name-help" class="help">
              {words.nameHelp}
            </p>
          </div>
        </div>
        <Section title={words.people}>
          <Picker picking={picking} />
          <p class="soft">{words.alone}</p>
        </Section>
        <Section title={words.rules}>
          <ul class="rules">
            {words.ruleList.map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
          </ul>
        </Section>
        <div class="group-submit">
          {error.value !== null && (
            <div id="group-error" class="alert" role="alert" data-testid="group-error" data-code={error.value.code}>
              <WarningIcon size={20} />
              <p>{error.value.text}</p>
            </div>
          )}
          <Button look="primary" type="submit" data-testid="group-create">
            {busy.value ? words.creating : words.create}
          </Button>
        </div>
      </form>
    </Page>
  );
}
