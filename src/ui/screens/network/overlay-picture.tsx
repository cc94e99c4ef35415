// The overlay as a picture: me in the middle, other browsers around, connected contacts outside them; and the same as a list.
import { hueOf, initials, isolated } from '../../../app/format.ts';
import { nameOf, numberOf } from '../../../app/names.ts';
import { type ContactFace, drawOverlay, PICTURE } from '../../../app/overlay-picture.ts';
import type { ConversationView, Neighbour, Overlay } from '../../../app/views.ts';
import { useApp } from '../../context.ts';
import { useSettingsWords } from '../../settings-words.ts';
import './overlay-picture.css';

/** As many as avatars have. */
const HUES = 8;
const FACE_RADIUS = 15;
const ME_RADIUS = 19;

function Face({ face, hueId }: { readonly face: ContactFace; readonly hueId: string }) {
  return (
    <g transform={`translate(${face.x} ${face.y})`}>
      <circle class="overlay-face" r={FACE_RADIUS} fill={`var(--hue-${hueOf(hueId, HUES)})`} />
      <text class="overlay-initials" dy="0.36em">
        {initials(face.name) || '?'}
      </text>
    </g>
  );
}

/** From me, or on from the neighbour it runs through. */
function ContactLine({ face }: { readonly face: ContactFace }) {
  const { from, x, y, route } = face;
  const through = from.x !== 0 || from.y !== 0;
  const points = through ? `0,0 ${from.x},${from.y} ${x},${y}` : `0,0 ${x},${y}`;
  return <polyline class="overlay-contact" data-route={route} points={points} />;
}

function Legend() {
  const words = useSettingsWords();
  const signs = {
    neighbour: <circle class="overlay-dot" cx="12" cy="7" r="5" />,
    pinned: <circle class="overlay-dot" data-pinned="true" cx="12" cy="7" r="5" />,
    direct: <path class="overlay-contact" data-route="direct" d="M1 7h22" />,
    relayed: <path class="overlay-contact" data-route="relayed" d="M1 7h22" />,
  };
  return (
    <figcaption class="overlay-legend">
      {(Object.keys(signs) as (keyof typeof signs)[]).map((sign) => (
        <span key={sign}>
          <svg viewBox="0 0 24 14" width="24" height="14" aria-hidden="true" focusable="false">
            {signs[sign]}
          </svg>
          {words.overlay.legend[sign]}
        </span>
      ))}
    </figcaption>
  );
}

interface PartsProps {
  readonly overlay: Overlay;
  readonly contacts: readonly ConversationView[];
}

export function OverlayPicture({ overlay, contacts }: PartsProps) {
  const { t } = useApp();
  const words = useSettingsWords();
  const { neighbours, contacts: faces, more } = drawOverlay(overlay, contacts);
  const relayed = contacts.filter(({ route }) => route === 'relayed').length;
  const { width, height } = PICTURE;
  const hueIds = new Map(contacts.map((view) => [view.id, numberOf(view) || view.id]));
  return (
    <figure class="overlay">
      <svg
        class="overlay-picture"
        viewBox={`${-width / 2} ${-height / 2} ${width} ${height}`}
        role="img"
        aria-label={words.overlay.picture(neighbours.length, contacts.length - relayed, relayed)}
        data-testid="overlay-picture"
      >
        {neighbours.map(({ id, x, y }) => (
          <line key={id} class="overlay-link" x2={x} y2={y} />
        ))}
        {faces.map((face) => (
          <ContactLine key={face.id} face={face} />
        ))}
        {neighbours.map(({ id, x, y, pinned }) => (
          <circle
            key={id}
            class="overlay-dot"
            data-pinned={pinned}
            cx={x}
            cy={y}
            r={neighbours.length > 20 ? 5 : 6.5}
          />
        ))}
        {faces.map((face) => (
          <Face key={face.id} face={face} hueId={hueIds.get(face.id) ?? face.id} />
        ))}
        <circle class="overlay-me" r={ME_RADIUS} />
        <text class="overlay-me-word" dy="0.36em">
          {t.list.you}
        </text>
      </svg>
      {more > 0 && <p class="soft overlay-more">{words.overlay.more(more)}</p>}
      <Legend />
    </figure>
  );
}

function NeighbourLine({ neighbour }: { readonly neighbour: Neighbour }) {
  const words = useSettingsWords();
  const { id, direction, rtt, bytesIn, bytesOut, pinned } = neighbour;
  const facts = [words.overlay.direction[direction]];
  if (rtt !== null) facts.push(words.overlay.roundTrip(rtt));
  facts.push(words.overlay.carried(bytesIn + bytesOut));
  if (pinned) facts.push(words.overlay.pinned);
  return (
    <li data-testid="neighbour" data-pinned={pinned}>
      {words.overlay.neighbour(id)}
      <span class="soft"> · {facts.join(' · ')}</span>
    </li>
  );
}

export function OverlayList({ overlay, contacts }: PartsProps) {
  const { t } = useApp();
  const words = useSettingsWords();
  const via = new Map(overlay.circuits.map((circuit) => [circuit.conversationId, circuit.via]));
  return (
    <details class="overlay-list" data-testid="overlay-list">
      <summary>{words.overlay.list}</summary>
      <ul>
        {contacts.map((view) => {
          const route = view.route === 'relayed' ? 'relayed' : 'direct';
          // A circuit over the link of the contact's own browser has nobody between.
          const through = route === 'relayed' ? via.get(view.id) : undefined;
          return (
            <li key={view.id}>
              {isolated(nameOf(view, t))}
              <span class="soft">
                {' '}
                · {through === undefined ? words.overlay.contact[route] : words.overlay.through(through)}
              </span>
            </li>
          );
        })}
        {overlay.neighbours.map((neighbour) => (
          <NeighbourLine key={neighbour.id} neighbour={neighbour} />
        ))}
      </ul>
    </details>
  );
}
