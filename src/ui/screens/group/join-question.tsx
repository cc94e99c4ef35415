// Whether to join a group whose card was pasted or scanned.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { groupsOf } from '../../../app/groups/groups.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import './join-question.css';

function Question({ cancel, confirm }: { readonly cancel: () => void; readonly confirm: () => Promise<void> }) {
  const app = useApp();
  const words = useGroupWords().join;
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    title.current?.focus({ preventScroll: true });
    // The answers as well, where there is room for them.
    title.current?.parentElement?.scrollIntoView({ block: 'nearest' });
    app.onTop = cancel;
    return () => {
      app.onTop = null;
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [app, cancel]);
  return (
    <section class="join-question" aria-labelledby="join-title">
      <h3 ref={title} id="join-title" tabIndex={-1}>
        {words.title}
      </h3>
      <p>{words.body}</p>
      <p class="soft">{words.unknown}</p>
      <div class="buttons">
        <Button look="primary" data-testid="group-join" onClick={() => void confirm()}>
          {words.confirm}
        </Button>
        <Button data-testid="group-join-cancel" onClick={cancel}>
          {words.cancel}
        </Button>
      </div>
    </section>
  );
}

export function JoinQuestion() {
  const { join } = groupsOf(useApp());
  useEffect(() => join.cancel, [join]);
  return join.card.value === null ? null : <Question cancel={join.cancel} confirm={join.confirm} />;
}
