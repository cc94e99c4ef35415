// What a device remembers of others with the same identity (../backup/BACKUP.md, "Two devices"). It has this record from when there may be one:
// a backup or the recovery words left it, or it came of them.
import * as v from 'valibot';
import type { Store, Write } from '../ports/store.ts';
import { count, decode, encode } from '../wire/cbor.ts';

/** In table `meta`. */
export const TWIN_KEY = 'twin';

/** alone: no other is known. held: another one was met, and nobody has chosen yet. retired: another one was chosen. */
const states = ['alone', 'held', 'retired'] as const;

/** What two devices tell each other, and each keeps. */
export const twinSchema = v.object({
  v: v.literal(1),
  /** How often a person has chosen among devices of this identity, as far as this one knows. */
  choices: count(),
  state: v.picklist(states),
});

export type TwinRecord = v.InferOutput<typeof twinSchema>;

export const nobodyElse: TwinRecord = { v: 1, choices: 0, state: 'alone' };

export const twinWrite = (record: TwinRecord): Write => ({ put: 'meta', key: TWIN_KEY, value: encode(record) });

/** undefined where there cannot be another one. What cannot be read counts as nothing: the two will meet again. */
export async function readTwin(store: Store): Promise<TwinRecord | undefined> {
  try {
    const bytes = await store.get('meta', TWIN_KEY);
    return bytes && decode(bytes, twinSchema);
  } catch {
    return nobodyElse;
  }
}

/** As it comes out of a backup: choices that were made count, but this device has met nobody. */
export function freeTwin(value: Uint8Array): Uint8Array {
  try {
    return encode({ ...decode(value, twinSchema), state: 'alone' });
  } catch {
    return encode(nobodyElse);
  }
}

/** Mine after another device of the same identity has said where it stands; the same object when nothing changes. */
export function afterMeeting(mine: TwinRecord, theirs: TwinRecord): TwinRecord {
  // Somebody has chosen since: whoever knows of it was chosen, or has heard of it.
  if (theirs.choices > mine.choices) return { ...mine, choices: theirs.choices, state: 'retired' };
  if (theirs.choices < mine.choices || mine.state !== 'alone' || theirs.state === 'retired') return mine;
  return { ...mine, state: 'held' };
}
