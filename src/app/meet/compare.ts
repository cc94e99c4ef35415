// Comparing with a contact: the safety number, the code that the other side scans, and what becomes of scanning theirs.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { KithNode, SafetyNumberView } from '../../core/node-api.ts';
import type { PairError } from '../pairing.ts';
import type { Reading } from './scan.ts';

/** In front of the two halves (PAIRING.md, "Comparing"). Capitals and digits: the densest a QR code has. */
const CODE_PREFIX = 'KITH-SAFE1';
const GROUP = 5;

const failed = (kind: PairError['kind']): PairError => ({ kind, detail: {} });

/** What my screen shows: my half first, so that nobody takes their own screen for the other's. */
export const codeOf = ({ mine, theirs }: SafetyNumberView): string => CODE_PREFIX + mine + theirs;

/** 60 digits as 12 groups of 5. */
export const safetyGroups = (digits: string): readonly string[] => digits.match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? [];

/** What a scanned text says of a contact: null when it is the code of their screen, and everything fits. */
export function judgeCode(text: string, number: SafetyNumberView): PairError | null {
  const code = text.trim().toUpperCase();
  if (!code.startsWith(CODE_PREFIX) || !/^\d{60}$/.test(code.slice(CODE_PREFIX.length))) {
    return failed('safety-foreign');
  }
  if (code === codeOf({ ...number, mine: number.theirs, theirs: number.mine })) return null;
  return failed(code === codeOf(number) ? 'safety-own' : 'safety-mismatch');
}

export class Compare implements Reading {
  readonly #node: KithNode;
  readonly #id: string;
  readonly #verified: () => void;
  readonly #number = signal<SafetyNumberView | null>(null);
  readonly #error = signal<PairError | null>(null);

  /**
   * @param id Of the conversation.
   * @param verified Told when the contact is marked, on the disk.
   */
  constructor(node: KithNode, id: string, verified: () => void) {
    this.#node = node;
    this.#id = id;
    this.#verified = verified;
  }

  /** null until it is worked out. */
  get number(): ReadonlySignal<SafetyNumberView | null> {
    return this.#number;
  }
  /** Why there is none, or why the contact could not be marked. */
  get error(): ReadonlySignal<PairError | null> {
    return this.#error;
  }

  async open(): Promise<void> {
    const made = await this.#node.safetyNumber(this.#id).catch(() => ({ ok: false, ...failed('internal') }) as const);
    if (made.ok) this.#number.value = made.value;
    else this.#error.value = failed(made.kind);
  }

  begun(): void {
    this.#error.value = null;
  }

  /** Takes what was scanned on their screen: a match verifies them. */
  async take(text: string): Promise<PairError | null> {
    const number = this.#number.peek();
    if (number === null) return failed('internal');
    const problem = judgeCode(text, number);
    return problem ?? this.mark();
  }

  /** The person has compared. null: it is on the disk. */
  async mark(): Promise<PairError | null> {
    const marked = await this.#node.markVerified(this.#id).catch(() => ({ ok: false, ...failed('internal') }) as const);
    this.#error.value = marked.ok ? null : failed(marked.kind);
    if (marked.ok) this.#verified();
    return this.#error.peek();
  }
}
