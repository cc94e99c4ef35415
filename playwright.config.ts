// End-to-end tests: whole pages in real browsers against the real server (`npm start`'s own), through the page hooks only.
import { defineConfig } from '@playwright/test';
import { findChromium, launchArguments } from './tests/tools/chromium.ts';

const crowds = /\b(overlay|relayed|groups|lighthouse)\.spec\.ts$/;

export default defineConfig({
  testDir: './tests/e2e',
  globalSetup: './tests/e2e/start-site.ts',
  workers: 3,
  projects: [
    // Two people are two browsers, which wait for each other a third of the time: three tests at a time use two cores.
    { name: 'pairs', testIgnore: crowds, workers: 3, outputDir: 'test-results/pairs' },
    // Many pages, or a measurement, want the machine to themselves: `npm run e2e` runs them when the others are done.
    { name: 'crowds', testMatch: crowds, workers: 1, outputDir: 'test-results/crowds' },
  ],
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    // Set by globalSetup, which runs before the workers read this file.
    ...(process.env.KITH_SITE ? { baseURL: process.env.KITH_SITE } : {}),
    browserName: 'chromium',
    headless: true,
    launchOptions: { executablePath: findChromium(), args: launchArguments() },
    trace: 'off',
    screenshot: 'only-on-failure',
  },
});
