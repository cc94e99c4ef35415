// Pairing over a Bluetooth mailbox: the way there, the two codes, and what came of it. Where a browser has no Bluetooth, why.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { AtMailbox } from '../../app/meet/at-mailbox.ts';
import type { Mailbox } from '../../app/views.ts';
import { PairAlert } from '../components/attempts.tsx';
import { Button } from '../components/button.tsx';
import { useApp } from '../context.ts';
import { CopyIcon } from '../icons/icons.tsx';
import { BluetoothIcon } from '../icons/meeting-icons.tsx';
import { lazyScreen } from '../lazy.tsx';
import { useMeetingWords } from '../words.ts';
import './at-mailbox.css';

const makeMailbox = lazyScreen(async () => (await import('./make-mailbox.tsx')).MakeMailbox);

interface Part {
  readonly at: AtMailbox;
}

function HowTo() {
  const words = useMeetingWords().mailbox;
  return (
    <a href="mailbox/" target="_blank" rel="noopener" data-testid="mailbox-how-to">
      {words.howTo}
      <span class="visually-hidden"> ({words.howToOpens})</span>
    </a>
  );
}

function Missing({ why }: { readonly why: 'insecure' | 'flag' | 'browser' }) {
  const app = useApp();
  const words = useMeetingWords().mailbox;
  return (
    <div class="bluetooth-gap" data-testid="bluetooth-missing" data-why={why}>
      <p>{words.gap[why]}</p>
      {why === 'flag' && (
        <div class="meet-line">
          <code>{words.flagAddress}</code>
          <Button compact onClick={() => void app.copy(words.flagAddress)}>
            <CopyIcon size={18} />
            {words.copyAddress}
          </Button>
        </div>
      )}
      <p class="soft">{words.gapHelp}</p>
    </div>
  );
}

/** Nothing is under way, or it has failed: then the reason comes first, and who has come so far knows how it is done. */
function Start({ at }: Part) {
  const words = useMeetingWords().mailbox;
  const repeat = at.canRepeat();
  return (
    <>
      {at.view.value === null && (
        <ol class="mailbox-steps">
          {words.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      <PairAlert error={at.error.value} />
      <div class="buttons">
        <Button
          look="primary"
          data-testid="bluetooth-start"
          onClick={() => void (repeat ? at.startOver() : at.start())}
        >
          <BluetoothIcon size={18} />
          {repeat ? words.again : words.start}
        </Button>
        {repeat && <Button onClick={() => void at.start()}>{words.another}</Button>}
      </div>
    </>
  );
}

/** What is shown here and typed there, digit by digit for who listens. */
function MyCode({ code }: { readonly code: string }) {
  const words = useMeetingWords().mailbox;
  return (
    <div class="sas">
      <h3 id="sas-mine-title">{words.mine}</h3>
      <output class="sas-code figures" aria-labelledby="sas-mine-title" data-testid="sas-mine" data-code={code}>
        <span aria-hidden="true">
          {code.slice(0, 3)} {code.slice(3)}
        </span>
        <span class="visually-hidden">{[...code].join(' ')}</span>
      </output>
    </div>
  );
}

function TheirCode({ at }: Part) {
  const words = useMeetingWords().mailbox;
  const field = useRef<HTMLInputElement>(null);
  // Six digits and one click: nobody has to find the field first.
  useEffect(() => field.current?.focus(), []);
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    await at.enter();
    field.current?.focus();
  };
  return (
    <form class="their-form" autocomplete="off" onSubmit={(event) => void onSubmit(event)}>
      <div class="field">
        <label for="sas-theirs">{words.theirs}</label>
        <input
          ref={field}
          id="sas-theirs"
          class="input figures sas-theirs"
          data-testid="sas-theirs"
          type="text"
          inputMode="numeric"
          dir="ltr"
          autocomplete="off"
          autocorrect="off"
          spellcheck={false}
          enterkeyhint="done"
          aria-describedby="sas-theirs-hint"
          aria-invalid={at.error.value !== null}
          value={at.typed.value}
          onInput={({ currentTarget }) => at.type(currentTarget.value)}
        />
        <p id="sas-theirs-hint" class="help">
          {words.theirsHelp}
        </p>
      </div>
      <PairAlert error={at.error.value} />
      <div class="buttons">
        <Button look="primary" type="submit" data-testid="sas-confirm">
          {words.confirm}
        </Button>
        <Button onClick={() => void at.stop()}>{words.stop}</Button>
      </div>
    </form>
  );
}

function Done({ at, view }: Part & { readonly view: Mailbox }) {
  const { navigation } = useApp();
  const words = useMeetingWords().mailbox;
  const { conversationId: id } = view;
  return (
    <>
      {!view.confirmed && <p class="soft">{words.unconfirmedHelp}</p>}
      <div class="buttons">
        {id !== null && (
          <Button look="primary" onClick={() => navigation.replace({ name: 'conversation', id })}>
            {words.open}
          </Button>
        )}
        <Button onClick={() => void at.stop()}>{words.more}</Button>
      </div>
    </>
  );
}

/** What can be done while it goes on by itself. */
function Meanwhile({ at, view }: Part & { readonly view: Mailbox }) {
  const words = useMeetingWords().mailbox;
  if (view.state === 'typed') return <p class="soft">{words.typedHelp}</p>;
  const busy = view.state === 'busy';
  return (
    <>
      {busy && <p class="soft">{words.busyHelp}</p>}
      <div class="buttons">
        {busy && (
          <Button data-testid="mailbox-start-over" onClick={() => void at.startOver()}>
            {words.startOver}
          </Button>
        )}
        <Button onClick={() => void at.stop()}>{words.stop}</Button>
      </div>
    </>
  );
}

function UnderWay({ at, view }: Part & { readonly view: Mailbox }) {
  if (view.state === 'done') return <Done at={at} view={view} />;
  return (
    <>
      {view.code !== null && <MyCode code={view.code} />}
      {view.state === 'comparing' ? <TheirCode key={view.code} at={at} /> : <Meanwhile at={at} view={view} />}
    </>
  );
}

/** Said aloud at every change. */
function State({ at }: Part) {
  const words = useMeetingWords().mailbox;
  const view = at.view.value;
  const choosing = at.choosing.value;
  const nearly = view?.state === 'done' && !view.confirmed;
  const told = nearly ? words.unconfirmed : view && words.state[view.state];
  const text = choosing ? words.choosing : told;
  const waits = choosing || !['comparing', 'done', 'failed'].includes(view?.state ?? 'failed');
  return (
    <div role="status" data-testid="mailbox-state" data-state={choosing ? 'choosing' : view?.state}>
      {text && (
        <div class="mailbox-state">
          {waits && <span class="spinner" aria-hidden="true" />}
          <p>{text}</p>
        </div>
      )}
    </div>
  );
}

/** A button that goes away with what it did leaves the focus to the title. */
function useKeptFocus(state: string | undefined) {
  const title = useRef<HTMLHeadingElement>(null);
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== state && document.activeElement === document.body) title.current?.focus();
    before.current = state;
  }, [state]);
  return title;
}

/** Nobody has a mailbox at hand: a gadget can become one, from here where the browser has Bluetooth. */
function NoMailbox({ canMake, make }: { readonly canMake: boolean; readonly make: () => void }) {
  const words = useMeetingWords().mailbox;
  return (
    <div class="no-mailbox">
      <h3>{words.none}</h3>
      <p class="soft">{words.noneHelp}</p>
      <div class="no-mailbox-ways">
        {canMake && (
          <Button data-testid="mailbox-make" onClick={make}>
            {words.make}
          </Button>
        )}
        <HowTo />
      </div>
    </div>
  );
}

export function AtMailboxSection() {
  const making = useSignal(false);
  const back = () => {
    making.value = false;
  };
  if (making.value) return <makeMailbox.Screen back={back} />;
  return <Pairing make={() => (making.value = true)} />;
}

function Pairing({ make }: { readonly make: () => void }) {
  const { node, platform, snapshot } = useApp();
  const words = useMeetingWords().mailbox;
  const at = useMemo(() => new AtMailbox(node, platform, snapshot), [node, platform, snapshot]);
  useEffect(() => {
    void at.open();
    return () => at.close();
  }, [at]);
  const view = at.view.value;
  const title = useKeptFocus(view?.state);
  const why = at.radio.value?.gap ?? null;
  const idle = view === null || view.state === 'failed';
  return (
    <section class="meet" aria-labelledby="at-mailbox-title">
      <h2 id="at-mailbox-title" ref={title} tabIndex={-1}>
        {words.title}
      </h2>
      {view === null && <p class="soft">{words.help}</p>}
      <State at={at} />
      {idle && why !== null && <Missing why={why} />}
      {idle && why === null && <Start at={at} />}
      {!idle && <UnderWay at={at} view={view} />}
      {idle && <NoMailbox canMake={why === null} make={make} />}
    </section>
  );
}
