// When receipts travel: mine anew when something changed, at most once an interval; everybody's along the tree on which messages go,
// and over the other links when lists of versions show that one is missing (GOSSIP.md, "Receipts").
import { fromHex, toHex } from '../../bytes/hex.ts';
import type { GroupReceipts, SignedReceipt } from '../../wire/group-gossip.ts';
import { MAX_RECEIPTS } from '../../wire/group-limits.ts';
import type { Sign } from '../history/signing.ts';
import { hasJoined, isNamable, type MemberId, type Members } from '../members-view.ts';
import { type ReceiptOutcome, Receipts, type Standing, writeReceipt } from './receipts.ts';

/** Time between two receipts of one member, ms: longer in larger groups, where each crosses more links. */
const INTERVAL_MS = 1_000;
const INTERVAL_PER_MEMBER_MS = 100;
/** What everybody's receipts together may cost each member, bytes a millisecond: receipts that name many authors are written less often. */
const BYTES_PER_MS = 4;
/** Over links off the tree versions are compared so often, ms. */
const COMPARE_EVERY_MS = 30_000;
/** Bytes of receipts in one message: with the list of versions it fits a frame. */
const MAX_BATCH_BYTES = 196_608;

export class ReceiptExchange {
  readonly receipts = new Receipts();
  /** For each link, the versions the other side has. */
  readonly #told = new Map<MemberId, Map<MemberId, number>>();
  #isDue = true;
  #last = Number.NEGATIVE_INFINITY;
  /** Bytes of my last one. */
  #size = 0;
  #comparedAt = Number.NEGATIVE_INFINITY;

  /** Something of what I have or have seen has changed. */
  changed(): void {
    this.#isDue = true;
  }

  lost(peer: MemberId): void {
    this.#told.delete(peer);
  }

  /** What to say when a link opens, or when operations have come that receipts waited for. */
  known(members: Members): GroupReceipts {
    const known = this.receipts.all().filter(({ from }) => members.view.has(from));
    return {
      type: 'group-receipts',
      group: members.view.groupId,
      receipts: [],
      known: known.slice(0, MAX_RECEIPTS).map(({ from, version }): [Uint8Array, number] => [fromHex(from), version]),
    };
  }

  /** From now on `peer` is told of every newer one. */
  heard(peer: MemberId, known: readonly (readonly [Uint8Array, number])[]): void {
    this.#told.set(peer, new Map(known.map(([member, version]) => [toHex(member), version])));
  }

  async take(peer: MemberId, signed: SignedReceipt, members: Members): Promise<ReceiptOutcome> {
    const outcome = await this.receipts.take(signed, members);
    if (outcome !== 'new') return outcome;
    const newest = this.receipts.all().find((one) => one.signed === signed);
    if (newest !== undefined) this.#told.get(peer)?.set(newest.from, newest.version);
    return outcome;
  }

  /** My own, when it is due: to be stored before anything else happens. */
  async mine(standing: Standing, sign: Sign, now: number, isUrgent: boolean): Promise<SignedReceipt | undefined> {
    const { self, members } = standing;
    const count = members.view.members().length;
    const interval = Math.max(INTERVAL_MS + INTERVAL_PER_MEMBER_MS * count, (count * this.#size) / BYTES_PER_MS);
    const isEarly = !isUrgent && Math.abs(now - this.#last) < interval;
    if (!this.#isDue || isEarly || !hasJoined(members.view, self) || !isNamable(members.view)) return undefined;
    this.#isDue = false;
    this.#last = now;
    // A version that somebody has of me is never used again, not even when I lost mine with a database.
    const version = (this.receipts.of(self)?.version ?? 0) + 1;
    const signed = await writeReceipt(standing, version, sign);
    this.#size = signed.content.length + signed.signature.length;
    await this.receipts.take(signed, members);
    return signed;
  }

  /** What the links for which `isFor` holds have not been told yet. */
  news(
    members: Members,
    isFor: (peer: MemberId) => boolean,
  ): { readonly to: MemberId; readonly message: GroupReceipts }[] {
    const news: { to: MemberId; message: GroupReceipts }[] = [];
    for (const [to, told] of this.#told) {
      if (!isFor(to)) continue;
      const newer = this.receipts
        .all()
        .filter(({ from, version }) => members.view.has(from) && version > (told.get(from) ?? 0));
      for (const { from, version } of newer) told.set(from, version);
      for (const receipts of batches(newer.map(({ signed }) => signed))) {
        news.push({ to, message: { type: 'group-receipts', group: members.view.groupId, receipts } });
      }
    }
    return news;
  }

  /** Lists of versions for the links off the tree, when it is time. */
  comparisons(members: Members, isOff: (peer: MemberId) => boolean, now: number) {
    if (Math.abs(now - this.#comparedAt) < COMPARE_EVERY_MS) return [];
    this.#comparedAt = now;
    const message = this.known(members);
    return [...this.#told.keys()].filter(isOff).map((to) => ({ to, message }));
  }
}

function batches(all: readonly SignedReceipt[]): SignedReceipt[][] {
  const cut: SignedReceipt[][] = [];
  let [now, bytes]: [SignedReceipt[], number] = [[], 0];
  for (const one of all) {
    if (now.length >= MAX_RECEIPTS || bytes + one.content.length > MAX_BATCH_BYTES) {
      cut.push(now);
      [now, bytes] = [[], 0];
    }
    now.push(one);
    bytes += one.content.length + one.signature.length;
  }
  return now.length > 0 ? [...cut, now] : cut;
}
