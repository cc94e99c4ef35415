// Settings, one page: me, privacy, what lies on this device, the network, and the counts for a problem report.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ErrorKind } from '../../app/errors.ts';
import { groupedNumber } from '../../app/format.ts';
import { MAX_NAME_LENGTH } from '../../app/limits.ts';
import type { EntryPoint } from '../../app/views.ts';
import { Button } from '../components/button.tsx';
import { DiscoverableSwitch } from '../components/discoverable.tsx';
import { Page, Section } from '../components/page.tsx';
import { Switch } from '../components/switch.tsx';
import { useApp } from '../context.ts';
import { Door } from './network/door.tsx';
import { NetworkState } from './network/network-state.tsx';
import './contact.css';
import './settings.css';

function You() {
  const { t, snapshot, settings, toasts } = useApp();
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
    toasts.show(t.settings.saved);
  };
  return (
    <Section title={t.settings.you}>
      <form class="field" onSubmit={save}>
        <label for="my-name">{t.settings.name}</label>
        <div class="field-line">
          <input
            id="my-name"
            ref={field}
            class="input"
            data-testid="my-name"
            type="text"
            dir="auto"
            autocomplete="nickname"
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
          {t.settings.nameHelp}
        </p>
      </form>
      <div class="field">
        <span class="label">{t.settings.number}</span>
        <p class="figures settings-number">
          {identity.number === null ? t.list.numberPending : groupedNumber(identity.number)}
        </p>
        <p class="help">{t.settings.numberHelp}</p>
      </div>
    </Section>
  );
}

function Privacy() {
  const { t, snapshot, settings } = useApp();
  return (
    <Section title={t.settings.privacy}>
      <Switch
        label={t.settings.receipts}
        help={t.settings.receiptsHelp}
        on={snapshot.value?.settings.sendReadReceipts ?? true}
        onChange={(on) => void settings.setReceipts(on)}
        testId="read-receipts"
      />
      <DiscoverableSwitch />
      <Switch
        label={t.reach.relayOnly}
        help={t.reach.relayOnlyHelp}
        on={snapshot.value?.settings.relayOnly ?? false}
        onChange={(on) => void settings.setRelayOnly(on)}
        testId="relay-only"
      />
    </Section>
  );
}

function Storage() {
  const { t, snapshot, settings } = useApp();
  const storage = snapshot.value?.storage;
  if (storage === undefined) return null;
  const { persisted, usage, quota } = storage;
  const kept = persisted === null ? t.settings.keepUnknown : persisted ? t.settings.kept : t.settings.notKept;
  return (
    <Section title={t.settings.storage}>
      <div class="field">
        <p class="label">{t.settings.notProtected}</p>
        <p class="help">{t.settings.notProtectedHelp}</p>
      </div>
      <div class="field">
        <p>{kept}</p>
        {persisted !== true && (
          <div class="buttons">
            <Button compact onClick={() => void settings.askToKeep()}>
              {t.settings.askToKeep}
            </Button>
          </div>
        )}
      </div>
      {usage !== null && quota !== null && quota > 0 && (
        <div class="field">
          <progress class="usage" max={quota} value={usage} aria-label={t.settings.usageLabel} />
          <p class="help">{t.settings.usage(usage, quota)}</p>
        </div>
      )}
    </Section>
  );
}

function Trackers() {
  const { t, settings, toasts, snapshot } = useApp();
  const text = settings.trackersText();
  const invalid = settings.invalid.value;
  const custom = snapshot.value?.settings.trackers != null;
  const done = (saved: boolean) => {
    if (saved) toasts.show(t.settings.trackersSaved);
  };
  const save = async (event: Event) => {
    event.preventDefault();
    done(await settings.saveTrackers());
  };
  return (
    <form class="field" onSubmit={save}>
      <label for="trackers">{t.settings.trackers}</label>
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
        {text.trim() === '' ? t.settings.trackersNone : t.settings.trackersHelp}
      </p>
      {invalid !== null && (
        <p id="trackers-error" class="alert" role="alert">
          {'line' in invalid ? t.settings.trackersInvalid(invalid.line) : t.settings.trackersTooMany(invalid.limit)}
        </p>
      )}
      <div class="buttons">
        <Button look="primary" type="submit" data-testid="trackers-save">
          {t.settings.trackersSave}
        </Button>
        {custom && (
          <Button data-testid="trackers-reset" onClick={async () => done(await settings.resetTrackers())}>
            {t.settings.trackersReset}
          </Button>
        )}
      </div>
    </form>
  );
}

function EntryPoints({ entryPoints }: { readonly entryPoints: readonly EntryPoint[] }) {
  const { t } = useApp();
  if (entryPoints.length === 0) return null;
  return (
    <div class="field">
      <span class="label">{t.settings.entryPoints}</span>
      <ul class="entry-points">
        {entryPoints.map(({ url, state }) => (
          <li key={url} data-state={state}>
            <span class="figures entry-url">{url}</span>
            <span class="soft">{t.settings.entryPointState[state]}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Diagnostics() {
  const { t, settings } = useApp();
  useEffect(() => settings.watchDiagnostics(), [settings]);
  const view = settings.diagnostics.value;
  return (
    <details class="diagnostics" data-testid="diagnostics" data-json={view === null ? undefined : JSON.stringify(view)}>
      <summary>{t.settings.diagnostics}</summary>
      <p class="help soft">{t.settings.diagnosticsHelp}</p>
      <pre class="figures">{view === null ? '' : JSON.stringify(view, null, 2)}</pre>
    </details>
  );
}

function Network() {
  const { t, snapshot } = useApp();
  const now = snapshot.value;
  if (now === null) return null;
  const { iceServers, maxFileBytes } = now.settings;
  return (
    <Section title={t.settings.network}>
      <NetworkState />
      <Trackers />
      <EntryPoints entryPoints={now.network.entryPoints} />
      <Door />
      <div class="field">
        <span class="label">{t.settings.iceServers}</span>
        {iceServers.length === 0 ? (
          <p class="soft">{t.settings.noIceServers}</p>
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
        <span class="label">{t.settings.fileLimit}</span>
        <p class="soft">{t.size(maxFileBytes)}</p>
      </div>
      <Diagnostics />
    </Section>
  );
}

export function SettingsScreen() {
  const { t, platform } = useApp();
  return (
    <Page title={t.settings.title}>
      <You />
      <Privacy />
      <Storage />
      <Network />
      <Section title={t.settings.about}>
        <div class="field">
          <p data-testid="app-version">{t.settings.version(platform.version, platform.release)}</p>
          <p class="help">{t.settings.aboutText}</p>
        </div>
      </Section>
    </Page>
  );
}
