// The passphrase in whole nodes: who locks says goodbye and hears nothing, what comes meanwhile waits at its sender.
import { expect, it } from 'vitest';
import type { NodeEvent } from '../../src/core/node-api.ts';
import { RememberedVault } from '../fixtures/remembered-vault.ts';
import { Village } from '../fixtures/village.ts';

async function two() {
  const village = new Village();
  const [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
  await village.introduce(ana, ben);
  await ana.close();
  const vault = new RememberedVault();
  const events: NodeEvent['type'][] = [];
  const open = async () => {
    ana.vault = { isProtected: vault.isProtected, open: async () => vault };
    await ana.start();
    ana.node.subscribe(({ type }) => events.push(type));
  };
  await open();
  await village.together(ana, ben);
  return { village, ana, ben, vault, events, open };
}

it('locked: goodbye is said, nothing is taken, and what was written meanwhile arrives after unlocking, once', async () => {
  const { village, ana, ben, events, open } = await two();
  expect((await ana.snapshot()).lock).toEqual({ state: 'none', autoLock: 0 });
  expect(await village.outcome(ana.node.lock({ do: 'set', passphrase: 'four words by dice' }))).toMatchObject({
    ok: true,
  });
  expect((await ana.snapshot()).lock).toEqual({ state: 'open', autoLock: 0 });
  await ana.node.lock({ do: 'now' });
  expect(events.at(-1)).toBe('locked');
  await village.until(async () => (await ben.with(ana))?.presence === 'offline', 'Ben sees that Ana has gone');
  await ben.write(ana, 'meanwhile');
  await village.pass(60_000);
  expect(await ben.states(ana)).toEqual(['queued']);
  await open();
  await village.until(async () => (await ben.states(ana))[0] === 'delivered', 'it arrives');
  expect(await ana.texts(ben, 'in')).toEqual(['meanwhile']);
});

it('locks by itself after the chosen time without anybody, and the choice is kept', async () => {
  const { village, ana, events, open } = await two();
  await village.outcome(ana.node.lock({ do: 'set', passphrase: 'four words by dice' }));
  await village.outcome(ana.node.lock({ do: 'auto', minutes: 1 }));
  for (let i = 0; i < 5; i++) {
    await village.pass(50_000);
    await ana.node.lock({ do: 'used' });
  }
  expect(events).not.toContain('locked');
  await village.pass(61_000);
  expect(events.filter((type) => type === 'locked')).toHaveLength(1);
  await open();
  expect((await ana.snapshot()).lock).toEqual({ state: 'open', autoLock: 1 });
  await village.pass(61_000);
  expect(events.filter((type) => type === 'locked')).toHaveLength(2);
});

it('a passphrase that is too short or wrong is refused with its reason; taken away, nothing locks any more', async () => {
  const { village, ana, vault, events } = await two();
  const deed = (what: Parameters<typeof ana.node.lock>[0]) => village.outcome(ana.node.lock(what));
  expect(await deed({ do: 'set', passphrase: 'short' })).toMatchObject({
    kind: 'passphrase-short',
    detail: { limit: 8 },
  });
  expect(vault.isProtected).toBe(false);
  await deed({ do: 'set', passphrase: 'four words by dice' });
  expect(await deed({ do: 'change', current: 'not it', passphrase: 'four other words' })).toMatchObject({
    kind: 'passphrase-wrong',
  });
  expect(await deed({ do: 'change', current: 'four words by dice', passphrase: 'short' })).toMatchObject({
    kind: 'passphrase-short',
  });
  await deed({ do: 'auto', minutes: 1 });
  expect(await deed({ do: 'remove' })).toMatchObject({ ok: true });
  expect((await ana.snapshot()).lock).toEqual({ state: 'none', autoLock: 0 });
  await ana.node.lock({ do: 'now' });
  await village.pass(300_000);
  expect(events).not.toContain('locked');
});
