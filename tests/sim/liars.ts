// Nodes that lie: they drop, delay, forge and invent in everything they answer or pass on, name nodes as their neighbours that
// are not, and pass for others (impostor.ts). An invented node "answers" too: the liar that named it stands on the only way to it.
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
import { answerTo, asIfFrom, Impostor } from './impostor.ts';
import type { Tamper } from './network.ts';
import type { SimNode, SimWorld } from './node.ts';

const MAX_DELAY_MS = 3_000;
const NAMED_IN_ANSWER = 8;
/** Of the nodes it names, these are there, but none of its neighbours. */
const REAL_IN_ANSWER = 2;
/** Of its own questions, and of those it passes on: under another's name, and answered in another's name. */
const FALSE_QUESTIONS = 0.1;
const FALSE_ANSWERS = 0.15;
/** Bytes that an invented id shares with the target: nearer than any honest one, and still an address of its own. */
const SHARED_BYTES = 4;
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

export class Liar {
  readonly #self: string;
  readonly #random: Random;
  readonly #impostor: Impostor;
  /** Ids by address. */
  readonly #invented = new Map<string, Uint8Array>();
  /** Targets of the queries heard, by transaction. */
  readonly #targets = new Map<string, Uint8Array>();

  constructor(node: SimNode, world: SimWorld, tries: { count: number }) {
    this.#self = addressOf(node.id);
    this.#random = world.random;
    this.#impostor = new Impostor(node, world, tries);
  }

  /** What it sends. */
  readonly tamper: Tamper = (frame, send) => {
    if (frame[0] === frameTypes.hello) {
      send(this.#impostor.hello(frame));
      return;
    }
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
    if (frame[0] === frameTypes.hello) this.#impostor.remember(frame);
    if (frame[0] !== frameTypes.packet) return false;
    const head = readPacketHead(frame);
    const target = targetOf(payloadOf(frame, head));
    const transaction = transactionOf(payloadOf(frame, head));
    if (target && transaction) this.#targets.set(latin1(transaction), target);
    if (this.#targets.size > 256) this.#targets.clear();
    if (head.position + 1 >= head.count) return false;
    if (this.#impostor.hijack(frame, head, reply)) return true;
    const name = target && transaction && this.#nameToAnswerIn(addressAt(frame, head.count - 1));
    if (!name) return false;
    reply(answerTo(frame, head, this.#answerAs(name, transaction, target)));
    return true;
  }

  /** Whoever is asked behind us: always when we invented it, else now and then. */
  #nameToAnswerIn(asked: string): Uint8Array | undefined {
    const invented = this.#invented.get(asked);
    if (invented || this.#random.fraction() >= FALSE_ANSWERS) return invented;
    const id = this.#impostor.idOf(asked);
    if (id) this.#impostor.tried();
    return id;
  }

  #lie(frame: Uint8Array, head: PacketHead, send: (frame: Uint8Array) => void): void {
    const message = readDictionary(payloadOf(frame, head));
    const question = message?.get('a');
    if (message && question instanceof Map && this.#random.fraction() < FALSE_QUESTIONS) {
      send(this.#underAnotherName(frame, head, message, question) ?? frame);
      return;
    }
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
    else if (target) again(new Map([...answer, ['nodes', this.#introduce(target)]]));
    else send(frame);
  }

  #answerAs(id: Uint8Array, transaction: Uint8Array, target: Uint8Array): Uint8Array {
    const r = new Map<string, Bencoded>([
      ['id', id],
      ['nodes', this.#introduce(target)],
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

  #underAnotherName(
    frame: Uint8Array,
    head: PacketHead,
    message: ReadonlyMap<string, Bencoded>,
    question: ReadonlyMap<string, Bencoded>,
  ): Uint8Array | undefined {
    const origin = this.#impostor.somebody()?.id;
    if (!origin) return undefined;
    const payload = encode(new Map<string, Bencoded>([...message, ['a', new Map([...question, ['id', origin]])]]));
    this.#impostor.tried();
    return asIfFrom(origin, frame, head, payload);
  }

  /** Inventions that are nearer to the target than anybody, and some who are there and know nothing of this. */
  #introduce(target: Uint8Array): Uint8Array {
    const real = Array.from({ length: REAL_IN_ANSWER }, () => this.#impostor.somebody()?.id).filter(
      (id) => id !== undefined,
    );
    const invented = this.#invent(target, NAMED_IN_ANSWER - real.length);
    return Buffer.concat([...real, ...invented].flatMap((id) => [id, addressBytes(addressOf(id))]));
  }

  #invent(target: Uint8Array, count: number): Uint8Array[] {
    const ids: Uint8Array[] = [];
    while (ids.length < count) {
      const id = this.#random.bytes(20);
      id.set(target.subarray(0, SHARED_BYTES));
      if (isUsableId(id)) ids.push(id);
    }
    if (this.#invented.size > 4_096) this.#invented.clear();
    for (const id of ids) this.#invented.set(addressOf(id), id);
    return ids;
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
