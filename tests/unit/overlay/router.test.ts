// Packets along paths: delivered, answered, refused when they come from the wrong side, and sent another way when one breaks.
import { expect, it } from 'vitest';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { type Address, addressOf } from '../../../src/core/overlay/address.ts';
import { frameTypes } from '../../../src/core/overlay/frames.ts';
import { makePacket } from '../../../src/core/overlay/packet.ts';
import type { Transport } from '../../../src/core/overlay/transport.ts';
import { at, OverlayNodes } from '../../fixtures/overlay-nodes.ts';

const SERVICE = 1;

interface Got {
  readonly from: Address;
  readonly text: string;
  readonly path: readonly Address[];
}

function listen(node: Transport): Got[] {
  const got: Got[] = [];
  node.router.onPacket(SERVICE, (from, payload, { path }) => {
    got.push({ from, text: new TextDecoder().decode(payload), path });
  });
  return got;
}

async function chainOf(count: number) {
  const nodes = new OverlayNodes();
  const all = await nodes.startMany(count);
  await nodes.chain(...all);
  return { nodes, all };
}

it('a packet crosses five links and is answered along the same path', async () => {
  const { nodes, all } = await chainOf(6);
  const [ana, , , , , fay] = all as [Transport, Transport, Transport, Transport, Transport, Transport];
  nodes.teach(ana, ...all.slice(1));
  const [heard, back] = [listen(fay), listen(ana)];
  expect(ana.router.send(at(fay), SERVICE, utf8('hello'))).toBe(true);
  await nodes.advance(10);
  expect(heard).toEqual([{ from: at(ana), text: 'hello', path: all.map(at) }]);
  expect(fay.router.send(at(ana), SERVICE, utf8('and you'))).toBe(true);
  await nodes.advance(10);
  expect(back.map(({ text }) => text)).toEqual(['and you']);
});

it('no way is longer than five links', async () => {
  const { nodes, all } = await chainOf(7);
  nodes.teach(all[0] as Transport, ...all.slice(1));
  expect((all[0] as Transport).router.send(at(all[6] as Transport), SERVICE, utf8('far'))).toBe(false);
});

it('nothing is sent where no way is known', async () => {
  const { all } = await chainOf(3);
  const [ana, , cleo] = all as [Transport, Transport, Transport];
  expect(ana.router.send(at(cleo), SERVICE, utf8('hi'))).toBe(false);
});

it('a way that has broken is forgotten and another one taken', async () => {
  const nodes = new OverlayNodes();
  const [ana, ben, cleo, dan] = (await nodes.startMany(4)) as [Transport, Transport, Transport, Transport];
  await nodes.chain(ana, ben);
  await nodes.chain(ana, cleo, dan);
  nodes.teach(ana, ben, dan); // Ben has no link to Dan
  nodes.teach(ana, cleo, dan);
  const heard = listen(dan);
  ana.router.send(at(dan), SERVICE, utf8('hello'));
  await nodes.advance(10);
  expect(heard.map(({ path }) => path)).toEqual([[at(ana), at(cleo), at(dan)]]);
  expect(ana.routes.introducers(at(dan))).toEqual([at(cleo)]);
});

it('when no way is left the sender is told what did not arrive', async () => {
  const { nodes, all } = await chainOf(4);
  const [ana, , , dan] = all as [Transport, Transport, Transport, Transport];
  nodes.teach(ana, ...all.slice(1));
  const lost: string[] = [];
  ana.router.onUnreachable((to, service, payload) =>
    lost.push(`${to} ${service} ${new TextDecoder().decode(payload)}`),
  );
  dan.close();
  await nodes.advance(5);
  ana.router.send(at(dan), SERVICE, utf8('hello'));
  await nodes.advance(10);
  expect(lost).toEqual([`${at(dan)} ${SERVICE} hello`]);
});

it('a lost first link is reported at once', async () => {
  const { nodes, all } = await chainOf(3);
  const [ana, ben, cleo] = all as [Transport, Transport, Transport];
  nodes.teach(ana, ben, cleo);
  const lost: Address[] = [];
  ana.router.onUnreachable((to) => lost.push(to));
  ana.router.send(at(cleo), SERVICE, utf8('hello'));
  ana.neighbours.drop(ana.neighbours.get(at(ben)) as never, 'leaving');
  expect(lost).toEqual([at(cleo)]);
  expect(ana.router.send(at(cleo), SERVICE, utf8('hello'))).toBe(false);
});

it('what was answered is not sent once more when its first link is lost', async () => {
  const nodes = new OverlayNodes();
  const [ana, ben, cleo, dan] = (await nodes.startMany(4)) as [Transport, Transport, Transport, Transport];
  await nodes.chain(ana, ben, dan);
  await nodes.chain(ana, cleo, dan);
  nodes.teach(ana, ben, dan);
  nodes.teach(ana, cleo, dan);
  const [heard] = [listen(dan), listen(ana)];
  const first = () => heard[0]?.path[1] as Address;
  ana.router.send(at(dan), SERVICE, utf8('hello'));
  await nodes.advance(10);
  dan.router.send(at(ana), SERVICE, utf8('and you'));
  await nodes.advance(10);
  ana.neighbours.drop(ana.neighbours.get(first()) as never, 'leaving');
  await nodes.advance(10);
  expect(heard.map(({ text }) => text)).toEqual(['hello']);
});

it('a packet that names another sender, another receiver, or a node twice goes nowhere', async () => {
  const { nodes, all } = await chainOf(4);
  const [ana, ben, cleo, dan] = all.map(at) as [Address, Address, Address, Address];
  const heard = all.map(listen);
  const toBen = (all[0] as Transport).neighbours.get(ben);
  const forged: [Address[], number][] = [
    [[dan, ben, cleo], 1], // says it comes from Dan
    [[ana, cleo, dan], 1], // Ben is not named
    [[ana, ben, ana], 1], // passes Ana twice
    [[ana, ben, cleo, ben, cleo], 1], // a loop
    [[ana, ben, cleo], 0], // the wrong place
    [[ana, ben, cleo], 2],
    [[ana, ben, cleo], 3],
    [[ben], 0],
  ];
  for (const [path, position] of forged) {
    toBen?.send(makePacket(frameTypes.packet, SERVICE, 1, path, position, utf8('x')));
  }
  await nodes.advance(10);
  expect(heard.flat()).toEqual([]);
  expect(all.map(({ router }) => router.counters.forwarded)).toEqual([0, 0, 0, 0]);
  toBen?.send(makePacket(frameTypes.packet, SERVICE, 1, [ana, ben, cleo], 1, utf8('x')));
  await nodes.advance(10);
  expect(heard[2]).toHaveLength(1);
});

it('an alias is reached through neighbours and answers under its name', async () => {
  const { nodes, all } = await chainOf(3);
  const [ana, ben, cleo] = all as [Transport, Transport, Transport];
  const aliasId = new Uint8Array(20).fill(7);
  const alias = addressOf(aliasId);
  cleo.names.add(aliasId);
  await nodes.advance(5);
  const [heard, back] = [listen(cleo), listen(ana)];
  ana.routes.learn(alias, at(ben), at(ben));
  expect(ana.router.send(alias, SERVICE, utf8('hello'))).toBe(true);
  await nodes.advance(5);
  expect(heard[0]?.path).toEqual([at(ana), at(ben), alias]);
  const path = heard[0]?.path as Address[];
  cleo.router.answer({ to: alias, toAlias: true, path, bringer: at(ben) }, SERVICE, utf8('yes'));
  await nodes.advance(5);
  expect(back[0]).toEqual({ from: alias, text: 'yes', path: [alias, at(ben), at(ana)] });
  cleo.names.remove(aliasId);
  await nodes.advance(5);
  ana.router.send(alias, SERVICE, utf8('hello'));
  await nodes.advance(5);
  expect(heard).toHaveLength(1);
});

it('what one neighbour sends beyond its share is dropped', async () => {
  const nodes = new OverlayNodes();
  const limits = { packetsPerSecond: 10, bytesPerSecond: 10_000 };
  const [ana, ben] = (await nodes.startMany(2, { limits })) as [Transport, Transport];
  await nodes.link(ana, ben);
  const heard = listen(ben);
  for (let count = 0; count < 100; count += 1) ana.router.send(at(ben), SERVICE, utf8('x'));
  await nodes.advance(5);
  expect(heard).toHaveLength(20);
  expect(ben.router.counters.dropped).toBe(80);
  await nodes.advance(1_000);
  for (let count = 0; count < 5; count += 1) ana.router.send(at(ben), SERVICE, new Uint8Array(9_000));
  await nodes.advance(5);
  expect(heard.length).toBeLessThan(25);
});
