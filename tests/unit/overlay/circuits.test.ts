// Circuits: whole files through relays, bounded at a slow one, shared fairly, and closed at once when a relay goes.
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { concat, equalBytes } from '../../../src/core/bytes/bytes.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { frameTypes } from '../../../src/core/overlay/frames.ts';
import { CIRCUIT_WINDOW, MAX_CIRCUITS_PER_NEIGHBOUR, OWN_CIRCUITS } from '../../../src/core/overlay/limits.ts';
import type { Neighbour } from '../../../src/core/overlay/neighbour.ts';
import type { NodeRef } from '../../../src/core/overlay/overlay-api.ts';
import { makePacket } from '../../../src/core/overlay/packet.ts';
import type { Transport } from '../../../src/core/overlay/transport.ts';
import type { Link } from '../../../src/core/ports/link.ts';
import { MAX_FRAME_BYTES } from '../../../src/core/wire/limits.ts';
import { at, OverlayNodes } from '../../fixtures/overlay-nodes.ts';
import { turn } from '../../fixtures/until.ts';

const kindOf = (error: unknown): unknown => (error as { kind?: unknown }).kind;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const ref = (node: Transport, ...via: Transport[]): NodeRef => ({ id: node.id, via: via.map(({ id }) => id) });
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const FILE_BYTES = 25 * 1024 * 1024;

/** Ana – Ben – Cleo – Dan; Ana knows the way. */
async function fourInARow(options: Parameters<OverlayNodes['link']>[2][] = []) {
  const nodes = new OverlayNodes();
  const [ana, ben, cleo, dan] = (await nodes.startMany(4)) as [Transport, Transport, Transport, Transport];
  await nodes.link(ana, ben, options[0]);
  await nodes.link(ben, cleo, options[1]);
  await nodes.link(cleo, dan, options[2]);
  nodes.teach(ana, ben, cleo, dan);
  return { nodes, ana, ben, cleo, dan };
}

async function circuit(nodes: OverlayNodes, from: Transport, to: Transport): Promise<[Link, Link]> {
  let answered: Link | undefined;
  to.circuits.onCircuit('session', (_, __, link) => {
    answered = link;
  });
  const link = await nodes.until(from.circuits.openCircuit(ref(to), 'session', utf8('token')));
  return [link, answered as Link];
}

function receive(link: Link): { frames: Uint8Array[]; bytes: number; closed: boolean } {
  const got = { frames: [] as Uint8Array[], bytes: 0, closed: false };
  link.onFrame((frame) => {
    got.frames.push(frame);
    got.bytes += frame.length;
  });
  link.onClose(() => {
    got.closed = true;
  });
  return got;
}

/** Sends like a patient sender: waits for the link in between. */
async function sendAll(link: Link, whole: Uint8Array, frameBytes: number): Promise<void> {
  for (let start = 0; start < whole.length; start += frameBytes) {
    link.send(whole.subarray(start, start + frameBytes));
    await link.drained(CIRCUIT_WINDOW);
  }
}

async function advanceUntil(nodes: OverlayNodes, condition: () => boolean, limitMs = 120_000): Promise<void> {
  for (let waited = 0; waited < limitMs && !condition(); waited += 1) await nodes.advance(1);
  if (!condition()) throw new Error(`never came true: ${condition}`);
}

it('both ends have the same binding, each from its side, and no two circuits the same', async () => {
  const { nodes, ana, dan } = await fourInARow();
  const [here, there] = await circuit(nodes, ana, dan);
  expect(here.route).toBe('relayed');
  expect(here.binding.local).toEqual(there.binding.remote);
  expect(here.binding.remote).toEqual(there.binding.local);
  expect(here.binding.local).not.toEqual(here.binding.remote);
  const [again] = await circuit(nodes, ana, dan);
  expect(again.binding.local).not.toEqual(here.binding.local);
});

it('the answerer hears who asks, what for, and over whom', async () => {
  const { nodes, ana, ben, dan } = await fourInARow();
  const asked: unknown[] = [];
  dan.circuits.onCircuit('session', (from, payload) =>
    asked.push([from.id, from.via.map((id) => id.slice(0, 6)), text(payload)]),
  );
  await nodes.until(ana.circuits.openCircuit(ref(dan), 'session', utf8('token')));
  expect(asked).toEqual([[ana.id, [ben.id.slice(0, 6)], 'token']]);
});

it('each end knows the neighbour that its circuit leaves through, and how many links it has', async () => {
  const { nodes, ana, ben, cleo, dan } = await fourInARow();
  const [here, there] = await circuit(nodes, ana, dan);
  expect(here.way).toEqual({ via: ben.id, hops: 3 });
  expect(there.way).toEqual({ via: cleo.id, hops: 3 });
});

it('25 MiB go through two relays byte for byte, and their relays count them', async () => {
  const { nodes, ana, ben, cleo, dan } = await fourInARow();
  ben.circuits.setRelaying({ bytesPerSecond: Number.POSITIVE_INFINITY });
  cleo.circuits.setRelaying({ bytesPerSecond: Number.POSITIVE_INFINITY });
  const [here, there] = await circuit(nodes, ana, dan);
  const got = receive(there);
  const file = new Uint8Array(FILE_BYTES);
  for (let index = 0; index < file.length; index += 1) file[index] = (index * 31 + (index >> 8)) & 0xff;
  const sent = sendAll(here, file, MAX_FRAME_BYTES);
  await nodes.until(sent);
  await advanceUntil(nodes, () => got.bytes === FILE_BYTES);
  expect(got.frames.every((frame) => frame.length <= MAX_FRAME_BYTES)).toBe(true);
  expect(sha256(concat(...got.frames))).toBe(sha256(file));
  for (const relay of [ben, cleo]) expect(relay.circuits.view.bytes).toBeGreaterThan(FILE_BYTES);
});

it('frames of every size arrive whole and in order, also those sent before anybody listens', async () => {
  const { nodes, ana, dan } = await fourInARow();
  const [here, there] = await circuit(nodes, ana, dan);
  const sizes = [0, 1, 100, 32_761, 32_762, 65_536, 200_000];
  for (const size of sizes) there.send(nodes.random.bytes(size));
  await nodes.advance(50);
  const got = receive(here);
  await nodes.advance(50);
  expect(got.frames.map(({ length }) => length)).toEqual(sizes);
  expect(() => here.send(new Uint8Array(MAX_FRAME_BYTES + 1))).toThrow('frame-too-large');
});

it.each(['ben', 'cleo'] as const)('when relay %s goes, both ends hear of it at once', async (name) => {
  const all = await fourInARow();
  const { nodes, ana, dan } = all;
  const [here, there] = await circuit(nodes, ana, dan);
  const [left, right] = [receive(here), receive(there)];
  all[name].close();
  await nodes.advance(5);
  expect([left.closed, right.closed]).toEqual([true, true]);
  expect(() => here.send(utf8('x'))).toThrow('link-closed');
  for (const node of [all.ana, all.ben, all.cleo, all.dan]) {
    expect(node.circuits.view).toMatchObject({ open: 0, relayed: 0 });
  }
});

it('what was sent before closing still arrives', async () => {
  const { nodes, ana, dan } = await fourInARow([{ bytesPerSecond: 1_000_000 }]);
  const [here, there] = await circuit(nodes, ana, dan);
  const got = receive(there);
  for (let count = 0; count < 10; count += 1) here.send(new Uint8Array(100_000).fill(count));
  here.close();
  expect(() => here.send(utf8('x'))).toThrow('link-closed');
  await advanceUntil(nodes, () => got.closed);
  expect(got.bytes).toBe(1_000_000);
});

it('a slow link behind a relay holds the sender back, and the relay keeps a window at most', async () => {
  const { nodes, ana, ben, cleo, dan } = await fourInARow([{}, {}, { bytesPerSecond: 500_000 }]);
  const [here, there] = await circuit(nodes, ana, dan);
  const got = receive(there);
  const total = 4_000_000;
  for (let start = 0; start < total; start += 200_000) here.send(new Uint8Array(200_000));
  let most = 0;
  for (let waited = 0; got.bytes < total && waited < 20_000; waited += 20) {
    await nodes.advance(20);
    const inRelays = ben.neighbours.traffic.bytesIn - ben.neighbours.traffic.bytesOut;
    const inCleo = cleo.neighbours.traffic.bytesIn - cleo.neighbours.traffic.bytesOut;
    most = Math.max(most, inRelays, inCleo);
  }
  expect(got.bytes).toBe(total);
  expect(most).toBeLessThan(CIRCUIT_WINDOW + 10_000);
  expect(most).toBeGreaterThan(100_000);
});

it('a receiver that does not listen holds the sender back after one window', async () => {
  const { nodes, ana, dan } = await fourInARow();
  const [here, there] = await circuit(nodes, ana, dan);
  for (let count = 0; count < 40; count += 1) here.send(new Uint8Array(50_000));
  await nodes.advance(1_000);
  expect(here.bufferedAmount).toBeGreaterThan(2_000_000 - CIRCUIT_WINDOW - 50_000);
  const got = receive(there);
  await advanceUntil(nodes, () => got.bytes === 2_000_000);
  expect(here.bufferedAmount).toBe(0);
});

it('two circuits through one relay share what it gives, and a third party’s cap is kept', async () => {
  const nodes = new OverlayNodes();
  const [relay, ana, ben, cleo, dan] = (await nodes.startMany(5)) as [
    Transport,
    Transport,
    Transport,
    Transport,
    Transport,
  ];
  for (const node of [ana, ben, cleo, dan]) await nodes.link(relay, node);
  nodes.teach(ana, relay, cleo);
  nodes.teach(ben, relay, dan);
  relay.circuits.setRelaying({ bytesPerSecond: 200_000 });
  const [greedy, atCleo] = await circuit(nodes, ana, cleo);
  const [modest, atDan] = await circuit(nodes, ben, dan);
  const [one, other] = [receive(atCleo), receive(atDan)];
  for (let count = 0; count < 50; count += 1) greedy.send(new Uint8Array(200_000));
  await nodes.advance(1_000);
  const [before, from] = [relay.circuits.view.bytes, one.bytes];
  for (let count = 0; count < 400; count += 1) modest.send(new Uint8Array(5_000));
  await nodes.advance(10_000);
  const carried = relay.circuits.view.bytes - before;
  expect(carried).toBeGreaterThan(1_800_000);
  expect(carried).toBeLessThan(2_300_000);
  // Cells take turns: the modest one's are 5 kB, the greedy one's 32 kB, and none waits longer than for one of the other's.
  expect(other.frames.length).toBeGreaterThan(30);
  expect(one.bytes - from).toBeGreaterThan(500_000);
});

const CARRIED = MAX_CIRCUITS_PER_NEIGHBOUR - OWN_CIRCUITS;

it.each([
  { what: 'of what a relay gives', cap: 300_000, behind: Number.POSITIVE_INFINITY, held: CARRIED, toOne: false },
  { what: 'of a slow link behind it', cap: Number.POSITIVE_INFINITY, behind: 300_000, held: CARRIED - 1, toOne: true },
])('who holds $held circuits gets no more than who holds one: $what', async (share) => {
  const nodes = new OverlayNodes();
  const [relay, ana, ben, cleo, dan] = (await nodes.startMany(5)) as [
    Transport,
    Transport,
    Transport,
    Transport,
    Transport,
  ];
  for (const node of [ana, ben]) await nodes.link(relay, node);
  for (const node of [cleo, dan]) await nodes.link(relay, node, { bytesPerSecond: share.behind });
  nodes.teach(ana, relay, cleo);
  const other = share.toOne ? cleo : dan;
  nodes.teach(ben, relay, other);
  relay.circuits.setRelaying({ bytesPerSecond: share.cap });
  const many: [Link, Link][] = [];
  for (let count = 0; count < share.held; count += 1) many.push(await circuit(nodes, ana, cleo));
  const [mine, there] = await circuit(nodes, ben, other);
  const one = receive(there);
  const got = many.map(([, end]) => receive(end));
  for (const [link] of many) for (let count = 0; count < 20; count += 1) link.send(new Uint8Array(50_000));
  for (let count = 0; count < 200; count += 1) mine.send(new Uint8Array(50_000));
  const greedy = () => got.reduce((sum, { bytes }) => sum + bytes, 0);
  await nodes.advance(60_000);
  const carried = one.bytes + greedy();
  expect(carried).toBeGreaterThan(15_000_000);
  expect(one.bytes / carried).toBeGreaterThan(0.45);
});

it('without a way, to nobody who listens, or through somebody who carries nothing there is no circuit', async () => {
  const { nodes, ana, ben, cleo, dan } = await fourInARow();
  const open = () => nodes.until(ana.circuits.openCircuit(ref(dan), 'session', utf8('x')).catch(kindOf));
  expect(await open()).toBe('link-closed');
  dan.circuits.onCircuit('session', () => {});
  cleo.circuits.setRelaying(null);
  expect(await open()).toBe('no-route');
  cleo.circuits.setRelaying({ bytesPerSecond: 1_000_000 });
  expect(await open()).toMatchObject({ route: 'relayed' });
  cleo.neighbours.drop(cleo.neighbours.get(at(dan)) as never, 'leaving');
  await nodes.advance(5);
  expect(await open()).toBe('no-route');
  expect(ana.routes.introducers(at(dan))).toEqual([]);
  expect(await open()).toBe('no-route');
  expect([ana, ben, cleo, dan].map((node) => node.circuits.view.open)).toEqual([0, 0, 0, 0]);
});

it('relaying that is turned off ends what is being carried', async () => {
  const { nodes, ana, ben, dan } = await fourInARow();
  const [here, there] = await circuit(nodes, ana, dan);
  const [left, right] = [receive(here), receive(there)];
  ben.circuits.setRelaying(null);
  await nodes.advance(5);
  expect([left.closed, right.closed]).toEqual([true, true]);
});

it('a relay that swallows everything is gone around', async () => {
  const nodes = new OverlayNodes();
  const [ana, ben, cleo, dan] = (await nodes.startMany(4)) as [Transport, Transport, Transport, Transport];
  await nodes.chain(ana, ben, dan);
  await nodes.chain(ana, cleo, dan);
  const swallowing = ben.neighbours.get(at(dan));
  if (swallowing) swallowing.send = () => true;
  dan.circuits.onCircuit('session', () => {});
  const link = await nodes.until(ana.circuits.openCircuit(ref(dan, ben, cleo), 'session', utf8('x')));
  expect(link.route).toBe('relayed');
  expect(cleo.circuits.view.relayed).toBe(1);
});

it('an answerer under another id is not who was asked for', async () => {
  const { nodes, ana, cleo, dan } = await fourInARow();
  dan.circuits.onCircuit('session', () => {});
  const other = dan.id.map((byte, index) => (index < 6 ? byte : byte ^ 1));
  const to = { id: other, via: [cleo.id] };
  expect(await nodes.until(ana.circuits.openCircuit(to, 'session', utf8('x')).catch(kindOf))).toBe('no-route');
});

it('under aliases on both sides neither end nor relay learns an id', async () => {
  const { nodes, ana, cleo, dan } = await fourInARow();
  const [hereAlias, thereAlias] = [new Uint8Array(20).fill(3), new Uint8Array(20).fill(4)];
  ana.names.add(hereAlias);
  dan.names.add(thereAlias);
  await nodes.advance(5);
  let from: NodeRef | undefined;
  let answered: Link | undefined;
  dan.circuits.onCircuit('session', (asker, _, link) => {
    from = asker;
    answered = link;
  });
  const to = { id: thereAlias, via: [cleo.id] };
  const link = await nodes.until(ana.circuits.openCircuit(to, 'session', utf8('x'), { as: hereAlias }));
  expect(from?.id).toEqual(hereAlias);
  const got = receive(answered as Link);
  link.send(utf8('hello'));
  await nodes.advance(10);
  expect(got.frames.map(text)).toEqual(['hello']);
});

it('one neighbour gets so many circuits and no more; idle ones are closed', async () => {
  const { nodes, ana, ben, cleo, dan } = await fourInARow();
  dan.circuits.onCircuit('session', () => {});
  const open = Array.from({ length: MAX_CIRCUITS_PER_NEIGHBOUR + 5 }, () =>
    ana.circuits.openCircuit(ref(dan), 'session', utf8('x')).catch(kindOf),
  );
  const opened = await nodes.until(Promise.all(open));
  expect(opened.filter((each) => typeof each === 'object')).toHaveLength(CARRIED);
  expect(ben.circuits.view.relayed).toBe(CARRIED);
  // Places are left for circuits of the relay's own.
  cleo.circuits.onCircuit('session', () => {});
  const own = await nodes.until(ben.circuits.openCircuit(ref(cleo), 'session', utf8('x')).catch(kindOf));
  expect(own).toMatchObject({ way: { via: cleo.id, hops: 1 } });
  await nodes.advance(80_000);
  for (const node of [ana, ben, dan]) expect(node.circuits.view).toMatchObject({ open: 0, relayed: 0 });
  expect(ben.neighbours.get(at(ana))?.circuits).toBe(0);
});

it('an end that ignores the window loses its circuit and nobody else anything', async () => {
  const { nodes, ana, ben, cleo, dan } = await fourInARow([{}, {}, { bytesPerSecond: 10_000 }]);
  const [here, there] = await circuit(nodes, ana, dan);
  const [left, right] = [receive(here), receive(there)];
  const toBen = ben.neighbours.get(at(ana));
  expect(toBen).toBeDefined();
  here.send(utf8('x'));
  const sent: Uint8Array[] = [];
  const wire = ana.neighbours.get(at(ben));
  const send = wire?.send.bind(wire);
  if (wire)
    wire.send = (frame) => {
      sent.push(frame.slice());
      return send?.(frame) ?? false;
    };
  here.send(new Uint8Array(20_000));
  for (let count = 0; count < 60; count += 1) send?.((sent[0] as Uint8Array).slice());
  await nodes.advance(20);
  expect(left.closed).toBe(true);
  await advanceUntil(nodes, () => right.closed);
  expect(ana.neighbours.size + ben.neighbours.size + cleo.neighbours.size).toBe(5);
});

it('a link that takes nothing while cells wait for it is closed, and the places of its circuits are free again', async () => {
  const { nodes, ana, ben, cleo } = await fourInARow();
  nodes.teach(ana, ben, cleo);
  const [link] = await circuit(nodes, ana, cleo);
  const stuck = ben.neighbours.get(at(cleo))?.link as Link;
  // It goes on talking, so that it is not silent.
  Object.defineProperty(stuck, 'bufferedAmount', { get: () => CIRCUIT_WINDOW });
  stuck.drained = () => new Promise(() => {});
  link.send(new Uint8Array(MAX_FRAME_BYTES));
  await nodes.advance(1_000);
  link.close();
  await nodes.advance(50_000);
  expect(ben.neighbours.get(at(cleo))?.circuits).toBe(1);
  await nodes.advance(15_000);
  expect(ben.neighbours.get(at(cleo))).toBeUndefined();
  expect([ben.circuits.view.relayed, ben.neighbours.get(at(ana))?.circuits]).toEqual([0, 0]);
});

it('a link that stays full and goes on taking is kept, until it takes less than 64 KiB in a minute', async () => {
  const { nodes, ana, ben, cleo } = await fourInARow();
  nodes.teach(ana, ben, cleo);
  const [link] = await circuit(nodes, ana, cleo);
  const busy = ben.neighbours.get(at(cleo)) as Neighbour;
  Object.defineProperty(busy.link, 'bufferedAmount', { get: () => CIRCUIT_WINDOW });
  busy.link.drained = () => new Promise(() => {});
  link.send(new Uint8Array(MAX_FRAME_BYTES));
  // Packets leave, and as many more wait.
  const packet = makePacket(frameTypes.packet, 77, 0, [at(ben), at(cleo)], 1, new Uint8Array(1_200));
  for (let second = 0; second < 150; second += 1) {
    busy.send(packet);
    await nodes.advance(1_000);
  }
  expect(ben.neighbours.get(at(cleo))).toBe(busy);
  await nodes.advance(120_000);
  expect(ben.neighbours.get(at(cleo))).not.toBe(busy);
});

it('closing everything leaves no timer', async () => {
  const { nodes, ana, ben, cleo, dan } = await fourInARow();
  await circuit(nodes, ana, dan);
  for (const node of [ana, ben, cleo, dan]) node.close();
  await turn();
  await nodes.advance(100);
  expect(nodes.clock.pending).toBe(0);
  expect(nodes.errors).toEqual([]);
  expect(equalBytes(ana.id, dan.id)).toBe(false);
});
