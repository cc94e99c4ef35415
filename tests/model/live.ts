// Lives through one schedule and answers what was wrong. Everybody's disk begins as it is when people have just met.
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { kemKeyPair } from '../../src/core/crypto/kem.ts';
import type { Copy } from './disk.ts';
import { heal, judge } from './judgement.ts';
import { PresenceWatch } from './presence.ts';
import { Schedule } from './schedule.ts';
import type { Variant } from './variants.ts';
import { Witness } from './witness.ts';
import { World } from './world.ts';

export interface Life {
  readonly seed: number;
  readonly steps: number;
  readonly wrong: readonly string[];
  readonly acts: Readonly<Record<string, number>>;
  readonly written: number;
  readonly delivered: number;
  readonly dropped: number;
  /** Virtual milliseconds. */
  readonly lasted: number;
  /** What happened, when asked for. */
  readonly story: readonly string[];
}

interface Meeting {
  readonly copies: ReadonlyMap<string, Copy>;
  readonly ids: ReadonlyMap<string, string>;
  readonly now: number;
}

/** Different keys, so that either of two begins a handshake. */
const MEETINGS = 4;
const CAST = ['Ana', 'Ben', 'Cleo'];

const meetings = new Map<string, Promise<Meeting>>();

/** The library for ML-KEM is loaded when it is first needed, which takes time that no clock of ours shows: that is over before anybody meets. */
let warm: Promise<unknown> | undefined;

async function meetingOf(people: number, which: number): Promise<Meeting> {
  warm ??= kemKeyPair(seededRandom(1));
  await warm;
  const name = `${people} ${which}`;
  const known = meetings.get(name) ?? meet(people, which);
  meetings.set(name, known);
  return known;
}

async function meet(people: number, which: number): Promise<Meeting> {
  const world = new World(CAST.slice(0, people), 1_000 + which);
  await world.introduceAll();
  for (const device of world.devices) device.down('close');
  return { copies: world.copies(), ids: world.ids, now: world.time.now() };
}

export interface LiveOptions {
  /** Keep what happened. */
  readonly story?: boolean;
  /** A world that is to be found wanting. */
  readonly variant?: Variant | undefined;
  /** Called when everything is over. */
  readonly look?: (world: World) => void;
}

export async function live(seed: number, steps: number, options: LiveOptions = {}): Promise<Life> {
  const undo = options.variant?.break();
  try {
    return await liveNow(seed, steps, options);
  } finally {
    undo?.();
  }
}

/** People who have met, with their pages open. */
export async function begin(people: number, seed: number, variant?: Variant): Promise<World> {
  const meeting = await meetingOf(people, seed % MEETINGS);
  const world = new World(CAST.slice(0, people), seed);
  for (const [key, id] of meeting.ids) world.ids.set(key, id);
  for (const device of world.devices) {
    device.disk.putBack(meeting.copies.get(device.name) as Copy);
    if (variant?.store) device.storeOf = variant.store;
    device.openTab();
  }
  return world;
}

async function liveNow(seed: number, steps: number, { story, variant, look }: LiveOptions): Promise<Life> {
  const world = await begin(seed % 5 === 0 ? 3 : 2, seed, variant);
  const began = world.time.now();
  const witness = new Witness(world);
  const schedule = new Schedule(world, witness, seed);
  const watch = new PresenceWatch(world, witness);
  const told: string[] = [];
  for (let step = 1; step <= steps; step += 1) {
    witness.at(`step ${step}`);
    const done = await schedule.step((pause) => world.pass(pause));
    watch.look();
    if (story) told.push(`${step} (${world.time.now() - began} ms): ${done}`);
    if (witness.wrong.length > 0) break;
  }
  witness.at('at the end');
  if (witness.wrong.length === 0) await heal(world, witness, () => watch.look());
  if (witness.wrong.length === 0) await judge(world, witness, schedule.files);
  look?.(world);
  for (const device of world.devices) if (device.isUp) device.down('kill');
  const states = world.devices.flatMap((device) => [...(witness.written.get(device)?.values() ?? [])]);
  return {
    seed,
    steps,
    wrong: witness.wrong,
    acts: schedule.count,
    written: states.length,
    delivered: states.filter(({ state }) => state === 'delivered' || state === 'read').length,
    dropped: states.filter(({ state }) => state === 'dropped').length,
    lasted: world.time.now() - began,
    story: told,
  };
}
