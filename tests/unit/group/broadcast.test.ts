// How a message spreads over the links: what goes at once, what is named, what is asked for (GOSSIP.md, "Spreading").
import { describe, expect, it } from 'vitest';
import { Broadcast, GRAFT_MS } from '../../../src/core/group/gossip/broadcast.ts';

function linkedWith(...peers: string[]): Broadcast {
  const broadcast = new Broadcast();
  for (const peer of peers) broadcast.up(peer);
  return broadcast;
}
const eagerOf = (broadcast: Broadcast) => broadcast.peers().filter((peer) => broadcast.isEager(peer));

describe('links', () => {
  it('carry messages at once when they are new, until they are pruned, and again when they are grafted', () => {
    const broadcast = linkedWith('a', 'b', 'c');
    expect(broadcast.peers()).toEqual(['a', 'b', 'c']);
    expect(eagerOf(broadcast)).toEqual(['a', 'b', 'c']);
    broadcast.pruned('b');
    expect(eagerOf(broadcast)).toEqual(['a', 'c']);
    broadcast.grafted('b');
    expect(eagerOf(broadcast)).toEqual(['a', 'b', 'c']);
  });

  it('that are not there carry nothing, and nothing said of them matters', () => {
    const broadcast = linkedWith('a');
    for (const says of ['pruned', 'grafted', 'repeated'] as const) broadcast[says]('x');
    broadcast.announced('x', ['1'], 0);
    expect([broadcast.isEager('x'), broadcast.repeated('x')]).toEqual([false, false]);
    expect([broadcast.peers(), broadcast.late(GRAFT_MS), eagerOf(broadcast)]).toEqual([['a'], [], ['a']]);
  });

  it('are woken when the last of the tree goes, and not before', () => {
    const broadcast = linkedWith('a', 'b', 'c', 'd');
    for (const peer of ['c', 'd']) broadcast.pruned(peer);
    broadcast.down('a');
    expect(eagerOf(broadcast)).toEqual(['b']);
    broadcast.down('b');
    expect(eagerOf(broadcast)).toEqual(['c', 'd']);
    expect(broadcast.peers()).toEqual(['c', 'd']);
  });
});

describe('a new message', () => {
  it('of another leaves the links asleep that asked for names; whoever sent it is on the tree', () => {
    const broadcast = linkedWith('a', 'b', 'c');
    for (const peer of ['a', 'b', 'c']) broadcast.pruned(peer);
    expect(broadcast.spread('1', 'a')).toEqual([]);
    expect(eagerOf(broadcast)).toEqual(['a']);
    expect(broadcast.announcements(10)).toEqual([
      { to: 'b', ids: ['1'] },
      { to: 'c', ids: ['1'] },
    ]);
  });

  it('of mine goes along the tree while there is one', () => {
    const broadcast = linkedWith('a', 'b');
    broadcast.pruned('a');
    expect(broadcast.spread('1')).toEqual(['b']);
    expect(broadcast.announcements(10)).toEqual([{ to: 'a', ids: ['1'] }]);
  });

  it('that came as part of the history is named to all who have it not, on the tree or off it', () => {
    const broadcast = linkedWith('a', 'b', 'c');
    broadcast.pruned('c');
    broadcast.announced('a', ['1'], 0);
    broadcast.announce('1', new Set(['a']));
    expect(broadcast.announcements(10)).toEqual([
      { to: 'b', ids: ['1'] },
      { to: 'c', ids: ['1'] },
    ]);
    expect(broadcast.late(GRAFT_MS)).toEqual([]);
  });

  it('is named with others, at most so many at once', () => {
    const broadcast = linkedWith('a');
    broadcast.pruned('a');
    for (const id of ['1', '2', '3', '4', '5']) broadcast.announce(id, new Set());
    expect(broadcast.announcements(2).map(({ ids }) => ids)).toEqual([['1', '2'], ['3', '4'], ['5']]);
    expect(broadcast.announcements(2)).toEqual([]);
  });
});

describe('what was announced', () => {
  it('and has not come in time is told with all who said so, first those who said so first', () => {
    const broadcast = linkedWith('a', 'b', 'c');
    broadcast.announced('c', ['1'], 5_000);
    broadcast.announced('b', ['1', '2'], 4_990);
    broadcast.announced('a', ['1'], 5_300);
    // Said again, it is not newer.
    broadcast.announced('c', ['1'], 5_400);
    expect(broadcast.late(4_990 + GRAFT_MS - 1)).toEqual([]);
    expect(broadcast.late(5_000 + GRAFT_MS)).toEqual(
      [
        { id: '2', from: ['b'] },
        { id: '1', from: ['b', 'c'] },
      ].toReversed(),
    );
    expect(broadcast.late(5_300 + GRAFT_MS)).toEqual([{ id: '1', from: ['a'] }]);
    expect(broadcast.late(99_000)).toEqual([]);
  });

  it('is late also after a clock was set back', () => {
    const broadcast = linkedWith('a');
    broadcast.announced('a', ['1'], 5_000);
    expect(broadcast.late(5_000 - GRAFT_MS)).toEqual([{ id: '1', from: ['a'] }]);
  });

  it('and arrives is not asked for; nor is what somebody announced who has gone', () => {
    const broadcast = linkedWith('a', 'b');
    broadcast.announced('a', ['1', '2', '3'], 0);
    broadcast.announced('b', ['3'], 0);
    broadcast.arrived('1');
    broadcast.spread('2', 'b');
    broadcast.down('a');
    expect(broadcast.late(GRAFT_MS)).toEqual([{ id: '3', from: ['b'] }]);
  });

  it('is remembered up to 4,096 names of one link', () => {
    const broadcast = linkedWith('a', 'b');
    const ids = Array.from({ length: 4_097 }, (_, at) => `${at}`);
    broadcast.announced('a', ids, 0);
    broadcast.announced('b', ids.slice(-1), 0);
    const late = broadcast.late(GRAFT_MS);
    expect(late).toHaveLength(4_097);
    expect(late.at(-1)).toEqual({ id: '4096', from: ['b'] });
  });
});
