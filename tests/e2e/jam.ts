// Holds a file: an init script under which a page's data channels seem to have a full send buffer once at least so many units
// have left (a frame holds up to three). Text still passes, as it does when a real buffer is full. Nothing is lost and nothing waits on a clock.
import type { Page } from '@playwright/test';

interface Jam {
  /** Units handed to any data channel of this page since it loaded. */
  units: number;
  /** Units at the last `holdAfter`. */
  since: number;
  /** No more units after so many; Infinity while nothing is held. */
  limit: number;
  channels: Set<RTCDataChannel>;
}

declare global {
  var kithJam: Jam;
}

/** To be given to `Person.arrive`. */
export function jammable(): void {
  // A frame holds up to three sealed units of 65,552 bytes, the last of a file smaller; everything else that these tests send is
  // far smaller.
  const smallestUnit = 16_000;
  const sealedUnit = 65_552;
  // More than a file's units wait for, less than texts do.
  const looksFull = 200_000;
  const { prototype } = RTCDataChannel;
  const send = prototype.send as (this: RTCDataChannel, data: ArrayBufferView) => void;
  const buffered = Object.getOwnPropertyDescriptor(prototype, 'bufferedAmount')?.get as (
    this: RTCDataChannel,
  ) => number;
  const jam: Jam = { units: 0, since: 0, limit: Number.POSITIVE_INFINITY, channels: new Set() };
  globalThis.kithJam = jam;
  prototype.send = function (this: RTCDataChannel, data: unknown) {
    jam.channels.add(this);
    const { byteLength } = data as ArrayBufferView;
    if (byteLength >= smallestUnit) jam.units += Math.max(1, Math.floor(byteLength / sealedUnit));
    send.call(this, data as ArrayBufferView);
  };
  Object.defineProperty(prototype, 'bufferedAmount', {
    configurable: true,
    get(this: RTCDataChannel) {
      return jam.units < jam.limit ? buffered.call(this) : looksFull;
    },
  });
}

/** From now on at least `units` more units leave this page, and what follows the frame with the last of them is held. */
export const holdAfter = (page: Page, units: number): Promise<void> =>
  page.evaluate((more) => {
    const { kithJam } = globalThis;
    kithJam.since = kithJam.units;
    kithJam.limit = kithJam.units + more;
  }, units);

/** Waits until the file is held; how many units have left since `holdAfter`. */
export async function held(page: Page): Promise<number> {
  await page.waitForFunction(() => globalThis.kithJam.units >= globalThis.kithJam.limit);
  return page.evaluate(() => globalThis.kithJam.units - globalThis.kithJam.since);
}

export const release = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { kithJam } = globalThis;
    kithJam.limit = Number.POSITIVE_INFINITY;
    for (const channel of kithJam.channels) channel.dispatchEvent(new Event('bufferedamountlow'));
  });
