// The list of contacts: changes that come together are all kept, and what cannot be read stays as it is.
import { expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { CardContacts } from '../../../src/core/node/card-contacts.ts';
import { type Contact, ContactBook } from '../../../src/core/node/contact-book.ts';
import { ProfileBook } from '../../../src/core/node/profile.ts';
import { afterHello, isOutlived } from '../../../src/core/node/standing.ts';
import type { Candidate } from '../../../src/core/pairing/contact-book.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import type { Write } from '../../../src/core/ports/store.ts';
import { encode } from '../../../src/core/wire/cbor.ts';
import { ben, cleo } from '../../fixtures/people.ts';

const DAY_MS = 86_400_000;
const inPerson = { verified: true, way: 'card' } as const;

const candidate = ({ bundle, fingerprint }: typeof ben, secret = 1): Candidate => ({
  bundle,
  fingerprint,
  name: 'Ben',
  pairSecret: new Uint8Array(32).fill(secret),
});

function open(disk = new MemoryDisk()) {
  const clock = new MemoryClock();
  const store = disk.reopen();
  const book = new ContactBook(store, clock, seededRandom(1), silentLog, () => {});
  const cards = new CardContacts(book, { changed: () => {} });
  const commit = (writes: readonly Write[]) => store.commit(writes, 'strict');
  return { disk, clock, store, book, cards, commit };
}

async function withBen() {
  const all = open();
  await all.cards.taken(candidate(ben), 'card', all.commit);
  const known = all.book.byFingerprint(ben.fingerprint) as Contact;
  return { ...all, known };
}

it('an edit made while a card is being committed is not lost, nor is what the card brought', async () => {
  const { book, cards, store, known } = await withBen();
  let letThrough = () => {};
  const slow = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  const renewing = cards.accepted(candidate(ben, 2), inPerson, async (writes) => {
    await slow;
    await store.commit(writes, 'strict');
  });
  const editing = book.edit(known.id, (contact) => ({ ...contact, nickname: 'Benny', number: '1' }));
  letThrough();
  await Promise.all([renewing, editing]);
  const { disk } = store;
  for (const { book: one } of [{ book }, open(disk)]) {
    if (one !== book) await one.load();
    expect(one.get(known.id)).toMatchObject({ nickname: 'Benny', number: '1', theirs: 'accepted' });
    expect(one.get(known.id)?.secrets).toHaveLength(2);
  }
});

it('a card that finds no room changes nothing, and the next change goes on from what is on the disk', async () => {
  const { book, cards, commit, disk, known } = await withBen();
  disk.commitsUntilFull = 0;
  await expect(cards.accepted(candidate(ben, 2), inPerson, commit)).rejects.toMatchObject({ kind: 'disk-full' });
  disk.commitsUntilFull = Number.POSITIVE_INFINITY;
  await book.edit(known.id, (contact) => ({ ...contact, nickname: 'Benny' }));
  expect(book.get(known.id)).toMatchObject({ nickname: 'Benny', theirs: 'waiting' });
  expect(book.get(known.id)?.secrets).toHaveLength(1);
});

it('a contact who comes back by a card while they are being forgotten stays', async () => {
  const { book, cards, commit, known } = await withBen();
  const removed = (contact: Contact) => contact.mine === 'removed';
  await book.edit(known.id, (contact) => ({ ...contact, mine: 'removed' }));
  await Promise.all([
    cards.accepted(candidate(ben, 2), { verified: false, way: 'card' }, commit),
    book.eraseIf(known.id, removed),
  ]);
  expect(book.get(known.id)).toMatchObject({ mine: 'accepted' });
});

it('a record that makes no sense keeps nobody else out and stays on the disk', async () => {
  const { store, disk, cards, commit } = await withBen();
  await cards.taken(candidate(cleo), 'card', commit);
  const nonsense = encode({ v: 99 });
  await store.commit([{ put: 'contacts', key: 'newer', value: nonsense }], 'strict');
  const { book } = open(disk);
  await book.load();
  expect(book.all()).toHaveLength(2);
  expect(disk.written.get('contacts')?.get('newer')).toEqual(nonsense);
});

it('somebody removed is kept for 30 days from then, however long they had been a contact', async () => {
  const { known } = await withBen();
  const removed: Contact = { ...known, mine: 'removed', removedAt: known.createdAt + 400 * DAY_MS };
  expect(isOutlived(removed, known.createdAt + 429 * DAY_MS)).toBe(false);
  expect(isOutlived(removed, known.createdAt + 431 * DAY_MS)).toBe(true);
  expect(isOutlived(known, known.createdAt + 431 * DAY_MS)).toBe(false);
});

it('the name of somebody removed does not come back with their greeting', async () => {
  const { known } = await withBen();
  const removed: Contact = { ...known, mine: 'removed', theirName: '' };
  expect(afterHello(removed, { standing: 'accepted' }, 'Ben').theirName).toBe('');
});

it('a new name and the number, when they come together, are both kept', async () => {
  const { store, disk } = open();
  const profile = new ProfileBook(store);
  await profile.create('Ana', seededRandom(1));
  await Promise.all([profile.edit({ name: 'Anna' }), profile.edit({ number: '123' })]);
  const again = new ProfileBook(disk.reopen());
  await again.load();
  expect(again.profile).toMatchObject({ name: 'Anna', number: '123' });
});

it('settings that make no sense are those of the start, and the person is let in', async () => {
  const { store, disk } = open();
  await new ProfileBook(store).create('Ana', seededRandom(1));
  await store.commit([{ put: 'meta', key: 'settings', value: encode({ v: 2 }) }], 'strict');
  const again = new ProfileBook(disk.reopen());
  await again.load();
  expect(again.settings.sendReadReceipts).toBe(true);
  expect(again.identity).toBeDefined();
});

it('what the other side says is known without room for it, and on the disk once it is kept, or anything else of them is written', async () => {
  for (const later of ['keep', 'edit'] as const) {
    const { disk, book, known } = await withBen();
    disk.commitsUntilFull = 0;
    const hear = (before: Contact) => afterHello(before, { standing: 'blocked' }, 'Benno');
    const keep = () => book.edit(known.id, (before) => before);
    const heard = await book.edit(known.id, hear, 'later');
    expect(heard).toMatchObject({ theirs: 'blocked', theirName: 'Benno' });
    await expect(keep()).rejects.toMatchObject({ kind: 'disk-full' });
    expect(book.get(known.id)).toBe(heard);
    const stored = async () => {
      const { book: anew } = open(disk);
      await anew.load();
      return anew.get(known.id);
    };
    expect(await stored()).toEqual(known);

    disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    if (later === 'keep') await keep();
    else await book.edit(known.id, (before) => ({ ...before, nickname: 'B' }));
    expect(await stored()).toMatchObject({ theirs: 'blocked', theirName: 'Benno' });
    const { commits } = disk;
    await keep();
    expect(disk.commits).toBe(commits);
  }
});
