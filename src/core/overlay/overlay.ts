// The overlay whole: links, packets, questions and circuits (transport.ts), the DHT with its table (discovery.ts), and dialing. What the rest of core sees of it is overlay-api.ts.
import type { Dialer } from '../ports/dialer.ts';
import type { Link } from '../ports/link.ts';
import { addressOf, idFromAddress } from './address.ts';
import type { Dht } from './dht.ts';
import { Dialing } from './dialing.ts';
import { Discovery } from './discovery.ts';
import type {
  AdoptOptions,
  CircuitHandler,
  NodeRef,
  Overlay,
  OverlayView,
  RequestHandler,
  SendOptions,
  ServiceName,
} from './overlay-api.ts';
import { type RecordDraft, signRecord } from './records.ts';
import { Transport, type TransportOptions } from './transport.ts';
import type { VerifiedItem } from './virtual-socket.ts';

export interface OverlayOptions extends TransportOptions {
  readonly dialer: Dialer;
}

export async function startOverlay(options: OverlayOptions): Promise<Overlay> {
  return new WholeOverlay(options, await Transport.start(options));
}

/** Behind `Overlay`: for the simulation, which runs exactly this and looks inside. Everybody else has `startOverlay`. */
export class WholeOverlay implements Overlay {
  readonly #options: OverlayOptions;
  readonly #transport: Transport;
  readonly #dialing: Dialing;
  readonly #discovery: Discovery;
  readonly #onChange: (() => void)[] = [];

  constructor(options: OverlayOptions, transport: Transport) {
    this.#options = options;
    this.#transport = transport;
    this.#dialing = new Dialing({ ...options, overlay: this });
    this.#discovery = new Discovery({ ...options, transport, dial: (id) => this.#dialing.dial(this.#refOf(id)) });
    transport.neighbours.onAdded(() => this.#changed());
    transport.neighbours.onRemoved(() => this.#changed());
  }

  get id(): Uint8Array {
    return this.#transport.id;
  }

  get dht(): Dht {
    return this.#discovery.dht;
  }

  view(): OverlayView {
    const { neighbours, routes, router } = this.#transport;
    const { open, relayed, bytes, bytesPerSecond } = this.#transport.circuits.view;
    return {
      neighbours: neighbours.all().map((each) => ({
        id: each.id,
        direction: each.dialed === undefined ? 'unknown' : each.dialed ? 'out' : 'in',
        pinned: each.pinned,
        inTable: each.inTable,
        inTheirTable: each.inTheirTable,
        rttMs: each.rttMs,
        bytesIn: each.bytesIn,
        bytesOut: each.bytesOut,
        since: each.since,
      })),
      routes: routes.size,
      circuits: open,
      relayed: { circuits: relayed, bytes, bytesPerSecond },
      traffic: {
        ...neighbours.traffic,
        forwarded: router.counters.forwarded,
        dropped: router.counters.dropped + neighbours.dropped,
      },
      linksOpened: neighbours.linksOpened,
    };
  }

  onChange(handler: () => void): void {
    this.#onChange.push(handler);
  }

  adopt(link: Link, options?: AdoptOptions): Promise<Uint8Array> {
    return this.#transport.neighbours.adopt(link, options);
  }

  async put(item: RecordDraft): Promise<number> {
    return this.#discovery.dht.put(await signRecord(this.#options.crypto, item));
  }

  get(
    publicKey: Uint8Array,
    onValue: (item: { readonly value: Uint8Array; readonly seq: number; readonly from: NodeRef }) => void,
  ): Promise<void> {
    return this.#discovery.dht.get(publicKey, ({ value, seq, id }: VerifiedItem) =>
      onValue({ value, seq, from: this.#refOf(id) }),
    );
  }

  announce(target: Uint8Array, still?: () => boolean): Promise<number> {
    return this.#discovery.dht.announce(target, still);
  }

  lookup(target: Uint8Array, onNode: (node: NodeRef) => void): Promise<void> {
    return this.#discovery.dht.lookup(target, onNode);
  }

  request(to: NodeRef, service: ServiceName, payload: Uint8Array, options?: SendOptions): Promise<Uint8Array> {
    return this.#transport.requests.request(to, service, payload, options);
  }

  onRequest(service: ServiceName, handler: RequestHandler): void {
    this.#transport.requests.onRequest(service, handler);
  }

  openCircuit(to: NodeRef, service: ServiceName, payload: Uint8Array, options?: SendOptions): Promise<Link> {
    return this.#transport.circuits.openCircuit(to, service, payload, options);
  }

  onCircuit(service: ServiceName, handler: CircuitHandler): void {
    this.#transport.circuits.onCircuit(service, handler);
  }

  keep(ids: readonly Uint8Array[]): void {
    this.#transport.neighbours.keep(ids);
  }

  addAlias(alias: Uint8Array): void {
    this.#transport.names.add(alias);
  }

  removeAlias(alias: Uint8Array): void {
    this.#transport.names.remove(alias);
  }

  setRelaying(limits: { readonly bytesPerSecond: number } | null): void {
    this.#transport.circuits.setRelaying(limits);
  }

  close(): void {
    this.#discovery.close();
    this.#dialing.close();
    this.#transport.close();
  }

  #refOf(id: Uint8Array): NodeRef {
    return { id, via: this.#transport.routes.introducers(addressOf(id)).map(idFromAddress) };
  }

  #changed(): void {
    for (const handler of this.#onChange) handler();
  }
}
