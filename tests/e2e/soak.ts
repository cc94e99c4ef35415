// Two people who write to each other all the time while files move, and what may happen to their browsers meanwhile. Whatever does,
// in the end each has what the other wrote: all of it, once, in order, and the files byte for byte.
import { readdirSync, readFileSync } from 'node:fs';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import type { Random } from '../../src/core/ports/random.ts';
import { expect, meet, noise, Person, sha256 } from './people.ts';
import { blackHole, type Conditions, Road, slowRoad } from './road.ts';

/** Texts compared after every round: fewer than are always in the document. */
const COMPARED = 20;
const ROUNDS_FOR_A_FILE = 5;
/** For what takes as long as a lossy road makes it. */
export const PATIENCE_MS = 120_000;
/** For a file of 4 MiB on a road that loses 5 % of what takes 50 ms: some 20 kB a second. */
const PATIENCE_ON_ROAD_MS = 900_000;
/** A browser ends at a moment of this long after both began to write, milliseconds. */
const MOMENT_MS = 1_500;

interface Side {
  readonly person: Person;
  readonly road: Road;
  written: number;
}

export class Soak {
  readonly #random: Random;
  #file: { name: string; sha256: string } | undefined;
  /** Files that arrived whole. */
  files = 0;
  /** Milliseconds from the end of each black hole to *delivered* of what was written inside it. */
  readonly resumed: number[] = [];

  private constructor(
    readonly sides: readonly [Side, Side],
    private readonly numbers: { readonly ana: string; readonly ben: string },
    readonly fileBytes: number,
    seed: number,
  ) {
    this.#random = seededRandom(seed);
  }

  /** Ana and Ben meet on a slow road, so that a file is under way for a while. */
  static async begin(site: string, fileBytes: number, seed: number): Promise<Soak> {
    const arrive = async (name: string): Promise<Side> => {
      const road = new Road(slowRoad);
      return { person: await Person.arrive(name, site, undefined, undefined, {}, road.lay), road, written: 0 };
    };
    const sides = await Promise.all([arrive('Ana'), arrive('Ben')]);
    await Promise.all(sides.map(({ person }) => person.join()));
    const numbers = await meet(sides[0].person, sides[1].person);
    return new Soak(sides, numbers, fileBytes, seed);
  }

  async leave(): Promise<void> {
    await Promise.all(this.sides.map(({ person }) => person.leave()));
  }

  /** What each page shows and knows of itself and has warned of, for whoever has to find out why it does not go on. */
  look(): Promise<{ name: string; picture: Buffer | undefined; diagnostics: string; warnings: string[] }[]> {
    const unknown = (error: unknown) => `unknown: ${error}`;
    return Promise.all(
      this.sides.map(async ({ person }) => {
        const picture = await person.page.screenshot({ timeout: 10_000 }).catch(() => undefined);
        const diagnostics = await person.diagnostics().then(JSON.stringify, unknown);
        return { name: person.name, picture, diagnostics, warnings: person.warnings };
      }),
    );
  }

  /** The people's browsers are killed (SIGKILL), one at a time, while both write and a file moves. */
  async kills(times: number): Promise<void> {
    for (let round = 1; round <= times; round += 1) {
      const [victim, other] = this.#pick();
      await this.#keepAFileMoving();
      await this.#write(other);
      const moment = this.#moment();
      await Promise.all([this.#write(victim).catch(() => undefined), moment]);
      await kill(victim.person);
      await victim.person.launch();
      await this.#openConversation(victim);
      await this.#write(other);
      await this.#settledAfter(round);
    }
  }

  /** The people reload their pages, one at a time, while both write and a file moves. */
  async reloads(times: number): Promise<void> {
    for (let round = 1; round <= times; round += 1) {
      const [victim, other] = this.#pick();
      await this.#keepAFileMoving();
      await Promise.all([this.#write(other), this.#write(victim)]);
      await victim.person.reload();
      await this.#openConversation(victim);
      await this.#settledAfter(round);
    }
  }

  /** The road ends for so many seconds under text and a file, with nobody told; then it is there again. */
  async blackHole(seconds: number): Promise<void> {
    await this.#keepAFileMoving();
    await this.#everyRoad(blackHole);
    await Promise.all(this.sides.map((side) => this.#write(side)));
    await new Promise((resolve) => setTimeout(resolve, 1_000 * seconds));
    await this.#everyRoad(slowRoad);
    const back = performance.now();
    await Promise.all(
      this.sides.map(async ({ person, written }) => {
        const last = person.message(textOf(person, written));
        await expect(last).toHaveAttribute('data-state', /delivered|read/, { timeout: PATIENCE_MS });
        this.resumed.push(performance.now() - back);
      }),
    );
    await this.settled();
  }

  /** So many texts of each, and a file, on a road like that. */
  async onRoad(conditions: Conditions, texts: number): Promise<void> {
    await this.#everyRoad(conditions);
    await this.#keepAFileMoving();
    for (let count = 0; count < texts; count += 1) await Promise.all(this.sides.map((side) => this.#write(side)));
    await this.settled();
    await this.fileArrived(PATIENCE_ON_ROAD_MS);
    await this.#everyRoad(slowRoad);
  }

  /** Whatever was written is on the other side, once and in order, and its writer says so. */
  async settled(): Promise<void> {
    const [one, other] = this.sides;
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      // A killed browser has what its disk has: the last text may have been too late.
      const wrote = await from.person.texts('out');
      from.written = Math.max(from.written, ...wrote.map(numberOf));
      const expected = wrote.slice(-COMPARED);
      await expect
        .poll(async () => (await to.person.texts('in')).slice(-COMPARED), { timeout: PATIENCE_MS })
        .toEqual(expected);
      expect(new Set(expected).size).toBe(expected.length);
      expect(expected.map(numberOf)).toEqual(expected.map(numberOf).sort((a, b) => a - b));
      const last = from.person.message(expected.at(-1) ?? '');
      await expect(last).toHaveAttribute('data-state', /delivered|read/, { timeout: PATIENCE_MS });
    }
  }

  /** A connection begins slowly, so a file takes several rounds; it is given the time to arrive before it leaves the screen. */
  async #settledAfter(round: number): Promise<void> {
    await this.settled();
    if (round % ROUNDS_FOR_A_FILE === 0) await this.fileArrived();
  }

  /** The file that is under way arrives, and is the one that was sent. */
  async fileArrived(timeout = PATIENCE_MS): Promise<void> {
    const file = this.#file;
    if (!file) return;
    for (const { person } of this.sides) {
      await expect(person.attachment(file.name)).toHaveCount(1);
      await expect(person.attachment(file.name)).toHaveAttribute('data-state', 'complete', { timeout });
      await expect(person.attachment(file.name)).toHaveAttribute('data-sha256', file.sha256);
    }
    this.files += 1;
    this.#file = undefined;
  }

  async #keepAFileMoving(): Promise<void> {
    const { person } = this.sides[0];
    if (this.#file) {
      const state = await person.attachment(this.#file.name).getAttribute('data-state', { timeout: 20_000 });
      if (state !== 'complete') return;
      await this.fileArrived();
    }
    const buffer = noise(this.fileBytes);
    const name = `file ${this.files + 1}.bin`;
    await person.attach({ name, mimeType: 'application/octet-stream', buffer });
    await expect(person.attachment(name)).toHaveAttribute('data-progress', /0\.|1/);
    this.#file = { name, sha256: sha256(buffer) };
  }

  async #write(side: Side): Promise<void> {
    const { person } = side;
    const text = textOf(person, side.written + 1);
    side.written += 1;
    await person.id('message-input').fill(text);
    await person.id('message-send').click();
    // What stands in the conversation is on the disk.
    await expect(person.message(text)).toBeVisible();
  }

  async #openConversation({ person }: Side): Promise<void> {
    await person.openConversation(person.name === 'Ana' ? this.numbers.ben : this.numbers.ana);
    // It is drawn a moment later, and what is compared with the other side is read from it.
    await expect.poll(() => person.texts('out'), { timeout: PATIENCE_MS }).not.toEqual([]);
  }

  async #everyRoad(conditions: Conditions): Promise<void> {
    await Promise.all(this.sides.map(({ road }) => road.become(conditions)));
  }

  #pick(): [Side, Side] {
    const [one, other] = this.sides;
    return this.#random.fraction() < 0.5 ? [one, other] : [other, one];
  }

  /** The moment of a fault: what the test is about, and no waiting for anything. */
  #moment(): Promise<void> {
    const ms = Math.floor(MOMENT_MS * this.#random.fraction());
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

const textOf = (person: Person, number: number): string => `${person.name} ${number}`;
const numberOf = (text: string): number => Number(text.slice(text.lastIndexOf(' ') + 1));

/** SIGKILL for every process of the browser that has this profile; where there is no /proc, the browser's own crash. */
async function kill(person: Person): Promise<void> {
  const mine = processesOf(person.profile);
  if (mine.length === 0) return person.kill();
  const gone = new Promise((resolve) => person.context.once('close', resolve));
  for (const pid of mine) process.kill(pid, 'SIGKILL');
  await gone;
}

function processesOf(profile: string): number[] {
  if (process.platform !== 'linux') return [];
  const isOurs = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profile);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOurs(name))
    .map(Number);
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
