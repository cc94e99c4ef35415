// People who took my card, found my number or met me in a group, and wait for my answer.
import { signal } from '@preact/signals';
import { groupedNumber } from '../../app/format.ts';
import type { PairRequest } from '../../app/views.ts';
import { useApp } from '../context.ts';
import { ShieldIcon } from '../icons/icons.tsx';
import { useMeetingWords } from '../words.ts';
import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';

type Way = NonNullable<PairRequest['way']>;

/** Requests being answered: their buttons rest until the node has taken the answer. */
const answering = signal<ReadonlySet<string>>(new Set());

function title(request: PairRequest, words: ReturnType<typeof useMeetingWords>['request']['by'][Way]): string {
  if (request.blocked) return words.blocked(request.knownAs ?? request.name);
  if (request.knownAs !== null) return words.known(request.knownAs);
  return words.title(request.name);
}

function Request({ request }: { readonly request: PairRequest }) {
  const app = useApp();
  const { by, ...words } = useMeetingWords().request;
  const way = request.way ?? 'card';
  const busy = answering.value.has(request.id);
  const answer = async (how: 'accept' | 'accept-verified' | 'refuse') => {
    answering.value = new Set([...answering.peek(), request.id]);
    await app.answer(request.id, how);
    answering.value = new Set([...answering.peek()].filter((id) => id !== request.id));
  };
  const titleId = `request-${request.id}`;
  return (
    <li class="request" data-testid="pair-request" data-number={request.number} aria-labelledby={titleId}>
      <Avatar id={request.number} name={request.name} size="small" />
      <div class="request-words">
        <p id={titleId} class="request-title">
          {title(request, by[way])}
        </p>
        <p>
          {words.number} <strong class="figures">{groupedNumber(request.number)}</strong>
        </p>
        <p class="soft">{by[way].question}</p>
      </div>
      <div class="request-buttons">
        {/* A number proves nothing, a link or a group little: whoever comes by them is verified later, by a card or by comparing. */}
        {way === 'card' && (
          <Button data-testid="pair-accept-verified" disabled={busy} onClick={() => answer('accept-verified')}>
            <ShieldIcon size={18} />
            {words.acceptVerified}
          </Button>
        )}
        <Button look="primary" data-testid="pair-accept" disabled={busy} onClick={() => answer('accept')}>
          {words.accept}
        </Button>
        <Button look="quiet-danger" data-testid="pair-refuse" disabled={busy} onClick={() => answer('refuse')}>
          {words.refuse}
        </Button>
      </div>
    </li>
  );
}

export function PairRequests({ requests }: { readonly requests: readonly PairRequest[] }) {
  return (
    <ul>
      {requests.map((request) => (
        <Request key={request.id} request={request} />
      ))}
    </ul>
  );
}
