// Says new messages to screen readers. The list itself is silent: scrolling would read out everything it mounts.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import { groupWords } from '../../../app/i18n/groups.ts';
import { nameOf } from '../../../app/names.ts';
import type { ConversationView } from '../../../app/views.ts';
import { useApp } from '../../context.ts';

interface AnnouncerProps {
  readonly conversation: Conversation;
  readonly view: ConversationView;
}

export function Announcer({ conversation, view }: AnnouncerProps) {
  const { t } = useApp();
  const newest = conversation.cache.messages.value.at(-1);
  const said = useSignal('');
  const last = useRef<number | null>(null);
  useEffect(() => {
    if (newest === undefined) return;
    const isNew = last.current !== null && newest.position > last.current;
    last.current = newest.position;
    if (!isNew || newest.direction !== 'in') return;
    if (newest.system !== null) {
      said.value = groupWords(t.locale).talk.system(newest.system);
      return;
    }
    const words =
      newest.attachment === null
        ? newest.text
        : `${t.attachmentKind[newest.attachment.kind]} ${newest.attachment.name}`;
    said.value = t.conversation.incoming(newest.fromName || nameOf(view, t), words);
  }, [newest?.id]);
  return (
    <div class="visually-hidden" aria-live="polite">
      {said.value}
    </div>
  );
}
