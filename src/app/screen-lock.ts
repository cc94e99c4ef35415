// Keeps the screen awake while that is wanted (W3C Screen Wake Lock). The browser ends a lock when the page is hidden; it is taken
// again when the page returns.

/** The part of WakeLockSentinel that is used. */
export interface Lock {
  release(): Promise<void>;
  addEventListener(type: 'release', listener: () => void): void;
}

export class ScreenLock {
  #wanted = false;
  #lock: Lock | null = null;
  /** One request or release at a time: the answer of a second one would make us forget the first lock, and nobody could end it. */
  #busy = false;
  #changed = false;

  /** `request` may refuse, or give null where there are no such locks. */
  constructor(
    private readonly visible: () => boolean,
    private readonly request: () => Promise<Lock | null>,
  ) {}

  want(on: boolean): void {
    if (on === this.#wanted) return;
    this.#wanted = on;
    this.look();
  }

  /** To be called when the page was hidden or shown. */
  look(): void {
    this.#changed = true;
    if (!this.#busy) void this.#follow();
  }

  /** Until nothing has changed while the browser took its time. */
  async #follow(): Promise<void> {
    this.#busy = true;
    while (this.#changed) {
      this.#changed = false;
      // Refused: tried again when something changes.
      await (this.#wanted ? this.#take() : this.#release()).catch(() => undefined);
    }
    this.#busy = false;
  }

  async #take(): Promise<void> {
    if (this.#lock !== null || !this.visible()) return;
    const lock = await this.request();
    this.#lock = lock;
    lock?.addEventListener('release', () => {
      if (this.#lock === lock) this.#lock = null;
    });
  }

  async #release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = null;
    await lock?.release();
  }
}
