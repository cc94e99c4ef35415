// Pairing over a Bluetooth mailbox as one screen sees it: choosing the mailbox, where the exchange stands, and the code that is typed.
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorDetail, ErrorKind } from '../../core/errors.ts';
import type { KithNode, MailboxView, Snapshot } from '../../core/node-api.ts';
import type { PairError } from '../pairing.ts';
import type { MailboxRadio, Platform } from '../platform.ts';

const internal = { ok: false, kind: 'internal', detail: {} } as const;

/** What was said or typed while one code was on the screen means nothing under the next. */
const momentOf = (view: MailboxView | null): string => `${view?.id}/${view?.code}`;

interface Refusal extends PairError {
  readonly moment: string;
}

export class AtMailbox {
  readonly #node: KithNode;
  readonly #platform: Pick<Platform, 'radio'>;
  readonly #radio = signal<MailboxRadio | null>(null);
  readonly #choosing = signal(false);
  readonly #typed = signal({ moment: '', digits: '' });
  readonly #refused = signal<Refusal | null>(null);
  #closed = false;

  /** null: nothing is under way. */
  readonly view: ReadonlySignal<MailboxView | null>;
  readonly typed: ReadonlySignal<string> = computed(() => {
    const { moment, digits } = this.#typed.value;
    return moment === momentOf(this.view.value) ? digits : '';
  });
  /** What was wrong with the last click, or why it ended. */
  readonly error: ReadonlySignal<PairError | null> = computed(() => {
    if (this.#choosing.value) return null;
    const view = this.view.value;
    const refused = this.#refused.value;
    if (refused !== null && refused.moment === momentOf(view)) return refused;
    return view?.state === 'failed' ? { kind: view.kind ?? 'internal', detail: {} } : null;
  });

  constructor(node: KithNode, platform: Pick<Platform, 'radio'>, snapshot: ReadonlySignal<Snapshot | null>) {
    this.#node = node;
    this.#platform = platform;
    this.view = computed(() => snapshot.value?.mailbox ?? null);
  }

  /** null until its code has come. */
  get radio(): ReadonlySignal<MailboxRadio | null> {
    return this.#radio;
  }
  /** The browser's list is open. */
  get choosing(): ReadonlySignal<boolean> {
    return this.#choosing;
  }

  /** The screen opens. */
  async open(): Promise<void> {
    this.#closed = false;
    try {
      this.#radio.value = await this.#platform.radio();
    } catch {
      this.#refuse(internal);
    }
  }

  /** Lets the person choose a mailbox; call it while their click is fresh. */
  async start(): Promise<void> {
    const radio = this.#radio.peek();
    if (radio === null || this.#choosing.peek()) return;
    batch(() => {
      this.#refused.value = null;
      this.#choosing.value = true;
    });
    const started = await radio.start().catch(() => internal);
    batch(() => {
      this.#choosing.value = false;
      if (!started.ok) this.#refuse(started);
    });
    // Nobody looks any more.
    if (started.ok && this.#closed) await this.#node.cancelMailbox(started.value.mailboxId);
  }

  /** The mailbox of the last attempt is at hand, so that it need not be chosen again. */
  canRepeat(): boolean {
    const view = this.view.value;
    return view?.state === 'failed' && (this.#radio.value?.goesTo(view.id) ?? false);
  }

  /** After a failure with fresh values, or at a mailbox that others left half-way. */
  async startOver(): Promise<void> {
    const view = this.view.peek();
    this.#refused.value = null;
    if (view !== null) await this.#node.startMailboxOver(view.id);
  }

  type(digits: string): void {
    this.#typed.value = { moment: momentOf(this.view.peek()), digits };
  }

  /** Gives in what was typed; what was wrong is to be typed anew. */
  async enter(): Promise<void> {
    const view = this.view.peek();
    if (view === null) return;
    const moment = momentOf(view);
    this.#refused.value = null;
    const entered = await this.#node.enterMailboxCode(view.id, this.typed.peek()).catch(() => internal);
    if (entered.ok) return;
    batch(() => {
      this.#refuse(entered, moment);
      if (entered.kind !== 'code-digits') this.#typed.value = { moment, digits: '' };
    });
  }

  async stop(): Promise<void> {
    const view = this.view.peek();
    if (view !== null) await this.#node.cancelMailbox(view.id);
  }

  /** The screen is left: what began here is given up unless the code is typed. What another tab began is that tab's. */
  close(): void {
    this.#closed = true;
    const view = this.view.peek();
    if (view !== null && this.#radio.peek()?.goesTo(view.id)) void this.#node.cancelMailbox(view.id);
  }

  #refuse(
    { kind, detail }: { readonly kind: ErrorKind; readonly detail: ErrorDetail },
    moment = momentOf(this.view.peek()),
  ): void {
    this.#refused.value = { kind, detail, moment };
  }
}
