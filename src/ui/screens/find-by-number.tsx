// Adding a contact by number: the field, the look-up, and whom to ask when several answer to it.
import { groupedNumber } from '../../app/format.ts';
import type { NumberHint } from '../../app/number-search.ts';
import type { Found } from '../../app/views.ts';
import { Attempts, PairAlert } from '../components/attempts.tsx';
import { Avatar } from '../components/avatar.tsx';
import { Button } from '../components/button.tsx';
import { DiscoverableSwitch } from '../components/discoverable.tsx';
import { useApp } from '../context.ts';
import './find-by-number.css';

type Words = ReturnType<typeof useApp>['t'];

function hintWords(hint: NumberHint, t: Words): string {
  switch (hint.kind) {
    case 'none':
      return t.number.hint;
    case 'count':
      return t.number.hintCount(hint.count);
    case 'too-many':
      return t.number.hintTooMany(hint.count);
    case 'character':
      return t.number.hintCharacter(hint.character, hint.group);
    case 'whole':
      return t.number.hintWhole;
    case 'checksum':
      return t.number.hintChecksum;
    case 'own':
      return t.number.hintOwn;
  }
}

function FoundLine({ found }: { readonly found: Found }) {
  const { t, search } = useApp();
  const number = groupedNumber(found.number);
  return (
    <li class="found" data-testid="number-found" data-id={found.id} data-number={found.number}>
      <Avatar id={found.id} name={found.name} />
      <span class="found-words">
        <span class="found-name" dir="auto">
          {found.name || t.number.noName}
        </span>
        <span class="figures">{number}</span>
        <span class="soft">{t.number.unverified}</span>
      </span>
      <Button
        compact
        data-testid="number-ask"
        aria-label={t.number.askNamed(found.name, number)}
        onClick={() => void search.choose(found.id)}
      >
        {t.number.ask}
      </Button>
    </li>
  );
}

/** What the look-up does and found. */
function Results() {
  const { t, search } = useApp();
  const found = search.found.value;
  return (
    <div role="status">
      {search.searching.value && (
        <div class="attempt" data-testid="number-searching">
          <span class="spinner" aria-hidden="true" />
          <span class="attempt-words">{t.number.searching}</span>
          <Button compact onClick={() => search.stop()}>
            {t.number.stop}
          </Button>
        </div>
      )}
      {found.length > 0 && (
        <div class="found-people">
          <h3>{t.number.found(found.length)}</h3>
          <p class="soft">{t.number.foundHelp}</p>
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
  const { t, search, pairing } = useApp();
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
      <h2 id="find-number-title">{t.number.title}</h2>
      <p class="soft">{t.number.help}</p>
      <form class="their-form" onSubmit={onSubmit}>
        <div class="field">
          <label for="their-number">{t.number.label}</label>
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
            placeholder={t.number.placeholder}
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
            {hintWords(hint, t)}
          </p>
        </div>
        <PairAlert error={error} />
        <div class="buttons">
          <Button look="primary" type="submit" data-testid="number-submit">
            {t.number.submit}
          </Button>
        </div>
      </form>
      <Results />
      <Attempts />
    </section>
  );
}

export function FindByNumber() {
  const { t } = useApp();
  return (
    <>
      <Search />
      <section class="meet" aria-labelledby="be-found-title">
        <h2 id="be-found-title">{t.number.mine}</h2>
        <DiscoverableSwitch />
      </section>
    </>
  );
}
