import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScreenOrder } from '../../../src/core/node/groups/screen-order.ts';

const placesOf = (order: ScreenOrder, ids: readonly string[]) => ids.map((id) => order.of(id) ?? Number.NaN);

describe('places of messages on the screen', () => {
  it('ascend in whatever order messages come, and are whole numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(40), { maxLength: 30 }), { maxLength: 8 }), (rounds) => {
        const order = new ScreenOrder();
        for (const round of rounds) {
          const ids = [...new Set(round)].map(String);
          order.update(ids);
          const places = placesOf(order, ids);
          expect(places.every((place) => Number.isSafeInteger(place))).toBe(true);
          expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
        }
      }),
      { seed: 20261128 },
    );
  });

  it('stay as they are when something comes between or behind', () => {
    const order = new ScreenOrder();
    order.update(['a', 'c']);
    const before = placesOf(order, ['a', 'c']);
    expect(order.update(['a', 'b', 'c', 'd'])).toBe(false);
    expect(placesOf(order, ['a', 'c'])).toEqual(before);
  });

  it('are all new when there is no room left between two', () => {
    const order = new ScreenOrder();
    const ids = ['first', 'last'];
    order.update(ids);
    let renewed = false;
    for (let at = 0; at < 30 && !renewed; at += 1) {
      ids.splice(1, 0, `between ${at}`);
      renewed = order.update(ids);
    }
    expect(renewed).toBe(true);
    const places = placesOf(order, ids);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('are forgotten with what is no longer on show', () => {
    const order = new ScreenOrder();
    order.update(['a', 'b']);
    order.update(['b']);
    expect(order.of('a')).toBeUndefined();
  });
});
