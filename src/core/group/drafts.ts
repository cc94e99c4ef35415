// What I wrote into a group and has not left: it waits for somebody to take it, or was dropped because I came to be outside.
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { KithError } from '../errors.ts';
import type { Draft, GroupEffect } from './events.ts';
import { hasJoined, isNamable } from './members-view.ts';
import type { Parts } from './parts.ts';
import { publish, sign, stampOf } from './writing.ts';

/** Whoever finds that others have more of their own messages than they do waits so long for them before writing, ms. */
const CATCH_UP_MS = 30_000;

export class Drafts {
  readonly #parts: Parts;
  /** Whether somebody is linked whose receipts have come: we know how far our own messages went. */
  readonly #isHeard: () => boolean;
  #all: readonly Draft[] = [];
  /** Ids of those of the disk: after an old backup any of them may have left already. */
  readonly #fromDisk = new Set<string>();
  #behindSince: number | undefined;

  constructor(parts: Parts, isHeard: () => boolean) {
    this.#parts = parts;
    this.#isHeard = isHeard;
  }

  get all(): readonly Draft[] {
    return this.#all;
  }

  /** As the disk had them, when the history is here. */
  load(stored: readonly Draft[]): void {
    const { history, kit } = this.#parts;
    this.#all = stored.filter(({ id, dropped }) => !(dropped === true && history.hasId(kit.self, id)));
    for (const { id } of this.#all) this.#fromDisk.add(toHex(id));
  }

  /** @throws KithError 'group-not-member' */
  async write(draft: Draft): Promise<GroupEffect[]> {
    this.#requireSeat();
    return this.#become([...this.#all, draft]);
  }

  /** What was dropped goes after all. @param id 16 bytes @throws KithError 'group-not-member' */
  async retry(id: Uint8Array): Promise<GroupEffect[]> {
    this.#requireSeat();
    const { history, kit } = this.#parts;
    const known = this.#all.find((draft) => equalBytes(draft.id, id));
    const body = known?.body ?? history.lost(kit.self, id)?.message.body;
    if (body === undefined || (known && !known.dropped)) return [];
    const draft = { id, body, at: stampOf(kit.clock) };
    // After an old backup it may have left once more than this page knows.
    this.#fromDisk.add(toHex(id));
    return this.#become(known ? this.#all.map((one) => (one === known ? draft : one)) : [...this.#all, draft]);
  }

  /** Takes one back. @param id 16 bytes */
  withdraw(id: Uint8Array): GroupEffect[] {
    this.#all = this.#all.filter((draft) => !equalBytes(draft.id, id));
    return [this.#stored()];
  }

  /** Who was removed and is invited again months later wants to be asked before what they wrote then goes to everybody. */
  dropOutside(): GroupEffect[] {
    const { members, kit } = this.#parts;
    if (hasJoined(members.view, kit.self) || this.#first === undefined) return [];
    // Of what an earlier version kept nobody knows when it was written: from now on it stays where it is.
    const at = stampOf(kit.clock);
    this.#all = this.#all.map((draft) => ({ at, ...draft, dropped: true }));
    return [this.#stored()];
  }

  /** They leave when somebody is there to take them, and not before my own older messages are back. */
  async post(): Promise<GroupEffect[]> {
    const effects: GroupEffect[] = [];
    if (this.#first === undefined || !this.#mayWrite()) return effects;
    for (let draft = this.#first; draft !== undefined; draft = this.#first) effects.push(...(await this.#leave(draft)));
    return effects;
  }

  /** The one that has waited longest. What was dropped waits for nothing. */
  get #first(): Draft | undefined {
    return this.#all.find(({ dropped }) => dropped !== true);
  }

  async #become(all: readonly Draft[]): Promise<GroupEffect[]> {
    this.#all = all;
    return [this.#stored(), ...(await this.post())];
  }

  async #leave(draft: Draft): Promise<GroupEffect[]> {
    const parts = this.#parts;
    const rest = this.#all.filter((one) => one !== draft);
    // One that left before: what the disk said about it is from an older day.
    const hasLeft = parts.history.hasId(parts.kit.self, draft.id);
    const written = hasLeft ? undefined : await sign(parts, draft);
    this.#all = rest;
    return written ? publish(parts, written, rest) : [this.#stored()];
  }

  #mayWrite(): boolean {
    const { members, kit, history, mine } = this.#parts;
    if (!hasJoined(members.view, kit.self) || !isNamable(members.view) || !this.#isHeard()) return false;
    const own = history.places(kit.self);
    const first = this.#first;
    // It may be among those that are missing: sent again, it would stand in two places.
    const mayHaveLeft = first !== undefined && this.#fromDisk.has(toHex(first.id)) && own.missing.length > 0;
    if (mine <= own.high && !mayHaveLeft) {
      this.#behindSince = undefined;
      return true;
    }
    this.#behindSince ??= this.#parts.now();
    return Math.abs(this.#parts.now() - this.#behindSince) >= CATCH_UP_MS;
  }

  #requireSeat(): void {
    const { members, kit } = this.#parts;
    if (!hasJoined(members.view, kit.self)) throw new KithError('group-not-member');
  }

  #stored(): GroupEffect {
    return { type: 'store', drafts: [...this.#all] };
  }
}
