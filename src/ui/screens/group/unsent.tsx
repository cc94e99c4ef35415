// What somebody was writing when they left a group or were removed: to copy, and to throw away.
import type { Conversation } from '../../../app/conversation.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { directionOf } from '../../direction.ts';
import { focusMessages } from '../../focus-kept.ts';
import { useGroupWords } from '../../group-words.ts';
import { ComposeError } from '../conversation/compose-error.tsx';
import { useGrowing } from '../conversation/growing.ts';
import { Chip } from '../conversation/waiting-file.tsx';

/** Nothing when nothing is left. */
export function Unsent({ conversation }: { readonly conversation: Conversation }) {
  const app = useApp();
  const words = useGroupWords().talk.unsent;
  const { composer } = conversation;
  const text = composer.text.value;
  const field = useGrowing(text);
  const files = composer.files.value;
  // That one may not write here any more stands below.
  const hasFailed = composer.errors.value.some(({ kind }) => kind !== 'group-not-member');
  const discard = async () => {
    if (!(await app.questions.ask(words.ask))) return;
    composer.type('');
    // The button goes with the text.
    focusMessages();
  };
  if (!composer.canSend.value && !hasFailed) return null;
  return (
    <section class="unsent" data-testid="unsent" aria-labelledby="unsent-title">
      <h2 id="unsent-title" class="unsent-title">
        {words.title}
      </h2>
      {hasFailed && <ComposeError conversation={conversation} />}
      {files.length > 0 && (
        <ul class="chips" aria-label={app.t.composer.waitingFiles}>
          {files.map((waiting) => (
            <Chip key={waiting.id} waiting={waiting} conversation={conversation} isOver />
          ))}
        </ul>
      )}
      {text !== '' && (
        <>
          <textarea
            ref={field}
            class="composer-field"
            data-testid="unsent-text"
            aria-labelledby="unsent-title"
            rows={1}
            dir={directionOf(text)}
            readOnly
            value={text}
          />
          <div class="buttons unsent-buttons">
            <Button
              compact
              data-testid="unsent-copy"
              onClick={() => void app.copy(text, () => field.current?.select())}
            >
              {words.copy}
            </Button>
            <Button compact look="quiet-danger" data-testid="unsent-discard" onClick={() => void discard()}>
              {words.discard}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
