// The switch *May be found by number*: in the settings, and where one looks for others by number.
import { useApp } from '../context.ts';
import { Switch } from './switch.tsx';

export function DiscoverableSwitch() {
  const { t, snapshot, settings } = useApp();
  const chosen = snapshot.value?.settings;
  return (
    <Switch
      label={t.reach.discoverable}
      help={chosen?.relayOnly ? t.reach.discoverableHidden : t.reach.discoverableHelp}
      on={chosen?.discoverable ?? false}
      onChange={(on) => void settings.setDiscoverable(on)}
      testId="discoverable"
    />
  );
}
