// A page is reloaded in the middle of a file: the file goes on where it was, and nothing that was acknowledged is sent again.

import { friends, type Pair } from './friends.ts';
import { held, holdAfter, jammable, release } from './jam.ts';
import { expect, noise, type Person, sha256, test } from './people.ts';

const UNIT = 65_536;
const UNITS = 40;

let pair: Pair;

test.beforeAll(async ({ browser, baseURL }) => {
  pair = await friends(baseURL ?? '', jammable, browser);
});
test.afterAll(() => pair?.leave());

const unitsSent = async (person: Person) => (await person.diagnostics()).unitsSent;
const unitsReceived = async (person: Person) => (await person.diagnostics()).unitsReceived;

async function openBoth({ ana, ben, numbers }: Pair): Promise<void> {
  await ana.openConversation(numbers.ben);
  await ben.openConversation(numbers.ana);
}

for (const who of ['sender', 'receiver'] as const) {
  for (const percent of [10, 50, 90]) {
    test(`the ${who} reloads at ${percent} %: the file is completed, and no unit is sent twice`, async () => {
      const { ana, ben, numbers } = pair;
      const name = `${who}-${percent}.bin`;
      const content = noise(UNITS * UNIT);
      const before = { sent: await unitsSent(ana), received: await unitsReceived(ben) };
      await openBoth(pair);

      await holdAfter(ana.page, (UNITS * percent) / 100);
      await ana.attach({ name, mimeType: 'application/octet-stream', buffer: content });
      // A frame holds up to three units: at 90 % the last one may bring it to 95.
      const moved = await held(ana.page);
      // Ana's progress is what Ben has acknowledged, Ben's is what lies on his disk.
      for (const person of [ana, ben])
        await expect(person.attachment(name)).toHaveAttribute('data-progress', String(moved / UNITS));
      if (who === 'sender') {
        await ana.reload();
        await ana.openConversation(numbers.ben);
      } else {
        await ben.reload();
        await ben.openConversation(numbers.ana);
        await release(ana.page);
      }

      for (const person of [ana, ben]) {
        await expect(person.attachment(name)).toHaveAttribute('data-sha256', sha256(content));
        await expect(person.attachment(name)).toHaveAttribute('data-state', 'complete');
      }
      await expect(ana.fileMessage(name)).toHaveAttribute('data-state', /delivered|read/);
      // Counted since load: the reloaded page has moved what was left, the other one the whole file once.
      const left = UNITS - moved;
      const since = who === 'sender' ? { sent: 0, received: before.received } : { sent: before.sent, received: 0 };
      await expect.poll(() => unitsSent(ana)).toBe(since.sent + (who === 'sender' ? left : UNITS));
      await expect.poll(() => unitsReceived(ben)).toBe(since.received + (who === 'sender' ? UNITS : left));
      expect([...ana.complaints.splice(0), ...ben.complaints.splice(0)]).toEqual([]);
    });
  }
}
