// Where nodes of the overlay stand at doors that list people: one topic for all, another one each day.
import { concat } from '../../bytes/bytes.ts';
import { uint32be } from '../../bytes/integers.ts';
import { utf8 } from '../../bytes/utf8.ts';
import type { MeetingPlace, TopicUrgency } from '../../ports/entry-point.ts';
import type { OverlayCrypto } from '../../ports/overlay-crypto.ts';

const DAY_MS = 86_400_000;
const LABEL = utf8('kith overlay door v1');
/** Such doors look at the topic only, and there is no secret to derive the rest from. */
const NO_KEY = new Uint8Array(32);

export interface DoorTopic {
  readonly day: number;
  readonly place: MeetingPlace;
  readonly urgency: TopicUrgency;
}

/** UTC days since 1970-01-01. */
export function dayNumber(now: number): number {
  return Math.floor(now / DAY_MS);
}

/** Today's first, then yesterday's and tomorrow's: clocks may differ by a day. */
export function doorTopics(crypto: Pick<OverlayCrypto, 'sha1'>, day: number): Promise<DoorTopic[]> {
  const topic = async (number: number, urgency: TopicUrgency): Promise<DoorTopic> => ({
    day: number,
    urgency,
    place: {
      topic: await crypto.sha1(concat(LABEL, uint32be(number))),
      mine: NO_KEY,
      theirs: NO_KEY,
      key: NO_KEY,
    },
  });
  return Promise.all([topic(day, 'now'), topic(day - 1, 'later'), topic(day + 1, 'later')]);
}
