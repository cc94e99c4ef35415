// The doors and topics at which one appointment waits, and what each door says about who else is there.
import { equalBytes } from '../bytes/bytes.ts';
import type { EntryPoint, IncomingOffer, TopicMembership } from '../ports/entry-point.ts';
import type { Link } from '../ports/link.ts';
import type { Topic } from './topics.ts';

export interface Place {
  readonly door: EntryPoint;
  readonly topic: Topic;
  readonly membership: TopicMembership;
  /** null: not known yet. undefined: this door does not say. */
  others: number | undefined | null;
  /** The door was asked again, and `others` is what it said before. */
  outdated: boolean;
}

export interface PlaceListener {
  /** A door has counted. `arrived`: somebody is there, and there was nobody before. */
  others(arrived: boolean): void;
  offer(place: Place, offer: IncomingOffer): void;
  /** A door carried a link to us. */
  link(link: Link): void;
}

export class Places {
  readonly #listener: PlaceListener;
  #places: Place[] = [];

  constructor(listener: PlaceListener) {
    this.#listener = listener;
  }

  /** Joins what is new, leaves what is gone. A topic whose urgency has changed is joined again before it is left. */
  set(doors: readonly EntryPoint[], topics: readonly Topic[]): void {
    const before = this.#places;
    const same = (door: EntryPoint, topic: Topic) =>
      before.find((place) => place.door === door && isSame(place.topic, topic));
    this.#places = doors.flatMap((door) => topics.map((topic) => same(door, topic) ?? this.#join(door, topic)));
    for (const place of before) if (!this.#places.includes(place)) place.membership.leave();
  }

  /**
   * One place at each open door where somebody may be: today's topic in the first round, the next one that has somebody in
   * the next round. None at a door that was asked about that place and has not answered yet.
   */
  callable(round: number): Place[] {
    const there = this.#places.filter(({ door, others }) => door.status.state === 'open' && mayHaveSomebody(others));
    const doors = [...new Set(there.map(({ door }) => door))];
    return doors.flatMap((door) => {
      const places = there.filter((place) => place.door === door);
      const chosen = places[round % places.length];
      return chosen && !chosen.outdated ? chosen : [];
    });
  }

  /** Overlay id of the node on which the other was last found, at today's topic if at all; 'hidden' when they hide it. */
  get node(): Uint8Array | 'hidden' | undefined {
    const found = this.#places.filter(({ membership }) => membership.node || membership.takesNoOffers);
    const place = found.find(({ topic }) => topic.urgency === 'now') ?? found[0];
    return place?.membership.takesNoOffers ? 'hidden' : place?.membership.node;
  }

  /** Asks the doors again about today, and wherever somebody was said to be. */
  refresh(): void {
    for (const place of this.#places) {
      if (place.topic.urgency === 'later' && !mayHaveSomebody(place.others)) continue;
      place.outdated = true;
      place.membership.refresh();
    }
  }

  leaveAll(): void {
    this.set([], []);
  }

  #join(door: EntryPoint, topic: Topic): Place {
    const listener = {
      others: (count: number | undefined) => {
        const arrived = place.others === 0 && mayHaveSomebody(count);
        place.others = count;
        place.outdated = false;
        this.#listener.others(arrived);
      },
      offer: (offer: IncomingOffer) => this.#listener.offer(place, offer),
      link: (link: Link) => this.#listener.link(link),
    };
    const membership = door.join(topic.place, listener, topic.urgency);
    const place: Place = { door, topic, membership, others: null, outdated: false };
    return place;
  }
}

function mayHaveSomebody(others: number | undefined | null): boolean {
  return others === undefined || (others !== null && others > 0);
}

function isSame(a: Topic, b: Topic): boolean {
  return a.urgency === b.urgency && equalBytes(a.bytes, b.bytes);
}
