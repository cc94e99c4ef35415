// What a person does about groups, where it can be told before anything is done that it cannot be done.
import { expect, it } from 'vitest';
import { kindOf } from '../../../src/core/errors.ts';
import { type GroupRoom, groupDeeds } from '../../../src/core/node/groups/group-deeds.ts';

it('nobody is added who was to see what was written before, where it can be shared with too few', async () => {
  const done: string[] = [];
  const group = {
    sharesLeft: 1,
    act: async () => {
      done.push('add');
      return { subject: 'somebody' };
    },
    share: async () => void done.push('share'),
  };
  const { addMembers } = groupDeeds({
    groups: { get: () => ({ group }) },
    book: { get: () => ({ bundle: new Uint8Array(65), mine: 'accepted', nickname: 'Somebody' }) },
    attempt: (work: () => Promise<unknown>) => work().then(() => ({ ok: true }), kindOf),
  } as unknown as GroupRoom);
  expect(await addMembers('group', ['ben', 'cleo'], true)).toBe('group-shares-full');
  expect(done).toEqual([]);
  expect(await addMembers('group', ['ben', 'cleo'], false)).toEqual({ ok: true });
  expect(await addMembers('group', ['ben'], true)).toEqual({ ok: true });
  expect(done).toEqual(['add', 'add', 'add', 'share']);
});
