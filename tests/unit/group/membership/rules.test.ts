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
const titlesIn = (...folders: readonly string[]): string[] =>
  folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(root, folder, file)),
    )
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bit(?:\.each\([^)]*\))?\(\s*['"`]([^'"`]*)/g)])
    .map(([, title]) => title as string);
const titles = titlesIn('tests/unit/group', 'tests/property');
/** What a title is about, before its colon. */
const subjects = titlesIn('tests/unit', 'tests/scenario').flatMap((title) => title.split(':')[0]?.split(' and ') ?? []);

it('every rule of GROUP.md is stated once and has a test whose title begins with its name', () => {
  expect(stated.length).toBeGreaterThan(25);
  expect(new Set(stated).size).toBe(stated.length);
  expect(stated.filter((rule) => !titles.some((title) => title.startsWith(`${rule}:`)))).toEqual([]);
});

it('every rule that GROUP.md or a test speaks of is stated', () => {
  const spokenOf = new Set([...named, ...titles.flatMap((title) => title.match(/\bR-[a-z]+(?:-[a-z]+)*/g) ?? [])]);
  expect([...spokenOf].filter((rule) => !stated.includes(rule))).toEqual([]);
});

it.each([
  ['Joining by a card', 8],
  ['Met in a group', 4],
])('every rule of "%s" has a test whose title begins with it', (title, count) => {
  const [section = ''] = page.slice(page.indexOf(`## ${title}`) + 3).split('\n## ');
  const table = section.slice(section.indexOf('| Rule |'));
  const known = [...table.matchAll(/^\| ([a-z' ]+) \| [^|]+ \| [^|]+ \|$/gm)].map(
    ([, name]) => name?.replace("'", '’') ?? '',
  );
  expect(known).toHaveLength(count);
  expect(known.filter((name) => !subjects.includes(name))).toEqual([]);
});

it('everything that FILES.md promises, and every end of a file, has a test whose title begins with it', () => {
  const files = readFileSync(join(root, 'src/core/group/FILES.md'), 'utf8');
  const promised = [...files.matchAll(/^- \*\*([a-z-]+)\*\*:/gm)].map(([, name]) => name as string);
  const ends = [...files.matchAll(/^\| `((?:file|disk)-[a-z-]+)` \|/gm)].map(([, name]) => name as string);
  expect([promised.length, ends.length]).toEqual([6, 5]);
  expect([...promised, ...ends].filter((name) => !subjects.includes(name))).toEqual([]);
});
