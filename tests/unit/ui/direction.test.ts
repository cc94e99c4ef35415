import { expect, it } from 'vitest';
import { directionOf } from '../../../src/ui/direction.ts';

it('a field finds its own direction unless it has so many lines that the browser would stand still', () => {
  const lines = (first: string, count: number) => [first, ...Array(count - 1).fill('')].join('\n');
  for (const text of ['', 'abc', '\u05d0\u05d1', 'x '.repeat(30_000), lines('abc', 500)])
    expect(directionOf(text)).toBe('auto');
  expect([lines('abc', 501), lines('12 - \u05d0\u05d1 abc', 501), lines('\u0645', 60_000)].map(directionOf)).toEqual([
    'ltr',
    'rtl',
    'rtl',
  ]);
  expect([lines('a \u05d0', 501), '\n'.repeat(60_000)].map(directionOf)).toEqual(['ltr', 'ltr']);
});
