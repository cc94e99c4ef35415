// Kith's own session between two pages: core/session over adapters/webrtc, messages as core/wire writes them. No storage.
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { webRtcDialer } from '../../src/adapters/webrtc/dialer.ts';
import { fromHex, toHex } from '../../src/core/bytes/hex.ts';
import { fingerprintOf } from '../../src/core/identity/bundle.ts';
import { type Identity, identityFromRoot, ROOT_SECRET_BYTES } from '../../src/core/identity/keys.ts';
import type { PendingOffer } from '../../src/core/ports/dialer.ts';
import type { Link } from '../../src/core/ports/link.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import { establish, type Session } from '../../src/core/session/session.ts';
import { decode, encode } from '../../src/core/wire/cbor.ts';
import type { TextMessage } from '../../src/core/wire/chat-messages.ts';
import { sessionMessageSchema } from '../../src/core/wire/session-message.ts';

export class SealedPair {
  readonly #identity: Promise<Identity> = identityFromRoot(systemRandom.bytes(ROOT_SECRET_BYTES));
  readonly #dialer = webRtcDialer({ iceServers: [] });
  #offer: PendingOffer | undefined;
  #link: Promise<Link> | undefined;
  #session: Session | undefined;

  /** Public keys of this side, in hex. */
  async bundle(): Promise<string> {
    return toHex((await this.#identity).bundle);
  }

  async offer(): Promise<string> {
    this.#offer = await this.#dialer.offer();
    return toHex(this.#offer.signal);
  }

  async answer(offer: string): Promise<string> {
    const { signal, link } = await this.#dialer.answer(fromHex(offer));
    this.#link = link;
    return toHex(signal);
  }

  accept(answer: string): void {
    this.#link = this.#offer?.accept(fromHex(answer));
  }

  /** Both sides call it, with the other's bundle and the same 32 bytes. */
  async establish(peerBundle: string, secret: string): Promise<void> {
    if (!this.#link) throw new Error('no link yet');
    const bundle = fromHex(peerBundle);
    this.#session = await establish({
      link: await this.#link,
      self: await this.#identity,
      peer: { bundle, fingerprint: await fingerprintOf(bundle) },
      secrets: [fromHex(secret)],
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
    });
  }

  /** Reads every message and writes the same one back. */
  echo(): void {
    const session = this.#live();
    session.onMessage((payload) => void session.send(encode(decode(payload, sessionMessageSchema))));
  }

  /** Mean milliseconds of a text of `size` bytes there and back: written, sealed, sent, opened, read, and all of it again. */
  roundTrip(size: number, count: number): Promise<number> {
    const session = this.#live();
    const message = textOf(size);
    let left = count;
    return new Promise((resolve) => {
      const began = performance.now();
      session.onMessage((payload) => {
        decode(payload, sessionMessageSchema);
        left -= 1;
        if (left === 0) resolve((performance.now() - began) / count);
        else void session.send(encode(message));
      });
      void session.send(encode(message));
    });
  }

  #live(): Session {
    if (!this.#session) throw new Error('no session yet');
    return this.#session;
  }
}

/** A text message as chat sends it. */
function textOf(size: number): TextMessage {
  const text = 'x'.repeat(size);
  return { type: 'text', id: systemRandom.bytes(16), seq: 1, at: systemClock.now(), seen: 0, text };
}
