// Whatever is changed in a handshake message, at whichever byte, the handshake ends there and then.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KithError } from '../../src/core/errors.ts';
import type { Handshake } from '../../src/core/session/noise/handshake-state.ts';
import { startCall, startSide } from '../fixtures/handshakes.ts';

const failed = new KithError('handshake-failed');
const payload = new Uint8Array(5);

/** All messages of the call with this seed. */
async function transcript(pattern: string, seed = 1): Promise<Uint8Array[]> {
  const { ana, ben, messages } = await startCall(pattern, { hybrid: true, seed });
  const sent: Uint8Array[] = [];
  for (let index = 0; index < messages; index += 1) {
    const [writer, reader] = index % 2 === 0 ? [ana, ben] : [ben, ana];
    const message = await writer.writeMessage(payload);
    await reader.readMessage(message);
    sent.push(message);
  }
  return sent;
}

/** A reader that waits for message `index` of the call with seed 1: it has replayed those before. */
async function readerOf(pattern: string, index: number, sent: readonly Uint8Array[]): Promise<Handshake> {
  const side = await startSide(index % 2 === 0 ? 'responder' : 'initiator', pattern, { hybrid: true });
  for (const message of sent.slice(0, index)) {
    if (side.canWrite) await side.writeMessage(payload);
    else await side.readMessage(message);
  }
  return side;
}

const handshakeMessages = [
  { pattern: 'KKpsk0', index: 0 },
  { pattern: 'KKpsk0', index: 1 },
  { pattern: 'XXpsk0', index: 0 },
  { pattern: 'XXpsk0', index: 1 },
  { pattern: 'XXpsk0', index: 2 },
];

test.each(handshakeMessages)(
  'a change of any byte of message $index of $pattern is refused',
  async (where) => {
    const { pattern, index } = where;
    const sent = await transcript(pattern);
    const message = sent[index] as Uint8Array;
    expect(await (await readerOf(pattern, index, sent)).readMessage(message)).toEqual(payload);
    for (let place = 0; place < message.length; place += 1) {
      const mutated = message.slice();
      mutated[place] = (mutated[place] as number) ^ (1 + ((place * 37) % 255));
      const reader = await readerOf(pattern, index, sent);
      await expect(reader.readMessage(mutated), `byte ${place}`).rejects.toThrow(failed);
      expect(reader.finished).toBe(false);
    }
  },
  120_000,
);

type Change = { readonly cut: number } | { readonly extension: Uint8Array } | { readonly other: Uint8Array };

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ cut: fc.nat({ max: 1300 }) }),
  fc.record({ extension: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
  fc.record({ other: fc.uint8Array({ maxLength: 1300 }) }),
);

function apply(change: Change, message: Uint8Array): Uint8Array {
  if ('cut' in change) return message.slice(0, change.cut % message.length);
  if ('extension' in change) return Uint8Array.from([...message, ...change.extension]);
  return change.other;
}

test.each(handshakeMessages)(
  'message $index of $pattern cut, extended or replaced is refused',
  async (where) => {
    const { pattern, index } = where;
    const sent = await transcript(pattern);
    const refused = fc.asyncProperty(changes, async (change) => {
      const reader = await readerOf(pattern, index, sent);
      await expect(reader.readMessage(apply(change, sent[index] as Uint8Array))).rejects.toThrow(failed);
    });
    await fc.assert(refused, { seed: 20260108, numRuns: 60 });
  },
  120_000,
);

test.each(handshakeMessages)('message $index of $pattern from another call is refused', async ({ pattern, index }) => {
  const reader = await readerOf(pattern, index, await transcript(pattern));
  const foreign = (await transcript(pattern, 5))[index] as Uint8Array;
  await expect(reader.readMessage(foreign)).rejects.toThrow(failed);
});
