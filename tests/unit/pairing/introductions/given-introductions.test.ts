// Whom I introduce, at a desk of its own: what is said to whom, how often, and until when.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../../src/adapters/memory/random.ts';
import { MemoryDisk } from '../../../../src/adapters/memory/store.ts';
import { fromHex } from '../../../../src/core/bytes/hex.ts';
import { decodeGiven } from '../../../../src/core/pairing/introductions/given.ts';
import { type Described, GivenIntroductions } from '../../../../src/core/pairing/introductions/given-introductions.ts';
import { silentLog } from '../../../../src/core/ports/log.ts';
import type { Introduce, IntroductionMessage } from '../../../../src/core/wire/introduction-messages.ts';
import { ben, cleo } from '../../../fixtures/people.ts';
import { settle } from '../../../fixtures/until.ts';

const DAY = 86_400_000;

let clock: MemoryClock;
let disk: MemoryDisk;
let desk: GivenIntroductions;
let contacts: Map<string, Described>;

async function open(seed = 5): Promise<void> {
  desk = new GivenIntroductions({
    store: disk.reopen(),
    clock,
    random: seededRandom(seed),
    log: silentLog,
    contact: (contactId) => contacts.get(contactId),
    changed: () => undefined,
  });
  await desk.load();
}

const described = (name: string, more: Partial<Described> = {}): Described => ({
  bundle: ben.bundle,
  name,
  verified: true,
  ...more,
});

beforeEach(async () => {
  clock = new MemoryClock();
  disk = new MemoryDisk();
  contacts = new Map([
    ['ben', described('Ben', { bundle: ben.bundle })],
    ['cleo', described('Cleo', { bundle: cleo.bundle })],
    ['dora', described('Dora', { verified: false })],
  ]);
  await open();
});

/** Somebody is here, and hears what is said. */
function session(contactId: string): IntroductionMessage[] {
  const heard: IntroductionMessage[] = [];
  desk.attach(contactId, async (message) => void heard.push(message));
  return heard;
}

const types = (heard: readonly IntroductionMessage[]) => heard.map(({ type }) => type);
const secretOnDisk = (id: string) => {
  const bytes = disk.written.get('introductions')?.get(`mine/${id}`);
  return bytes && decodeGiven(bytes).secret;
};

describe('what is said', () => {
  it('is the same secret to both and to each the other’s keys, once in a session, until they confirm', async () => {
    const bens = session('ben');
    const id = await desk.make('ben', 'cleo');
    const cleos = session('cleo');
    expect(bens).toMatchObject([
      { type: 'introduce', id: fromHex(id), name: 'Cleo', bundle: cleo.bundle, life: 14 * DAY },
    ]);
    expect(cleos).toMatchObject([{ name: 'Ben', bundle: ben.bundle, secret: (bens[0] as Introduce).secret }]);
    await desk.refresh();
    expect([bens.length, cleos.length]).toEqual([1, 1]);
    // Ben’s session ends before he has confirmed; days later he hears it again, for as long as is left.
    desk.detach('ben');
    await clock.advance(3 * DAY, settle);
    expect(session('ben')).toMatchObject([{ type: 'introduce', life: 11 * DAY }]);
    await desk.confirmed('ben', { id: fromHex(id), of: 'introduction' });
    expect([session('ben'), desk.list()[0]?.sides.map(({ delivered }) => delivered)]).toEqual([[], [true, false]]);
    expect(secretOnDisk(id)).toBeDefined();
    await desk.confirmed('cleo', { id: fromHex(id), of: 'introduction' });
    expect(secretOnDisk(id)).toBeUndefined();
  });

  it('waits for the keys of somebody whom a mailbox brought and who was never met', async () => {
    contacts.set('cleo', described('Cleo', { bundle: undefined }));
    await desk.make('ben', 'cleo');
    const [bens, cleos] = [session('ben'), session('cleo')];
    expect([types(bens), types(cleos)]).toEqual([[], ['introduce']]);
    contacts.set('cleo', described('Cleo', { bundle: cleo.bundle }));
    await desk.refresh();
    expect(types(bens)).toEqual(['introduce']);
  });

  it('is not said after two weeks, and then forgotten', async () => {
    const id = await desk.make('ben', 'cleo');
    await clock.advance(14 * DAY, settle);
    expect([session('ben'), desk.list(), secretOnDisk(id)]).toEqual([[], [], undefined]);
    expect(disk.written.get('introductions')?.size).toBe(0);
  });

  it('by somebody who is not in it confirms nothing', async () => {
    const id = await desk.make('ben', 'cleo');
    await desk.confirmed('dora', { id: fromHex(id), of: 'introduction' });
    await desk.confirmed('ben', { id: new Uint8Array(16), of: 'introduction' });
    expect(desk.list()[0]?.sides.map(({ delivered }) => delivered)).toEqual([false, false]);
  });

  it('outlives the page', async () => {
    const id = await desk.make('ben', 'cleo');
    disk.crash();
    await open(6);
    expect(session('cleo')).toMatchObject([{ type: 'introduce', id: fromHex(id) }]);
  });
});

describe('thinking better of it', () => {
  it('is told to both until they confirm, and the introduction no more', async () => {
    const id = await desk.make('ben', 'cleo');
    const bens = session('ben');
    await desk.withdraw(id);
    expect(types(bens)).toEqual(['introduce', 'introduce-withdraw']);
    expect([types(session('cleo')), desk.list(), secretOnDisk(id)]).toEqual([['introduce-withdraw'], [], undefined]);
    await desk.confirmed('cleo', { id: fromHex(id), of: 'withdrawal' });
    expect(session('cleo')).toEqual([]);
    await desk.withdraw(id);
    await desk.withdraw('none');
    expect(types(session('ben'))).toEqual(['introduce-withdraw']);
  });

  it('is what becomes of it when one of them is no contact any more', async () => {
    await desk.make('ben', 'cleo');
    contacts.delete('cleo');
    await desk.refresh();
    expect([types(session('ben')), desk.list()]).toEqual([['introduce-withdraw'], []]);
  });
});

describe('who may be introduced', () => {
  it.each([
    ['somebody and themselves', 'ben', 'ben', 'not-a-contact'],
    ['somebody who is no contact', 'ben', 'nobody', 'not-a-contact'],
    ['to whom I never checked', 'ben', 'dora', 'introduction-unverified'],
    ['whom I never checked', 'dora', 'ben', 'introduction-unverified'],
  ])('not %s', async (_, one, other, kind) => {
    await expect(desk.make(one, other)).rejects.toMatchObject({ kind });
    expect(disk.written.get('introductions')?.size ?? 0).toBe(0);
  });

  it('nobody to more than eight at a time, or a hundred times a day: what the other side would drop is not sent', async () => {
    for (let other = 0; other < 9; other += 1) contacts.set(`p${other}`, described(`P${other}`));
    for (let other = 0; other < 8; other += 1) await desk.make('ben', `p${other}`);
    await expect(desk.make('p8', 'ben')).rejects.toMatchObject({ kind: 'introduction-too-many', detail: { limit: 8 } });
    await desk.make('p8', 'cleo');
    for (let times = 8; times < 100; times += 1) {
      await desk.withdraw(desk.list().find(({ sides }) => sides[0].contactId === 'ben')?.id ?? '');
      await desk.make('ben', `p${times % 8}`);
    }
    await desk.withdraw(desk.list().find(({ sides }) => sides[0].contactId === 'ben')?.id ?? '');
    await expect(desk.make('ben', 'p8')).rejects.toMatchObject({ detail: { limit: 100 } });
    await clock.advance(DAY, settle);
    await desk.make('ben', 'p8');
  });
});

it('what could not be written was not done', async () => {
  disk.commitsUntilFull = 0;
  await expect(desk.make('ben', 'cleo')).rejects.toMatchObject({ kind: 'disk-full' });
  expect([desk.list(), session('ben')]).toEqual([[], []]);
});
