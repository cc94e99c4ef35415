// Meeting without a tracker: my invitation or answer to copy, a field for theirs, one button.
import { useEffect } from 'preact/hooks';
import type { DoorText } from '../../../app/door.ts';
import { Button } from '../../components/button.tsx';
import { QrCode } from '../../components/qr-code.tsx';
import { useApp } from '../../context.ts';
import { CopyIcon, ShareIcon, TickIcon, WarningIcon } from '../../icons/icons.tsx';
import { useSettingsWords } from '../../settings-words.ts';
import './door.css';

const TITLE = 'door-title';

export function focusDoor(): void {
  const title = document.getElementById(TITLE);
  title?.scrollIntoView();
  title?.focus({ preventScroll: true });
}

function Text({ mine }: { readonly mine: DoorText }) {
  const words = useSettingsWords();
  return (
    <div class="door-hand-over">
      {/* biome-ignore-start lint/a11y/useSemanticElements: a fieldset is for controls; this is a text to copy */}
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <div
        class="door-text figures"
        data-testid="door-invite"
        data-kind={mine.kind}
        data-text={mine.text}
        role="group"
        aria-label={words.door[mine.kind]}
        tabIndex={0}
      >
        {mine.text}
      </div>
      {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: see above */}
      {/* biome-ignore-end lint/a11y/useSemanticElements: see above */}
      <QrCode key={mine.text} text={mine.text} label={words.door.qr[mine.kind]} testId="door-qr" />
    </div>
  );
}

function Mine({ mine }: { readonly mine: DoorText }) {
  const app = useApp();
  const words = useSettingsWords();
  const { t, door, platform } = app;
  return (
    <div class="field">
      <p class="label">{words.door[mine.kind]}</p>
      <Text mine={mine} />
      <p class="help">{words.door.handOver[mine.kind]}</p>
      <div class="buttons">
        <Button look="primary" data-testid="door-copy" onClick={() => void app.copy(mine.text)}>
          <CopyIcon size={18} />
          {words.door.copy}
        </Button>
        {platform.share !== null && (
          <Button onClick={() => void app.share({ text: mine.text })}>
            <ShareIcon size={18} />
            {t.share}
          </Button>
        )}
        <Button data-testid="door-again" onClick={() => void door.invite()}>
          {door.busy.value === 'inviting' ? words.door.inviting : words.door.inviteAgain}
        </Button>
      </div>
    </div>
  );
}

/** Nothing to hand over, and how to get something. */
function Invite() {
  const { door } = useApp();
  const words = useSettingsWords();
  return (
    <div class="buttons">
      <Button data-testid="door-invite" onClick={() => void door.invite()}>
        {door.busy.value === 'inviting' ? words.door.inviting : words.door.invite}
      </Button>
    </div>
  );
}

/** What became of the last text, said when it happens. */
function Fate({ over }: { readonly over: DoorText | null }) {
  const { door } = useApp();
  const words = useSettingsWords();
  return (
    <div role="status">
      {door.met.value && (
        <p class="door-met" data-testid="door-met">
          <TickIcon size={20} />
          {words.door.met}
        </p>
      )}
      {over !== null && (
        <p class="door-over" data-testid="door-over" data-kind={over.kind}>
          {words.door.over[over.kind]}
        </p>
      )}
    </div>
  );
}

function Theirs() {
  const { t, door } = useApp();
  const words = useSettingsWords();
  const error = door.error.value;
  const onSubmit = (event: Event) => {
    event.preventDefault();
    void door.submit();
  };
  return (
    <form class="field" autocomplete="off" onSubmit={onSubmit}>
      <label for="door-answer">{words.door.theirs}</label>
      <textarea
        id="door-answer"
        class="input figures"
        data-testid="door-answer"
        rows={3}
        dir="ltr"
        autocapitalize="off"
        autocomplete="off"
        autocorrect="off"
        spellcheck={false}
        placeholder={words.door.placeholder}
        aria-describedby="door-answer-help"
        aria-invalid={error !== null}
        value={door.typed.value}
        onInput={({ currentTarget }) => door.type(currentTarget.value)}
      />
      <p id="door-answer-help" class="help">
        {words.door.theirsHelp}
      </p>
      {error !== null && (
        <div class="alert" role="alert" data-testid="door-error" data-code={error.kind}>
          <WarningIcon size={20} />
          <p>{t.errors[error.kind](error.detail)}</p>
        </div>
      )}
      <div class="buttons">
        <Button look="primary" type="submit" data-testid="door-submit">
          {door.busy.value === 'reading' ? words.door.reading : words.door.submit}
        </Button>
      </div>
    </form>
  );
}

export function Door() {
  const { door, snapshot } = useApp();
  const words = useSettingsWords();
  const diagnosis = snapshot.value?.network.diagnosis;
  useEffect(() => void (diagnosis && door.open()), [door, diagnosis]);
  const mine = door.mine.value;
  const over = door.over.value ? mine : null;
  return (
    <div class="door">
      <h3 id={TITLE} tabIndex={-1}>
        {words.door.title}
      </h3>
      <p class="soft">{words.door.help}</p>
      <Fate over={over} />
      {mine === null || over !== null ? <Invite /> : <Mine mine={mine} />}
      <Theirs />
      <p class="soft door-privacy">{words.door.privacy}</p>
    </div>
  );
}
