// THREAT-MODEL.md names tests as its proofs: each is there, under the name it is quoted by.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'THREAT-MODEL.md'), 'utf8').replace(/\n(?!\n)/g, ' ');

it('every proof that THREAT-MODEL.md names is there', () => {
  const files = [...page.matchAll(/`((?:tests|src)\/[^`]+)`/g)].map(([, path]) => path as string);
  expect(files.length).toBeGreaterThan(25);
  expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it('every test that it quotes stands in the file before the quotation', () => {
  const quoted = [...page.matchAll(/`(tests\/[^`]+)`: \*([^*]+)\*/g)].map(([, file, title]) => [file, title] as const);
  expect(quoted.length).toBeGreaterThan(25);
  const wrong = quoted.filter(
    ([file, title]) => !readFileSync(join(root, file as string), 'utf8').includes(title as string),
  );
  expect(wrong).toEqual([]);
});
