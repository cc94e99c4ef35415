// Where the members of a group stand on a ring, the same for everybody: in the order of a hash that changes every week.
import { concat } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { uint32be } from '../../bytes/integers.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { sha256 } from '../../crypto/kdf.ts';
import type { MemberId } from '../members-view.ts';

const PURPOSE = utf8('kith group ring v1');
/** Nobody stays anybody's neighbour for long, whoever chose their key for it. */
const EPOCH_MS = 7 * 24 * 3_600_000;

/** `now`: ms. */
export const epochAt = (now: number): number => Math.max(0, Math.floor(now / EPOCH_MS)) % 2 ** 32;

/** The members in the order of the ring. `group`: 32 bytes. */
export async function ringOf(group: Uint8Array, epoch: number, members: readonly MemberId[]): Promise<MemberId[]> {
  const prefix = concat(PURPOSE, group, uint32be(epoch));
  const placed = await Promise.all(
    members.map(async (id) => ({ id, place: toHex(await sha256(concat(prefix, fromHex(id)))) })),
  );
  return placed.sort((a, b) => (a.place < b.place ? -1 : 1)).map(({ id }) => id);
}
