// Settings, one page: me, privacy, what lies on this device, the network, and the counts for a problem report.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ErrorKind } from '../../app/errors.ts';
import { groupedNumber } from '../../app/format.ts';
import { lockWords } from '../../app/i18n/lock.ts';
import { MAX_NAME_LENGTH } from '../../app/limits.ts';
import type { EntryPoint } from '../../app/views.ts';
import { Button } from '../components/button.tsx';
import { DiscoverableSwitch } from '../components/discoverable.tsx';
import { Page, Section } from '../components/page.tsx';
import { Switch } from '../components/switch.tsx';
import { useApp } from '../context.ts';
import { useSettingsWords } from '../settings-words.ts';
import { BackupData } from './backup/data.tsx';
import { LockSection } from './lock/lock-section.tsx';
import { Door } from './network/door.tsx';
import { NetworkState } from './network/network-state.tsx';
import './contact.css';
import './settings.css';

function You() {
  const { t, snapshot, settings, toasts } = useApp();
  const words = useSettingsWords();
  const identity = snapshot.value?.identity;
  const typed = useSignal<string | null>(null);
  const problem = useSignal<ErrorKind | null>(null);
  const field = useRef<HTMLInputElement>(null);
  if (identity == null) return null;
  const error = problem.value;
  const save = async (event: Event) => {
    event.preventDefault();
    const name = typed.peek();
    if (name === null || name === identity.name) return;
    problem.value = null;
    problem.value = await settings.rename(name);
    if (problem.peek() !== null) return field.current?.focus();
    typed.value = null;
    toasts.show(t.saved);
  };
  return (
    <Section title={words.settings.you}>
      <form class="field" autocomplete="off" onSubmit={save}>
        <label for="my-name">{words.settings.name}</label>
        <div class="field-line">
          <input
            id="my-name"
            ref={field}
            class="input"
            data-testid="my-name"
            type="text"
            dir="auto"
            autocomplete="off"
            maxLength={MAX_NAME_LENGTH * 2}
            aria-describedby={error === null ? 'my-name-help' : 'my-name-error my-name-help'}
            aria-invalid={error !== null}
            value={typed.value ?? identity.name}
            onInput={({ currentTarget }) => {
              typed.value = currentTarget.value;
              problem.value = null;
            }}
          />
          <Button type="submit" data-testid="my-name-save">
            {t.save}
          </Button>
        </div>
        {error !== null && (
          <p id="my-name-error" class="alert" role="alert" data-code={error}>
            {t.errors[error]({})}
          </p>
        )}
        <p id="my-name-help" class="help">
          {words.settings.nameHelp}
        </p>
      </form>
      <div class="field">
        <span class="label">{words.settings.number}</span>
        <p class="figures settings-number">
          {identity.number === null ? t.list.numberPending : groupedNumber(identity.number)}
        </p>
        <p class="help">{words.settings.numberHelp}</p>
      </div>
    </Section>
  );
}

function Privacy() {
  const { snapshot, settings } = useApp();
  const words = useSettingsWords();
  return (
    <Section title={words.settings.privacy}>
      <Switch
        label={words.settings.receipts}
        help={words.settings.receiptsHelp}
        on={snapshot.value?.settings.sendReadReceipts ?? true}
        onChange={(on) => void settings.setReceipts(on)}
        testId="read-receipts"
      />
      <DiscoverableSwitch />
      <Switch
        label={words.reach.relayOnly}
        help={words.reach.relayOnlyHelp}
        on={snapshot.value?.settings.relayOnly ?? false}
        onChange={(on) => void settings.setRelayOnly(on)}
        testId="relay-only"
      />
    </Section>
  );
}

/** Where the browser can hand links to a page: it is asked when the person wants it, never otherwise. */
function Links() {
  const { platform, toasts } = useApp();
  const words = useSettingsWords().settings;
  const { handleLinks } = platform;
  if (handleLinks === null) return null;
  const ask = () => {
    try {
      handleLinks();
      toasts.show(words.linksAsked);
    } catch {
      toasts.show(words.linksRefused);
    }
  };
  return (
    <Section title={words.links}>
      <div class="field">
        <p class="help">{words.linksHelp}</p>
        <div class="buttons">
          <Button compact data-testid="links-here" onClick={ask}>
            {words.linksHere}
          </Button>
        </div>
      </div>
    </Section>
  );
}

function Storage() {
  const { t, snapshot, settings, questions } = useApp();
  const words = useSettingsWords();
  const storage = snapshot.value?.storage;
  if (storage === undefined) return null;
  const { persisted, usage, quota } = storage;
  const kept =
    persisted === null ? words.settings.keepUnknown : persisted ? words.settings.kept : words.settings.notKept;
  return (
    <Section title={words.settings.storage}>
      <div class="field">
        <p>{kept}</p>
        {persisted !== true && (
          <div class="buttons">
            <Button compact onClick={() => void settings.askToKeep()}>
              {words.settings.askToKeep}
            </Button>
          </div>
        )}
      </div>
      {usage !== null && quota !== null && quota > 0 && (
        <div class="field">
          <progress class="usage" max={quota} value={usage} aria-label={words.settings.usageLabel} />
          <p class="help">{words.settings.usage(usage, quota)}</p>
        </div>
      )}
      <div class="field">
        <p class="help" id="erase-help">
          {words.settings.eraseHelp}
        </p>
        <div class="buttons">
          <Button
            look="quiet-danger"
            data-testid="erase-everything"
            aria-describedby="erase-help"
            onClick={async () => {
              const isLocked = snapshot.peek()?.lock.state === 'open';
              const question = isLocked ? lockWords(t.locale).eraseAsk : words.settings.eraseAsk;
              if (await questions.ask(question)) await settings.eraseEverything();
            }}
          >
            {words.settings.erase}
          </Button>
        </div>
      </div>
    </Section>
  );
}

function Trackers() {
  const { settings, toasts, snapshot } = useApp();
  const words = useSettingsWords();
  const text = settings.trackersText();
  const invalid = settings.invalid.value;
  const custom = snapshot.value?.settings.trackers != null;
  const done = (saved: boolean) => {
    if (saved) toasts.show(words.settings.trackersSaved);
  };
  const save = async (event: Event) => {
    event.preventDefault();
    done(await settings.saveTrackers());
  };
  return (
    <form class="field" autocomplete="off" onSubmit={save}>
      <label for="trackers">{words.settings.trackers}</label>
      <textarea
        id="trackers"
        class="input figures"
        data-testid="trackers"
        rows={4}
        dir="ltr"
        autocapitalize="off"
        autocomplete="off"
        spellcheck={false}
        aria-describedby={invalid === null ? 'trackers-help' : 'trackers-error trackers-help'}
        aria-invalid={invalid !== null}
        value={text}
        onInput={({ currentTarget }) => settings.typeTrackers(currentTarget.value)}
      />
      <p id="trackers-help" class="help">
        {text.trim() === '' ? words.settings.trackersNone : words.settings.trackersHelp}
      </p>
      {invalid !== null && (
        <p id="trackers-error" class="alert" role="alert">
          {'line' in invalid
            ? words.settings.trackersInvalid(invalid.line)
            : words.settings.trackersTooMany(invalid.limit)}
        </p>
      )}
      <div class="buttons">
        <Button look="primary" type="submit" data-testid="trackers-save">
          {words.settings.trackersSave}
        </Button>
        {custom && (
          <Button data-testid="trackers-reset" onClick={async () => done(await settings.resetTrackers())}>
            {words.settings.trackersReset}
          </Button>
        )}
      </div>
    </form>
  );
}

function EntryPoints({ entryPoints }: { readonly entryPoints: readonly EntryPoint[] }) {
  const words = useSettingsWords();
  if (entryPoints.length === 0) return null;
  return (
    <div class="field">
      <span class="label">{words.settings.entryPoints}</span>
      <ul class="entry-points">
        {entryPoints.map(({ url, state }) => (
          <li key={url} data-state={state}>
            <span class="figures entry-url">{url}</span>
            <span class="soft">{words.settings.entryPointState[state]}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Diagnostics() {
  const { settings } = useApp();
  const words = useSettingsWords();
  useEffect(() => settings.watchDiagnostics(), [settings]);
  const view = settings.diagnostics.value;
  return (
    <details class="diagnostics" data-testid="diagnostics" data-json={view === null ? undefined : JSON.stringify(view)}>
      <summary>{words.settings.diagnostics}</summary>
      <p class="help soft">{words.settings.diagnosticsHelp}</p>
      <pre class="figures">{view === null ? '' : JSON.stringify(view, null, 2)}</pre>
    </details>
  );
}

function Network() {
  const { t, snapshot } = useApp();
  const words = useSettingsWords();
  const now = snapshot.value;
  if (now === null) return null;
  const { iceServers, maxFileBytes } = now.settings;
  return (
    <Section title={words.settings.network}>
      <NetworkState />
      <Trackers />
      <EntryPoints entryPoints={now.network.entryPoints} />
      <Door />
      <div class="field">
        <span class="label">{words.settings.iceServers}</span>
        {iceServers.length === 0 ? (
          <p class="soft">{words.settings.noIceServers}</p>
        ) : (
          <ul>
            {iceServers.map((url) => (
              <li key={url} class="figures entry-url">
                {url}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="field">
        <span class="label">{words.settings.fileLimit}</span>
        <p class="soft">{t.size(maxFileBytes)}</p>
      </div>
      <Diagnostics />
    </Section>
  );
}

export function SettingsScreen() {
  const { platform } = useApp();
  const words = useSettingsWords();
  return (
    <Page title={words.settings.title}>
      <You />
      <Privacy />
      <LockSection />
      <Links />
      <BackupData />
      <Storage />
      <Network />
      <Section title={words.settings.about}>
        <div class="field">
          <p data-testid="app-version">{words.settings.version(platform.version, platform.release)}</p>
          <p class="help">{words.settings.aboutText}</p>
        </div>
      </Section>
    </Page>
  );
}
