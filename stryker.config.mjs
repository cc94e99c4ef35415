// Mutation testing, a room of core/ at a time: `npm run mutation -- crypto` (tests/tools/mutation.ts says which tests judge which room).
// Figures and what survives: tests/README.md.
const room = process.env.KITH_ROOM ?? 'crypto'; // both are set by tests/tools/mutation.ts

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'tests/tools/mutation.vitest.ts', related: false },
  mutate: (process.env.KITH_MUTATE ?? 'src/core/crypto/**/*.ts').split(','),
  // TypeScript 7 has no classic API: Stryker must not look for a tsconfig.
  tsconfigFile: 'none.json',
  coverageAnalysis: 'perTest',
  concurrency: 1,
  ignoreStatic: true,
  timeoutMS: 30_000,
  incremental: true,
  incrementalFile: `node_modules/.cache/kith/mutation-${room}.json`,
  // What the tests of these rooms do not need is not copied either.
  ignorePatterns: [
    'dist',
    'docs',
    'test-results',
    '.git',
    'src/ui',
    'tests/{bench,e2e,host,model}',
    'tests/unit/{app,ui}',
  ],
  tempDirName: 'node_modules/.cache/kith/stryker',
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: `node_modules/.cache/kith/mutation-${room}-report.json` },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};
