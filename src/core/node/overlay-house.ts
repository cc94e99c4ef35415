// The overlay of this node and what belongs to it: the ways in, further trackers, contacts' places, and numbers. Loaded when
// there is somebody to connect.

import { ByNumber } from '../overlay/by-number.ts';
import { FirstNeighbours } from '../overlay/doors/first-neighbours.ts';
import type { InvitationDeskOptions } from '../overlay/doors/invitation.ts';
import { InvitationDesk } from '../overlay/doors/invitation.ts';
import { TrackerList } from '../overlay/doors/tracker-list.ts';
import type { Overlay } from '../overlay/overlay-api.ts';
import { OverlayDoor } from '../overlay/overlay-door.ts';
import type { EntryPoint } from '../ports/entry-point.ts';
import type { Link } from '../ports/link.ts';
import type { OverlayCrypto } from '../ports/overlay-crypto.ts';
import type { Store } from '../ports/store.ts';

/** What an overlay is made with. */
export type OverlayTools = Omit<InvitationDeskOptions, 'overlay' | 'changed'> & { readonly crypto: OverlayCrypto };

/** Where an overlay comes from: its code is a chunk of its own. */
export interface OverlaySource {
  readonly crypto: OverlayCrypto;
  /** Nothing of it is loaded before this resolves. */
  readonly notBefore?: Promise<void>;
  readonly start: (tools: OverlayTools) => Promise<Overlay>;
}

export interface OverlayHouseOptions extends OverlayTools {
  readonly source: OverlaySource;
  readonly store: Store;
  /** Trackers of kith.config.json. */
  readonly published: readonly string[];
  readonly changed: () => void;
  /** Somebody who looked for my number. */
  readonly onNumberCall: (link: Link) => Promise<void>;
}

export class OverlayHouse {
  readonly invitations: InvitationDesk;
  readonly trackers: TrackerList;
  /** Where contacts meet without a tracker. */
  readonly door: OverlayDoor;
  readonly byNumber: ByNumber;
  readonly #first: FirstNeighbours;

  private constructor(
    readonly overlay: Overlay,
    options: OverlayHouseOptions,
  ) {
    const tools = { ...options, overlay };
    this.invitations = new InvitationDesk(tools);
    this.trackers = new TrackerList(tools);
    this.#first = new FirstNeighbours(tools);
    this.door = new OverlayDoor(tools);
    this.byNumber = new ByNumber({ ...tools, onCall: options.onNumberCall });
    overlay.onChange(options.changed);
  }

  static async open(options: OverlayHouseOptions): Promise<OverlayHouse> {
    const { dialer, clock, random, log, crypto } = options;
    const house = new OverlayHouse(await options.source.start({ dialer, clock, random, log, crypto }), options);
    await house.trackers.load();
    return house;
  }

  /** Where first neighbours are looked for. */
  setDoors(doors: readonly EntryPoint[]): void {
    this.#first.setDoors(doors);
  }

  /** Others answer at the doors, and no connection to them opens. */
  get nothingOpens(): boolean {
    return this.#first.nothingOpens;
  }

  retryNow(): void {
    this.#first.retryNow();
    this.door.retryNow();
  }

  close(): void {
    this.byNumber.close();
    this.door.close();
    this.invitations.close();
    this.trackers.close();
    this.#first.close();
    this.overlay.close();
  }
}
