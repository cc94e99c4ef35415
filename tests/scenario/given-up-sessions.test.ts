// Whole nodes: a session that one side gives up as soon as it has begun is not made anew at once. Whoever is only cut off, leaves or reloads comes back at once.
import { beforeEach, expect, it } from 'vitest';
import { KithError } from '../../src/core/errors.ts';
import { Session } from '../../src/core/session/session.ts';
import { lose } from '../fixtures/returning.ts';
import { Village, type Villager } from '../fixtures/village.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** More than signalling and a handshake take, less than the first back-off may. */
const AT_ONCE_MS = 1500;

let village: Village;
let ana: Villager;
let ben: Villager;

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  await village.introduce(ana, ben);
});

const handshakes = async (person: Villager) => (await person.node.diagnostics()).session.handshakes;
const live = async () => (await ben.node.diagnostics()).session.live;

async function within(milliseconds: number): Promise<void> {
  const began = village.clock.now();
  await village.together(ana, ben);
  expect(village.clock.now() - began).toBeLessThanOrEqual(milliseconds);
}

it('one that fails each time: less and less often, and they are together again soon after it is mended', async () => {
  ben.beforeCommit = async (writes) => {
    if (writes.some((write) => 'put' in write && write.put === 'contacts')) throw new KithError('storage-unavailable');
  };
  await ana.node.rename('Anna');
  const counts: number[] = [];
  for (let minute = 0; minute < 10; minute += 1) {
    const before = await handshakes(ben);
    await village.pass(MINUTE);
    counts.push((await handshakes(ben)) - before);
  }
  expect(counts[0]).toBeLessThanOrEqual(12);
  expect(counts.slice(1).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2 * 9 + 3);
  ben.beforeCommit = async () => {};
  await within(2 * MINUTE);
  // Forgotten once a session has lived for a while.
  await village.pass(MINUTE);
  expect(await live()).toBe(1);
});

it('one in which authenticated nonsense is said: the same', async () => {
  const { send } = Session.prototype;
  Session.prototype.send = function (payload) {
    return send.call(this, typeof payload === 'function' ? Uint8Array.of(0xff) : payload);
  };
  try {
    await ana.close();
    await ana.start();
    await village.pass(MINUTE);
    const before = await handshakes(ben);
    await village.pass(5 * MINUTE);
    expect((await handshakes(ben)) - before).toBeLessThanOrEqual(15);
  } finally {
    Session.prototype.send = send;
  }
  await within(2 * MINUTE);
});

it('a page that closes and one that dies are met again at once, also right after the session began', async () => {
  for (let times = 0; times < 4; times += 1) {
    await ana.close();
    await ana.start();
    await village.until(async () => (await ana.with(ben))?.presence === 'online');
    await within(AT_ONCE_MS);
    await lose(village, ana);
    await ana.start();
    await within(AT_ONCE_MS);
  }
});

it('a session that the person moves to other links comes back at once', async () => {
  const relayOnly = async (is: boolean) => expect((await ana.node.setRelayOnly(is)).ok).toBe(true);
  await relayOnly(true);
  await relayOnly(false);
  await within(3 * SECOND);
});
