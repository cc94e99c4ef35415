// What one shard of a simulation tells another (shards.ts), packed into one buffer for each window of time:
//   arrival time, milliseconds (8, IEEE 754) ‖ kind (1) ‖ two numbers (4 each) ‖ length (4) ‖ bytes

/** `number`: of the link, or of the end of a connection in the making. `other`: a node, or the other end. */
export interface Mail {
  readonly at: number;
  readonly kind: MailKind;
  readonly number: number;
  readonly other: number;
  readonly bytes: Uint8Array;
}

export const mailKinds = {
  /** On a link. */
  frame: 0,
  /** The link's other end is closed. */
  closed: 1,
  /** A link through a door to a node: what it is bound to, whose it is. */
  door: 2,
  /** Whose the other end of a link is. */
  taken: 3,
  /** An answering end: whose it is, whether it knows the way. */
  end: 4,
  /** There is no such answering end any more. */
  noEnd: 5,
  /** The link that an answering end waits for. */
  join: 6,
} as const;

export type MailKind = (typeof mailKinds)[keyof typeof mailKinds];

const HEAD_BYTES = 21;
const FIRST_BYTES = 65_536;
const NOTHING = new Uint8Array(0);

export class MailBag {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  add(at: number, kind: MailKind, number: number, other = 0, bytes: Uint8Array = NOTHING): void {
    const start = this.#length;
    this.#length += HEAD_BYTES + bytes.length;
    if (this.#length > this.#bytes.length) this.#grow();
    this.#view.setFloat64(start, at);
    this.#view.setUint8(start + 8, kind);
    this.#view.setUint32(start + 9, number);
    this.#view.setUint32(start + 13, other);
    this.#view.setUint32(start + 17, bytes.length);
    this.#bytes.set(bytes, start + HEAD_BYTES);
  }

  /** All of it, once. */
  empty(): Uint8Array<ArrayBuffer> {
    const all = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return all;
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#length);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** In the order it was added. `copy`: of a part of the bag, for its receiver alone; a view would keep the whole bag. */
export function* readMail(bag: Uint8Array, copy: (part: Uint8Array) => Uint8Array): Generator<Mail> {
  const view = new DataView(bag.buffer, bag.byteOffset, bag.byteLength);
  for (let start = 0; start < bag.length; ) {
    const end = start + HEAD_BYTES + view.getUint32(start + 17);
    yield {
      at: view.getFloat64(start),
      kind: view.getUint8(start + 8) as MailKind,
      number: view.getUint32(start + 9),
      other: view.getUint32(start + 13),
      bytes: copy(bag.subarray(start + HEAD_BYTES, end)),
    };
    start = end;
  }
}
