// How the page is built and served while developing. One config, three jobs: Preact under React's names, the shims that
// simple-peer's dependencies need in a browser, and an output that is the same bytes for the same source.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { contentSecurityPolicyTag, manifestAside, manifestEntry, releaseTag } from './src/host/build-plugins.ts';
import { contentSecurityPolicy } from './src/host/csp.ts';
import { entryPointPlugin } from './src/host/entry-point-plugin.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { version: string };

/** Shared with vitest.config.ts, so that tests resolve modules the way the page does. */
export const aliases = [
  { find: /^react\/jsx-runtime$/, replacement: 'preact/jsx-runtime' },
  { find: /^react(-dom)?$/, replacement: 'preact/compat' },
  { find: /^util$/, replacement: at('src/shims/util.ts') },
  // Node has modules of these names; the page means the npm packages.
  { find: /^(buffer|events|process)$/, replacement: at('node_modules/$1/') },
  // Below webtorrent-dht: sockets that a browser does not have, and a transport of its own that ours replaces (core/overlay/dht.ts).
  { find: /^(dgram|dns|net)$/, replacement: at('src/shims/empty.ts') },
  { find: /^\.\/k-rpc-socket-webrtc$/, replacement: at('src/shims/empty.ts') },
];

export const jsx = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const;

/** Browsers that the styles are written for. */
const cssTarget = ['chrome120', 'edge120', 'firefox121', 'safari16.4'];

export const constants = { __KITH_VERSION__: JSON.stringify(version) };

export default defineConfig({
  base: './',
  resolve: { alias: aliases },
  oxc: jsx,
  define: constants,
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    // What understands :dir(). Without versions it is rewritten to a list of languages, which says nothing of one paragraph.
    cssTarget,
    manifest: true,
    modulePreload: { polyfill: false },
    // Nothing inlined: every script and picture is a file that the policy's 'self' covers and the precache lists.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      // "use client" in virtua speaks to server frameworks; dropping it is right.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
    },
  },
  plugins: [
    entryPointPlugin(),
    contentSecurityPolicyTag(contentSecurityPolicy),
    releaseTag(at('.')),
    manifestAside(at('node_modules/.cache/kith/manifest.json')),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/workers',
      filename: 'sw.ts',
      // Registered by hand (adapters/system/service-worker.ts): the generated script fails under Trusted Types.
      injectRegister: false,
      manifest: false,
      injectManifest: {
        rollupFormat: 'iife',
        buildPlugins: { vite: [{ name: 'kith:quiet', config: () => ({ logLevel: 'warn' }) }] },
        globPatterns: ['**/*.{js,css,html,svg,png,ico,wasm,py}'],
        // workbox-build drops *.webmanifest from globPatterns without a word.
        additionalManifestEntries: [manifestEntry(at('public/manifest.webmanifest'))],
      },
      devOptions: { enabled: false },
    }),
  ],
});
