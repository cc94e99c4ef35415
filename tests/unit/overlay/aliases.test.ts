// Aliases hide whose link they are: whatever leaves or arrives under one has a relay between, also among neighbours.
import { expect, it } from 'vitest';
import { concat } from '../../../src/core/bytes/bytes.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { addressOf } from '../../../src/core/overlay/address.ts';
import { cellKinds, makeCell, renumber } from '../../../src/core/overlay/cells.ts';
import { routerDatagrams } from '../../../src/core/overlay/datagrams.ts';
import { frameTypes } from '../../../src/core/overlay/frames.ts';
import { type NodeRef, type ServiceName, services } from '../../../src/core/overlay/overlay-api.ts';
import { makePacket } from '../../../src/core/overlay/packet.ts';
import type { Transport } from '../../../src/core/overlay/transport.ts';
import type { Link } from '../../../src/core/ports/link.ts';
import { at, OverlayNodes } from '../../fixtures/overlay-nodes.ts';

const kindOf = (error: unknown): unknown => (error as { kind?: unknown }).kind;
const ALIAS = new Uint8Array(20).fill(9);

/** Ana hides under an alias; she and Ben are neighbours, and Cleo is linked to both unless `apart`. */
async function hidden({ apart = false } = {}) {
  const nodes = new OverlayNodes();
  const [ana, ben, cleo] = (await nodes.startMany(3)) as [Transport, Transport, Transport];
  await nodes.link(ana, ben);
  await nodes.link(ana, cleo);
  if (!apart) await nodes.link(ben, cleo);
  ana.names.add(ALIAS);
  await nodes.advance(5);
  const toAna: NodeRef = { id: ALIAS, via: [ben.id, cleo.id] };
  const toBen: NodeRef = { id: ben.id, via: [cleo.id] };
  return { nodes, ana, ben, cleo, toAna, toBen };
}

function answering(node: Transport, service: ServiceName = 'session'): Link[] {
  const links: Link[] = [];
  node.circuits.onCircuit(service, (_, __, link) => links.push(link));
  node.requests.onRequest('presence', async () => utf8('here'));
  return links;
}

it('a circuit that leaves under an alias has a relay between, also to a neighbour', async () => {
  const { nodes, ana, ben, cleo, toBen } = await hidden();
  const answered = answering(ben);
  const link = await nodes.until(ana.circuits.openCircuit(toBen, 'session', utf8('x'), { as: ALIAS }));
  expect([link.route, link.way]).toEqual(['relayed', { via: cleo.id, hops: 2 }]);
  expect([answered[0]?.route, answered[0]?.way]).toEqual(['relayed', { via: cleo.id, hops: 2 }]);
});

it('a circuit to an alias has a relay between, also from a neighbour', async () => {
  const { nodes, ana, ben, cleo, toAna } = await hidden();
  const answered = answering(ana);
  const link = await nodes.until(ben.circuits.openCircuit(toAna, 'session', utf8('x')));
  expect(link.way).toEqual({ via: cleo.id, hops: 2 });
  expect(answered[0]?.way).toEqual({ via: cleo.id, hops: 2 });
});

it('questions under an alias and to one go through others, and are answered that way', async () => {
  const { nodes, ana, ben, toAna, toBen } = await hidden();
  const asked: NodeRef[] = [];
  for (const node of [ana, ben]) {
    node.requests.onRequest('presence', async (from) => {
      asked.push(from);
      return utf8('here');
    });
  }
  await nodes.until(ana.requests.request(toBen, 'presence', utf8('x'), { as: ALIAS }));
  await nodes.until(ben.requests.request(toAna, 'presence', utf8('x')));
  expect(asked.map(({ via }) => via.length)).toEqual([1, 1]);
});

it('with nobody between, whoever hides neither asks nor answers, and learns why', async () => {
  const { nodes, ana, ben, toAna, toBen } = await hidden({ apart: true });
  const [toThem, toUs] = [answering(ben), answering(ana)];
  const outcomes = await nodes.until(
    Promise.all([
      ana.circuits.openCircuit(toBen, 'session', utf8('x'), { as: ALIAS }).catch(kindOf),
      ana.requests.request(toBen, 'presence', utf8('x'), { as: ALIAS }).catch(kindOf),
      ben.circuits.openCircuit(toAna, 'session', utf8('x')).catch(kindOf),
      ben.requests.request(toAna, 'presence', utf8('x')).catch(kindOf),
    ]),
  );
  expect(outcomes).toEqual(['no-relay', 'no-relay', 'link-closed', 'link-timeout']);
  expect([...toThem, ...toUs]).toEqual([]);
  // Nobody has done anything wrong.
  expect(ben.neighbours.get(at(ana))).toBeDefined();
});

it('a relay that goes takes the circuit with it: it is not replaced by a link that shows the address', async () => {
  const { nodes, ana, ben, cleo, toBen } = await hidden();
  answering(ben);
  const link = await nodes.until(ana.circuits.openCircuit(toBen, 'session', utf8('x'), { as: ALIAS }));
  let closed = false;
  link.onClose(() => {
    closed = true;
  });
  cleo.close();
  await nodes.advance(5);
  expect(closed).toBe(true);
  const again = ana.circuits.openCircuit(toBen, 'session', utf8('x'), { as: ALIAS }).catch(kindOf);
  expect(await nodes.until(again)).toBe('no-relay');
});

it('a neighbour that says to be the other as well is no relay to them', async () => {
  const { nodes, ana, ben } = await hidden({ apart: true });
  const theirs = new Uint8Array(20).fill(5);
  ben.names.add(theirs);
  await nodes.advance(5);
  const answered = answering(ben);
  const to = { id: theirs, via: [ben.id] };
  expect(await nodes.until(ana.circuits.openCircuit(to, 'session', utf8('x'), { as: ALIAS }).catch(kindOf))).toBe(
    'no-relay',
  );
  expect(answered).toEqual([]);
});

it('who hides nothing reaches a neighbour over their own link, and is not told that it is relayed', async () => {
  const { nodes, ana, ben, toBen } = await hidden();
  const answered = answering(ben);
  const link = await nodes.until(ana.circuits.openCircuit(toBen, 'session', utf8('x')));
  expect([link.route, link.way?.hops, answered[0]?.route]).toEqual(['direct', 1, 'direct']);
});

it('an alias answers nothing that would show the node behind it', async () => {
  const { nodes, ana, ben, toAna } = await hidden();
  const heard: unknown[] = [];
  answering(ana, 'number');
  for (const service of ['dial', 'trackers', 'number'] as const) {
    ana.requests.onRequest(service, async () => {
      heard.push(service);
      return utf8('me');
    });
  }
  routerDatagrams(ana.router, ana.routes).onPacket((packet) => heard.push(packet));
  for (const service of ['dial', 'trackers', 'number'] as const) {
    expect(await nodes.until(ben.requests.request(toAna, service, utf8('x')).catch(kindOf))).toBe('link-timeout');
  }
  expect(await nodes.until(ben.circuits.openCircuit(toAna, 'number', utf8('x')).catch(kindOf))).toBe('link-closed');
  routerDatagrams(ben.router, ben.routes).send(addressOf(ALIAS), utf8('who are you?'), 0);
  await nodes.advance(20);
  expect(heard).toEqual([]);
});

it('an alias passes nothing on: what comes back over the own link would tell whose it is', async () => {
  const { nodes, ana, ben, cleo, toAna } = await hidden();
  const back: unknown[] = [];
  ben.router.onPacket(77, (from) => back.push(from));
  ben.circuits.onCircuit('session', (from) => back.push(from));
  const mine = new Uint8Array(20).fill(5);
  ben.names.add(mine);
  await nodes.advance(5);
  const path = [mine, cleo.id, toAna.id, ben.id].map(addressOf);
  ben.neighbours.get(at(cleo))?.send(makePacket(frameTypes.packet, 77, 0, path, 1, utf8('x')));
  const open = makePacket(frameTypes.cell, services.session, 0, path, 1, concat(mine, new Uint8Array(32)));
  const number = at(ben) < at(cleo) ? 0 : 1;
  ben.neighbours.get(at(cleo))?.send(renumber(makeCell(cellKinds.open, open), number));
  await nodes.advance(20);
  expect([back, ana.router.counters.forwarded, ana.circuits.view.relayed]).toEqual([[], 0, 0]);
  expect(cleo.neighbours.get(at(ana))).toBeDefined();
});

it('no way leads over an alias of our own, whatever path something says that it took', async () => {
  const { nodes, ana, ben, cleo } = await hidden();
  const [far, alias] = ['aaaaaaaaaaa1', addressOf(ALIAS)];
  const forged = makePacket(frameTypes.packet, 77, 0, [far, alias, at(ben), at(cleo), at(ana)], 4, utf8('x'));
  let heard = 0;
  ana.router.onPacket(77, () => {
    heard += 1;
  });
  cleo.neighbours.get(at(ana))?.send(forged);
  await nodes.advance(5);
  expect(heard).toBe(1);
  for (let count = 0; count < 12; count += 1) {
    expect(ana.router.send(far, 77, utf8('x'), { as: alias })).toBe(false);
    // Nor to ourselves under it.
    expect(ana.router.send(alias, 77, utf8('x'), { as: alias })).toBe(false);
  }
  await nodes.advance(20);
  expect([ben, cleo].map((node) => node.neighbours.get(at(ana)) !== undefined)).toEqual([true, true]);
});

it('nothing leaves under an alias that was removed meanwhile: neighbours would call it malformed', async () => {
  const { nodes, ana, ben, cleo, toBen } = await hidden();
  answering(ben);
  ana.routes.learn(at(ben), at(cleo), at(cleo));
  const alias = addressOf(ALIAS);
  const arrival = { to: alias, toAlias: true, path: [at(ben), at(cleo), alias], bringer: at(cleo) };
  const lost: number[] = [];
  ana.router.onUnreachable((_, service) => lost.push(service));
  expect(ana.router.send(at(ben), 77, utf8('x'), { as: alias })).toBe(true);
  ana.names.remove(ALIAS);
  for (let count = 0; count < 12; count += 1) {
    expect(ana.router.answer(arrival, 77, utf8('late'))).toBe(false);
    expect(ana.router.send(at(ben), 77, utf8('x'), { as: alias })).toBe(false);
    const opened = ana.circuits.openCircuit(toBen, 'session', utf8('x'), { as: ALIAS }).catch(kindOf);
    expect(await nodes.until(opened)).toBe('no-relay');
  }
  await nodes.advance(20);
  expect(cleo.neighbours.get(at(ana))).toBeDefined();
  // What was on its way when its first link broke is not tried again over another.
  ana.neighbours.drop(ana.neighbours.get(at(cleo)) as never, 'leaving');
  expect(lost).toEqual([77]);
});
