// One field for a passphrase. The browser is asked not to keep it: it is no password of a site, and one that the browser fills in
// protects nothing from whoever has the browser.
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { lockWords } from '../../../app/i18n/lock.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../context.ts';

interface Props {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly describedBy: string;
  readonly invalid: boolean;
}

export function PassphraseField({ id, label, value, onInput, field, describedBy, invalid }: Props) {
  const words = lockWords(useApp().t.locale);
  const shown = useSignal(false);
  return (
    <>
      <label for={id}>{label}</label>
      <div class="field-line">
        <input
          id={id}
          ref={field}
          class="input"
          data-testid={id}
          {...(shown.value ? ({ type: 'text' } as const) : ({ type: 'password' } as const))}
          autocomplete="off"
          autocapitalize="off"
          autocorrect="off"
          spellcheck={false}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          value={value}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
        <Button
          aria-pressed={shown.value}
          aria-controls={id}
          data-testid={`${id}-show`}
          onClick={() => {
            shown.value = !shown.peek();
          }}
        >
          {words.show}
        </Button>
      </div>
    </>
  );
}
