// The same as tabs.test.ts says, with the browser's own locks and channel: every tab is a frame of this page, and removing
// the frame is closing the tab.
import { afterEach, describe, expect, test } from 'vitest';
import type { TabPage } from './tab-page.ts';
import { type Disk, emptyDisk } from './twins.ts';

type Tab = TabPage & { close(): void };

const frames = new Set<HTMLIFrameElement>();
afterEach(() => {
  for (const frame of frames) frame.remove();
  frames.clear();
});

async function openTab(disk: Disk, label: string): Promise<Tab> {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  frames.add(frame);
  // A module graph of the frame's own: its globals are those of another tab.
  const url = new URL('./tab-page.ts', import.meta.url).href;
  const inFrame = frame.contentWindow as Window & { Function: typeof Function };
  const load = inFrame.Function('url', 'return import(url)') as (
    url: string,
  ) => Promise<typeof import('./tab-page.ts')>;
  const tab = (await load(url)).openTab(disk, label);
  return Object.assign(tab, { close: () => frame.remove() });
}

describe('tabs in a browser', () => {
  test('a frame is a tab of its own', async () => {
    const first = await openTab(emptyDisk(), 'first');
    await first.shared.snapshot();
    const held = (await navigator.locks.query()).held?.filter((lock) => lock.name === 'kith-network');
    expect(held?.length).toBe(1);
    expect(first.real).toBeDefined();
  });

  test('one leads, the other writes through it, files and blobs included', async () => {
    const disk = emptyDisk();
    const first = await openTab(disk, 'first');
    await first.shared.snapshot();
    const second = await openTab(disk, 'second');
    const file = new File(['content'], 'photo.jpg', { type: 'image/jpeg' });
    await second.shared.sendFiles('c1', [{ file, thumbnail: new Uint8Array([1, 2]) }]);
    expect(second.real).toBeUndefined();
    expect(disk.messages.map((message) => message.text)).toEqual(['photo.jpg']);
    const opened = await second.shared.openAttachment('c1', 'm');
    expect(opened.ok && (await opened.value.blob.text())).toBe('bytes');
  });

  test('when the leader is closed with calls unanswered, a follower takes over and answers them once', async () => {
    const disk = emptyDisk();
    const first = await openTab(disk, 'first');
    await first.shared.snapshot();
    const second = await openTab(disk, 'second');
    const third = await openTab(disk, 'third');
    for (const tab of [second, third]) await tab.shared.snapshot();
    first.real!.mute = true;
    const told = new Promise((resolve) =>
      third.shared.subscribe((event) => event.type === 'snapshot' && resolve(event)),
    );
    const sent = [second.shared.sendText('c1', 'two'), third.shared.sendText('c1', 'three')];
    await expect.poll(() => disk.messages.length).toBe(2);
    first.close();
    expect((await Promise.all(sent)).map((result) => result.ok)).toEqual([true, true]);
    expect(disk.messages.map((message) => message.text)).toEqual(['two', 'three']);
    expect([second.real, third.real].filter(Boolean).length).toBe(1);
    await told;
  });
});
