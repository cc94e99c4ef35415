import { expect, it } from 'vitest';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { ProfileBook } from '../../../src/core/node/profile.ts';
import { encode } from '../../../src/core/wire/cbor.ts';
import { Village } from '../../fixtures/village.ts';

it('nobody is found by number or hides their address before they say so, and what they say outlives the page', async () => {
  const ana = await new Village().person('Ana');
  const chosen = async () => {
    const { discoverable, relayOnly, relaying } = (await ana.snapshot()).settings;
    return { discoverable, relayOnly, relaying };
  };
  expect(await chosen()).toEqual({ discoverable: false, relayOnly: false, relaying: 262_144 });
  await ana.node.setDiscoverable(true);
  await ana.node.setRelayOnly(true);
  await ana.node.setRelaying(null);
  expect(await chosen()).toEqual({ discoverable: true, relayOnly: true, relaying: null });
  await ana.close();
  await ana.start();
  expect(await chosen()).toEqual({ discoverable: true, relayOnly: true, relaying: null });
});

it('settings of before there was an overlay are kept', async () => {
  const store = new MemoryDisk().reopen();
  const before = { v: 1, trackers: ['wss://a.example'], sendReadReceipts: false };
  await store.commit([{ put: 'meta', key: 'settings', value: encode(before) }], 'strict');
  const book = new ProfileBook(store);
  await book.load();
  expect(book.settings).toMatchObject({ ...before, discoverable: false, relayOnly: false, relaying: 262_144 });
});
