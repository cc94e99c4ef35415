// Contacts to choose from for a group. Who cannot be chosen stands there with the reason.
import { useId } from 'preact/hooks';
import { groupedNumber } from '../../../app/format.ts';
import { type Candidate, type Picking, SEARCHED_FROM } from '../../../app/groups/picking.ts';
import { nameOf } from '../../../app/names.ts';
import { Avatar } from '../../components/avatar.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import { SearchIcon } from '../../icons/group-icons.tsx';
import { TickIcon } from '../../icons/icons.tsx';
import './picker.css';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onType: (text: string) => void;
}

export function SearchField({ label, value, onType }: SearchFieldProps) {
  return (
    <span class="search">
      <SearchIcon size={18} />
      <input
        class="input"
        type="search"
        dir="auto"
        autocomplete="off"
        enterkeyhint="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onInput={({ currentTarget }) => onType(currentTarget.value)}
        onKeyDown={(event) => {
          // Enter would send the form around it; Escape empties the field before it closes the screen.
          if (event.key === 'Enter') event.preventDefault();
          if (event.key !== 'Escape' || value === '') return;
          event.preventDefault();
          onType('');
        }}
      />
    </span>
  );
}

function Row({ candidate, picking }: { readonly candidate: Candidate; readonly picking: Picking }) {
  const app = useApp();
  const words = useGroupWords().pick;
  const { id, view, obstacle } = candidate;
  const picked = picking.picked.value.includes(id);
  const full = !picked && obstacle === null && picking.room.value === 0;
  const why = obstacle === null ? (full ? words.full : null) : words.obstacles[obstacle];
  const name = nameOf(view, app.t);
  const number = groupedNumber(view.number);
  return (
    <li>
      {/* biome-ignore lint/a11y/useSemanticElements: a whole line to press, and it says why it cannot be */}
      <button
        type="button"
        class="pick"
        role="checkbox"
        data-testid="group-pick"
        data-number={view.number}
        aria-checked={picked}
        aria-disabled={why !== null}
        onClick={() => picking.toggle(id)}
      >
        <Avatar id={view.number || view.id} name={view.name} presence={view.presence} size="small" />
        <span class="pick-words">
          <span class="pick-name" dir="auto">
            {name}
          </span>
          <span class={why === null ? 'pick-sub figures' : 'pick-sub'}>{why ?? (name === number ? '' : number)}</span>
        </span>
        <span class="pick-box">
          <TickIcon size={16} />
        </span>
      </button>
    </li>
  );
}

export function Picker({ picking }: { readonly picking: Picking }) {
  const words = useGroupWords().pick;
  const countId = useId();
  const all = picking.candidates.value.length;
  const shown = picking.shown.value;
  if (all === 0) return <p class="soft">{words.noContacts}</p>;
  return (
    <div class="picker">
      {all >= SEARCHED_FROM && (
        <SearchField label={words.search} value={picking.query.value} onType={(text) => picking.search(text)} />
      )}
      <p id={countId} class="soft pick-count" role="status">
        {shown.length === 0 ? words.none : words.count(picking.picked.value.length, picking.room.value)}
      </p>
      <ul class="picks" aria-label={words.list} aria-describedby={countId}>
        {shown.map((candidate) => (
          <Row key={candidate.id} candidate={candidate} picking={picking} />
        ))}
      </ul>
    </div>
  );
}
