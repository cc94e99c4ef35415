// Groups on their way to being opened anew, while something newer happens to them.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import type { LiveGroup } from '../../../src/core/node/groups/live-group.ts';
import { Reopening } from '../../../src/core/node/groups/reopening.ts';
import { settle } from '../../fixtures/until.ts';

const group = new Uint8Array(32);

function world() {
  const clock = new MemoryClock();
  const opened: LiveGroup[] = [];
  let probes = 0;
  let read = async () => {};
  const live = {
    record: { group },
    disk: {
      probe: async () => {
        probes += 1;
      },
    },
  } as unknown as LiveGroup;
  const anew = {} as LiveGroup;
  const reopening = new Reopening({
    clock,
    isWanted: () => true,
    open: () => read().then(() => anew),
    opened: (one) => opened.push(one),
  });
  return {
    reopening,
    live,
    anew,
    opened,
    probes: () => probes,
    reads: (how: () => Promise<void>) => {
      read = how;
    },
    pass: (milliseconds: number) => clock.advance(milliseconds, settle),
  };
}

describe('a group whose disk failed', () => {
  it('is opened anew after a while, and no more under way then', async () => {
    const { reopening, live, anew, opened, pass } = world();
    reopening.failed(live);
    expect(reopening.interrupted(group)).toEqual(new Set());
    await pass(5_000);
    expect(opened).toEqual([anew]);
    expect(reopening.interrupted(group)).toBeUndefined();
  });

  it('and that cannot be read then is tried again', async () => {
    const { reopening, live, anew, opened, pass, reads } = world();
    reads(() => Promise.reject(new Error('not now')));
    reopening.failed(live);
    await pass(5_000);
    expect(opened).toEqual([]);
    reads(async () => {});
    await pass(5_000);
    expect(opened).toEqual([anew]);
  });

  it('is left alone when something newer has begun', async () => {
    const { reopening, live, opened, probes, pass } = world();
    reopening.failed(live);
    const newer = new Set(['ana']);
    reopening.begin(group, newer);
    await pass(5_000);
    expect([probes(), opened]).toEqual([0, []]);
    expect(reopening.interrupted(group)).toBe(newer);
  });

  it('does not come in the place of what began while it was read', async () => {
    const { reopening, live, opened, pass, reads } = world();
    const newer = new Set(['ana']);
    reads(async () => reopening.begin(group, newer));
    reopening.failed(live);
    await pass(5_000);
    expect(opened).toEqual([]);
    expect(reopening.interrupted(group)).toBe(newer);
    reopening.over(group, new Set());
    expect(reopening.interrupted(group)).toBe(newer);
    reopening.over(group, newer);
    expect(reopening.interrupted(group)).toBeUndefined();
  });
});
