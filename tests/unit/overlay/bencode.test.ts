// Bencoding (BEP3), read strictly.
import { describe, expect, it } from 'vitest';
import { type Bencoded, readDictionary } from '../../../src/core/overlay/bencode.ts';

const read = (text: string) => readDictionary(new TextEncoder().encode(text));
const plain = (value: Bencoded | undefined): unknown => {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
};

describe('bencoding', () => {
  it('reads dictionaries of numbers, strings, lists and dictionaries', () => {
    expect(plain(read('d1:ai-7e1:bl1:x0:i0ee1:cd1:d3:xyzee'))).toEqual({ a: -7, b: ['x', '', 0], c: { d: 'xyz' } });
  });

  it.each([
    ['no dictionary', 'i1e'],
    ['something behind it', 'd1:ai1eex'],
    ['a negative length, which the library would follow backwards for ever', 'd1:al-3:ee'],
    ['a string that is longer than the message', 'd1:a9:xe'],
    ['a missing end', 'd1:ai1e'],
    ['a leading zero', 'd1:ai01ee'],
    ['an empty number', 'd1:aiee'],
    ['a fraction', 'd1:ai1.5ee'],
    ['more digits than a number holds', 'd1:ai12345678901234567ee'],
    ['a key that stands twice', 'd1:ai1e1:ai2ee'],
    ['a key that is no string', 'di1ei1ee'],
    ['nesting without end', `d1:a${'l'.repeat(50)}${'e'.repeat(50)}e`],
    ['more values than any message has', `d1:al${'i1e'.repeat(300)}ee`],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('refuses every message that was cut', () => {
    const whole = 'd1:ad2:id3:abc1:xi5ee1:bli1ei2eee';
    for (let length = 0; length < whole.length; length += 1) expect(read(whole.slice(0, length))).toBeUndefined();
  });
});
