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
      { text: 'https://example.org/%E2%80%AEgpj.exe', href: 'https://example.org/\u202egpj.exe', host: null },
      { text: ' \u202e ', href: null, host: null },
      { text: 'https://example.org/a%E2%80%8Bb', href: 'https://example.org/a\u200bb', host: null },
    ]);
  });

  it.each([
    ['https://example.org/päth?q=ü', null],
    ['https://www.ex-ample.org:8080/a@b', null],
    ['ana@example.org', null],
    ['https://\u0430pple.com/login', 'xn--pple-43d.com'],
    ['https://m\u00fcnchen.de', 'xn--mnchen-3ya.de'],
    ['https://\uff47oogle.com', 'google.com'],
    ['https://\u05d0\u05d1.co.il:8443/x', 'xn--4dbc.co.il:8443'],
    ['ana@\u0430pple.com', 'xn--pple-43d.com'],
  ])('%s says plainly where it leads, when its letters do not: %s', (text, host) => {
    expect(pieces(text).map((piece) => piece.host)).toEqual([host]);
  });

  it('lead neither to what stands before an @ nor to what stands behind it', () => {
    const texts = [
      'https://apple.com@evil.example/',
      'http://apple.com:80@evil.example',
      'https://ana:pw@intra.example/x',
    ];
    for (const text of texts) expect(pieces(text)).toEqual([{ text, href: null, host: null }]);
    expect(hrefs('https://apple.com, ana@example.org and https://a.example/@ana')).toEqual([
      'https://apple.com',
      'mailto:ana@example.org',
      'https://a.example/@ana',
    ]);
    for (const text of ['https://a.example/x,@bob', '(https://a.example)@bob', 'https://a.example,bob@x.example'])
      expect(hrefs(text)[0], text).toMatch(/^https:..a.example/);
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
