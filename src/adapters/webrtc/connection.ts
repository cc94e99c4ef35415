// One simple-peer, from its first signal to its end, turned into promises and a Link.
import type SimplePeer from 'simple-peer';
import { type ErrorKind, KithError } from '../../core/errors.ts';
import type { Link } from '../../core/ports/link.ts';
import { MAX_FRAME_BYTES } from '../../core/wire/limits.ts';
import { FrameInbox } from './frame-inbox.ts';
import { isWrongConfiguration } from './ice-servers.ts';
import { DataChannelLink } from './link.ts';
import {
  decodeCandidate,
  decodeSignal,
  encodeCandidate,
  encodeSignal,
  fingerprintOf,
  type SignalType,
} from './signal.ts';

/** An exchange of signals that leads to no open channel within this has failed, unless more patience is asked for, milliseconds. */
const OPEN_TIMEOUT_MS = 20_000;
/** Candidates that take longer than this are left out (a STUN server that does not answer), milliseconds. */
const GATHER_TIMEOUT_MS = 1_500;
/**
 * A browser that has made no signal by then most likely never will, milliseconds. One that is to be complete waits for the first candidate,
 * or for the word that there is none, for ever (simple-peer), and whoever waits for it makes no other call meanwhile.
 */
const SIGNAL_TIMEOUT_MS = 10_000;
/** Where one candidate is found others are found in the same moment, milliseconds. */
const TOGETHER_MS = 3;
/** Candidates kept until somebody wants them, and taken from the other side. More than any machine has addresses. */
const MAX_CANDIDATES = 64;
/** ICE gives up pairs of addresses that nobody answers on. While there is patience, new ones are made so often, milliseconds. */
const REVIVE_MS = 10_000;
/** Both sides make the channel themselves, so the other side cannot choose an unordered or lossy one (RFC 8832 not used). */
const channelConfig: RTCDataChannelInit = { negotiated: true, id: 0, ordered: true };

export interface ConnectionOptions {
  readonly SimplePeer: typeof SimplePeer;
  readonly initiator: boolean;
  /** Candidates follow the signal. */
  readonly trickle: boolean;
  /** See `DialOptions`. */
  readonly firstMs: number;
  /** From the other side's signal to an open channel. */
  readonly patienceMs: number | undefined;
  readonly iceServers: readonly RTCIceServer[];
  /** Called once, when the RTCPeerConnection is closed. */
  readonly onEnd: () => void;
}

export class Connection {
  /** This side's signal; complete with candidates, unless they trickle. */
  readonly signal: Promise<Uint8Array>;
  /** The open link. */
  readonly link: Promise<Link>;
  readonly #peer: SimplePeer.Instance;
  readonly #inbox = new FrameInbox();
  #connection: RTCPeerConnection | undefined;
  #channel: RTCDataChannel | undefined;
  #open: DataChannelLink | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #signalTimer: ReturnType<typeof setTimeout>;
  readonly #patienceMs: number | undefined;
  #reviving: ReturnType<typeof setInterval> | undefined;
  #timedOut = false;
  #answered = false;
  #onCandidate: ((candidate: Uint8Array) => void) | undefined;
  #found: string[] = [];
  /** Sends the signal that waits for candidates. */
  #sendSoon: (() => void) | undefined;
  #taken = 0;

  constructor({ SimplePeer, initiator, trickle, firstMs, patienceMs, iceServers, onEnd }: ConnectionOptions) {
    this.#patienceMs = patienceMs;
    this.#peer = new SimplePeer({
      initiator,
      trickle,
      iceCompleteTimeout: GATHER_TIMEOUT_MS,
      channelName: 'kith',
      channelConfig,
      config: { iceServers: [...iceServers] }, // also when empty: simple-peer would fill in servers of its own
      wrtc: this.#observedWebRtc(),
    } as SimplePeer.Options);
    this.#signalTimer = setTimeout(() => this.destroy(), SIGNAL_TIMEOUT_MS);
    this.signal = new Promise((resolve, reject) => this.#onSignal(trickle ? firstMs : 0, resolve, reject));
    this.link = new Promise((resolve, reject) => this.#onConnect(resolve, reject));
    // Whoever asks gets the error; a connection that nobody asks about any more fails in silence.
    this.signal.catch(() => {});
    this.link.catch(() => {});
    this.#listen();
    this.#peer.once('close', () => {
      this.#stopTimers();
      this.#open?.closed();
      onEnd();
    });
  }

  /** Takes the other side's signal; only the first counts. @throws KithError 'frame-malformed' */
  accept(type: SignalType, signal: Uint8Array): void {
    const sdp = decodeSignal(type, signal);
    if (this.#answered || this.#peer.destroyed) return;
    this.#answered = true;
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.destroy();
    }, this.#patienceMs ?? OPEN_TIMEOUT_MS);
    if (this.#patienceMs !== undefined) this.#revive(sdp);
    this.#peer.signal({ type, sdp });
  }

  onCandidate(handler: (candidate: Uint8Array) => void): void {
    this.#onCandidate = handler;
    for (const candidate of this.#found.splice(0)) this.#tell(candidate);
  }

  /** Never throws: the other side's mistakes are not ours. */
  addCandidate(bytes: Uint8Array): void {
    if (this.#taken >= MAX_CANDIDATES || this.#peer.destroyed) return;
    this.#taken++;
    try {
      // One medium, so its place says enough. simple-peer keeps what comes before the description.
      this.#peer.signal({
        type: 'candidate',
        candidate: { candidate: decodeCandidate(bytes), sdpMLineIndex: 0 } as RTCIceCandidate,
      });
    } catch {
      // Not a candidate, or the connection has just gone.
    }
  }

  /** Ends it, unless it has become a link: that one has an owner. */
  cancel(): void {
    if (!this.#open) this.destroy();
  }

  destroy(): void {
    this.#peer.destroy();
  }

  #onSignal(firstMs: number, resolve: (signal: Uint8Array) => void, reject: (error: KithError) => void): void {
    this.#peer.on('signal', (data) => {
      if (data.type === 'candidate') this.#tell(data.candidate.candidate);
      if (data.type !== 'offer' && data.type !== 'answer') return;
      clearTimeout(this.#signalTimer);
      const { type, sdp = '' } = data;
      // Timers of a hidden page wait up to a second: longer than a message of its own takes.
      if (firstMs === 0 || document.hidden) return resolve(encodeSignal(type, sdp));
      const send = () => {
        this.#sendSoon = undefined;
        resolve(encodeSignal(type, withCandidates(sdp, this.#found.splice(0))));
      };
      const timer = setTimeout(send, firstMs);
      this.#sendSoon = () => {
        clearTimeout(timer);
        this.#sendSoon = undefined;
        setTimeout(send, TOGETHER_MS);
      };
      if (this.#found.length > 0) this.#sendSoon();
    });
    this.#onFailure(reject);
  }

  #tell(candidate: string): void {
    const encoded = encodeCandidate(candidate);
    if (!encoded) return;
    if (this.#onCandidate) this.#onCandidate(encoded);
    else if (this.#found.length < MAX_CANDIDATES) this.#found.push(candidate);
    this.#sendSoon?.();
  }

  #onConnect(resolve: (link: Link) => void, reject: (error: KithError) => void): void {
    this.#peer.once('connect', () => {
      this.#stopTimers();
      try {
        resolve(this.#makeLink());
      } catch (error) {
        reject(asKithError(error));
        this.destroy();
      }
    });
    this.#onFailure(reject);
  }

  #onFailure(reject: (error: KithError) => void): void {
    this.#peer.once('error', (error) => reject(asKithError(error)));
    this.#peer.once('close', () => reject(new KithError(this.#timedOut ? 'link-timeout' : 'link-closed')));
  }

  /** Both sides must knock at the same time to get through two NATs, and nobody knows when the other begins. */
  #revive(sdp: string): void {
    const candidates = [...sdp.matchAll(/^a=(candidate:.*?)\r?$/gm)].map(([, candidate]) => candidate);
    this.#reviving = setInterval(() => {
      for (const candidate of candidates) {
        if (candidate) void this.#connection?.addIceCandidate({ candidate, sdpMLineIndex: 0 }).catch(() => {});
      }
    }, REVIVE_MS);
  }

  #stopTimers(): void {
    clearTimeout(this.#signalTimer);
    clearTimeout(this.#timer);
    clearInterval(this.#reviving);
  }

  #makeLink(): Link {
    const channel = this.#channel;
    if (!channel) throw new KithError('internal');
    const binding = {
      local: fingerprintOf(this.#connection?.localDescription?.sdp ?? ''),
      remote: fingerprintOf(this.#connection?.remoteDescription?.sdp ?? ''),
    };
    const send = (frame: Uint8Array) => this.#peer.send(frame as Uint8Array<ArrayBuffer>);
    this.#open = new DataChannelLink({ channel, inbox: this.#inbox, send, destroy: () => this.destroy() }, binding);
    return this.#open;
  }

  /**
   * Takes messages from the channel itself, in simple-peer's place and before the first can come: the stream between would
   * set a timer for each of them (tests/bench/README.md). When it ends, simple-peer takes the handler away.
   */
  #listen(): void {
    if (this.#channel) this.#channel.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => this.#receive(data);
  }

  #receive(data: ArrayBuffer | string): void {
    const ok = typeof data !== 'string' && data.byteLength <= MAX_FRAME_BYTES && this.#inbox.push(new Uint8Array(data));
    if (!ok) this.destroy();
  }

  /** The browser's WebRTC with an eye on what simple-peer makes of it: it keeps both objects to itself. */
  #observedWebRtc(): object {
    const connect = (config: RTCConfiguration): RTCPeerConnection => {
      const connection = new RTCPeerConnection(config);
      if (this.#patienceMs !== undefined) hideFailure(connection, () => this.#open === undefined);
      const create = connection.createDataChannel.bind(connection);
      connection.createDataChannel = (label, init) => {
        this.#channel = create(label, init);
        return this.#channel;
      };
      this.#connection = connection;
      return connection;
    };
    // A plain function: `new` on it gives back the object it returns.
    function ObservedPeerConnection(config: RTCConfiguration): RTCPeerConnection {
      return connect(config);
    }
    return { RTCPeerConnection: ObservedPeerConnection, RTCSessionDescription, RTCIceCandidate };
  }
}

/** As a description has them that was complete at once (RFC 8839 §5.1). */
function withCandidates(sdp: string, candidates: readonly string[]): string {
  return candidates.reduce((lines, candidate) => `${lines}a=${candidate}\r\n`, sdp);
}

/** simple-peer ends a connection whose first attempts fail; a patient one goes on until it is told to end. */
function hideFailure(connection: RTCPeerConnection, whileTrue: () => boolean): void {
  for (const [name, instead] of [
    ['iceConnectionState', 'checking'],
    ['connectionState', 'connecting'],
  ] as const) {
    const get = () => {
      const state = Reflect.get(RTCPeerConnection.prototype, name, connection);
      return state === 'failed' && whileTrue() ? instead : state;
    };
    Object.defineProperty(connection, name, { get, configurable: true });
  }
}

const kindsByCode: Readonly<Record<string, ErrorKind>> = {
  ERR_WEBRTC_SUPPORT: 'unsupported-browser',
  // Chromium: "Cannot create so many PeerConnections" (500 a page, closed ones count until they are collected).
  ERR_PC_CONSTRUCTOR: 'too-many-connections',
  ERR_SET_REMOTE_DESCRIPTION: 'frame-malformed',
  ERR_SIGNALING: 'frame-malformed',
};

/** simple-peer's `code`s as kinds. The constructor throws for more than one reason. */
export function asKithError(error: unknown): KithError {
  if (error instanceof KithError) return error;
  if (isWrongConfiguration(error)) return new KithError('config-field', { field: 'iceServers' }, { cause: error });
  const code = String((error as { code?: unknown } | undefined)?.code);
  return new KithError(kindsByCode[code] ?? 'link-closed', {}, { cause: error });
}
