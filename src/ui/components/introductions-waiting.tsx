// Introductions that I accepted, until whoever is introduced accepts too.
import { answerIntroduction, waitingFor } from '../../app/introductions.ts';
import { useApp } from '../context.ts';
import { useMeetingWords } from '../words.ts';
import { Button } from './button.tsx';
import './attempts.css';
import '../screens/add-contact.css';

/** On the screen where one adds contacts. */
export function WaitingSection() {
  const app = useApp();
  const words = useMeetingWords().introduction.waiting;
  if (waitingFor(app.snapshot.value).length === 0) return null;
  return (
    <section class="meet" aria-labelledby="introductions-title">
      <h2 id="introductions-title">{words.title}</h2>
      <WaitingIntroductions />
    </section>
  );
}

/** `by`: those of one introducer alone. */
export function WaitingIntroductions({ by }: { readonly by?: string }) {
  const app = useApp();
  const words = useMeetingWords().introduction;
  const waiting = waitingFor(app.snapshot.value, by);
  return (
    <div role="status">
      {waiting.length > 0 && (
        <ul class="attempts" aria-label={words.waiting.title}>
          {waiting.map((one) => (
            <li key={one.id} class="attempt" data-testid="introduction-waiting" data-number={one.number}>
              <span class="spinner" aria-hidden="true" />
              <span class="attempt-words">
                <span>{words.waiting.line(one.name)}</span>
                <span class="soft">{words.waiting.help(one.byName, one.endsAt)}</span>
              </span>
              <Button
                compact
                data-testid="introduction-stop"
                onClick={() => void answerIntroduction(app, words.request, one, 'refuse')}
              >
                {words.waiting.stop}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
