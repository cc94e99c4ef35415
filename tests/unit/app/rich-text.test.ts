// What is made clickable in a text, and what never is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pieces } from '../../../src/app/rich-text.ts';

describe('links in a text', () => {
  const hrefs = (text: string) => pieces(text).flatMap(({ href }) => href ?? []);

  it('are web and mail addresses', () => {
    expect(hrefs('see https://example.org/a?b=c, example.com or ana@example.org.')).toEqual([
      'https://example.org/a?b=c',
      'http://example.com',
      'mailto:ana@example.org',
    ]);
  });

  it('are never scripts, data, files or protocol-relative', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      '//example.org/x',
      'ftp://example.org/x',
    ]) {
      expect(hrefs(text).filter((href) => !/^(https?|mailto):/.test(href))).toEqual([]);
    }
    expect(hrefs('javascript:alert(1) //example.org/x')).toEqual([]);
  });

  it('show what would reverse or hide a part of them', () => {
    expect(pieces('https://example.org/\u202egpj.exe \u202e https://example.org/a\u200bb')).toEqual([
      { text: 'https://example.org/%E2%80%AEgpj.exe', href: 'https://example.org/\u202egpj.exe' },
      { text: ' \u202e ', href: null },
      { text: 'https://example.org/a%E2%80%8Bb', href: 'https://example.org/a\u200bb' },
    ]);
  });

  it('keep every character of the text', () => {
    const parts = fc.array(
      fc.constantFrom('https://a.example/x', 'b@c.example', ' ', '<b>', '&amp;', '\n', 'é', '👍', '(', ')', '"'),
    );
    fc.assert(
      fc.property(parts, (words) => {
        const text = words.join('');
        expect(
          pieces(text)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text);
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});
