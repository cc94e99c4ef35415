// Tests without a page of ours: in Node, and (*.browser.test.ts) inside a real Chromium. Whole pages are Playwright's.
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };
import { findChromium, launchArguments } from './tests/tools/chromium.ts';
import { aliases, constants, jsx } from './vite.config.ts';

const folders = 'tests/{unit,contract,vectors,property,scenario,host}';

/** What the page bundles, as it imports it. */
const bundled = [
  ...Object.keys(manifest.dependencies).filter((name) => !name.startsWith('@noble/')),
  '@noble/post-quantum/ml-kem.js',
  'preact/compat',
  'preact/hooks',
  'preact/jsx-runtime',
  'preact/jsx-dev-runtime',
  'fast-check',
  'qr/decode.js',
];

export default defineConfig({
  resolve: { alias: aliases },
  oxc: jsx,
  define: constants,
  test: {
    // Two browsers or eight workers on two cores make time-outs, not speed.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          setupFiles: 'tests/fixtures/compare-bytes.ts',
          include: [`${folders}/**/*.test.{ts,tsx}`],
          exclude: ['**/*.browser.test.*', '**/node_modules/**'],
          environment: 'node',
        },
      },
      {
        extends: true,
        // Found while tests run, a dependency would reload the page under them: with a cold cache that loses tests.
        optimizeDeps: { include: bundled },
        test: {
          name: 'browser',
          include: [`${folders}/**/*.browser.test.{ts,tsx}`],
          // One page at a time: suites that share an origin (OPFS, Web Locks, IndexedDB) must not meet.
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: findChromium(), args: launchArguments() },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
