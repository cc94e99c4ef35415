// The real worker in a real browser computes what core/ computes.
import { expect, test } from 'vitest';
import { createNumberDeriver } from '../../../src/adapters/system/number-deriver.ts';
import { deriveNumber } from '../../../src/core/identity/argon2.ts';
import { isNumber } from '../../../src/core/identity/number.ts';

test('numbers come from the worker, the same as without it', async () => {
  const workers: Worker[] = [];
  const deriver = createNumberDeriver(() => {
    const url = new URL('../../../src/workers/number.worker.ts', import.meta.url);
    const worker = new Worker(url, { type: 'module' });
    workers.push(worker);
    return worker;
  });
  const fingerprints = [new Uint8Array(32), crypto.getRandomValues(new Uint8Array(32))];
  const numbers = await Promise.all(fingerprints.map((fingerprint) => deriver.derive(fingerprint)));
  expect(numbers).toEqual([await deriveNumber(fingerprints[0]!), await deriveNumber(fingerprints[1]!)]);
  expect(numbers.every(isNumber)).toBe(true);
  expect(numbers[0]).not.toBe(numbers[1]);
  expect(workers.length).toBe(1);
});

test('a worker script that does not exist is an error, not silence', async () => {
  const deriver = createNumberDeriver(() => new Worker('/src/workers/nothing.worker.ts', { type: 'module' }));
  await expect(deriver.derive(new Uint8Array(32))).rejects.toMatchObject({ kind: 'internal' });
});
