// How a liar tries to pass for somebody else: with another's hello, in the middle of a dial, in answers and questions under
// another's name. It knows every node there is, and reaches all of them.
import { addressOf } from '../../src/core/overlay/address.ts';
import { decodeDialMessage, encodeDialReply } from '../../src/core/overlay/dial-messages.ts';
import { frameTypes } from '../../src/core/overlay/frames.ts';
import { addressAt, makePacket, numberOf, type PacketHead, pathOf, payloadOf } from '../../src/core/overlay/packet.ts';
import { REQUEST_SERVICE } from '../../src/core/overlay/requests.ts';
import type { SimLink } from './network.ts';
import type { SimNode, SimWorld } from './node.ts';

/** Of its own hellos, so many are another's: who is always refused hears nothing. */
const FALSE_HELLOS = 0.2;
const HIJACKED_DIALS = 0.3;
const MAX_HELLOS_KEPT = 64;
const HIJACK_MS = 10_000;
/** Of a hello (hello.ts): where its key and its signature begin. */
const [KEY_AT, SIGNATURE_AT] = [3, 35];
/** Of a request (requests.ts): a question, its answer, where the number ends and where the payload begins. */
const [QUESTION, ANSWER, NUMBER_END, QUESTION_HEAD] = [1, 2, 9, 30];
const DIAL = 1;

export class Impostor {
  readonly #node: SimNode;
  readonly #world: SimWorld;
  readonly #tries: { count: number };
  readonly #hellos: Uint8Array[] = [];

  constructor(node: SimNode, world: SimWorld, tries: { count: number }) {
    this.#node = node;
    this.#world = world;
    this.#tries = tries;
  }

  /** Counts one attempt. */
  tried(): void {
    this.#tries.count += 1;
  }

  /** Somebody who is there, other than this node. */
  somebody(): SimNode | undefined {
    const { nodes, random } = this.#world;
    const all = [...nodes.values()];
    const one = all[Math.floor(random.fraction() * all.length)];
    return one === this.#node ? undefined : one;
  }

  idOf(address: string): Uint8Array | undefined {
    return this.#world.nodes.get(address)?.id;
  }

  remember(hello: Uint8Array): void {
    this.#hellos.push(hello.slice());
    if (this.#hellos.length > MAX_HELLOS_KEPT) this.#hellos.shift();
  }

  /** Another's hello as it was heard, or its key above a signature of our own; now and then. */
  hello(own: Uint8Array): Uint8Array {
    const { random } = this.#world;
    const heard = this.#hellos[Math.floor(random.fraction() * this.#hellos.length)];
    if (!heard || random.fraction() >= FALSE_HELLOS) return own;
    this.tried();
    if (random.fraction() < 0.5) return heard;
    const forged = own.slice();
    forged.set(heard.subarray(KEY_AT, SIGNATURE_AT), KEY_AT);
    return forged;
  }

  /** An offer on its way to somebody behind us: answered in their place. True when it goes no further. */
  hijack(frame: Uint8Array, head: PacketHead, reply: (frame: Uint8Array) => void): boolean {
    const payload = payloadOf(frame, head);
    const isDial = head.extra === REQUEST_SERVICE && payload[0] === QUESTION && payload[NUMBER_END] === DIAL;
    if (!isDial || this.#world.random.fraction() >= HIJACKED_DIALS) return false;
    const message = decodeDialMessage(payload.slice(QUESTION_HEAD));
    if (message.kind !== 'offer') return false;
    this.tried();
    const victim = addressAt(frame, head.count - 1);
    const number = payload.slice(1, NUMBER_END);
    const respond = (signal: Uint8Array) => {
      const answer = Uint8Array.of(ANSWER, ...number, ...encodeDialReply({ kind: 'answer', signal }));
      reply(answerTo(frame, head, answer));
    };
    void this.#standIn(message.signal, victim, respond).catch(() => {}); // the other has given up
    return true;
  }

  async #standIn(offer: Uint8Array, victim: string, respond: (signal: Uint8Array) => void): Promise<void> {
    const { network, nodes } = this.#world;
    const answer = await this.#node.dialer.answer(offer, { trickle: true });
    const timer = network.time.after(HIJACK_MS, () => answer.cancel());
    answer.onCandidate((candidate) => answer.addCandidate(candidate)); // it has just spoken to us: we know the way
    respond(answer.signal);
    const near = honest((await answer.link) as SimLink);
    timer.cancel();
    const person = nodes.get(victim);
    if (person) this.#relay(near, person);
    else near.close();
  }

  /** Carries everything between the two, hellos too, and changes nothing. */
  #relay(near: SimLink, victim: SimNode): void {
    const [ours, theirs] = this.#world.network.connect(this.#node, victim);
    const far = honest(ours);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.onFrame((frame) => other.closed || other.send(frame));
      one.onClose(() => other.close());
    }
    victim.overlay.adopt(theirs, { dialed: false }).catch(() => {}); // it has seen through us
  }
}

/** The way back of an answer to a frame that is being passed on, as if the last on its path had sent it. */
export function answerTo(frame: Uint8Array, head: PacketHead, payload: Uint8Array): Uint8Array {
  const path = pathOf(frame, head).reverse();
  return makePacket(frameTypes.packet, head.extra, numberOf(frame), path, head.count - head.position, payload);
}

/** The same packet as if `origin` had sent it, and we only passed it on; undefined when the path is full or knows it. */
export function asIfFrom(origin: Uint8Array, frame: Uint8Array, head: PacketHead, payload: Uint8Array) {
  const path = [addressOf(origin), ...pathOf(frame, head)];
  if (path.length > 6 || path.indexOf(path[0] as string, 1) > 0) return undefined;
  return makePacket(frameTypes.packet, head.extra, numberOf(frame), path, head.position + 1, payload);
}

function honest(link: SimLink): SimLink {
  link.tamper = undefined;
  link.hear = undefined;
  return link;
}
