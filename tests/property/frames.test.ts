// Mutated transport frames: no channel takes one for genuine, and none does anything but end.
// KITH_FUZZ_FRAMES raises the number.
import { expect, it } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { concat } from '../../src/core/bytes/bytes.ts';
import { SealedChannel } from '../../src/core/session/channel.ts';
import { Inbox } from '../../src/core/session/inbox.ts';
import { CipherState } from '../../src/core/session/noise/cipher-state.ts';
import { encodeFrame } from '../../src/core/session/outer-frame.ts';
import { kindOfSealed, type SealedType, sealedHeaders, sealedTypes } from '../../src/core/session/sealer.ts';
import { LinkPair } from '../fixtures/links.ts';
import { KEPT_MIB, MemoryMeter, PEAK_MIB } from '../fixtures/memory.ts';
import { budget, mutate } from '../fixtures/mutate.ts';

const MUTANTS = budget('KITH_FUZZ_FRAMES', 10_000);
/** Far above what a busy machine needs; it only ends a run that hangs. */
const TIME_LIMIT_MS = Math.max(240_000, 4 * MUTANTS);
const AT_ONCE = 50;
const KEY = new Uint8Array(32).fill(11);

function cipher(nonce: number): CipherState {
  const state = new CipherState();
  state.initializeKey(KEY);
  state.setNonce(BigInt(nonce));
  return state;
}

/** One frame of every type, and data of several sizes; frame n is sealed under nonce n. */
async function genuineFrames(): Promise<Uint8Array[]> {
  const random = seededRandom(1);
  const sealer = cipher(0);
  const payloads = [0, 1, 16, 200, 1_500].map((size): [SealedType, Uint8Array] => [
    sealedTypes.data,
    random.bytes(size),
  ]);
  const controls = Object.values(sealedTypes).map((type): [SealedType, Uint8Array] => {
    return [type, type === sealedTypes.ping || type === sealedTypes.pong ? random.bytes(8) : new Uint8Array(0)];
  });
  const frames = [...payloads, ...controls].map(async ([type, payload]) => {
    const kind = kindOfSealed(type);
    return encodeFrame(kind, await sealer.encryptWithAd(sealedHeaders[kind], concat(Uint8Array.of(type), payload)));
  });
  return Promise.all(frames);
}

/** Gives `frame` to a channel that expects frame `nonce`; what was delivered, what it answered, and how it ended. */
async function receive(frame: Uint8Array, nonce: number, clock: MemoryClock) {
  const links = new LinkPair();
  const random = seededRandom(2);
  const channel = new SealedChannel({
    link: links.a,
    inbox: new Inbox(links.a),
    send: cipher(0),
    receive: cipher(nonce),
    clock,
    random,
  });
  let delivered = 0;
  channel.onMessage(() => {
    delivered += 1;
  });
  const confirmed = channel.confirmed.then(
    () => true,
    () => false,
  );
  const ended = new Promise<string>((resolve) => channel.onClose(resolve));
  links.inject('a', frame);
  return { end: await Promise.race([ended, confirmed.then((live) => (live ? 'accepted' : ended))]), delivered, links };
}

it('a genuine frame is taken: the test would notice', async () => {
  const frames = await genuineFrames();
  const { end } = await receive(frames[2] as Uint8Array, 2, new MemoryClock());
  expect(end).toBe('accepted');
});

it(
  `none of ${MUTANTS} mutated frames is accepted, and every one ends the channel with a reason`,
  async () => {
    const frames = await genuineFrames();
    const random = seededRandom(20_260_615);
    const ends = new Map<string, number>();
    const memory = new MemoryMeter();
    for (let done = 0; done < MUTANTS; done += AT_ONCE) {
      const clock = new MemoryClock();
      const batch = Array.from({ length: AT_ONCE }, async () => {
        const nonce = Math.floor(random.fraction() * frames.length);
        const mutant = mutate(frames[nonce] as Uint8Array, random, frames);
        const { end, delivered, links } = await receive(mutant, nonce, clock);
        ends.set(end, (ends.get(end) ?? 0) + 1);
        if (delivered > 0) ends.set('delivered', 1);
        if (links.passed.length > (end === 'frame-version' ? 1 : 0)) ends.set('answered', 1);
      });
      await Promise.all(batch);
      if (done % 1_000 === 0) memory.look();
    }
    const { peak, kept } = memory.report();
    console.log(`mutated frames: ${JSON.stringify(Object.fromEntries(ends))}, peak ${peak} MiB, kept ${kept} MiB`);
    expect(peak).toBeLessThan(PEAK_MIB);
    expect(kept).toBeLessThan(KEPT_MIB);
    expect([...ends.keys()].sort()).toEqual(['frame-authentication', 'frame-malformed', 'frame-version']);
    expect([...ends.values()].reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(MUTANTS);
  },
  TIME_LIMIT_MS,
);
