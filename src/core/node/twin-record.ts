// What a device remembers of another one with the same identity (TWIN.md).
import * as v from 'valibot';
import type { Store, Write } from '../ports/store.ts';
import { count, decode, encode } from '../wire/cbor.ts';

/** In table `meta`. */
export const TWIN_KEY = 'twin';

const twinSchema = v.object({
  v: v.literal(1),
  /** How often a person has chosen among devices of this identity, as far as this one knows. */
  choices: count(),
  /** alone: none other is known. held: another one was met, and nobody has chosen yet. retired: the other one was chosen. */
  state: v.picklist(['alone', 'held', 'retired']),
});

export type TwinRecord = v.InferOutput<typeof twinSchema>;

const nobodyElse: TwinRecord = { v: 1, choices: 0, state: 'alone' };

export const twinWrite = (record: TwinRecord): Write => ({ put: 'meta', key: TWIN_KEY, value: encode(record) });

/** Whatever cannot be read counts as nothing: the two will meet again. */
export async function readTwin(store: Store): Promise<TwinRecord> {
  try {
    const bytes = await store.get('meta', TWIN_KEY);
    return bytes ? decode(bytes, twinSchema) : nobodyElse;
  } catch {
    return nobodyElse;
  }
}

/** As it comes out of a backup: choices that were made count, but this device has met nobody. */
export function freeTwin(value: Uint8Array): Uint8Array | undefined {
  try {
    return encode({ ...decode(value, twinSchema), state: 'alone' });
  } catch {
    return undefined;
  }
}
