// `npm run build`: what dist/ promises to whoever puts it on a host.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseTag } from '../../src/host/build-plugins.ts';
import { contentSecurityPolicy } from '../../src/host/csp.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kith-build-'));

/** Builds into a folder of its own, as `npm run build` does. */
function build(name: string): Map<string, Buffer> {
  const output = join(folder, name);
  execFileSync(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', '--outDir', output, '--emptyOutDir', '--logLevel', 'error'],
    {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production', VITEST: undefined },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return filesIn(output);
}

function filesIn(output: string): Map<string, Buffer> {
  const files = readdirSync(output, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [relative(output, path).replaceAll('\\', '/'), readFileSync(path)]));
}

let dist: Map<string, Buffer>;
beforeAll(() => {
  dist = build('first');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (name: string) => dist.get(name)?.toString('utf8') ?? '';

describe('the built page', () => {
  test('is the same bytes when it is built again', () => {
    // `npm test` has built it a while ago, into dist/.
    const again = process.env.KITH_BUILT ? filesIn(join(root, 'dist')) : build('second');
    expect([...again.keys()]).toEqual([...dist.keys()]);
    for (const [name, bytes] of dist) expect(again.get(name)?.equals(bytes), name).toBe(true);
  }, 120_000);

  test('says nothing about the machine that built it', () => {
    for (const [name, bytes] of dist) {
      expect(bytes.includes(root.replace(/[\\/]$/, '')), name).toBe(false);
      expect(bytes.includes(folder), name).toBe(false);
    }
  });

  test('carries the policy before anything the policy is about', () => {
    const escaped = contentSecurityPolicy.replaceAll("'", '&#39;');
    const head = text('index.html').split('<head>')[1]?.trimStart() ?? '';
    expect(head.startsWith(`<meta http-equiv="Content-Security-Policy" content="${escaped}"`)).toBe(true);
  });

  test('is nothing but what a browser asks for', () => {
    const published = [...dist.keys()].filter((name) => !/^(assets|icons)\//.test(name));
    expect(published).toEqual([
      'index.html',
      'kith.config.json',
      'kith.config.md',
      'mailbox/esp32.py',
      'mailbox/espruino.js',
      'mailbox/index.html',
      'mailbox/page.css',
      'manifest.webmanifest',
      'sw.js',
    ]);
  });

  test('has none of what the mailbox on a laptop needs', () => {
    for (const [name, bytes] of dist) {
      for (const word of ['dbus-next', 'LEAdvertisingManager1', 'org.bluez'])
        expect(bytes.includes(word), name).toBe(false);
    }
  });

  test('names its release', () => {
    expect(text('index.html')).toMatch(/<meta name="kith-release" content="[0-9a-f]{12}"/);
  });

  test('asks no other host for anything and no path of its own host but its own folder', () => {
    const addresses = [...text('index.html').matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThan(3);
    expect(addresses.filter((address) => !address?.startsWith('./'))).toEqual([]);
    const manifest = JSON.parse(text('manifest.webmanifest')) as { icons: Array<{ src: string }>; start_url: string };
    expect(manifest.start_url).toBe('./');
    for (const { src } of manifest.icons) expect(dist.has(src), src).toBe(true);
  });

  test('has every file that index.html names', () => {
    const named = [...text('index.html').matchAll(/(?:src|href)="\.\/([^"]*)"/g)].map(([, file]) => file ?? '');
    expect(named.filter((file) => !dist.has(file))).toEqual([]);
  });

  test('keeps everything it needs without a network, and never the configuration', () => {
    const list = /\[\{"revision":.*?\}\]/s.exec(text('sw.js'))?.[0] ?? '[]';
    const kept = (JSON.parse(list) as Array<{ url: string; revision: string | null }>).map(({ url }) => url);
    const needed = [...dist.keys()].filter((name) =>
      /^assets\/|^icons\/|^mailbox\/|^index\.html$|^manifest\.webmanifest$/.test(name),
    );
    expect(kept.sort()).toEqual(needed.sort());
  });
});

describe('the release hash', () => {
  const releaseOf = (html: string, code: string): unknown => {
    const { transformIndexHtml } = releaseTag(root) as unknown as {
      transformIndexHtml: { handler(html: string, context: unknown): Array<{ attrs: { content: string } }> };
    };
    const bundle = { 'assets/index.js': { type: 'chunk', code }, 'assets/a.css': { type: 'asset', source: 'a{}' } };
    return transformIndexHtml.handler(html, { bundle })[0]?.attrs.content;
  };

  test('is another one when anything of the page is', () => {
    const release = releaseOf('<html>', 'one');
    expect(release).toMatch(/^[0-9a-f]{12}$/);
    expect(releaseOf('<html>', 'one')).toBe(release);
    expect(releaseOf('<html>', 'two')).not.toBe(release);
    expect(releaseOf('<html lang>', 'one')).not.toBe(release);
  });
});
