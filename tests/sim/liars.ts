// Nodes that lie: they keep to the protocol towards their neighbours, and drop, delay, forge and invent in everything they
// answer or pass on. An invented node "answers" too: the liar that named it stands on the only way to it.
import { addressBytes, addressOf, isUsableId } from '../../src/core/overlay/address.ts';
import { type Bencoded, readDictionary } from '../../src/core/overlay/bencode.ts';
import { frameTypes } from '../../src/core/overlay/frames.ts';
import {
  addressAt,
  makePacket,
  numberOf,
  type PacketHead,
  pathOf,
  payloadOf,
  readPacketHead,
} from '../../src/core/overlay/packet.ts';
import type { Random } from '../../src/core/ports/random.ts';
import type { Tamper } from './network.ts';

const MAX_DELAY_MS = 3_000;
const INVENTED_IN_ANSWER = 8;
/** Bytes that an invented id shares with the target: nearer than any honest one, and still an address of its own. */
const SHARED_BYTES = 4;
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

export class Liar {
  readonly #self: string;
  readonly #random: Random;
  /** Ids by address. */
  readonly #invented = new Map<string, Uint8Array>();
  /** Targets of the queries heard, by transaction. */
  readonly #targets = new Map<string, Uint8Array>();

  constructor(id: Uint8Array, random: Random) {
    this.#self = addressOf(id);
    this.#random = random;
  }

  /** What it sends. */
  readonly tamper: Tamper = (frame, send) => {
    if (frame[0] !== frameTypes.packet) {
      send(frame);
      return;
    }
    const head = readPacketHead(frame);
    const chance = this.#random.fraction();
    if (chance < 0.3) return;
    if (chance < 0.5) send(frame, this.#random.fraction() * MAX_DELAY_MS);
    else if (addressAt(frame, 0) === this.#self) this.#lie(frame, head, send);
    else if (chance < 0.7) send(withFlippedByte(frame, head, this.#random));
    else send(frame);
  };

  /** What it hears; true when its node shall not. `reply` goes back over the same link. */
  hear(frame: Uint8Array, reply: (frame: Uint8Array) => void): boolean {
    if (frame[0] !== frameTypes.packet) return false;
    const head = readPacketHead(frame);
    const target = targetOf(payloadOf(frame, head));
    const transaction = transactionOf(payloadOf(frame, head));
    if (target && transaction) this.#targets.set(latin1(transaction), target);
    if (this.#targets.size > 256) this.#targets.clear();
    const next = head.position + 1 < head.count ? this.#invented.get(addressAt(frame, head.position + 1)) : undefined;
    if (!next || !target || !transaction) return false;
    const path = pathOf(frame, head).reverse();
    const answer = this.#answerAs(next, transaction, target);
    reply(makePacket(frameTypes.packet, head.extra, numberOf(frame), path, 2, answer));
    return true;
  }

  #lie(frame: Uint8Array, head: PacketHead, send: (frame: Uint8Array) => void): void {
    const message = readDictionary(payloadOf(frame, head));
    const [answer, transaction] = [message?.get('r'), message?.get('t')];
    if (!message || !(answer instanceof Map) || !(transaction instanceof Uint8Array)) {
      send(frame);
      return;
    }
    const again = (changed: Map<string, Bencoded>) => {
      const payload = encode(new Map<string, Bencoded>([...message, ['r', changed]]));
      send(makePacket(frameTypes.packet, head.extra, numberOf(frame), pathOf(frame, head), head.position, payload));
    };
    const value = answer.get('v');
    const target = this.#targets.get(latin1(transaction));
    if (value instanceof Uint8Array) again(new Map([...answer, ['v', this.#random.bytes(value.length)], ['seq', 1e9]]));
    else if (target) again(new Map([...answer, ['nodes', this.#invent(target)]]));
    else send(frame);
  }

  #answerAs(id: Uint8Array, transaction: Uint8Array, target: Uint8Array): Uint8Array {
    const r = new Map<string, Bencoded>([
      ['id', id],
      ['nodes', this.#invent(target)],
      ['token', this.#random.bytes(20)],
    ]);
    return encode(
      new Map<string, Bencoded>([
        ['r', r],
        ['t', transaction],
        ['y', Buffer.from('r')],
      ]),
    );
  }

  #invent(target: Uint8Array): Uint8Array {
    const ids: Uint8Array[] = [];
    while (ids.length < INVENTED_IN_ANSWER) {
      const id = this.#random.bytes(20);
      id.set(target.subarray(0, SHARED_BYTES));
      if (isUsableId(id)) ids.push(id);
    }
    if (this.#invented.size > 4_096) this.#invented.clear();
    for (const id of ids) this.#invented.set(addressOf(id), id);
    return Buffer.concat(ids.flatMap((id) => [id, addressBytes(addressOf(id))]));
  }
}

function withFlippedByte(frame: Uint8Array, head: PacketHead, random: Random): Uint8Array {
  const payload = payloadOf(frame, head);
  const at = Math.floor(random.fraction() * payload.length);
  payload[at] = (payload[at] ?? 0) ^ 0x55;
  return frame;
}

function targetOf(payload: Uint8Array): Uint8Array | undefined {
  const body = readDictionary(payload)?.get('a');
  const target = body instanceof Map ? (body.get('target') ?? body.get('info_hash')) : undefined;
  return target instanceof Uint8Array ? target : undefined;
}

function transactionOf(payload: Uint8Array): Uint8Array | undefined {
  const transaction = readDictionary(payload)?.get('t');
  return transaction instanceof Uint8Array ? transaction : undefined;
}

function encode(value: Bencoded): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`);
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.from(`${value.length}:`), value]);
  const parts = Array.isArray(value)
    ? value.map(encode)
    : [...(value as Map<string, Bencoded>)]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([key, item]) => [encode(Buffer.from(key, 'latin1')), encode(item)]);
  return Buffer.concat([Buffer.from(Array.isArray(value) ? 'l' : 'd'), ...parts, Buffer.from('e')]);
}
