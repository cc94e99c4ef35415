// Whole nodes: one of two people removes, blocks or declines the other while a session lives between them.
import { beforeEach, describe, expect, it } from 'vitest';
import { Village, type Villager } from '../fixtures/village.ts';

/** A round trip and a few commits: what "at once" may take, milliseconds. */
const AT_ONCE_MS = 1_000;
/** Longer than any handshake, back-off or heartbeat. */
const A_WHILE_MS = 300_000;

let village: Village;
let ana: Villager;
let ben: Villager;

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  await village.introduce(ana, ben);
});

const live = async () => (await ana.node.diagnostics()).session.live + (await ben.node.diagnostics()).session.live;

async function expectApart() {
  expect(await live()).toBe(0);
  expect(await ben.with(ana)).toMatchObject({ state: 'declined', presence: 'offline', route: 'none' });
  expect((await ana.with(ben))?.presence ?? 'offline').toBe('offline');
}

describe.each([0, 20, 300])('with a disk that takes %i ms', (commitMs) => {
  beforeEach(() => {
    ana.commitMs = commitMs;
    ben.commitMs = commitMs;
  });

  it.each(['removeContact', 'block'] as const)(
    '%s: the other hears it at once, and both are apart for good',
    async (part) => {
      const parted = ana.node[part](await ana.idOf(ben));
      await village.pass(AT_ONCE_MS + 4 * commitMs);
      await expectApart();
      await village.pass(A_WHILE_MS);
      await expectApart();
      expect(await parted).toMatchObject({ ok: true });
      expect(ana.disk.written.get('contacts')?.size ?? 0).toBe(part === 'block' ? 1 : 0);
    },
  );

  it('both remove each other in the same moment', async () => {
    const parted = [ana.node.removeContact(await ana.idOf(ben)), ben.node.removeContact(await ben.idOf(ana))];
    await village.pass(A_WHILE_MS);
    expect(await Promise.all(parted)).toEqual([
      { ok: true, value: undefined },
      { ok: true, value: undefined },
    ]);
    expect(await live()).toBe(0);
    for (const person of [ana, ben]) expect(person.disk.written.get('contacts')?.size ?? 0).toBe(0);
  });

  it('blocked and let in again before the other could answer: they go on talking', async () => {
    const id = await ana.idOf(ben);
    const changed = [ana.node.block(id), ana.node.unblock(id)];
    await village.pass(A_WHILE_MS);
    await Promise.all(changed);
    await village.together(ana, ben);
    ben.commitMs = 0;
    await ben.write(ana, 'no harm done');
    await village.until(async () => (await ana.texts(ben, 'in')).join() === 'no harm done');
  });
});

it('declined: neither shows the other as online, nor stays connected', async () => {
  const cleo = await village.person('Cleo');
  await cleo.node.takeCard((await ana.snapshot()).card?.text ?? '');
  await village.until(async () => (await ana.snapshot()).requests.length === 1);
  await cleo.close();
  await cleo.start();
  await village.until(async () => (await cleo.with(ana))?.state === 'waiting');
  await ana.node.answerRequest((await ana.snapshot()).requests[0]?.id ?? '', 'refuse');
  await village.until(async () => (await cleo.with(ana))?.state === 'declined');
  await village.pass(AT_ONCE_MS);
  expect(await cleo.with(ana)).toMatchObject({ presence: 'offline', route: 'none' });
  expect((await cleo.node.diagnostics()).session.live).toBe(0);
  expect((await ana.node.diagnostics()).session.live).toBe(1);
});
