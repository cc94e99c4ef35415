// How this page stands in the network, in plain words: what is the matter, a picture, what is carried, and what for others.
import { useEffect, useRef } from 'preact/hooks';
import { relayingCaps } from '../../../app/settings.ts';
import type { Diagnosis } from '../../../app/views.ts';
import { Button } from '../../components/button.tsx';
import { Switch } from '../../components/switch.tsx';
import { useApp } from '../../context.ts';
import { InfoIcon, WarningIcon } from '../../icons/icons.tsx';
import { useSettingsWords } from '../../settings-words.ts';
import { focusDoor } from './door.tsx';
import { OverlayList, OverlayPicture } from './overlay-picture.tsx';
import './network-state.css';

/** These call for something to be done. */
const troubles: readonly Diagnosis[] = ['no-door', 'no-connection', 'only-relayed', 'no-relay'];

function Verdict({ diagnosis }: { readonly diagnosis: Diagnosis }) {
  const words = useSettingsWords();
  const { title, text } = words.overlay.diagnosis[diagnosis];
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
              {words.overlay.meetWithout}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function Counters() {
  const { t, settings } = useApp();
  const words = useSettingsWords();
  const view = settings.diagnostics.value;
  if (view === null) return null;
  const { overlay, peerConnectionsOpened, peerConnectionsAlive } = view;
  const { circuits, bytes: carried, bytesPerSecond } = overlay.relaying;
  const counted = words.overlay.counters;
  const lines = [
    [counted.neighbours, overlay.neighbours.length.toLocaleString(t.locale)],
    [counted.routes, overlay.routesKnown.toLocaleString(t.locale)],
    [counted.relayingNow, words.overlay.relayingNow(circuits)],
    [counted.relayed, words.overlay.carried(carried)],
    [counted.relayingCap, words.overlay.relayingCap(bytesPerSecond)],
    [counted.traffic, words.overlay.traffic(overlay.bytesIn, overlay.bytesOut)],
    [counted.connections, words.overlay.connections(peerConnectionsOpened, peerConnectionsAlive)],
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
  const { snapshot, settings } = useApp();
  const words = useSettingsWords();
  const cap = snapshot.value?.settings.relaying ?? null;
  const known: readonly number[] = relayingCaps;
  const choices = cap === null || known.includes(cap) ? known : [...known, cap].sort((a, b) => a - b);
  return (
    <div class="carry">
      <Switch
        label={words.overlay.carry}
        help={words.overlay.carryHelp}
        on={cap !== null}
        onChange={(on) => void settings.setRelaying(on)}
        testId="relaying"
      />
      {cap !== null && (
        <div class="field carry-cap">
          <label for="relaying-cap">{words.overlay.carryCap}</label>
          <select
            id="relaying-cap"
            class="input"
            data-testid="relaying-cap"
            value={String(cap)}
            onChange={({ currentTarget }) => void settings.setRelayingCap(Number(currentTarget.value))}
          >
            {choices.map((choice) => (
              <option key={choice} value={String(choice)} selected={choice === cap}>
                {words.overlay.perSecond(choice)}
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
