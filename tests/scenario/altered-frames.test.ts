// Whole nodes on a link that changes a bit here and there: the session ends at once, and so does the wait for the next one.
import { afterEach, expect, it, vi } from 'vitest';
import { MemoryLink } from '../../src/adapters/memory/links.ts';
import { Village } from '../fixtures/village.ts';

afterEach(() => vi.restoreAllMocks());

/** Two waits of the back-off at most (below 2 s and 4 s), and the calls themselves, milliseconds. */
const RECOVERED_MS = 7_000;

/** Changes the last bit of the frames with these numbers, counted over all links from now on. */
function alter(numbers: readonly number[]): void {
  let count = 0;
  const receive = MemoryLink.prototype.receive;
  vi.spyOn(MemoryLink.prototype, 'receive').mockImplementation(function (this: MemoryLink, frame: Uint8Array) {
    const last = frame.length - 1;
    receive.call(this, numbers.includes(count++) ? frame.with(last, (frame[last] ?? 0) ^ 1) : frame);
  });
}

// The first frame is a message; on the next link the following three are the handshake and the initiator's first sealed frame.
it.each([[[0]], [[0, 1]], [[0, 2]], [[0, 3]], [[0, 1, 2]]])(
  'frames %j are altered: they find each other again',
  async (numbers) => {
    for (const seed of [1, 2, 3]) {
      const village = new Village(seed);
      const [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
      await village.introduce(ana, ben);
      await village.pass(1_000);
      const before = (await ana.node.diagnostics()).session.handshakes;
      alter(numbers);
      const since = village.clock.now();
      await ana.write(ben, 'whatever happens');
      await village.until(async () => (await ana.node.diagnostics()).session.handshakes > before);
      await village.until(async () => (await ana.states(ben)).join() === 'delivered');
      expect(village.clock.now() - since).toBeLessThan(RECOVERED_MS);
      expect(await ben.texts(ana, 'in')).toEqual(['whatever happens']);
      vi.restoreAllMocks();
    }
  },
);
