// Making a gadget a mailbox, and an ordinary gadget again. In the place of the pairing screen, and back to it.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { gadgetWords } from '../../app/i18n/gadget.ts';
import { GadgetMaking } from '../../app/meet/gadget.ts';
import { Button } from '../components/button.tsx';
import { useApp } from '../context.ts';
import { WarningIcon } from '../icons/icons.tsx';
import { BluetoothIcon } from '../icons/meeting-icons.tsx';
import './make-mailbox.css';

interface Part {
  readonly making: GadgetMaking;
}

const useGadgetWords = () => gadgetWords(useApp().t.locale);

/** Said aloud at every change. */
function State({ making }: Part) {
  const words = useGadgetWords();
  const state = making.state.value;
  const { outcome } = state.at === 'over' ? state : { outcome: null };
  const undoing = making.task.value === 'unmake';
  let text = '';
  if (state.at === 'choosing') text = words.choosing;
  else if (state.at === 'working') text = undoing ? words.undoing : words.doing[state.progress.step];
  else if (outcome?.ok) text = undoing ? words.undone : words.made;
  const waits = state.at === 'choosing' || state.at === 'working';
  const step = state.at === 'working' ? state.progress.step : state.at;
  return (
    <div role="status" data-testid="gadget-state" data-state={step}>
      {text && (
        <div class="mailbox-state">
          {waits && <span class="spinner" aria-hidden="true" />}
          <p>{text}</p>
        </div>
      )}
    </div>
  );
}

function Problem({ making }: Part) {
  const words = useGadgetWords();
  const state = making.state.value;
  if (state.at !== 'over' || state.outcome.ok) return null;
  const { problem } = state.outcome;
  return (
    <div class="alert" role="alert" data-testid="gadget-error" data-code={problem}>
      <WarningIcon size={20} />
      <p>{words.problems[problem]}</p>
    </div>
  );
}

function Working({ making }: Part) {
  const words = useGadgetWords();
  const state = making.state.value;
  const share = state.at === 'working' ? state.progress.share : 0;
  const sending = making.task.value === 'make' && state.at === 'working';
  return (
    <>
      {sending && <progress class="gadget-progress" max={1} value={share} aria-label={words.progress} />}
      <div class="buttons">
        <Button data-testid="gadget-stop" onClick={() => making.cancel()}>
          {words.stop}
        </Button>
      </div>
    </>
  );
}

function Made({ making, back }: Part & { readonly back: () => void }) {
  const words = useGadgetWords();
  const state = making.state.value;
  if (state.at !== 'over' || !state.outcome.ok) return null;
  const { tried, keeps } = state.outcome;
  const made = making.task.value === 'make';
  return (
    <>
      {made && <p>{tried ? words.tried : words.untriedNow}</p>}
      {made && <p class="soft">{words.keeps[keeps]}</p>}
      <div class="buttons">
        <Button look="primary" data-testid="gadget-pair" onClick={back}>
          {made ? words.pair : words.back}
        </Button>
        {made && <Button onClick={() => void making.start('make')}>{words.another}</Button>}
      </div>
    </>
  );
}

function Start({ making, back }: Part & { readonly back: () => void }) {
  const words = useGadgetWords();
  const { at } = making.state.value;
  return (
    <>
      {at === 'idle' && (
        <>
          <ol class="mailbox-steps">
            {words.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
          <p class="soft">{words.untried}</p>
        </>
      )}
      <Problem making={making} />
      <div class="buttons">
        <Button look="primary" data-testid="gadget-start" onClick={() => void making.start('make')}>
          <BluetoothIcon size={18} />
          {at === 'over' ? words.again : words.start}
        </Button>
        <Button data-testid="gadget-back" onClick={back}>
          {words.back}
        </Button>
      </div>
      <details class="gadget-undo">
        <summary>{words.undoTitle}</summary>
        <p class="soft">{words.undoHelp}</p>
        <div class="buttons">
          <Button data-testid="gadget-undo" onClick={() => void making.start('unmake')}>
            {words.undo}
          </Button>
        </div>
      </details>
    </>
  );
}

/** The title takes the focus when what had it goes away. */
function useTitleFocus(at: string) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) title.current?.focus();
  }, [at]);
  return title;
}

export function MakeMailbox({ back }: { readonly back: () => void }) {
  const { platform } = useApp();
  const words = useGadgetWords();
  const making = useMemo(() => new GadgetMaking(platform), [platform]);
  useEffect(() => {
    void making.open();
    return () => making.close();
  }, [making]);
  const state = making.state.value;
  const title = useTitleFocus(state.at);
  const done = state.at === 'over' && state.outcome.ok;
  const busy = state.at === 'choosing' || state.at === 'working';
  return (
    <section class="meet" aria-labelledby="make-mailbox-title" data-testid="make-mailbox">
      <h2 id="make-mailbox-title" ref={title} tabIndex={-1}>
        {words.title}
      </h2>
      {state.at === 'idle' && <p class="soft">{words.help}</p>}
      <State making={making} />
      {busy && <Working making={making} />}
      {done && <Made making={making} back={back} />}
      {!busy && !done && <Start making={making} back={back} />}
    </section>
  );
}
