// Meeting somebody: my card to give, theirs to take. One way is here (text); others become tabs of their own beside it.
import { useEffect } from 'preact/hooks';
import { cardGroups } from '../../app/format.ts';
import type { CardHint } from '../../app/pairing.ts';
import type { Attempt } from '../../app/views.ts';
import { Button } from '../components/button.tsx';
import { Page } from '../components/page.tsx';
import { useApp } from '../context.ts';
import { CopyIcon, KeyboardIcon, RenewIcon, ShareIcon, WarningIcon } from '../icons/icons.tsx';
import './add-contact.css';

type Words = ReturnType<typeof useApp>['t'];

function Card({ text }: { readonly text: string }) {
  const { t } = useApp();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls; these are groups of letters
    <div class="card" data-testid="my-card" data-card={text} role="group" aria-label={t.pairing.cardLabel}>
      {cardGroups(text).map((group, index) => (
        <span key={index} class="card-group" data-first={index === 0}>
          {group}
        </span>
      ))}
    </div>
  );
}

function MyCard() {
  const app = useApp();
  const { t, pairing, platform } = app;
  const card = pairing.card.value;
  const making = pairing.making.value;
  return (
    <section class="meet" aria-labelledby="my-card-title">
      <h2 id="my-card-title">{t.pairing.mine}</h2>
      <p class="soft">{t.pairing.mineHelp}</p>
      {card !== null && <Card text={card.text} />}
      {card === null && (
        <div class="card-none">
          <p>{making ? t.pairing.making : t.pairing.noCard}</p>
          {!making && <p class="soft">{t.pairing.noCardHelp}</p>}
        </div>
      )}
      <div class="meet-line">
        <div class="buttons">
          {card !== null && (
            <Button look="primary" onClick={() => void app.copy(card.text)}>
              <CopyIcon size={18} />
              {t.pairing.copyCard}
            </Button>
          )}
          {card !== null && platform.share !== null && (
            <Button onClick={() => void platform.share?.(card.text)}>
              <ShareIcon size={18} />
              {t.share}
            </Button>
          )}
          <Button data-testid="my-card-new" onClick={() => void pairing.makeCard()}>
            <RenewIcon size={18} />
            {card === null ? t.pairing.makeCard : t.pairing.newCard}
          </Button>
        </div>
        {card !== null && (
          <p class="soft meet-expiry">{t.pairing.expires(Math.round((card.expiresAt - pairing.now.value) / 60_000))}</p>
        )}
      </div>
    </section>
  );
}

function hintWords(hint: CardHint, t: Words): string {
  switch (hint.kind) {
    case 'none':
      return t.pairing.theirsHelp;
    case 'whole':
      return t.pairing.hintWhole;
    case 'prefix':
      return t.pairing.hintPrefix;
    case 'count':
      return t.pairing.hintCount(hint.count, hint.of);
    case 'too-many':
      return t.pairing.hintTooMany(hint.count);
    case 'character':
      return t.pairing.hintCharacter(hint.character, hint.group);
  }
}

function TheirCard() {
  const { t, pairing } = useApp();
  const error = pairing.error.value;
  // The alert says it already.
  const hint: CardHint = error === null ? pairing.hint.value : { kind: 'none' };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    void pairing.submit();
  };
  return (
    <section class="meet" aria-labelledby="their-card-title">
      <h2 id="their-card-title">{t.pairing.theirs}</h2>
      <form class="their-form" onSubmit={onSubmit}>
        <div class="field">
          <label class="visually-hidden" for="their-card">
            {t.pairing.theirLabel}
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
            placeholder={t.pairing.theirPlaceholder}
            aria-describedby="their-card-hint"
            aria-invalid={error !== null}
            value={pairing.typed.value}
            onInput={({ currentTarget }) => pairing.type(currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.isComposing) onSubmit(event);
            }}
          />
          <p id="their-card-hint" class="help hint" data-hint={hint.kind} aria-live="polite">
            {hintWords(hint, t)}
          </p>
        </div>
        {error !== null && (
          <div class="alert" role="alert" data-testid="pair-error" data-code={error.kind}>
            <WarningIcon size={20} />
            <p>{t.errors[error.kind](error.detail)}</p>
          </div>
        )}
        <div class="buttons">
          <Button look="primary" type="submit" data-testid="pair-submit">
            {t.pairing.submit}
          </Button>
        </div>
      </form>
      <Attempts />
    </section>
  );
}

function AttemptLine({ attempt }: { readonly attempt: Attempt }) {
  const { t, pairing, platform } = useApp();
  return (
    <li class="attempt" data-testid="pair-attempt" data-state={attempt.state}>
      <span class="spinner" aria-hidden="true" />
      <span class="attempt-words">
        <span>{attempt.state === 'calling' ? t.pairing.calling : t.pairing.waiting}</span>
        <span class="soft">
          {t.list.time(attempt.startedAt, platform.now())} · {t.pairing.waitingHelp}
        </span>
      </span>
      <Button compact onClick={() => pairing.stop(attempt.id)}>
        {t.pairing.stop}
      </Button>
    </li>
  );
}

function Attempts() {
  const { t, pairing } = useApp();
  const attempts = pairing.underWay.value;
  return (
    <div role="status">
      {attempts.length > 0 && (
        <ul class="attempts" aria-label={t.pairing.attempts}>
          {attempts.map((attempt) => (
            <AttemptLine key={attempt.id} attempt={attempt} />
          ))}
        </ul>
      )}
    </div>
  );
}

export function AddContactScreen() {
  const { t, pairing } = useApp();
  useEffect(() => void pairing.open(), [pairing]);
  return (
    <Page title={t.pairing.title}>
      <div class="ways" role="tablist" aria-label={t.pairing.ways}>
        <button
          type="button"
          id="pair-tab-text"
          class="way"
          role="tab"
          data-testid="pair-tab-text"
          aria-selected="true"
          aria-controls="pair-panel"
        >
          <KeyboardIcon size={20} />
          {t.pairing.text}
        </button>
      </div>
      <div id="pair-panel" class="pair-panel" role="tabpanel" aria-labelledby="pair-tab-text">
        <MyCard />
        <TheirCard />
      </div>
    </Page>
  );
}
