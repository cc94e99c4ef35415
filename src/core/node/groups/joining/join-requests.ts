// Who holds a card of a group of mine and waits for my answer, and whom I refused: in memory as on the disk.
import { kindOf } from '../../../errors.ts';
import type { MemberId } from '../../../group/members-view.ts';
import type { Log } from '../../../ports/log.ts';
import type { Store } from '../../../ports/store.ts';
import { groupKeys } from '../group-records.ts';
import { decodeRequest, encodeRequest, type RequestRecord } from './request-record.ts';

export class JoinRequests {
  /** By conversation, by member. */
  readonly #requests = new Map<string, Map<MemberId, RequestRecord>>();

  constructor(
    private readonly store: Store,
    private readonly log: Log,
  ) {}

  /** What an earlier page left of a group (the conversation's id). What cannot be read stays on the disk. */
  async load(groupId: string): Promise<void> {
    const prefix = groupKeys.request(groupId, '');
    for (const { key, value } of await this.store.list('group-state', { prefix })) {
      try {
        this.of(groupId).set(key.slice(prefix.length), decodeRequest(value));
      } catch (error) {
        this.log('warn', 'request to join not read', { kind: kindOf(error) });
      }
    }
  }

  /** Of a group; changed by `keep` and `forget` alone. */
  of(groupId: string): Map<MemberId, RequestRecord> {
    const known = this.#requests.get(groupId);
    if (known) return known;
    const requests = new Map<MemberId, RequestRecord>();
    this.#requests.set(groupId, requests);
    return requests;
  }

  async keep(groupId: string, member: MemberId, request: RequestRecord): Promise<void> {
    const key = groupKeys.request(groupId, member);
    await this.store.commit([{ put: 'group-state', key, value: encodeRequest(request) }], 'strict');
    this.of(groupId).set(member, request);
  }

  async forget(groupId: string, members: readonly MemberId[]): Promise<void> {
    const keys = members.map((member) => groupKeys.request(groupId, member));
    await this.store.commit(
      keys.map((key) => ({ remove: 'group-state', key })),
      'strict',
    );
    for (const member of members) this.of(groupId).delete(member);
  }
}
