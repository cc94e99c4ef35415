import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageCache } from '../../../src/app/message-cache.ts';
import type { MessageView } from '../../../src/core/node-api.ts';
import { aMessage } from '../../fixtures/fake-node.ts';

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => aMessage('c1', from + index));
const positions = (cache: MessageCache) => cache.messages.value.map(({ position }) => position);

/** A store of `all` that counts how often it is asked. */
function stored(all: readonly MessageView[]) {
  const asked: (number | null)[] = [];
  const cache = new MessageCache(async (before, limit) => {
    asked.push(before);
    return all.filter(({ position }) => before === null || position < before).slice(-limit);
  });
  return { cache, asked };
}

describe('messages in memory', () => {
  it('begin with the newest page and go back page by page to the first message', async () => {
    const { cache, asked } = stored(range(1, 250));
    await cache.open();
    expect(positions(cache)).toEqual(range(151, 250).map(({ position }) => position));
    await cache.loadOlder();
    await cache.loadOlder();
    expect(cache.hasOlder.value).toBe(false);
    await cache.loadOlder();
    expect(asked).toEqual([null, 151, 51]);
    expect(positions(cache)).toEqual(range(1, 250).map(({ position }) => position));
  });

  it('fetch a page once, however often the list asks while scrolling', async () => {
    const { cache, asked } = stored(range(1, 250));
    await cache.open();
    await Promise.all([cache.loadOlder(), cache.loadOlder(), cache.loadOlder()]);
    expect(asked).toHaveLength(2);
    expect(cache.messages.value).toHaveLength(200);
  });

  it('do not bring back what was removed, with a page that was on its way or with a late change', async () => {
    const all = range(1, 150);
    const { cache } = stored(all);
    await cache.open();
    const older = cache.loadOlder();
    cache.remove('c1-20');
    cache.remove('c1-150');
    await older;
    cache.upsert(all);
    await cache.refresh();
    expect(positions(cache)).toEqual(all.map(({ position }) => position).filter((at) => at !== 20 && at !== 150));
  });

  it('stand in order of position, each once, in whatever order events come', async () => {
    const shuffled = fc.shuffledSubarray(range(1, 60), { minLength: 60, maxLength: 60 });
    const batches = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 60, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(shuffled, batches, async (messages, sizes) => {
        const { cache } = stored([]);
        await cache.open();
        let at = 0;
        for (const size of sizes) {
          cache.upsert(messages.slice(at, at + size));
          cache.upsert(messages.slice(at, at + 1));
          at += size;
        }
        expect(positions(cache)).toEqual(range(1, 60).map(({ position }) => position));
      }),
      { seed: 20_260_520, numRuns: 50 },
    );
  });

  it('replace a message by its newer state and leave the others untouched', async () => {
    const { cache } = stored(range(1, 5));
    await cache.open();
    const before = cache.messages.value;
    cache.upsert([aMessage('c1', 3, { direction: 'out', state: 'delivered' })]);
    expect(cache.messages.value[2]?.state).toBe('delivered');
    expect(cache.messages.value[1]).toBe(before[1]);
    expect(cache.messages.value).toHaveLength(5);
  });

  it('follow a message that a retry moved to another place', async () => {
    const { cache } = stored(range(1, 3));
    await cache.open();
    cache.upsert([{ ...aMessage('c1', 9), id: 'c1-2' }]);
    expect(cache.messages.value.map(({ id }) => id)).toEqual(['c1-1', 'c1-3', 'c1-2']);
  });

  it('do not take a change of an old message that was not scrolled to for a new one', async () => {
    const { cache } = stored(range(1, 250));
    await cache.open();
    cache.upsert([aMessage('c1', 7, { state: 'read' })]);
    expect(positions(cache)[0]).toBe(151);
  });

  it('keep what happened while a page was on its way', async () => {
    let deliver: (page: readonly MessageView[]) => void = () => undefined;
    const cache = new MessageCache(() => new Promise((resolve) => (deliver = resolve)));
    const opening = cache.open();
    cache.upsert([aMessage('c1', 2, { text: 'newer' }), aMessage('c1', 3)]);
    deliver(range(1, 2));
    await opening;
    expect(cache.messages.value.map(({ text }) => text)).toEqual(['message 1', 'newer', 'message 3']);
  });

  it('are gone when the conversation is cleared, even those on their way', async () => {
    let deliver: (page: readonly MessageView[]) => void = () => undefined;
    const cache = new MessageCache(() => new Promise((resolve) => (deliver = resolve)));
    const opening = cache.open();
    cache.clear();
    deliver(range(1, 2));
    await opening;
    expect(cache.messages.value).toEqual([]);
    cache.upsert([aMessage('c1', 4)]);
    expect(positions(cache)).toEqual([4]);
  });

  it('forget what was scrolled back to when the conversation closes, and can fetch it again', async () => {
    const { cache } = stored(range(1, 250));
    await cache.open();
    await cache.loadOlder();
    cache.trim();
    expect(positions(cache)[0]).toBe(151);
    await cache.loadOlder();
    expect(positions(cache)[0]).toBe(51);
  });

  it('are not set back by a look at the newest page that was under way while they changed', async () => {
    let deliver: (page: readonly MessageView[]) => void = () => undefined;
    const cache = new MessageCache(() => new Promise((resolve) => (deliver = resolve)));
    const opening = cache.open();
    deliver(range(1, 3));
    await opening;
    const looking = cache.refresh();
    cache.upsert([aMessage('c1', 2, { text: 'newer' }), { ...aMessage('c1', 4), id: 'c1-1' }]);
    deliver(range(1, 3));
    await looking;
    expect(cache.messages.value.map(({ id, text }) => [id, text])).toEqual([
      ['c1-2', 'newer'],
      ['c1-3', 'message 3'],
      ['c1-1', 'message 4'],
    ]);
  });

  it('have no hole when one more comes while many that were missed are on their way', async () => {
    let deliver: (page: readonly MessageView[]) => void = () => undefined;
    const cache = new MessageCache(() => new Promise((resolve) => (deliver = resolve)));
    const opening = cache.open();
    deliver(range(1, 10));
    await opening;
    const looking = cache.refresh();
    cache.upsert(range(401, 401));
    deliver(range(301, 400));
    await looking;
    expect(positions(cache)).toEqual(range(301, 401).map(({ position }) => position));
    expect(cache.hasOlder.value).toBe(true);
  });

  it('catch up with what was missed while another tab took over', async () => {
    const all = range(1, 10);
    const { cache } = stored(all);
    await cache.open();
    all.push(aMessage('c1', 11));
    await cache.refresh();
    expect(positions(cache).at(-1)).toBe(11);
    all.push(...range(12, 400));
    await cache.refresh();
    expect(positions(cache)).toEqual(range(301, 400).map(({ position }) => position));
    expect(cache.hasOlder.value).toBe(true);
  });
});
