// Ways into the overlay as people take them: no tracker opens, and a text goes each way.
import { test } from '@playwright/test';
import decodeQR from 'qr/decode.js';
import { expect, meet, Person } from './people.ts';

/** A network that lets no WebSocket through. */
function noTracker(): void {
  globalThis.WebSocket = class {
    constructor() {
      throw new DOMException('blocked', 'SecurityError');
    }
  } as unknown as typeof WebSocket;
}

async function ownText(person: Person): Promise<string> {
  const shown = person.page.locator('[data-testid=door-invite][data-text]');
  await expect(shown).toBeVisible();
  return (await shown.getAttribute('data-text')) ?? '';
}

/** What a camera that looks at the page reads. */
async function scanned(person: Person): Promise<string> {
  const code = person.id('door-qr');
  await expect(code).toBeVisible();
  const photograph = (await code.screenshot()).toString('base64');
  const { width, height, data } = await person.page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context?.drawImage(image, 0, 0);
    const pixels = context?.getImageData(0, 0, image.width, image.height).data ?? [];
    return { width: image.width, height: image.height, data: [...pixels] };
  }, photograph);
  return decodeQR({ width, height, data: Uint8Array.from(data) }, { timeLimit: Number.POSITIVE_INFINITY });
}

async function paste(person: Person, text: string): Promise<void> {
  await person.id('door-answer').fill(text);
  await person.id('door-submit').click();
}

test('where no tracker opens, two people get in by a text each way, and then meet by card and talk', async ({
  browser,
  baseURL,
}) => {
  const come = (name: string) =>
    Person.visit(browser, name, baseURL ?? '', (context) => context.addInitScript(noTracker));
  const [ana, ben] = await Promise.all(['Ana', 'Ben'].map(come));
  if (!ana || !ben) return;
  for (const person of [ana, ben]) {
    await person.join();
    await person.id('settings').click();
    await expect(person.id('app')).toHaveAttribute('data-network', 'offline');
  }

  // Whoever has no other way in finds an invitation there.
  const invitation = await ownText(ana);
  expect(invitation).toMatch(/^kith-door1[02-9ac-hj-np-z]{100,400}$/);
  await paste(ana, invitation);
  await expect(ana.id('door-error')).toHaveAttribute('data-code', 'door-own');
  await paste(ben, invitation.slice(0, -3));
  await expect(ben.id('door-error')).toHaveAttribute('data-code', 'door-malformed');

  // A camera reads the same from the page, be it dark or light.
  for (const colorScheme of ['light', 'dark'] as const) {
    await ana.page.emulateMedia({ colorScheme });
    expect(await scanned(ana)).toBe(invitation.toUpperCase());
  }

  // As a messenger may hand it on.
  await paste(ben, `${invitation.toUpperCase().replace(/(.{40})/g, '$1\n')} `);
  await expect.poll(() => ownText(ben)).toMatch(/^kith-answer1[02-9ac-hj-np-z]{100,400}$/);
  await paste(ana, await scanned(ben));
  for (const person of [ana, ben]) {
    await expect(person.id('door-met')).toBeVisible();
    await expect(person.id('app')).toHaveAttribute('data-neighbours', '1');
    await expect(person.id('app')).toHaveAttribute('data-network', 'online');
  }

  await meet(ana, ben);
  await ben.write('no server at all');
  await expect(ana.message('no server at all')).toBeVisible();
  expect([...ana.complaints, ...ben.complaints]).toEqual([]);
  await Promise.all([ana.leave(), ben.leave()]);
});
