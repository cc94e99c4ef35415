// Holds a file at an exact unit: an init script under which a page's data channels seem to have a full send buffer once so many
// units have left. Text still passes, as it does when a real buffer is full. Nothing is lost and nothing waits on a clock.
import type { Page } from '@playwright/test';

interface Jam {
  /** Units handed to any data channel of this page since it loaded. */
  units: number;
  /** No more units after so many; Infinity while nothing is held. */
  limit: number;
  channels: Set<RTCDataChannel>;
}

declare global {
  var kithJam: Jam;
}

/** To be given to `Person.arrive`. */
export function jammable(): void {
  // A sealed unit has 65,552 bytes, the last of a file fewer; everything else that these tests send is far smaller.
  const smallestUnit = 16_000;
  const looksFull = 1_000_000;
  const { prototype } = RTCDataChannel;
  const send = prototype.send as (this: RTCDataChannel, data: ArrayBufferView) => void;
  const buffered = Object.getOwnPropertyDescriptor(prototype, 'bufferedAmount')?.get as (
    this: RTCDataChannel,
  ) => number;
  const jam: Jam = { units: 0, limit: Number.POSITIVE_INFINITY, channels: new Set() };
  globalThis.kithJam = jam;
  prototype.send = function (this: RTCDataChannel, data: unknown) {
    jam.channels.add(this);
    if ((data as ArrayBufferView).byteLength >= smallestUnit) jam.units += 1;
    send.call(this, data as ArrayBufferView);
  };
  Object.defineProperty(prototype, 'bufferedAmount', {
    configurable: true,
    get(this: RTCDataChannel) {
      return jam.units < jam.limit ? buffered.call(this) : looksFull;
    },
  });
}

/** From now on `units` more units leave this page. */
export const holdAfter = (page: Page, units: number): Promise<void> =>
  page.evaluate((more) => {
    globalThis.kithJam.limit = globalThis.kithJam.units + more;
  }, units);

export const release = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { kithJam } = globalThis;
    kithJam.limit = Number.POSITIVE_INFINITY;
    for (const channel of kithJam.channels) channel.dispatchEvent(new Event('bufferedamountlow'));
  });
