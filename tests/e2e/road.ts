// The road between a page and everybody else, as bad as wished: the browser's own emulation (DevTools protocol), which WebRTC obeys
// when it stands before a connection is made, and which may change at any time afterwards.
import type { BrowserContext, CDPSession } from '@playwright/test';

export interface Conditions {
  /** Added in each direction that leaves this page, milliseconds; 1 at least. */
  readonly latency: number;
  /** Packets of WebRTC that are lost, percent. At 100 the road is a black hole: nobody is told anything. */
  readonly packetLoss: number;
}

export const goodRoad: Conditions = { latency: 1, packetLoss: 0 };
export const slowRoad: Conditions = { latency: 50, packetLoss: 0 };
export const badRoad: Conditions = { latency: 50, packetLoss: 5 };
export const blackHole: Conditions = { latency: 1, packetLoss: 100 };

/** Of one person, whichever browser they sit at: outlives its end. */
export class Road {
  #session: CDPSession | undefined;
  #conditions: Conditions;

  constructor(conditions: Conditions = goodRoad) {
    this.#conditions = conditions;
  }

  /** To be called before the page is opened: `Person.arrive`'s `prepare`. */
  readonly lay = async (context: BrowserContext): Promise<void> => {
    const page = context.pages()[0] ?? (await context.newPage());
    this.#session = await context.newCDPSession(page);
    await this.#session.send('Network.enable');
    await this.#apply();
  };

  async become(conditions: Conditions): Promise<void> {
    this.#conditions = conditions;
    await this.#apply();
  }

  async #apply(): Promise<void> {
    const throughput = { downloadThroughput: -1, uploadThroughput: -1 };
    // The empty pattern means connections between pages as well.
    const rule = { urlPattern: '', ...this.#conditions, ...throughput };
    await this.#session?.send('Network.emulateNetworkConditionsByRule', { matchedNetworkConditions: [rule] });
  }
}
