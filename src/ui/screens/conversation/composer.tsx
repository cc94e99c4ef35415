// Where messages are written. Enter sends, Shift+Enter begins a line; files wait here until Send.
import { useEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import type { Group } from '../../../app/groups/group.ts';
import { IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { directionOf } from '../../direction.ts';
import { AttachIcon, SendIcon } from '../../icons/icons.tsx';
import { hasFinePointer } from '../../media.ts';
import { MentionOptions, mentionAttributes, useMentionList } from '../group/mention-list.tsx';
import { ComposeError } from './compose-error.tsx';
import { useGrowing } from './growing.ts';
import { Chip } from './waiting-file.tsx';
import './composer.css';

interface ComposerProps {
  readonly conversation: Conversation;
  readonly name: string;
  /** null between two. */
  readonly group: Group | null;
}

function Attach({ conversation }: { readonly conversation: Conversation }) {
  const { t } = useApp();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={picker}
        class="visually-hidden"
        data-testid="attach-input"
        type="file"
        autocomplete="off"
        multiple
        tabIndex={-1}
        aria-label={t.composer.attach}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // The same file may be chosen again.
          currentTarget.value = '';
          void conversation.composer.addFiles(files);
        }}
      />
      <IconButton label={t.composer.attach} onClick={() => picker.current?.click()}>
        <AttachIcon />
      </IconButton>
    </>
  );
}

export function Composer({ conversation, name, group }: ComposerProps) {
  const { t } = useApp();
  const { composer } = conversation;
  const text = composer.text.value;
  const files = composer.files.value;
  const field = useGrowing(text);
  const mentions = useMentionList(group, conversation, field);
  useEffect(() => {
    composer.resume();
    // On a phone the keyboard would cover what one came to read.
    const target = hasFinePointer.peek() ? field.current : document.getElementById('conversation-title');
    target?.focus({ preventScroll: true });
  }, [conversation.id]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (mentions.onKeyDown(event)) return;
    // 229: an input method is still composing (Safari tells it only this way).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    void conversation.send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    const tooLong = pasted.length === 0 && !composer.takes(event.clipboardData?.getData('text/plain') ?? '');
    if (pasted.length === 0 && !tooLong) return;
    event.preventDefault();
    if (!tooLong) void composer.addFiles(pasted);
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    void conversation.send();
    field.current?.focus();
  };

  return (
    <form class="composer" autocomplete="off" onSubmit={onSubmit}>
      <ComposeError conversation={conversation} />
      {files.length > 0 && (
        <ul class="chips" aria-label={t.composer.waitingFiles}>
          {files.map((waiting) => (
            <Chip key={waiting.id} waiting={waiting} conversation={conversation} />
          ))}
        </ul>
      )}
      {group !== null && <MentionOptions list={mentions} />}
      <div class="composer-line">
        <Attach conversation={conversation} />
        <textarea
          ref={field}
          class="composer-field"
          data-testid="message-input"
          rows={1}
          dir={directionOf(text)}
          enterkeyhint="send"
          aria-label={t.composer.label(name)}
          placeholder={t.composer.placeholder}
          value={text}
          {...mentionAttributes(mentions, group !== null)}
          onInput={({ currentTarget }) => {
            composer.type(currentTarget.value);
            mentions.look();
          }}
          onKeyUp={mentions.look}
          onClick={mentions.look}
          onBlur={mentions.close}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <IconButton
          class="send"
          type="submit"
          label={t.composer.send}
          data-testid="message-send"
          disabled={!composer.canSend.value}
        >
          <SendIcon />
        </IconButton>
      </div>
    </form>
  );
}
