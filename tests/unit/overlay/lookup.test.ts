// Iterative look-ups among nodes that tell the truth, keep silent, and invent.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { compareDistance, idKey } from '../../../src/core/overlay/address.ts';
import { type Answer, K, Lookup } from '../../../src/core/overlay/lookup.ts';
import { settle } from '../../fixtures/until.ts';

type Ask = (id: Uint8Array) => readonly Uint8Array[] | 'fails' | 'silent';

const random = seededRandom(11);
const target = random.bytes(20);
const self = random.bytes(20);
const sorted = (ids: readonly Uint8Array[]) => ids.toSorted((a, b) => compareDistance(target, a, b));

/** Everybody knows some others and the eight nearest to itself. */
function town(count: number) {
  const all = Array.from({ length: count }, () => random.bytes(20));
  const known = new Map(
    all.map((id) => {
      const near = all.toSorted((a, b) => compareDistance(id, a, b)).slice(1, 9);
      const far = Array.from({ length: 16 }, () => all[Math.floor(random.fraction() * count)] as Uint8Array);
      return [idKey(id), [...near, ...far]];
    }),
  );
  const ask: Ask = (id) => sorted(known.get(idKey(id)) ?? []).slice(0, 8);
  return { all, ask, nearest: sorted(all).slice(0, K) };
}

async function lookUp(start: readonly Uint8Array[], ask: Ask, missing?: () => boolean) {
  const clock = new MemoryClock();
  let nearest: readonly Answer[] | undefined;
  const met = new Map<string, boolean>();
  const lookup = new Lookup<Answer>({
    target,
    self,
    start,
    clock,
    ask: (id, done) => {
      const nodes = ask(id);
      if (nodes === 'silent') clock.after(3_000, () => done(undefined));
      else clock.after(20, () => done(nodes === 'fails' ? undefined : { id, nodes }));
    },
    met: (id, sure) => met.set(idKey(id), sure),
    ...(missing && { missing }),
    done: (found) => {
      nearest = found;
    },
  });
  lookup.start();
  const began = clock.now();
  let ms = 0;
  while (nearest === undefined && clock.pending > 0) {
    await clock.advance(10, settle);
    ms = clock.now() - began;
  }
  return { nearest: (nearest ?? []).map(({ id }) => id), queries: lookup.queries, ms, met, pending: clock.pending };
}

describe('a look-up', () => {
  it('ends with the eight nearest, and leaves no timer', async () => {
    const { all, ask, nearest } = town(300);
    const found = await lookUp(all.slice(0, 8), ask);
    expect(found.nearest).toEqual(expect.arrayContaining([...nearest]));
    expect(found.queries).toBeLessThan(40);
    expect(found.pending).toBe(0);
  });

  it('asks everybody when there are few, and ends at once when there is nobody', async () => {
    const { all, ask } = town(3);
    expect((await lookUp(all.slice(0, 1), ask)).nearest).toHaveLength(3);
    expect(await lookUp([], ask)).toMatchObject({ nearest: [], queries: 0, ms: 0 });
  });

  it('waits for nobody who is silent while others answer', async () => {
    const { all, ask, nearest } = town(300);
    const silent = new Set(nearest.slice(0, 3).map(idKey));
    const found = await lookUp(all.slice(0, 8), (id) => (silent.has(idKey(id)) ? 'silent' : ask(id)));
    expect(found.nearest).toEqual(expect.arrayContaining(nearest.slice(3)));
    expect(found.ms).toBeLessThan(1_000);
  });

  it('waits for the silent ones among the nearest while what it seeks is missing: nobody else may have it', async () => {
    const { all, ask, nearest } = town(300);
    const silent = new Set(nearest.slice(0, 3).map(idKey));
    const missing = () => true;
    const found = await lookUp(all.slice(0, 8), (id) => (silent.has(idKey(id)) ? 'silent' : ask(id)), missing);
    expect(found.nearest).toEqual(expect.arrayContaining(nearest.slice(3)));
    expect(found.ms).toBeGreaterThanOrEqual(3_000);
    expect(found.pending).toBe(0);
    expect((await lookUp(all.slice(0, 8), ask, missing)).ms).toBeLessThan(1_000);
  });

  it('goes around nodes that fail', async () => {
    const { all, ask, nearest } = town(300);
    const gone = new Set(nearest.slice(0, 4).map(idKey));
    const found = await lookUp(all.slice(0, 8), (id) => (gone.has(idKey(id)) ? 'fails' : ask(id)));
    expect(found.nearest).toEqual(expect.arrayContaining(nearest.slice(4)));
  });

  it('is not led astray by a peer that invents nodes, and that answers in their names', async () => {
    const { all, ask, nearest } = town(300);
    const liar = idKey(all[3] as Uint8Array);
    const invented = new Set<string>();
    const invent = () =>
      Array.from({ length: 8 }, () => {
        const id = random.bytes(20);
        id.set(target.subarray(0, 5));
        invented.add(idKey(id));
        return id;
      });
    const found = await lookUp(all.slice(0, 8), (id) =>
      idKey(id) === liar || invented.has(idKey(id)) ? invent() : ask(id),
    );
    expect(found.nearest).toEqual(expect.arrayContaining([...nearest]));
    expect(found.nearest.filter((id) => invented.has(idKey(id))).length).toBeLessThan(4);
    for (const id of invented) expect(found.met.get(id) ?? false).toBe(false);
  });
});
