// What became of the texts that this page gave out for meeting without a tracker: whoever shows one must know when it is used.

/** Texts told of. Those that still wait are always among them. */
const MAX_TOLD = 8;

export interface GivenText {
  /** Made anew for each text, so that nobody takes one's fate for another's. Hexadecimal. */
  readonly id: string;
  /** waiting: for the other side. met: the two browsers are linked. over: it leads nowhere any more. */
  readonly state: 'waiting' | 'met' | 'over';
}

export class GivenTexts {
  readonly #changed: () => void;
  readonly #states = new Map<string, GivenText['state']>();

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The oldest first. */
  view(): readonly GivenText[] {
    return [...this.#states].map(([id, state]) => ({ id, state }));
  }

  give(id: string): void {
    this.#states.set(id, 'waiting');
    const [oldest] = [...this.#states].find(([, state]) => state !== 'waiting') ?? [];
    if (oldest !== undefined && this.#states.size > MAX_TOLD) this.#states.delete(oldest);
    this.#changed();
  }

  /** Of effect once: what has met is not over when its hour has passed. */
  settle(id: string, state: 'met' | 'over'): void {
    if (this.#states.get(id) !== 'waiting') return;
    this.#states.set(id, state);
    this.#changed();
  }
}
