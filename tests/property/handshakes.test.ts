// Mutated handshake messages of sessions and of first contact: whoever reads one ends the handshake with a reason.
// KITH_FUZZ_HANDSHAKES raises the number.
import { describe, expect, it, vi } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { kindOf } from '../../src/core/errors.ts';
import { answerCaller, callShower } from '../../src/core/pairing/first-contact.ts';
import type { Link } from '../../src/core/ports/link.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import { establish } from '../../src/core/session/session.ts';
import { type End, LinkPair } from '../fixtures/links.ts';
import { KEPT_MIB, MemoryMeter, PEAK_MIB } from '../fixtures/memory.ts';
import { budget, mutate } from '../fixtures/mutate.ts';
import { ana, ben } from '../fixtures/people.ts';
import { table } from '../fixtures/sessions.ts';
import { until } from '../fixtures/until.ts';

// Where the engine has ML-KEM itself, it draws its own randomness; the library's messages follow from the seed, so that each
// mutant needs only the side that reads it. The library is a real part: Firefox and Node 20 use it.
vi.mock('../../src/core/crypto/kem-native.ts', () => ({ nativeKem: async () => undefined }));

const MUTANTS = budget('KITH_FUZZ_HANDSHAKES', 1_000);
/** Far above what a busy machine needs; it only ends a run that hangs. */
const TIME_LIMIT_MS = Math.max(240_000, 40 * MUTANTS);
const AT_ONCE = 8;

/** One side of a handshake on a link of its own; the same keys and randomness every time, so the same messages. */
type Side = (link: Link) => Promise<unknown>;

const clock = new MemoryClock();
const seats = table();
const card = { fingerprint: ana.fingerprint, secret: new Uint8Array(16).fill(5) };
const common = () => ({ card, clock, random: seededRandom(7), log: silentLog });

const sides: Record<'session' | 'first contact', Record<End, Side>> = {
  session: {
    a: (link) => establish({ ...seats.initiator, link, random: seededRandom(7) }),
    b: (link) => establish({ ...seats.responder, link, random: seededRandom(8) }),
  },
  'first contact': {
    a: (link) => callShower({ ...common(), link, self: ben, name: 'Ben' }),
    b: (link) => answerCaller({ ...common(), link, self: ana, name: 'Ana' }),
  },
};

/** The genuine frames of one handshake in their order, with who sends each. */
async function record(one: Record<End, Side>, messages: number): Promise<{ from: End; frame: Uint8Array }[]> {
  const links = new LinkPair();
  await Promise.all([one.a(links.a), one.b(links.b)]);
  return links.passed.slice(0, messages).map(({ from, frame }) => ({ from, frame }));
}

/** Plays the genuine frames before number `place` to their reader, then `mutant`; the reader's end. */
async function readMutant(
  one: Record<End, Side>,
  frames: readonly { from: End; frame: Uint8Array }[],
  place: number,
  mutant: Uint8Array,
): Promise<string> {
  const reader: End = frames[place]?.from === 'a' ? 'b' : 'a';
  const links = new LinkPair({ fate: () => 'drop' });
  const end = one[reader](links[reader]).then(
    () => 'accepted',
    (error: unknown) => kindOf(error),
  );
  for (const [index, { from, frame }] of frames.slice(0, place).entries()) {
    if (from !== reader) links.inject(reader, frame);
    else await until(() => links.sentBy(reader).length > index / 2);
  }
  links.inject(reader, mutant);
  return end;
}

describe.each([
  ['session', 2, MUTANTS / 2],
  ['first contact', 3, MUTANTS / 2],
] as const)('%s', (name, messages, mutants) => {
  const one = sides[name];

  it('the genuine messages are accepted: the test would notice', async () => {
    const frames = await record(one, messages);
    expect(frames.map(({ from }) => from).join('')).toBe('aba'.slice(0, messages));
    const again = await record(one, messages);
    expect(again).toEqual(frames);
    const last = messages - 1;
    expect(await readMutant(one, frames, last, frames[last]?.frame as Uint8Array)).toBe('accepted');
  });

  it(
    `none of ${mutants} mutants is accepted, and each is told apart from a bug`,
    async () => {
      const frames = await record(one, messages);
      const random = seededRandom(20_260_616);
      const ends = new Map<string, number>();
      const memory = new MemoryMeter();
      for (let done = 0; done < mutants; done += AT_ONCE) {
        const batch = Array.from({ length: AT_ONCE }, async () => {
          const place = Math.floor(random.fraction() * messages);
          const genuine = frames[place]?.frame as Uint8Array;
          const others = frames.filter((_, index) => index !== place).map(({ frame }) => frame);
          const end = await readMutant(one, frames, place, mutate(genuine, random, others));
          ends.set(end, (ends.get(end) ?? 0) + 1);
        });
        await Promise.all(batch);
        if (done % (10 * AT_ONCE) === 0) memory.look();
      }
      const { peak, kept } = memory.report();
      console.log(
        `mutated messages of ${name}: ${JSON.stringify(Object.fromEntries(ends))}, peak ${peak} MiB, kept ${kept} MiB`,
      );
      expect(peak).toBeLessThan(PEAK_MIB);
      expect(kept).toBeLessThan(KEPT_MIB);
      const reasons = ['frame-malformed', 'frame-version', 'handshake-failed', 'unknown-hint'];
      expect([...ends.keys()].sort().filter((kind) => !reasons.includes(kind))).toEqual([]);
    },
    TIME_LIMIT_MS,
  );
});
