// Whoever waits for my answer: above every screen, in a place of its own, so that nothing covers it, it covers nothing, and Escape does
// not touch it.
import { useApp } from '../context.ts';
import { useFocusRescue } from '../focus.ts';
import { lazyScreen } from '../lazy.tsx';
import './requests.css';

const introductions = lazyScreen(async () => (await import('./introduction-requests.tsx')).IntroductionRequests);
const pairing = lazyScreen(async () => (await import('./pair-requests.tsx')).PairRequests);

export const preloadRequests = () => Promise.all([pairing.preload(), introductions.preload()]);

export function Requests() {
  const { t, snapshot } = useApp();
  const requests = snapshot.value?.requests ?? [];
  useFocusRescue(requests.length);
  // What I said yes to already is told where one adds contacts.
  const introduced = snapshot.value?.introductions.received.some(({ state }) => state !== 'waiting') ?? false;
  return (
    <section class="requests" aria-label={t.requests} aria-live="polite" hidden={requests.length === 0 && !introduced}>
      {requests.length > 0 && <pairing.Screen requests={requests} />}
      {introduced && <introductions.Screen />}
    </section>
  );
}
