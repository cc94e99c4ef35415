// What the overlay promises whoever uses it, wherever it runs: the same in Node and in a browser's bundle.
import { afterEach, expect, it, vi } from 'vitest';
import { systemOverlayCrypto } from '../../../src/adapters/system/overlay-crypto.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { KithError } from '../../../src/core/errors.ts';
import type { NodeRef, Overlay } from '../../../src/core/overlay/overlay-api.ts';
import { rowOfNodes } from './overlay-nodes.ts';

let nodes: Overlay[] = [];
const seed = new Uint8Array(32).fill(7);
const target = new Uint8Array(20).fill(9);
const value = new Uint8Array(256).fill(1);

async function start(count: number): Promise<[Overlay, Overlay, ...Overlay[]]> {
  nodes = await rowOfNodes(count);
  return nodes as [Overlay, Overlay, ...Overlay[]];
}

async function valuesAt(node: Overlay, publicKey: Uint8Array): Promise<number[]> {
  const seqs: number[] = [];
  await node.get(publicKey, ({ seq }) => seqs.push(seq));
  return seqs;
}

export function overlaySuite(): void {
  afterEach(() => {
    for (const node of nodes) node.close();
    nodes = [];
  });

  it('keeps a value at others, who find it for whoever knows its key', async () => {
    const [ana, ben, cleo] = (await start(3)) as [Overlay, Overlay, Overlay];
    const { publicKey } = await systemOverlayCrypto.keyFromSeed(seed);
    expect(await valuesAt(cleo, publicKey)).toEqual([]);
    expect(await ana.put({ seed, value, seq: 5 })).toBeGreaterThan(0);
    expect(await valuesAt(cleo, publicKey)).toEqual([5]);
    expect(await valuesAt(ben, publicKey)).toEqual([5]);
  });

  it('replaces a value by a newer one only', async () => {
    const [ana, ben] = await start(3);
    const { publicKey } = await systemOverlayCrypto.keyFromSeed(seed);
    await ana.put({ seed, value, seq: 5 });
    expect(await ana.put({ seed, value, seq: 4 })).toBe(0);
    expect(await ana.put({ seed, value, seq: 6 })).toBeGreaterThan(0);
    expect((await valuesAt(ben, publicKey)).at(-1)).toBe(6);
  });

  it('finds who announced under a target, whole id and way included', async () => {
    const [ana, , cleo] = (await start(3)) as [Overlay, Overlay, Overlay];
    expect(await ana.announce(target)).toBeGreaterThan(0);
    const found: NodeRef[] = [];
    await cleo.lookup(target, (node) => found.push(node));
    expect(found.map(({ id }) => toHex(id))).toEqual([toHex(ana.id)]);
  });

  it('tells nobody of an announcement that is not wanted any more when its look-up has ended', async () => {
    const [ana, , cleo] = (await start(3)) as [Overlay, Overlay, Overlay];
    let wanted = true;
    const announced = ana.announce(target, () => wanted);
    wanted = false;
    expect(await announced).toBe(0);
    const found: NodeRef[] = [];
    await cleo.lookup(target, (node) => found.push(node));
    expect(found).toEqual([]);
  });

  it('makes neighbours of those who know only one, and needs no new link for a look-up', async () => {
    const all = await start(6);
    await vi.waitUntil(() => all.every((node) => node.view().neighbours.length === 5), 20_000);
    const opened = all.map((node) => node.view().linksOpened);
    const { publicKey } = await systemOverlayCrypto.keyFromSeed(seed);
    await all[0].put({ seed, value, seq: 1 });
    for (const node of all) expect(await valuesAt(node, publicKey)).toEqual([1]);
    expect(all.map((node) => node.view().linksOpened)).toEqual(opened);
  });

  it('refuses values that no node would keep', async () => {
    const [ana] = await start(2);
    const tooLarge = ana.put({ seed, value: new Uint8Array(1000), seq: 1 });
    await expect(tooLarge).rejects.toEqual(new KithError('frame-too-large', { limit: 999 }));
    await expect(ana.put({ seed, value, seq: -1 })).rejects.toEqual(new KithError('internal'));
  });

  it('ends what was under way when it is closed', async () => {
    const [ana] = await start(3);
    const { publicKey } = await systemOverlayCrypto.keyFromSeed(seed);
    const asked = valuesAt(ana, publicKey);
    ana.close();
    expect(await asked).toEqual([]);
    expect(await ana.announce(target)).toBe(0);
  });
}
