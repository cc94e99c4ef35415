// What the settings and the first screen have in common: the passphrase, the file, what went wrong.
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import type { Backup } from '../../../app/backup/backup.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import './backup.css';

interface PassphraseProps {
  readonly backup: Backup;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly isNew: boolean;
}

export function Passphrase({ backup, field, isNew }: PassphraseProps) {
  const { words } = backup;
  const visible = useSignal(false);
  const wrong = backup.problem.value !== null;
  return (
    <>
      <label for="backup-passphrase">{words.passphrase}</label>
      <div class="field-line">
        <input
          id="backup-passphrase"
          ref={field}
          class="input"
          data-testid="backup-passphrase"
          // One field of two kinds: the types know each alone.
          type={(visible.value ? 'text' : 'password') as 'text'}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-invalid={wrong}
          aria-describedby={wrong ? 'backup-error' : isNew ? 'backup-help' : undefined}
          value={backup.passphrase.value}
          onInput={({ currentTarget }) => backup.type(currentTarget.value)}
        />
        <Button
          aria-pressed={visible.value}
          onClick={() => {
            visible.value = !visible.value;
          }}
        >
          {visible.value ? words.hide : words.show}
        </Button>
      </div>
    </>
  );
}

export function BackupProblem({ backup }: { readonly backup: Backup }) {
  const { t } = useApp();
  const problem = backup.problem.value;
  if (problem === null) return null;
  return (
    <p id="backup-error" class="alert" role="alert" data-testid="backup-error" data-code={problem.kind}>
      {t.errors[problem.kind](problem.detail)}
    </p>
  );
}

/** A button that chooses a backup. */
export function ChooseBackup({
  backup,
  label,
  wanted,
}: {
  readonly backup: Backup;
  readonly label: string;
  readonly wanted: () => void;
}) {
  const busy = backup.busy.value !== null;
  return (
    <label class="button file-button" data-busy={busy}>
      {backup.busy.value === 'opening' ? backup.words.opening : label}
      <input
        type="file"
        data-testid="backup-import"
        disabled={busy}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          // The same file may be chosen again.
          currentTarget.value = '';
          if (file && !backup.choose(file)) wanted();
        }}
      />
    </label>
  );
}
