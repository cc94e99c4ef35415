// What contacts introduce me to, at a desk of its own: floods, repeats, time, and a disk that is full.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../../src/adapters/memory/random.ts';
import { MemoryDisk } from '../../../../src/adapters/memory/store.ts';
import { toHex } from '../../../../src/core/bytes/hex.ts';
import { encodeBundle } from '../../../../src/core/identity/bundle.ts';
import {
  type Introducer,
  ReceivedIntroductions,
} from '../../../../src/core/pairing/introductions/received-introductions.ts';
import type { Agreement } from '../../../../src/core/pairing/mailbox/phase.ts';
import type { Promising } from '../../../../src/core/pairing/promise.ts';
import { silentLog } from '../../../../src/core/ports/log.ts';
import type { Introduce } from '../../../../src/core/wire/introduction-messages.ts';
import { ana, ben, cleo } from '../../../fixtures/people.ts';
import { settle } from '../../../fixtures/until.ts';

const DAY = 86_400_000;
const random = seededRandom(8);

let clock: MemoryClock;
let disk: MemoryDisk;
let desk: ReceivedIntroductions;
let introducers: Map<string, Introducer>;
let known: Map<string, 'contact' | 'blocked'>;
/** What first contact was asked for, in order. */
let asked: string[];

/** Ben’s page opens on what the disk has. */
async function open(): Promise<void> {
  desk = new ReceivedIntroductions({
    self: ben.fingerprint,
    store: disk.reopen(),
    clock,
    log: silentLog,
    introducer: (contactId) => introducers.get(contactId),
    standing: (fingerprint) => known.get(toHex(fingerprint)) ?? 'stranger',
    meet: async ({ theirs, introduction }: Promising) => {
      asked.push(`meet ${toHex(theirs.fingerprint)} by ${introduction?.by}`);
    },
    part: async ({ theirs }: Agreement) => {
      asked.push(`part ${toHex(theirs.fingerprint)}`);
    },
    changed: () => undefined,
  });
  await desk.load();
}

beforeEach(async () => {
  clock = new MemoryClock();
  disk = new MemoryDisk();
  introducers = new Map([
    ['ana', { fingerprint: ana.fingerprint, name: 'Ana', verified: true }],
    ['dora', { fingerprint: random.bytes(32), name: 'Dora', verified: false }],
  ]);
  known = new Map();
  asked = [];
  await open();
});

const ofCleo = (more: Partial<Introduce> = {}): Introduce => ({
  type: 'introduce',
  id: new Uint8Array(16).fill(1),
  secret: new Uint8Array(32).fill(2),
  bundle: cleo.bundle,
  name: 'Cleo',
  life: 14 * DAY,
  ...more,
});

/** Of somebody nobody has heard of. */
const ofAnybody = (): Introduce =>
  ofCleo({
    id: random.bytes(16),
    bundle: encodeBundle({ signing: random.bytes(32), dh: random.bytes(32) }),
  });

const cleos = toHex(cleo.fingerprint);
const states = () => desk.list().map(({ state }) => state);
const key = () => desk.list()[0]?.key ?? '';
const records = () => disk.written.get('introductions')?.size ?? 0;

describe('what comes', () => {
  it('is asked once, however often it is said, and its name is cleaned', async () => {
    for (let times = 3; times > 0; times -= 1) await desk.receive('ana', ofCleo({ name: ' Cl\u202eeo\u0000 ' }));
    expect(desk.list()).toMatchObject([{ state: 'asked', name: 'Cleo', by: 'ana', number: '' }]);
    await desk.answer(key(), 'refuse');
    await desk.receive('ana', ofCleo());
    expect(desk.list()).toEqual([]);
    await open();
    await desk.receive('ana', ofCleo());
    expect([desk.list(), records()]).toEqual([[], 1]);
  });

  it('as a flood asks eight times at most, costs a hundred records a day, and starves nobody else', async () => {
    for (let left = 30; left > 0; left -= 1) await desk.receive('ana', ofAnybody());
    expect(states()).toEqual(Array(8).fill('asked'));
    // Who answers at once is not asked for ever.
    for (let left = 110; left > 0; left -= 1) {
      for (const one of desk.list()) await desk.answer(one.key, 'refuse');
      await desk.receive('ana', ofAnybody());
    }
    expect(records()).toBe(100);
    await desk.receive('dora', ofCleo());
    expect(desk.list().map(({ by }) => by)).toContain('dora');
  });

  it('by somebody whose key was never checked asks once, and a yes is refused until it is', async () => {
    await desk.receive('dora', ofCleo());
    await desk.receive('dora', ofAnybody());
    expect(states()).toEqual(['asked']);
    await expect(desk.answer(key(), 'accept')).rejects.toMatchObject({ kind: 'introduction-unverified' });
    expect([states(), asked]).toEqual([['asked'], []]);
    introducers.set('dora', { fingerprint: random.bytes(32), name: 'Dora', verified: true });
    await desk.answer(key(), 'accept');
    expect([states(), asked]).toEqual([['accepted'], [`meet ${cleos} by dora`]]);
  });

  it('with keys that nobody can have made, of another version, or of nobody new, is not kept', async () => {
    const zeros = new Uint8Array(65);
    const bundles = [zeros, zeros.with(0, 1), zeros.with(0, 2), cleo.bundle.with(0, 9), ben.bundle, ana.bundle];
    for (const [index, bundle] of bundles.entries())
      await desk.receive('ana', ofCleo({ bundle, id: new Uint8Array(16).fill(50 + index) }));
    await desk.receive('ana', ofCleo({ life: 0 }));
    await desk.receive('nobody', ofCleo());
    known.set(cleos, 'blocked');
    await desk.receive('ana', ofCleo());
    expect(records()).toBe(0);
  });

  it('about the same person again takes the place of the older, whose keys lead nowhere any more', async () => {
    await desk.receive('ana', ofCleo());
    await desk.answer(key(), 'accept');
    await desk.receive('ana', ofCleo({ id: new Uint8Array(16).fill(9), secret: new Uint8Array(32).fill(9) }));
    expect(states()).toEqual(['asked']);
    expect(key()).toBe(`ana/${'09'.repeat(16)}`);
    expect(asked).toEqual([`meet ${cleos} by ana`, `part ${cleos}`]);
  });

  it('under the id of somebody else’s is another one, and is not withdrawn by them', async () => {
    await desk.receive('ana', ofCleo());
    await desk.receive('dora', ofAnybody());
    await desk.withdrawn('dora', ofCleo().id);
    expect(states()).toEqual(['asked', 'asked']);
    await desk.withdrawn('ana', ofCleo().id);
    expect(desk.list().map(({ by }) => by)).toEqual(['dora']);
  });

  it('while the disk is full is refused, so that it is said again', async () => {
    disk.commitsUntilFull = 0;
    await expect(desk.receive('ana', ofCleo())).rejects.toMatchObject({ kind: 'disk-full' });
    expect(desk.list()).toEqual([]);
    disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await desk.receive('ana', ofCleo());
    expect(states()).toEqual(['asked']);
  });
});

describe('the answer', () => {
  it('is not taken as given when it could not be written', async () => {
    await desk.receive('ana', ofCleo());
    disk.commitsUntilFull = 0;
    await expect(desk.answer(key(), 'accept')).rejects.toMatchObject({ kind: 'disk-full' });
    expect(states()).toEqual(['asked']);
  });

  it('given twice, by two tabs, is given once', async () => {
    await desk.receive('ana', ofCleo());
    const one = key();
    await Promise.all([desk.answer(one, 'accept'), desk.answer(one, 'accept')]);
    expect([states(), asked]).toEqual([['accepted'], [`meet ${cleos} by ana`]]);
    await Promise.all([desk.answer(one, 'refuse'), desk.answer(one, 'refuse')]);
    await expect(desk.answer(one, 'accept')).rejects.toMatchObject({ kind: 'introduction-gone' });
    await expect(desk.answer('ana/none', 'accept')).rejects.toMatchObject({ kind: 'introduction-gone' });
  });

  it('outlives the page: whom I said yes to is looked for again', async () => {
    await desk.receive('ana', ofCleo());
    await desk.answer(key(), 'accept');
    disk.crash();
    await open();
    expect([states(), asked]).toEqual([['accepted'], [`meet ${cleos} by ana`, `meet ${cleos} by ana`]]);
  });
});

describe('time and contacts', () => {
  it('a question nobody answers goes after two weeks; a yes that nobody met says so, for two more', async () => {
    await desk.receive('ana', ofCleo());
    await desk.receive('ana', ofAnybody());
    await desk.answer(key(), 'accept');
    await clock.advance(14 * DAY - 1, settle);
    expect(states()).toEqual(['accepted', 'asked']);
    await clock.advance(1, settle);
    expect(desk.list()).toMatchObject([{ state: 'lapsed', name: 'Cleo' }]);
    expect(asked).toContain(`part ${cleos}`);
    await desk.answer(key(), 'refuse');
    expect(desk.list()).toEqual([]);
  });

  it('whoever became a contact is waited for no more; a question about them stays until it is read', async () => {
    await desk.receive('ana', ofCleo());
    await desk.answer(key(), 'accept');
    known.set(cleos, 'contact');
    await desk.refresh();
    expect(desk.list()).toEqual([]);
    await desk.receive('ana', ofCleo({ id: new Uint8Array(16).fill(3) }));
    expect(states()).toEqual(['asked']);
    await desk.answer(key(), 'accept');
    expect([desk.list(), asked.filter((each) => each.startsWith('meet')).length]).toEqual([[], 1]);
  });

  it('nobody’s word is nobody’s question: the introducer was removed, or whom they introduce blocked', async () => {
    await desk.receive('ana', ofCleo());
    await desk.answer(key(), 'accept');
    introducers.delete('ana');
    await desk.refresh();
    expect([desk.list(), asked.at(-1)]).toEqual([[], `part ${cleos}`]);
  });

  it('what is over is forgotten when it can do no more harm', async () => {
    await desk.receive('ana', ofCleo({ life: 60_000 }));
    await desk.answer(key(), 'refuse');
    expect(records()).toBe(1);
    await clock.advance(DAY, settle);
    await desk.refresh();
    expect(records()).toBe(0);
  });
});
