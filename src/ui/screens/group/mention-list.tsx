// Members to mention, above the composer while a name is being typed behind an @. The field keeps the focus: arrows choose, Enter and Tab
// take, Escape closes (WAI-ARIA: a text field whose list has an active descendant).
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import { groupedNumber } from '../../../app/format.ts';
import type { Group } from '../../../app/groups/group.ts';
import { offered, type Typed, typedMention, withMention } from '../../../app/groups/mentions.ts';
import { plain } from '../../../app/groups/picking.ts';
import type { GroupMember } from '../../../app/views.ts';
import { Avatar } from '../../components/avatar.tsx';
import { useGroupWords } from '../../group-words.ts';
import './mention-list.css';

export interface MentionList {
  readonly shown: readonly GroupMember[];
  readonly active: number;
  /** The field changed, or its caret moved. */
  look(): void;
  close(): void;
  choose(member: GroupMember): void;
  /** True when the key was meant for the list. */
  onKeyDown(event: KeyboardEvent): boolean;
}

const LIST_ID = 'mention-list';
const optionId = (index: number) => `mention-${index}`;

export function useMentionList(
  group: Group | null,
  conversation: Conversation,
  field: RefObject<HTMLTextAreaElement | null>,
): MentionList {
  const typed = useSignal<Typed | null>(null);
  const active = useSignal(0);
  /** Where the @ stands whose list was closed. */
  const closed = useRef<number | null>(null);
  const caret = useRef<number | null>(null);
  const { composer } = conversation;
  const text = composer.text.value;
  useLayoutEffect(() => {
    if (caret.current !== null) field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [text]);

  const query = typed.value?.query ?? '';
  const found = group === null || typed.value === null ? [] : offered(group.members.value, query);
  // Whoever has typed the whole name means to go on.
  const done = found.length === 1 && plain(found[0]?.theirName ?? '') === plain(query);
  const shown = done ? [] : found;
  const index = Math.min(active.value, Math.max(0, shown.length - 1));

  const look = () => {
    const { current } = field;
    if (group === null || current === null) return;
    const now =
      current.selectionStart === current.selectionEnd ? typedMention(current.value, current.selectionStart) : null;
    if (now?.start !== closed.current) closed.current = null;
    if (now?.query !== typed.peek()?.query) active.value = 0;
    typed.value = now === null || closed.current !== null ? null : now;
  };
  const close = () => {
    closed.current = typed.peek()?.start ?? null;
    typed.value = null;
  };
  const choose = (member: GroupMember) => {
    const at = typed.peek();
    if (at === null || group === null) return;
    const next = withMention(composer.text.peek(), at, member.theirName);
    group.choose(member.theirName, member.id);
    caret.current = next.caret;
    typed.value = null;
    composer.type(next.text);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (shown.length === 0 || event.isComposing || event.keyCode === 229) return false;
    const member = shown[index];
    if (event.key === 'ArrowDown') active.value = (index + 1) % shown.length;
    else if (event.key === 'ArrowUp') active.value = (index - 1 + shown.length) % shown.length;
    else if (event.key === 'Escape') close();
    else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey && member !== undefined) choose(member);
    else return false;
    event.preventDefault();
    return true;
  };
  return { shown, active: index, look, close, choose, onKeyDown };
}

/** For the field: which of them would be taken. */
export function mentionAttributes({ shown, active }: MentionList, isGroup: boolean) {
  if (!isGroup) return {};
  const open = shown.length > 0;
  return {
    'aria-autocomplete': 'list',
    'aria-controls': open ? LIST_ID : undefined,
    'aria-activedescendant': open ? optionId(active) : undefined,
  } as const;
}

export function MentionOptions({ list }: { readonly list: MentionList }) {
  const words = useGroupWords().talk;
  const { shown, active, choose } = list;
  return (
    <>
      <p class="visually-hidden" role="status">
        {shown.length > 0 && words.mentionHint(shown.length)}
      </p>
      {shown.length > 0 && (
        <div id={LIST_ID} class="mentions" role="listbox" aria-label={words.mentionList}>
          {shown.map((member, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are taken by the field, which keeps the focus
            // biome-ignore lint/a11y/useFocusableInteractive: see above
            <div
              key={member.id}
              id={optionId(index)}
              class="mention-option"
              role="option"
              data-testid="mention-option"
              data-number={member.number}
              aria-selected={index === active}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(member)}
            >
              <Avatar id={member.number || member.id} name={member.name} size="small" />
              <span class="mention-words">
                <bdi class="mention-name">{member.name}</bdi>
                <span class="figures soft">{groupedNumber(member.number)}</span>
              </span>
            </div>
          ))}
        </div>
      )}
    </>
  );
}
