// The main job: two people, two browsers, a card, and a conversation.
import { expect, meet, test } from './people.ts';

test.use({ ownBrowsers: true });

test('two people meet by card and talk: ten messages each way, delivered, read', async ({ ana, ben }) => {
  const numbers = await meet(ana, ben);
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-trust', 'verified');
  await expect(ana.conversation(numbers.ben)).toHaveAttribute('data-trust', 'unverified');
  for (let n = 1; n <= 10; n += 1) {
    await ana.write(`Ana ${n}`);
    await ben.write(`Ben ${n}`);
  }
  for (const [reader, writer] of [
    [ana, 'Ben'],
    [ben, 'Ana'],
  ] as const) {
    await expect(reader.messages('in')).toHaveCount(10);
    expect(await reader.texts('in')).toEqual(Array.from({ length: 10 }, (_, n) => `${writer} ${n + 1}`));
  }
  // Only the page in front is looked at.
  await ana.page.bringToFront();
  await ben.page.bringToFront();
  for (const writer of [ana, ben]) {
    await expect(writer.page.locator('[data-testid=message][data-direction=out][data-state=read]')).toHaveCount(10);
  }
  expect((await ana.diagnostics()).session.protocol).toBe('Noise_KKpsk0_25519+MLKEM768_AESGCM_SHA256');
  expect([...ana.complaints, ...ben.complaints]).toEqual([]);
});
