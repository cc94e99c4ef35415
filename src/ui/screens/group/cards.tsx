// Cards of a group, for admins: making them, handing them out, taking them back, and who came by one.
import { useSignal } from '@preact/signals';
import { cardGroups, groupedNumber } from '../../../app/format.ts';
import type { Group } from '../../../app/groups/group.ts';
import type { GroupCard, Group as GroupView, JoinRequest } from '../../../app/views.ts';
import { Avatar } from '../../components/avatar.tsx';
import { Button } from '../../components/button.tsx';
import { Section } from '../../components/page.tsx';
import { QrCode } from '../../components/qr-code.tsx';
import { Switch } from '../../components/switch.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import { ChevronIcon, CopyIcon, ShareIcon } from '../../icons/icons.tsx';
import { QrIcon } from '../../icons/meeting-icons.tsx';
import './cards.css';

/** As many people as a card may let in. */
const USES = [1, 5, 10, 49] as const;
/** Milliseconds for which one may be valid. */
const TIMES = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

interface PartProps {
  readonly group: Group;
  readonly view: GroupView;
}

function Card({ group, card }: { readonly group: Group; readonly card: GroupCard }) {
  const app = useApp();
  const { t, platform, questions } = app;
  const words = useGroupWords();
  const drawn = useSignal(false);
  const revoke = async () => {
    if (await questions.ask(words.ask.revoke)) await group.revokeCard(card.id);
  };
  return (
    <li class="group-card">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls; these are groups of letters */}
      <div
        class="group-card-text"
        data-testid="group-card"
        data-card={card.text}
        role="group"
        aria-label={words.cards.label}
      >
        {cardGroups(card.text).map((letters, index) => (
          <span key={index}>{letters}</span>
        ))}
      </div>
      {drawn.value && <QrCode key={card.text} text={card.text} label={words.cards.qr} testId="group-card-qr" />}
      <p class="soft">
        {words.cards.left(card.usesLeft, card.uses)} · {words.cards.until(t.moment(card.expiresAt))}
      </p>
      <div class="buttons">
        <Button compact onClick={() => void app.copy(card.text)}>
          <CopyIcon size={18} />
          {words.cards.copy}
        </Button>
        {platform.share !== null && (
          <Button compact onClick={() => void platform.share?.({ text: card.text })}>
            <ShareIcon size={18} />
            {t.share}
          </Button>
        )}
        <Button
          compact
          aria-expanded={drawn.value}
          onClick={() => {
            drawn.value = !drawn.peek();
          }}
        >
          <QrIcon size={18} />
          {drawn.value ? words.cards.hideQr : words.cards.showQr}
        </Button>
        <Button compact look="quiet-danger" data-testid="group-card-revoke" onClick={() => void revoke()}>
          {words.cards.revoke}
        </Button>
      </div>
    </li>
  );
}

function Make({ group }: { readonly group: Group }) {
  const words = useGroupWords().cards;
  const uses = useSignal<number>(USES[1]);
  const time = useSignal<keyof typeof TIMES>('day');
  const busy = useSignal(false);
  const make = async (event: Event) => {
    event.preventDefault();
    if (busy.peek()) return;
    busy.value = true;
    await group.makeCard(uses.peek(), TIMES[time.peek()]);
    busy.value = false;
  };
  return (
    <form class="group-card-make" autocomplete="off" onSubmit={(event) => void make(event)}>
      <div class="field">
        <label for="card-uses">{words.uses}</label>
        <span class="select">
          <select
            id="card-uses"
            class="input"
            data-testid="group-card-uses"
            value={String(uses.value)}
            onChange={({ currentTarget }) => {
              uses.value = Number(currentTarget.value);
            }}
          >
            {USES.map((count) => (
              <option key={count} value={String(count)} selected={count === uses.value}>
                {words.usesChoice(count)}
              </option>
            ))}
          </select>
          <ChevronIcon size={18} />
        </span>
      </div>
      <div class="field">
        <label for="card-time">{words.time}</label>
        <span class="select">
          <select
            id="card-time"
            class="input"
            data-testid="group-card-time"
            value={time.value}
            onChange={({ currentTarget }) => {
              time.value = currentTarget.value as keyof typeof TIMES;
            }}
          >
            {(Object.keys(TIMES) as (keyof typeof TIMES)[]).map((choice) => (
              <option key={choice} value={choice} selected={choice === time.value}>
                {words.times[choice]}
              </option>
            ))}
          </select>
          <ChevronIcon size={18} />
        </span>
      </div>
      <Button type="submit" data-testid="group-card-new">
        {words.make}
      </Button>
    </form>
  );
}

function Request({ group, request }: { readonly group: Group; readonly request: JoinRequest }) {
  const words = useGroupWords().cards;
  const name = request.name || words.unnamed;
  const titleId = `join-${request.id}`;
  return (
    <li class="join-request" data-testid="join-request" data-number={request.number} aria-labelledby={titleId}>
      <Avatar id={request.number || request.id} name={request.name} size="small" />
      <div class="join-request-words">
        <p id={titleId} class="join-request-name">
          <bdi>{name}</bdi>
        </p>
        <p class="soft figures">{groupedNumber(request.number)}</p>
      </div>
      <div class="buttons">
        <Button
          compact
          look="primary"
          data-testid="join-accept"
          aria-label={words.accept(name)}
          onClick={() => void group.answerJoin(request.id, 'accept')}
        >
          {words.acceptShort}
        </Button>
        <Button
          compact
          look="quiet-danger"
          data-testid="join-refuse"
          aria-label={words.refuse(name)}
          onClick={() => void group.answerJoin(request.id, 'refuse')}
        >
          {words.refuseShort}
        </Button>
      </div>
    </li>
  );
}

export function Requests({ group, view }: PartProps) {
  const words = useGroupWords().cards;
  return (
    <div class="join-place" role="status">
      {view.requests.length > 0 && (
        <Section title={words.requests}>
          <p class="soft">{words.requestHelp}</p>
          <ul class="join-requests">
            {view.requests.map((request) => (
              <Request key={request.id} group={group} request={request} />
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

export function GroupCards({ group, view }: PartProps) {
  const words = useGroupWords().cards;
  const byItself = view.admission === 'by-itself';
  return (
    <Section title={words.title}>
      <p class="soft">{words.help}</p>
      {view.cards.length > 0 && (
        <ul class="group-cards">
          {view.cards.map((card) => (
            <Card key={card.id} group={group} card={card} />
          ))}
        </ul>
      )}
      <Make group={group} />
      <Switch
        label={words.admission}
        help={byItself ? words.admissionOn : words.admissionOff}
        on={byItself}
        onChange={(on) => void group.setAdmission(on ? 'by-itself' : 'ask')}
        testId="group-admission"
      />
    </Section>
  );
}
