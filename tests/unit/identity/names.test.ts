import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanFileName, cleanName } from '../../../src/core/identity/names.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '.', '/', '\\', '\u202e', '\u200d', '\ufe0f', '👩‍👩‍👧', 'é', '\ud800', '\n'),
    maxLength: 400,
  }),
);
/** Between two emoji. */
const withoutJoiners = (name: string) =>
  name.replace(/(\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})/gu, '$1');
const settings = { seed: 20260107, numRuns: 500 };

test.each([
  ['a right-to-left override', 'abc\u202egnp.exe', 'abcgnp.exe'],
  ['isolates and marks', '\u2066Ana\u2069\u200e\u200f\u061c', 'Ana'],
  ['zero-width characters', 'A\u200bn\u200c\u200da\u2060\ufeff', 'Ana'],
  ['controls', 'A\u0000n\u0007a\u007f\u009f', 'Ana'],
  ['the replacement character and lone surrogates', 'A\ufffdn\ud800a', 'Ana'],
  ['fillers that look like nothing', '\u3164\u115f\uffa0\u2800\u034f\u180eAna', 'Ana'],
  ['tags and variation selectors that hide data', 'Ana\ufe00\ufe01\u{e0041}\u{e0100}', 'Ana'],
  ['private use characters', 'Ana\ue000\u{f0000}', 'Ana'],
])('%s vanish from a name', (_what, text, expected) => {
  expect(cleanName(text)).toBe(expected);
});

test('white space of every sort becomes one space, and none at the ends', () => {
  expect(cleanName('\u3000 Ana\t\r\n\u00a0\u2028Maria  ')).toBe('Ana Maria');
});

test('a name is composed, so that two spellings of one name are one', () => {
  expect(cleanName('Jose\u0301')).toBe('José');
});

test('an emoji keeps its coloured form, and a name of selectors alone is none', () => {
  expect(cleanName('❤\ufe0f Ana')).toBe('❤\ufe0f Ana');
  expect(cleanName('\ufe0f\ufe0f')).toBe('');
});

test('emoji that are joined to one stay one, and whatever else is joined does not', () => {
  for (const joined of ['👩‍👩‍👧', '👩🏽‍⚕️', '❤️‍🔥', '🏴‍☠️']) {
    expect(cleanName(`${joined} Ana`)).toBe(`${joined} Ana`);
    expect(cleanFileName(`${joined}.png`)).toBe(`${joined}.png`);
  }
  expect(cleanName('A\u200d👩 👩\u200dA \u200d👩\u200d 👩\u200d\u200d👩 👩\u200b\u200d👩')).toBe(
    'A👩 👩A 👩 👩👩 👩👩',
  );
  expect(cleanName('a👩‍👩‍👧', 5)).toBe('a');
});

test('a long name is cut at code points and never inside a grapheme', () => {
  expect([...cleanName('🙂'.repeat(100))]).toHaveLength(64);
  expect(cleanName('ab🇪🇸🇪🇸', 5)).toBe('ab🇪🇸');
  expect(cleanName(`ae${'\u0323\u0324\u0325'}`, 3)).toBe('a');
});

test('whatever comes in, a clean name is short, visible, and stays as it is when cleaned again', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 80 }), (text, max) => {
      const name = cleanName(text, max);
      expect([...name].length).toBeLessThanOrEqual(max);
      expect(withoutJoiners(name)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029\ufffd]| {2}|^ | $/u);
      expect(cleanName(name, max)).toBe(name);
    }),
    settings,
  );
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\Windows\\System32\\evil.exe', 'evil.exe'],
  ['folder/', 'file'],
  ['..', 'file'],
  ['', 'file'],
  ['   ', 'file'],
  ['.htaccess', 'htaccess'],
  ['...hidden.txt', 'hidden.txt'],
  ['report.pdf. . ', 'report.pdf'],
  ['a<b>c:d"e|f?g*.txt', 'a_b_c_d_e_f_g_.txt'],
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['console.txt', 'console.txt'],
  ['photo\u202egnp.exe', 'photognp.exe'],
  ['holiday  photo.jpg', 'holiday photo.jpg'],
  ['..\u200b/..\u200b/x', 'x'],
  ['café.txt', 'café.txt'],
])('the file name %o is saved as %o', (text, expected) => {
  expect(cleanFileName(text)).toBe(expected);
});

test('a long file name is cut and keeps its extension', () => {
  const name = cleanFileName(`${'x'.repeat(400)}.tar.gz`);
  expect([...name]).toHaveLength(255);
  expect(name.endsWith('x.gz')).toBe(true);
  expect([...cleanFileName(`a.${'y'.repeat(400)}`)]).toHaveLength(255);
});

test('whatever comes in, a clean file name names one file in one folder', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const name = cleanFileName(text);
      expect(name).not.toBe('');
      expect([...name].length).toBeLessThanOrEqual(255);
      expect(withoutJoiners(name)).not.toMatch(/[/\\<>:"|?*\p{Cc}\p{Cf}\p{Cs}]|^[.\s]|[.\s]$/u);
      expect(cleanFileName(name)).toBe(name);
    }),
    settings,
  );
});
