import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { MemoryNetwork } from '../../src/adapters/memory/dialer.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { dialerContract } from './dialer.ts';

dialerContract('memory', () => {
  const clock = new MemoryClock();
  const network = new MemoryNetwork({ clock, random: seededRandom(1) });
  return { ana: network.dialer(), ben: network.dialer(), until: (promise) => clock.until(promise) };
});
