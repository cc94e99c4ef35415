// This node under the overlay's topics at every door, and what each door says about who else is there.
import type { EntryPoint, IncomingOffer, TopicMembership } from '../../ports/entry-point.ts';
import type { DoorTopic } from './door-topics.ts';

export interface DoorPlace {
  readonly door: EntryPoint;
  readonly topic: DoorTopic;
  readonly membership: TopicMembership;
  /** null: not known yet. undefined: this door does not say. */
  others: number | undefined | null;
  /** The door was asked again and has not answered yet. */
  asked: boolean;
}

export interface DoorPlacesListener {
  /** A door has counted. `arrived`: somebody is there, and there was nobody before. */
  counted(arrived: boolean): void;
  offer(incoming: IncomingOffer): void;
}

export class DoorPlaces {
  readonly #listener: DoorPlacesListener;
  #places: DoorPlace[] = [];

  constructor(listener: DoorPlacesListener) {
    this.#listener = listener;
  }

  /** Joins what is new and leaves what is gone. */
  set(doors: readonly EntryPoint[], topics: readonly DoorTopic[]): void {
    const before = this.#places;
    const same = (door: EntryPoint, { day, urgency }: DoorTopic) =>
      before.find((place) => place.door === door && place.topic.day === day && place.topic.urgency === urgency);
    this.#places = doors.flatMap((door) => topics.map((topic) => same(door, topic) ?? this.#join(door, topic)));
    for (const place of before) if (!this.#places.includes(place)) place.membership.leave();
  }

  /** At each open door the place where somebody who is not among `known` others may be, today's first. */
  promising(known: number): DoorPlace[] {
    const promising = this.#places.filter(
      ({ door, others, asked }) => door.status.state === 'open' && !asked && mayBeMore(others, known),
    );
    return promising.filter((place, index) => promising.findIndex(({ door }) => door === place.door) === index);
  }

  /** An open door names others. */
  get othersAreNamed(): boolean {
    return this.#places.some(({ door, others }) => door.status.state === 'open' && (others ?? 0) > 0);
  }

  /** Asks every door again. */
  refresh(): void {
    for (const place of this.#places) {
      if (place.topic.urgency === 'later' && !mayBeMore(place.others, 0)) continue;
      place.asked = true;
      place.membership.refresh();
    }
  }

  #join(door: EntryPoint, topic: DoorTopic): DoorPlace {
    const listener = {
      others: (count: number | undefined) => {
        const arrived = place.others === 0 && mayBeMore(count, 0);
        place.others = count;
        place.asked = false;
        this.#listener.counted(arrived);
      },
      offer: (offer: IncomingOffer) => this.#listener.offer(offer),
    };
    const membership = door.join(topic.place, listener, topic.urgency);
    const place: DoorPlace = { door, topic, membership, others: null, asked: false };
    return place;
  }
}

function mayBeMore(others: number | undefined | null, known: number): boolean {
  return others === undefined || (others !== null && others > known);
}
