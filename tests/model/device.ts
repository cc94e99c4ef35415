// A person's device: a disk, a clock that may be wrong, and tabs of which one leads. Its tabs run the real node; calls go through any tab.
import { MemoryBlobStore } from '../../src/adapters/memory/blob-store.ts';
import type { MemoryTracker } from '../../src/adapters/memory/entry-point.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { type Channel, type SharedNode, shareNode } from '../../src/adapters/tabs/share-node.ts';
import { toHex } from '../../src/core/bytes/hex.ts';
import { sha256 } from '../../src/core/crypto/kdf.ts';
import { numberFromArgon2 } from '../../src/core/identity/number.ts';
import { type RunningNode, startNode } from '../../src/core/node.ts';
import type { NodeEvent } from '../../src/core/node-api.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import type { Random } from '../../src/core/ports/random.ts';
import type { Store } from '../../src/core/ports/store.ts';
import type { VirtualTime } from '../sim/virtual-time.ts';
import type { Air } from './air.ts';
import { type Copy, Disk, PageStore } from './disk.ts';
import { Page, PageFiles, pageDoor } from './page.ts';

/** The tracker notices so long after a page has died without a word, milliseconds. */
const GHOST_MS = 60_000;
/** What a page decided is on its disk within so long, while it is not frozen, milliseconds. */
const LONGEST_COMMIT_MS = 15_000;
/** What passes between two tabs takes so long, milliseconds. */
const BETWEEN_TABS_MS = 1;

export interface Surroundings {
  readonly time: VirtualTime;
  readonly air: Air;
  readonly tracker: MemoryTracker;
  readonly random: Random;
  readonly maxFileBytes: number;
}

/** How a device goes down: with its power, with its browser, or in order. */
export type Going = 'power' | 'kill' | 'close';

export interface Tab {
  readonly page: Page;
  readonly node: SharedNode;
  readonly channel: TabChannel;
  running: RunningNode | undefined;
}

interface TabChannel extends Channel {
  deliver(message: unknown): void;
}

/** The device dies at this commit, right before or right after it. */
export interface CrashPlan {
  commits: number;
  readonly side: 'before' | 'after';
  readonly how: 'power' | 'kill';
  readonly fell: () => void;
}

export class Device {
  readonly disk = new Disk();
  tabs: Tab[] = [];
  /** How far its clock is ahead of the true time, milliseconds. */
  ahead = 0;
  /** How its clock was set before, and until when, by the time of the world. */
  readonly #settings: { readonly ahead: number; readonly until: number }[] = [];
  /** When it was last frozen, and how long that lasted, by the time of the world. */
  #frozen = { at: Number.NEGATIVE_INFINITY, until: Number.NEGATIVE_INFINITY };
  /** The longest that a commit takes, milliseconds. */
  commitMs = 0;
  plan: CrashPlan | undefined;
  /** Told what a tab is told. */
  told: (event: NodeEvent, tab: Tab) => void = () => {};
  starts = 0;
  /** What lies between a node and its disk: nothing, unless a model is to be seen to fail. */
  storeOf: (store: Store) => Store = (store) => store;
  /** When its sense of time was last disturbed, by the time of the world. */
  disturbedAt = 0;
  /** A node did not start. */
  failed: (error: unknown) => void = () => {};
  #waiting: { readonly tab: Page; readonly lead: () => void }[] = [];
  #leader: Page | undefined;
  /** Nodes of live pages that are being started. */
  #starting = new Set<Page>();
  /** Of live pages: asked of the disk and not answered. */
  #asked = new Map<Page, number>();

  constructor(
    readonly name: string,
    private readonly around: Surroundings,
  ) {}

  get isUp(): boolean {
    return this.tabs.length > 0;
  }

  /** A node that is being started waits for something that is neither the disk nor time: its own code, which is loaded when first needed. */
  get isLoading(): boolean {
    return [...this.#starting].some((page) => page.state === 'running' && !this.#asked.get(page));
  }

  /** For a call that makes a node load code. */
  loading<T>(tab: Tab, call: Promise<T>): Promise<T> {
    this.#starting.add(tab.page);
    return call.finally(() => this.#starting.delete(tab.page));
  }

  get leader(): Tab | undefined {
    return this.tabs.find(({ running }) => running !== undefined);
  }

  openTab(): Tab {
    const page = new Page(this.around.time, () => this.ahead);
    const channel = this.#channel(page);
    const random = seededRandom(Math.floor(2 ** 31 * this.around.random.fraction()));
    const candidacy = { whenLeader: new Promise<void>((lead) => this.#stand(page, lead)), resign: () => {} };
    const options = { channel, candidacy, newId: () => toHex(random.bytes(16)) };
    const tab: Tab = { page, channel, running: undefined, node: shareNode(() => this.#start(tab, random), options) };
    tab.node.subscribe((event) => this.told(event, tab));
    this.tabs.push(tab);
    return tab;
  }

  /** One tab goes; the next one leads. */
  closeTab(tab: Tab, how: Going): void {
    if (this.tabs.length === 1) {
      this.down(how);
      return;
    }
    this.#end(tab, how);
    this.tabs = this.tabs.filter((other) => other !== tab);
    if (tab.running) this.disk.loseBrowser();
    this.#elect();
  }

  /** All tabs go. */
  down(how: Going): void {
    for (const tab of this.tabs.splice(0)) this.#end(tab, how);
    this.plan = undefined;
    if (how === 'power') this.disk.losePower(this.around.random);
    else this.disk.loseBrowser();
    this.#elect();
  }

  /** An older copy of the whole disk takes its place; the device is down after it. */
  restore(copy: Copy): void {
    if (this.isUp) this.down('close');
    this.disk.putBack(copy);
  }

  setClock(ahead: number): void {
    this.#settings.push({ ahead: this.ahead, until: this.around.time.now() });
    this.ahead = ahead;
    this.disturbed();
  }

  /** When its clock was last set, by the time of the world. */
  get setAt(): number {
    return this.#settings.at(-1)?.until ?? 0;
  }

  /** How far its clock may have been ahead when what it commits now was decided, milliseconds. */
  mostAhead(): number {
    const recently = this.around.time.now() - LONGEST_COMMIT_MS;
    const since = this.#frozen.until >= recently ? this.#frozen.at - LONGEST_COMMIT_MS : recently;
    const before = this.#settings.filter(({ until }) => until >= since);
    return Math.max(this.ahead, ...before.map(({ ahead }) => ahead));
  }

  disturbed(): void {
    this.disturbedAt = this.around.time.now();
  }

  freeze(): void {
    this.disturbed();
    if (this.#frozen.until !== Number.POSITIVE_INFINITY)
      this.#frozen = { at: this.around.time.now(), until: Number.POSITIVE_INFINITY };
    for (const { page } of this.tabs) page.freeze();
  }

  thaw(): void {
    this.disturbed();
    if (this.#frozen.until === Number.POSITIVE_INFINITY)
      this.#frozen = { ...this.#frozen, until: this.around.time.now() };
    for (const { page } of this.tabs) page.thaw();
  }

  #end(tab: Tab, how: Going): void {
    if (how === 'close' && tab.page.state === 'running') {
      tab.running?.close();
      tab.node.leave();
    }
    tab.page.die();
    this.#waiting = this.#waiting.filter(({ tab: page }) => page !== tab.page);
    if (this.#leader === tab.page) this.#leader = undefined;
  }

  #stand(page: Page, lead: () => void): void {
    this.#waiting.push({ tab: page, lead });
    this.#elect();
  }

  /** Web Locks: the next in the queue, when nobody holds it. */
  #elect(): void {
    if (this.#leader) return;
    const next = this.#waiting.shift();
    if (!next) return;
    this.#leader = next.tab;
    next.tab.clock.after(BETWEEN_TABS_MS, next.lead);
  }

  #channel(page: Page): TabChannel {
    const channel: TabChannel = {
      onmessage: null,
      postMessage: (message) => {
        for (const { page: other, channel: theirs } of this.tabs) {
          if (other === page || page.state === 'dead') continue;
          other.clock.after(BETWEEN_TABS_MS, () => theirs.deliver(message));
        }
      },
      deliver: (message) => channel.onmessage?.({ data: message } as MessageEvent),
      close: () => {},
    };
    return channel;
  }

  #start(tab: Tab, random: Random): Promise<RunningNode> {
    const { page } = tab;
    const { time, air, tracker, maxFileBytes } = this.around;
    this.starts += 1;
    this.disturbed();
    const started = startNode({
      store: this.storeOf(
        new PageStore(page, this.disk, {
          commitMs: () => Math.floor(this.commitMs * this.around.random.fraction()),
          boundary: (side) => this.#boundary(side),
          asked: (change) => this.#asked.set(page, (this.#asked.get(page) ?? 0) + change),
        }),
      ),
      blobs: new MemoryBlobStore(
        page.clock,
        new PageFiles(page, this.disk.files, this.disk.unflushed, (name) => this.disk.fileHadNoRoom(name)) as never,
      ),
      dialer: air.dialer(page, this.name),
      openEntryPoint: () => {
        const door = tracker.entryPoint();
        page.onDeath(() => time.after(GHOST_MS, () => door.close()));
        return pageDoor(page, door);
      },
      clock: page.clock,
      random,
      log: silentLog,
      numbers: {
        derive: async (fingerprint) => numberFromArgon2(await sha256(fingerprint)),
        findTarget: async (number) => (await sha256(new TextEncoder().encode(number))).slice(0, 20),
      },
      storage: {
        state: async () => ({ persisted: true, usage: 0, quota: null }),
        requestPersistence: async () => ({ persisted: true, usage: 0, quota: null }),
        destroyEverything: async () => {},
      },
      config: { config: { trackers: ['ws://memory'], iceServers: [], maxFileBytes }, error: null },
      page: 'http://localhost/',
    });
    started.then(
      (node) => {
        if (page.state !== 'dead') tab.running = node;
        else node.close();
      },
      (error: unknown) => this.failed(error),
    );
    page.onDeath(() => this.#starting.delete(page));
    return this.loading(tab, started);
  }

  #boundary(side: 'before' | 'after'): void {
    const { plan } = this;
    if (!plan || plan.side !== side || --plan.commits > 0) return;
    this.down(plan.how);
    plan.fell();
  }
}
