// A group's page: what it is called, who is in it and who may do what, its cards, and the ways out.
import { useEffect, useRef } from 'preact/hooks';
import type { Group } from '../../../app/groups/group.ts';
import { groupsOf } from '../../../app/groups/groups.ts';
import { nameOf } from '../../../app/names.ts';
import type { GroupConversationView, Group as GroupView } from '../../../app/views.ts';
import { Page, Section } from '../../components/page.tsx';
import { Switch } from '../../components/switch.tsx';
import { useApp } from '../../context.ts';
import { focusContent } from '../../focus.ts';
import { useFocusKept } from '../../focus-kept.ts';
import { useGroupWords } from '../../group-words.ts';
import { WarningIcon } from '../../icons/icons.tsx';
import { GroupCards, Requests } from './cards.tsx';
import { GroupFace } from './group-face.tsx';
import { NamePart, PicturePart } from './identity.tsx';
import { Leaving } from './leaving.tsx';
import { Members } from './members.tsx';
import './group.css';

interface PartProps {
  readonly group: Group;
  readonly view: GroupView;
}

function Who({ view, of }: { readonly view: GroupView; readonly of: GroupConversationView }) {
  const { t } = useApp();
  const words = useGroupWords();
  const name = nameOf(of, t);
  const role = view.role === 'admin' ? words.page.roleAdmin : words.page.roleMember;
  return (
    <div class="group-who">
      <GroupFace
        face={of.face}
        name={view.name}
        picture={view.picture}
        presence={of.presence}
        size="large"
        label={words.page.picture.of(name)}
      />
      <p class="group-who-name" dir="auto">
        {name}
      </p>
      <p class="soft">
        {view.standing === 'active' ? words.talk.sub(of.joined, of.online) : words.list.standing[closed(view)]}
      </p>
      {view.standing === 'active' && <p class="soft group-role">{role}</p>}
    </div>
  );
}

const closed = ({ standing }: GroupView) => (standing === 'removed' ? 'removed' : 'left');

function Conflict() {
  const words = useGroupWords().page;
  return (
    <div class="group-note" data-testid="group-conflict">
      <WarningIcon size={22} />
      <p>
        <strong>{words.conflict}</strong>
        {words.conflictBody}
      </p>
    </div>
  );
}

function Settings({ group, view }: PartProps) {
  const words = useGroupWords().page;
  const admin = view.role === 'admin';
  return (
    <div class="section">
      <div class="section-body">
        {admin && <NamePart group={group} view={view} />}
        {admin && <PicturePart group={group} view={view} />}
        <Switch
          label={words.mute}
          help={words.muteHelp}
          on={view.muted}
          onChange={(on) => void group.mute(on)}
          testId="group-mute"
        />
      </div>
    </div>
  );
}

function Loading({ group }: { readonly group: Group }) {
  const { t } = useApp();
  const words = useGroupWords().page;
  const failure = group.failure.value;
  if (failure === null) {
    return (
      <p class="soft group-loading" role="status">
        {words.loading}
      </p>
    );
  }
  return (
    <div class="alert" role="alert" data-code={failure}>
      <WarningIcon size={20} />
      <p>{t.errors[failure]({})}</p>
    </div>
  );
}

export function GroupPage({ id }: { readonly id: string }) {
  const app = useApp();
  const words = useGroupWords();
  const group = groupsOf(app).group(id);
  const of = app.conversation(id).view.value;
  const view = group.view.value;
  useEffect(() => void group.load(), [group]);
  if (of?.kind !== 'group') return null;
  if (view === null) {
    return (
      <Page title={words.page.title}>
        <Loading group={group} />
      </Page>
    );
  }
  return (
    <Page title={words.page.title}>
      <Parts group={group} view={view} of={of} />
    </Page>
  );
}

function Parts({ group, view, of }: PartProps & { readonly of: GroupConversationView }) {
  const words = useGroupWords();
  const box = useRef<HTMLDivElement>(null);
  useFocusKept(box, focusContent);
  const active = view.standing === 'active';
  return (
    <div ref={box} class="group-parts">
      <Who view={view} of={of} />
      {active && view.role === 'admin' && <Requests group={group} view={view} />}
      {of.conflict && <Conflict />}
      {active && <Settings group={group} view={view} />}
      <Members group={group} view={view} />
      {active && view.role === 'admin' && <GroupCards group={group} view={view} />}
      <Section title={words.page.actions}>
        <Leaving group={group} view={view} />
      </Section>
    </div>
  );
}
