// Introductions as records: who may be kept, what becomes of one, and what the disk may give back.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/adapters/memory/random.ts';
import { KithError } from '../../../../src/core/errors.ts';
import {
  confirmed,
  decodeGiven,
  encodeGiven,
  type Given,
  isForgettable as isGivenForgettable,
  isOpen as isGivenOpen,
  newGiven,
  withdrawn,
} from '../../../../src/core/pairing/introductions/given.ts';
import {
  type Arrival,
  decodeReceived,
  encodeReceived,
  isForgettable,
  isOpen,
  isWelcome,
  lapse,
  type OpenReceived,
  over,
  type Received,
} from '../../../../src/core/pairing/introductions/received.ts';
import { mutate } from '../../../fixtures/mutate.ts';
import { ana, ben, cleo } from '../../../fixtures/people.ts';

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

const anas = (number: number, more: Partial<OpenReceived> = {}): OpenReceived => ({
  v: 1,
  key: `ana/${number}`,
  by: 'ana',
  receivedAt: NOW,
  endsAt: NOW + 14 * DAY,
  state: 'asked',
  secret: new Uint8Array(32).fill(1),
  fingerprint: new Uint8Array(32).fill(number),
  name: 'Cleo',
  number: '',
  ...more,
});

const many = (count: number, make: (number: number) => Received): Received[] =>
  Array.from({ length: count }, (_, index) => make(index + 1));

/** Ben, who has verified Ana, hears of Cleo. */
const arrival: Arrival = {
  introducer: { fingerprint: ana.fingerprint, verified: true },
  fingerprint: cleo.fingerprint,
  self: ben.fingerprint,
  blocked: false,
  life: 14 * DAY,
  known: [],
  now: NOW,
};
const unverified = { fingerprint: ana.fingerprint, verified: false };
const answered = (number: number): Received => over(anas(number));

describe('what is kept of an introduction that comes', () => {
  const table: [string, boolean, Partial<Arrival>][] = [
    ['by somebody verified', true, {}],
    ['by somebody who was never checked: kept, to be shown as what it is', true, { introducer: unverified }],
    ['by nobody I talk to', false, { introducer: undefined }],
    ['of myself', false, { fingerprint: ben.fingerprint }],
    ['of the introducer', false, { fingerprint: ana.fingerprint }],
    ['of somebody I blocked', false, { blocked: true }],
    ['that is over when it comes', false, { life: 0 }],
    ['the eighth that is open', true, { known: many(7, anas) }],
    ['the ninth that is open', false, { known: many(8, anas) }],
    ['the ninth, when some were answered', true, { known: [...many(4, anas), ...many(9, answered)] }],
    ['the ninth, about somebody of the eight', true, { known: many(8, anas), fingerprint: anas(3).fingerprint }],
    ['a second by somebody who was never checked', false, { introducer: unverified, known: [anas(1)] }],
    ['the hundredth of a day', true, { known: many(99, answered) }],
    ['the hundred and first of a day', false, { known: many(100, answered) }],
    ['the next day', true, { known: many(100, answered), now: NOW + DAY }],
  ];
  it.each(table)('%s: %s', (_, kept, more) => {
    expect(isWelcome({ ...arrival, ...more })).toBe(kept);
  });
});

describe('an introduction to me', () => {
  it('that I never answered is over in silence; one that I accepted says that nobody came', () => {
    expect(lapse(anas(1))).toEqual(over(anas(1)));
    const lapsed = lapse(anas(1, { state: 'accepted', number: '161803398874989' }));
    expect(lapsed).toMatchObject({ state: 'lapsed', name: 'Cleo', number: '161803398874989' });
    expect(lapsed).not.toHaveProperty('secret');
  });

  it('keeps neither secret nor name once it is over', () => {
    expect(Object.keys(over(anas(1))).sort()).toEqual(['by', 'endsAt', 'key', 'receivedAt', 'state', 'v']);
  });

  it('is remembered until nobody sends it again and the day is over', () => {
    const short = over(anas(1, { endsAt: NOW + 5 }));
    expect([isForgettable(short, NOW + DAY - 1), isForgettable(short, NOW + DAY)]).toEqual([false, true]);
    const long = over(anas(1));
    expect([isForgettable(long, NOW + 14 * DAY - 1), isForgettable(long, NOW + 14 * DAY)]).toEqual([false, true]);
    expect(isForgettable(anas(1), NOW + 99 * DAY)).toBe(false);
    const lapsed = lapse(anas(1, { state: 'accepted' }));
    expect([isForgettable(lapsed, NOW + 27 * DAY), isForgettable(lapsed, NOW + 28 * DAY)]).toEqual([false, true]);
  });
});

describe('an introduction that I make', () => {
  const fresh = newGiven('ab'.repeat(16), new Uint8Array(32).fill(1), ['ben', 'cleo'], NOW, 14 * DAY);
  const owed = ({ sides }: Given) => sides.map((side) => side.owed);

  it('is owed to both until each has confirmed, and then its secret is forgotten', () => {
    const one = confirmed(fresh, 'cleo', 'introduction');
    expect([owed(one), one.secret?.length]).toEqual([['introduction', 'nothing'], 32]);
    const both = confirmed(one, 'ben', 'introduction');
    expect([owed(both), both.secret, both.sides.map(({ delivered }) => delivered)]).toEqual([
      ['nothing', 'nothing'],
      undefined,
      [true, true],
    ]);
    expect(confirmed(both, 'ben', 'introduction')).toEqual(both);
    expect(confirmed(fresh, 'dora', 'introduction')).toEqual(fresh);
  });

  it('that is withdrawn is told to both, whatever they had; a late confirmation changes only what is known', () => {
    const gone = withdrawn(confirmed(fresh, 'cleo', 'introduction'));
    expect([owed(gone), gone.secret, isGivenOpen(gone, NOW)]).toEqual([['withdrawal', 'withdrawal'], undefined, false]);
    expect(owed(confirmed(gone, 'ben', 'introduction'))).toEqual(['withdrawal', 'withdrawal']);
    expect(owed(confirmed(gone, 'ben', 'withdrawal'))).toEqual(['nothing', 'withdrawal']);
  });

  it('counts for the day, and is forgotten when nobody needs to hear of it', () => {
    const settled = confirmed(confirmed(withdrawn(fresh), 'ben', 'withdrawal'), 'cleo', 'withdrawal');
    expect([isGivenForgettable(settled, NOW + DAY - 1), isGivenForgettable(settled, NOW + DAY)]).toEqual([false, true]);
    expect([isGivenForgettable(fresh, NOW + DAY), isGivenForgettable(fresh, NOW + 14 * DAY)]).toEqual([false, true]);
    expect([isGivenOpen(fresh, NOW + 14 * DAY - 1), isGivenOpen(fresh, NOW + 14 * DAY)]).toEqual([true, false]);
  });
});

describe('records', () => {
  const received: Received[] = [
    anas(1),
    anas(2, { state: 'accepted' }),
    lapse(anas(3, { state: 'accepted' })),
    over(anas(4)),
  ];
  const given = newGiven('cd'.repeat(16), new Uint8Array(32).fill(9), ['ben', 'cleo'], NOW, DAY);

  it('come back from the disk as they were', () => {
    for (const one of received) expect(decodeReceived(encodeReceived(one))).toEqual(one);
    expect(decodeGiven(encodeGiven(given))).toEqual(given);
    expect(decodeGiven(encodeGiven(withdrawn(given)))).toEqual(withdrawn(given));
  });

  it('that are damaged are refused, or are records: nothing else', () => {
    const random = seededRandom(77);
    const genuine = [...received.map(encodeReceived), encodeGiven(given)];
    let refused = 0;
    for (let left = 5_000; left > 0; left -= 1) {
      const bytes = mutate(genuine[left % genuine.length] as Uint8Array, random, genuine);
      for (const decode of [decodeReceived, decodeGiven]) {
        try {
          expect(decode(bytes)).toHaveProperty('v', 1);
        } catch (error) {
          expect(error).toBeInstanceOf(KithError);
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(5_000);
  });

  it('hold an open introduction only whole', () => {
    expect(isOpen(anas(1))).toBe(true);
    expect(received.map(isOpen)).toEqual([true, true, false, false]);
  });
});
