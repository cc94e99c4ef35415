// The switch *May be found by number*: in the settings, and where one looks for others by number.
import { useApp } from '../context.ts';
import { useSettingsWords } from '../settings-words.ts';
import { Switch } from './switch.tsx';

export function DiscoverableSwitch() {
  const { snapshot, settings } = useApp();
  const words = useSettingsWords();
  const chosen = snapshot.value?.settings;
  return (
    <Switch
      label={words.reach.discoverable}
      help={chosen?.relayOnly ? words.reach.discoverableHidden : words.reach.discoverableHelp}
      on={chosen?.discoverable ?? false}
      onChange={(on) => void settings.setDiscoverable(on)}
      testId="discoverable"
    />
  );
}
