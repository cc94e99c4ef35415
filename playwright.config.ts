// End-to-end tests: whole pages in real browsers against the real server (`npm start`'s own), through the page hooks only.
import { defineConfig } from '@playwright/test';
import { findChromium, launchArguments } from './tests/tools/chromium.ts';

export default defineConfig({
  testDir: './tests/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './tests/e2e/start-site.ts',
  // Two people are two browsers; two tests at a time would be four on two cores.
  workers: 1,
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
