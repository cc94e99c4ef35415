// Several tabs of one profile: one leads, all can do the same, and the death of any of them loses nothing (TABS.md).
import { describe, expect, test } from 'vitest';
import { electLeader } from '../../../src/adapters/tabs/leader.ts';
import { reuse } from '../../../src/adapters/tabs/reuse.ts';
import { type SharedNode, shareNode } from '../../../src/adapters/tabs/share-node.ts';
import { KithError } from '../../../src/core/errors.ts';
import type { NodeEvent, Snapshot } from '../../../src/core/node-api.ts';
import { Browser, type Disk, DiskNode, emptyDisk } from './twins.ts';

interface Tab {
  readonly shared: SharedNode;
  readonly events: NodeEvent[];
  /** The real node, once this tab leads. */
  real: DiskNode | undefined;
  die(): void;
}

function openTab(browser: Browser, disk: Disk, label = 'tab', start?: () => Promise<never>): Tab {
  const seat = browser.openTab();
  const startNode = async () => {
    tab.real = new DiskNode(disk, label);
    return tab.real.asNode();
  };
  const shared = shareNode(start ?? startNode, seat);
  const tab: Tab = { shared, events: [], real: undefined, die: seat.die };
  shared.subscribe((event) => tab.events.push(event));
  return tab;
}

/** Lets every message that is under way arrive. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

const snapshotsOf = (tab: Tab) =>
  tab.events.flatMap((event): Snapshot[] => (event.type === 'snapshot' ? [event.snapshot] : []));

describe('two tabs', () => {
  test('only one of them runs a node', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const tabs = [openTab(browser, disk), openTab(browser, disk), openTab(browser, disk)];
    await settle();
    expect(tabs.filter((tab) => tab.real).length).toBe(1);
  });

  test('the second can do what the first can, and both see it', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const first = openTab(browser, disk);
    const second = openTab(browser, disk);
    const sent = await second.shared.sendText('c1', 'hello');
    expect(sent.ok).toBe(true);
    await settle();
    expect(disk.messages.map((message) => message.text)).toEqual(['hello']);
    for (const tab of [first, second]) {
      expect(tab.events.map((event) => event.type)).toEqual(['messages', 'snapshot']);
      expect((await tab.shared.listMessages('c1', null, 10)).map((message) => message.text)).toEqual(['hello']);
    }
  });

  test('files that the second has chosen are prepared and discarded by the first', async () => {
    const browser = new Browser();
    const first = openTab(browser, emptyDisk());
    const second = openTab(browser, emptyDisk());
    const chosen = ['a', 'b'].map((digit) => digit.repeat(32));
    for (const id of chosen) await second.shared.prepareFile('c1', id, new File(['x'], 'a file'), false);
    expect([...(first.real?.prepared ?? [])]).toEqual(chosen);
    await second.shared.discardFile('c1', chosen[0] ?? '');
    expect([...(first.real?.prepared ?? [])]).toEqual([chosen[1]]);
  });

  test('calls made before anybody leads wait and are answered in order', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const tab = openTab(browser, disk);
    const results = await Promise.all([tab.shared.rename('Ana'), tab.shared.snapshot(), tab.shared.rename('Anna')]);
    expect(results[1].identity?.name).toBe('Ana');
    expect(disk.name).toBe('Anna');
  });

  test('a bug in the node rejects the call in the tab that made it, and nothing else', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    openTab(browser, disk);
    const second = openTab(browser, disk);
    await expect(second.shared.newCard()).rejects.toMatchObject({ kind: 'internal' });
    await expect(second.shared.diagnostics()).rejects.toMatchObject({ kind: 'internal' });
    await expect(second.shared.sendText('c1', (() => 'no clone') as never)).rejects.toMatchObject({ kind: 'internal' });
    expect((await second.shared.rename('Ana')).ok).toBe(true);
  });

  test('unchanged parts of a snapshot keep their identity in a follower', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const first = openTab(browser, disk);
    const second = openTab(browser, disk);
    await second.shared.sendText('c1', 'one');
    const before = await second.shared.snapshot();
    disk.name = 'Ana';
    await settle();
    first.real?.emit({ type: 'snapshot', snapshot: first.real.snapshotNow() });
    await settle();
    const after = snapshotsOf(second).at(-1);
    expect(after?.identity).toEqual({ number: null, name: 'Ana' });
    expect(after?.conversations).toBe(before.conversations);
    expect(after?.settings).toBe(before.settings);
    expect(after).not.toBe(before);
  });

  test('a browser without Web Locks is told apart from a broken one', async () => {
    const { channel, newId } = new Browser().openTab();
    const candidacy = electLeader('kith-network', null);
    const shared = shareNode(() => Promise.reject(new Error('never started')), { channel, candidacy, newId });
    await expect(shared.snapshot()).rejects.toMatchObject({ kind: 'unsupported-browser' });
  });

  test('a node that cannot start is the same failure in every tab, also in one opened later', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const failing = () => Promise.reject(new KithError('database-newer'));
    const first = openTab(browser, disk, 'first', failing);
    const second = openTab(browser, disk);
    await expect(first.shared.snapshot()).rejects.toMatchObject({ kind: 'database-newer' });
    await expect(second.shared.snapshot()).rejects.toMatchObject({ kind: 'database-newer' });
    const third = openTab(browser, disk);
    await expect(third.shared.snapshot()).rejects.toMatchObject({ kind: 'database-newer' });
    first.die();
    await settle();
    expect((await third.shared.rename('Ana')).ok).toBe(true);
  });
});

describe('when the leader goes away', () => {
  test('another tab takes over and goes on from the same disk', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const first = openTab(browser, disk, 'first');
    const second = openTab(browser, disk, 'second');
    await second.shared.sendText('c1', 'before');
    first.die();
    await settle();
    expect(second.real).toBeDefined();
    await second.shared.sendText('c1', 'after');
    expect((await second.shared.listMessages('c1', null, 10)).map((message) => message.text)).toEqual([
      'before',
      'after',
    ]);
  });

  test('calls it had not answered are answered by the next one, and a message is sent once', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const first = openTab(browser, disk, 'first');
    const second = openTab(browser, disk, 'second');
    const third = openTab(browser, disk, 'third');
    await settle();
    first.real!.mute = true;
    const calls = [third.shared.sendText('c1', 'from the third'), second.shared.sendText('c1', 'from the second')];
    const file = { file: new File(['x'], 'a file'), thumbnail: null };
    const files = third.shared.sendFiles('c1', [file, file]);
    await settle();
    expect(disk.messages.length).toBe(4);
    first.die();
    expect((await Promise.all(calls)).map((result) => result.ok)).toEqual([true, true]);
    expect((await files).ok).toBe(true);
    expect(disk.messages.map((message) => message.text)).toEqual([
      'from the third',
      'from the second',
      'a file',
      'a file',
    ]);
    expect(second.real?.calls.filter((call) => call === 'sendText').length).toBe(2);
  });

  test('a file that was being prepared is prepared by the next one, and sent under the same id', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const first = openTab(browser, disk, 'first');
    const second = openTab(browser, disk, 'second');
    const third = openTab(browser, disk, 'third');
    await settle();
    first.real!.mute = true;
    const [id, file] = ['a'.repeat(32), new File(['x'], 'a file')];
    const prepared = third.shared.prepareFile('c1', id, file, false);
    await settle();
    first.die();
    expect((await prepared).ok).toBe(true);
    expect([...(second.real?.prepared ?? [])]).toEqual([id]);
    await third.shared.sendFiles('c1', [{ file, thumbnail: null, messageId: id }]);
    expect(disk.messages.map((message) => message.id)).toEqual([id]);
  });

  test('calls made while nobody leads wait for the next leader', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const first = openTab(browser, disk);
    const second = openTab(browser, disk);
    const third = openTab(browser, disk);
    await third.shared.snapshot();
    first.die();
    const renamed = third.shared.rename('Ana');
    expect((await renamed).ok).toBe(true);
    expect(second.real?.calls).toContain('rename');
  });

  test('every tab is told what it may have missed', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const first = openTab(browser, disk, 'first');
    const second = openTab(browser, disk, 'second');
    const third = openTab(browser, disk, 'third');
    await third.shared.sendText('c1', 'seen');
    for (const tab of [second, third]) await tab.shared.listMessages('c1', null, 10);
    first.real!.mute = true;
    void first.shared.sendText('c1', 'stored, never told');
    await settle();
    for (const tab of [second, third]) tab.events.length = 0;
    first.die();
    await settle();
    for (const tab of [second, third]) {
      expect(snapshotsOf(tab).at(-1)?.settings.effectiveTrackers).toEqual(['wss://second.example']);
      expect(tab.events.find((event) => event.type === 'messages')).toMatchObject({
        conversationId: 'c1',
        messages: [{ text: 'seen' }, { text: 'stored, never told' }],
      });
    }
  });

  test('every tab is told of the groups whose pages it has shown', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const first = openTab(browser, disk, 'first');
    const second = openTab(browser, disk, 'second');
    await second.shared.sendText('c1', 'there');
    expect(await second.shared.group?.('c1')).toMatchObject({ ok: true, value: { name: 'first' } });
    second.events.length = 0;
    first.die();
    await settle();
    expect(second.events.filter((event) => event.type === 'group')).toMatchObject([{ group: { name: 'second' } }]);
  });

  test('whom a text names goes with it to the tab that sends it', async () => {
    const browser = new Browser();
    const first = openTab(browser, emptyDisk(), 'first');
    const second = openTab(browser, emptyDisk(), 'second');
    await second.shared.sendText('c1', '@Ben', undefined, [{ start: 0, length: 4, memberId: 'b' }]);
    expect(first.real?.named).toEqual([[{ start: 0, length: 4, memberId: 'b' }]]);
  });

  test('what a node does not have is refused, not awaited for ever', async () => {
    const browser = new Browser();
    openTab(browser, emptyDisk(), 'first');
    const second = openTab(browser, emptyDisk(), 'second');
    await expect(second.shared.leaveGroup?.('g1')).rejects.toMatchObject({ kind: 'internal' });
  });

  test('a conversation that is gone by then is said to be cleared', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const first = openTab(browser, disk);
    const second = openTab(browser, disk);
    await second.shared.sendText('c1', 'x');
    await second.shared.listMessages('c1', null, 10);
    disk.messages.length = 0;
    first.die();
    await settle();
    expect(second.events.at(-1)).toEqual({ type: 'cleared', conversationId: 'c1' });
  });

  test('what an earlier leader still says is not believed', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const first = openTab(browser, disk, 'first');
    openTab(browser, disk, 'second');
    const third = openTab(browser, disk, 'third');
    await settle();
    const old = browser.openTab();
    first.die();
    await settle();
    third.events.length = 0;
    old.channel.postMessage({
      type: 'event',
      term: 'of an earlier leader',
      event: { type: 'cleared', conversationId: 'c1' },
    });
    await settle();
    expect(third.events).toEqual([]);
  });

  test('ten deaths in a row lose no message and send none twice', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    const writer = openTab(browser, disk, 'writer');
    // The writer led first; from here on it follows one short-lived leader after the other.
    const rest = Array.from({ length: 11 }, (_, index) => openTab(browser, disk, `leader ${index}`));
    writer.die();
    const survivor = openTab(browser, disk, 'survivor');
    const texts = Array.from({ length: 10 }, (_, index) => `message ${index}`);
    const sent: Array<Promise<unknown>> = [];
    for (const [index, text] of texts.entries()) {
      const leader = rest[index]!;
      await settle();
      // Every other leader dies after it wrote and before it answered.
      if (leader.real) leader.real.mute = index % 2 === 0;
      sent.push(survivor.shared.sendText('c1', text));
      await settle();
      leader.die();
    }
    await Promise.all(sent);
    expect(disk.messages.map((message) => message.text)).toEqual(texts);
  });
});

describe('what tabs cost', () => {
  test('a single tab tells nobody its events', async () => {
    const browser = new Browser();
    const tab = openTab(browser, emptyDisk());
    for (let i = 0; i < 5; i++) await tab.shared.sendText('c1', 'x');
    expect(browser.posted.filter((type) => type !== 'hello' && type !== 'leader')).toEqual([]);
  });

  test('every answer is acknowledged, so the leader keeps none', async () => {
    const browser = new Browser();
    const disk = emptyDisk();
    openTab(browser, disk);
    const second = openTab(browser, disk);
    for (let i = 0; i < 20; i++) await second.shared.rename(`${i}`);
    await settle();
    const count = (type: string) => browser.posted.filter((one) => one === type).length;
    expect(count('answer')).toBe(20);
    expect(count('received')).toBe(20);
  });
});

describe('keeping identity', () => {
  test('equal parts are the old ones, changed parts are new', () => {
    const old = { a: { x: 1 }, list: [{ id: 1 }, { id: 2 }], bytes: new Uint8Array([1, 2]) };
    const next = reuse(old, structuredClone({ ...old, list: [{ id: 1 }, { id: 3 }, { id: 2 }] }));
    expect(next).toEqual({ ...old, list: [{ id: 1 }, { id: 3 }, { id: 2 }] });
    expect(next.a).toBe(old.a);
    expect(next.bytes).toBe(old.bytes);
    expect(next.list[0]).toBe(old.list[0]);
    expect(reuse(old, structuredClone(old))).toBe(old);
    expect(reuse({ a: undefined }, { b: undefined })).toEqual({ b: undefined });
    expect(reuse([1, 2], [1])).toEqual([1]);
  });
});
