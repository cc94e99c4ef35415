import { describe, expect, it } from 'vitest';
import { drawOverlay, PICTURE, type Point } from '../../../src/app/overlay-picture.ts';
import { aConversation, emptyOverlay } from '../../fixtures/fake-node.ts';

const neighbour = (index: number) => ({
  id: (index * 7919).toString(16).padStart(8, '0'),
  direction: 'out' as const,
  rtt: 30,
  bytesIn: 0,
  bytesOut: 0,
  pinned: index === 0,
});
const withNeighbours = (count: number) => ({
  ...emptyOverlay,
  neighbours: Array.from({ length: count }, (_, index) => neighbour(index)),
});
const people = (count: number) => Array.from({ length: count }, (_, index) => aConversation(`c${index}`));
const apart = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

/** Smallest distance between any two. */
function closest(points: readonly Point[]): number {
  return Math.min(...points.flatMap((a, index) => points.slice(index + 1).map((b) => apart(a, b))));
}

describe('the picture of the overlay', () => {
  it('is the same for the same network, in whatever order it is told', () => {
    const overlay = withNeighbours(9);
    const turned = { ...overlay, neighbours: [...overlay.neighbours].reverse() };
    expect(drawOverlay(turned, people(3))).toEqual(drawOverlay(overlay, people(3)));
  });

  it('keeps everything inside and nothing on top of anything else, up to 32 neighbours', () => {
    for (let count = 0; count <= 32; count += 1) {
      const { neighbours, contacts } = drawOverlay(withNeighbours(count), people(6));
      for (const { x, y } of [...neighbours, ...contacts]) {
        expect(Math.abs(x)).toBeLessThan(PICTURE.width / 2 - 15);
        expect(Math.abs(y)).toBeLessThan(PICTURE.height / 2 - 15);
      }
      if (count > 1) expect(closest(neighbours)).toBeGreaterThan(10);
      expect(closest(contacts)).toBeGreaterThan(32);
    }
  });

  it('runs a direct line beside neighbours, not across one, while there is room between them', () => {
    for (let count = 1; count <= 16; count += 1) {
      const { neighbours, contacts } = drawOverlay(withNeighbours(count), people(5));
      for (const { x, y } of contacts) {
        const length = Math.hypot(x, y);
        const inside = neighbours.filter((dot) => dot.x * x + dot.y * y > 0);
        for (const dot of inside) expect(Math.abs(dot.x * y - dot.y * x) / length).toBeGreaterThan(6.5);
      }
    }
  });

  it('leads a relayed contact through its neighbour, and shows nobody who is away', () => {
    const overlay = {
      ...withNeighbours(4),
      circuits: [{ conversationId: 'c1', via: neighbour(2).id, hops: 2 }],
    };
    const relayed = aConversation('c1', { route: 'relayed' });
    const away = aConversation('c2', { presence: 'offline', route: 'none' });
    const { neighbours, contacts } = drawOverlay(overlay, [relayed, away]);
    const through = neighbours.find(({ id }) => id === neighbour(2).id);
    expect(contacts).toMatchObject([{ id: 'c1', route: 'relayed', from: { x: through?.x, y: through?.y } }]);
  });

  it('draws a relayed contact also when nobody knows through whom', () => {
    const { contacts } = drawOverlay(withNeighbours(2), [aConversation('c1', { route: 'relayed' })]);
    expect(contacts).toMatchObject([{ route: 'relayed', from: { x: 0, y: 0 } }]);
  });

  it('counts the contacts that do not fit', () => {
    const { contacts, more } = drawOverlay(withNeighbours(3), people(20));
    expect([contacts.length, more]).toEqual([14, 6]);
  });
});
