// My invitation link to send, made when somebody wants one: it has a card of its own.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { handlerLink, isLocalOnly, linkTo } from '../../app/meet/link.ts';
import { Button } from '../components/button.tsx';
import { useApp } from '../context.ts';
import { CopyIcon, ShareIcon } from '../icons/icons.tsx';
import { RenewIcon } from '../icons/meeting-icons.tsx';
import { selectText } from '../selection.ts';
import { useMeetingWords } from '../words.ts';
import './my-link.css';

interface TextProps {
  readonly text: string;
  readonly label: string;
  readonly testId: string;
  /** Takes the focus: the person has just made it. */
  readonly fresh?: boolean;
}

/** A link to copy; in a field, so that it can be selected with one key. */
function LinkText({ text, label, testId, fresh = false }: TextProps) {
  const app = useApp();
  const words = useMeetingWords().link;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (fresh) selectText(field.current);
  }, [fresh, text]);
  const handler = testId === 'my-link-handler';
  return (
    <div class="link-line">
      <input
        ref={field}
        class="input figures"
        type="text"
        autocomplete="off"
        dir="ltr"
        readOnly
        aria-label={label}
        data-testid={testId}
        data-link={text}
        value={text}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <Button data-testid={`${testId}-copy`} onClick={() => void app.copy(text, () => selectText(field.current))}>
        <CopyIcon size={18} />
        {handler ? words.copyHandler : words.copy}
      </Button>
    </div>
  );
}

function Made({ card, fresh }: { readonly card: string; readonly fresh: boolean }) {
  const { platform } = useApp();
  const words = useMeetingWords().link;
  const { address } = platform;
  return (
    <>
      <LinkText text={linkTo(address, card)} label={words.label} testId="my-link" fresh={fresh} />
      {isLocalOnly(address) && <p class="soft">{words.localOnly}</p>}
      <details class="link-elsewhere">
        <summary>{words.elsewhere}</summary>
        <p class="soft">{words.elsewhereHelp}</p>
        <LinkText text={handlerLink(card)} label={words.handlerLabel} testId="my-link-handler" />
      </details>
    </>
  );
}

export function MyLink() {
  const app = useApp();
  const { t, pairing, platform } = app;
  const words = useMeetingWords();
  const making = useSignal(false);
  const fresh = useSignal(false);
  const link = pairing.link.value;
  const make = async () => {
    if (making.peek()) return;
    making.value = true;
    fresh.value = await pairing.makeLink();
    making.value = false;
  };
  return (
    <section class="meet" aria-labelledby="my-link-title">
      <h2 id="my-link-title">{words.link.title}</h2>
      <p class="soft">{words.link.help}</p>
      {link !== null && <Made card={link.text} fresh={fresh.value} />}
      <div class="meet-line">
        <div class="buttons">
          {link !== null && platform.share !== null && (
            <Button
              data-testid="my-link-share"
              onClick={() => void app.share({ url: linkTo(platform.address, link.text) })}
            >
              <ShareIcon size={18} />
              {t.share}
            </Button>
          )}
          <Button data-testid="my-link-make" aria-disabled={making.value} onClick={() => void make()}>
            <RenewIcon size={18} />
            {making.value ? words.link.making : link === null ? words.link.make : words.link.fresh}
          </Button>
        </div>
        {link !== null && (
          <p class="soft meet-expiry">{words.card.expires(Math.round((link.expiresAt - platform.now()) / 60_000))}</p>
        )}
      </div>
    </section>
  );
}
