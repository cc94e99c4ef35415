// A message of one's own that was dropped and then removed: gone from the screens, the list and the disk, with its file.
import { expect, it } from 'vitest';
import type { NodeEvent } from '../../src/core/node-api.ts';
import { Village } from '../fixtures/village.ts';

it('takes the message, its file and its line in the list away, and nothing of it comes back after a reload', async () => {
  const village = new Village(47);
  const ana = await village.person('Ana');
  const ben = await village.person('Ben');
  await village.introduce(ana, ben);
  const toBen = await ana.idOf(ben);
  await ana.node.sendText(toBen, 'before');
  await village.until(async () => (await ana.states(ben)).join() === 'delivered');
  await ben.close();
  await village.until(async () => (await ana.with(ben))?.presence === 'offline');

  await ana.node.sendFiles(toBen, [{ file: new File(['never sent'], 'notes.txt'), thumbnail: null }]);
  const file = (await ana.messages(ben)).at(-1)?.id ?? '';
  await ana.node.cancelTransfer(toBen, file);
  expect(await ana.states(ben)).toEqual(['delivered', 'dropped: cancelled']);

  const told: NodeEvent[] = [];
  ana.node.subscribe((event) => told.push(event));
  expect(await ana.node.removeMessage(toBen, file)).toEqual({ ok: true, value: undefined });
  expect(told).toContainEqual({ type: 'removed', conversationId: toBen, messageId: file });
  expect((await ana.with(ben))?.last?.text).toBe('before');
  expect(ana.files.files.size).toBe(0);
  expect(ana.disk.written.get('files')?.size ?? 0).toBe(0);

  await ana.close();
  await ana.start();
  expect((await ana.with(ben))?.last?.text).toBe('before');
  await ben.start();
  await village.together(ana, ben);
  await ana.node.sendText(toBen, 'after');
  await village.until(async () => (await ben.messages(ana)).length === 2);
  const texts = (await ben.messages(ana)).map(({ text, missingBefore }) => [text, missingBefore]);
  expect(texts).toEqual([
    ['before', 0],
    ['after', 0],
  ]);
  await Promise.all([ana.close(), ben.close()]);
});
