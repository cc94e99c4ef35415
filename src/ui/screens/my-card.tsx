// My card to give: as text in groups of four, and as a QR code beside it.
import type { Ref } from 'preact';
import { useRef } from 'preact/hooks';
import { cardGroups } from '../../app/format.ts';
import { Button } from '../components/button.tsx';
import { QrCode } from '../components/qr-code.tsx';
import { useApp } from '../context.ts';
import { CopyIcon, ShareIcon } from '../icons/icons.tsx';
import { RenewIcon } from '../icons/meeting-icons.tsx';
import { selectText } from '../selection.ts';
import { useMeetingWords } from '../words.ts';

function Card({ text, place }: { readonly text: string; readonly place: Ref<HTMLDivElement> }) {
  const words = useMeetingWords();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls; these are groups of letters
    <div ref={place} class="card" data-testid="my-card" data-card={text} role="group" aria-label={words.card.cardLabel}>
      {cardGroups(text).map((group, index) => (
        <span key={index} class="card-group" data-first={index === 0}>
          {group}
        </span>
      ))}
    </div>
  );
}

interface MyCardProps {
  /** What is large: the code to be scanned, or the text to be sent. */
  readonly as: 'qr' | 'text';
}

export function MyCard({ as }: MyCardProps) {
  const app = useApp();
  const { t, pairing, platform } = app;
  const words = useMeetingWords();
  const card = pairing.card.value;
  const making = pairing.making.value;
  const place = useRef<HTMLDivElement>(null);
  return (
    <section class="meet" aria-labelledby="my-card-title">
      <h2 id="my-card-title">{as === 'qr' ? words.qr.mine : words.card.mine}</h2>
      <p class="soft">{as === 'qr' ? words.qr.mineHelp : words.card.mineHelp}</p>
      {card !== null && (
        <div class="card-both" data-as={as}>
          <Card text={card.text} place={place} />
          <QrCode key={card.text} text={card.text} label={words.qr.label} testId="my-card-qr" />
        </div>
      )}
      {card === null && (
        <div class="card-none">
          <p>{making ? words.card.making : words.card.noCard}</p>
          {!making && <p class="soft">{words.card.noCardHelp}</p>}
        </div>
      )}
      <div class="meet-line">
        <div class="buttons">
          {card !== null && (
            <Button
              look={as === 'text' ? 'primary' : 'plain'}
              onClick={() => void app.copy(card.text, () => selectText(place.current))}
            >
              <CopyIcon size={18} />
              {words.card.copyCard}
            </Button>
          )}
          {card !== null && platform.share !== null && (
            <Button onClick={() => void app.share({ text: card.text })}>
              <ShareIcon size={18} />
              {t.share}
            </Button>
          )}
          <Button data-testid="my-card-new" onClick={() => void pairing.makeCard()}>
            <RenewIcon size={18} />
            {card === null ? words.card.makeCard : words.card.newCard}
          </Button>
        </div>
        {card !== null && (
          <p class="soft meet-expiry">
            {words.card.expires(Math.round((card.expiresAt - pairing.now.value) / 60_000))}
          </p>
        )}
      </div>
    </section>
  );
}
