// The root secret as 24 words, there and back, and what is told about words that are wrong.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import { KithError } from '../../../src/core/errors.ts';
import { rootOfWords, wordsOf } from '../../../src/core/identity/recovery-words.ts';

/** Of the published BIP-39 vectors (github.com/trezor/python-mnemonic, vectors.json), those of 256 bits. */
const vectors: readonly [string, string][] = [
  ['00'.repeat(32), `${'abandon '.repeat(23)}art`],
  [
    '7f'.repeat(32),
    `${'legal winner thank year wave sausage worth useful '.repeat(2)}legal winner thank year wave sausage worth title`,
  ],
  [
    '80'.repeat(32),
    `${'letter advice cage absurd amount doctor acoustic avoid '.repeat(2)}letter advice cage absurd amount doctor acoustic bless`,
  ],
  ['ff'.repeat(32), `${'zoo '.repeat(23)}vote`],
  [
    '68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c',
    'hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length',
  ],
  [
    '9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863',
    'panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich alcohol speed nation flash devote level hobby quick inner drive ghost inside',
  ],
  [
    '066dca1a2bb7e8a1db2832148ce9933eea0f3ac9548d793112d9a95c9407efad',
    'all hour make first leader extend hole alien behind guard gospel lava path output census museum junior mass reopen famous sing advance salt reform',
  ],
  [
    'f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f',
    'void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold',
  ],
];

function failure(text: string) {
  try {
    rootOfWords(text);
  } catch (error) {
    if (error instanceof KithError) return { kind: error.kind, ...error.detail };
    throw error;
  }
  return undefined;
}

const words = wordsOf(fromHex(vectors[4]?.[0] ?? ''));

describe('recovery words', () => {
  it(`are those of BIP-39 (${vectors.length} published vectors)`, () => {
    for (const [hex, text] of vectors) {
      expect(wordsOf(fromHex(hex)).join(' ')).toBe(text);
      expect(toHex(rootOfWords(text))).toBe(hex);
    }
  });

  it('give back any secret, however they are typed', () => {
    const random = seededRandom(5);
    for (let time = 0; time < 50; time += 1) {
      const root = random.bytes(32);
      const made = wordsOf(root);
      expect(made).toHaveLength(24);
      expect(rootOfWords(made.join(' '))).toEqual(root);
      expect(rootOfWords(made.map((word, index) => `${index + 1}. ${word.toUpperCase()}`).join('\n'))).toEqual(root);
      expect(rootOfWords(`  ${made.join(',\u00a0 ')};`)).toEqual(root);
    }
  });

  it('a word that is in no list is pointed out', () => {
    for (const position of [0, 11, 23]) {
      const wrong = words.with(position, 'hamstr').join(' ');
      expect(failure(wrong)).toEqual({ kind: 'word-unknown', position });
    }
  });

  it('too few and too many are counted', () => {
    expect(failure('')).toEqual({ kind: 'words-count', limit: 24, position: 0 });
    expect(failure(words.slice(1).join(' '))).toEqual({ kind: 'words-count', limit: 24, position: 23 });
    expect(failure([...words, 'zoo'].join(' '))).toEqual({ kind: 'words-count', limit: 24, position: 25 });
    expect(failure('zoo '.repeat(100_000))?.kind).toBe('words-count');
  });

  it('words that do not belong together are refused: one is another, or two have changed places', () => {
    const [first = '', second = '', ...rest] = words;
    expect(failure([second, first, ...rest].join(' '))).toEqual({ kind: 'words-checksum' });
    expect(failure(words.with(3, 'zebra').join(' '))).toEqual({ kind: 'words-checksum' });
  });
});
