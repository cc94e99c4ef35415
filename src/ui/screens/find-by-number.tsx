// Adding a contact by number: the field, the look-up, and whom to ask when several answer to it.
import { groupedNumber } from '../../app/format.ts';
import type { MeetingWords } from '../../app/i18n/meeting.ts';
import type { NumberHint } from '../../app/number-search.ts';
import type { Found } from '../../app/views.ts';
import { Attempts, PairAlert } from '../components/attempts.tsx';
import { Avatar } from '../components/avatar.tsx';
import { Button } from '../components/button.tsx';
import { DiscoverableSwitch } from '../components/discoverable.tsx';
import { useApp } from '../context.ts';
import { useFocusRescue } from '../focus.ts';
import { useMeetingWords } from '../words.ts';
import './find-by-number.css';

function hintWords(hint: NumberHint, words: MeetingWords): string {
  switch (hint.kind) {
    case 'none':
      return words.number.hint;
    case 'count':
      return words.number.hintCount(hint.count);
    case 'too-many':
      return words.number.hintTooMany(hint.count);
    case 'character':
      return words.number.hintCharacter(hint.character, hint.group);
    case 'whole':
      return words.number.hintWhole;
    case 'checksum':
      return words.number.hintChecksum;
    case 'own':
      return words.number.hintOwn;
  }
}

function FoundLine({ found }: { readonly found: Found }) {
  const { search } = useApp();
  const words = useMeetingWords();
  const number = groupedNumber(found.number);
  return (
    <li class="found" data-testid="number-found" data-id={found.id} data-number={found.number}>
      <Avatar id={found.id} name={found.name} />
      <span class="found-words">
        <span class="found-name" dir="auto">
          {found.name || words.number.noName}
        </span>
        <span class="figures">{number}</span>
        <span class="soft">{words.number.unverified}</span>
      </span>
      <Button
        compact
        data-testid="number-ask"
        aria-label={words.number.askNamed(found.name, number)}
        onClick={() => void search.choose(found.id)}
      >
        {words.number.ask}
      </Button>
    </li>
  );
}

/** What the look-up does and found. */
function Results() {
  const { search } = useApp();
  const words = useMeetingWords();
  const found = search.found.value;
  useFocusRescue(`${search.searching.value} ${found.length}`);
  return (
    <div role="status">
      {search.searching.value && (
        <div class="attempt" data-testid="number-searching">
          <span class="spinner" aria-hidden="true" />
          <span class="attempt-words">{words.number.searching}</span>
          <Button compact onClick={() => search.stop()}>
            {words.number.stop}
          </Button>
        </div>
      )}
      {found.length > 0 && (
        <div class="found-people">
          <h3>{words.number.found(found.length)}</h3>
          <p class="soft">{words.number.foundHelp}</p>
          <ul class="attempts">
            {found.map((one) => (
              <FoundLine key={one.id} found={one} />
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function Search() {
  const { search, pairing } = useApp();
  const words = useMeetingWords();
  const error = search.error.value ?? pairing.numberError.value;
  // The alert says it already.
  const hint: NumberHint = error === null ? search.hint.value : { kind: 'none' };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    pairing.dismissError();
    void search.submit();
  };
  return (
    <section class="meet" aria-labelledby="find-number-title">
      <h2 id="find-number-title">{words.number.title}</h2>
      <p class="soft">{words.number.help}</p>
      <form class="their-form" autocomplete="off" onSubmit={onSubmit}>
        <div class="field">
          <label for="their-number">{words.number.label}</label>
          <input
            id="their-number"
            class="input figures their-number"
            data-testid="their-number"
            type="text"
            inputMode="numeric"
            dir="ltr"
            autocomplete="off"
            autocorrect="off"
            spellcheck={false}
            enterkeyhint="search"
            placeholder={words.number.placeholder}
            aria-describedby="their-number-hint"
            aria-invalid={error !== null}
            value={search.typed.value}
            onInput={({ currentTarget }) => {
              const { value, selectionStart } = currentTarget;
              search.type(value, selectionStart === value.length);
              // What the model made of it, even where it is what it was before.
              currentTarget.value = search.typed.peek();
            }}
          />
          <p id="their-number-hint" class="help hint" data-hint={hint.kind} aria-live="polite">
            {hintWords(hint, words)}
          </p>
        </div>
        <PairAlert error={error} />
        <div class="buttons">
          <Button look="primary" type="submit" data-testid="number-submit">
            {words.number.submit}
          </Button>
        </div>
      </form>
      <Results />
      <Attempts />
    </section>
  );
}

export function FindByNumber() {
  const words = useMeetingWords();
  return (
    <>
      <Search />
      <section class="meet" aria-labelledby="be-found-title">
        <h2 id="be-found-title">{words.number.mine}</h2>
        <DiscoverableSwitch />
      </section>
    </>
  );
}
