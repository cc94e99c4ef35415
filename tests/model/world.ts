// People who know each other, their devices, the air between them and a tracker, all in virtual time. What a person types and what their
// devices make of it is kept in `Record`s for the model to judge.
import '../../src/core/node/network.ts';
import '../../src/core/crypto/kem-library.ts';
import { MemoryTracker } from '../../src/adapters/memory/entry-point.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import type { DirectConversationView } from '../../src/core/node-api.ts';
import type { Random } from '../../src/core/ports/random.ts';
import { VirtualTime } from '../sim/virtual-time.ts';
import { Air } from './air.ts';
import { Device } from './device.ts';
import type { Copy } from './disk.ts';

/** Looks at a condition so often, milliseconds of virtual time. */
const LOOK_MS = 250;
const MAX_FILE_BYTES = 400_000;
/** Code is loaded by other threads: after so many turns they are left the processor, and after so many waits something is wrong. */
const MANY_TURNS = 1_000;
const MANY_WAITS = 60_000;

export class World {
  readonly time = new VirtualTime(() => this.#settle());
  readonly random: Random;
  readonly air: Air;
  readonly tracker: MemoryTracker;
  readonly devices: Device[];
  /** Conversation ids: of the first with the second. */
  readonly ids = new Map<string, string>();

  constructor(names: readonly string[], seed: number) {
    this.random = seededRandom(seed);
    this.air = new Air(this.time, seededRandom(seed + 0x10000000));
    this.tracker = new MemoryTracker({ clock: this.time, random: seededRandom(seed + 0x20000000) });
    const around = { time: this.time, air: this.air, tracker: this.tracker, random: this.random };
    this.devices = names.map((name) => new Device(name, { ...around, maxFileBytes: MAX_FILE_BYTES }));
  }

  device(name: string): Device {
    const device = this.devices.find((one) => one.name === name);
    if (!device) throw new Error(`no ${name}`);
    return device;
  }

  /** All that can go on now has gone on. Time does not pass while code is loaded, or a seed would not replay. */
  async #settle(): Promise<void> {
    await turn();
    for (let turns = 0; this.devices.some(({ isLoading }) => isLoading); turns += 1) {
      if (turns > MANY_TURNS + MANY_WAITS) throw new Error('a node does not start');
      await (turns < MANY_TURNS ? turn() : new Promise((resolve) => setTimeout(resolve, 1)));
    }
  }

  async pass(ms: number): Promise<void> {
    await this.time.advance(ms);
  }

  async until(condition: () => boolean | Promise<boolean>, longestMs = 600_000): Promise<boolean> {
    for (let waited = 0; waited <= longestMs; waited += LOOK_MS) {
      if (await condition()) return true;
      await this.pass(LOOK_MS);
    }
    return false;
  }

  /** What the call gives, time passing meanwhile; undefined when it never answers. */
  async outcome<T>(call: Promise<T>, longestMs = 60_000): Promise<T | undefined> {
    let settled: { value: T } | undefined;
    call.then(
      (value) => {
        settled = { value };
      },
      () => {},
    );
    await this.until(() => settled !== undefined, longestMs);
    return settled?.value;
  }

  key(one: Device, other: Device): string {
    return `${one.name}>${other.name}`;
  }

  idOf(one: Device, other: Device): string {
    return this.ids.get(this.key(one, other)) ?? '';
  }

  /** Everybody has an identity and every two are contacts. */
  async introduceAll(): Promise<void> {
    for (const device of this.devices) {
      const tab = device.openTab();
      await this.pass(LOOK_MS);
      await this.outcome(device.loading(tab, tab.node.createIdentity(device.name)));
    }
    for (const [index, one] of this.devices.entries())
      for (const other of this.devices.slice(index + 1)) await this.#introduce(one, other);
  }

  async #introduce(shower: Device, taker: Device): Promise<void> {
    const [at, by] = [nodeOf(shower), nodeOf(taker)];
    const asked = async () => (await this.outcome(at.snapshot()))?.requests[0]?.id;
    await this.outcome(by.takeCard((await this.outcome(at.snapshot()))?.card?.text ?? ''));
    await this.until(async () => (await asked()) !== undefined);
    await this.outcome(at.answerRequest((await asked()) ?? '', 'accept-verified'));
    await this.until(async () => (await this.isOnline(shower, taker)) && (await this.isOnline(taker, shower)));
    await this.outcome(at.newCard());
    this.ids.set(this.key(shower, taker), (await this.view(shower, taker))?.id ?? '');
    this.ids.set(this.key(taker, shower), (await this.view(taker, shower))?.id ?? '');
  }

  async view(one: Device, other: Device): Promise<DirectConversationView | undefined> {
    const all = (await this.outcome(nodeOf(one).snapshot()))?.conversations ?? [];
    return all.find((view): view is DirectConversationView => view.kind === 'direct' && view.name === other.name);
  }

  async isOnline(one: Device, other: Device): Promise<boolean> {
    return (await this.view(one, other))?.presence === 'online';
  }

  /** The disks of people who have just met, to begin from. */
  copies(): ReadonlyMap<string, Copy> {
    return new Map(this.devices.map((device) => [device.name, device.disk.copy()]));
  }
}

export function nodeOf(device: Device) {
  const tab = device.tabs[0];
  if (!tab) throw new Error(`${device.name} is down`);
  return tab.node;
}

/** A turn of the event loop: all promises that can go on have gone on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
