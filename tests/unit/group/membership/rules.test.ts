// GROUP.md and the tests say the same rules.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(root, 'src/core/group/GROUP.md'), 'utf8');

/** Rules are stated in the first column of a table. */
const stated = [...page.matchAll(/^\| (R-[a-z-]+) \|/gm)].map(([, name]) => name as string);
const named = new Set(page.match(/\bR-[a-z]+(?:-[a-z]+)*/g));

/** Titles of tests, not comments. */
const titles = ['tests/unit/group', 'tests/property']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(root, folder, file)),
  )
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bit(?:\.each\([^)]*\))?\(\s*['"`]([^'"`]*)/g)])
  .map(([, title]) => title as string);

it('every rule of GROUP.md is stated once and has a test whose title begins with its name', () => {
  expect(stated.length).toBeGreaterThan(25);
  expect(new Set(stated).size).toBe(stated.length);
  expect(stated.filter((rule) => !titles.some((title) => title.startsWith(`${rule}:`)))).toEqual([]);
});

it('every rule that GROUP.md or a test speaks of is stated', () => {
  const spokenOf = new Set([...named, ...titles.flatMap((title) => title.match(/\bR-[a-z]+(?:-[a-z]+)*/g) ?? [])]);
  expect([...spokenOf].filter((rule) => !stated.includes(rule))).toEqual([]);
});
