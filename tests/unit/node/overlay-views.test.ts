import { describe, expect, it } from 'vitest';
import { diagnose, type NetworkFacts, overlayView } from '../../../src/core/node/overlay-views.ts';

const alone: NetworkFacts = {
  doorOpen: false,
  doorOpening: false,
  neighbours: 0,
  direct: 0,
  relayed: 0,
  relayOnly: false,
};

describe('how this page stands in the network', () => {
  it('joins while a door is being opened, and says so when none opens', () => {
    expect(diagnose({ ...alone, doorOpening: true })).toBe('joining');
    expect(diagnose(alone)).toBe('no-door');
  });

  it('is alone when a door is open and nobody is there', () => {
    expect(diagnose({ ...alone, doorOpen: true })).toBe('nobody-else');
  });

  it('needs no door once somebody is linked', () => {
    expect(diagnose({ ...alone, neighbours: 1 })).toBe('open');
    expect(diagnose({ ...alone, direct: 1 })).toBe('open');
  });

  it('lets nobody in when every contact comes over relays, unless that was chosen', () => {
    expect(diagnose({ ...alone, neighbours: 3, relayed: 2 })).toBe('only-relayed');
    expect(diagnose({ ...alone, neighbours: 3, relayed: 2, direct: 1 })).toBe('open');
    expect(diagnose({ ...alone, neighbours: 3, relayed: 2, relayOnly: true })).toBe('hidden');
    expect(diagnose({ ...alone, relayOnly: true })).toBe('no-door');
  });
});

it('screens see of a neighbour what its link does and the first digits of an id that belongs to nobody', () => {
  const neighbour = {
    id: Uint8Array.from({ length: 20 }, (_, index) => 0xa0 + index),
    direction: 'in',
    pinned: true,
    inTable: true,
    inTheirTable: true,
    rttMs: undefined,
    bytesIn: 10,
    bytesOut: 20,
    since: 0,
  } as const;
  const view = overlayView(
    {
      neighbours: [neighbour],
      routes: 7,
      circuits: 1,
      relayed: { circuits: 2, bytes: 300, bytesPerSecond: null },
      traffic: { bytesIn: 11, bytesOut: 21, forwarded: 1, dropped: 0 },
      linksOpened: 4,
    },
    [{ contactId: 'c1', way: { via: neighbour.id, hops: 2 } }],
  );
  expect(view).toEqual({
    neighbours: [{ id: 'a0a1a2a3', direction: 'in', rtt: null, bytesIn: 10, bytesOut: 20, pinned: true }],
    routesKnown: 7,
    circuits: [{ conversationId: 'c1', via: 'a0a1a2a3', hops: 2 }],
    relaying: { circuits: 2, bytes: 300 },
    bytesIn: 11,
    bytesOut: 21,
  });
});
