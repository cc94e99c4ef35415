import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { MemoryTracker } from '../../src/adapters/memory/entry-point.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { entryPointContract } from './entry-point.ts';

entryPointContract('memory', async () => {
  const clock = new MemoryClock();
  const tracker = new MemoryTracker({ clock, random: seededRandom(1) });
  return {
    visitor: () => tracker.entryPoint(),
    until: (promise) => clock.until(promise),
    goDown: async () => tracker.goDown(),
    goUp: async () => tracker.goUp(),
    end: async () => {},
  };
});
