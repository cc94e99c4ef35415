// Finding people by number, and being found: joins the overlay's announcements to first contact. A number is no proof of
// anybody; everybody whose key hashes to it is shown, and whoever is asked must agree.
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { type ErrorKind, KithError, kindOf } from '../errors.ts';
import type { Card } from '../identity/card.ts';
import type { Identity } from '../identity/keys.ts';
import type { FoundView } from '../node-api.ts';
import type { ByNumber } from '../overlay/by-number.ts';
import type { NodeRef } from '../overlay/overlay-api.ts';
import type { Person } from '../pairing/introduction.ts';
import { answerNumberCall, askForCard, lookWhoAnswers } from '../pairing/number-contact.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { NumberDeriver } from '../ports/number-deriver.ts';
import type { Random } from '../ports/random.ts';

/** Between two look-ups, milliseconds: enough for a person, too slow for a list. */
const LOOK_EVERY_MS = 5_000;
/** After Argon2id could not be done for an announcement, milliseconds: it takes 64 MiB, which may be there later. */
const ANNOUNCE_AGAIN_MS = 60_000;
const ID_BYTES = 16;

export interface NumberSearchOptions {
  readonly self: Identity;
  readonly name: () => string;
  /** My number; '' while it is derived. */
  readonly number: () => string;
  /** One that says when it cannot: somebody waits for the answer. */
  readonly numbers: NumberDeriver;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Takes a card that was handed over; attempt id. */
  readonly take: (card: Card) => Promise<string>;
  /** A card for one stranger; undefined: no more of them now. */
  readonly strangerCard: () => Promise<Uint8Array | undefined>;
}

interface Found {
  /** What was looked for. */
  readonly number: string;
  readonly person: Person;
  readonly nodes: NodeRef[];
}

export class NumberSearch {
  readonly #options: NumberSearchOptions;
  readonly #found = new Map<string, Found>();
  #byNumber: ByNumber | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Rises with every wish to be found or not: Argon2id for an earlier one means nothing any more. */
  #wishes = 0;
  #later: Timer | undefined;

  constructor(options: NumberSearchOptions) {
    this.#options = options;
  }

  /** The overlay is there. */
  use(byNumber: ByNumber): void {
    this.#byNumber = byNumber;
  }

  /** Somebody looked for my number. */
  answer(link: Link): Promise<void> {
    const { number, strangerCard } = this.#options;
    return answerNumberCall(this.#handshake(link, number()), strangerCard);
  }

  /** Announces my number from now on, or no more; at once when no more. Never rejects: what cannot be done now is done later. */
  async announce(on: boolean): Promise<void> {
    const wish = this.#newWish();
    const number = on ? this.#options.number() : '';
    if (number === '') return this.#byNumber?.announce(undefined);
    try {
      const target = await this.#options.numbers.findTarget(number);
      // The switch may have been turned meanwhile.
      if (wish === this.#wishes) this.#byNumber?.announce(target);
    } catch (error) {
      this.#options.log('warn', 'number not announced', { kind: kindOf(error) });
      if (wish !== this.#wishes) return;
      this.#later = this.#options.clock.after(ANNOUNCE_AGAIN_MS, () => void this.announce(true));
    }
  }

  /** The page goes away. */
  close(): void {
    this.#newWish();
  }

  /**
   * Everybody who answers to the number and whose key hashes to it.
   * @throws KithError 'number-too-soon' | 'number-nobody' | 'number-not-derived' when Argon2id could not be done | 'no-relay' when
   * I hide and nobody goes between | 'no-route' while there is no overlay
   */
  async find(number: string): Promise<FoundView[]> {
    const { clock, numbers } = this.#options;
    const wait = this.#lookedAt + LOOK_EVERY_MS - clock.now();
    // Longer than that is the work of a clock that was set back.
    if (wait > 0 && wait <= LOOK_EVERY_MS) throw new KithError('number-too-soon', { limit: Math.ceil(wait / 1000) });
    if (!this.#byNumber) throw new KithError('no-route');
    this.#lookedAt = clock.now();
    const target = await numbers.findTarget(number).catch(notDerived);
    const nodes = await this.#byNumber.seek(target);
    const answers = await Promise.all(nodes.map((node) => this.#look(node, number)));
    const people = answers.flatMap((answer) => (typeof answer === 'string' ? [] : [answer]));
    const genuine = await this.#genuine(distinct(people), number);
    if (genuine.length === 0) throw new KithError(answers.includes('no-relay') ? 'no-relay' : 'number-nobody');
    // Another look-up may have ended meanwhile: its people belong to its number.
    this.#found.clear();
    return genuine.map((one) => {
      const id = toHex(this.#options.random.bytes(ID_BYTES));
      this.#found.set(id, one);
      return { id, number, name: one.person.name };
    });
  }

  /** Asks one of them to be a contact; attempt id. @throws KithError 'number-gone' | 'no-relay' as `find` | 'disk-full' */
  async call(foundId: string): Promise<string> {
    const found = this.#found.get(foundId);
    let why: ErrorKind = 'number-gone';
    for (const node of found?.nodes ?? []) {
      const card = found && (await this.#ask(node, found));
      if (typeof card === 'object') return this.#options.take(card);
      if (card === 'no-relay') why = card;
    }
    throw new KithError(why);
  }

  #newWish(): number {
    this.#later?.cancel();
    this.#wishes += 1;
    return this.#wishes;
  }

  /** Who answers, or why nobody does. */
  async #look(node: NodeRef, number: string): Promise<Found | ErrorKind> {
    return this.#called(node, async (link) => {
      const person = await lookWhoAnswers(this.#handshake(link, number));
      return { number, person, nodes: [node] };
    });
  }

  /** One Argon2id after the other: each takes 64 MiB. Who cannot be checked counts only when nobody else is genuine. */
  async #genuine(all: readonly Found[], number: string): Promise<Found[]> {
    const genuine: Found[] = [];
    let unchecked: unknown;
    for (const one of all) {
      const derived = await this.#options.numbers.derive(one.person.fingerprint).catch((error: unknown) => {
        unchecked = error;
      });
      if (derived === number) genuine.push(one);
    }
    return genuine.length === 0 && unchecked !== undefined ? notDerived(unchecked) : genuine;
  }

  /** Their card, or why there is none. */
  #ask(node: NodeRef, { number, person }: Found): Promise<Card | ErrorKind> {
    return this.#called(node, (link) => askForCard(this.#handshake(link, number), person.fingerprint));
  }

  async #called<T>(node: NodeRef, then: (link: Link) => Promise<T>): Promise<T | ErrorKind> {
    try {
      const link = await this.#byNumber?.call(node);
      return link ? await then(link) : 'no-route';
    } catch (error) {
      const kind = kindOf(error);
      this.#options.log('debug', 'no answer to a number', { kind });
      return kind;
    }
  }

  #handshake(link: Link, number: string) {
    const { self, name, clock, random, log } = this.#options;
    return { link, self, name: name(), clock, random, log, number };
  }
}

function notDerived(cause: unknown): never {
  throw new KithError('number-not-derived', {}, { cause });
}

/** One person may answer from several nodes. */
function distinct(all: readonly Found[]): Found[] {
  const people: Found[] = [];
  for (const { number, person, nodes } of all) {
    const known = people.find((one) => equalBytes(one.person.fingerprint, person.fingerprint));
    if (known) known.nodes.push(...nodes);
    else people.push({ number, person, nodes: [...nodes] });
  }
  return people;
}
