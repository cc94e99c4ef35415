// Somebody I am introduced to, and what came of it: beside the other requests, above every screen.
import { useSignal } from '@preact/signals';
import { groupedNumber } from '../../app/format.ts';
import { answerIntroduction, toAnswer } from '../../app/introductions.ts';
import type { Introduction } from '../../app/views.ts';
import { useApp } from '../context.ts';
import { useMeetingWords } from '../words.ts';
import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';

function explanation({ state, byName, byVerified }: Introduction, words: ReturnType<typeof useWords>): string {
  if (state === 'asked') return byVerified ? words.question(byName) : words.unverified(byName);
  return state === 'waiting' ? '' : words[state];
}

const useWords = () => useMeetingWords().introduction.request;

function Answers({ introduction }: { readonly introduction: Introduction }) {
  const app = useApp();
  const words = useWords();
  const busy = useSignal(false);
  const { state, by, byVerified } = introduction;
  const answer = async (how: 'accept' | 'refuse') => {
    busy.value = true;
    await answerIntroduction(app, words, introduction, how);
    busy.value = false;
  };
  if (state !== 'asked')
    return (
      <Button data-testid="introduction-read" disabled={busy.value} onClick={() => void answer('refuse')}>
        {words.read}
      </Button>
    );
  return (
    <>
      {byVerified ? (
        <Button
          look="primary"
          data-testid="introduction-accept"
          disabled={busy.value}
          onClick={() => void answer('accept')}
        >
          {words.accept}
        </Button>
      ) : (
        <Button
          look="primary"
          data-testid="introduction-compare"
          onClick={() => app.navigation.open({ name: 'contact', id: by })}
        >
          {words.compare}
        </Button>
      )}
      <Button
        look="quiet-danger"
        data-testid="introduction-refuse"
        disabled={busy.value}
        onClick={() => void answer('refuse')}
      >
        {words.refuse}
      </Button>
    </>
  );
}

function Request({ introduction }: { readonly introduction: Introduction }) {
  const words = useWords();
  const { id, state, number, name, byName } = introduction;
  const titleId = `introduction-${id}`;
  return (
    <li
      class="request"
      data-testid="introduction-request"
      data-number={number}
      data-state={state}
      aria-labelledby={titleId}
    >
      <Avatar id={number} name={name} size="small" />
      <div class="request-words">
        <p id={titleId} class="request-title">
          {words.title(byName, name)}
        </p>
        <p>
          {words.number} <strong class="figures">{groupedNumber(number)}</strong>
        </p>
        <p class="soft">{explanation(introduction, words)}</p>
      </div>
      <div class="request-buttons" data-pair={state === 'asked'}>
        <Answers introduction={introduction} />
      </div>
    </li>
  );
}

export function IntroductionRequests() {
  const { snapshot } = useApp();
  return (
    <ul>
      {toAnswer(snapshot.value).map((introduction) => (
        <Request key={introduction.id} introduction={introduction} />
      ))}
    </ul>
  );
}
