// Connections cost a browser dearly (500 a page, closed ones count until they are collected), so few are in the making at
// once. Whoever wants one queues here: first come, first served, those with somebody waiting before those without.

/** Offers and answers that wait for the other side, over all appointments. */
export const MAX_PENDING = 24;
/** Of these, offers: what is left is kept for answers, because somebody is really there. */
export const MAX_PENDING_OFFERS = 16;

/** answer: somebody called. offer: I call. spare: somebody calls who is connected already. */
export type Purpose = 'answer' | 'offer' | 'spare';

const inOrder: readonly Purpose[] = ['answer', 'offer', 'spare'];

interface Waiting {
  readonly purpose: Purpose;
  /** Called once, when there is room; `release` gives the slot back and may be repeated. */
  readonly start: (release: () => void) => void;
}

export class Slots {
  #taken = 0;
  #offers = 0;
  readonly #queues: Readonly<Record<Purpose, Set<Waiting>>> = { answer: new Set(), offer: new Set(), spare: new Set() };

  /** Returns a function that gives up the place in the queue. */
  request(purpose: Purpose, start: (release: () => void) => void): () => void {
    const waiting: Waiting = { purpose, start };
    this.#queues[purpose].add(waiting);
    this.#admit();
    return () => this.#queues[purpose].delete(waiting);
  }

  get taken(): number {
    return this.#taken;
  }

  #admit(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#queues[next.purpose].delete(next);
      next.start(this.#take(next.purpose));
    }
  }

  #next(): Waiting | undefined {
    if (this.#taken >= MAX_PENDING) return undefined;
    for (const purpose of inOrder) {
      if (purpose === 'offer' && this.#offers >= MAX_PENDING_OFFERS) continue;
      const [first] = this.#queues[purpose];
      if (first) return first;
    }
    return undefined;
  }

  #take(purpose: Purpose): () => void {
    const offers = purpose === 'offer' ? 1 : 0;
    this.#taken++;
    this.#offers += offers;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#taken--;
      this.#offers -= offers;
      this.#admit();
    };
  }
}
