// The groups of this device by what they are to the person: shown, awaited, only looked into, hidden.
import { equalBytes } from '../../bytes/bytes.ts';
import { KithError } from '../../errors.ts';
import type { LiveGroup } from './live-group.ts';

export class Shelf {
  readonly #groups = new Map<string, LiveGroup>();

  /** In the place of one of that id. */
  put(live: LiveGroup): void {
    this.#groups.set(live.id, live);
  }

  take({ id }: LiveGroup): void {
    this.#groups.delete(id);
  }

  /** Not replaced by one that was opened later. */
  has(live: LiveGroup): boolean {
    return this.#groups.get(live.id) === live;
  }

  /** Hidden and unknown ones too. */
  everyone(): LiveGroup[] {
    return [...this.#groups.values()];
  }

  /** Those of which something is known. */
  all(): LiveGroup[] {
    return this.everyone().filter((live) => !live.isProvisional && !live.isUnknown);
  }

  /** Those that an admin has let me into and of which nothing has come yet. */
  awaited(): LiveGroup[] {
    return this.everyone().filter((live) => live.isAwaited && !live.record.hidden);
  }

  /** Those that a contact has spoken of, which may be an invitation. */
  provisional(): LiveGroup[] {
    return this.everyone().filter(({ isProvisional }) => isProvisional);
  }

  byId(id: string): LiveGroup | undefined {
    return this.#groups.get(id);
  }

  /** `group`: 32 bytes. */
  byGroup(group: Uint8Array): LiveGroup | undefined {
    return this.everyone().find(({ record }) => equalBytes(record.group, group));
  }

  /** The one that a conversation of the list shows. */
  find(conversationId: string): LiveGroup | undefined {
    const found = this.#groups.get(conversationId);
    return found?.isProvisional || found?.isUnknown || found?.record.hidden ? undefined : found;
  }

  /** For what changes it. @throws KithError 'group-not-member' when there is none, 'storage-unavailable' while its disk takes nothing */
  get(conversationId: string): LiveGroup {
    const found = this.find(conversationId);
    if (!found) throw new KithError('group-not-member');
    if (found.isBroken) throw new KithError('storage-unavailable');
    return found;
  }
}
