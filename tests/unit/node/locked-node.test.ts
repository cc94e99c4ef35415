// A node behind its lock: it shows nothing, does nothing, and becomes the real one when the passphrase is given.
import { expect, test } from 'vitest';
import { methods } from '../../../src/adapters/tabs/messages.ts';
import { KithError } from '../../../src/core/errors.ts';
import { lockedNode } from '../../../src/core/node/locked-node.ts';
import type { RunningNode } from '../../../src/core/node.ts';
import type { NodeEvent } from '../../../src/core/node-api.ts';
import { emptySnapshot, FakeNode } from '../../fixtures/fake-node.ts';

const config = { config: { trackers: [], iceServers: [], maxFileBytes: 1 }, error: null };

function locked() {
  const inner = new FakeNode({ ...emptySnapshot, lock: { state: 'open', autoLock: 0 } });
  const destroyed: string[] = [];
  const node = lockedNode({
    config,
    destroyEverything: async () => void destroyed.push('all'),
    unlock: async (passphrase) => {
      if (passphrase !== 'right') throw new KithError('passphrase-wrong');
      return Object.assign(inner, { retryNow: () => {}, close: () => {} }) as unknown as RunningNode;
    },
  });
  const events: NodeEvent[] = [];
  node.subscribe((event) => events.push(event));
  return { node, inner, events, destroyed };
}

test('shows nobody and says that it is locked', async () => {
  const { node } = locked();
  const snapshot = await node.snapshot();
  expect(snapshot.lock).toEqual({ state: 'locked', autoLock: 0 });
  expect(snapshot.identity).toBeNull();
  expect(JSON.stringify(snapshot)).not.toMatch(/\d{15}|Ana/);
});

test('refuses everything else, each call in the way in which it can', async () => {
  const { node, inner } = locked();
  const own = ['snapshot', 'lock', 'eraseEverything'];
  for (const method of methods.filter((name) => !own.includes(name))) {
    const call = node[method] as (...args: unknown[]) => Promise<unknown>;
    const answer = await call.call(node).catch((error: unknown) => error);
    expect(answer, method).toMatchObject({ kind: 'lock-closed' });
  }
  expect(await node.lock({ do: 'remove' })).toMatchObject({ ok: false, kind: 'lock-closed' });
  expect(inner.calls).toEqual([]);
});

test('a wrong passphrase changes nothing; the right one tells every listener, and the real node answers from then on', async () => {
  const { node, inner, events } = locked();
  expect(await node.lock({ do: 'unlock', passphrase: 'wrong' })).toMatchObject({ ok: false, kind: 'passphrase-wrong' });
  expect(events).toEqual([]);
  expect(await node.lock({ do: 'unlock', passphrase: 'right' })).toMatchObject({ ok: true });
  expect(events).toMatchObject([{ type: 'snapshot', snapshot: { lock: { state: 'open' } } }]);
  await node.setNickname('c1', 'B');
  expect(inner.called('setNickname')).toHaveLength(1);
  inner.emit({ type: 'cleared', conversationId: 'c1' });
  expect(events.at(-1)).toEqual({ type: 'cleared', conversationId: 'c1' });
});

test('two attempts at once are one after the other, and the second finds it open', async () => {
  const { node, events } = locked();
  const both = await Promise.all([
    node.lock({ do: 'unlock', passphrase: 'right' }),
    node.lock({ do: 'unlock', passphrase: 'right' }),
  ]);
  expect(both.every(({ ok }) => ok)).toBe(true);
  expect(events).toHaveLength(1);
});

test('erases everything without a passphrase, and every tab begins anew', async () => {
  const { node, events, destroyed } = locked();
  expect(await node.eraseEverything()).toMatchObject({ ok: true });
  expect(destroyed).toEqual(['all']);
  expect(events).toEqual([{ type: 'erased' }]);
});

test('is handed on by promises as it is', async () => {
  const { node } = locked();
  expect(await Promise.resolve(node)).toBe(node);
});
