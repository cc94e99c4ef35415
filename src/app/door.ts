// Meeting without a tracker: an invitation goes out by any way there is, an answer comes back, and two browsers are linked.
import { batch, effect, type ReadonlySignal, signal } from '@preact/signals';
import { doorPrefix, type KithNode, type Result, type Snapshot } from '../core/node-api.ts';
import type { PairError } from './pairing.ts';

/** What I give to the other side. */
export interface DoorText {
  readonly kind: 'invitation' | 'answer';
  /** Under which the node says what becomes of it. */
  readonly id: string;
  readonly text: string;
}

type Fate = Snapshot['network']['doorTexts'][number]['state'];

const internal = { ok: false, kind: 'internal', detail: {} } as const;

/** What was pasted, without what messengers and mail add to it. */
export function cleanedDoor(typed: string): string {
  return typed.replace(/\s+/g, '');
}

/** null: neither. */
export function doorKind(text: string): DoorText['kind'] | null {
  const lower = text.toLowerCase();
  if (lower.startsWith(doorPrefix.invitation)) return 'invitation';
  return lower.startsWith(doorPrefix.answer) ? 'answer' : null;
}

export class Door {
  readonly #node: KithNode;
  readonly #snapshot: ReadonlySignal<Snapshot | null>;
  readonly #mine = signal<DoorText | null>(null);
  readonly #typed = signal('');
  readonly #busy = signal<'inviting' | 'reading' | null>(null);
  readonly #error = signal<PairError | null>(null);
  readonly #met = signal(false);
  readonly #over = signal(false);
  /** The node has told of my text: when it does no more, the text is over. */
  #toldOf = '';
  #offered = false;

  constructor(node: KithNode, snapshot: ReadonlySignal<Snapshot | null>) {
    this.#node = node;
    this.#snapshot = snapshot;
    effect(() => {
      const mine = this.#mine.value;
      const told = snapshot.value?.network.doorTexts.find(({ id }) => id === mine?.id);
      if (mine !== null) this.#hear(mine.id, told?.state);
    });
  }

  get mine(): ReadonlySignal<DoorText | null> {
    return this.#mine;
  }
  get typed(): ReadonlySignal<string> {
    return this.#typed;
  }
  get busy(): ReadonlySignal<'inviting' | 'reading' | null> {
    return this.#busy;
  }
  get error(): ReadonlySignal<PairError | null> {
    return this.#error;
  }
  /** The text shown leads nowhere any more. */
  get over(): ReadonlySignal<boolean> {
    return this.#over;
  }
  /** The last text was taken, and the two browsers are linked. */
  get met(): ReadonlySignal<boolean> {
    return this.#met;
  }

  type(text: string): void {
    this.#typed.value = text;
  }

  /** The screen opens: whoever has no other way in finds an invitation there. Once, because each costs a connection. */
  async open(): Promise<void> {
    const network = this.#snapshot.peek()?.network;
    const alone = network?.diagnosis === 'no-door' || network?.diagnosis === 'nobody-else';
    if (!alone || this.#offered || this.#mine.peek() !== null || this.#busy.peek() !== null) return;
    this.#offered = true;
    const made = await this.#made();
    if (made.ok && this.#mine.peek() === null) this.#show({ kind: 'invitation', ...made.value });
  }

  async invite(): Promise<void> {
    if (this.#busy.peek() !== null) return;
    this.#begin('inviting');
    const made = await this.#made();
    this.#end(made, () => {
      if (made.ok) this.#show({ kind: 'invitation', ...made.value });
    });
  }

  /** Takes what they sent: an invitation is answered, an answer opens the link. */
  async submit(): Promise<void> {
    if (this.#busy.peek() !== null) return;
    this.#begin('reading');
    const typed = this.#typed.peek();
    const text = cleanedDoor(typed);
    const taken = await this.#take(text);
    this.#end(taken, () => {
      if (taken.ok && this.#typed.peek() === typed) this.#typed.value = '';
    });
  }

  #made() {
    return this.#node.inviteDoor().catch(() => internal);
  }

  async #take(text: string): Promise<Result<unknown>> {
    const refuse = (kind: PairError['kind']) => ({ ok: false, kind, detail: {} }) as const;
    if (text === '') return refuse('door-empty');
    if (text.toLowerCase() === this.#mine.peek()?.text.toLowerCase()) return refuse('door-own');
    const kind = doorKind(text);
    if (kind === null) return refuse('door-malformed');
    if (kind === 'answer') {
      const opened = await this.#node.acceptDoor(text).catch(() => internal);
      if (opened.ok) this.#meet('invitation');
      return opened;
    }
    const answered = await this.#node.answerDoor(text).catch(() => internal);
    if (answered.ok) this.#show({ kind: 'answer', ...answered.value });
    return answered;
  }

  #show(text: DoorText): void {
    batch(() => {
      this.#mine.value = text;
      this.#over.value = false;
    });
  }

  /** undefined: the node does not tell of it. Not yet, or it is another node by now, in another tab. */
  #hear(id: string, fate: Fate | undefined): void {
    const known = this.#toldOf === id;
    if (fate !== undefined) this.#toldOf = id;
    if (fate === 'met') this.#meet();
    else if (fate === 'over' || (fate === undefined && known)) this.#over.value = true;
  }

  /** @param kind Of the text that was used; another that is shown still waits. */
  #meet(kind = this.#mine.peek()?.kind): void {
    batch(() => {
      if (this.#mine.peek()?.kind === kind) this.#mine.value = null;
      this.#met.value = true;
    });
  }

  #begin(what: 'inviting' | 'reading'): void {
    batch(() => {
      this.#busy.value = what;
      this.#error.value = null;
      this.#met.value = false;
    });
  }

  #end(result: Result<unknown>, done: () => void): void {
    batch(() => {
      this.#busy.value = null;
      if (!result.ok) this.#error.value = { kind: result.kind, detail: result.detail };
      done();
    });
  }
}
