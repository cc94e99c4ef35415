import { describe, expect, it } from 'vitest';
import { diagnose, type NetworkFacts } from '../../../src/core/node/overlay-views.ts';

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
