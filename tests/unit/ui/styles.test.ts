// Every screen is fetched on its own: what it draws must find its styles, whichever other screens are there already.
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

const ui = join(import.meta.dirname, '../../../src/ui');
const files = (await readdir(ui, { recursive: true })).map((name) => join(ui, name));
const text = (file: string) => readFileSync(file, 'utf8');

/** The file and all that it imports, but for what is fetched later. */
function reached(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !existsSync(file)) return seen;
  seen.add(file);
  if (file.endsWith('.css')) return seen;
  for (const [, path] of text(file).matchAll(/(?:from|import) '(\.[^']+)'/g))
    reached(normalize(join(dirname(file), path ?? '')), seen);
  return seen;
}

function classesOf(source: string): string[] {
  return [...source.matchAll(/class=(?:"([^"]+)"|\{[^}]*\})/g)].flatMap(([whole, plain]) =>
    (plain ?? [...whole.matchAll(/[`'"]([^`'"]+)/g)].map(([, words]) => words).join(' ')).split(/[^\w-]+/),
  );
}

const styled = (file: string) => new Set([...text(file).matchAll(/\.([a-z][\w-]*)/g)].map(([, name]) => name ?? ''));
const sheets = new Map(files.filter((file) => file.endsWith('.css')).map((file) => [file, styled(file)]));
const first = reached(join(ui, 'mount.tsx'));
const later = ['shell', 'list'].flatMap((screen) =>
  [...text(join(ui, `screens/${screen}.tsx`)).matchAll(/import\('(\.[^']+)'\)/g)].map(([, path]) => path ?? ''),
);

/** Classes that have a style somewhere, but in no sheet among `loaded`. */
function bare(loaded: ReadonlySet<string>): string[] {
  const drawn = [...loaded].filter((file) => file.endsWith('.tsx')).flatMap((file) => classesOf(text(file)));
  const holding = (name: string) => [...sheets].flatMap(([file, names]) => (names.has(name) ? [file] : []));
  return [...new Set(drawn)].filter((name) => holding(name).length > 0 && !holding(name).some((f) => loaded.has(f)));
}

it('gives the first screen all its styles', () => {
  expect(bare(first)).toEqual([]);
});

it.each(later)('gives %s all its styles when no other screen was fetched before', (path) => {
  expect(bare(new Set([...first, ...reached(join(ui, 'screens', path))]))).toEqual([]);
});
