// What a hostile neighbour can make us keep, forget or believe: nothing beyond the limits.
import { expect, it } from 'vitest';
import type { MemoryLink } from '../../../src/adapters/memory/links.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { addressBytes, addressOf } from '../../../src/core/overlay/address.ts';
import { cellKinds, closeCell, creditCell, makeCell, renumber } from '../../../src/core/overlay/cells.ts';
import { frameTypes } from '../../../src/core/overlay/frames.ts';
import {
  MAX_ALIASES,
  MAX_LINK_BUFFER,
  MAX_PACKET_BYTES,
  SMALL_FRAMES_AT_ONCE,
  SMALL_FRAMES_PER_SECOND,
  STRAY_CELLS_AT_ONCE,
} from '../../../src/core/overlay/limits.ts';
import { makePacket } from '../../../src/core/overlay/packet.ts';
import { TokenBucket } from '../../../src/core/overlay/token-bucket.ts';
import type { Transport } from '../../../src/core/overlay/transport.ts';
import { at, OverlayNodes } from '../../fixtures/overlay-nodes.ts';

const none = new Uint8Array(0);

async function three() {
  const nodes = new OverlayNodes();
  const [ana, ben, cleo] = (await nodes.startMany(3)) as [Transport, Transport, Transport];
  await nodes.chain(ana, ben, cleo);
  nodes.teach(ana, ben, cleo);
  return { nodes, ana, ben, cleo };
}

it('a neighbour gets so many aliases, and none that belongs to another', async () => {
  const { nodes, ana, ben, cleo } = await three();
  const toBen = ana.neighbours.get(at(ben));
  const ask = (address: string): void => {
    toBen?.send(Uint8Array.of(frameTypes.alias, 1, ...addressBytes(address)));
  };
  for (const taken of [at(cleo), at(ben), at(ana)]) ask(taken);
  await nodes.advance(5);
  const atBen = ben.neighbours.get(at(ana));
  expect(atBen?.aliases.size).toBe(0);
  for (let count = 0; count < MAX_ALIASES + 10; count += 1) ask(addressOf(nodes.random.bytes(20)));
  await nodes.advance(5);
  expect(atBen?.aliases.size).toBe(MAX_ALIASES);
  const [alias] = [...(atBen?.aliases ?? [])] as [string];
  expect(ben.names.neighbour(alias)).toBe(atBen);
  ana.close();
  await nodes.advance(5);
  expect(ben.names.neighbour(alias)).toBeUndefined();
});

it('a neighbour that claims another node’s address as its alias gets what is for that node only when there is no other way', async () => {
  const { nodes, ana, ben, cleo } = await three();
  const liar = await nodes.start();
  await nodes.link(ana, liar);
  liar.neighbours.get(at(ana))?.send(Uint8Array.of(frameTypes.alias, 1, ...addressBytes(at(cleo))));
  await nodes.advance(5);
  expect(ana.routes.ways(at(cleo))).toEqual([[at(ben)], []]);
  expect(ana.routes.ways(at(cleo), 1)).toEqual([[at(ben)]]);
  ana.routes.forget(at(ben), at(cleo));
  expect(ana.routes.ways(at(cleo))).toEqual([[]]);
});

/** What a node sends to a neighbour from now on, by first byte. */
function sentBy(from: Transport, to: Transport): Map<number, number> {
  const counts = new Map<number, number>();
  const wire = from.neighbours.get(at(to));
  const send = wire?.send.bind(wire);
  if (wire && send)
    wire.send = (frame) => {
      counts.set(frame[0] as number, (counts.get(frame[0] as number) ?? 0) + 1);
      return send(frame);
    };
  return counts;
}

it('so many pings are answered at once and so many a second, the others dropped', async () => {
  const { nodes, ana, ben } = await three();
  const toBen = ana.neighbours.get(at(ben));
  const sent = sentBy(ben, ana);
  ana.neighbours.onFrame(frameTypes.pong, () => {});
  await nodes.advance(32_000); // all that can be earned, and no ping of their own is under way
  sent.clear();
  const before = ben.neighbours.dropped;
  for (let count = 0; count < 2_000; count += 1) toBen?.send(Uint8Array.of(frameTypes.ping, 1, 2, 3, 4));
  await nodes.advance(5);
  expect(sent.get(frameTypes.pong)).toBe(SMALL_FRAMES_AT_ONCE);
  expect(ben.neighbours.dropped - before).toBe(2_000 - SMALL_FRAMES_AT_ONCE);
  await nodes.advance(2_000);
  for (let count = 0; count < 500; count += 1) toBen?.send(Uint8Array.of(frameTypes.ping, 1, 2, 3, 4));
  await nodes.advance(5);
  const more = (sent.get(frameTypes.pong) ?? 0) - SMALL_FRAMES_AT_ONCE;
  expect(more).toBeGreaterThan(SMALL_FRAMES_PER_SECOND);
  expect(more).toBeLessThanOrEqual(3 * SMALL_FRAMES_PER_SECOND);
  expect(ben.neighbours.get(at(ana))).toBeDefined();
});

it('aliases that come and go without end are not followed', async () => {
  const { nodes, ana, ben } = await three();
  const toBen = ana.neighbours.get(at(ben));
  const address = addressBytes(addressOf(nodes.random.bytes(20)));
  for (let count = 0; count < 1_000; count += 1)
    toBen?.send(Uint8Array.of(frameTypes.alias, count % 2 === 0 ? 1 : 0, ...address));
  await nodes.advance(5);
  expect(ben.neighbours.dropped).toBeGreaterThan(1_000 - SMALL_FRAMES_AT_ONCE);
  // All that a node may have, taken away and told anew, is heard in one go.
  await nodes.advance(30_000);
  const ids = Array.from({ length: MAX_ALIASES }, () => nodes.random.bytes(20));
  for (const id of ids) ana.names.add(id);
  for (const id of ids) ana.names.remove(id);
  for (const id of ids) ana.names.add(id);
  await nodes.advance(5);
  expect(ids.every((id) => ben.names.neighbour(addressOf(id)) === ben.neighbours.get(at(ana)))).toBe(true);
});

it('cells for circuits that have ended are dropped, and a flood of them ends the link', async () => {
  const { ana, ben } = await three();
  const atBen = ben.neighbours.get(at(ana))?.link as MemoryLink;
  const flood = (count: number) => {
    for (let each = 0; each < count; each += 1) atBen.receive(renumber(creditCell(1), 77));
  };
  flood(STRAY_CELLS_AT_ONCE);
  expect(ben.neighbours.get(at(ana))).toBeDefined();
  expect(ben.neighbours.dropped).toBe(STRAY_CELLS_AT_ONCE);
  flood(200);
  expect(ben.neighbours.get(at(ana))).toBeUndefined();
});

it('who asks and does not listen is not answered: nothing piles up for it', async () => {
  const { nodes, ana, ben, cleo } = await three();
  const sent = sentBy(ben, ana);
  const toBen = ana.neighbours.get(at(ben));
  const link = ben.neighbours.get(at(ana))?.link as object;
  Object.defineProperty(link, 'bufferedAmount', { value: MAX_LINK_BUFFER + 1 });
  const nowhere = [at(ana), at(ben), '0102030405ff'];
  const [mine] = at(ana) < at(ben) ? [100] : [101];
  for (let count = 0; count < 100; count += 1) {
    toBen?.send(Uint8Array.of(frameTypes.ping, 1, 2, 3, 4));
    toBen?.send(makePacket(frameTypes.packet, 1, count, nowhere, 1, none));
    toBen?.send(
      renumber(makeCell(cellKinds.open, makePacket(8, 5, 0, nowhere, 1, new Uint8Array(52))), mine as number),
    );
  }
  await nodes.advance(5);
  expect([...sent]).toEqual([]);
  expect(ben.neighbours.get(at(ana))).toBeDefined();
  expect(cleo.neighbours.size).toBe(1);
});

it('"no route" for what was never sent changes nothing', async () => {
  const { nodes, ana, ben, cleo } = await three();
  const toAna = ben.neighbours.get(at(ana));
  const path = [at(ana), at(ben), at(cleo)];
  for (let number = 0; number < 5; number += 1) toAna?.send(makePacket(frameTypes.noRoute, 1, number, path, 0, none));
  await nodes.advance(5);
  expect(ana.routes.introducers(at(cleo))).toEqual([at(ben)]);
  ana.router.send(at(cleo), 1, utf8('x'));
  const other = [at(ana), at(ben), '0102030405ff'];
  toAna?.send(makePacket(frameTypes.noRoute, 1, 0, other, 0, none));
  await nodes.advance(5);
  expect(ana.routes.introducers(at(cleo))).toEqual([at(ben)]);
});

it('packets for a neighbour that takes nothing are dropped, not piled up', async () => {
  const nodes = new OverlayNodes();
  const limits = { packetsPerSecond: 1e6, bytesPerSecond: 1e12 };
  const [ana, ben, cleo] = (await nodes.startMany(3, { limits })) as [Transport, Transport, Transport];
  await nodes.link(ana, ben);
  await nodes.link(ben, cleo, { bytesPerSecond: 1_000 });
  nodes.teach(ana, ben, cleo);
  const packet = new Uint8Array(MAX_PACKET_BYTES);
  for (let count = 0; count < 300; count += 1) {
    ana.router.send(at(cleo), 1, packet);
    if (count % 20 === 0) await nodes.advance(2);
  }
  await nodes.advance(5);
  const waiting = ben.neighbours.get(at(cleo))?.link.bufferedAmount ?? 0;
  expect(waiting).toBeLessThan(MAX_LINK_BUFFER + 2 * MAX_PACKET_BYTES);
  expect(ben.router.counters.dropped).toBeGreaterThan(200);
  expect(() => ana.router.send(at(cleo), 1, new Uint8Array(MAX_PACKET_BYTES + 1))).toThrow('frame-too-large');
});

it('credit that was never owed, a second "opened" and cells of unknown circuits end at most that circuit', async () => {
  const { nodes, ana, ben, cleo } = await three();
  cleo.circuits.onCircuit('session', () => {});
  const hostile = ben.neighbours.get(at(ana));
  for (const cell of [creditCell(1_000_000), makeCell(cellKinds.opened, new Uint8Array(52))]) {
    const numbers: number[] = [];
    const wire = ana.neighbours.get(at(ben));
    const send = wire?.send.bind(wire);
    if (wire && send)
      wire.send = (frame) => {
        if (frame[0] === frameTypes.cell) numbers.push(new DataView(frame.buffer, frame.byteOffset).getUint32(1));
        return send(frame);
      };
    const link = await nodes.until(ana.circuits.openCircuit({ id: cleo.id, via: [] }, 'session', none));
    let closed = false;
    link.onClose(() => {
      closed = true;
    });
    hostile?.send(renumber(cell.slice(), 0x7fff_0000));
    await nodes.advance(5);
    expect(closed).toBe(false);
    hostile?.send(renumber(cell.slice(), numbers[0] as number));
    await nodes.advance(5);
    expect(closed).toBe(true);
    if (wire && send) wire.send = send;
  }
  expect(ana.neighbours.size).toBe(1);
  expect(nodes.errors).toEqual([]);
});

it('a circuit is opened only under a number of one’s own, over the link of the hop before', async () => {
  const { nodes, ana, ben, cleo } = await three();
  const toBen = ana.neighbours.get(at(ben));
  const hello = new Uint8Array(52);
  const open = (path: string[], position: number, number: number): void => {
    toBen?.send(renumber(makeCell(cellKinds.open, makePacket(8, 5, 0, path, position, hello)), number));
  };
  const [mine, theirs] = at(ana) < at(ben) ? [100, 101] : [101, 100];
  open([at(ana), at(ben), at(cleo)], 1, theirs);
  open([at(cleo), at(ben), at(cleo)], 1, mine);
  open(['0102030405ff', at(ben), at(cleo)], 1, mine);
  open([at(ana), at(ben)], 0, mine);
  await nodes.advance(5);
  expect(ben.circuits.view.relayed).toBe(0);
  open([at(ana), at(ben), at(cleo)], 1, mine);
  open([at(ana), at(ben), at(cleo)], 1, mine);
  await nodes.advance(1);
  expect(ben.circuits.view.relayed).toBeLessThanOrEqual(1);
});

it('a bucket fills by its rate up to its size, and a clock that is set back fills nothing', () => {
  let now = 1_000;
  const bucket = new TokenBucket({ now: () => now, after: () => ({ cancel: () => {} }) }, 10, 20);
  for (let count = 0; count < 20; count += 1) expect(bucket.take(1)).toBe(true);
  expect(bucket.take(1)).toBe(false);
  expect(bucket.waitMs(1)).toBe(100);
  now -= 5_000;
  expect(bucket.take(1)).toBe(false);
  now += 100;
  expect(bucket.take(1)).toBe(true);
  now += 1_000_000;
  expect(bucket.waitMs(1_000)).toBe(0); // more than fits: as soon as it is full
  bucket.spend(1_000);
  expect(bucket.waitMs(1)).toBeGreaterThan(90_000);
});

it('an answer to an opening that makes no sense ends the opening, and blames nobody who passed it on', async () => {
  const { nodes, ana, ben, cleo } = await three();
  const wire = ben.neighbours.get(at(ana));
  const send = wire?.send.bind(wire);
  if (wire && send)
    wire.send = (frame) => {
      const isOpened = frame[0] === frameTypes.cell && frame[5] === cellKinds.opened;
      if (!isOpened) return send(frame);
      const number = new DataView(frame.buffer, frame.byteOffset).getUint32(1);
      return send(renumber(makeCell(cellKinds.close, none), number));
    };
  cleo.circuits.onCircuit('session', () => {});
  for (let count = 0; count < 10; count += 1) {
    const opening = ana.circuits.openCircuit({ id: cleo.id, via: [ben.id] }, 'session', none);
    await expect(nodes.until(opening)).rejects.toThrow('no-route');
  }
  expect(ana.neighbours.size).toBe(1);
});

it('a frame that comes in crumbs ends its circuit', async () => {
  const { nodes, ana, cleo } = await three();
  let closed = false;
  cleo.circuits.onCircuit('session', (_, __, link) => {
    link.onFrame(() => {});
    link.onClose(() => {
      closed = true;
    });
  });
  let number = 0;
  const [wire] = ana.neighbours.all();
  const send = wire?.send.bind(wire);
  if (wire && send)
    wire.send = (frame) => {
      if (frame[0] === frameTypes.cell) number = new DataView(frame.buffer, frame.byteOffset).getUint32(1);
      return send(frame);
    };
  await nodes.until(ana.circuits.openCircuit({ id: cleo.id, via: [] }, 'session', none));
  await nodes.advance(5);
  expect(closed).toBe(false);
  send?.(renumber(makeCell(cellKinds.data, Uint8Array.of(0)), number));
  await nodes.advance(5);
  expect(closed).toBe(true);
});

it('a relay that refuses in the name of whoever was asked does not keep the other ways from being tried', async () => {
  const nodes = new OverlayNodes();
  const [ana, ben, cleo, dan] = (await nodes.startMany(4)) as [Transport, Transport, Transport, Transport];
  await nodes.chain(ana, ben, dan);
  await nodes.chain(ana, cleo, dan);
  dan.circuits.onCircuit('session', () => {});
  const liar = ben.neighbours.get(at(ana));
  ben.neighbours.onFrame(frameTypes.cell, (_, frame) => {
    const number = new DataView(frame.buffer, frame.byteOffset).getUint32(1);
    liar?.send(renumber(closeCell('refused', 2), number));
  });
  const link = await nodes.until(ana.circuits.openCircuit({ id: dan.id, via: [ben.id, cleo.id] }, 'session', none));
  expect(link.way).toEqual({ via: cleo.id, hops: 2 });
});
