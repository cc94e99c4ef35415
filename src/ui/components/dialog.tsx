// The question before something that cannot be undone. It covers the panes but never a contact request, which lies above.
import { useLayoutEffect } from 'preact/hooks';
import { useApp } from '../context.ts';
import { Button } from './button.tsx';
import './dialog.css';

export function QuestionDialog() {
  const { t, questions } = useApp();
  const question = questions.open.value;
  // At once: what lies below sleeps from now on (inert), and a browser takes the focus from there at the next frame.
  useLayoutEffect(() => {
    if (question === null) return;
    const before = document.activeElement;
    document.querySelector<HTMLElement>('.dialog [data-testid="confirm-no"]')?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [question]);
  if (question === null) return null;
  return (
    <div class="scrim">
      <div
        class="dialog"
        role="alertdialog"
        aria-modal="true"
        aria-labelledby="dialog-title"
        aria-describedby="dialog-body"
      >
        <h2 id="dialog-title">{question.title}</h2>
        <p id="dialog-body" class="soft">
          {question.body}
        </p>
        <div class="dialog-buttons">
          <Button data-testid="confirm-no" onClick={() => question.answer(false)}>
            {question.harmless ? t.cancel : t.confirm.no}
          </Button>
          <Button
            look={question.harmless ? 'primary' : 'danger'}
            data-testid="confirm-yes"
            // The second press of the double click that opened this has read nothing.
            onClick={({ detail }) => detail > 1 || question.answer(true)}
          >
            {question.yes}
          </Button>
        </div>
      </div>
    </div>
  );
}
