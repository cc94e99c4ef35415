// Sender keys of others as they lie on the disk. The store seals every record; nothing of this crosses a link.
import * as v from 'valibot';
import type { Bytes } from '../../bytes/bytes.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { KithError } from '../../errors.ts';
import { bytesOf, count, decode, encode } from '../../wire/cbor.ts';
import { MESSAGES_PER_CHAIN } from '../../wire/group-limits.ts';
import type { MemberId } from '../members-view.ts';
import type { MessageKey } from './ratchet.ts';

export interface ChainRecord {
  /** Sender and chain, `<64 digits>/<32 digits>`. */
  readonly name: string;
  readonly from: MemberId;
  /** Hash of the membership heads it is for. */
  readonly view: Uint8Array;
  /** When it came, ms. */
  readonly at: number;
  /** Place of the next message not seen yet, and the chain key there (32 bytes). */
  counter: number;
  key: Bytes;
  /** Keys of places below `counter` whose messages have not come. */
  readonly skipped: Map<number, MessageKey>;
}

/** 50 senders with 5 chains and 1,000 skipped keys are below 200 kB. */
const MAX_RECORD_BYTES = 1_048_576;

const schema = v.array(
  v.strictObject({
    from: bytesOf(32),
    chain: bytesOf(16),
    view: bytesOf(32),
    at: count(),
    counter: count(MESSAGES_PER_CHAIN),
    key: bytesOf(32),
    skipped: v.array(v.tuple([count(MESSAGES_PER_CHAIN - 1), bytesOf(32), bytesOf(12)])),
  }),
);

/** One of those that `decodeChains` reads out of an array. */
export function encodeChain({ name, from, view, at, counter, key, skipped }: ChainRecord): Bytes {
  return encode({
    from: fromHex(from),
    chain: fromHex(name.slice(name.indexOf('/') + 1)),
    view,
    at,
    counter,
    key,
    skipped: Array.from(skipped, ([place, message]) => [place, message.key, message.nonce]),
  });
}

/** @throws KithError 'record-damaged' */
export function decodeChains(bytes: Uint8Array): ChainRecord[] {
  try {
    return decode(bytes, schema, MAX_RECORD_BYTES).map(({ from, chain, key, skipped, ...rest }) => ({
      ...rest,
      name: `${toHex(from)}/${toHex(chain)}`,
      from: toHex(from),
      key: Uint8Array.from(key),
      skipped: new Map(
        skipped.map(([place, messageKey, nonce]) => [
          place,
          { key: Uint8Array.from(messageKey), nonce: Uint8Array.from(nonce) },
        ]),
      ),
    }));
  } catch (cause) {
    throw new KithError('record-damaged', {}, { cause });
  }
}
