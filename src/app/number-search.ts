// Adding a contact by number: the field with a hint while one types, the look-up, and whom to ask when several were found.
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import { type FoundView, isNumber, type KithNode, type Snapshot } from '../core/node-api.ts';
import { DIGITS, groupedNumber, numberGroupOf, typedDigits } from './format.ts';
import type { PairError } from './pairing.ts';

export type NumberHint =
  | { readonly kind: 'none' | 'whole' | 'checksum' | 'own' }
  | { readonly kind: 'count' | 'too-many'; readonly count: number }
  | { readonly kind: 'character'; readonly character: string; readonly group: number };

/** What can be said of a number while it is typed. The check digit tells that a digit is wrong, never which (damm.ts). */
export function numberHintFor(typed: string, own: string | null): NumberHint {
  const digits = typedDigits(typed);
  if (digits === '') return { kind: 'none' };
  const position = digits.search(/[^0-9]/);
  if (position >= 0) {
    const character = String.fromCodePoint(digits.codePointAt(position) ?? 0);
    return { kind: 'character', character, group: numberGroupOf(position) };
  }
  if (digits.length !== DIGITS) return { kind: digits.length > DIGITS ? 'too-many' : 'count', count: digits.length };
  if (digits === own) return { kind: 'own' };
  return { kind: isNumber(digits) ? 'whole' : 'checksum' };
}

/** Why a number cannot be looked up; null when it can. */
function problemOf(hint: NumberHint, typed: string): PairError | null {
  switch (hint.kind) {
    case 'none':
      return { kind: 'number-empty', detail: {} };
    case 'character':
      return { kind: 'number-character', detail: { position: typedDigits(typed).search(/[^0-9]/) } };
    case 'count':
    case 'too-many':
      return { kind: 'number-length', detail: { limit: hint.count } };
    case 'checksum':
      return { kind: 'number-checksum', detail: {} };
    case 'own':
      return { kind: 'number-own', detail: {} };
    case 'whole':
      return null;
  }
}

const internal = { ok: false, kind: 'internal', detail: {} } as const;

export class NumberSearch {
  readonly #node: KithNode;
  readonly #snapshot: ReadonlySignal<Snapshot | null>;
  readonly #typed = signal('');
  readonly #searching = signal(false);
  readonly #found = signal<readonly FoundView[]>([]);
  readonly #error = signal<PairError | null>(null);
  /** Rises with every submit and stop: what an earlier look-up says means nothing any more. */
  #turn = 0;

  readonly hint: ReadonlySignal<NumberHint> = computed(() =>
    numberHintFor(this.#typed.value, this.#snapshot.value?.identity?.number ?? null),
  );

  constructor(node: KithNode, snapshot: ReadonlySignal<Snapshot | null>) {
    this.#node = node;
    this.#snapshot = snapshot;
  }

  get typed(): ReadonlySignal<string> {
    return this.#typed;
  }
  get searching(): ReadonlySignal<boolean> {
    return this.#searching;
  }
  /** More than one: the person chooses. */
  get found(): ReadonlySignal<readonly FoundView[]> {
    return this.#found;
  }
  get error(): ReadonlySignal<PairError | null> {
    return this.#error;
  }

  /** @param atEnd The caret stands behind the last character: digits may be grouped without moving it. */
  type(text: string, atEnd: boolean): void {
    const digits = typedDigits(text);
    this.#typed.value = atEnd && /^[0-9]*$/.test(digits) ? groupedNumber(digits) : text;
  }

  /** Looks the number up. The alert and the people of the time before go first. */
  async submit(): Promise<void> {
    const turn = this.#begin();
    const typed = this.#typed.peek();
    const problem = problemOf(this.hint.peek(), typed);
    if (problem !== null) {
      this.#error.value = problem;
      return;
    }
    this.#searching.value = true;
    const looked = await this.#node.findByNumber(typedDigits(typed)).catch(() => internal);
    if (turn !== this.#turn) return;
    this.#searching.value = false;
    if (!looked.ok) this.#error.value = { kind: looked.kind, detail: looked.detail };
    else if (looked.value.found.length > 1) this.#found.value = looked.value.found;
    else await this.#call(turn, looked.value.found[0]);
  }

  /** Asks one of those who were found. */
  async choose(foundId: string): Promise<void> {
    const chosen = this.#found.peek().find(({ id }) => id === foundId);
    await this.#call(this.#begin(), chosen);
  }

  stop(): void {
    this.#begin();
  }

  #begin(): number {
    batch(() => {
      this.#error.value = null;
      this.#found.value = [];
      this.#searching.value = false;
    });
    this.#turn += 1;
    return this.#turn;
  }

  async #call(turn: number, found: FoundView | undefined): Promise<void> {
    if (found === undefined) {
      this.#error.value = { kind: 'number-nobody', detail: {} };
      return;
    }
    const called = await this.#node.callFound(found.id).catch(() => internal);
    if (turn !== this.#turn) return;
    if (!called.ok) this.#error.value = { kind: called.kind, detail: called.detail };
    else if (typedDigits(this.#typed.peek()) === found.number) this.#typed.value = '';
  }
}
