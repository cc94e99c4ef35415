// Meeting somebody, one tab a way: my card to give and theirs to take, or a look-up by number (find-by-number.tsx).
import { useEffect } from 'preact/hooks';
import { cardGroups } from '../../app/format.ts';
import { type CardHint, type PairingWay, pairingWays } from '../../app/pairing.ts';
import { Attempts, PairAlert } from '../components/attempts.tsx';
import { Button } from '../components/button.tsx';
import { Page } from '../components/page.tsx';
import { useApp } from '../context.ts';
import { CopyIcon, KeyboardIcon, NumberIcon, RenewIcon, ShareIcon } from '../icons/icons.tsx';
import { FindByNumber } from './find-by-number.tsx';
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
        <PairAlert error={error} />
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

const tabIcons: Readonly<Record<PairingWay, typeof KeyboardIcon>> = { text: KeyboardIcon, number: NumberIcon };

/** The arrow keys walk through the tabs as they stand on screen (WAI-ARIA tabs pattern). */
function step(event: KeyboardEvent, way: PairingWay): PairingWay | null {
  const rightToLeft = getComputedStyle(event.currentTarget as Element).direction === 'rtl';
  const by = { ArrowRight: rightToLeft ? -1 : 1, ArrowLeft: rightToLeft ? 1 : -1 }[event.key];
  if (event.key === 'Home') return pairingWays[0];
  if (event.key === 'End') return pairingWays.at(-1) ?? null;
  if (by === undefined) return null;
  return pairingWays.at((pairingWays.indexOf(way) + by) % pairingWays.length) ?? null;
}

function Ways() {
  const { t, pairing } = useApp();
  const words: Readonly<Record<PairingWay, string>> = { text: t.pairing.text, number: t.number.tab };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = step(event, pairing.way.peek());
    if (next === null) return;
    event.preventDefault();
    pairing.way.value = next;
    document.getElementById(`pair-tab-${next}`)?.focus();
  };
  return (
    <div class="ways" role="tablist" aria-label={t.pairing.ways} onKeyDown={onKeyDown}>
      {pairingWays.map((way) => {
        const selected = pairing.way.value === way;
        const Icon = tabIcons[way];
        return (
          <button
            key={way}
            type="button"
            id={`pair-tab-${way}`}
            class="way"
            role="tab"
            data-testid={`pair-tab-${way}`}
            aria-selected={selected}
            aria-controls={selected ? 'pair-panel' : undefined}
            tabIndex={selected ? 0 : -1}
            onClick={() => {
              pairing.way.value = way;
            }}
          >
            <Icon size={20} />
            {words[way]}
          </button>
        );
      })}
    </div>
  );
}

export function AddContactScreen() {
  const { t, pairing } = useApp();
  useEffect(() => void pairing.open(), [pairing]);
  const way = pairing.way.value;
  return (
    <Page title={t.pairing.title}>
      <Ways />
      <div id="pair-panel" class="pair-panel" role="tabpanel" aria-labelledby={`pair-tab-${way}`}>
        {way === 'text' && <MyCard />}
        {way === 'text' && <TheirCard />}
        {way === 'number' && <FindByNumber />}
      </div>
    </Page>
  );
}
