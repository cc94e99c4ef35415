// The passphrase, in real browsers: set, locked, unlocked, in two tabs, forgotten; and what lies on the disk of a stolen laptop.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { test as base, type Page } from '@playwright/test';
import { encode } from '../../src/core/wire/cbor.ts';
import { canary } from './canary.ts';
import { friends } from './friends.ts';
import { expect, meet, type Person, test } from './people.ts';
import { Finder, type Needle, scanProfile, unsnap } from './profile-scan.ts';

// Nothing is shared, and as one piece they would be what everybody waits for at the end.
base.describe.configure({ mode: 'parallel' });

/** Whoever closes the browser and comes back needs one. */
const apart = test.extend({ ownBrowsers: true });

const PASSPHRASE = 'vault-passphrase-Zq81';

const lockOf = (page: Page, state: 'none' | 'open' | 'locked') =>
  expect(page.getByTestId('app')).toHaveAttribute('data-lock', state);

async function setPassphrase({ page }: Person, passphrase = PASSPHRASE): Promise<void> {
  await page.getByTestId('settings').click();
  await page.getByTestId('lock-set').click();
  await page.getByTestId('lock-passphrase').fill(passphrase);
  await page.getByTestId('lock-passphrase').press('Enter');
  await lockOf(page, 'open');
}

async function unlock(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByTestId('unlock-passphrase').fill(passphrase);
  await page.getByTestId('unlock-submit').click();
}

test('set, talk, lock: a message waits at its sender, and arrives after unlocking', async ({ ana, ben }) => {
  await lockOf(ana.page, 'none');
  const numbers = await meet(ana, ben);
  await ana.write('before the passphrase');
  await setPassphrase(ana);
  // Nothing is interrupted by it.
  await ana.openConversation(numbers.ben);
  await ben.write('while it is open');
  await expect(ana.message('while it is open')).toBeVisible();

  await ana.id('settings').click();
  await ana.id('lock-now').click();
  await lockOf(ana.page, 'locked');
  await expect(ana.id('unlock-passphrase')).toBeFocused();
  await expect(ana.id('my-number')).toHaveCount(0);
  const shown = await ana.page.evaluate(() => document.documentElement.outerHTML + document.title);
  for (const gone of ['before the passphrase', 'while it is open', 'Ben', numbers.ana, numbers.ben])
    expect(shown).not.toContain(gone);
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'offline');
  await ben.write('while it is locked');
  await expect(ben.message('while it is locked')).toHaveAttribute('data-state', /queued|sent/);

  await unlock(ana.page, 'not the passphrase');
  await expect(ana.id('unlock-error')).toHaveAttribute('data-code', 'passphrase-wrong');
  await lockOf(ana.page, 'locked');
  await ana.id('unlock-passphrase').press('End');
  await ana.id('unlock-passphrase').press('x');
  await expect(ana.id('unlock-error')).toHaveCount(0);
  await expect(ben.message('while it is locked')).toHaveAttribute('data-state', /queued|sent/);

  await ana.id('unlock-passphrase').fill(PASSPHRASE);
  await ana.id('unlock-passphrase').press('Enter');
  await lockOf(ana.page, 'open');
  await expect(ana.id('my-number')).toHaveAttribute('data-number', numbers.ana);
  await expect(ben.message('while it is locked')).toHaveAttribute('data-state', /delivered|read/);
  await ana.openConversation(numbers.ben);
  expect(await ana.texts('in')).toEqual(['while it is open', 'while it is locked']);
  expect(await ana.texts('out')).toEqual(['before the passphrase']);
  for (const person of [ana, ben]) expect(person.complaints).toEqual([]);
});

apart(
  'a reload and a new browser find it locked; changed, only the new passphrase opens it; removed, none is asked for',
  async ({ ana }) => {
    const number = await ana.number();
    await ana.id('settings').click();
    await ana.id('lock-set').click();
    await ana.id('lock-passphrase').fill('short');
    await ana.id('lock-passphrase').press('Enter');
    await expect(ana.id('lock-error')).toHaveAttribute('data-code', 'passphrase-short');
    await ana.id('lock-passphrase').fill(PASSPHRASE);
    await expect(ana.id('lock-error')).toHaveCount(0);
    await ana.id('lock-passphrase-show').click();
    await expect(ana.id('lock-passphrase')).toHaveAttribute('type', 'text');
    await ana.id('lock-save').click();
    await lockOf(ana.page, 'open');
    await ana.reload();
    await lockOf(ana.page, 'locked');
    await unlock(ana.page);
    await expect(ana.id('my-number')).toHaveAttribute('data-number', number);

    await ana.id('settings').click();
    await ana.id('lock-change').click();
    await ana.id('lock-current').fill('a wrong one');
    await ana.id('lock-passphrase').fill('another one entirely');
    await ana.id('lock-save').click();
    await expect(ana.id('lock-error')).toHaveAttribute('data-code', 'passphrase-wrong');
    await ana.id('lock-current').fill(PASSPHRASE);
    await ana.id('lock-save').click();
    await expect(ana.id('lock-now')).toBeVisible();
    await ana.quit();
    await ana.launch();
    await lockOf(ana.page, 'locked');
    await unlock(ana.page);
    await expect(ana.id('unlock-error')).toHaveAttribute('data-code', 'passphrase-wrong');
    await unlock(ana.page, 'another one entirely');
    await expect(ana.id('my-number')).toHaveAttribute('data-number', number);

    await ana.id('settings').click();
    await ana.id('lock-remove').click();
    await ana.id('confirm-no').click();
    await lockOf(ana.page, 'open');
    await ana.id('lock-remove').click();
    await ana.id('confirm-yes').click();
    await lockOf(ana.page, 'none');
    await ana.reload();
    await expect(ana.id('my-number')).toHaveAttribute('data-number', number);
    expect(ana.complaints).toEqual([]);
  },
);

test('locking locks every tab, unlocking opens every tab, and a forgotten passphrase leaves one way: erase everything', async ({
  ana,
}) => {
  const number = await ana.number();
  await setPassphrase(ana);
  const second = await ana.context.newPage();
  await second.goto(new URL('.', ana.page.url()).href);
  await ana.ready(second);
  await lockOf(second, 'open');
  await second.getByTestId('settings').click();
  await second.getByTestId('lock-now').click();
  for (const page of [ana.page, second]) {
    await lockOf(page, 'locked');
    await expect(page.getByTestId('my-number')).toHaveCount(0);
  }
  await unlock(second);
  for (const page of [ana.page, second])
    await expect(page.getByTestId('my-number')).toHaveAttribute('data-number', number);
  // A form for what another tab has removed goes.
  await second.getByTestId('settings').click();
  await second.getByTestId('lock-change').click();
  await expect(second.getByTestId('lock-save')).toBeVisible();
  await ana.id('settings').click();
  await ana.id('lock-remove').click();
  await ana.id('confirm-yes').click();
  await lockOf(second, 'none');
  await expect(second.getByTestId('lock-save')).toHaveCount(0);
  await second.getByTestId('lock-set').click();
  await second.getByTestId('lock-passphrase').fill(PASSPHRASE);
  await second.getByTestId('lock-passphrase').press('Enter');
  await lockOf(ana.page, 'open');
  await second.getByTestId('lock-now').click();
  await lockOf(ana.page, 'locked');
  await lockOf(second, 'locked');

  await ana.page.getByText('Forgotten the passphrase?').click();
  await ana.id('erase-everything').click();
  await ana.id('confirm-yes').click();
  for (const page of [ana.page, second]) await expect(page.getByTestId('onboarding-name')).toBeVisible();
  await lockOf(ana.page, 'none');
});

test('locks by itself when nobody has used any tab for as long as was chosen, not while somebody does', async ({
  ana,
}) => {
  await ana.page.clock.install();
  await ana.reload();
  await setPassphrase(ana);
  await ana.id('lock-auto').selectOption('1');
  await expect(ana.id('lock-auto')).toHaveValue('1');
  for (let i = 0; i < 6; i++) {
    await ana.page.clock.fastForward(20_000);
    await ana.page.keyboard.press('Shift');
  }
  await lockOf(ana.page, 'open');
  await ana.page.clock.fastForward(61_000);
  await lockOf(ana.page, 'locked');
  await unlock(ana.page);
  await ana.id('settings').click();
  await expect(ana.id('lock-auto')).toHaveValue('1');
});

test('a lock record that is damaged is said, nothing is deleted, and whoever wants may erase everything', async ({
  ana,
}) => {
  const number = await ana.number();
  await setPassphrase(ana);
  const change = async () => {
    await ana.page.goto(new URL('manifest.webmanifest', ana.page.url()).href);
    await ana.page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('kith');
      const handle = await folder.getFileHandle('lock-a');
      const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
      bytes[60] = (bytes[60] ?? 0) ^ 1;
      const file = await handle.createWritable();
      await file.write(bytes);
      await file.close();
    });
  };
  await change();
  await ana.open();
  await expect(ana.page.getByRole('alert')).toHaveAttribute('data-code', 'lock-damaged');
  await expect(ana.id('unlock-passphrase')).toHaveCount(0);
  await change();
  await ana.open();
  await unlock(ana.page);
  await expect(ana.id('my-number')).toHaveAttribute('data-number', number);
  await change();
  await ana.open();
  await ana.id('erase-everything').click();
  await ana.id('confirm-yes').click();
  await expect(ana.id('onboarding-name')).toBeVisible();
});

/** Notes every raw key that the page imports or hands to a worker, so that the disk can be searched for them. */
function noteKeys(): void {
  const keys = new Set<string>();
  Object.assign(window, { notedKeys: keys });
  const note = (value: unknown): void => {
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : undefined;
    if (bytes && bytes.length >= 32 && bytes.length <= 64) keys.add([...bytes].join(' '));
  };
  const { importKey } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.importKey = function (this: SubtleCrypto, ...args: unknown[]) {
    if (args[0] === 'raw') note(args[1]);
    return (importKey as (...args: unknown[]) => Promise<CryptoKey>).apply(this, args);
  } as typeof importKey;
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (this: Worker, ...args: unknown[]) {
    const { args: inner } = (args[0] ?? {}) as { args?: unknown };
    if (Array.isArray(inner)) inner.forEach(note);
    return (postMessage as (...args: unknown[]) => void).apply(this, args);
  } as typeof postMessage;
}

async function notedKeys(page: Page): Promise<Needle[]> {
  const keys = await page.evaluate(() => [...(window as unknown as { notedKeys: Set<string> }).notedKeys]);
  return keys.map((key, index): Needle => [`key ${index}`, Uint8Array.from(key.split(' '), Number)]);
}

/** The unprotected data key, while there is one. */
const dataKey = async (page: Page): Promise<Needle> => [
  'data key',
  Uint8Array.from(
    await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('kith');
      return [...new Uint8Array(await (await (await folder.getFileHandle('data-key')).getFile()).arrayBuffer())];
    }),
  ),
];

/** Records that nothing protects, in a database and a file of their own: what the search must find. */
const plant = (page: Page, text: string, words: readonly string[]) =>
  page.evaluate(
    async ([text, words]) => {
      await new Promise((resolve) => {
        const opening = indexedDB.open('control');
        opening.onupgradeneeded = () => opening.result.createObjectStore('control');
        opening.onsuccess = () => {
          const writing = opening.result.transaction('control', 'readwrite');
          for (let i = 0; i < 200; i++) writing.objectStore('control').put(`${text} `.repeat(200), i);
          for (let i = 200; i < 220; i++) writing.objectStore('control').put({ words }, i);
          writing.oncomplete = resolve;
        };
      });
    },
    [text, words] as const,
  );

/** The recovery words, shown; and a backup saved under that passphrase. */
async function wordsAndBackup(person: Person, passphrase: string): Promise<string[]> {
  await person.id('words-show').click();
  const list = person.id('recovery-words').locator('li');
  await expect(list).toHaveCount(24);
  const words = await list.allTextContents();
  await person.id('backup-passphrase').fill(passphrase);
  const download = person.page.waitForEvent('download');
  await person.id('backup-export').click();
  await (await download).path();
  return words;
}

/**
 * Three recovery words in a row are nobody's by chance; one alone may stand anywhere. Searched for as texts that something joins, which are found in base64
 * too, and as words of which each stands close behind the other.
 */
const runsOf = (words: readonly string[]): Needle[] => [
  ...[' ', '\n', ',', '","'].flatMap((between) =>
    [0, 7, 14, 21].map((from): Needle => ['recovery words', words.slice(from, from + 3).join(between)]),
  ),
  ...words.slice(2).map((_, from): Needle => ['recovery words in a row', words.slice(from, from + 3)]),
];

base('what Snappy packs is found again', () => {
  // "abcabcabc": three literals, then a copy of six from three back (format_description.txt, by hand).
  expect(unsnap(Buffer.from([9, 2 << 2, 97, 98, 99, ((6 - 4) << 2) | 1, 3])).toString()).toBe('abcabcabc');
});

base('three recovery words are found however a list of them is kept', () => {
  const words = ['maple', 'orbit', 'velvet', 'garlic'];
  const found = (content: Buffer) => new Finder(runsOf(words)).seen(content).length > 0;
  const texts = [JSON.stringify(words), words.join(' '), words.join(', ')];
  const kept = [...texts.map((text) => Buffer.from(text)), Buffer.from(encode(words)), serialize(words)];
  const wide = [Buffer.from(JSON.stringify(words), 'utf16le'), serialize(words.map((word) => `${word}\u2026`))];
  for (const content of [...kept, ...wide]) expect(found(content), content.toString('latin1')).toBe(true);
  for (const not of ['maple orbit', 'velvet orbit maple', 'maple and then orbit and then velvet'])
    expect(found(Buffer.from(not)), not).toBe(false);
});

base(
  'a stolen laptop: with a passphrase, its profile holds no text, file, name, number, key or passphrase',
  async ({ baseURL }) => {
    base.setTimeout(240_000);
    const pair = await friends(baseURL ?? '', noteKeys);
    const { ana, ben, numbers } = pair;
    const before = await dataKey(ana.page);
    await setPassphrase(ana, `${PASSPHRASE}-${canary}`);
    // After the passphrase, everything that a person can write.
    await ana.id('my-name').fill(`${canary} Ana`);
    await ana.id('my-name-save').click();
    await ana.openConversation(numbers.ben);
    await ana.write(`${canary} as a text`);
    await ana.attach({ name: `${canary}.txt`, mimeType: 'text/plain', buffer: Buffer.from(canary.repeat(20_000)) });
    await expect(ben.attachment(`${canary}.txt`)).toHaveAttribute('data-state', 'complete');
    await ben.write(`${canary} as an answer`);
    await expect(ana.message(`${canary} as an answer`)).toBeVisible();
    await ana.id('contact-page').click();
    await ana.id('nickname').fill(`${canary} Ben`);
    await ana.id('nickname-save').click();
    await expect(ana.conversation(numbers.ben)).toContainText(canary);
    await ana.openConversation(numbers.ben);
    await ana.id('message-input').fill(`${canary} as a draft`);
    await ana.id('settings').click();
    const words = await wordsAndBackup(ana, `${canary} of a backup`);
    const keys = [before, ...(await notedKeys(ana.page))];
    await ana.id('lock-now').click();
    await lockOf(ana.page, 'locked');
    await unlock(ana.page, `${PASSPHRASE}-${canary}`);
    await ana.openConversation(numbers.ben);
    await expect(ana.id('message-input')).toHaveValue(`${canary} as a draft`);
    keys.push(...(await notedKeys(ana.page)));
    const needles: Needle[] = [
      ['canary', canary],
      ['my number', numbers.ana],
      ['their number', numbers.ben],
      ['passphrase', PASSPHRASE],
      ...runsOf(words),
      ...new Map(keys.map((key) => [String(key[1]), key])).values(),
    ];
    expect(needles.length).toBeGreaterThan(20);
    await ana.quit();
    const first = await scanProfile(ana.profile, needles);
    expect(first.sightings).toEqual([]);
    expect(first.bytes).toBeGreaterThan(1_600_000);

    await ana.launch();
    await unlock(ana.page, `${PASSPHRASE}-${canary}`);
    await ana.id('settings').click();
    await ana.id('erase-everything').click();
    await ana.id('confirm-yes').click();
    await expect(ana.id('onboarding-name')).toBeVisible();
    await ana.quit();
    expect((await scanProfile(ana.profile, needles)).sightings).toEqual([]);

    // The same search finds what is really there, also behind LevelDB and Snappy.
    await ana.launch();
    await plant(ana.page, canary, words);
    await ana.quit();
    await writeFile(
      join(ana.profile, 'planted'),
      Buffer.concat([Buffer.from('...'), Buffer.from(before[1] as Uint8Array)]),
    );
    const control = await scanProfile(ana.profile, needles);
    expect(control.sightings.some((place) => /IndexedDB.*canary/.test(place))).toBe(true);
    expect(control.sightings.some((place) => /IndexedDB.*recovery words in a row/.test(place))).toBe(true);
    expect(control.sightings).toContainEqual(expect.stringMatching(/^planted: .*key.* \(bytes\)$/));
    await pair.leave();
  },
);

base(
  'a passphrase that comes afterwards: what was written before is sealed anew, and its old key is nowhere',
  async ({ baseURL }) => {
    base.setTimeout(240_000);
    const pair = await friends(baseURL ?? '', noteKeys);
    const { ana, ben, numbers } = pair;
    await ana.write(`${canary} as a text`);
    await expect(ben.message(`${canary} as a text`)).toBeVisible();
    const before = await dataKey(ana.page);
    const unprotected: Needle[] = [['canary', canary], before];
    await ana.quit();
    // Without a passphrase the key lies there, and this is what makes it worth nothing.
    expect((await scanProfile(ana.profile, unprotected)).sightings).toEqual([
      expect.stringMatching(/data key \(bytes\)/),
    ]);
    await ana.launch();
    await setPassphrase(ana);
    const keys = await notedKeys(ana.page);
    await ana.quit();
    const needles: Needle[] = [
      ...unprotected,
      ['my number', numbers.ana],
      ['their number', numbers.ben],
      ['passphrase', PASSPHRASE],
      ...keys,
    ];
    expect((await scanProfile(ana.profile, needles)).sightings).toEqual([]);
    await pair.leave();
  },
);
