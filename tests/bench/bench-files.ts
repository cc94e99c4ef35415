// A file of 25 MiB from one browser to the other: through a raw channel, and through Kith's real page from the click on Send.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Pair } from './pair.ts';

export const FILE_BYTES = 26_214_400;

export interface FileTimes {
  /** Milliseconds from the start until the receiver had all of it. */
  readonly total: number;
  /** Kith: milliseconds from the click until the file was sealed, stored and offered. */
  readonly prepared?: number;
}

/** First and second file of a fresh connection. */
export interface FileRun {
  readonly cold: FileTimes;
  readonly warm: FileTimes;
}

export async function rawFiles(pair: Pair): Promise<FileRun> {
  const { ana, ben } = await pair.openLab();
  await connectRaw(ana, ben);
  return { cold: await rawFile(ana, ben), warm: await rawFile(ana, ben) };
}

/** A data channel between `window.raw` of both pages. */
export async function connectRaw(ana: Page, ben: Page): Promise<void> {
  const offer = await ana.evaluate(() => {
    window.raw = new window.lab.RawChannel();
    return window.raw.offer();
  });
  const answer = await ben.evaluate((text) => {
    window.raw = new window.lab.RawChannel();
    return window.raw.answer(text);
  }, offer);
  await ana.evaluate((text) => window.raw.accept(text), answer);
  await Promise.all([ana, ben].map((page) => page.evaluate(() => window.raw.open)));
}

export async function rawFile(ana: Page, ben: Page): Promise<FileTimes> {
  await ben.evaluate((size) => window.raw.expectFile(size), FILE_BYTES);
  const began = await ana.evaluate((size) => window.raw.sendFile(size), FILE_BYTES);
  return { total: (await ben.evaluate(() => window.raw.received())) - began };
}

export async function kithFiles(pair: Pair): Promise<FileRun> {
  const folder = await mkdtemp(join(tmpdir(), 'kith-bench-'));
  try {
    // Made before anything is measured: this process shares the cores with the browsers.
    const files = [await makeFile(folder), await makeFile(folder)] as const;
    await pair.openApp();
    return { cold: await kithFile(pair, files[0]), warm: await kithFile(pair, files[1]) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A file on the disk. */
interface SampleFile {
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
}

async function makeFile(folder: string): Promise<SampleFile> {
  const name = `${randomBytes(6).toString('hex')}.bin`;
  const bytes = randomBytes(FILE_BYTES);
  const path = join(folder, name);
  await writeFile(path, bytes);
  return { path, name, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function kithFile({ ana, ben }: Pair, { path, name, sha256 }: SampleFile): Promise<FileTimes> {
  await ana.id('attach-input').setInputFiles(path);
  await ana.page.getByTestId('waiting-file').waitFor();
  await Promise.all([watchAttachment(ana.page, name), watchAttachment(ben.page, name)]);
  const began = await ana.page.evaluate(() => {
    const now = Date.now();
    document.querySelector<HTMLButtonElement>('[data-testid=message-send]')?.click();
    return now;
  });
  const received = await ben.page.evaluate(() => window.attachment);
  const offered = await ana.page.evaluate(() => window.attachment);
  if (received.sha256 !== sha256) throw new Error('the file arrived changed');
  return { total: received.complete - began, prepared: offered.shown - began };
}

/** When an attachment was first shown and when it was complete, milliseconds since the epoch, seen from inside the page. */
interface Seen {
  readonly shown: number;
  readonly complete: number;
  readonly sha256: string | undefined;
}

declare global {
  interface Window {
    attachment: Promise<Seen>;
  }
}

/** Puts an observer into the page, so that the time between the browser and this process does not count. */
function watchAttachment(page: Page, name: string): Promise<void> {
  return page.evaluate((wanted) => {
    let shown = 0;
    window.attachment = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        const found = document.querySelector<HTMLElement>(`[data-testid=attachment][data-name="${wanted}"]`);
        if (!found) return;
        shown ||= Date.now();
        if (found.dataset.state !== 'complete') return;
        observer.disconnect();
        resolve({ shown, complete: Date.now(), sha256: found.dataset.sha256 });
      });
      observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-state'] });
    });
  }, name);
}
