// Frames that are none, from a seed: no error that nobody expects, no neighbour lost but the one that sends them, nothing kept.
// KITH_FUZZ_FRAMES raises the number.
import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { frameTypes } from '../../../src/core/overlay/frames.ts';
import type { Transport } from '../../../src/core/overlay/transport.ts';
import { KEPT_MIB, MemoryMeter, PEAK_MIB } from '../../fixtures/memory.ts';
import { budget, mutate } from '../../fixtures/mutate.ts';
import { at, OverlayNodes } from '../../fixtures/overlay-nodes.ts';

const FRAMES = budget('KITH_FUZZ_FRAMES', 10_000);
const PER_LINK = 8;

it(`${FRAMES} random and mutated frames harm nobody`, async () => {
  const nodes = new OverlayNodes();
  const random = seededRandom(99);
  const [ana, ben, cleo] = (await nodes.startMany(3)) as [Transport, Transport, Transport];
  await nodes.chain(ana, ben, cleo);
  nodes.teach(ana, ben, cleo);
  const genuine: Uint8Array[] = [];
  const mallory = await nodes.start();
  const connect = async () => {
    await nodes.link(mallory, ben);
    const wire = mallory.neighbours.get(at(ben));
    const send = wire?.send.bind(wire);
    if (wire && send && genuine.length < 200)
      wire.send = (frame) => {
        genuine.push(frame.slice());
        return send(frame);
      };
    return send;
  };
  let send = await connect();
  nodes.teach(mallory, ben, cleo);
  for (const node of [ana, ben, cleo]) {
    node.router.onPacket(1, () => {});
    node.requests.onRequest('dial', async (_, payload) => payload);
    node.circuits.onCircuit('session', (_, payload, link) => {
      link.onFrame((frame) => link.send(frame));
      link.send(payload);
    });
  }
  mallory.router.send(at(cleo), 1, utf8('hello'));
  await nodes.until(mallory.requests.request({ id: cleo.id, via: [] }, 'dial', utf8('hello')));
  const link = await nodes.until(mallory.circuits.openCircuit({ id: cleo.id, via: [] }, 'session', utf8('hello')));
  link.send(new Uint8Array(50_000));
  mallory.names.add(random.bytes(20));
  mallory.neighbours.setInTable(ben.id, true);
  await nodes.advance(20);
  const kinds = Object.values(frameTypes);
  const memory = new MemoryMeter();
  for (let count = 0; count < FRAMES; count += 1) {
    const seed = genuine[Math.floor(random.fraction() * genuine.length)] as Uint8Array;
    const frame =
      random.fraction() < 0.2 ? random.bytes(Math.floor(random.fraction() * 80)) : mutate(seed, random, genuine);
    if (random.fraction() < 0.3 && frame.length > 0)
      frame[0] = kinds[Math.floor(random.fraction() * kinds.length)] as number;
    if (frame[0] === frameTypes.goodbye && random.fraction() < 0.9) continue;
    send?.(frame);
    if (count % PER_LINK !== 0) continue;
    memory.look();
    await nodes.advance(2);
    if (mallory.neighbours.size === 0) send = await connect();
  }
  await nodes.advance(100);
  const { peak, kept } = memory.report();
  console.log(`mutated frames of the overlay: ${FRAMES}, peak ${peak} MiB, kept ${kept} MiB`);
  expect(peak).toBeLessThan(PEAK_MIB);
  expect(kept).toBeLessThan(KEPT_MIB);
  expect(nodes.errors).toEqual([]);
  expect([ana.neighbours.get(at(ben)), ben.neighbours.get(at(cleo))].map((each) => each?.gone)).toEqual([false, false]);
  const answer = await nodes.until(ana.requests.request({ id: cleo.id, via: [ben.id] }, 'dial', utf8('still there?')));
  expect(answer).toEqual(utf8('still there?'));
  mallory.close();
  await nodes.advance(80_000);
  for (const node of [ana, ben, cleo]) expect(node.circuits.view).toMatchObject({ open: 0, relayed: 0 });
  for (const node of [ana, ben, cleo]) node.close();
  await nodes.advance(10_000);
  expect(nodes.clock.pending).toBe(0);
}, 0);
