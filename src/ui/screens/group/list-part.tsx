// What the list shows of groups: the line under a group's name, and the button for a new one.
import type { GroupConversationView } from '../../../app/views.ts';
import { IconButton } from '../../components/button.tsx';
import { StateIcon } from '../../components/state-icon.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import { MutedIcon, NewGroupIcon } from '../../icons/group-icons.tsx';
import './list-part.css';

function NewGroup() {
  const { navigation } = useApp();
  const words = useGroupWords();
  return (
    <IconButton
      label={words.list.newGroup}
      data-testid="new-group"
      aria-current={navigation.screen.value.name === 'new-group' ? 'page' : undefined}
      onClick={() => navigation.open({ name: 'new-group' })}
    >
      <NewGroupIcon />
    </IconButton>
  );
}

function Said({ view }: { readonly view: GroupConversationView }) {
  const { t } = useApp();
  const words = useGroupWords();
  const { last, standing } = view;
  if (standing === 'invited') {
    return <span class="row-text row-note">{words.list.invited(view.invitedBy?.name ?? '')}</span>;
  }
  if (standing !== 'active') return <span class="row-text row-note">{words.list.standing[standing]}</span>;
  // Somebody waits for an answer of mine: that comes before what was said last.
  if (view.requests > 0) return <span class="row-text row-note">{words.list.requests(view.requests)}</span>;
  if (last === null) return <span class="row-text row-note">{t.list.noMessages}</span>;
  if (last.system !== null) return <span class="row-text row-note">{words.talk.system(last.system)}</span>;
  const text =
    last.text !== '' || last.attachment === null
      ? last.text
      : t.list.file(t.attachmentKind[last.attachment], last.fileName);
  const said = last.direction === 'out' || last.fromName === '' ? text : words.list.said(last.fromName, text);
  return (
    <>
      {last.direction === 'out' && <StateIcon state={last.state} size={16} />}
      <span class="row-text" dir="auto">
        {said}
      </span>
    </>
  );
}

function Preview({ view }: { readonly view: GroupConversationView }) {
  const words = useGroupWords();
  return (
    <>
      <span class="row-preview" data-standing={view.standing} data-waits={view.requests > 0}>
        <Said view={view} />
      </span>
      {view.mentions > 0 && (
        <span class="badge row-mention">
          <span aria-hidden="true">@</span>
          <span class="visually-hidden">{words.list.mentions(view.mentions)}</span>
        </span>
      )}
      {view.muted && (
        <span class="row-muted" title={words.list.muted}>
          <MutedIcon size={16} />
          <span class="visually-hidden">{words.list.muted}</span>
        </span>
      )}
    </>
  );
}

/** @param view Left out: the button. */
export function GroupPart({ view }: { readonly view?: GroupConversationView }) {
  return view === undefined ? <NewGroup /> : <Preview view={view} />;
}
