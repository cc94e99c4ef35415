// Meeting somebody, one tab a way, the best that this device can do first: my card to give (my-card.tsx) and theirs to take
// (their-card.tsx), by code or as text, both at once over Bluetooth (at-mailbox.tsx), a link to send (my-link.tsx), or a look-up by number (find-by-number.tsx).
import { useEffect } from 'preact/hooks';
import type { PairingWay } from '../../app/pairing.ts';
import { WaitingSection } from '../components/introductions-waiting.tsx';
import { Page } from '../components/page.tsx';
import { useApp } from '../context.ts';
import { BluetoothIcon, KeyboardIcon, NumberIcon, QrIcon } from '../icons/meeting-icons.tsx';
import { useMeetingWords } from '../words.ts';
import { AtMailboxSection } from './at-mailbox.tsx';
import { FindByNumber } from './find-by-number.tsx';
import { MyCard } from './my-card.tsx';
import { MyLink } from './my-link.tsx';
import { ScanCard, TheirCard } from './their-card.tsx';
import './add-contact.css';

const tabIcons: Readonly<Record<PairingWay, typeof KeyboardIcon>> = {
  qr: QrIcon,
  text: KeyboardIcon,
  bluetooth: BluetoothIcon,
  number: NumberIcon,
};

/** The arrow keys walk through the tabs as they stand on screen (WAI-ARIA tabs pattern). */
function step(event: KeyboardEvent, ways: readonly PairingWay[], way: PairingWay): PairingWay | null {
  const rightToLeft = getComputedStyle(event.currentTarget as Element).direction === 'rtl';
  const by = { ArrowRight: rightToLeft ? -1 : 1, ArrowLeft: rightToLeft ? 1 : -1 }[event.key];
  if (event.key === 'Home') return ways[0] ?? null;
  if (event.key === 'End') return ways.at(-1) ?? null;
  if (by === undefined) return null;
  return ways.at((ways.indexOf(way) + by) % ways.length) ?? null;
}

function Ways() {
  const { pairing } = useApp();
  const words = useMeetingWords();
  const names: Readonly<Record<PairingWay, string>> = {
    qr: words.qr.tab,
    text: words.card.text,
    bluetooth: words.mailbox.tab,
    number: words.number.tab,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = step(event, pairing.ways.peek(), pairing.way.peek());
    if (next === null) return;
    event.preventDefault();
    pairing.choose(next);
    document.getElementById(`pair-tab-${next}`)?.focus();
  };
  return (
    <div class="ways" role="tablist" aria-label={words.card.ways} onKeyDown={onKeyDown}>
      {pairing.ways.value.map((way) => {
        const selected = pairing.way.value === way;
        const Icon = tabIcons[way];
        return (
          <button
            key={way}
            type="button"
            id={`pair-tab-${way}`}
            class="way"
            role="tab"
            data-testid={`pair-tab-${way}`}
            aria-selected={selected}
            aria-controls={selected ? 'pair-panel' : undefined}
            tabIndex={selected ? 0 : -1}
            onClick={() => pairing.choose(way)}
          >
            <Icon size={20} />
            {names[way]}
          </button>
        );
      })}
    </div>
  );
}

export function AddContactScreen() {
  const { pairing } = useApp();
  const words = useMeetingWords();
  useEffect(() => {
    void pairing.open();
    return () => pairing.close();
  }, [pairing]);
  const way = pairing.way.value;
  return (
    <Page title={words.card.title}>
      <Ways />
      <div id="pair-panel" class="pair-panel" role="tabpanel" aria-labelledby={`pair-tab-${way}`}>
        {way === 'qr' && <ScanCard />}
        {(way === 'qr' || way === 'text') && <MyCard key={way} as={way} />}
        {way === 'text' && <MyLink />}
        {way === 'text' && <TheirCard />}
        {way === 'bluetooth' && <AtMailboxSection />}
        {way === 'number' && <FindByNumber />}
      </div>
      <WaitingSection />
    </Page>
  );
}
