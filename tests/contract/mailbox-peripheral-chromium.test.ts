// The Bluetooth adapter in a real page, before a mailbox that Chromium emulates.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { type ErrorKind, KithError } from '../../src/core/errors.ts';
import type { MailboxConnection, MailboxPeripheral } from '../../src/core/ports/bluetooth.ts';
import { type Host, startHost } from '../../src/host/host.ts';
import { aliases } from '../../vite.config.ts';
import { answerChooser, EmulatedMailbox } from '../fixtures/emulated-mailbox.ts';
import type { MailboxPage } from '../fixtures/mailbox-page/main.ts';
import { findChromium, launchArguments } from '../tools/chromium.ts';
import { mailboxPeripheralContract } from './mailbox-peripheral.ts';

declare global {
  interface Window {
    mailbox: MailboxPage;
  }
}

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const root = fileURLToPath(new URL('../fixtures/mailbox-page/', import.meta.url));
let folder: string;
let host: Host;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kith-mailbox-'));
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'error',
    resolve: { alias: aliases },
    build: { outDir: folder, emptyOutDir: true, modulePreload: { polyfill: false } },
  });
  host = await startHost({ folder, port: 0, network: false });
  const args = [...launchArguments(), '--enable-features=WebBluetooth'];
  browser = await chromium.launch({ executablePath: findChromium(), args });
});

afterAll(async () => {
  await browser.close();
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

async function openPage(
  answer: 'mailbox' | 'cancel',
): Promise<{ page: Page; mailbox: EmulatedMailbox; close: () => Promise<void> }> {
  const mailbox = await EmulatedMailbox.open(browser);
  const page = await (await browser.newContext()).newPage();
  await page.goto(host.urls[0] ?? '');
  await answerChooser(page, answer);
  await page.getByRole('button').click();
  await page.waitForFunction(() => window.mailbox.chosen !== undefined);
  const close = async () => {
    await page.context().close();
    await mailbox.close();
  };
  return { page, mailbox, close };
}

/** What a string says from the page is the kind of an error. */
function orFail<T>(value: T | string): T {
  if (typeof value === 'string') throw new KithError(value as ErrorKind);
  return value;
}

const remote = (page: Page): MailboxPeripheral => ({
  connect: async (): Promise<MailboxConnection> => {
    const id = orFail<number>(await page.evaluate(() => window.mailbox.connect()));
    return {
      command: async (bytes) =>
        orFail<void>(
          await page.evaluate(([at, list]) => window.mailbox.command(at, list), [id, [...bytes]] as [number, number[]]),
        ),
      reply: async () => Uint8Array.from(orFail<number[]>(await page.evaluate((at) => window.mailbox.reply(at), id))),
      disconnect: () => page.evaluate((at) => window.mailbox.disconnect(at), id),
    };
  },
});

mailboxPeripheralContract('through Web Bluetooth', async () => {
  const { page, mailbox, close } = await openPage('mailbox');
  expect(await page.evaluate(() => window.mailbox.chosen)).toBe('chosen');
  return {
    peripheral: remote(page),
    clock: systemClock,
    until: (promise) => promise,
    drop: () => mailbox.drop(),
    close,
  };
});

it('who closes the browser’s list has chosen nothing', async () => {
  const { page, close } = await openPage('cancel');
  expect(await page.evaluate(() => window.mailbox.chosen)).toBe('bluetooth-cancelled');
  await close();
});
