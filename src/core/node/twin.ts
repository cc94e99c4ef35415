// Other devices with the same identity: found where only whoever has the root secret looks, another place each day, and then neither talks
// with anybody until a person has chosen one (../backup/BACKUP.md, "Two devices").
import { utf8 } from '../bytes/utf8.ts';
import { hkdf } from '../crypto/kdf.ts';
import type { TwinView } from '../node-api.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Dialer } from '../ports/dialer.ts';
import type { EntryPoint } from '../ports/entry-point.ts';
import type { Link } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import { Queue } from '../queue.ts';
import { type Appointment, Rendezvous } from '../rendezvous/rendezvous.ts';
import { inBackground } from './background.ts';
import { RUN_BYTES, TwinLine } from './twin-line.ts';
import { afterMeeting, nobodyElse, readTwin, type TwinRecord, twinWrite } from './twin-record.ts';

const NO_SALT = new Uint8Array(0);
/** At an overlay the two sides of a meeting look for each other; which one a device is, is drawn anew so often, milliseconds. */
const SIDE_MS = 900_000;
/** More than there are ways to open one by chance. */
const MAX_LINES = 4;

export interface TwinOptions {
  /** Root secret, 32 bytes. */
  readonly root: Uint8Array;
  readonly store: Store;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly relayOnly: () => boolean;
  /** `view` is another. */
  readonly changed: () => void;
  /** From now on this device talks with nobody. */
  readonly hold: () => void;
}

export class Twin {
  private record: TwinRecord | undefined;
  private readonly rendezvous: Rendezvous;
  private readonly run: Uint8Array;
  private readonly lines = new Set<TwinLine>();
  private readonly changes = new Queue();
  private appointment: Appointment | undefined;
  private timer: Timer | undefined;
  private closed = false;

  constructor(private readonly options: TwinOptions) {
    const { dialer, clock, random, log, relayOnly } = options;
    this.rendezvous = new Rendezvous({ doors: [], dialer, clock, random, log, relayOnly });
    this.run = random.bytes(RUN_BYTES);
  }

  /** This device is silent. */
  get holds(): boolean {
    return this.record !== undefined && this.record.state !== 'alone';
  }

  view(): TwinView | undefined {
    const { record } = this;
    if (!record || record.state === 'alone') return undefined;
    return { state: record.state, here: [...this.lines].some(({ proven }) => proven) };
  }

  setDoors(doors: readonly EntryPoint[]): void {
    this.rendezvous.setDoors(doors);
  }

  retryNow(): void {
    this.rendezvous.retryNow();
  }

  /** Looks for others, if there may be any. */
  async start(): Promise<void> {
    this.record = await readTwin(this.options.store);
    if (this.record) this.look();
  }

  /** A backup or the words leave this device: from now on there may be another one. On the disk before they do. */
  expect(): Promise<void> {
    return this.changes.run(async () => {
      if (this.record) return;
      await this.options.store.commit([twinWrite(nobodyElse)], 'strict');
      this.record = nobodyElse;
      this.look();
    });
  }

  /** What to write when a person has chosen this device; then `tell`. */
  chosen(): TwinRecord {
    const { choices } = this.record ?? nobodyElse;
    return { v: 1, choices: choices + 1, state: 'alone' };
  }

  /** It is on the disk: others hear of it now, if they are here, and else when they are met. */
  async tell(record: TwinRecord): Promise<void> {
    this.record = record;
    await Promise.all([...this.lines].map((line) => line.say()));
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.rendezvous.close();
    for (const line of this.lines) line.close();
  }

  private look(): void {
    inBackground(this.options.log, 'own devices not looked for', this.meet());
    this.timer = this.options.clock.after(SIDE_MS, () => {
      if (this.lines.size > 0) this.look();
      else {
        this.appointment?.cancel();
        this.look();
      }
    });
  }

  private async meet(): Promise<void> {
    const { root, random } = this.options;
    const derive = (name: string) => hkdf(root, NO_SALT, utf8(`kith twin ${name} v1`), 32);
    const names = ['topic', 'signal', 'record', 'line'] as const;
    const [topicKey, signalKey, recordKey, key] = await Promise.all(names.map(derive));
    if (this.closed || !topicKey || !signalKey || !recordKey || !key) return;
    if (this.appointment && this.appointment.state !== 'cancelled') return;
    const side = random.fraction() < 0.5 ? 'initiator' : 'responder';
    this.appointment = this.rendezvous.meet({
      id: 'twin',
      meeting: { topicKey, signalKey, recordKey, side },
      daily: true,
      onLink: (link) => this.met(link, key),
    });
  }

  private met(link: Link, key: Uint8Array): void {
    if (this.closed || this.lines.size >= MAX_LINES) {
      link.close();
      return;
    }
    const { random, clock } = this.options;
    const line: TwinLine = new TwinLine({
      link,
      key,
      run: this.run,
      random,
      clock,
      mine: () => this.record ?? nobodyElse,
      heard: (theirs) => inBackground(this.options.log, 'other device not noted', this.heard(theirs)),
      ended: () => this.ended(line),
    });
    this.lines.add(line);
    this.appointment?.satisfied(true);
  }

  private ended(line: TwinLine): void {
    this.lines.delete(line);
    if (this.lines.size === 0 && !this.closed) this.appointment?.satisfied(false);
    this.options.changed();
  }

  private heard(theirs: TwinRecord): Promise<void> {
    return this.changes.run(async () => {
      const mine = this.record ?? nobodyElse;
      const next = afterMeeting(mine, theirs);
      if (next !== mine) {
        await this.options.store.commit([twinWrite(next)], 'strict');
        this.record = next;
        if (this.holds) this.options.hold();
        for (const line of this.lines) void line.say();
      }
      this.options.changed();
    });
  }
}
