// The air between devices: links of pages, and an adversary who sits on them. A link is an ordered, reliable pipe that the adversary can cut,
// hold up, slow down, and whose frames they can change, repeat and swap.
import type { MemoryDialer } from '../../src/adapters/memory/dialer.ts';
import { MemoryNetwork } from '../../src/adapters/memory/dialer.ts';
import type { MemoryLink } from '../../src/adapters/memory/links.ts';
import { toHex } from '../../src/core/bytes/hex.ts';
import { KithError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { Dialer, PendingAnswer, PendingOffer } from '../../src/core/ports/dialer.ts';
import type { Link } from '../../src/core/ports/link.ts';
import type { Random } from '../../src/core/ports/random.ts';
import type { Page } from './page.ts';

/** What the adversary does to the next frame of a link. */
export type Mischief = 'corrupt' | 'repeat' | 'swap' | 'swallow';

export class Weather {
  /** By the time of the world. */
  #disturbedAt = Number.NEGATIVE_INFINITY;
  #holed = false;
  #delayMs = 0;

  constructor(private readonly time: Clock) {}

  /** Nothing passes, and nobody is told. */
  get holed(): boolean {
    return this.#holed;
  }

  set holed(holed: boolean) {
    this.#holed = holed;
    this.disturbed();
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  set delayMs(delayMs: number) {
    this.#delayMs = delayMs;
    this.disturbed();
  }

  /** Something stands in the way, or does no more. */
  disturbed(): void {
    this.#disturbedAt = this.time.now();
  }

  /** How long everything has passed at once, milliseconds. */
  get calmMs(): number {
    return this.#holed || this.#delayMs > 0 ? 0 : this.time.now() - this.#disturbedAt;
  }
}

export class Air {
  readonly links = new Set<PageLink>();
  /** Ends of links so far. */
  opened = 0;
  readonly network: MemoryNetwork;
  readonly #owners = new Map<MemoryDialer, string>();
  readonly #weather = new Map<string, Weather>();
  readonly #heard = new Map<string, number>();

  constructor(
    readonly time: Clock,
    readonly random: Random,
  ) {
    this.network = new MemoryNetwork({ clock: time, random });
    this.network.connects = (one, other) => !this.between(this.#owners.get(one), this.#owners.get(other)).holed;
  }

  /** Something came from there, or its link ended. */
  hear(owner: string, other = ''): void {
    this.#heard.set(`${owner} ${other}`, this.time.now());
  }

  /** When that last happened, by the time of the world. */
  heardAt(owner: string, other: string): number {
    return this.#heard.get(`${owner} ${other}`) ?? 0;
  }

  /** The weather between two devices. */
  between(one = '', other = ''): Weather {
    const name = [one, other].sort().join(' ');
    const weather = this.#weather.get(name) ?? new Weather(this.time);
    this.#weather.set(name, weather);
    return weather;
  }

  /** Links between two devices that are open at both ends, newest last. */
  open(one: string, other: string): PageLink[] {
    return [...this.links].filter((link) => link.owner === one && link.other?.owner === other && !link.inner.closed);
  }

  /** This end of a link between two devices is open, whatever has become of the other. */
  hasOpenEnd(one: string, other: string): boolean {
    return [...this.links].some((link) => link.owner === one && link.other?.owner === other && !link.inner.closed);
  }

  /** Where nothing passed, what waited goes on its way. */
  clear(one: string, other: string): void {
    this.between(one, other).holed = false;
    for (const link of this.links) if (link.leadsTo(one, other)) link.flush();
  }

  clearAll(): void {
    for (const weather of this.#weather.values()) {
      weather.holed = false;
      weather.delayMs = 0;
    }
    for (const link of this.links) {
      link.mischief = undefined;
      link.flush();
    }
  }

  /** The dialer of a page on this device. */
  dialer(page: Page, owner: string): Dialer {
    const inner = this.network.dialer();
    this.#owners.set(inner, owner);
    const link = (made: Promise<Link>) => page.hear(made).then((raw) => this.#link(page, owner, raw as MemoryLink));
    const wrap = <T extends PendingOffer | PendingAnswer>(pending: T) => ({
      ...pending,
      ...('accept' in pending && { accept: (answer: Uint8Array) => link(pending.accept(answer)) }),
      ...('link' in pending && { link: quiet(link(pending.link)) }),
    });
    const alive = <T>(work: () => Promise<T>): Promise<T> => (page.state === 'dead' ? new Promise(() => {}) : work());
    return {
      offer: (options) => page.hear(alive(() => inner.offer(options))).then(wrap),
      answer: (offer, options) => page.hear(alive(() => inner.answer(offer, options))).then(wrap),
      get alive() {
        return inner.alive;
      },
      get opened() {
        return inner.opened;
      },
    };
  }

  #link(page: Page, owner: string, raw: MemoryLink): PageLink {
    const link = new PageLink(this, page, owner, raw);
    this.links.add(link);
    this.opened += 1;
    for (const other of this.links) if (other.isOtherEndOf(link)) [link.other, other.other] = [other, link];
    for (const each of this.links) if (each.isOver) this.links.delete(each);
    return link;
  }
}

/** Nobody need listen. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

interface Held {
  readonly frame: Uint8Array;
  readonly at: number;
}

export class PageLink implements Link {
  readonly route = 'direct';
  readonly binding: Link['binding'];
  mischief: Mischief | undefined;
  other: PageLink | undefined;
  readonly openedAt: number;
  #held: Held[] = [];
  #heldBytes = 0;
  #closing = false;
  readonly #local: string;
  readonly #remote: string;

  constructor(
    private readonly air: Air,
    private readonly page: Page,
    readonly owner: string,
    readonly inner: MemoryLink,
  ) {
    this.binding = inner.binding;
    this.openedAt = air.time.now();
    this.#local = toHex(inner.binding.local);
    this.#remote = toHex(inner.binding.remote);
    // Whoever was on the other end is not told: their browser goes on believing.
    page.onDeath(() => {
      inner.kill();
      inner.end();
    });
  }

  /** A frame of it is held back until the next one. */
  get isMeddledWith(): boolean {
    return this.mischief !== undefined || this.#behind !== undefined;
  }

  get isOver(): boolean {
    return this.inner.closed && this.#held.length === 0;
  }

  isOtherEndOf({ binding }: PageLink): boolean {
    return toHex(binding.local) === this.#remote && toHex(binding.remote) === this.#local;
  }

  leadsTo(one: string, other: string): boolean {
    return [this.owner, this.other?.owner].sort().join() === [one, other].sort().join();
  }

  get bufferedAmount(): number {
    return this.inner.bufferedAmount + this.#heldBytes;
  }

  send(frame: Uint8Array): void {
    if (this.page.state === 'dead') return;
    if (this.inner.closed || this.#closing) throw new KithError('link-closed');
    for (const each of this.#meddled(frame.slice())) this.#give(each);
  }

  onFrame(handler: (frame: Uint8Array) => void): void {
    this.inner.onFrame((frame) =>
      this.page.run(() => {
        this.air.hear(this.owner, this.other?.owner);
        handler(frame);
      }),
    );
  }

  onClose(handler: () => void): void {
    this.inner.onClose(() =>
      this.page.run(() => {
        this.air.hear(this.owner, this.other?.owner);
        handler();
      }),
    );
  }

  drained(bytes: number): Promise<void> {
    if (this.inner.closed || this.bufferedAmount <= bytes) return Promise.resolve();
    return new Promise((resolve) => this.#wait(bytes, () => this.page.run(resolve)));
  }

  /** What was sent leaves first, where anything does. */
  close(): void {
    if (this.page.state === 'dead' || this.inner.closed) return;
    this.#closing = true;
    if (this.#isHoled) this.inner.kill();
    else if (this.#held.length > 0) return;
    this.inner.close();
  }

  /** The cable is cut, and both ends notice. */
  cut(): void {
    for (const end of [this, this.other]) end?.inner.end();
  }

  flush(): void {
    const now = this.air.time.now();
    while (!this.#isHoled && this.#held[0] && this.#held[0].at <= now) {
      const { frame } = this.#held.shift() as Held;
      this.#heldBytes -= frame.length;
      if (!this.inner.closed) this.inner.send(frame);
    }
    if (this.#closing && this.#held.length === 0) this.inner.close();
  }

  get #weather(): Weather {
    return this.air.between(this.owner, this.other?.owner);
  }

  get #isHoled(): boolean {
    return this.#weather.holed;
  }

  #give(frame: Uint8Array): void {
    const { holed, delayMs } = this.#weather;
    if (!holed && delayMs === 0 && this.#held.length === 0) {
      this.inner.send(frame);
      return;
    }
    const at = this.air.time.now() + delayMs;
    this.#held.push({ frame, at: Math.max(at, this.#held.at(-1)?.at ?? 0) });
    this.#heldBytes += frame.length;
    this.air.time.after(delayMs, () => this.flush());
  }

  /** The frame that is swapped waits for the next one. */
  #behind: Uint8Array | undefined;

  #meddled(frame: Uint8Array): Uint8Array[] {
    const behind = this.#behind;
    this.#behind = undefined;
    const { mischief } = this;
    this.mischief = undefined;
    if (behind || mischief) this.#weather.disturbed();
    if (behind) return [frame, behind];
    if (mischief === 'swallow') return [];
    if (mischief === 'repeat') return [frame, frame.slice()];
    if (mischief === 'swap') {
      this.#behind = frame;
      return [];
    }
    if (mischief === 'corrupt') {
      const at = Math.floor(this.air.random.fraction() * frame.length);
      frame[at] = (frame[at] ?? 0) ^ (1 << Math.floor(this.air.random.fraction() * 8));
    }
    return [frame];
  }

  #wait(bytes: number, done: () => void): void {
    if (this.inner.closed || this.bufferedAmount <= bytes) done();
    else this.air.time.after(20, () => this.#wait(bytes, done));
  }
}
