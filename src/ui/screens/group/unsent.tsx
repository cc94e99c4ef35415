// What somebody was writing when they left a group or were removed: to copy, and to throw away.
import { useRef } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { directionOf } from '../../direction.ts';
import { useGroupWords } from '../../group-words.ts';
import { ComposeError } from '../conversation/compose-error.tsx';
import { Chip } from '../conversation/waiting-file.tsx';

/** Nothing when nothing is left. */
export function Unsent({ conversation }: { readonly conversation: Conversation }) {
  const app = useApp();
  const words = useGroupWords().talk.unsent;
  const field = useRef<HTMLTextAreaElement>(null);
  const { composer } = conversation;
  const text = composer.text.value;
  const files = composer.files.value;
  // That one may not write here any more stands below.
  const hasFailed = composer.errors.value.some(({ kind }) => kind !== 'group-not-member');
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
            <Button compact look="quiet-danger" data-testid="unsent-discard" onClick={() => composer.type('')}>
              {words.discard}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
