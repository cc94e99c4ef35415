// A network in which some pages cannot reach each other directly. Every RTCPeerConnection of a page that stands behind it is
// known by its certificate's fingerprint; between two pages that are kept apart the addresses of the other side are lost.
import type { BrowserContext, Page } from '@playwright/test';

declare global {
  /** Connections that were not closed, and the fingerprint of the other side; '' before it is known. */
  var kithConnections: Map<RTCPeerConnection, string>;
  /** Connections made since the page loaded. */
  var kithMade: number;
  var kithMine: (fingerprint: string) => Promise<void>;
  var kithApart: (fingerprint: string) => Promise<boolean>;
}

/** Runs in every page before its own scripts. */
function watchConnections(): void {
  const fingerprintIn = (sdp = '') => /^a=fingerprint:\S+ (\S+)/m.exec(sdp)?.[1] ?? '';
  const connections = new Map<RTCPeerConnection, string>();
  const apart = new WeakSet<RTCPeerConnection>();
  globalThis.kithConnections = connections;
  globalThis.kithMade = 0;
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      globalThis.kithMade += 1;
      connections.set(this, '');
    }

    override async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
      // Before anybody can have it.
      if (description?.sdp) await globalThis.kithMine(fingerprintIn(description.sdp));
      await super.setLocalDescription(description);
    }

    override async setRemoteDescription({ type, sdp = '' }: RTCSessionDescriptionInit): Promise<void> {
      const theirs = fingerprintIn(sdp);
      if (await globalThis.kithApart(theirs)) apart.add(this);
      if (connections.has(this)) connections.set(this, theirs);
      const reachable = apart.has(this) ? sdp.replace(/^a=candidate:.*\r?\n/gm, '') : sdp;
      await super.setRemoteDescription({ type, sdp: reachable });
    }

    override async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
      if (!apart.has(this)) await super.addIceCandidate(candidate);
    }

    override close(): void {
      connections.delete(this);
      super.close();
    }
  };
}

export class Firewall {
  /** Whose certificates are whose. */
  readonly #owners = new Map<string, string>();

  /** @param apart Whether these two pages cannot reach each other. Asked at every connection, so it may change its mind. */
  constructor(private readonly apart: (one: string, other: string) => boolean) {}

  /** The page of this context, under this name. To be called before it is opened. */
  async guard(context: BrowserContext, name: string): Promise<void> {
    await context.exposeFunction('kithMine', (fingerprint: string) => {
      this.#owners.set(fingerprint, name);
    });
    await context.exposeFunction('kithApart', (fingerprint: string) => {
      const other = this.#owners.get(fingerprint);
      return other !== undefined && this.apart(name, other);
    });
    await context.addInitScript(watchConnections);
  }

  /** Connections of this page to the page of that name that are open. */
  connected(page: Page, name: string): Promise<number> {
    return page.evaluate(
      (theirs) =>
        [...globalThis.kithConnections].filter(
          ([{ connectionState }, other]) => connectionState === 'connected' && theirs.includes(other),
        ).length,
      this.#fingerprintsOf(name),
    );
  }

  /** Ends every connection of this page to the page of that name; how many there were. */
  cut(page: Page, name: string): Promise<number> {
    return page.evaluate((theirs) => {
      const found = [...globalThis.kithConnections].filter(([, other]) => theirs.includes(other));
      for (const [connection] of found) connection.close();
      return found.length;
    }, this.#fingerprintsOf(name));
  }

  #fingerprintsOf(name: string): string[] {
    return [...this.#owners].filter(([, owner]) => owner === name).map(([fingerprint]) => fingerprint);
  }
}

/** RTCPeerConnections made since the page loaded, as counted from outside of the app. */
export const connectionsMade = (page: Page): Promise<number> => page.evaluate(() => globalThis.kithMade);
