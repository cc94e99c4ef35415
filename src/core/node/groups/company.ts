// Who keeps the groups of this device company: fellow members are looked for, linked when they are there, and let go when no group
// has a use for them.
import { hasJoined, type MemberId } from '../../group/members-view.ts';
import { inBackground } from '../background.ts';
import type { FellowEvents } from './fellows.ts';
import type { LiveGroup } from './live-group.ts';
import { Reach, type ReachOptions } from './reach.ts';
import type { Shelf } from './shelf.ts';

export class Company {
  readonly reach: Reach;
  readonly #options: ReachOptions;
  readonly #shelf: Shelf;

  constructor(options: ReachOptions, shelf: Shelf, received: FellowEvents['received']) {
    this.#options = options;
    this.#shelf = shelf;
    this.reach = new Reach(options, {
      live: (member) => this.sessionUp(member),
      ended: (member) => this.sessionDown(member),
      received,
    });
  }

  /** Looks for those fellow members whose sessions are of use to the group, and for no others. */
  follow(live: LiveGroup): void {
    const { view } = live.group.members;
    const { letInBy } = live.record;
    if (live.isAwaited && letInBy) this.#inBackground(this.reach.wantAdmitter(letInBy));
    if (live.isProvisional || !hasJoined(view, live.group.id)) return;
    for (const id of live.sought ?? []) {
      const member = view.member(id);
      if (member?.state === 'joined') this.reach.want(id, member.bundle);
    }
    this.releaseUnwanted();
  }

  releaseUnwanted(): void {
    const wanted = new Set(this.#shelf.all().flatMap(usersOf));
    const isAwaiting = this.#shelf.everyone().some(({ isAwaited }) => isAwaited);
    this.reach.keepOnly(wanted, isAwaiting);
  }

  /** Everybody of the group who is there, whom it does not know to be there yet. */
  async linkAll(live: LiveGroup): Promise<void> {
    if (live.isAwaited) for (const id of this.reach.awaited()) if (this.reach.isThere(id)) await live.link(id);
    for (const { id } of live.group.members.view.members()) {
      if (id !== live.group.id && this.reach.isThere(id)) await live.link(id);
    }
  }

  dial(live: LiveGroup, member: MemberId): void {
    this.#inBackground(this.#dial(live, member));
  }

  drop(live: LiveGroup, member: MemberId): void {
    this.#inBackground(this.#drop(live, member));
  }

  sessionUp(member: MemberId): void {
    this.#inBackground(this.#sessionUp(member));
  }

  sessionDown(member: MemberId): void {
    this.#inBackground(this.#sessionDown(member));
  }

  /** Everybody begins anew with that group. */
  endAllOf(live: LiveGroup): void {
    for (const { id } of live.group.members.view.members()) this.reach.end(id);
    if (live.isAwaited) for (const id of this.reach.awaited()) this.reach.end(id);
  }

  async #dial(live: LiveGroup, member: MemberId): Promise<void> {
    const isThere = await this.reach.reach(member, live.group.members.view.member(member)?.bundle);
    if (isThere) await live.link(member);
    else if (!live.linked.has(member)) await live.group.unreachable(member);
  }

  /** Of no use to the group: what they say on their session would make it a link again, so that one ends too where nothing else needs it. */
  async #drop(live: LiveGroup, member: MemberId): Promise<void> {
    live.sought?.delete(member);
    await live.unlink(member);
    this.releaseUnwanted();
  }

  async #sessionUp(member: MemberId): Promise<void> {
    this.reach.arrived(member);
    for (const live of this.#shelf.everyone()) {
      const isTheirs = live.group.members.view.has(member) || (live.isAwaited && this.reach.isAwaited(member));
      if (!live.isProvisional && isTheirs) await live.link(member);
    }
    this.releaseUnwanted();
    this.#options.changed();
  }

  async #sessionDown(member: MemberId): Promise<void> {
    for (const live of this.#shelf.everyone()) await live.unlink(member);
    // Of two who have become contacts, their session as fellow members ends, and the other one goes on.
    if (this.reach.isThere(member)) return this.#sessionUp(member);
    this.#options.changed();
  }

  #inBackground(work: Promise<unknown>): void {
    inBackground(this.#options.log, 'group not followed', work);
  }
}

/** Of a group, whose sessions are of use to it. */
function usersOf({ group, linked, sought }: LiveGroup): MemberId[] {
  const { view } = group.members;
  if (!hasJoined(view, group.id)) return [];
  // Not tended yet: nobody is given up for that.
  if (sought === undefined) return view.members().map(({ id }) => id);
  return [...sought, ...linked].filter((id) => view.has(id));
}
