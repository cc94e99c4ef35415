// What the conversation of a group has and one between two has not: its header, what is going on, the invitation, and the end of it.
import { useEffect } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import { groupedNumber } from '../../../app/format.ts';
import type { Group } from '../../../app/groups/group.ts';
import { nameOf } from '../../../app/names.ts';
import type { GroupConversationView } from '../../../app/views.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { focusMessages } from '../../focus-kept.ts';
import { useGroupWords } from '../../group-words.ts';
import { MutedIcon } from '../../icons/group-icons.tsx';
import { BackIcon } from '../../icons/icons.tsx';
import { GroupFace } from './group-face.tsx';
import { Unsent } from './unsent.tsx';
import './talk.css';

interface TalkProps {
  readonly view: GroupConversationView;
  readonly group: Group;
}

/** Asks what the group is like, and lets the composer tell whom a text names. */
export function useGroupTalk(group: Group | null, conversation: Conversation): void {
  useEffect(() => {
    if (group === null) return;
    void group.load();
    conversation.composer.mentionsIn = group.mentionsIn;
    return group.close;
  }, [group, conversation]);
}

export function GroupHeader({ view, group }: TalkProps) {
  const { t, navigation } = useApp();
  const words = useGroupWords();
  const name = nameOf(view, t);
  const known = view.standing === 'active';
  return (
    <header class="page-header conversation-header">
      <h1 id="conversation-title" class="visually-hidden" tabIndex={-1}>
        {name}
      </h1>
      <IconButton class="only-narrow" label={t.back} onClick={() => navigation.close()}>
        <BackIcon />
      </IconButton>
      <button
        type="button"
        class="conversation-who"
        data-testid="group-info"
        aria-label={words.talk.info(name)}
        aria-describedby="conversation-sub"
        onClick={() => navigation.open({ name: 'contact', id: view.id })}
      >
        <GroupFace
          face={view.face}
          name={view.name}
          picture={group.view.value?.picture ?? null}
          presence={view.presence}
          size="small"
        />
        <span class="conversation-words">
          <span class="conversation-name" dir="auto">
            {name}
          </span>
          <span id="conversation-sub" class="conversation-sub">
            {known && words.talk.sub(view.joined, view.online)}
            {view.standing === 'invited' && words.list.invited(view.invitedBy?.name ?? '')}
            {(view.standing === 'left' || view.standing === 'removed') && words.list.standing[view.standing]}
          </span>
        </span>
      </button>
      {view.muted && (
        <span class="talk-muted" title={words.list.muted}>
          <MutedIcon size={20} />
          <span class="visually-hidden">{words.list.muted}</span>
        </span>
      )}
    </header>
  );
}

/** What is going on, when it is not simply that somebody is there. */
export function GroupStatus({ view, group }: TalkProps) {
  const { t, snapshot, navigation } = useApp();
  const words = useGroupWords().talk;
  const network = snapshot.value?.network.state ?? 'offline';
  const alone = view.joined > 1 && view.online === 0;
  const status = network !== 'online' ? t.status[network] : alone ? words.alone : null;
  const requests = view.role === 'admin' && view.standing === 'active' ? (group.view.value?.requests.length ?? 0) : 0;
  return (
    <div class="status-place" role="status">
      {requests > 0 && (
        <p class="status">
          <button
            type="button"
            class="meta-button"
            data-testid="group-requests"
            onClick={() => navigation.open({ name: 'contact', id: view.id })}
          >
            {words.requests(requests)}
          </button>
        </p>
      )}
      {status !== null && view.standing === 'active' && <p class="status">{status}</p>}
    </div>
  );
}

function Known({ group }: { readonly group: Group }) {
  const words = useGroupWords().invite;
  const others = group.members.value.filter(({ me, state }) => !me && state === 'joined');
  if (others.length === 0) return null;
  const names = others.filter(({ contactId, name }) => contactId !== null && name !== '').map(({ name }) => name);
  const first = names.slice(0, 5);
  const known = names.length > 5 ? words.knownMore(first, names.length - 5) : words.known(first);
  return (
    <p>
      {words.others(others.length)} {names.length === 0 ? words.knownNone : known}
    </p>
  );
}

/** Instead of messages: nothing can be read before one has said yes. */
export function Invitation({ view, group }: TalkProps) {
  const { t } = useApp();
  const words = useGroupWords().invite;
  return (
    <div class="invite-place">
      <section class="invite" data-testid="group-invite" aria-labelledby="invite-title">
        <GroupFace face={view.face} name={view.name} picture={group.view.value?.picture ?? null} size="large" />
        <p class="invite-name" dir="auto">
          {nameOf(view, t)}
        </p>
        <h2 id="invite-title" data-screen-title tabIndex={-1}>
          {words.title(view.invitedBy?.name ?? '')}
        </h2>
        {view.invitedBy !== null && view.invitedBy.number !== '' && (
          <p class="soft">
            <span class="visually-hidden">{words.from} </span>
            <span class="figures">{groupedNumber(view.invitedBy.number)}</span>
          </p>
        )}
        <Known group={group} />
        <p class="soft">{words.explain}</p>
        <div class="buttons invite-buttons">
          <Button look="primary" data-testid="group-accept" onClick={() => void group.answer('accept')}>
            {words.accept}
          </Button>
          <Button look="quiet-danger" data-testid="group-refuse" onClick={() => void group.answer('refuse')}>
            {words.refuse}
          </Button>
        </div>
      </section>
    </div>
  );
}

interface ClosedProps {
  readonly standing: 'left' | 'removed';
  readonly conversation: Conversation;
}

/** Instead of the composer. */
export function Closed({ standing, conversation }: ClosedProps) {
  const words = useGroupWords().talk;
  // The field that was typed in is gone.
  useEffect(() => {
    if (document.activeElement === document.body) focusMessages();
  }, []);
  return (
    <div class="composer composer-blocked">
      <Unsent conversation={conversation} />
      <p class="soft talk-closed" data-testid="group-closed" data-standing={standing}>
        {words.closed[standing]}
      </p>
    </div>
  );
}
