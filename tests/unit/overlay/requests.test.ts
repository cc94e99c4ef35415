// Questions and answers: over relays, another way when one is silent, worked on once, and bounded.
import { expect, it } from 'vitest';
import { concat } from '../../../src/core/bytes/bytes.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { addressOf, idFromAddress } from '../../../src/core/overlay/address.ts';
import { frameTypes } from '../../../src/core/overlay/frames.ts';
import { MAX_REQUEST_BYTES, MAX_WORKING_FOR_ONE, MIN_LEARNT_FROM_ONE_PEER } from '../../../src/core/overlay/limits.ts';
import { type NodeRef, services } from '../../../src/core/overlay/overlay-api.ts';
import { makePacket } from '../../../src/core/overlay/packet.ts';
import { REQUEST_SERVICE } from '../../../src/core/overlay/requests.ts';
import type { Transport } from '../../../src/core/overlay/transport.ts';
import { at, OverlayNodes } from '../../fixtures/overlay-nodes.ts';

const kindOf = (error: unknown): unknown => (error as { kind?: unknown }).kind;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const ref = (node: Transport, ...via: Transport[]): NodeRef => ({ id: node.id, via: via.map(({ id }) => id) });

/** Ana – Ben – Dan and Ana – Cleo – Dan. */
async function twoWays() {
  const nodes = new OverlayNodes();
  const [ana, ben, cleo, dan] = (await nodes.startMany(4)) as [Transport, Transport, Transport, Transport];
  await nodes.chain(ana, ben, dan);
  await nodes.chain(ana, cleo, dan);
  return { nodes, ana, ben, cleo, dan };
}

it('a question is answered over the introducers that came with the reference', async () => {
  const { nodes, ana, ben, dan } = await twoWays();
  const asked: NodeRef[] = [];
  dan.requests.onRequest('dial', async (from, payload) => {
    asked.push(from);
    return utf8(`${text(payload)}?`);
  });
  const answer = await nodes.until(ana.requests.request(ref(dan, ben), 'dial', utf8('hello')));
  expect(text(answer)).toBe('hello?');
  expect(asked).toEqual([{ id: ana.id, via: [idFromAddress(at(ben))] }]);
  // The way back was learnt from the question.
  ana.requests.onRequest('signal', async () => utf8('yes'));
  expect(text(await nodes.until(dan.requests.request(asked[0] as NodeRef, 'signal', utf8('there?'))))).toBe('yes');
});

it('without a way it fails at once, without an answer after 4 s', async () => {
  const { nodes, ana, ben, dan } = await twoWays();
  await expect(ana.requests.request(ref(dan), 'dial', utf8('x'))).rejects.toMatchObject({ kind: 'no-route' });
  dan.requests.onRequest('dial', async () => undefined);
  const start = nodes.clock.now();
  const unanswered = ana.requests.request(ref(dan, ben), 'dial', utf8('x')).catch(kindOf);
  expect(await nodes.until(unanswered)).toBe('link-timeout');
  expect(nodes.clock.now() - start).toBeLessThan(4_100);
});

it('a relay that swallows the question is gone around, and the handler runs once', async () => {
  const { nodes, ana, ben, cleo, dan } = await twoWays();
  let runs = 0;
  dan.requests.onRequest('dial', async () => {
    runs += 1;
    return utf8('here');
  });
  for (const silent of [ben, cleo]) {
    const relay = silent.neighbours.get(at(dan));
    const send = relay?.send.bind(relay);
    if (relay) relay.send = (frame) => (frame[0] === frameTypes.packet ? true : (send?.(frame) ?? false));
    if (silent === ben) {
      expect(text(await nodes.until(ana.requests.request(ref(dan, ben, cleo), 'dial', utf8('x'))))).toBe('here');
      expect(runs).toBe(1);
    }
    if (relay && send) relay.send = send;
  }
  // The answer is swallowed: the second attempt brings it over the other way without asking the handler again.
  const toAna = ben.neighbours.get(at(ana));
  const send = toAna?.send.bind(toAna);
  if (toAna) toAna.send = (frame) => (frame[0] === frameTypes.packet ? true : (send?.(frame) ?? false));
  ana.routes.forgetNode(at(dan));
  expect(text(await nodes.until(ana.requests.request(ref(dan, ben, cleo), 'dial', utf8('x'))))).toBe('here');
  expect(runs).toBe(2);
});

it('a node that goes away is reported as soon as the last way is gone', async () => {
  const { nodes, ana, ben, cleo, dan } = await twoWays();
  dan.close();
  await nodes.advance(5);
  const start = nodes.clock.now();
  expect(await nodes.until(ana.requests.request(ref(dan, ben, cleo), 'dial', utf8('x')).catch(kindOf))).toBe(
    'no-route',
  );
  expect(nodes.clock.now() - start).toBeLessThan(20);
});

it('only the asked may answer, and an asker under a false id is not heard', async () => {
  const { nodes, ana, ben, cleo, dan } = await twoWays();
  const seen: Uint8Array[] = [];
  dan.router.onPacket(2, (_, payload) => seen.push(payload.slice()));
  const pending = ana.requests.request(ref(dan, ben), 'dial', utf8('x')).catch(kindOf);
  await nodes.advance(5);
  const forged = (seen[0] as Uint8Array).slice(0, 12);
  forged[0] = 2;
  cleo.router.send(at(ana), 2, forged);
  expect(await nodes.until(pending)).toBe('link-timeout');
  let runs = 0;
  ben.requests.onRequest('dial', async () => {
    runs += 1;
    return undefined;
  });
  const question = (seen[0] as Uint8Array).slice();
  dan.router.send(at(ben), 2, question); // Ana's id, from Dan
  await nodes.advance(5);
  expect(runs).toBe(0);
});

it('one neighbour cannot occupy all hands; too much payload is refused; handlers that fail stay silent', async () => {
  const { nodes, ana, ben } = await twoWays();
  let runs = 0;
  ben.requests.onRequest('dial', () => {
    runs += 1;
    return new Promise(() => {});
  });
  const open = Array.from({ length: 100 }, () => ana.requests.request(ref(ben), 'dial', utf8('x')).catch(kindOf));
  await nodes.until(Promise.all(open));
  expect(runs).toBe(MAX_WORKING_FOR_ONE);
  const large = new Uint8Array(MAX_REQUEST_BYTES + 1);
  await expect(ana.requests.request(ref(ben), 'dial', large)).rejects.toMatchObject({ kind: 'frame-too-large' });
  ben.requests.onRequest('number', async () => {
    throw new Error('a bug');
  });
  expect(await nodes.until(ana.requests.request(ref(ben), 'number', utf8('x')).catch(kindOf))).toBe('link-timeout');
  expect(nodes.errors).toEqual([]);
});

it('under an alias the asker stays unnamed', async () => {
  const { nodes, ana, ben, dan } = await twoWays();
  const alias = new Uint8Array(20).fill(9);
  ana.names.add(alias);
  await nodes.advance(5);
  let asker: Uint8Array | undefined;
  dan.requests.onRequest('signal', async (from) => {
    asker = from.id;
    return utf8('yes');
  });
  const answer = await nodes.until(ana.requests.request(ref(dan, ben), 'signal', utf8('x'), { as: alias }));
  expect(text(answer)).toBe('yes');
  expect(asker).toEqual(alias);
});

it('closing ends what is open and leaves no timer', async () => {
  const { nodes, ana, ben, cleo, dan } = await twoWays();
  dan.requests.onRequest('dial', async () => undefined);
  const pending = ana.requests.request(ref(dan, ben), 'dial', utf8('x')).catch(kindOf);
  for (const node of [ana, ben, cleo, dan]) node.close();
  expect(await pending).toBe('link-closed');
  await nodes.advance(100);
  expect(nodes.clock.pending).toBe(0);
});

it('whoever brought a question is named by the link it came over, whatever sender, path and alias stand in it', async () => {
  const nodes = new OverlayNodes();
  const [ana, ben, ...others] = (await nodes.startMany(6)) as [Transport, Transport];
  for (const other of [ana, ...others]) await nodes.link(other, ben);
  const bringers: Uint8Array[] = [];
  ben.requests.onRequest('signal', async (_from, _payload, bringer) => {
    bringers.push(bringer);
    return undefined;
  });
  for (let count = 0; count < 100; count += 1) {
    const [sender, beside, alias] = [nodes.random.bytes(20), nodes.random.bytes(20), nodes.random.bytes(20)];
    ana.names.add(alias);
    const question = concat(Uint8Array.of(1), nodes.random.bytes(8), Uint8Array.of(services.signal), sender);
    const path = [...[sender, beside, alias].map(addressOf), at(ben)];
    ana.neighbours.get(at(ben))?.send(makePacket(frameTypes.packet, REQUEST_SERVICE, 0, path, 3, question));
    await nodes.advance(1);
    ana.names.remove(alias);
  }
  await nodes.advance(5);
  expect(bringers).toHaveLength(100);
  expect(new Set(bringers)).toEqual(new Set([ana.id]));
  // What it told counts as told by one, too.
  expect(ben.routes.size).toBeLessThanOrEqual(MIN_LEARNT_FROM_ONE_PEER);
});
