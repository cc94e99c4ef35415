// One schedule: what people do and what the adversary does, drawn from a seed, step by step. The first K steps of a seed are the same
// whatever K is, so that a failure is shortened by `--steps`.
import { seededRandom } from '../../src/adapters/memory/random.ts';
import type { Random } from '../../src/core/ports/random.ts';
import { acts } from './acts.ts';
import type { Device } from './device.ts';
import type { Copy } from './disk.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

const SECOND = 1000;

/** How much time passes after a step: mostly so little that things are under way. */
const PAUSES = [0, 0, 1, 2, 5, 5, 20, 60, 60, 200, 200, 1 * SECOND, 1 * SECOND, 3 * SECOND, 8 * SECOND, 20 * SECOND];

export class Schedule {
  readonly files = new Map<string, Uint8Array>();
  readonly count: Record<string, number> = {};
  readonly random: Random;
  readonly copies = new Map<Device, Copy>();
  private readonly kinds: ReadonlySet<string>;
  private n = 0;

  constructor(
    readonly world: World,
    readonly witness: Witness,
    seed: number,
  ) {
    this.random = seededRandom(seed);
    const has = (share: number) => this.random.fraction() < share;
    const kinds = [has(0.4) && 'tabs', has(0.3) && 'harm', has(0.4) && 'clock', has(0.4) && 'room'];
    this.kinds = new Set(kinds.filter((kind) => kind !== false));
  }

  /** Does one thing and lets a little time pass. Answers what it did. */
  async step(pass: (ms: number) => Promise<void>): Promise<string> {
    const possible = acts.filter(([, , , kind]) => kind === undefined || this.kinds.has(kind));
    let at = this.random.fraction() * possible.reduce((sum, [, weight]) => sum + weight, 0);
    const [name, , act] =
      possible.find(([, weight]) => {
        at -= weight;
        return at < 0;
      }) ?? fail();
    const done = act.call(this);
    const pause = this.of(PAUSES);
    if (done !== undefined) this.count[name] = (this.count[name] ?? 0) + 1;
    await pass(pause);
    return `${name} ${done ?? '-'}, ${pause} ms`;
  }

  // What the acts are made of

  of<T>(all: readonly T[]): T {
    return all[Math.floor(this.random.fraction() * all.length)] ?? fail();
  }

  maybe<T>(all: readonly T[]): T | undefined {
    return all.length === 0 ? undefined : this.of(all);
  }

  device(): Device {
    return this.of(this.world.devices);
  }

  /** Somebody whose device is up, and somebody else. */
  pair(): [Device, Device] | undefined {
    const from = this.device();
    const to = this.of(this.world.devices.filter((device) => device !== from));
    return from.isUp ? [from, to] : undefined;
  }

  two(): [Device, Device] {
    const one = this.device();
    return [one, this.of(this.world.devices.filter((device) => device !== one))];
  }

  name(from: Device, to: Device): string {
    this.n += 1;
    return `${from.name} to ${to.name}, ${this.n}`;
  }

  node(device: Device) {
    return this.of(device.tabs).node;
  }
}

function fail(): never {
  throw new Error('nothing to choose from');
}
