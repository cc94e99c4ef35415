import { describe, expect, it } from 'vitest';
import { diagnose, type NetworkFacts, overlayView } from '../../../src/core/node/overlay-views.ts';

const alone: NetworkFacts = {
  doorOpen: false,
  doorOpening: false,
  nothingOpens: false,
  neighbours: 0,
  inbound: 0,
  direct: 0,
  relayed: 0,
  unopened: 0,
  relayOnly: false,
  lacksRelay: false,
};

describe('how this page stands in the network', () => {
  it('joins while a door is being opened, and says so when none opens', () => {
    expect(diagnose({ ...alone, doorOpening: true })).toBe('joining');
    expect(diagnose(alone)).toBe('no-door');
  });

  it('is alone when a door is open and nobody is there', () => {
    expect(diagnose({ ...alone, doorOpen: true })).toBe('nobody-else');
  });

  it('reaches nobody when others answer at the door and nothing opens', () => {
    expect(diagnose({ ...alone, doorOpen: true, nothingOpens: true })).toBe('no-connection');
    expect(diagnose({ ...alone, nothingOpens: true })).toBe('no-door');
    expect(diagnose({ ...alone, doorOpen: true, nothingOpens: true, neighbours: 1 })).toBe('open');
  });

  it('needs no door once somebody is linked', () => {
    expect(diagnose({ ...alone, neighbours: 1 })).toBe('open');
    expect(diagnose({ ...alone, direct: 1 })).toBe('open');
  });

  it('lets nobody in when direct calls to contacts on routes did not open and no neighbour called, unless that was chosen', () => {
    const shutOff = { ...alone, neighbours: 3, relayed: 2, unopened: 1 };
    expect(diagnose(shutOff)).toBe('only-relayed');
    expect(diagnose({ ...shutOff, direct: 1 })).toBe('open');
    expect(diagnose({ ...shutOff, relayOnly: true })).toBe('hidden');
    expect(diagnose({ ...alone, relayOnly: true })).toBe('no-door');
  });

  it('does not blame its own network for a contact who hides, or whom others reach no better', () => {
    expect(diagnose({ ...alone, neighbours: 3, relayed: 1 })).toBe('open');
    expect(diagnose({ ...alone, neighbours: 3, inbound: 1, relayed: 1, unopened: 1 })).toBe('open');
  });

  it('says to whoever hides when nobody is between them and a contact', () => {
    const hiding = { ...alone, neighbours: 1, relayOnly: true, lacksRelay: true };
    expect(diagnose(hiding)).toBe('no-relay');
    expect(diagnose({ ...hiding, neighbours: 3, relayed: 2 })).toBe('no-relay');
    expect(diagnose({ ...hiding, lacksRelay: false })).toBe('hidden');
    expect(diagnose({ ...hiding, relayOnly: false })).toBe('open');
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
      relayed: { circuits: 2, bytes: 300, bytesPerSecond: 65_536 },
      traffic: { bytesIn: 11, bytesOut: 21, forwarded: 1, dropped: 0 },
      linksOpened: 4,
    },
    [{ contactId: 'c1', way: { via: neighbour.id, hops: 2 } }],
    262_144,
  );
  expect(view).toEqual({
    neighbours: [{ id: 'a0a1a2a3', direction: 'in', rtt: null, bytesIn: 10, bytesOut: 20, pinned: true }],
    routesKnown: 7,
    circuits: [{ conversationId: 'c1', via: 'a0a1a2a3', hops: 2 }],
    relaying: { circuits: 2, bytes: 300, bytesPerSecond: 65_536 },
    bytesIn: 11,
    bytesOut: 21,
  });
});

it('before there is an overlay screens see what may be carried, as the person set it', () => {
  expect(overlayView(undefined, [], 262_144).relaying).toEqual({ circuits: 0, bytes: 0, bytesPerSecond: 262_144 });
  expect(overlayView(undefined, [], null).relaying.bytesPerSecond).toBe(null);
});
