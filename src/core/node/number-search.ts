// Finding people by number, and being found: joins the overlay's announcements to first contact. A number is no proof of
// anybody; everybody whose key hashes to it is shown, and whoever is asked must agree.
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { KithError, kindOf } from '../errors.ts';
import type { Card } from '../identity/card.ts';
import type { Identity } from '../identity/keys.ts';
import type { FoundView } from '../node-api.ts';
import type { ByNumber } from '../overlay/by-number.ts';
import type { NodeRef } from '../overlay/overlay-api.ts';
import type { Person } from '../pairing/introduction.ts';
import { answerNumberCall, askForCard, lookWhoAnswers } from '../pairing/number-contact.ts';
import type { Clock } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { NumberDeriver } from '../ports/number-deriver.ts';
import type { Random } from '../ports/random.ts';

/** Between two look-ups, milliseconds: enough for a person, too slow for a list. */
const LOOK_EVERY_MS = 5_000;
const ID_BYTES = 16;

export interface NumberSearchOptions {
  readonly self: Identity;
  readonly name: () => string;
  /** My number; '' while it is derived. */
  readonly number: () => string;
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

  /** Announces my number from now on, or no more. Rejects when Argon2id could not be done. */
  async announce(on: boolean): Promise<void> {
    const { number, numbers } = this.#options;
    if (!on || number() === '') this.#byNumber?.announce(undefined);
    else this.#byNumber?.announce(await numbers.findTarget(number()));
  }

  /**
   * Everybody who answers to the number and whose key hashes to it.
   * @throws KithError 'number-too-soon' | 'number-nobody' | 'no-route' while there is no overlay
   */
  async find(number: string): Promise<FoundView[]> {
    const { clock, numbers } = this.#options;
    const wait = this.#lookedAt + LOOK_EVERY_MS - clock.now();
    if (wait > 0) throw new KithError('number-too-soon', { limit: Math.ceil(wait / 1000) });
    if (!this.#byNumber) throw new KithError('no-route');
    this.#lookedAt = clock.now();
    const nodes = await this.#byNumber.seek(await numbers.findTarget(number));
    const answered = await Promise.all(nodes.map((node) => this.#look(node, number)));
    const genuine = await this.#genuine(distinct(answered.flat()), number);
    if (genuine.length === 0) throw new KithError('number-nobody');
    // Another look-up may have ended meanwhile: its people belong to its number.
    this.#found.clear();
    return genuine.map((one) => {
      const id = toHex(this.#options.random.bytes(ID_BYTES));
      this.#found.set(id, one);
      return { id, number, name: one.person.name };
    });
  }

  /** Asks one of them to be a contact; attempt id. @throws KithError 'number-gone' | 'disk-full' */
  async call(foundId: string): Promise<string> {
    const found = this.#found.get(foundId);
    for (const node of found?.nodes ?? []) {
      const card = found && (await this.#ask(node, found));
      if (card) return this.#options.take(card);
    }
    throw new KithError('number-gone');
  }

  async #look(node: NodeRef, number: string): Promise<Found[]> {
    try {
      const link = await this.#byNumber?.call(node);
      return link ? [{ number, person: await lookWhoAnswers(this.#handshake(link, number)), nodes: [node] }] : [];
    } catch (error) {
      this.#options.log('debug', 'no answer to a number', { kind: kindOf(error) });
      return [];
    }
  }

  /** One Argon2id after the other: each takes 64 MiB. */
  async #genuine(all: readonly Found[], number: string): Promise<Found[]> {
    const genuine: Found[] = [];
    for (const one of all) {
      const derived = await this.#options.numbers.derive(one.person.fingerprint);
      if (derived === number) genuine.push(one);
    }
    return genuine;
  }

  async #ask(node: NodeRef, { number, person }: Found): Promise<Card | undefined> {
    try {
      const link = await this.#byNumber?.call(node);
      return link && (await askForCard(this.#handshake(link, number), person.fingerprint));
    } catch (error) {
      this.#options.log('debug', 'no card from whoever was found', { kind: kindOf(error) });
      return undefined;
    }
  }

  #handshake(link: Link, number: string) {
    const { self, name, clock, random, log } = this.#options;
    return { link, self, name: name(), clock, random, log, number };
  }
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
