// Who is in a group: what each may do, whether they are there, and what I can do about each.
import { useSignal } from '@preact/signals';
import { groupedNumber, typedDigits } from '../../../app/format.ts';
import type { Group } from '../../../app/groups/group.ts';
import { plain, SEARCHED_FROM } from '../../../app/groups/picking.ts';
import type { GroupMember, Group as GroupView } from '../../../app/views.ts';
import { Avatar } from '../../components/avatar.tsx';
import { Button } from '../../components/button.tsx';
import { Section } from '../../components/page.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import { WarningIcon } from '../../icons/icons.tsx';
import { AddPeople } from './add-people.tsx';
import { SearchField } from './picker.tsx';
import './members.css';

interface MemberProps {
  readonly group: Group;
  readonly member: GroupMember;
}

/** What an admin can do to somebody. Each asks first. */
function AdminActions({ group, member }: MemberProps) {
  const { questions } = useApp();
  const words = useGroupWords();
  const { members, ask } = words;
  const { name } = member;
  const invited = member.state === 'invited';
  const take = invited ? ask.withdraw : ask.remove;
  const askAnd = async (
    { title, body, yes }: { title: (name: string) => string; body: string; yes: string },
    act: () => Promise<boolean>,
  ) => {
    if (await questions.ask({ title: title(name), body, yes })) await act();
  };
  return (
    <>
      {!invited && member.role === 'member' && (
        <Button
          compact
          look="quiet"
          data-testid="member-admin"
          aria-label={members.makeAdminNamed(name)}
          onClick={() => void askAnd(ask.makeAdmin, () => group.makeAdmin(member.id))}
        >
          {members.makeAdmin}
        </Button>
      )}
      <Button
        compact
        look="quiet-danger"
        data-testid="member-remove"
        aria-label={invited ? members.withdrawNamed(name) : members.removeNamed(name)}
        onClick={() => void askAnd(take, () => group.remove(member.id))}
      >
        {invited ? members.withdraw : members.remove}
      </Button>
    </>
  );
}

/** A contact can be written to; somebody met in the group must agree first. */
function Reaching({ group, member }: MemberProps) {
  const { navigation } = useApp();
  const words = useGroupWords().members;
  const { contactId, name } = member;
  if (contactId !== null) {
    return (
      <Button
        compact
        look="quiet"
        aria-label={words.messageNamed(name)}
        onClick={() => navigation.open({ name: 'conversation', id: contactId })}
      >
        {words.message}
      </Button>
    );
  }
  if (member.asked) return <span class="soft member-asked">{words.asked}</span>;
  return (
    <Button
      compact
      look="quiet"
      data-testid="member-ask"
      aria-label={words.askNamed(name)}
      title={words.metHelp}
      onClick={() => void group.askMember(member.id)}
    >
      {words.ask}
    </Button>
  );
}

interface LineProps extends MemberProps {
  readonly admin: boolean;
  /** Only who belongs to the group can ask a member to be a contact. */
  readonly canAsk: boolean;
}

function Line({ group, member, admin, canAsk }: LineProps) {
  const { t } = useApp();
  const words = useGroupWords();
  const number = groupedNumber(member.number);
  const name = member.name || number || t.list.unnamed;
  const joined = member.state === 'joined';
  // Two of a name, and strangers, are told apart by their numbers.
  const numbered = name !== number && (member.contactId === null || group.sharedNames.value.has(member.name));
  return (
    <li
      class="member"
      data-testid="group-member"
      data-number={member.number}
      data-role={member.role}
      data-state={member.state}
    >
      <Avatar
        id={member.number || member.id}
        name={member.name}
        presence={member.online && !member.me ? 'online' : 'offline'}
        size="small"
      />
      <div class="member-words">
        <p class="member-name">
          <bdi>{name}</bdi>
          {member.role === 'admin' && <span class="member-role">{words.members.admin}</span>}
        </p>
        <p class="member-sub">
          <span>{words.members.state(member)}</span>
          {!member.me && member.contactId === null && <span title={words.members.metHelp}>{words.members.met}</span>}
          {numbered && !member.me && <span class="figures">{number}</span>}
        </p>
        {member.twoFaced && (
          <p class="member-two-faced">
            <WarningIcon size={16} />
            {words.page.twoFaced}
          </p>
        )}
        {!member.me && (
          <div class="member-actions">
            {joined && (canAsk || member.contactId !== null) && <Reaching group={group} member={member} />}
            {admin && <AdminActions group={group} member={member} />}
          </div>
        )}
      </div>
    </li>
  );
}

function matches({ name, theirName, number }: GroupMember, query: string): boolean {
  const digits = typedDigits(query);
  const byNumber = /^\d+$/.test(digits) && number.includes(digits);
  return byNumber || [name, theirName].some((one) => plain(one).includes(plain(query.trim())));
}

export function Members({ group, view }: { readonly group: Group; readonly view: GroupView }) {
  const words = useGroupWords().members;
  const query = useSignal('');
  const members = group.members.value;
  const invited = members.filter(({ state }) => state === 'invited').length;
  const canAsk = view.standing === 'active';
  const admin = view.role === 'admin' && canAsk;
  const shown = members.filter((member) => matches(member, query.value));
  const strangers =
    canAsk && members.some(({ me, contactId, state }) => !me && contactId === null && state === 'joined');
  return (
    <Section title={words.title(members.length - invited, invited)}>
      {admin && <AddPeople group={group} />}
      {members.length >= SEARCHED_FROM && (
        <SearchField
          label={words.search}
          value={query.value}
          onType={(text) => {
            query.value = text;
          }}
        />
      )}
      {strangers && (
        <p class="soft member-help">
          {words.met}: {words.metHelp}
        </p>
      )}
      <p class="visually-hidden" role="status">
        {query.value !== '' && (shown.length === 0 ? words.none : words.title(shown.length, 0))}
      </p>
      {shown.length === 0 && <p class="soft">{words.none}</p>}
      <ul class="members">
        {shown.map((member) => (
          <Line key={member.id} group={group} member={member} admin={admin} canAsk={canAsk} />
        ))}
      </ul>
    </Section>
  );
}
