import { expect, test } from 'vitest';
import { kem } from '../../../src/core/crypto/kem.ts';
import { kemSuite } from './kem-suite.ts';

kemSuite('Node');

test('where WebCrypto has no ML-KEM the library is used', async () => {
  const native = 'encapsulateBits' in crypto.subtle;
  expect((await kem()).name).toBe(native ? 'native' : 'library');
});
