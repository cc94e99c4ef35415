// Nothing a person writes or sends leaves the page or lies on the disk as it is: every byte handed to a data channel or a
// WebSocket, every record of every database and every file of the origin are searched for it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from '@playwright/test';
import { canary, seen } from './canary.ts';
import { friends } from './friends.ts';
import { expect, type Person } from './people.ts';
import { recordSent, recordsIn, sayOnChannel, sentBytes, storedBytes } from './recorder.ts';

async function filesBelow(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name))),
  );
}

/** Everywhere in this person's page where the canary can be seen, and how many bytes were searched. */
async function sightings({ page }: Person): Promise<{ sightings: string[]; searched: Record<string, number> }> {
  const places = { ...(await sentBytes(page)), ...(await storedBytes(page)) };
  return {
    sightings: Object.entries(places).flatMap(([place, bytes]) => seen(bytes).map((form) => `${place}: ${form}`)),
    searched: Object.fromEntries(Object.entries(places).map(([place, bytes]) => [place, bytes.length])),
  };
}

test('the detector sees the canary in every disguise, wherever it stands', () => {
  for (const before of [0, 1, 2, 3, 4, 5]) {
    const text = `${'.'.repeat(before)}${canary}.....`;
    for (const encoding of ['utf8', 'utf16le', 'base64', 'base64url', 'hex'] as const) {
      const bytes =
        encoding === 'utf8' || encoding === 'utf16le'
          ? Buffer.from(text, encoding)
          : Buffer.from(Buffer.from(text).toString(encoding));
      expect(seen(bytes), `${encoding} after ${before}`).not.toEqual([]);
    }
  }
  expect(seen(Buffer.from('anything else'))).toEqual([]);
});

test('a text, a draft, a nickname and a file never appear in what is sent or stored', async ({ baseURL }) => {
  const pair = await friends(baseURL ?? '', recordSent);
  const { ana, ben, numbers } = pair;
  await ana.write(`${canary} as a text`);
  await ana.attach({ name: `${canary}.txt`, mimeType: 'text/plain', buffer: Buffer.from(canary.repeat(20_000)) });
  await expect(ben.attachment(`${canary}.txt`)).toHaveAttribute('data-state', 'complete');
  await expect(ana.message(`${canary} as a text`)).toHaveAttribute('data-state', /delivered|read/);
  await ben.id('contact-page').click();
  await ben.id('nickname').fill(`${canary} Ana`);
  await ben.id('nickname-save').click();
  await expect(ben.conversation(numbers.ana)).toContainText(canary);
  await ana.id('message-input').fill(`${canary} as a draft`);
  await expect.poll(() => recordsIn(ana.page, 'drafts')).toBe(1);
  await ana.reload();
  await ana.openConversation(numbers.ben);
  await expect(ana.id('message-input')).toHaveValue(`${canary} as a draft`);
  // What was sent before the reload has gone with the page, so something passes once more.
  await ana.id('message-send').click();
  await expect(ana.message(`${canary} as a draft`)).toHaveAttribute('data-state', /delivered|read/);

  for (const person of [ana, ben]) {
    const { sightings: found, searched } = await sightings(person);
    expect(found).toEqual([]);
    expect(Object.keys(searched).sort()).toEqual(['IndexedDB', 'OPFS', 'RTCDataChannel', 'WebSocket']);
    for (const [place, length] of Object.entries(searched)) expect(length, place).toBeGreaterThan(1000);
  }

  // The same search finds what is really there.
  await sayOnChannel(ben.page, canary);
  await ben.page.evaluate(async (text) => {
    new WebSocket(new URL('/announce', location.href)).addEventListener('open', ({ target }) =>
      (target as WebSocket).send(`{"note":"${text}"}`),
    );
    const directory = await navigator.storage.getDirectory();
    const file = await (await directory.getFileHandle('control', { create: true })).createWritable();
    await file.write(text);
    await file.close();
    await new Promise((resolve) => {
      const opening = indexedDB.open('control');
      opening.onupgradeneeded = () => opening.result.createObjectStore('control');
      opening.onsuccess = () => {
        const writing = opening.result.transaction('control', 'readwrite');
        writing.objectStore('control').put({ deep: [btoa(text)] }, 'key');
        writing.oncomplete = resolve;
      };
    });
  }, canary);
  await expect
    .poll(async () => [...new Set((await sightings(ben)).sightings.map((text) => text.split(':')[0]))].sort())
    .toEqual(['IndexedDB', 'OPFS', 'RTCDataChannel', 'WebSocket']);

  // Ana's disk as the browser leaves it, deleted records and journals included.
  await ana.quit();
  const onDisk = Buffer.concat(await filesBelow(join(ana.profile, 'Default', 'IndexedDB')));
  const inFiles = Buffer.concat(await filesBelow(join(ana.profile, 'Default', 'File System')));
  expect(onDisk.length).toBeGreaterThan(1000);
  expect(inFiles.length).toBeGreaterThan(canary.length * 20_000);
  expect([...seen(onDisk), ...seen(inFiles)]).toEqual([]);
  await pair.leave();
});
