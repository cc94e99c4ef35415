// Above the first screen, where it is none: why nobody is here any more, and what can be done. Loaded when it is needed.
import { backupWords } from '../../../app/i18n/backup.ts';
import { useApp } from '../../context.ts';
import './backup.css';

export function Unfinished() {
  const { t, snapshot } = useApp();
  const kind = snapshot.value?.unfinished;
  if (kind === undefined) return null;
  const words = backupWords(t.locale);
  const [title, whatNow] =
    kind === 'data-gone' ? [words.gone, words.goneWhatNow] : [words.unfinished, words.nothingKept];
  return (
    <section class="alert unfinished" role="alert" aria-label={title} data-testid="import-unfinished" data-code={kind}>
      <strong>{title}</strong>
      <p>{t.errors[kind]({})}</p>
      <p>{whatNow}</p>
    </section>
  );
}
