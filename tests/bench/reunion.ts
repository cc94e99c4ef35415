// Two pages that know each other lose their link and find each other again over the tracker: Kith's own way (rendezvous,
// dialer, session) and the plainest one (a data channel whose offer and answer go through the tracker in the clear).
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { trackerEntryPoint } from '../../src/adapters/tracker/entry-point.ts';
import { webRtcDialer } from '../../src/adapters/webrtc/dialer.ts';
import { fromHex, toHex } from '../../src/core/bytes/hex.ts';
import { fromUtf8, utf8 } from '../../src/core/bytes/utf8.ts';
import { fingerprintOf } from '../../src/core/identity/bundle.ts';
import { type Identity, identityFromRoot, ROOT_SECRET_BYTES } from '../../src/core/identity/keys.ts';
import type { Contact } from '../../src/core/node/contact-book.ts';
import { Peers } from '../../src/core/node/peers.ts';
import type { EntryPoint, TopicMembership } from '../../src/core/ports/entry-point.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import { Rendezvous } from '../../src/core/rendezvous/rendezvous.ts';
import { placeAt } from '../fixtures/places.ts';
import { RawChannel } from './raw.ts';

const CONTACT_ID = 'contact';

const openDoor = (): EntryPoint =>
  trackerEntryPoint({
    url: new URL('/announce', location.href.replace(/^http/, 'ws')).href,
    clock: systemClock,
    random: systemRandom,
  });

/** When the next connection is up, milliseconds since the epoch. */
class Arrival {
  #resolve: (at: number) => void = () => undefined;
  #promise: Promise<number> = Promise.resolve(0);

  expect(): void {
    this.#promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  happened(): void {
    this.#resolve(Date.now());
  }

  at(): Promise<number> {
    return this.#promise;
  }
}

export class KithReunion {
  readonly #identity: Promise<Identity> = identityFromRoot(systemRandom.bytes(ROOT_SECRET_BYTES));
  readonly #live = new Arrival();
  #peers: Peers | undefined;

  /** Public keys of this side, in hex. */
  async bundle(): Promise<string> {
    return toHex((await this.#identity).bundle);
  }

  /** Looks for the other side from now on. Both call it, with the other's bundle and the same 32 bytes. */
  async watch(peerBundle: string, secret: string): Promise<void> {
    this.#live.expect();
    const common = { clock: systemClock, random: systemRandom, log: silentLog };
    const dialer = webRtcDialer({ iceServers: [] });
    const rendezvous = new Rendezvous({ doors: [openDoor()], dialer, ...common });
    const events = { proven() {}, live: () => this.#live.happened(), ended() {}, nodesChanged() {}, changed() {} };
    this.#peers = new Peers({ self: await this.#identity, rendezvous, relayOnly: () => false, ...common, events });
    await this.#peers.watch(await contactOf(fromHex(peerBundle), fromHex(secret)));
  }

  expect(): void {
    this.#live.expect();
  }

  live(): Promise<number> {
    return this.#live.at();
  }

  /** Closes the link under both, without a goodbye; says when. */
  loseLink(): number {
    const began = Date.now();
    this.#peers?.session(CONTACT_ID)?.close(false);
    return began;
  }
}

async function contactOf(bundle: Uint8Array, secret: Uint8Array): Promise<Contact> {
  return {
    v: 1,
    id: CONTACT_ID,
    bundle,
    fingerprint: await fingerprintOf(bundle),
    secrets: [secret],
    theirName: '',
    nickname: '',
    number: '',
    trust: 'verified',
    mine: 'accepted',
    theirs: 'accepted',
    told: false,
    createdAt: systemClock.now(),
  };
}

/** One side always calls, the other always answers: a plain program would not do more. */
export class RawReunion {
  readonly #open = new Arrival();
  #membership: TopicMembership | undefined;
  #channel: RawChannel | undefined;
  #calls = false;

  /** Joins a topic (20 bytes in hex). The caller comes second, so that somebody is there to be called. */
  watch(topic: string, calls: boolean): Promise<void> {
    this.#open.expect();
    this.#calls = calls;
    return new Promise((joined) => {
      this.#membership = openDoor().join(placeAt(fromHex(topic)), {
        others: (count) => {
          joined();
          if (calls && count !== 0 && !this.#channel) void this.#call();
        },
        offer: ({ signal, answer }) => void this.#answer(signal, answer),
      });
    });
  }

  expect(): void {
    this.#open.expect();
  }

  live(): Promise<number> {
    return this.#open.at();
  }

  loseLink(): number {
    const began = Date.now();
    this.#channel?.close();
    return began;
  }

  async #call(): Promise<void> {
    const channel = this.#connect();
    const offer = await channel.offer();
    this.#membership?.offer(utf8(offer), (answer) => void channel.accept(fromUtf8(answer)));
  }

  async #answer(offer: Uint8Array, reply: (signal: Uint8Array) => void): Promise<void> {
    reply(utf8(await this.#connect().answer(fromUtf8(offer))));
  }

  #connect(): RawChannel {
    const channel = new RawChannel();
    this.#channel = channel;
    void channel.open.then(() => this.#open.happened());
    channel.onClose(() => {
      if (this.#calls) void this.#call();
    });
    return channel;
  }
}
