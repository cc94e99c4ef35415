// Where a shard of the simulation (shards.ts) ends: links of which one end is in another shard, and connections in the making
// between the two. Everything takes at least one link's latency to cross, so that shards may be that far apart in time.
import { concat } from '../../src/core/bytes/bytes.ts';
import type { Link } from '../../src/core/ports/link.ts';
import type { AnsweringEnd, SimExchange } from './dialer.ts';
import { type Mail, MailBag, type MailKind, mailKinds, readMail } from './mail.ts';
import { type Holder, type OtherEnd, SimLink, type SimNetwork } from './network.ts';
import type { SimNode } from './node.ts';

const BINDING_BYTES = 32;

export interface BorderOptions {
  readonly network: SimNetwork;
  readonly shard: number;
  readonly shards: number;
  /** A node of this shard; undefined when it has left. */
  readonly node: (index: number) => SimNode | undefined;
}

export class Border {
  readonly #options: BorderOptions;
  readonly #bags: readonly MailBag[];
  /** Ends here of links that cross, by the link's number. */
  readonly #links = new Map<number, SimLink>();
  #numbers = 0;
  exchange: SimExchange | undefined;

  constructor(options: BorderOptions) {
    this.#options = options;
    this.#bags = Array.from({ length: options.shards }, () => new MailBag());
  }

  /** Of a node, or of an end of a connection in the making. */
  shardOf(number: number): number {
    return number % this.#options.shards;
  }

  isHere(number: number): boolean {
    return this.shardOf(number) === this.#options.shard;
  }

  /** A number that only this shard gives. */
  numberHere(count: number): number {
    return count * this.#options.shards + this.#options.shard;
  }

  /** What is to be sent to a shard. */
  bagFor(shard: number): Uint8Array<ArrayBuffer> {
    return (this.#bags[shard] as MailBag).empty();
  }

  /** What the others sent, by shard. The order among what arrives at one instant is the same at each run. */
  deliver(bags: ReadonlyMap<number, Uint8Array>): void {
    const { network } = this.#options;
    const { time } = network;
    const copy = (part: Uint8Array) => network.copy(part);
    const all: { readonly from: number; readonly mail: Mail }[] = [];
    for (const from of [...bags.keys()].sort((a, b) => a - b)) {
      for (const mail of readMail(bags.get(from) as Uint8Array, copy)) all.push({ from, mail });
    }
    all.sort((a, b) => a.mail.at - b.mail.at); // stable
    for (const { from, mail } of all) time.at(mail.at, () => this.#receive(from, mail));
  }

  post(shard: number, at: number, kind: MailKind, number: number, other?: number, bytes?: Uint8Array): void {
    (this.#bags[shard] as MailBag).add(at, kind, number, other, bytes);
  }

  /** As `post`, one way away from now. */
  tell(shard: number, kind: MailKind, number: number, other?: number, bytes?: Uint8Array): void {
    const { time, latencyMs } = this.#options.network;
    this.post(shard, time.now() + latencyMs, kind, number, other, bytes);
  }

  /** Our end of a link through a door to a node elsewhere. */
  door(holder: Holder, node: number): Link {
    return this.#dial(holder, mailKinds.door, this.shardOf(node), node, undefined);
  }

  /** Our end of the link that an answering end elsewhere waits for. */
  join(holder: Holder, end: number, owner: Uint8Array): Link {
    return this.#dial(holder, mailKinds.join, this.shardOf(end), end, owner);
  }

  #dial(holder: Holder, kind: MailKind, shard: number, to: number, owner: Uint8Array | undefined): SimLink {
    const { network } = this.#options;
    const number = this.numberHere(this.#numbers);
    this.#numbers += 1;
    network.opened += 1;
    const [local, remote] = [network.random.bytes(BINDING_BYTES), network.random.bytes(BINDING_BYTES)];
    this.tell(shard, kind, number, to, concat(local, remote, holder.id));
    return this.#open(holder, shard, number, { local, remote }, owner);
  }

  #open(
    holder: Holder,
    shard: number,
    number: number,
    binding: { local: Uint8Array; remote: Uint8Array },
    owner: Uint8Array | undefined,
  ): SimLink {
    const { network } = this.#options;
    const link = new SimLink(network, holder, binding);
    link.other = new FarEnd(this, shard, number, owner);
    this.#links.set(number, link);
    network.open += 0.5; // the other half is counted there
    link.ended = () => {
      network.open -= 0.5;
      this.#links.delete(number);
    };
    holder.take(link);
    return link;
  }

  #receive(from: number, { kind, number, other, bytes }: Mail): void {
    if (kind === mailKinds.frame) this.#links.get(number)?.receive(bytes);
    else if (kind === mailKinds.closed) this.#links.get(number)?.end();
    else if (kind === mailKinds.taken) {
      const far = this.#links.get(number)?.other;
      if (far instanceof FarEnd) far.owner = { id: bytes };
    } else if (kind === mailKinds.door) this.#knocked(from, number, this.#options.node(other), bytes);
    else if (kind === mailKinds.join) this.#joined(from, number, other, bytes);
    else if (kind === mailKinds.end) this.exchange?.heard(readEnd(number, other, bytes));
    else this.exchange?.heardNoEnd(number);
  }

  #knocked(from: number, number: number, node: SimNode | undefined, bytes: Uint8Array): void {
    if (!node) {
      this.tell(from, mailKinds.closed, number);
      return;
    }
    this.tell(from, mailKinds.taken, number, 0, node.id);
    node.overlay.adopt(this.#accept(node, from, number, bytes), { dialed: false }).catch(() => {}); // no room
  }

  #joined(from: number, number: number, end: number, bytes: Uint8Array): void {
    const waiting = this.exchange?.take(end);
    if (!waiting) this.tell(from, mailKinds.closed, number);
    else waiting.resolve(this.#accept(waiting.holder, from, number, bytes));
  }

  #accept(holder: Holder, from: number, number: number, bytes: Uint8Array): SimLink {
    const [remote, local] = [bytes.slice(0, BINDING_BYTES), bytes.slice(BINDING_BYTES, 2 * BINDING_BYTES)];
    return this.#open(holder, from, number, { local, remote }, bytes.slice(2 * BINDING_BYTES));
  }
}

/** The end of a link that is in another shard. */
class FarEnd implements OtherEnd {
  /** Both halves of the link are counted where they are. */
  readonly uncounted = true;
  owner: { readonly id: Uint8Array } | undefined;
  readonly #border: Border;
  readonly #shard: number;
  readonly #number: number;

  constructor(border: Border, shard: number, number: number, owner: Uint8Array | undefined) {
    this.#border = border;
    this.#shard = shard;
    this.#number = number;
    this.owner = owner && { id: owner };
  }

  arrive(frame: Uint8Array, at: number): void {
    this.#border.post(this.#shard, at, mailKinds.frame, this.#number, 0, frame);
  }

  closeAt(at: number): void {
    this.#border.post(this.#shard, at, mailKinds.closed, this.#number);
  }
}

export function writeEnd({ knows, owner }: AnsweringEnd): Uint8Array {
  return concat(Uint8Array.of(knows ? 1 : 0), owner);
}

function readEnd(number: number, counterpart: number, bytes: Uint8Array): AnsweringEnd {
  return { number, counterpart, knows: bytes[0] === 1, owner: bytes.slice(1) };
}
