// Invitation links as they are opened, pasted and mangled on the way.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBech32m } from '../../../src/core/bytes/bech32m.ts';
import { kindOf } from '../../../src/core/errors.ts';
import { encodeCard } from '../../../src/core/identity/card.ts';
import { ofLink, parseFragment, parseGiven } from '../../../src/core/identity/card-link.ts';
import { ana, ben } from '../../fixtures/people.ts';

const card = { fingerprint: ana.fingerprint, secret: new Uint8Array(16).fill(7) };
const text = encodeCard(card);
const other = encodeCard({ fingerprint: ben.fingerprint, secret: new Uint8Array(16).fill(9) });
const link = `https://kith.example/some/path/#${text}`;
const given = (from: string) => parseGiven(from);
const failure = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return kindOf(error);
  }
  return 'none';
};

describe('a text that somebody gives', () => {
  it.each([
    ['the card alone', text],
    ['in capitals and groups', text.toUpperCase().replace(/(.{4})/g, '$1 ')],
    ['in a sentence', `Here you are: ${text}. See you!`],
  ])('is a card from themselves: %s', (_, from) => {
    expect(given(from)).toEqual({ card, inLink: false });
  });

  it.each([
    ['a link', link],
    ['at this device', `http://localhost:4173/#${text}`],
    ['as a QR code would say it', link.toUpperCase()],
    ['for the handler', `web+kith:${text}`],
    ['for the handler, as an address with a host', `web+kith://${text}`],
    ['escaped, as a browser gives it to a handler', `https://kith.example/#web%2Bkith%3A${text}`],
    ['escaped in small letters', `https://kith.example/#web%2bkith%3a${text}`],
    ['with the # escaped by a messenger', `https://kith.example/%23${text}`],
    ['without its beginning', `kith.example/#${text}`],
    ['nothing but the fragment', `#${text}`],
    ['in a sentence', `Talk to me with Kith: <${link}>. Ana`],
    ['in brackets', `(${link})`],
    ['twice', `${link} ${link}`],
    ['with the card beside it', `${link} or ${text}`],
    ['broken into lines by mail', `https://kith.example/#${text.slice(0, 40)}\n${text.slice(40)}`],
    ['a card that came with an address', `My card is ${text}, get Kith at https://kith.example`],
    ['as a script', `javascript:location='https://evil.example/#${text}'`],
  ])('counts as a link: %s', (_, from) => {
    expect(given(from)).toEqual({ card, inLink: true });
  });

  it('never becomes a card from themselves by what stands around a link', () => {
    const around = fc.string({ maxLength: 30 });
    fc.assert(
      fc.property(around, around, (before, after) => {
        const kept = [before, after].map((part) => part.replace(/kith/gi, ''));
        try {
          expect(given(`${kept[0]} ${link} ${kept[1]}`)).toEqual({ card, inLink: true });
        } catch (error) {
          if (kindOf(error) === 'internal') throw error;
        }
      }),
      { seed: 20_261_126, numRuns: 2_000 },
    );
  });

  it.each([
    ['two cards in one fragment', `https://kith.example/#${text}#${other}`],
    ['two cards run together', `https://kith.example/#${text}${other}`],
    ['two links', `${link} https://kith.example/#${other}`],
    ['a link and the card of somebody else', `${link} ${other}`],
    ['a link that is cut off', link.slice(0, -3)],
    ['a letter that is wrong', `${link.slice(0, -1)}${link.endsWith('q') ? 'p' : 'q'}`],
    ['more letters than a card has', `${link}qq`],
    ['only the beginning', 'https://kith.example/#kith1'],
  ])('is a broken link: %s', (_, from) => {
    expect(failure(() => given(from))).toBe('link-broken');
  });

  it('is no link of ours when it is any other address', () => {
    expect(failure(() => given('https://example.org/menu#starters'))).toBe('card-prefix');
  });

  it('of a later version says so, in a link too', () => {
    const later = encodeBech32m('kith', Uint8Array.of(2, ...new Uint8Array(48)));
    expect(failure(() => given(`https://kith.example/#${later}`))).toBe('card-version');
    expect(failure(() => parseFragment(encodeBech32m('kith', new Uint8Array(40).fill(3))))).toBe('card-version');
  });

  it('is not searched when it is huge', () => {
    expect(failure(() => given(`${link} ${'x'.repeat(1_000_000)}`))).toBe('card-too-long');
  });
});

describe('what stands behind the # of an opened link', () => {
  it.each([text, text.toUpperCase(), `web%2Bkith%3A${text}`, `web+kith:${text}`, `${text}.`, `${text})`])(
    'is a card: %s',
    (fragment) => {
      expect(parseFragment(fragment)).toEqual(card);
    },
  );

  it.each([
    '',
    'settings',
    'kith1',
    text.slice(1),
    text.slice(0, 89),
    `${text}${other}`,
    `${text}#${other}`,
    `${text}&${other}`,
    '%',
    '%E0%A4%A',
    `javascript:alert(1)//`,
    `https://evil.example/#${text}${text}`,
    'x'.repeat(5_000_000),
    `${text}${' '.repeat(20_000)}`,
  ])('is broken: %.40s', (fragment) => {
    expect(failure(() => parseFragment(fragment))).toBe('link-broken');
  });
});

it('what is said of a card in a link speaks of the link', () => {
  expect((['card-own', 'card-used', 'card-expired', 'disk-full'] as const).map(ofLink)).toEqual([
    'link-own',
    'link-used',
    'link-expired',
    'disk-full',
  ]);
});
