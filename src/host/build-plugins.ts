// Vite plugins of the build: the policy as a meta tag, a release hash that names what was built, and nothing published but the
// page. All depend on the source alone, never on the time or the machine, so that anybody can build the same bytes and compare.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Puts the policy into index.html as its first element: a later one would not cover what stands before it. */
export function contentSecurityPolicyTag(policy: string): Plugin {
  return {
    name: 'kith:content-security-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: policy },
          injectTo: 'head-prepend',
        },
      ],
    },
  };
}

/** Entry of the service worker's precache list for a file of public/ that the glob cannot list. */
export function manifestEntry(file: string): { url: string; revision: string } {
  return { url: 'manifest.webmanifest', revision: sha256(readFileSync(file)).slice(0, 16) };
}

/**
 * Adds `<meta name="kith-release" content="<12 hex digits>">`: SHA-256 over everything the page is made of (chunks, styles,
 * workers, public files, the service worker's source).
 */
export function releaseTag(root: string): Plugin {
  return {
    name: 'kith:release',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const parts = new Map<string, string | Uint8Array>([['index.html', html]]);
        for (const [name, output] of Object.entries(bundle ?? {})) {
          parts.set(name, output.type === 'chunk' ? output.code : output.source);
        }
        for (const name of filesOf(join(root, 'public'))) parts.set(name, readFileSync(join(root, 'public', name)));
        parts.set('sw.ts', readFileSync(join(root, 'src/workers/sw.ts')));
        return [{ tag: 'meta', attrs: { name: 'kith-release', content: digestOf(parts) }, injectTo: 'head' }];
      },
    },
  };
}

/** Moves Vite's own list of chunks out of what is published, to where the size check (.size-limit.js) reads it. */
export function manifestAside(file: string): Plugin {
  let folder = '';
  return {
    name: 'kith:manifest-aside',
    apply: 'build',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir, '.vite');
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        const manifest = readFileSync(join(folder, 'manifest.json'));
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, manifest);
        rmSync(folder, { recursive: true });
      },
    },
  };
}

function digestOf(parts: ReadonlyMap<string, string | Uint8Array>): string {
  const lines = [...parts].map(([name, content]) => `${sha256(content)}  ${name}`).sort();
  return sha256(lines.join('\n')).slice(0, 12);
}

/** Files below a folder, relative, in one order on every machine. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
