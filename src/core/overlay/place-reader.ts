// Looks for the other's record at a place, and whether they really are where it says: a question that only the two can ask
// and answer, so that a record of somebody who has gone costs no connection.
import { equalBytes } from '../bytes/bytes.ts';
import { kindOf } from '../errors.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { NodeRef, Overlay, SendOptions } from './overlay-api.ts';
import { GREETING_NONCE_BYTES, greeting, type PlaceKeys, reply } from './place-keys.ts';
import { openRecord } from './place-record.ts';

/** Values under one key that are opened in one look-up: nodes may hold older ones, and liars hold none that verify. */
const MAX_VALUES = 8;

export interface Found {
  readonly node: NodeRef;
  /** They want no direct link. */
  readonly relayed: boolean;
}

export interface ReaderOptions {
  readonly overlay: Overlay;
  readonly random: Random;
  readonly log: Log;
  /** What we appear under. */
  readonly as: () => SendOptions;
  /** Somebody may be there, but nobody is between us and them. */
  readonly noRelay: () => void;
}

/** Resolves as soon as they have answered, or when all is over and nobody has. Never rejects. */
export async function findOther(keys: PlaceKeys, options: ReaderOptions): Promise<Found | undefined> {
  const { overlay, log } = options;
  const asked: Promise<void>[] = [];
  return new Promise((resolve) => {
    const look = async (value: Uint8Array): Promise<void> => {
      const record = await openRecord(keys.seal, keys.theirs, value);
      if (record.kind === 'gone') return;
      const found = { node: record.node, relayed: record.kind === 'relayed' };
      if (await isThere(keys, found.node, options)) resolve(found);
    };
    const failed = (error: unknown) => {
      const kind = kindOf(error);
      if (kind === 'no-relay') options.noRelay();
      log('debug', 'nobody at a place', { kind });
    };
    const search = overlay.get(keys.theirs, ({ value }) => {
      if (asked.length < MAX_VALUES) asked.push(look(value).catch(failed));
    });
    void search
      .catch(failed)
      .then(() => Promise.all(asked))
      .then(() => resolve(undefined));
  });
}

async function isThere(keys: PlaceKeys, node: NodeRef, { overlay, random, as }: ReaderOptions): Promise<boolean> {
  const nonce = random.bytes(GREETING_NONCE_BYTES);
  const question = await greeting(keys, 'presence', nonce);
  const said = await overlay.request(node, 'presence', question, as());
  return equalBytes(said, await reply(keys, keys.theirs, nonce));
}
