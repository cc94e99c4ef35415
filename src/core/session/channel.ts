// A sealed channel over a link, after any handshake: messages in order, heartbeat, rekey, goodbye (SESSION.md, "Channel").
// Whatever does not authenticate ends it: a channel never guesses.
import { equalBytes } from '../bytes/bytes.ts';
import { type ErrorKind, KithError, kindOf } from '../errors.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Link, LinkWay } from '../ports/link.ts';
import type { Random } from '../ports/random.ts';
import { type HeartbeatEvent, type HeartbeatStep, startHeartbeat, stepHeartbeat } from './heartbeat.ts';
import type { Inbox } from './inbox.ts';
import type { CipherState } from './noise/cipher-state.ts';
import { frameKinds, type OuterFrame, refusalKind, versionRefusal } from './outer-frame.ts';
import {
  type Payload,
  REKEY_LIMITS,
  type RekeyLimits,
  type SealedType,
  Sealer,
  sealedHeaders,
  sealedTypes,
} from './sealer.ts';

/** Why a channel ended: a failure, `goodbye` (the other side left on purpose) or `closed` (this side did). */
export type ChannelEnd = ErrorKind | 'goodbye' | 'closed';

export interface ChannelOptions {
  readonly link: Link;
  readonly inbox: Inbox;
  readonly send: CipherState;
  readonly receive: CipherState;
  readonly clock: Clock;
  readonly random: Random;
  /** Default REKEY_LIMITS; smaller in tests. */
  readonly rekeyLimits?: RekeyLimits;
}

/** How long a goodbye may take to leave before the link is closed under it. */
const LINGER_MS = 1_000;
/** Messages kept for a handler that is not there yet. Nobody may say so much before we have answered. */
const MAX_WAITING_MESSAGES = 256;
const TOKEN_BYTES = 8;
const EMPTY = new Uint8Array(0);

/** Frames opened at a time: enough to keep WebCrypto's threads busy. */
const MAX_OPENING = 8;

interface SealedFrame extends OuterFrame {
  readonly kind: typeof frameKinds.transport | typeof frameKinds.lastOfKey;
}

function isSealed(frame: OuterFrame): frame is SealedFrame {
  return frame.kind === frameKinds.transport || frame.kind === frameKinds.lastOfKey;
}

/** Why a frame that is not sealed ends the channel. */
function outOfPlace({ kind, body }: OuterFrame): ErrorKind {
  return kind === frameKinds.refusal ? refusalKind(body) : 'frame-malformed';
}

export class SealedChannel {
  readonly route: Link['route'];
  /** Resolves with the first frame that authenticates. @throws KithError why the channel ended before that. */
  readonly confirmed: Promise<void>;
  #confirm: () => void = () => undefined;
  #unconfirmed: (reason: KithError) => void = () => undefined;
  /** Last measured round trip, milliseconds. */
  rttMs: number | undefined;
  /** Bytes given to the link, frames whole. */
  bytesOut = 0;
  readonly #link: Link;
  readonly #inbox: Inbox;
  readonly #receive: CipherState;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sealer: Sealer;
  #heartbeat: HeartbeatStep['state'];
  #timer: Timer | undefined;
  #asked: { readonly token: Uint8Array; readonly at: number } | undefined;
  #waiting: Uint8Array[] = [];
  #onMessage: ((payload: Uint8Array) => void) | undefined;
  #onClose: ((reason: ChannelEnd) => void) | undefined;
  #end: ChannelEnd | undefined;

  constructor({ link, inbox, send, receive, clock, random, rekeyLimits = REKEY_LIMITS }: ChannelOptions) {
    this.route = link.route;
    this.#link = link;
    this.#inbox = inbox;
    this.#receive = receive;
    this.#clock = clock;
    this.#random = random;
    this.#sealer = new Sealer(send, clock, rekeyLimits, (frame) => this.#give(frame));
    this.confirmed = new Promise((resolve, reject) => {
      this.#confirm = resolve;
      this.#unconfirmed = reject;
    });
    this.confirmed.catch(() => undefined); // only a responder waits for it
    const { state, effects } = startHeartbeat(clock.now());
    this.#heartbeat = state;
    this.#beat(effects);
    void this.#read();
  }

  /** Why it ended; undefined while it lives. */
  get ended(): ChannelEnd | undefined {
    return this.#end;
  }

  /** Bytes received, frames whole, the handshake's included. */
  get bytesIn(): number {
    return this.#inbox.bytesIn;
  }

  /** How the link runs through others; undefined for a direct one. */
  get way(): LinkWay | undefined {
    return this.#link.way;
  }

  /** Bytes given to `send` that the network has not taken yet. */
  get bufferedAmount(): number {
    return this.#sealer.pendingBytes + this.#link.bufferedAmount;
  }

  /** Keys of the sending direction used up so far. */
  get rekeys(): number {
    return this.#sealer.rekeys;
  }

  /**
   * Seals at most MAX_PAYLOAD_BYTES and gives them to the link, in the order of the calls; resolves when the link has them.
   * @throws KithError 'link-closed' | 'frame-too-large' | what a writer throws; after these two the channel goes on
   */
  send(payload: Payload): Promise<void> {
    return this.#seal(sealedTypes.data, payload);
  }

  /**
   * One handler. What came before it was set is delivered first, also after the other side has left. A handler that throws ends
   * the channel with that kind; nothing is delivered behind that message, nor behind one at which the handler closes it.
   */
  onMessage(handler: (payload: Uint8Array) => void): void {
    this.#onMessage = handler;
    this.#deliver(handler, this.#waiting.splice(0));
  }

  /** One handler, called once, also when the channel ended before it was set; never from within another call. */
  onClose(handler: (reason: ChannelEnd) => void): void {
    this.#onClose = handler;
    if (this.#end !== undefined) this.#tellEnd(this.#end);
  }

  /** Resolves when `bufferedAmount` <= `bytes`, or the channel has ended. */
  async drained(bytes: number): Promise<void> {
    while (this.#end === undefined && this.bufferedAmount > bytes) {
      if (this.#sealer.pendingBytes > 0) await this.#sealer.settled();
      else await this.#link.drained(bytes);
    }
  }

  /** Tells the other side first that we wait for it to begin with; sent by the initiator as soon as keys are there. */
  ready(): Promise<void> {
    return this.#seal(sealedTypes.ready, EMPTY);
  }

  /** Asks for a sign of life, which also measures the round trip. */
  ping(): void {
    this.#asked = { token: this.#random.bytes(TOKEN_BYTES), at: this.#clock.now() };
    this.#seal(sealedTypes.ping, this.#asked.token).catch(() => undefined);
  }

  /** Ends it from this side. With `goodbye` what was sent before still leaves, then a goodbye, then the link closes. */
  close(goodbye = true): void {
    if (this.#end !== undefined) return;
    const said = goodbye ? this.#sealer.seal(sealedTypes.goodbye, EMPTY) : undefined;
    this.#finish('closed', said !== undefined);
    said?.catch(() => this.#link.close());
  }

  async #seal(type: SealedType, payload: Payload): Promise<void> {
    if (this.#end !== undefined) throw new KithError('link-closed');
    try {
      await this.#sealer.seal(type, payload);
    } catch (error) {
      if (this.#sealer.hasGap) this.#finish(kindOf(error));
      throw error;
    }
  }

  #give(frame: Uint8Array): void {
    this.#link.send(frame);
    this.bytesOut += frame.length;
  }

  /** Several frames are opened at a time, each under the key of its place; they are delivered in order. */
  async #read(): Promise<void> {
    const opening: Promise<void>[] = [];
    while (this.#end === undefined) {
      const event = await this.#inbox.next();
      if (this.#end !== undefined) return;
      const sealed = event.type === 'frame' && isSealed(event.frame) ? event.frame : undefined;
      // What is no sealed frame ends the channel, after everything that came before it.
      if (sealed) opening.push(this.#open(sealed));
      while (opening.length > (sealed ? MAX_OPENING : 0)) await opening.shift();
      if (event.type === 'end') this.#finishBadly(event.kind);
      else if (!sealed) this.#finish(outOfPlace(event.frame));
    }
  }

  /** Never rejects. The nonce and the key are taken now; delivery waits for the frames before. */
  async #open({ kind, body }: SealedFrame): Promise<void> {
    try {
      const opened = this.#receive.decryptWithAd(sealedHeaders[kind], body);
      if (kind === frameKinds.lastOfKey) this.#receive.rekey();
      const plaintext = await opened;
      if (this.#end !== undefined) return;
      this.#step({ type: 'heard', now: this.#clock.now() });
      this.#confirm();
      this.#dispatch(kind, plaintext[0], plaintext.subarray(1));
    } catch (error) {
      this.#finish(kindOf(error));
    }
  }

  #dispatch(kind: SealedFrame['kind'], type: number | undefined, payload: Uint8Array): void {
    if ((kind === frameKinds.lastOfKey) !== (type === sealedTypes.rekey)) throw new KithError('frame-malformed');
    const expected = type === sealedTypes.ping || type === sealedTypes.pong ? TOKEN_BYTES : 0;
    if (type !== sealedTypes.data && payload.length !== expected) throw new KithError('frame-malformed');
    if (type === sealedTypes.data) this.#arrive(payload);
    else if (type === sealedTypes.ping) this.#seal(sealedTypes.pong, payload).catch(() => undefined);
    else if (type === sealedTypes.pong) this.#measure(payload);
    else if (type === sealedTypes.goodbye) this.#finish('goodbye');
    else if (type !== sealedTypes.ready && type !== sealedTypes.rekey) throw new KithError('frame-malformed');
  }

  #arrive(payload: Uint8Array): void {
    if (this.#onMessage !== undefined) this.#deliver(this.#onMessage, [payload]);
    else if (this.#waiting.length < MAX_WAITING_MESSAGES) this.#waiting.push(payload);
    else throw new KithError('frame-malformed');
  }

  #deliver(handler: (payload: Uint8Array) => void, payloads: readonly Uint8Array[]): void {
    const before = this.#end;
    try {
      for (const payload of payloads) if (this.#end === before) handler(payload);
    } catch (error) {
      this.#finish(kindOf(error));
    }
  }

  #measure(token: Uint8Array): void {
    if (this.#asked === undefined || !equalBytes(this.#asked.token, token)) return;
    this.rttMs = Math.max(0, this.#clock.now() - this.#asked.at);
    this.#asked = undefined;
  }

  #step(event: HeartbeatEvent): void {
    const { state, effects } = stepHeartbeat(this.#heartbeat, event);
    this.#heartbeat = state;
    this.#beat(effects);
  }

  #beat(effects: HeartbeatStep['effects']): void {
    for (const effect of effects) {
      if (effect.do === 'ping') this.ping();
      else if (effect.do === 'give-up') this.#finish('link-timeout');
      else this.#timer = this.#clock.after(effect.ms, () => this.#step({ type: 'look', now: this.#clock.now() }));
    }
  }

  /** A frame that could not be taken apart. Only another version is answered: the rest is noise or malice. */
  #finishBadly(kind: ErrorKind): void {
    if (kind === 'frame-version') this.#refuseVersion();
    this.#finish(kind, kind === 'frame-version');
  }

  #refuseVersion(): void {
    try {
      this.#give(versionRefusal());
    } catch {
      // the link is gone already, and so is whoever would have read it
    }
  }

  #finish(reason: ChannelEnd, linger = false): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#timer?.cancel();
    this.#inbox.end('link-closed');
    this.#unconfirmed(new KithError(reason === 'goodbye' || reason === 'closed' ? 'link-closed' : reason));
    // The other side closes the link when it has read our last word; we do when it has not in time.
    if (linger) this.#clock.after(LINGER_MS, () => this.#link.close());
    else this.#link.close();
    this.#tellEnd(reason);
  }

  #tellEnd(reason: ChannelEnd): void {
    const handler = this.#onClose;
    if (handler === undefined) return;
    this.#onClose = undefined;
    queueMicrotask(() => handler(reason));
  }
}
