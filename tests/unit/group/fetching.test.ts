// Who is asked for which missing message, and who is asked no more (HISTORY.md, "Fetching" and "Bounds").
import { describe, expect, it } from 'vitest';
import { Fetching, PATIENCE_MS } from '../../../src/core/group/history/fetching.ts';

const [ana, ben] = ['ana', 'ben'];
const idOf = (n: number) => n.toString(16).padStart(16, '0');
const ids = (count: number) => Array.from({ length: count }, (_, n) => idOf(n));

function linkedWith(...members: string[]): Fetching {
  const fetching = new Fetching();
  for (const member of members) fetching.met(member);
  return fetching;
}

/** Whom `next` asks for this. */
const askedFor = (fetching: Fetching, id: string, now: number) =>
  fetching.next(now).flatMap(({ to, ids: asked }) => (asked.includes(id) ? [to] : []));

describe('rule bounded-liar', () => {
  it('who promises and denies it 256 times is asked no more', () => {
    const fetching = linkedWith(ana);
    for (const id of ids(256)) {
      fetching.offered(ana, [id]);
      expect(askedFor(fetching, id, 0)).toEqual([ana]);
      fetching.denied(ana, [id]);
    }
    fetching.offered(ana, ['last']);
    expect(askedFor(fetching, 'last', 0)).toEqual([]);
    fetching.met(ana);
    fetching.offered(ana, ['last']);
    expect(askedFor(fetching, 'last', 0)).toEqual([ana]);
  });

  it('who passed on what they cannot read and says so has broken nothing, and is asked again when it comes by them again', () => {
    const fetching = linkedWith(ana);
    for (const id of [...ids(300), idOf(0)]) {
      fetching.passed(ana, [id]);
      expect(askedFor(fetching, id, 0)).toEqual([ana]);
      fetching.denied(ana, [id]);
    }
    fetching.passed(ana, ['last']);
    expect(askedFor(fetching, 'last', 0)).toEqual([ana]);
    expect(fetching.waiting).toBe(1);
  });

  it('who passes on without end and answers nothing is asked no more, not even for what they were the first to name', () => {
    const fetching = linkedWith(ana, ben);
    let asked = 0;
    for (let now = 0; now < 100 * PATIENCE_MS; now += PATIENCE_MS) {
      fetching.passed(
        ana,
        ids(128).map((id) => `${now}/${id}`),
      );
      asked += fetching.next(now).reduce((sum, request) => sum + request.ids.length, 0);
    }
    expect(asked).toBeLessThanOrEqual(256 + 128);
    const now = 100 * PATIENCE_MS;
    for (const member of [ana, ben]) fetching.passed(member, ['genuine']);
    expect(fetching.asks(ana, 'genuine', now)).toBe(false);
    expect(fetching.asks(ben, 'genuine', now)).toBe(true);
  });

  it('who promises it after having passed it on is held to that', () => {
    const fetching = linkedWith(ana);
    for (const id of ids(256)) {
      fetching.passed(ana, [id]);
      fetching.offered(ana, [id]);
      fetching.next(0);
      fetching.denied(ana, [id]);
    }
    fetching.offered(ana, ['last']);
    expect(askedFor(fetching, 'last', 0)).toEqual([]);
  });

  it('who gives something wrong 256 times is asked no more, whatever they were asked for', () => {
    const fetching = linkedWith(ana);
    for (const id of ids(256)) {
      fetching.sought(ana, [id]);
      fetching.next(0);
      fetching.wrong(ana, id);
    }
    fetching.offered(ana, ['last']);
    expect(askedFor(fetching, 'last', 0)).toEqual([]);
  });
});

describe('on a slow link', () => {
  it('what comes late is taken, and makes good that it was late', () => {
    const fetching = linkedWith(ana);
    fetching.offered(ana, ids(1_000));
    const coming: string[][] = [];
    let most = 0;
    const came = new Set<string>();
    // Each answer takes twice as long as anybody is waited for.
    for (let round = 0; came.size < 1_000 && round < 40; round += 1) {
      coming.push(fetching.next(round * PATIENCE_MS).flatMap((request) => request.ids));
      for (const id of (round < 2 ? undefined : coming[round - 2]) ?? []) {
        expect(fetching.isAsked(ana, id)).toBe(true);
        fetching.gave(ana, id);
        came.add(id);
      }
      most = Math.max(most, coming.slice(-2).flat().length);
    }
    expect(came.size).toBe(1_000);
    expect(most).toBeLessThanOrEqual(256);
    expect(fetching.isAsked(ana, idOf(0))).toBe(false);
  });

  it('whoever is silent and then gives something wrong makes good nothing, and is not looked at again', () => {
    const fetching = linkedWith(ana);
    fetching.offered(ana, ids(256));
    for (let now = 0; now <= 2 * PATIENCE_MS; now += PATIENCE_MS) fetching.next(now);
    for (const id of ids(256)) {
      expect(fetching.isAsked(ana, id)).toBe(true);
      fetching.wrong(ana, id);
      expect(fetching.isAsked(ana, id)).toBe(false);
    }
    fetching.offered(ana, ['last']);
    expect(askedFor(fetching, 'last', 2 * PATIENCE_MS)).toEqual([]);
  });

  it('whoever lets others wait and only then says that they have it not makes good nothing', () => {
    const fetching = linkedWith(ana);
    fetching.passed(ana, ids(256));
    for (let now = 0; now <= 2 * PATIENCE_MS; now += PATIENCE_MS) fetching.next(now);
    for (const id of ids(256)) {
      fetching.denied(ana, [id]);
      expect(fetching.isAsked(ana, id)).toBe(false);
    }
    fetching.offered(ana, ['last']);
    expect(askedFor(fetching, 'last', 2 * PATIENCE_MS)).toEqual([]);
  });
});

it('what other messages name is asked of each once in a session, and no promise of theirs', () => {
  const fetching = linkedWith(ana);
  for (const id of ids(300)) {
    fetching.sought(ana, [id]);
    expect(askedFor(fetching, id, 0)).toEqual([ana]);
    fetching.denied(ana, [id]);
    fetching.sought(ana, [id]);
    expect(fetching.waiting).toBe(0);
  }
});

it('what one does not give is asked of another who has it', () => {
  const fetching = linkedWith(ana, ben);
  fetching.passed(ana, ['it']);
  expect(askedFor(fetching, 'it', 0)).toEqual([ana]);
  fetching.passed(ben, ['it']);
  expect(askedFor(fetching, 'it', PATIENCE_MS - 1)).toEqual([]);
  expect(askedFor(fetching, 'it', PATIENCE_MS)).toEqual([ben]);
});

describe('a request', () => {
  it('asks for 128 of one member at most, and again when half of them have come', () => {
    const fetching = linkedWith(ana);
    fetching.offered(ana, ids(300));
    expect(fetching.next(0)).toEqual([{ to: ana, ids: ids(128) }]);
    for (const id of ids(63)) fetching.arrived(id);
    expect(fetching.next(0)).toEqual([]);
    fetching.arrived(idOf(63));
    expect(fetching.next(0)).toEqual([{ to: ana, ids: ids(192).slice(128) }]);
    expect(fetching.waiting).toBe(300 - 64);
  });

  it('is shared among all who have it, the one with the most room before the others', () => {
    const fetching = linkedWith(ana, ben);
    fetching.offered(ana, ids(40));
    expect(fetching.next(0)).toEqual([{ to: ana, ids: ids(40) }]);
    for (const member of [ana, ben]) fetching.offered(member, ids(240));
    const requests = new Map(fetching.next(0).map(({ to, ids: asked }) => [to, asked.length]));
    expect(requests).toEqual(
      new Map([
        [ben, 120],
        [ana, 80],
      ]),
    );
  });

  it('goes to who said it first while two have the same room', () => {
    const fetching = linkedWith(ana, ben);
    for (const member of [ben, ana]) fetching.offered(member, ids(1));
    expect(fetching.next(0)).toEqual([{ to: ben, ids: ids(1) }]);
  });

  it('of what is asked already goes to nobody else, until whoever was asked has gone', () => {
    const fetching = linkedWith(ana, ben);
    fetching.offered(ana, ids(1));
    fetching.next(0);
    fetching.offered(ben, ids(1));
    expect(fetching.next(0)).toEqual([]);
    expect(fetching.asks(ben, idOf(0), 0)).toBe(false);
    // Ben has nothing of it: that ends nothing for whoever is asked.
    fetching.denied(ben, ids(1));
    expect(fetching.isAsked(ana, idOf(0))).toBe(true);
    expect(fetching.next(0)).toEqual([]);
    fetching.offered(ben, ids(1));
    fetching.lost(ana);
    expect(fetching.next(0)).toEqual([{ to: ben, ids: ids(1) }]);
    fetching.lost(ben);
    expect(fetching.waiting).toBe(0);
  });

  it('counts its patience from when it was made, also after a clock was set back', () => {
    const fetching = linkedWith(ana, ben);
    for (const member of [ana, ben]) fetching.offered(member, ids(1));
    const NOW = 1_000_000;
    expect(askedFor(fetching, idOf(0), NOW)).toEqual([ana]);
    expect(askedFor(fetching, idOf(0), NOW + PATIENCE_MS - 1)).toEqual([]);
    expect(askedFor(fetching, idOf(0), NOW - PATIENCE_MS)).toEqual([ben]);
  });
});

describe('asking one member at once', () => {
  it('happens when they have it and nobody is asked', () => {
    const fetching = linkedWith(ana, ben);
    expect(fetching.asks(ana, idOf(0), 0)).toBe(false);
    fetching.offered(ana, ids(2));
    expect([fetching.asks(ben, idOf(0), 0), fetching.asks('cleo', idOf(0), 0)]).toEqual([false, false]);
    expect(fetching.asks(ana, idOf(0), 0)).toBe(true);
    expect(fetching.asks(ana, idOf(0), 0)).toBe(false);
    expect([fetching.isAsked(ana, idOf(0)), fetching.isAsked(ana, idOf(1))]).toEqual([true, false]);
    expect([fetching.isAsked(ben, idOf(0)), fetching.isAsked('cleo', idOf(0))]).toEqual([false, false]);
  });
});

describe('what somebody there is no link with says', () => {
  it('is not remembered, and breaks nothing', () => {
    const fetching = linkedWith(ana);
    for (const says of ['offered', 'passed', 'sought'] as const) fetching[says]('cleo', ids(1));
    expect(fetching.waiting).toBe(0);
    fetching.offered(ana, ids(1));
    fetching.next(0);
    fetching.denied('cleo', ids(1));
    fetching.wrong('cleo', idOf(0));
    expect(fetching.isAsked(ana, idOf(0))).toBe(true);
    fetching.gave('cleo', idOf(0));
    expect(fetching.waiting).toBe(0);
    fetching.lost('cleo');
  });
});

describe('whoever says to have a message', () => {
  it('is known until it is here', () => {
    const fetching = linkedWith(ana, ben);
    fetching.offered(ana, ids(2));
    fetching.passed(ben, ids(1));
    expect(fetching.whoHas(idOf(0))).toEqual(new Set([ana, ben]));
    expect(fetching.whoHas(idOf(1))).toEqual(new Set([ana]));
    fetching.next(0);
    fetching.arrived(idOf(0));
    expect(fetching.whoHas(idOf(0))).toEqual(new Set());
    expect(fetching.isAsked(ana, idOf(0))).toBe(false);
  });

  it('makes us remember 20,000 of them, and what is known of those may still become more', () => {
    const fetching = linkedWith(ana, ben);
    fetching.passed(ana, ids(20_000));
    fetching.passed(ana, [idOf(20_000)]);
    fetching.passed(ben, [idOf(20_000)]);
    expect(fetching.whoHas(idOf(19_999))).toEqual(new Set([ana]));
    expect(fetching.whoHas(idOf(20_000))).toEqual(new Set([ben]));
    // Of one it passed on it says now that it gives it: that is a promise.
    fetching.offered(ana, [idOf(20_001), idOf(0)]);
    fetching.sought(ben, ids(20_000));
    fetching.sought(ben, [idOf(20_002)]);
    expect(fetching.whoHas(idOf(20_002))).toEqual(new Set());
  });

  it.each([
    ['what other messages name, then promises', 'sought', 'offered', true],
    ['what it passed on, then promises', 'passed', 'offered', true],
    ['what it promises, then passes on', 'offered', 'passed', true],
    ['what it promises, then others name', 'offered', 'sought', true],
    ['what it passed on, then others name', 'passed', 'sought', false],
  ] as const)('%s: denied it counts as the stronger of the two', (_what, first, then, isBroken) => {
    const fetching = linkedWith(ana);
    for (const id of ids(256)) {
      fetching[first](ana, [id]);
      fetching[then](ana, [id]);
      expect(askedFor(fetching, id, 0)).toEqual([ana]);
      fetching.denied(ana, [id]);
    }
    fetching.offered(ana, ['last']);
    expect(askedFor(fetching, 'last', 0)).toEqual(isBroken ? [] : [ana]);
    expect(fetching.asks(ana, 'last', 0)).toBe(false);
  });
});

describe('a promise', () => {
  /** Breaks one less than they may, then one by what it is told. */
  const lastStraw = (breaks: (fetching: Fetching) => void): boolean => {
    const fetching = linkedWith(ana);
    for (const id of ids(255)) {
      fetching.offered(ana, [id]);
      fetching.next(0);
      fetching.denied(ana, [id]);
    }
    breaks(fetching);
    fetching.offered(ana, ['last']);
    return askedFor(fetching, 'last', 10 * PATIENCE_MS).length === 0;
  };

  it('is broken by who denies what they were asked for, and not by who takes it back before', () => {
    const asks = (fetching: Fetching) => {
      fetching.offered(ana, ['it']);
      fetching.next(0);
    };
    expect(
      lastStraw((fetching) => {
        asks(fetching);
        fetching.denied(ana, ['it']);
      }),
    ).toBe(true);
    expect(
      lastStraw((fetching) => {
        fetching.offered(ana, ['it']);
        fetching.denied(ana, ['it']);
      }),
    ).toBe(false);
    expect(
      lastStraw((fetching) => {
        asks(fetching);
        fetching.gave(ana, 'it');
      }),
    ).toBe(false);
  });

  it('of what others name is broken by something else, not by silence or a no', () => {
    const sought = (ends: (fetching: Fetching) => void) =>
      lastStraw((fetching) => {
        fetching.sought(ana, ['it']);
        fetching.next(0);
        ends(fetching);
      });
    expect(sought((fetching) => fetching.denied(ana, ['it']))).toBe(false);
    expect(sought((fetching) => void fetching.next(PATIENCE_MS))).toBe(false);
    expect(sought((fetching) => fetching.wrong(ana, 'it'))).toBe(true);
  });

  it('is made good by who gives it late, once', () => {
    const late = (ends: (fetching: Fetching) => void) =>
      lastStraw((fetching) => {
        fetching.offered(ana, ['it']);
        fetching.next(0);
        fetching.next(PATIENCE_MS);
        ends(fetching);
      });
    expect(late(() => {})).toBe(true);
    expect(late((fetching) => fetching.gave(ana, 'it'))).toBe(false);
    // What others name was no promise: to give it late makes good nothing.
    expect(
      late((fetching) => {
        fetching.sought(ana, ['named']);
        fetching.next(PATIENCE_MS);
        fetching.next(2 * PATIENCE_MS);
        fetching.gave(ana, 'named');
      }),
    ).toBe(true);
    // Given up twice it is late no more.
    expect(
      late((fetching) => {
        fetching.gave(ana, 'it');
        fetching.offered(ana, ['other']);
        for (const again of [1, 2]) {
          fetching.offered(ana, ['other']);
          fetching.next((again + 1) * PATIENCE_MS);
        }
      }),
    ).toBe(true);
  });
});
