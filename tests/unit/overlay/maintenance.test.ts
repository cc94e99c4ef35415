// How a node fills its table, and how little it does when it is full or alone.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { compareDistance, idKey } from '../../../src/core/overlay/address.ts';
import { type Links, Maintenance } from '../../../src/core/overlay/maintenance.ts';
import { settle } from '../../fixtures/until.ts';

const random = seededRandom(8);
const self = random.bytes(20);
const ids = (count: number) => Array.from({ length: count }, () => random.bytes(20));

class FakeLinks implements Links {
  readonly now = new Map<string, Uint8Array>();
  readonly inTable = new Set<string>();
  #added: (neighbour: { id: Uint8Array }) => void = () => {};
  #removed: (neighbour: { id: Uint8Array; inTable: boolean }) => void = () => {};

  get size(): number {
    return this.now.size;
  }
  all() {
    return [...this.now.values()].map((id) => ({ id }));
  }
  setInTable(id: Uint8Array, inTable: boolean): void {
    if (inTable) this.inTable.add(idKey(id));
    else this.inTable.delete(idKey(id));
  }
  onAdded(handler: (neighbour: { id: Uint8Array }) => void): void {
    this.#added = handler;
  }
  onRemoved(handler: (neighbour: { id: Uint8Array; inTable: boolean }) => void): void {
    this.#removed = handler;
  }
  add(id: Uint8Array): void {
    this.now.set(idKey(id), id);
    this.#added({ id });
  }
  remove(id: Uint8Array): void {
    this.now.delete(idKey(id));
    this.#removed({ id, inTable: this.inTable.delete(idKey(id)) });
  }
}

let clock: MemoryClock;
let links: FakeLinks;
/** Everybody there is; a search meets the nearest of them. */
let others: Uint8Array[];
let searches: Uint8Array[];
let dialed: Uint8Array[];
/** Whether a dial leads to a link. */
let reachable: boolean;
let maintenance: Maintenance;

beforeEach(() => {
  clock = new MemoryClock();
  links = new FakeLinks();
  [others, searches, dialed, reachable] = [[], [], [], true];
  maintenance = new Maintenance({
    id: self,
    cap: 32,
    neighbours: links,
    clock,
    random: seededRandom(2),
    search: async (target) => {
      searches.push(target);
      const near = others.toSorted((a, b) => compareDistance(target, a, b)).slice(0, 20);
      for (const id of near) maintenance.met(id, true);
    },
    dial: async (id) => {
      dialed.push(id);
      if (!reachable) throw new Error('nobody there');
      links.add(id);
    },
  });
});

const pass = (ms: number) => clock.advance(ms, settle);
const first = () => others[0] as Uint8Array;

describe('a node', () => {
  it('does nothing while it is alone', async () => {
    await pass(3_600_000);
    expect(searches).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('looks for its own place as soon as it has a neighbour, and links itself to the nearest', async () => {
    others = ids(200);
    links.add(first());
    await pass(5_000);
    expect(searches[0]).toEqual(self);
    const nearest = others.toSorted((a, b) => compareDistance(self, a, b)).slice(0, 8);
    expect([...links.now.keys()]).toEqual(expect.arrayContaining(nearest.map(idKey)));
    expect([...links.inTable]).toEqual(expect.arrayContaining(nearest.map(idKey)));
    expect(links.size).toBeGreaterThan(12);
    expect(links.size).toBeLessThan(28);
  });

  it('replaces a near neighbour that has gone', async () => {
    others = ids(200);
    links.add(first());
    await pass(5_000);
    const [nearest, ...rest] = others.toSorted((a, b) => compareDistance(self, a, b)) as [Uint8Array, ...Uint8Array[]];
    others = rest;
    links.remove(nearest);
    await pass(1_000);
    expect([...links.now.keys()]).toEqual(expect.arrayContaining(rest.slice(0, 8).map(idKey)));
  });

  it('asks less and less often for what there is not', async () => {
    others = ids(3);
    links.add(first());
    await pass(3_600_000);
    expect(searches.length).toBeLessThan(400);
    const before = searches.length;
    await pass(100_000);
    expect(searches.length - before).toBeLessThan(12);
  });

  /** How often it looks around while somebody else comes every two seconds, and goes. */
  async function looksInACrowd(guests: boolean): Promise<number> {
    const looks = () => searches.filter((target) => idKey(target) === idKey(self)).length;
    others = ids(6);
    for (const id of others) links.add(id);
    await pass(60_000);
    const before = looks();
    for (let passer = 0; passer < 100; passer++) {
      const [id] = ids(1) as [Uint8Array];
      links.add(id);
      await pass(1_000);
      if (guests) links.inTable.delete(idKey(id));
      links.remove(id);
      await pass(1_000);
    }
    return looks() - before;
  }

  it('looks around every eight seconds at most while its table keeps losing somebody', async () => {
    const looks = await looksInACrowd(false);
    expect(looks).toBeGreaterThan(20);
    expect(looks).toBeLessThanOrEqual(26);
  });

  it('does not look around more often for guests that come and go', async () => {
    expect(await looksInACrowd(true)).toBeLessThanOrEqual(4);
  });

  it('leaves those alone whom it could not reach, and never dials without end', async () => {
    others = ids(200);
    reachable = false;
    links.add(first());
    await pass(100_000);
    expect(new Set(dialed.map(idKey)).size).toBe(dialed.length);
    expect(dialed.length).toBeLessThan(60);
  });

  it('believes one peer about others only while it knows hardly anybody', async () => {
    others = ids(9);
    for (const id of others) links.add(id);
    const invented = Uint8Array.from(self, (byte, index) => (index === 19 ? byte ^ 1 : byte));
    maintenance.met(invented, false);
    await pass(10_000);
    expect(dialed).toEqual([]);
    maintenance.met(invented, true);
    await pass(10_000);
    expect(dialed).toEqual([invented]);
  });

  it('leaves no timer behind', async () => {
    others = ids(50);
    links.add(first());
    await pass(2_000);
    maintenance.close();
    expect(clock.pending).toBe(0);
  });
});
