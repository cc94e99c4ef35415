// Who of the neighbours still lives: one timer for all of them, a ping after silence, the end after more of it.
import { equalBytes } from '../bytes/bytes.ts';
import { KithError } from '../errors.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { frameTypes } from './frames.ts';
import { DEAD_AFTER_MS, PING_AFTER_MS } from './limits.ts';
import type { Neighbour } from './neighbour.ts';

const TOKEN_BYTES = 4;

export interface PulseTimes {
  readonly pingAfterMs: number;
  readonly deadAfterMs: number;
}

export const usualPulse: PulseTimes = { pingAfterMs: PING_AFTER_MS, deadAfterMs: DEAD_AFTER_MS };

export interface PulseOwner {
  all(): readonly Neighbour[];
  dead(neighbour: Neighbour): void;
}

export class Pulse {
  readonly #clock: Clock;
  readonly #times: PulseTimes;
  readonly #owner: PulseOwner;
  /** In every ping of ours: an answer to a ping that we did not send does not count. */
  readonly #token: Uint8Array;
  #timer: Timer | undefined;
  #lookedAt = 0;
  #excused = 0;

  constructor(clock: Clock, random: Random, times: PulseTimes, owner: PulseOwner) {
    this.#clock = clock;
    this.#times = times;
    this.#owner = owner;
    this.#token = random.bytes(TOKEN_BYTES);
  }

  /** A new neighbour: asked at once, for the round trip. */
  start(neighbour: Neighbour): void {
    this.#ping(neighbour);
    if (this.#timer === undefined) this.#wait();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  asked(neighbour: Neighbour, frame: Uint8Array): void {
    if (frame.length !== 1 + TOKEN_BYTES) throw new KithError('frame-malformed');
    const pong = frame.slice();
    pong[0] = frameTypes.pong;
    neighbour.answer(pong);
  }

  answered(neighbour: Neighbour, frame: Uint8Array): void {
    if (!equalBytes(frame.subarray(1), this.#token)) throw new KithError('frame-malformed');
    if (neighbour.pingedAt === undefined) return;
    neighbour.rttMs = Math.max(0, this.#clock.now() - neighbour.pingedAt);
    neighbour.pingedAt = undefined;
  }

  #ping(neighbour: Neighbour): void {
    const frame = new Uint8Array(1 + TOKEN_BYTES);
    frame[0] = frameTypes.ping;
    frame.set(this.#token, 1);
    neighbour.pingedAt = this.#clock.now();
    neighbour.send(frame);
  }

  #wait(): void {
    this.#lookedAt = this.#clock.now();
    this.#timer = this.#clock.after(this.#times.pingAfterMs, () => this.#look());
  }

  #look(): void {
    const now = this.#clock.now();
    const late = now - this.#lookedAt > 2 * this.#times.pingAfterMs;
    // The page slept: nobody could be heard. Twice in a row is excused, a page that is always late must give up as well.
    const excuse = late && this.#excused < 2;
    this.#excused = excuse ? this.#excused + 1 : 0;
    for (const neighbour of this.#owner.all()) {
      if (excuse) neighbour.heardAt = Math.max(neighbour.heardAt, now - this.#times.pingAfterMs);
      const silent = now - neighbour.heardAt;
      if (silent >= this.#times.deadAfterMs) this.#owner.dead(neighbour);
      else if (silent >= this.#times.pingAfterMs) this.#ping(neighbour);
    }
    if (this.#owner.all().length > 0) this.#wait();
    else this.#timer = undefined;
  }
}
