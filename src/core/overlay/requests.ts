// Questions and answers over packets (OVERLAY.md, "Requests"):
//   kind (1) ‖ number (8) ‖ in a question: service (1), asker's id (20) ‖ payload
import { toHex } from '../bytes/hex.ts';
import { KithError } from '../errors.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { type Address, addressOf, ID_BYTES, idFromAddress } from './address.ts';
import {
  ANSWER_KEPT_MS,
  MAX_ANSWERS_KEPT,
  MAX_OPEN_REQUESTS,
  MAX_REQUEST_BYTES,
  MAX_WORKING,
  MAX_WORKING_FOR_ONE,
  REQUEST_TIMEOUT_MS,
  REQUEST_TRY_MS,
} from './limits.ts';
import type { Names } from './names.ts';
import {
  type NodeRef,
  type RequestHandler,
  type SendOptions,
  type ServiceName,
  services,
  servicesOfAliases,
} from './overlay-api.ts';
import type { Arrival, Router } from './router.ts';
import type { Routes } from './routes.ts';

/** The router's service for all requests. */
export const REQUEST_SERVICE = 2;
const QUESTION = 1;
const ANSWER = 2;
const NUMBER_BYTES = 8;
const NUMBER_END = 1 + NUMBER_BYTES;
const QUESTION_HEAD = NUMBER_END + 1 + ID_BYTES;

interface Open {
  readonly to: Address;
  readonly frame: Uint8Array;
  readonly as: Address;
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: KithError) => void;
  timer: Timer | undefined;
}

interface Worked {
  readonly at: number;
  arrival: Arrival;
  answer: Uint8Array | undefined;
}

export interface RequestTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly names: Names;
  readonly routes: Routes;
  readonly router: Router;
}

export class Requests {
  readonly #tools: RequestTools;
  readonly #handlers = new Map<number, RequestHandler>();
  readonly #open = new Map<string, Open>();
  /** Questions of others, by asker and number, oldest first: what comes twice is worked on once. */
  readonly #worked = new Map<string, Worked>();
  /** Being worked on, by the neighbour that brought them. */
  readonly #working = new Map<Address, number>();
  #workingInAll = 0;

  constructor(tools: RequestTools) {
    this.#tools = tools;
    tools.router.onPacket(REQUEST_SERVICE, (from, payload, arrival) => {
      if (payload[0] === QUESTION) this.#question(from, payload, arrival);
      else if (payload[0] === ANSWER) this.#answer(from, payload);
    });
    tools.router.onUnreachable((_, service, payload) => {
      const open = service === REQUEST_SERVICE && payload[0] === QUESTION && this.#open.get(numberOf(payload));
      if (open) this.#end(numberOf(payload), this.#noWay(open));
    });
  }

  /** See Overlay.onRequest. */
  onRequest(service: ServiceName, handler: RequestHandler): void {
    this.#handlers.set(services[service], handler);
  }

  /** See Overlay.request. */
  request(to: NodeRef, service: ServiceName, payload: Uint8Array, options: SendOptions = {}): Promise<Uint8Array> {
    const { names, routes, random } = this.#tools;
    if (payload.length > MAX_REQUEST_BYTES) {
      return Promise.reject(new KithError('frame-too-large', { limit: MAX_REQUEST_BYTES }));
    }
    const address = addressOf(to.id);
    const asker = options.as ?? (names.ourId(names.self) as Uint8Array);
    for (const via of to.via) routes.learn(address, addressOf(via), names.self);
    const frame = new Uint8Array(QUESTION_HEAD + payload.length);
    frame[0] = QUESTION;
    frame.set(random.bytes(NUMBER_BYTES), 1);
    frame[NUMBER_END] = services[service];
    frame.set(asker, NUMBER_END + 1);
    frame.set(payload, QUESTION_HEAD);
    return new Promise((resolve, reject) => {
      if (this.#open.size >= MAX_OPEN_REQUESTS) {
        reject(new KithError('link-timeout'));
        return;
      }
      const open: Open = { to: address, frame, as: addressOf(asker), resolve, reject, timer: undefined };
      this.#open.set(numberOf(frame), open);
      this.#try(open, 0);
    });
  }

  close(): void {
    for (const number of [...this.#open.keys()]) this.#end(number, new KithError('link-closed'));
    this.#handlers.clear();
    this.#worked.clear();
  }

  #try(open: Open, way: number): void {
    const { clock, router, routes } = this.#tools;
    const number = numberOf(open.frame);
    if (!router.send(open.to, REQUEST_SERVICE, open.frame, { as: open.as, way })) {
      this.#end(number, this.#noWay(open));
      return;
    }
    open.timer = clock.after(way === 0 ? REQUEST_TRY_MS : REQUEST_TIMEOUT_MS - REQUEST_TRY_MS, () => {
      const [first] = routes.introducers(open.to);
      if (way === 0) this.#try(open, 1);
      else this.#end(number, new KithError('link-timeout'));
      if (first !== undefined) routes.doubt(first, open.to);
    });
  }

  #noWay({ as, to }: Open): KithError {
    const { names } = this.#tools;
    return new KithError(names.isAlias(as) && names.neighbour(to) ? 'no-relay' : 'no-route');
  }

  #end(number: string, result: Uint8Array | KithError): void {
    const open = this.#open.get(number);
    if (open === undefined) return;
    this.#open.delete(number);
    open.timer?.cancel();
    if (result instanceof KithError) open.reject(result);
    else open.resolve(result);
  }

  #answer(from: Address, payload: Uint8Array): void {
    if (payload.length < NUMBER_END) return;
    const number = numberOf(payload);
    if (this.#open.get(number)?.to === from) this.#end(number, payload.slice(NUMBER_END));
  }

  #question(from: Address, payload: Uint8Array, arrival: Arrival): void {
    if (payload.length < QUESTION_HEAD) return;
    const service = payload[NUMBER_END] as number;
    if (arrival.toAlias && !servicesOfAliases.has(service)) return;
    const handler = this.#handlers.get(service);
    const asker = payload.slice(NUMBER_END + 1, QUESTION_HEAD);
    if (handler === undefined || addressOf(asker) !== from) return;
    const key = `${from}/${numberOf(payload)}`;
    const known = this.#worked.get(key);
    if (known !== undefined) {
      known.arrival = arrival;
      if (known.answer) this.#tools.router.answer(arrival, REQUEST_SERVICE, known.answer);
      return;
    }
    const { bringer } = arrival;
    const before = this.#working.get(bringer) ?? 0;
    if (this.#workingInAll >= MAX_WORKING || before >= MAX_WORKING_FOR_ONE) return;
    this.#workingInAll += 1;
    this.#working.set(bringer, before + 1);
    const worked: Worked = { at: this.#tools.clock.now(), arrival, answer: undefined };
    this.#remember(key, worked);
    const ref: NodeRef = { id: asker, via: introducersOf(arrival) };
    void this.#work(handler, ref, payload, worked).finally(() => {
      this.#workingInAll -= 1;
      const left = (this.#working.get(bringer) ?? 1) - 1;
      if (left === 0) this.#working.delete(bringer);
      else this.#working.set(bringer, left);
    });
  }

  async #work(handler: RequestHandler, from: NodeRef, question: Uint8Array, worked: Worked): Promise<void> {
    try {
      const { names } = this.#tools;
      const { bringer: over, to } = worked.arrival;
      const bringer = names.neighbour(over)?.id ?? idFromAddress(over);
      const answer = await handler(from, question.slice(QUESTION_HEAD), bringer, names.ourId(to) ?? idFromAddress(to));
      if (answer === undefined || answer.length > MAX_REQUEST_BYTES) return;
      const frame = new Uint8Array(NUMBER_END + answer.length);
      frame.set(question.subarray(0, NUMBER_END));
      frame[0] = ANSWER;
      frame.set(answer, NUMBER_END);
      worked.answer = frame;
      this.#tools.router.answer(worked.arrival, REQUEST_SERVICE, frame);
    } catch {
      // Whoever asks learns nothing of what went wrong here, only that no answer comes.
    }
  }

  #remember(key: string, worked: Worked): void {
    const old = this.#tools.clock.now() - ANSWER_KEPT_MS;
    for (const [other, { at }] of this.#worked) {
      if (at > old && this.#worked.size < MAX_ANSWERS_KEPT) break;
      this.#worked.delete(other);
    }
    this.#worked.set(key, worked);
  }
}

function numberOf(payload: Uint8Array): string {
  return toHex(payload.subarray(1, NUMBER_END));
}

/** The relay beside the sender has a link to it; its full id is not known. */
export function introducersOf({ path }: Pick<Arrival, 'path'>): Uint8Array[] {
  return path.length > 2 ? [idFromAddress(path[1] as Address)] : [];
}
