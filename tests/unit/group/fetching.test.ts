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
