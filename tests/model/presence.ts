// What is said of who is there must be true: nobody is called online over a link on which nothing was heard for as long as the heartbeat
// bears (SESSION.md). That nobody who can be heard is called away is looked at in the end of each schedule, and in scenario/black-holes.test.ts.
import { DEAD_AFTER_MS } from '../../src/core/session/heartbeat.ts';
import type { Device } from './device.ts';
import { pairs } from './judgement.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

/** From the end of a session to a snapshot that says so. */
const TOLD_WITHIN_MS = 200;
/** A page that slept, or whose clock was set, excuses some silence, twice in a row at most. */
const CALM_AFTER_MS = 60_000;

export class PresenceWatch {
  constructor(
    private readonly world: World,
    private readonly witness: Witness,
  ) {}

  look(): void {
    for (const [one, other] of pairs(this.world)) {
      if (!this.isCalm(one) || !this.witness.saysOnline(one, other)) continue;
      const silent = this.world.time.now() - this.world.air.heardAt(one.name, other.name);
      if (silent > DEAD_AFTER_MS + TOLD_WITHIN_MS)
        this.witness.blame(
          `falsely online: ${one.name} says that ${other.name} is there after ${silent} ms of silence`,
        );
    }
  }

  /** It has run for a while, and its clock with it. */
  private isCalm(device: Device): boolean {
    const page = device.leader?.page;
    return page?.state === 'running' && this.world.time.now() - device.disturbedAt > CALM_AFTER_MS;
  }
}
