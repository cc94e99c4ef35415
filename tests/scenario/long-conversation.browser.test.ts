// A conversation of 100,000 messages, on the real store, through the real node, on the real screen: what is read from the disk
// and what stands in the document stay small, and one can read backwards as far as one likes.
import { deleteDB } from 'idb';
import { render } from 'preact';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { openDatabase } from '../../src/adapters/indexeddb/database.ts';
import { importDataKey, plainCodec } from '../../src/adapters/indexeddb/record-seal.ts';
import { IndexedDbStore } from '../../src/adapters/indexeddb/store.ts';
import { MemoryBlobStore, MemoryFiles } from '../../src/adapters/memory/blob-store.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { webRtcDialer } from '../../src/adapters/webrtc/dialer.ts';
import { browserPlatform } from '../../src/app/browser-platform.ts';
import { createApp } from '../../src/app/kith.ts';
import {
  emptyConversation,
  encodeConversation,
  encodeMessage,
  type MessageRecord,
  messageKey,
} from '../../src/core/chat/records.ts';
import { type RunningNode, startNode } from '../../src/core/node.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import type { Store, Write } from '../../src/core/ports/store.ts';
import { mountApp } from '../../src/ui/mount.tsx';
import { befriendCrowd, numberOf } from '../fixtures/crowd.ts';
import { FakeRadio } from '../fixtures/fake-radio.ts';
import { FakeScanner } from '../fixtures/fake-scanner.ts';

const MESSAGES = 100_000;
const BATCH = 5_000;
/** Newest messages that are always in the document (CONTRACT.md). */
const KEPT = 50;
/** Two tall screens beside those. */
const MOST_IN_DOCUMENT = 150;
const NAME = 'kith-test-long-conversation';
const MINUTE = 60_000;

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let node: RunningNode;
let root: HTMLElement;
/** Records that lists of messages have taken from the disk. */
let recordsRead = 0;

/** Every third is Ana's own; lengths differ, so that heights do. */
function record(position: number): MessageRecord {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, position);
  const own = position % 3 === 0;
  return {
    v: 1,
    id,
    direction: own ? 'out' : 'in',
    seq: position,
    seen: 0,
    at: systemClock.now() - (MESSAGES - position) * MINUTE,
    sentAt: 0,
    text: `${position} ${'word '.repeat(1 + ((position * 7) % 60))}`,
    state: own ? 'read' : 'delivered',
    everSent: true,
    missingBefore: 0,
  };
}

async function fill(store: Store): Promise<void> {
  await befriendCrowd(1, { store, clock: systemClock, random: seededRandom(1), name: 'Ana' });
  const [contact] = await store.list('contacts');
  const id = contact?.key ?? '';
  for (let first = 1; first <= MESSAGES; first += BATCH) {
    const writes = Array.from(
      { length: BATCH },
      (_, index): Write => ({
        put: 'messages',
        key: messageKey(id, first + index),
        value: encodeMessage(record(first + index)),
      }),
    );
    await store.commit(writes, 'relaxed');
  }
  const counters = { nextPosition: MESSAGES + 1, nextSeq: MESSAGES + 1, peerSeq: MESSAGES, readSeq: MESSAGES };
  const conversation = { ...emptyConversation(systemClock.now()), ...counters };
  const ends = { readPosition: MESSAGES, lastPosition: MESSAGES };
  await store.commit(
    [{ put: 'conversations', key: id, value: encodeConversation({ ...conversation, ...ends }) }],
    'strict',
  );
}

function counted(store: Store): Store {
  const list = store.list.bind(store);
  store.list = async (table, range) => {
    const rows = await list(table, range);
    if (table === 'messages') recordsRead += rows.length;
    return rows;
  };
  return store;
}

beforeAll(async () => {
  await deleteDB(NAME);
  const codec = plainCodec(await importDataKey(new Uint8Array(32).fill(7)));
  const store = new IndexedDbStore(await openDatabase({ name: NAME }), codec);
  await fill(store);
  const room = { persisted: true, usage: 0, quota: null };
  node = await startNode({
    store: counted(store),
    blobs: new MemoryBlobStore(systemClock, new MemoryFiles()),
    dialer: webRtcDialer({ iceServers: [] }),
    openEntryPoint: () => {
      throw new Error('there is no tracker in this test');
    },
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    numbers: { derive: numberOf, findTarget: async () => new Uint8Array(20) },
    storage: { state: async () => room, requestPersistence: async () => room, destroyEverything: async () => {} },
    config: { config: { trackers: [], iceServers: [], maxFileBytes: 1 }, error: null },
    page: location.href,
  });
  await page.viewport(1280, 720);
  root = document.createElement('div');
  root.id = 'root';
  document.body.append(root);
  mountApp(
    root,
    createApp(
      node,
      browserPlatform({
        version: '0',
        scanner: async () => new FakeScanner(),
        radio: async () => new FakeRadio(),
        fragments: { first: '', watch: () => undefined },
        release: 'test',
      }),
    ),
  );
});

afterAll(async () => {
  render(null, root);
  root.remove();
  node.close();
});

const all = (id: string) => [...root.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
const until = <T>(condition: () => T) => vi.waitUntil(condition, { timeout: 20_000, interval: 20 });
/** The numbers with which the messages in the document begin. */
const inDocument = () => all('message-text').map(({ textContent }) => Number.parseInt(textContent ?? '', 10));
const scroller = () => root.querySelector<HTMLElement>('[role="log"]');

/** Numbers of the messages one can see. */
function inSight(): number[] {
  const { top = 0, bottom = 0 } = scroller()?.getBoundingClientRect() ?? {};
  const seen = all('message-text').filter((text) => {
    const box = text.getBoundingClientRect();
    return box.bottom > top && box.top < bottom;
  });
  return seen.map(({ textContent }) => Number.parseInt(textContent ?? '', 10));
}

const newest = Array.from({ length: KEPT }, (_, index) => MESSAGES - KEPT + 1 + index);

function expectSmall(): void {
  expect(inDocument().length).toBeLessThanOrEqual(MOST_IN_DOCUMENT);
  expect(document.querySelectorAll('*').length).toBeLessThan(MOST_IN_DOCUMENT * 30);
}

test('opens at its end with the newest 50 in the document, having read little', async () => {
  await until(() => all('conversation').length === 1);
  all('conversation')[0]?.click();
  await until(() => inSight().includes(MESSAGES));
  expect(inDocument().slice(-KEPT)).toEqual(newest);
  expectSmall();
  expect(recordsRead).toBeLessThan(500);
});

test('goes back page by page; the newest 50 stay in the document, and the document stays small', async () => {
  for (let oldest = MESSAGES; oldest > MESSAGES - 2_000; oldest = Math.min(...inSight())) {
    scroller()?.scrollTo(0, 0);
    await until(() => inSight().some((number) => number < oldest));
    expectSmall();
  }
  const seen = inSight();
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => Math.min(...seen) + index));
  expect(inDocument().slice(-KEPT)).toEqual(newest);
  expect(recordsRead).toBeLessThan(5_000);
});

test('what I write stands at the end at once, whatever I was reading', async () => {
  const input = all('message-input')[0] as HTMLTextAreaElement;
  input.value = `${MESSAGES + 1} is mine`;
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await until(() => !(all('message-send')[0] as HTMLButtonElement).disabled);
  all('message-send')[0]?.click();
  await until(() => inSight().includes(MESSAGES + 1));
  expect(inDocument().slice(-KEPT)).toEqual([...newest.slice(1), MESSAGES + 1]);
  expectSmall();
});
