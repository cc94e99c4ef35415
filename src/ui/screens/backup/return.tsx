// Below the first screen: the ways back for those who have been here before. Loaded behind it.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Backup } from '../../../app/backup/backup.ts';
import { MAX_NAME_LENGTH } from '../../../app/limits.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { BackupProblem, ChooseBackup, Passphrase } from './parts.tsx';

export function Return() {
  const app = useApp();
  const backup = useMemo(() => new Backup(app), [app]);
  const { words } = backup;
  const field = useRef<HTMLInputElement>(null);
  const typing = useSignal(false);
  const file = backup.file.value;
  useEffect(() => field.current?.focus(), [file]);
  return (
    <section class="return" aria-label={words.back}>
      <p class="label">{words.back}</p>
      <div class="buttons">
        <ChooseBackup
          backup={backup}
          label={words.withBackup}
          wanted={() => {
            typing.value = false;
            field.current?.focus();
          }}
        />
        <Button
          data-testid="words-return"
          aria-expanded={typing.value}
          onClick={() => {
            backup.file.value = null;
            backup.problem.value = null;
            typing.value = !typing.value;
          }}
        >
          {words.withWords}
        </Button>
      </div>
      {file !== null && <WithBackup backup={backup} file={file} field={field} />}
      {typing.value && file === null && <WithWords backup={backup} />}
    </section>
  );
}

function WithBackup({
  backup,
  file,
  field,
}: {
  readonly backup: Backup;
  readonly file: File;
  readonly field: Parameters<typeof Passphrase>[0]['field'];
}) {
  const { words } = backup;
  const open = async (event: Event) => {
    event.preventDefault();
    if (!(await backup.open())) field.current?.focus();
  };
  return (
    <form class="field" autocomplete="off" onSubmit={open}>
      <p class="help">{words.chosen(file.name)}</p>
      <Passphrase backup={backup} field={field} isNew={false} />
      <BackupProblem backup={backup} />
      <Button look="primary" type="submit" data-testid="backup-open" aria-disabled={backup.busy.value !== null}>
        {backup.busy.value === 'opening' ? words.opening : words.openIt}
      </Button>
    </form>
  );
}

function WithWords({ backup }: { readonly backup: Backup }) {
  const { words } = backup;
  const typed = useSignal('');
  const name = useSignal('');
  const field = useRef<HTMLTextAreaElement>(null);
  const nameField = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const comeBack = async (event: Event) => {
    event.preventDefault();
    if (await backup.comeBack(typed.peek(), name.peek())) return;
    const wanted = backup.problem.peek()?.kind === 'name-empty' ? nameField : field;
    wanted.current?.focus();
  };
  const wrong = backup.problem.value !== null;
  return (
    <form class="field" autocomplete="off" onSubmit={comeBack} noValidate>
      <label for="return-words">{words.typeWords}</label>
      <textarea
        id="return-words"
        ref={field}
        class="input"
        data-testid="return-words"
        rows={4}
        dir="ltr"
        autocapitalize="off"
        autocomplete="off"
        spellcheck={false}
        aria-invalid={wrong}
        aria-describedby={wrong ? 'backup-error return-help' : 'return-help'}
        value={typed.value}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value;
          backup.problem.value = null;
        }}
      />
      <p class="help" id="return-help">
        {words.typeWordsHelp}
      </p>
      <label for="return-name">{words.name}</label>
      <input
        id="return-name"
        ref={nameField}
        class="input"
        data-testid="return-name"
        type="text"
        dir="auto"
        autocomplete="off"
        maxLength={MAX_NAME_LENGTH * 2}
        value={name.value}
        onInput={({ currentTarget }) => {
          name.value = currentTarget.value;
          backup.problem.value = null;
        }}
      />
      <BackupProblem backup={backup} />
      <Button look="primary" type="submit" data-testid="return-submit" aria-disabled={backup.busy.value !== null}>
        {backup.busy.value === 'returning' ? words.comingBack : words.comeBack}
      </Button>
    </form>
  );
}
