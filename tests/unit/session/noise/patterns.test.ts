// Names of handshake patterns (Noise, revision 34, §8.1), as messages of tokens.
import { expect, test } from 'vitest';
import { KithError } from '../../../../src/core/errors.ts';
import { parsePattern } from '../../../../src/core/session/noise/patterns.ts';

test.each([
  ['XX', { preMessages: [false, false], messages: [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']], psks: 0 }],
  [
    'KKpsk0',
    {
      preMessages: [true, true],
      messages: [
        ['psk', 'e', 'es', 'ss'],
        ['e', 'ee', 'se'],
      ],
      psks: 1,
    },
  ],
  [
    'NKpsk2',
    {
      preMessages: [false, true],
      messages: [
        ['e', 'es'],
        ['e', 'ee', 'psk'],
      ],
      psks: 1,
    },
  ],
  ['X1Npsk1', { preMessages: [false, false], messages: [['e', 'psk'], ['e', 'ee'], ['s'], ['se']], psks: 1 }],
  [
    'XXpsk0+psk3',
    {
      preMessages: [false, false],
      messages: [
        ['psk', 'e'],
        ['e', 'ee', 's', 'es'],
        ['s', 'se', 'psk'],
      ],
      psks: 2,
    },
  ],
])('%s', (name, pattern) => {
  expect(parsePattern(name)).toEqual(pattern);
});

test.each(['', 'ZZ', 'xx', ' XX', 'xXX', 'XX ', 'XXpsk', 'XXpsk0x', 'XXpsk+psk0', 'XXfallback', 'XXpsk4', 'psk0'])(
  '%j is no pattern',
  (name) => {
    expect(() => parsePattern(name)).toThrow(new KithError('internal'));
  },
);
