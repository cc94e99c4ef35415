// A page that can be frozen and can die: everything that leads into it or out of it passes here. A dead page hears nothing, and nothing
// that it still does reaches anybody; a frozen one hears everything later.
import type { Clock, Timer } from '../../src/core/ports/clock.ts';
import type {
  EntryPoint,
  EntryPointStatus,
  IncomingOffer,
  MeetingPlace,
  TopicListener,
  TopicMembership,
} from '../../src/core/ports/entry-point.ts';
import type { FileDirectory, RandomAccessFile } from '../../src/core/transfer/unit-file.ts';

export class Page {
  state: 'running' | 'frozen' | 'dead' = 'running';
  readonly clock: Clock;
  #late: (() => void)[] = [];
  readonly #ends: (() => void)[] = [];

  /** `ahead`: how far this device's clock is ahead now, milliseconds. */
  constructor(time: Clock, ahead: () => number) {
    this.clock = {
      now: () => time.now() + ahead(),
      after: (ms, callback) => this.#timer(time, ms, callback),
    };
  }

  run(work: () => void): void {
    if (this.state === 'frozen') this.#late.push(work);
    else if (this.state === 'running') work();
  }

  /** What `work` gives, as far as the page lives to hear it. */
  hear<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => this.run(() => resolve(value)),
        (error: unknown) => this.run(() => reject(error)),
      );
    });
  }

  freeze(): void {
    if (this.state === 'running') this.state = 'frozen';
  }

  thaw(): void {
    if (this.state !== 'frozen') return;
    this.state = 'running';
    for (const work of this.#late.splice(0)) this.run(work);
  }

  onDeath(end: () => void): void {
    this.#ends.push(end);
  }

  die(): void {
    if (this.state === 'dead') return;
    this.state = 'dead';
    this.#late = [];
    for (const end of this.#ends.splice(0)) end();
  }

  #timer(time: Clock, ms: number, callback: () => void): Timer {
    let cancelled = false;
    const timer = time.after(ms, () => this.run(() => cancelled || callback()));
    return {
      cancel: () => {
        cancelled = true;
        timer.cancel();
      },
    };
  }
}

/** A door as this page sees it. When the page has died, the tracker still passes on what comes for it, until it notices. */
export function pageDoor(page: Page, door: EntryPoint): EntryPoint {
  const heard = (listener: TopicListener): TopicListener => ({
    others: (count) => page.run(() => listener.others(count)),
    offer: (offer) => page.run(() => listener.offer(sent(page, offer))),
  });
  return {
    get status(): EntryPointStatus {
      return door.status;
    },
    onStatus: (handler) => door.onStatus((status) => page.run(() => handler(status))),
    join: (place: MeetingPlace, listener) => pageMembership(page, door.join(place, heard(listener))),
    retryNow: () => page.run(() => door.retryNow()),
    close: () => page.run(() => door.close()),
  };
}

const sent = (page: Page, offer: IncomingOffer): IncomingOffer => ({
  signal: offer.signal,
  answer: (signal) => page.run(() => offer.answer(signal)),
});

function pageMembership(page: Page, membership: TopicMembership): TopicMembership {
  return {
    offer: (signal, onAnswer, copies) =>
      page.state === 'dead' ? () => {} : membership.offer(signal, (answer) => page.run(() => onAnswer(answer)), copies),
    refresh: () => page.run(() => membership.refresh()),
    leave: () => page.run(() => membership.leave()),
  };
}

/** What a page wrote into a file and has not flushed: how it was before. */
export interface Unflushed {
  readonly name: string;
  readonly at: number;
  readonly before: Uint8Array;
}

/** The files of a device as this page uses them. `unflushed` grows with each write and is emptied of a file that is flushed. */
export class PageFiles implements FileDirectory {
  constructor(
    private readonly page: Page,
    private readonly files: FileDirectory,
    private readonly unflushed: Unflushed[],
    /** Told of every file that finds no room. */
    private readonly hadNoRoom: (name: string) => void,
  ) {}

  async open(name: string, create: boolean): Promise<RandomAccessFile | undefined> {
    const handle = await this.page.hear(this.#alive(() => this.files.open(name, create)));
    return handle && this.#handle(name, handle);
  }

  remove(name: string): Promise<void> {
    return this.page.hear(this.#alive(() => this.files.remove(name)));
  }

  list(): Promise<string[]> {
    return this.page.hear(this.#alive(() => this.files.list()));
  }

  #alive<T>(work: () => Promise<T>): Promise<T> {
    return this.page.state === 'dead' ? new Promise(() => {}) : work();
  }

  #write(name: string, handle: RandomAccessFile, bytes: Uint8Array, at: number): number {
    try {
      return handle.write(bytes, at);
    } catch (error) {
      this.hadNoRoom(name);
      throw error;
    }
  }

  #handle(name: string, handle: RandomAccessFile): RandomAccessFile {
    const { page, unflushed } = this;
    const isDead = () => page.state === 'dead';
    return {
      size: () => handle.size(),
      read: (into, at) => handle.read(into, at),
      write: (bytes, at) => {
        if (isDead()) return bytes.length;
        const before = new Uint8Array(bytes.length);
        handle.read(before, at);
        const written = this.#write(name, handle, bytes, at);
        unflushed.push({ name, at, before });
        return written;
      },
      truncate: (size) => isDead() || handle.truncate(size),
      flush: () => {
        if (isDead()) return;
        handle.flush();
        for (let at = unflushed.length - 1; at >= 0; at -= 1) if (unflushed[at]?.name === name) unflushed.splice(at, 1);
      },
      close: () => isDead() || handle.close(),
    };
  }
}
