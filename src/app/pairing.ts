// The add-contact screen: my card, the field for theirs with a hint while typing, and the attempts under way.
import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorDetail, ErrorKind } from '../core/errors.ts';
import type { AttemptView, CardView, DirectConversationView, KithNode, Snapshot } from '../core/node-api.ts';
import { cleanedCard, groupOf } from './format.ts';
import type { Platform } from './platform.ts';

const CARD_PREFIX = 'kith1';
/** Characters of a card: Bech32m's guarantee ends there. */
const CARD_LENGTH = 90;
/** The alphabet of Bech32 (BIP 173). */
const notInAlphabet = /[^qpzry9x8gf2tvdw0s3jn54khce6mua7l]/;

/** A card behind a #, or where a browser hands a link to a page (core/identity/card-link.ts). */
const inLink = /(?:#|%23|kith(?::|%3a)).*kith1/;

export type CardHint =
  | { readonly kind: 'none' | 'whole' | 'prefix' | 'link' }
  | { readonly kind: 'count' | 'too-many'; readonly count: number; readonly of: number }
  | { readonly kind: 'character'; readonly character: string; readonly group: number };

/** What can be said of a card while it is typed, before anybody checks its sum. */
export function hintFor(typed: string): CardHint {
  const card = cleanedCard(typed);
  if (card === '') return { kind: 'none' };
  if (inLink.test(card)) return { kind: 'link' };
  const begun = Math.min(card.length, CARD_PREFIX.length);
  if (card.slice(0, begun) !== CARD_PREFIX.slice(0, begun)) return { kind: 'prefix' };
  const position = card.slice(CARD_PREFIX.length).search(notInAlphabet);
  if (position >= 0) {
    const at = CARD_PREFIX.length + position;
    return { kind: 'character', character: String.fromCodePoint(card.codePointAt(at) ?? 0), group: groupOf(at) };
  }
  if (card.length > CARD_LENGTH) return { kind: 'too-many', count: card.length, of: CARD_LENGTH };
  return card.length === CARD_LENGTH ? { kind: 'whole' } : { kind: 'count', count: card.length, of: CARD_LENGTH };
}

/** A call that should never fail did. */
const internal = { ok: false, kind: 'internal', detail: {} } as const;

/** Ways of meeting somebody, the best first: a code is scanned faster than a text is sent. */
const waysWith = {
  camera: ['qr', 'text', 'bluetooth', 'number'],
  noCamera: ['text', 'qr', 'bluetooth', 'number'],
} as const;
export type PairingWay = (typeof waysWith)['camera' | 'noCamera'][number];

export interface PairError {
  readonly kind: ErrorKind;
  readonly detail: ErrorDetail;
}

export class Pairing {
  readonly #node: KithNode;
  readonly #platform: Platform;
  readonly #snapshot: ReadonlySignal<Snapshot | null>;
  readonly #typed = signal('');
  readonly #refused = signal<PairError | null>(null);
  /** Somebody said no after all. */
  readonly #declined = signal<PairError | null>(null);
  /** Failures the person has seen and gone on from; the node forgets them a moment later. */
  readonly #dismissed = signal<ReadonlySet<string>>(new Set());
  /** Rises with every submit: an answer to an earlier one says nothing any more. */
  #turn = 0;
  /** The card that is being taken. */
  #taking: string | null = null;
  /** One was taken, and nothing typed since. */
  #hasTaken = false;
  /** Conversations that waited when the screen opened; null while it is closed. */
  readonly #before = signal<ReadonlySet<string> | null>(null);
  readonly #making = signal(false);
  readonly #now = signal(0);

  readonly hint: ReadonlySignal<CardHint> = computed(() => hintFor(this.#typed.value));

  /** My card while it may be handed out; null once it is used or expired. */
  readonly card: ReadonlySignal<CardView | null> = computed(() => {
    const card = this.#snapshot.value?.card ?? null;
    return card !== null && card.expiresAt > this.#now.value ? card : null;
  });

  /** The card in my invitation link, while it may be sent. */
  readonly link: ReadonlySignal<CardView | null> = computed(() => {
    const link = this.#snapshot.value?.link ?? null;
    return link !== null && link.expiresAt > this.#now.value ? link : null;
  });

  readonly underWay: ReadonlySignal<readonly AttemptView[]> = computed(() =>
    (this.#snapshot.value?.attempts ?? []).filter(({ state }) => state !== 'failed'),
  );

  /** People who were asked on this screen and have not confirmed. */
  readonly asked: ReadonlySignal<readonly DirectConversationView[]> = computed(() => {
    const before = this.#before.value;
    return (this.#snapshot.value?.conversations ?? []).filter(
      (one): one is DirectConversationView =>
        one.kind === 'direct' && one.state === 'waiting' && before?.has(one.id) === false,
    );
  });

  readonly #failed: ReadonlySignal<readonly AttemptView[]> = computed(() =>
    (this.#snapshot.value?.attempts ?? []).filter(
      ({ id, state }) => state === 'failed' && !this.#dismissed.value.has(id),
    ),
  );

  /** Why the last card did not lead to a contact: at once, or later while calling. */
  readonly error: ReadonlySignal<PairError | null> = computed(() => this.#refused.value ?? this.#failureBy('card'));

  /** Why somebody who was found by number and asked is no contact. */
  readonly numberError: ReadonlySignal<PairError | null> = computed(() => this.#failureBy('number'));

  readonly #hasCamera = signal(false);
  readonly #chosen = signal<PairingWay | null>(null);

  /** In the order of their tabs. */
  readonly ways: ReadonlySignal<readonly PairingWay[]> = computed(
    () => waysWith[this.#hasCamera.value ? 'camera' : 'noCamera'],
  );

  /** The way of meeting that is on screen. */
  readonly way: ReadonlySignal<PairingWay> = computed(() => this.#chosen.value ?? this.ways.value[0] ?? 'text');

  constructor(node: KithNode, platform: Platform, snapshot: ReadonlySignal<Snapshot | null>) {
    this.#node = node;
    this.#platform = platform;
    this.#snapshot = snapshot;
    this.#watchExpiry();
  }

  get typed(): ReadonlySignal<string> {
    return this.#typed;
  }
  get making(): ReadonlySignal<boolean> {
    return this.#making;
  }
  /** Now, to the minute, for what is left of the card's time. */
  get now(): ReadonlySignal<number> {
    return this.#now;
  }

  /** Every minute, and at the very moment, so that an expired card never stays on screen. */
  #watchExpiry(): void {
    let cancel: (() => void) | null = null;
    const tick = (expiresAt: number) => {
      cancel?.();
      this.#now.value = this.#platform.now();
      const left = expiresAt - this.#now.value;
      cancel = left > 0 ? this.#platform.after(Math.min(left, 60_000), () => tick(expiresAt)) : null;
    };
    const expiry = computed(() => this.#snapshot.value?.card?.expiresAt);
    effect(() => {
      if (expiry.value !== undefined) tick(expiry.value);
    });
  }

  choose(way: PairingWay): void {
    this.#chosen.value = way;
  }

  /** Asks what the device can do, before the screen opens. */
  async look(): Promise<void> {
    const scanner = await this.#platform.scanner();
    this.#hasCamera.value = await scanner.hasCamera();
  }

  /** The screen opens: there is always a card to give. While the device slept no timer saw the last one expire. */
  async open(): Promise<void> {
    this.#now.value = this.#platform.now();
    this.#hasTaken = false;
    const there = this.#snapshot
      .peek()
      ?.conversations.filter((one) => one.kind === 'direct' && one.state === 'waiting');
    this.#before.value = there ? new Set(there.map(({ id }) => id)) : null;
    if (this.card.peek() === null) await this.makeCard();
  }

  /** The screen closes. It opens again with the best way, unless there is something to read at the one chosen. */
  close(): void {
    this.#before.value = null;
    if (this.numberError.peek() === null) this.#chosen.value = null;
  }

  async makeCard(): Promise<void> {
    if (this.#making.peek()) return;
    this.#making.value = true;
    const made = await this.#node.newCard().catch(() => internal);
    batch(() => {
      this.#making.value = false;
      if (!made.ok) this.#refused.value = made;
    });
  }

  /** False, and an alert says why: there is no new one. */
  async makeLink(): Promise<boolean> {
    const made = await this.#node.newLink().catch(() => internal);
    if (!made.ok) this.#refused.value = made;
    return made.ok;
  }

  type(text: string): void {
    this.#typed.value = text;
    this.#hasTaken = false;
  }

  /** Takes their card. The alert of the attempt before goes first. A second press takes nothing, and is not told so. */
  async submit(): Promise<void> {
    const card = this.#typed.peek();
    if (card === this.#taking || (card === '' && this.#hasTaken)) return;
    const turn = ++this.#turn;
    this.#taking = card;
    this.dismissError();
    const taken = await this.#node.takeCard(card).catch(() => internal);
    if (turn !== this.#turn) return;
    this.#taking = null;
    batch(() => {
      if (!taken.ok) this.#refused.value = { kind: taken.kind, detail: taken.detail };
      else if (this.#typed.peek() === card) {
        this.#typed.value = '';
        this.#hasTaken = true;
      }
    });
  }

  #failureBy(way: 'card' | 'number'): PairError | null {
    const declined = this.#declined.value;
    if (declined !== null && (declined.kind === 'number-refused') === (way === 'number')) return declined;
    const last = this.#failed.value.findLast((attempt) => (attempt.way === 'number') === (way === 'number'));
    return last === undefined ? null : { kind: last.kind ?? 'internal', detail: {} };
  }

  /** Somebody I asked to be a contact said no. */
  refusedBy(kind: ErrorKind): void {
    this.#declined.value = { kind, detail: {} };
  }

  dismissError(): void {
    const failed = this.#failed.peek();
    batch(() => {
      this.#refused.value = null;
      this.#declined.value = null;
      this.#dismissed.value = new Set([...this.#dismissed.peek(), ...failed.map(({ id }) => id)]);
    });
    for (const { id } of failed) void this.#node.dismissAttempt(id);
  }

  stop(attemptId: string): void {
    void this.#node.dismissAttempt(attemptId);
  }
}
