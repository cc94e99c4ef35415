// What is said of who is there must be true. Nobody is called online over a link on which nothing was heard for as long as the heartbeat
// bears (SESSION.md), or over none; nobody is called away over a link that lies open between two who are awake.
import { DEAD_AFTER_MS } from '../../src/core/session/heartbeat.ts';
import type { Device } from './device.ts';
import { pairs } from './judgement.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

/** From the end of a session to a snapshot that says so. */
const TOLD_WITHIN_MS = 200;
/** A page that slept, or whose clock was set, excuses some silence, twice in a row at most. */
const CALM_AFTER_MS = 60_000;
/** A link on which nothing stands in the way is given its handshake, or closed, within so long. */
const SHAKEN_WITHIN_MS = 20_000;

export class PresenceWatch {
  constructor(
    private readonly world: World,
    private readonly witness: Witness,
  ) {}

  look(): void {
    for (const [one, other] of pairs(this.world)) {
      if (!this.isCalm(one)) continue;
      if (this.witness.saysOnline(one, other)) this.lookAtOnline(one, other);
      else this.lookAtAway(one, other);
    }
  }

  private lookAtOnline(one: Device, other: Device): void {
    const { time, air } = this.world;
    const silent = time.now() - air.heardAt(one.name, other.name);
    if (silent > DEAD_AFTER_MS + TOLD_WITHIN_MS)
      this.witness.blame(`falsely online: ${one.name} says that ${other.name} is there after ${silent} ms of silence`);
    else if (silent > TOLD_WITHIN_MS && !air.hasOpenEnd(one.name, other.name))
      this.witness.blame(`falsely online: ${one.name} says that ${other.name} is there, ${silent} ms after their link`);
  }

  private lookAtAway(one: Device, other: Device): void {
    const { time, air } = this.world;
    if (!this.isCalm(other) || air.between(one.name, other.name).calmMs < SHAKEN_WITHIN_MS) return;
    const age = (openedAt: number) => time.now() - openedAt;
    for (const link of air.open(one.name, other.name)) {
      if (link.isMeddledWith || link.other?.isMeddledWith || link.other?.inner.closed) continue;
      if (age(link.openedAt) > SHAKEN_WITHIN_MS)
        this.witness.blame(
          `falsely away: ${one.name} says that ${other.name} is away, over a link of ${age(link.openedAt)} ms`,
        );
    }
  }

  /** It has run for a while, and its clock with it. */
  private isCalm(device: Device): boolean {
    const page = device.leader?.page;
    return page?.state === 'running' && this.world.time.now() - device.disturbedAt > CALM_AFTER_MS;
  }
}
