// Ten pairs of contacts meet through the overlay over three days, and some of them may be found by their number. Somebody stores
// every frame on every link of it and looks for people in them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { concat } from '../../src/core/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/core/bytes/hex.ts';
import { utf8 } from '../../src/core/bytes/utf8.ts';
import { sha256 } from '../../src/core/crypto/kdf.ts';
import { deriveFindTarget } from '../../src/core/identity/argon2.ts';
import { type Identity, identityFromRoot } from '../../src/core/identity/keys.ts';
import { numberFromArgon2 } from '../../src/core/identity/number.ts';
import { ByNumber } from '../../src/core/overlay/by-number.ts';
import { frameTypes } from '../../src/core/overlay/frames.ts';
import { services } from '../../src/core/overlay/overlay-api.ts';
import { OverlayDoor } from '../../src/core/overlay/overlay-door.ts';
import { TAG_BYTES } from '../../src/core/overlay/place-keys.ts';
import { RECORD_BYTES } from '../../src/core/overlay/place-record.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import { Rendezvous } from '../../src/core/rendezvous/rendezvous.ts';
import { dailyTopics } from '../../src/core/rendezvous/topics.ts';
import { pairMeeting } from '../../src/core/session/pair-keys.ts';
import { sessionRole } from '../../src/core/session/session.ts';
import { found, readTraffic, repeated, type Traffic, windowsOf } from '../fixtures/traffic.ts';
import { settle } from '../fixtures/until.ts';
import { SimExchange } from '../sim/dialer.ts';
import { SimNetwork } from '../sim/network.ts';
import { SimNode, type SimWorld } from '../sim/node.ts';
import { nodeOverlayCrypto } from '../sim/node-crypto.ts';
import { replaceGlobals, VirtualTime } from '../sim/virtual-time.ts';

const PAIRS = 10;
const DAYS = 3;
const STRANGERS = 4;
/** People who may be found by their number; the other of their pair looks. */
const DISCOVERABLE = 2;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** As long as a page is open: long enough for every record to be put a second time. */
const VISIT_MS = 14 * MINUTE_MS;
const TIMEOUT_MS = 240_000;

interface Person {
  readonly identity: Identity;
  readonly number: string;
  /** Shared with the other of the pair. */
  readonly secret: Uint8Array;
}

const time = new VirtualTime(settle);
const random = seededRandom(77);
const network = new SimNetwork(time, random, { latencyMs: 10, loss: 0 });
const world: SimWorld = {
  network,
  exchange: new SimExchange(network),
  nodes: new Map(),
  random,
  crypto: nodeOverlayCrypto,
  cap: 12, // a person is not linked to everybody, so that things are carried by others too
  identitiesSubstituted: 0,
  questions: 0,
};
const common = { clock: time, random, log: silentLog };
const people: Person[] = [];
const targets: Uint8Array[] = [];
let seeds = 0;
let frames: Uint8Array[] = [];
let traffic: Traffic;
let restore: () => void;

async function newPeople(): Promise<void> {
  for (let index = 0; index < 2 * PAIRS; index++) {
    const identity = await identityFromRoot(random.bytes(32));
    const number = numberFromArgon2(await sha256(identity.fingerprint));
    people.push({ identity, number, secret: people[index - (index % 2)]?.secret ?? random.bytes(32) });
  }
  for (let index = 0; index < DISCOVERABLE; index++) {
    targets.push(await deriveFindTarget(people[2 * index]?.number ?? ''));
  }
}

/** A node that has found its place. */
async function newNode(): Promise<SimNode> {
  const others = [...world.nodes.values()].slice(-3);
  const node = await SimNode.start(world, ++seeds);
  await time.until(Promise.all(others.map((other) => node.meet(other).catch(() => {})))); // no room
  node.considerDoors();
  return node;
}

/** A page of this person, looking for the other of the pair. */
async function open(person: Person, other: Person, target: Uint8Array | undefined) {
  const node = await newNode();
  const { overlay } = node;
  const door = new OverlayDoor({ overlay, ...common });
  const rendezvous = new Rendezvous({ doors: [door], dialer: node.dialer, ...common });
  const byNumber = new ByNumber({ overlay, ...common, onCall: async () => {} }); // first contact is not the matter
  byNumber.announce(target);
  const role = sessionRole(person.identity.fingerprint, other.identity.fingerprint);
  const meeting = await pairMeeting(person.secret, role);
  const onLink = () => appointment.satisfied(true);
  const appointment = rendezvous.meet({ id: 'test', meeting, daily: true, onLink });
  return {
    met: () => appointment.state === 'met',
    byNumber,
    close: () => {
      byNumber.close();
      rendezvous.close();
      door.close();
      node.leave();
    },
  };
}

/** Everybody opens a page, meets the other, looks for a number, and goes. */
async function oneDay(): Promise<void> {
  const strangers: SimNode[] = [];
  for (let index = 0; index < STRANGERS; index++) strangers.push(await newNode());
  const pages: Awaited<ReturnType<typeof open>>[] = [];
  for (const [index, person] of people.entries()) {
    const target = index % 2 === 0 ? targets[index / 2] : undefined;
    pages.push(await open(person, people[index ^ 1] as Person, target));
    await time.advance(500);
  }
  await time.advance(2 * MINUTE_MS);
  expect(pages.filter((page) => !page.met())).toEqual([]);
  for (const [index, target] of targets.entries()) {
    const seeker = pages[2 * index + 1]?.byNumber as ByNumber;
    const [node] = await time.until(seeker.seek(target));
    expect(node).toBeDefined();
    if (node) (await time.until(seeker.call(node))).close();
  }
  await time.advance(VISIT_MS);
  for (const page of pages) page.close();
  for (const stranger of strangers) stranger.leave();
  await time.advance(DAY_MS - VISIT_MS - 2 * MINUTE_MS);
}

/** Everything that would tell who a person is, in windows. */
function tracesOf({ identity, number, secret }: Person): string[] {
  const { fingerprint, bundle } = identity;
  return [...windowsOf(concat(fingerprint, bundle)), ...windowsOf(secret), ...windowsOf(utf8(number))];
}

beforeAll(async () => {
  restore = replaceGlobals(time, () => random.fraction());
  network.tap = (frame) => {
    if ((frame[0] ?? 0) >= frameTypes.packet || frame[0] === frameTypes.hello) frames.push(frame.slice());
  };
  await newPeople();
  for (let day = 0; day < DAYS; day++) await oneDay();
  traffic = readTraffic(frames);
}, TIMEOUT_MS);

afterAll(() => restore());

it('records have one length, and nothing in any of them is ever seen again', () => {
  const values = [...traffic.records.values()].flatMap((each) => [...each]);
  expect(values.length).toBeGreaterThan(PAIRS * 2 * DAYS * 3);
  expect(new Set(values.map(({ length }) => length / 2))).toEqual(new Set([RECORD_BYTES]));
  expect(repeated(values)).toEqual([]);
});

it('a record lies under another key for each side of each pair on each day, and no two have anything in common', () => {
  const keys = [...traffic.records.keys()];
  expect(keys).toHaveLength(PAIRS * 2 * (DAYS + 2));
  const values = [...traffic.records.values()].flatMap((each) => [...each]);
  expect(repeated([...keys, ...values])).toEqual([]);
});

it('questions between contacts name a place by words that stand in no record and belong to one day', () => {
  const tags = new Set([
    ...traffic.beginnings(services.presence, TAG_BYTES),
    ...traffic.beginnings(services.signal, TAG_BYTES),
  ]);
  expect(tags.size).toBeGreaterThanOrEqual(PAIRS * DAYS);
  expect(tags.size).toBeLessThanOrEqual(PAIRS * 2 * (DAYS + 2));
  const values = [...traffic.records.values()].flatMap((each) => [...each]);
  expect(repeated([...tags, ...traffic.records.keys(), ...values])).toEqual([]);
});

it('a number is announced and looked for under nothing but its slow hash', () => {
  expect(traffic.announced).toEqual(new Set(targets.map(toHex)));
  for (const target of targets) expect(traffic.soughtAfter).toContain(toHex(target));
  const numbers = people.flatMap(({ number }) => windowsOf(utf8(number)));
  expect(found(numbers, traffic.frames)).toEqual([]);
});

it('no byte of anything on any link holds a trace of a number, a fingerprint, a key or a pair', () => {
  expect(traffic.frames.length).toBeGreaterThan(10_000);
  expect(found(people.flatMap(tracesOf), traffic.frames)).toEqual([]);
});

it('whoever sees a tracker too finds none of its topics here', async () => {
  const day = Math.floor(time.now() / DAY_MS) - DAYS;
  const topics: string[] = [];
  for (let index = 0; index < 2 * PAIRS; index += 2) {
    const meeting = await pairMeeting((people[index] as Person).secret, 'initiator');
    for (let past = 0; past < DAYS; past++) {
      const [today] = await dailyTopics(meeting, day + past);
      topics.push(...windowsOf(today?.bytes ?? new Uint8Array()));
    }
  }
  expect(topics.length).toBeGreaterThan(0);
  expect(found(topics, traffic.frames)).toEqual([]);
});

it('somebody careless would be found: by a record, an announcement, a question, or a value put twice', async () => {
  frames = [];
  const nodes: SimNode[] = [];
  for (let index = 0; index < 6; index++) nodes.push(await newNode());
  await time.advance(5_000);
  const [first, last] = [nodes[0], nodes.at(-1)] as [SimNode, SimNode];
  const [ana, ben, cleo] = people as [Person, Person, Person];
  const named = concat(utf8(ana.number), random.bytes(40));
  const places = [random.bytes(32), random.bytes(32)] as const;
  for (const seed of places) await time.until(first.overlay.put({ seed, value: named, seq: 1 }));
  await time.until(last.overlay.announce(ben.identity.fingerprint.subarray(0, 20)));
  const asked = last.overlay.request({ id: first.id, via: [] }, 'presence', cleo.secret);
  await time.until(asked.catch(() => {})); // nobody answers
  for (const node of nodes) node.leave();
  const careless = readTraffic(frames);
  const traces = [ana, ben, cleo].map((person) => found(tracesOf(person), careless.frames).length > 0);
  expect(traces).toEqual([true, true, true]);
  const values = [...careless.records].map(([, [value]]) => value as string);
  expect(repeated([toHex(places[0]), ...values]).length).toBe(windowsOf(fromHex(values[0] as string)).length);
  expect(careless.announced).toEqual(new Set([toHex(ben.identity.fingerprint.subarray(0, 20))]));
}, 60_000);
