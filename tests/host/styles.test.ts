// The styles as the build leaves them: other tests load them as they are written.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, expect, it } from 'vitest';
import config from '../../vite.config.ts';

const folder = await mkdtemp(join(tmpdir(), 'kith-styles-'));
afterAll(() => rm(folder, { recursive: true }));

/** The CSS that the build makes of `css`. */
async function built(css: string): Promise<string> {
  const input = join(folder, 'index.html');
  await writeFile(join(folder, 'a.css'), css);
  await writeFile(input, '<link rel="stylesheet" href="./a.css">');
  const { target, cssTarget } = config.build ?? {};
  const output = await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    build: { write: false, ...(target && { target }), ...(cssTarget && { cssTarget }), rolldownOptions: { input } },
  });
  const files = 'output' in output ? output.output : [];
  return files
    .flatMap((file) => (file.type === 'asset' && file.fileName.endsWith('.css') ? [String(file.source)] : []))
    .join();
}

it('asks each paragraph for its direction, not the page for its language', async () => {
  expect(await built('.text:dir(rtl)::after { display: block }')).toMatch(
    /^\.text:dir\(rtl\):+after\{display:block\}\s*$/,
  );
});

it('keeps logical properties, which follow the direction', async () => {
  expect(await built('.text { margin-inline-start: 1px }')).toContain('margin-inline-start:1px');
});
