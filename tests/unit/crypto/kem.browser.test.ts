import { expect, test } from 'vitest';
import { kem } from '../../../src/core/crypto/kem.ts';
import { kemSuite } from './kem-suite.ts';

kemSuite('Chromium');

test('where WebCrypto has ML-KEM it is used', async () => {
  const native = 'encapsulateBits' in crypto.subtle;
  expect((await kem()).name).toBe(native ? 'native' : 'library');
});
