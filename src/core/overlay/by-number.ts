// Being found by number and finding others: BEP5 announcements under a hash that is slow to make, and circuits to whoever
// announced (PLACES.md, "By number"). Who they are is first contact's to prove.

import { kindOf } from '../errors.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { type Address, addressOf, idKey, randomId } from './address.ts';
import { Allowance } from './allowance.ts';
import { bringerOf, type NodeRef, type Overlay } from './overlay-api.ts';

/** Nodes forget announcements, and go, milliseconds. */
const ANNOUNCE_MS = 900_000;
/** When nobody took it, milliseconds. */
const RETRY_MS = 30_000;
/** Waits differ by up to this share. */
const JITTER = 0.1;
/** Nodes under one number that are asked: anybody may announce under it. */
const MAX_FOUND = 8;
/** Calls by strangers answered at a time: each costs a handshake. */
const MAX_CALLS = 4;
/** Of these, through one neighbour: whoever calls and says nothing must not keep all others out. */
const MAX_CALLS_FROM_ONE = 2;
/** Calls that come through one neighbour. */
const CALLS = { perSecond: 0.2, atOnce: 6 } as const;
const NOTHING = new Uint8Array(0);

export interface ByNumberOptions {
  readonly overlay: Overlay;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Somebody who looked for our number. Their link is the receiver's. */
  readonly onCall: (link: Link) => Promise<void>;
}

export class ByNumber {
  readonly #options: ByNumberOptions;
  readonly #allowance: Allowance;
  #target: Uint8Array | undefined;
  #timer: Timer | undefined;
  /** Calls being answered, and the neighbour that brought each. */
  readonly #calls = new Map<Link, Address>();
  #hidden = false;
  #closed = false;

  constructor(options: ByNumberOptions) {
    this.#options = options;
    this.#allowance = new Allowance(options.clock, CALLS);
    options.overlay.onCircuit('number', (from, _payload, link) => this.#called(from, link));
  }

  /** Where we may be found from now on, 20 bytes; undefined: nowhere. What was announced is forgotten by itself; calls are refused and ended at once. */
  announce(target: Uint8Array | undefined): void {
    this.#target = target;
    this.#timer?.cancel();
    if (!target) for (const link of this.#calls.keys()) link.close();
    if (target) void this.#announceNow(target);
  }

  /** Nodes that say they answer to it, other than this one. */
  async seek(target: Uint8Array): Promise<NodeRef[]> {
    const { overlay } = this.#options;
    const found = new Map<string, NodeRef>();
    await overlay.lookup(target, (node) => {
      if (idKey(node.id) !== idKey(overlay.id) && found.size < MAX_FOUND) found.set(idKey(node.id), node);
    });
    return [...found.values()];
  }

  /** Relay only: whoever is called learns an alias that lasts as long as the call is made, not which node this is. */
  hide(on: boolean): void {
    this.#hidden = on;
  }

  /** @throws KithError 'no-route' | 'link-timeout' */
  async call(node: NodeRef): Promise<Link> {
    const { overlay, random } = this.#options;
    if (!this.#hidden) return overlay.openCircuit(node, 'number', NOTHING);
    const as = randomId(random);
    overlay.addAlias(as);
    try {
      return await overlay.openCircuit(node, 'number', NOTHING, { as });
    } finally {
      overlay.removeAlias(as);
    }
  }

  close(): void {
    this.#closed = true;
    this.announce(undefined);
  }

  #called(from: NodeRef, link: Link): void {
    const bringer = addressOf(bringerOf(from, link));
    if (!this.#target || !this.#hasRoomFor(bringer) || !this.#allowance.take(bringer)) {
      link.close();
      return;
    }
    this.#calls.set(link, bringer);
    const { onCall, log } = this.#options;
    onCall(link)
      .catch((error: unknown) => log('debug', 'call by number ended', { kind: kindOf(error) }))
      .finally(() => this.#calls.delete(link));
  }

  #hasRoomFor(bringer: Address): boolean {
    const ofOne = [...this.#calls.values()].filter((other) => other === bringer).length;
    return this.#calls.size < MAX_CALLS && ofOne < MAX_CALLS_FROM_ONE;
  }

  async #announceNow(target: Uint8Array): Promise<void> {
    const { overlay, clock, random, log } = this.#options;
    const still = () => !this.#closed && this.#target === target;
    const taken = await overlay.announce(target, still).catch((error: unknown) => {
      log('debug', 'number not announced', { kind: kindOf(error) });
      return 0;
    });
    if (!still()) return;
    const wait = (taken > 0 ? ANNOUNCE_MS : RETRY_MS) * (1 - JITTER + 2 * JITTER * random.fraction());
    this.#timer = clock.after(Math.ceil(wait), () => void this.#announceNow(target));
  }
}
