// People who took my card or found my number, and wait for my answer. Above every screen, in a place of its own: nothing covers it, it
// covers nothing, and Escape does not touch it.
import { signal } from '@preact/signals';
import { groupedNumber } from '../../app/format.ts';
import type { PairRequest } from '../../app/views.ts';
import { useApp } from '../context.ts';
import { useFocusRescue } from '../focus.ts';
import { ShieldIcon } from '../icons/icons.tsx';
import { lazyScreen } from '../lazy.tsx';
import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';
import './requests.css';

const introductions = lazyScreen(async () => (await import('./introduction-requests.tsx')).IntroductionRequests);

/** Requests being answered: their buttons rest until the node has taken the answer. */
const answering = signal<ReadonlySet<string>>(new Set());

const wordsFor = ({ way }: PairRequest, { request }: ReturnType<typeof useApp>['t']) =>
  way === 'number' ? request.byNumber : way === 'link' ? request.byLink : request;

function title(request: PairRequest, t: ReturnType<typeof useApp>['t']): string {
  const words = wordsFor(request, t);
  if (request.blocked) return words.blocked(request.knownAs ?? request.name);
  if (request.knownAs !== null) return words.known(request.knownAs);
  return words.title(request.name);
}

function Request({ request }: { readonly request: PairRequest }) {
  const app = useApp();
  const { t } = app;
  const busy = answering.value.has(request.id);
  const answer = async (how: 'accept' | 'accept-verified' | 'refuse') => {
    answering.value = new Set([...answering.peek(), request.id]);
    await app.answer(request.id, how);
    answering.value = new Set([...answering.peek()].filter((id) => id !== request.id));
  };
  const inPerson = (request.way ?? 'card') === 'card';
  const titleId = `request-${request.id}`;
  return (
    <li class="request" data-testid="pair-request" data-number={request.number} aria-labelledby={titleId}>
      <Avatar id={request.number} name={request.name} size="small" />
      <div class="request-words">
        <p id={titleId} class="request-title">
          {title(request, t)}
        </p>
        <p>
          {t.request.number} <strong class="figures">{groupedNumber(request.number)}</strong>
        </p>
        <p class="soft">{wordsFor(request, t).question}</p>
      </div>
      <div class="request-buttons">
        {/* A number proves nothing, and a link little: whoever comes by them is verified later, by a card or by comparing. */}
        {inPerson && (
          <Button data-testid="pair-accept-verified" disabled={busy} onClick={() => answer('accept-verified')}>
            <ShieldIcon size={18} />
            {t.request.acceptVerified}
          </Button>
        )}
        <Button look="primary" data-testid="pair-accept" disabled={busy} onClick={() => answer('accept')}>
          {t.request.accept}
        </Button>
        <Button look="quiet-danger" data-testid="pair-refuse" disabled={busy} onClick={() => answer('refuse')}>
          {t.request.refuse}
        </Button>
      </div>
    </li>
  );
}

export function Requests() {
  const { t, snapshot } = useApp();
  const requests = snapshot.value?.requests ?? [];
  useFocusRescue(requests.length);
  // What I said yes to already is told where one adds contacts.
  const introduced = snapshot.value?.introductions.received.some(({ state }) => state !== 'waiting') ?? false;
  return (
    <section
      class="requests"
      aria-label={t.request.region}
      aria-live="polite"
      hidden={requests.length === 0 && !introduced}
    >
      <ul>
        {requests.map((request) => (
          <Request key={request.id} request={request} />
        ))}
      </ul>
      {introduced && <introductions.Screen />}
    </section>
  );
}
