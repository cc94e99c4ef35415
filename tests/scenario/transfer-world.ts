// Ana and Ben with real transfer engines over a simulated path: latency, bandwidth, sudden death, all on a fake clock.
import { MemoryBlobStore, MemoryFiles } from '../../src/adapters/memory/blob-store.ts';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { MemoryDisk } from '../../src/adapters/memory/store.ts';
import { toHex } from '../../src/core/bytes/hex.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import { type TransferChannel, type TransferEvent, Transfers } from '../../src/core/transfer/transfers.ts';
import { decode, encode } from '../../src/core/wire/cbor.ts';
import type { FileOffer } from '../../src/core/wire/chat-messages.ts';
import { MAX_FILE_BYTES } from '../../src/core/wire/limits.ts';
import { type TransferMessage, transferMessageSchema } from '../../src/core/wire/transfer-messages.ts';

export interface Path {
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
}

export const fastPath: Path = { latencyMs: 5, bytesPerSecond: 20_000_000 };

let busy = 0;

/** Counts what is under way in a store, so that the fake clock waits for it. */
function watched<T extends object>(target: T): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name, object);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]) => {
        const result: unknown = member.apply(object, parameters);
        if (!(result instanceof Promise)) return result;
        busy++;
        return result.finally(() => busy--);
      };
    },
  });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function settle(): Promise<void> {
  do {
    await turn();
    await turn();
  } while (busy > 0);
}

/** One direction of a link: what was sent arrives in order, or never when the link dies before. */
class Pipe implements TransferChannel {
  bufferedAmount = 0;
  /** What was sent, by type, for tests to look at. */
  readonly sent: TransferMessage[] = [];
  /** Largest `bufferedAmount` ever. */
  peak = 0;
  #alive = true;
  #busyUntil = 0;
  #waiting: { bytes: number; resolve: () => void }[] = [];

  constructor(
    readonly clock: MemoryClock,
    readonly path: Path,
    readonly deliver: (message: TransferMessage) => void,
    readonly tamper: (message: TransferMessage) => TransferMessage | undefined,
  ) {}

  async send(message: TransferMessage): Promise<void> {
    if (!this.#alive) throw new Error('the link is dead');
    const passed = this.tamper(message);
    if (passed === undefined) return;
    this.sent.push(passed);
    const bytes = encode(passed);
    this.bufferedAmount += bytes.length;
    this.peak = Math.max(this.peak, this.bufferedAmount);
    const now = this.clock.now();
    this.#busyUntil = Math.max(now, this.#busyUntil) + (bytes.length * 1000) / this.path.bytesPerSecond;
    this.clock.after(this.#busyUntil - now, () => this.#left(bytes.length));
    this.clock.after(this.#busyUntil - now + this.path.latencyMs, () => {
      if (this.#alive) this.deliver(decode(bytes, transferMessageSchema));
    });
  }

  drained(bytes: number): Promise<void> {
    if (!this.#alive || this.bufferedAmount <= bytes) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ bytes, resolve }));
  }

  die(): void {
    this.#alive = false;
    this.#left(0);
  }

  #left(bytes: number): void {
    this.bufferedAmount -= bytes;
    const free = this.#waiting.filter((one) => !this.#alive || this.bufferedAmount <= one.bytes);
    this.#waiting = this.#waiting.filter((one) => !free.includes(one));
    for (const one of free) one.resolve();
  }
}

export class Person {
  readonly disk = new MemoryDisk();
  readonly files = new MemoryFiles();
  events: TransferEvent[] = [];
  transfers: Transfers;
  maxFileBytes = MAX_FILE_BYTES;
  blobs: MemoryBlobStore;
  channel: Pipe | undefined;
  /** May change or swallow what this person sends. */
  tamper: (message: TransferMessage) => TransferMessage | undefined = (message) => message;
  #random;

  constructor(
    readonly name: string,
    readonly clock: MemoryClock,
    seed: number,
  ) {
    this.#random = seededRandom(seed);
    this.blobs = new MemoryBlobStore(clock, this.files);
    this.transfers = this.#open();
  }

  #open(): Transfers {
    return new Transfers({
      blobs: watched(this.blobs),
      store: this.disk.reopen(), // answers within a turn, or never after a crash
      clock: this.clock,
      random: this.#random,
      log: silentLog,
      maxFileBytes: () => this.maxFileBytes,
      onEvent: (event) => this.events.push(event),
    });
  }

  /** The page is killed and opened again. */
  async reload(): Promise<void> {
    this.disk.crash();
    this.files.crash();
    this.blobs = new MemoryBlobStore(this.clock, this.files);
    this.events = [];
    this.transfers = this.#open();
    await this.transfers.resumeAll();
  }

  last(fileId: Uint8Array): TransferEvent | undefined {
    return this.events.findLast((event) => event.fileId === toHex(fileId));
  }

  sent<Type extends TransferMessage['type']>(type: Type): Extract<TransferMessage, { type: Type }>[] {
    return (this.channel?.sent ?? []).filter((message) => message.type === type) as never;
  }
}

export class World {
  readonly clock = new MemoryClock();
  readonly ana: Person;
  readonly ben: Person;
  readonly random;
  path: Path = fastPath;

  constructor(seed = 1) {
    this.ana = new Person('ana', this.clock, seed);
    this.ben = new Person('ben', this.clock, seed + 1000);
    this.random = seededRandom(seed + 2000);
  }

  /** Both sessions go live. */
  connect(): void {
    const { ana, ben, clock } = this;
    const pipe = (from: Person, to: Person) =>
      new Pipe(
        clock,
        this.path,
        (message) => void to.transfers.handle(from.name, message),
        (message) => from.tamper(message),
      );
    ana.channel = pipe(ana, ben);
    ben.channel = pipe(ben, ana);
    ana.transfers.attach('ben', ana.channel);
    ben.transfers.attach('ana', ben.channel);
  }

  /** The link dies with everything on it; both sides notice. */
  cut(): void {
    this.ana.channel?.die();
    this.ben.channel?.die();
    this.ana.transfers.detach('ben');
    this.ben.transfers.detach('ana');
  }

  /** Seals, as chat would, and gives the offer to both sides. */
  async offer(from: Person, content: Uint8Array<ArrayBuffer>, change: Partial<FileOffer> = {}): Promise<FileOffer> {
    const offer = await this.prepare(from, content);
    await this.announce(from, { ...offer, ...change });
    return offer;
  }

  async prepare(from: Person, content: Uint8Array<ArrayBuffer>): Promise<FileOffer> {
    const fileId = this.random.bytes(16);
    const to = from === this.ana ? this.ben : this.ana;
    const prepared = await from.transfers.prepare(to.name, fileId, new Blob([content]));
    return { fileId, ...prepared, name: 'x', mediaType: 'application/octet-stream' };
  }

  async announce(from: Person, offer: FileOffer): Promise<void> {
    const to = from === this.ana ? this.ben : this.ana;
    await from.transfers.outgoing(to.name, offer);
    await to.transfers.offered(from.name, offer);
  }

  /** Lets time pass until the condition holds; fails after an hour of simulated time. */
  async until(condition: () => boolean, stepMs = 20): Promise<void> {
    const end = this.clock.now() + 3_600_000;
    await settle();
    while (!condition()) {
      if (this.clock.now() > end) throw new Error('it never came');
      await this.clock.advance(stepMs, settle);
    }
  }

  /** Lets everything that is going to happen within the time happen. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms, settle);
  }
}
