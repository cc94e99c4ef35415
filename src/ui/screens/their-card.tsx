// Their card to take: a field for its text, or their code to scan.
import { useCallback, useMemo } from 'preact/hooks';
import { groupsOf } from '../../app/groups/groups.ts';
import { isGroupCard } from '../../app/groups/join.ts';
import type { MeetingWords } from '../../app/i18n/meeting.ts';
import type { App } from '../../app/kith.ts';
import type { Reading } from '../../app/meet/scan.ts';
import { cardReading } from '../../app/meet/taking.ts';
import type { CardHint } from '../../app/pairing.ts';
import { Attempts, PairAlert } from '../components/attempts.tsx';
import { Button } from '../components/button.tsx';
import { Scanning, usePasted, useScan } from '../components/scanning.tsx';
import { useApp } from '../context.ts';
import { useGroupWords } from '../group-words.ts';
import { useMeetingWords } from '../words.ts';
import { JoinQuestion } from './group/join-question.tsx';

/** A group's card waits for a yes; anybody else's is taken. */
function groupOrPerson(app: App): Reading {
  const person = cardReading(app.node, app.pairing);
  const { join } = groupsOf(app);
  return {
    begun: () => {
      join.cancel();
      person.begun();
    },
    take: async (text) => (join.propose(text) ? null : person.take(text)),
  };
}

function hintWords(hint: CardHint, words: MeetingWords): string {
  switch (hint.kind) {
    case 'none':
      return words.card.theirsHelp;
    case 'whole':
      return words.card.hintWhole;
    case 'link':
      return words.card.hintLink;
    case 'prefix':
      return words.card.hintPrefix;
    case 'count':
      return words.card.hintCount(hint.count, hint.of);
    case 'too-many':
      return words.card.hintTooMany(hint.count);
    case 'character':
      return words.card.hintCharacter(hint.character, hint.group);
  }
}

export function TheirCard() {
  const app = useApp();
  const { pairing } = app;
  const words = useMeetingWords();
  const groupWords = useGroupWords().join;
  const { join } = groupsOf(app);
  // What is said of a person's card while it is typed is not said of a group's.
  const ofGroup = isGroupCard(pairing.typed.value);
  const error = pairing.error.value;
  // The alert says it already.
  const hint: CardHint = error === null ? pairing.hint.value : { kind: 'none' };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (!join.propose(pairing.typed.peek())) void pairing.submit();
  };
  // Pasted anywhere on the screen it is meant for the only field.
  usePasted(useCallback((text: string) => pairing.type(text), [pairing]));
  return (
    <section class="meet" aria-labelledby="their-card-title">
      <h2 id="their-card-title">{words.card.theirs}</h2>
      <form class="their-form" autocomplete="off" onSubmit={onSubmit}>
        <div class="field">
          <label class="visually-hidden" for="their-card">
            {words.card.theirLabel}
          </label>
          <textarea
            id="their-card"
            class="input figures their-card"
            data-testid="their-card"
            rows={4}
            dir="ltr"
            autocomplete="off"
            autocapitalize="off"
            autocorrect="off"
            spellcheck={false}
            enterkeyhint="go"
            placeholder={words.card.theirPlaceholder}
            aria-describedby="their-card-hint"
            aria-invalid={error !== null}
            value={pairing.typed.value}
            onInput={({ currentTarget }) => {
              pairing.type(currentTarget.value);
              join.cancel();
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.isComposing) onSubmit(event);
            }}
          />
          <p id="their-card-hint" class="help hint" data-hint={ofGroup ? 'none' : hint.kind} aria-live="polite">
            {ofGroup ? groupWords.hint : hintWords(hint, words)}
          </p>
        </div>
        <PairAlert error={error} />
        <div class="buttons">
          <Button look="primary" type="submit" data-testid="pair-submit">
            {words.card.submit}
          </Button>
        </div>
      </form>
      <JoinQuestion />
      <Attempts />
    </section>
  );
}

export function ScanCard() {
  const app = useApp();
  const { pairing } = app;
  const words = useMeetingWords();
  const scan = useScan(useMemo(() => groupOrPerson(app), [app]));
  usePasted(
    useCallback((text: string) => void scan.text(text), [scan]),
    scan,
  );
  return (
    <section class="meet" aria-labelledby="scan-card-title">
      <h2 id="scan-card-title">{words.qr.theirs}</h2>
      <Scanning scan={scan} start={words.scan.start} />
      <PairAlert error={scan.error.value ?? pairing.error.value} />
      <JoinQuestion />
      <Attempts />
    </section>
  );
}
