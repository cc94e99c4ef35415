// How this page stands in the network, in plain words: what is the matter, a picture, what is carried, and what for others.
import { useEffect, useRef } from 'preact/hooks';
import { relayingCaps } from '../../../app/settings.ts';
import type { Diagnosis } from '../../../app/views.ts';
import { Button } from '../../components/button.tsx';
import { Switch } from '../../components/switch.tsx';
import { useApp } from '../../context.ts';
import { InfoIcon, WarningIcon } from '../../icons/icons.tsx';
import { focusDoor } from './door.tsx';
import { OverlayList, OverlayPicture } from './overlay-picture.tsx';
import './network-state.css';

/** These call for something to be done. */
const troubles: readonly Diagnosis[] = ['no-door', 'no-connection', 'only-relayed', 'no-relay'];

function Verdict({ diagnosis }: { readonly diagnosis: Diagnosis }) {
  const { t } = useApp();
  const { title, text } = t.overlay.diagnosis[diagnosis];
  const trouble = troubles.includes(diagnosis);
  return (
    <div class="verdict" data-testid="network-state" data-diagnosis={diagnosis} data-trouble={trouble}>
      {trouble ? <WarningIcon size={22} /> : <InfoIcon size={22} />}
      <div class="verdict-words">
        <p class="verdict-title">{title}</p>
        <p>{text}</p>
        {diagnosis === 'no-door' && (
          <div class="buttons">
            <Button compact onClick={focusDoor}>
              {t.overlay.meetWithout}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function Counters() {
  const { t, settings } = useApp();
  const view = settings.diagnostics.value;
  if (view === null) return null;
  const { overlay, peerConnectionsOpened, peerConnectionsAlive } = view;
  const { circuits, bytes: carried, bytesPerSecond } = overlay.relaying;
  const words = t.overlay.counters;
  const lines = [
    [words.neighbours, overlay.neighbours.length.toLocaleString(t.locale)],
    [words.routes, overlay.routesKnown.toLocaleString(t.locale)],
    [words.relayingNow, t.overlay.relayingNow(circuits)],
    [words.relayed, t.overlay.carried(carried)],
    [words.relayingCap, t.overlay.relayingCap(bytesPerSecond)],
    [words.traffic, t.overlay.traffic(overlay.bytesIn, overlay.bytesOut)],
    [words.connections, t.overlay.connections(peerConnectionsOpened, peerConnectionsAlive)],
  ] as const;
  return (
    <dl class="counters" data-testid="overlay-counters">
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Relaying for others, and its cap while it is on. */
function Carry() {
  const { t, snapshot, settings } = useApp();
  const cap = snapshot.value?.settings.relaying ?? null;
  const known: readonly number[] = relayingCaps;
  const choices = cap === null || known.includes(cap) ? known : [...known, cap].sort((a, b) => a - b);
  return (
    <div class="carry">
      <Switch
        label={t.overlay.carry}
        help={t.overlay.carryHelp}
        on={cap !== null}
        onChange={(on) => void settings.setRelaying(on)}
        testId="relaying"
      />
      {cap !== null && (
        <div class="field carry-cap">
          <label for="relaying-cap">{t.overlay.carryCap}</label>
          <select
            id="relaying-cap"
            class="input"
            data-testid="relaying-cap"
            value={String(cap)}
            onChange={({ currentTarget }) => void settings.setRelayingCap(Number(currentTarget.value))}
          >
            {choices.map((choice) => (
              <option key={choice} value={String(choice)} selected={choice === cap}>
                {t.overlay.perSecond(choice)}
              </option>
            ))}
          </select>
        </div>
      )}
    </div>
  );
}

export function NetworkState() {
  const { snapshot, settings, navigation } = useApp();
  const top = useRef<HTMLDivElement>(null);
  const screen = navigation.screen.value;
  const wanted = screen.name === 'settings' && screen.at === 'network';
  useEffect(() => {
    if (wanted) top.current?.scrollIntoView();
  }, [wanted]);
  const now = snapshot.value;
  if (now === null) return null;
  const overlay = settings.diagnostics.value?.overlay;
  const contacts = now.conversations.filter(({ presence, route }) => presence === 'online' && route !== 'none');
  return (
    <div class="network-state" ref={top}>
      <Verdict diagnosis={now.network.diagnosis} />
      {overlay !== undefined && overlay.neighbours.length + contacts.length > 0 && (
        <>
          <OverlayPicture overlay={overlay} contacts={contacts} />
          <OverlayList overlay={overlay} contacts={contacts} />
        </>
      )}
      <Counters />
      <Carry />
    </div>
  );
}
