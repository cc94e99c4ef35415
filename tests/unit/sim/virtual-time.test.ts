import { expect, it } from 'vitest';
import { VirtualTime } from '../../sim/virtual-time.ts';

it('runs up to an instant without what is set for it, which comes next', async () => {
  const time = new VirtualTime();
  const start = time.now();
  const seen: string[] = [];
  time.at(start + 10, () => seen.push('at the end'));
  time.after(9.5, () => {
    seen.push('before');
    time.after(0.4, () => seen.push('set meanwhile'));
  });
  await time.advanceBefore(start + 10);
  expect(seen).toEqual(['before', 'set meanwhile']);
  expect(time.now()).toBe(start + 10);
  await time.advance(0);
  expect(seen).toEqual(['before', 'set meanwhile', 'at the end']);
});

it('forgets a timer that is cancelled, also when that is said twice or too late', async () => {
  const time = new VirtualTime();
  let fired = 0;
  const count = () => {
    fired += 1;
  };
  const [one, other] = [time.after(5, count), time.after(5, count)];
  one.cancel();
  one.cancel();
  expect(time.pending).toBe(1);
  await time.advance(5);
  other.cancel();
  expect([fired, time.pending]).toEqual([1, 0]);
});
