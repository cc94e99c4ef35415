// What was done already, as far as that is remembered.
import { expect, it } from 'vitest';
import { nameOf } from '../../../src/core/group/members-view.ts';
import { Once } from '../../../src/core/group/once.ts';

it('a name is new once, and the oldest is forgotten first', () => {
  const once = new Once(2);
  expect(['a', 'b', 'a', 'b'].map((name) => once.add(name))).toEqual([true, true, false, false]);
  expect(['a', 'b', 'c'].map((name) => once.has(name))).toEqual([true, true, false]);
  expect(once.add('c')).toBe(true);
  expect(['a', 'b', 'c'].map((name) => once.has(name))).toEqual([false, true, true]);
  expect(once.add('a')).toBe(true);
  expect(['a', 'b', 'c'].map((name) => once.has(name))).toEqual([true, false, true]);
});

it('a view’s name is its heads’ hash as text, made once', () => {
  let asked = 0;
  const view = {
    get headsHash() {
      asked += 1;
      return new Uint8Array([1, 0xab]);
    },
  };
  expect([nameOf(view as never), nameOf(view as never), asked]).toEqual(['01ab', '01ab', 1]);
});
