// Settings → Backup: everything goes out, or everything comes in; and the recovery words.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Backup } from '../../../app/backup/backup.ts';
import { Button } from '../../components/button.tsx';
import { Section } from '../../components/page.tsx';
import { useApp } from '../../context.ts';
import { BackupProblem, ChooseBackup, Passphrase } from './parts.tsx';

export function BackupData() {
  const app = useApp();
  const backup = useMemo(() => new Backup(app), [app]);
  const { words } = backup;
  const field = useRef<HTMLInputElement>(null);
  const focus = () => field.current?.focus();
  const busy = backup.busy.value !== null;
  const file = backup.file.value;
  const save = async () => {
    if (!(await backup.save())) focus();
  };
  const open = async () => {
    if (!(await backup.open())) focus();
  };
  return (
    <Section title={words.data}>
      <form
        class="field"
        autocomplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void (file === null ? save() : open());
        }}
      >
        <p class="help">{words.about}</p>
        <Passphrase backup={backup} field={field} isNew={file === null} />
        <BackupProblem backup={backup} />
        <p class="help" id="backup-help">
          {file === null ? words.passphraseHelp : words.chosen(file.name)}
        </p>
        <div class="buttons">
          <Button data-testid="backup-export" aria-disabled={busy} onClick={save}>
            {backup.busy.value === 'saving' ? words.saving : words.save}
          </Button>
          <ChooseBackup backup={backup} label={words.open} wanted={focus} />
          {file !== null && (
            <Button look="danger" type="submit" data-testid="backup-open" aria-disabled={busy}>
              {words.openIt}
            </Button>
          )}
        </div>
      </form>
      <RecoveryWords backup={backup} />
    </Section>
  );
}

function RecoveryWords({ backup }: { readonly backup: Backup }) {
  const { words } = backup;
  const shown = backup.shown.value;
  // They go with the screen.
  useEffect(() => () => backup.hideWords(), [backup]);
  return (
    <div class="field">
      <p class="label">{words.words}</p>
      <p class="help">{words.wordsAbout}</p>
      {shown !== null && (
        <>
          <ol class="recovery-words" data-testid="recovery-words" aria-label={words.words} translate={false}>
            {shown.map((word, index) => (
              <li key={`${index}-${word}`}>{word}</li>
            ))}
          </ol>
          <p class="help">{words.wordsOnPaper}</p>
        </>
      )}
      <div class="buttons">
        <Button
          compact
          data-testid="words-show"
          aria-expanded={shown !== null}
          onClick={() => (shown === null ? void backup.showWords() : backup.hideWords())}
        >
          {shown === null ? words.showWords : words.hideWords}
        </Button>
      </div>
    </div>
  );
}
