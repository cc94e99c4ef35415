// People I asked to be contacts, by card or by number, until they answer; and why an attempt ended without a contact.
import { groupedNumber } from '../../app/format.ts';
import type { PairError } from '../../app/pairing.ts';
import type { Attempt, DirectConversationView } from '../../app/views.ts';
import { useApp } from '../context.ts';
import { useFocusRescue } from '../focus.ts';
import { useGroupWords } from '../group-words.ts';
import { WarningIcon } from '../icons/icons.tsx';
import { useMeetingWords } from '../words.ts';
import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';
import './attempts.css';

export function PairAlert({ error }: { readonly error: PairError | null }) {
  const { t } = useApp();
  if (error === null) return null;
  return (
    <div class="alert" role="alert" data-testid="pair-error" data-code={error.kind}>
      <WarningIcon size={20} />
      <p>{t.errors[error.kind](error.detail)}</p>
    </div>
  );
}

function AttemptLine({ attempt }: { readonly attempt: Attempt }) {
  const words = useMeetingWords();
  const ofGroup = useGroupWords().join;
  const { t, pairing, platform } = useApp();
  const { calling, waiting } = attempt.way === 'group' ? ofGroup : words.card;
  return (
    <li class="attempt" data-testid="pair-attempt" data-state={attempt.state}>
      <span class="spinner" aria-hidden="true" />
      <span class="attempt-words">
        <span>{attempt.state === 'calling' ? calling : waiting}</span>
        <span class="soft">
          {attempt.way === 'link' && `${words.link.by} · `}
          {t.list.time(attempt.startedAt, platform.now())} · {words.card.waitingHelp}
        </span>
      </span>
      <Button compact onClick={() => pairing.stop(attempt.id)}>
        {words.card.stop}
      </Button>
    </li>
  );
}

/** Somebody who was asked: on a phone nothing else on the screen tells who it was. */
function AskedLine({ asked }: { readonly asked: DirectConversationView }) {
  const words = useMeetingWords().card;
  const { navigation, t } = useApp();
  return (
    <li class="attempt" data-testid="pair-asked" data-number={asked.number}>
      <Avatar id={asked.id} name={asked.name} />
      <span class="attempt-words">
        <span>{words.asked(asked.name)}</span>
        {asked.number !== '' && <span class="figures">{groupedNumber(asked.number)}</span>}
        <span class="soft">{t.list.waiting}</span>
      </span>
      <Button
        compact
        aria-label={words.openNamed(asked.name)}
        onClick={() => navigation.open({ name: 'conversation', id: asked.id })}
      >
        {words.open}
      </Button>
    </li>
  );
}

export function Attempts() {
  const { pairing } = useApp();
  const words = useMeetingWords();
  const attempts = pairing.underWay.value;
  const asked = pairing.asked.value;
  useFocusRescue(`${attempts.length} ${asked.length}`);
  return (
    <div role="status">
      {attempts.length + asked.length > 0 && (
        <ul class="attempts" aria-label={words.card.attempts}>
          {attempts.map((attempt) => (
            <AttemptLine key={attempt.id} attempt={attempt} />
          ))}
          {asked.map((one) => (
            <AskedLine key={one.id} asked={one} />
          ))}
        </ul>
      )}
    </div>
  );
}
