// Who has to go when somebody new comes (OVERLAY.md, "Neighbours"). A pure choice.
import { GUEST_PLACES, GUEST_STAY_MS } from './limits.ts';

export interface Standing {
  readonly pinned: boolean;
  readonly inTable: boolean;
  readonly inTheirTable: boolean;
  readonly circuits: number;
  readonly since: number;
}

function worth({ pinned, inTable, inTheirTable, circuits }: Standing): number {
  if (pinned) return 3;
  if (inTable) return 2;
  return inTheirTable || circuits > 0 ? 1 : 0;
}

/**
 * The neighbour that makes room, or undefined when the newcomer must be refused. Guests (in no table, carrying nothing) go
 * first, the oldest before others, because it has had its look-up. When there are fewer guests than guest places, the youngest of
 * the others goes: whoever floods us with newcomers displaces newcomers, never those we have known for long, whatever the
 * newcomers say of their tables. Nobody goes before it had the time to find others; nor does anybody else in its place.
 */
export function chooseVictim<T extends Standing>(
  all: readonly T[],
  now: number,
  newcomerPinned: boolean,
): T | undefined {
  const guests = all.filter((each) => worth(each) === 0);
  if (guests.length >= GUEST_PLACES || (newcomerPinned && guests.length > 0)) {
    const [oldest] = guests.toSorted((a, b) => a.since - b.since);
    return newcomerPinned || now - (oldest as T).since >= GUEST_STAY_MS ? oldest : undefined;
  }
  const [least] = all
    .filter((each) => !each.pinned && worth(each) > 0)
    .toSorted((a, b) => worth(a) - worth(b) || b.since - a.since);
  const isNew = least !== undefined && now - least.since < GUEST_STAY_MS;
  return isNew && !newcomerPinned ? undefined : least;
}
