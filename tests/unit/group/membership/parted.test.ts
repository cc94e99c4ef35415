// What ended somebody's place in a group: what they are told of, and no more (members.ts, `partedBy`).
import { expect, it } from 'vitest';
import { sha256 } from '../../../../src/core/crypto/kdf.ts';
import { entryAt } from '../../../../src/core/group/membership/log.ts';
import { membersOf } from '../../../../src/core/group/membership/members-of.ts';
import { idOf, keyOf, Sketch } from '../../../fixtures/group-sketch.ts';

const members = (group: Sketch) => membersOf(group.state().groupId, group.log, sha256);
/** Entries. */
const partedBy = async (group: Sketch, name: string): Promise<number[]> =>
  (await members(group)).partedBy(idOf(name)).map((hash) => group.log.entries.findIndex((one) => one.hash === hash));

it('of one who was removed it is that, not what else happened to those who gave them their place', async () => {
  const group = Sketch.of(['Ana', 'Ben', 'Cleo'], ['Ben']);
  const out = group.remove('Ana', 'Cleo');
  group.leave('Ana', 'Ben');
  expect(await partedBy(group, 'Cleo')).toEqual([out]);
  expect(await partedBy(group, 'Nobody')).toEqual([]);
});

it('of the creator it is their own end', async () => {
  const group = Sketch.of(['Ana', 'Ben']);
  expect(await partedBy(group, 'Ana')).toEqual([]);
  const left = group.leave('Ana', 'Ben');
  group.rename('Ben', 'Ours');
  expect(await partedBy(group, 'Ana')).toEqual([left]);
});

it('of one who was let in while that card was revoked it is the revoking, whoever did it, and no other', async () => {
  const group = Sketch.of(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben', 'Cleo', 'Dora']);
  const [card, another] = [group.card('Ana', 9), group.card('Ana', 9)];
  const base = [another];
  group.addByCard('Ben', 'Zoe', card, { after: base });
  const revoked = group.revoke('Cleo', card, { after: base });
  const end = group.revoke('Cleo', another, { after: [revoked] });
  group.remove('Ana', 'Dora', { after: [end] });
  expect((await members(group)).view.has(idOf('Zoe'))).toBe(false);
  expect(await partedBy(group, 'Zoe')).toEqual([revoked]);
});

it('of one whom somebody invited who had come by a card that was revoked it is that too', async () => {
  const group = Sketch.of(['Ana', 'Ben', 'Cleo'], ['Ben', 'Cleo']);
  const card = group.card('Ana', 9);
  const added = group.addByCard('Ben', 'Zoe', card, { after: [card] });
  const promoted = group.promote('Ben', 'Zoe', { after: [added] });
  group.add('Zoe', 'Yann', { after: [promoted] });
  const revoked = group.revoke('Cleo', card, { after: [card] });
  expect(group.roll()).toBe('Ana* Ben* Cleo*');
  expect(await partedBy(group, 'Yann')).toEqual([revoked]);
});

it('of one whom somebody invited who left at the same time it is that leaving', async () => {
  const group = Sketch.of(['Ana', 'Ben', 'Cleo'], ['Ben']);
  const base = [group.log.size - 1];
  group.add('Ben', 'Zoe', { after: base });
  const left = group.leave('Ben', undefined, { after: base });
  group.leave('Cleo', undefined, { after: base });
  group.seen('Ana');
  expect((await members(group)).view.has(idOf('Zoe'))).toBe(false);
  expect(await partedBy(group, 'Zoe')).toEqual([left]);
});

it('of what a log was lengthened with since, nothing', async () => {
  const group = Sketch.of(['Ana', 'Ben'], ['Ben']);
  const before = await members(group);
  group.remove('Ana', 'Ben');
  expect(before.partedBy(idOf('Ben'))).toEqual([]);
});

it('a message counts by the seat that it was written in', async () => {
  const group = Sketch.of(['Ana', 'Ben']);
  const before = group.log.size - 1;
  const out = group.remove('Ana', 'Ben');
  const again = group.add('Ana', 'Ben');
  const back = group.join('Ben', again);
  const { judge, view } = await members(group);
  const at = (index: number) => [entryAt(group.log, index).hash];
  expect(judge(idOf('Ben'), keyOf('Ben', 1), at(before))).toMatchObject({
    is: 'removed',
    removals: [{ hash: entryAt(group.log, out).hash }],
  });
  expect(judge(idOf('Ben'), keyOf('Ben', 2), at(back))).toEqual({ is: 'member' });
  // With the old key under new heads, and with the new one before it was there.
  expect(judge(idOf('Ben'), keyOf('Ben', 1), at(back))).toEqual({ is: 'not-a-member' });
  expect(judge(idOf('Ben'), keyOf('Ben', 2), at(again))).toEqual({ is: 'not-a-member' });
  expect(view.has(idOf('Ben'))).toBe(true);
});

it('an admin in one of two seats is an admin', async () => {
  const group = Sketch.of(['Ana', 'Ben'], ['Ben']);
  const base = [group.log.size - 1];
  const [first, second] = [group.add('Ana', 'Zoe', { after: base }), group.add('Ben', 'Zoe', { after: base })];
  const joined = [group.join('Zoe', first, { after: [first] }), group.join('Zoe', second, { after: [second] })];
  group.promote('Ana', 'Zoe', { after: joined.slice(0, 1) });
  const { view, includes } = await members(group);
  expect(view.member(idOf('Zoe'))).toMatchObject({ role: 'admin', state: 'joined' });
  const hashes = [first, second].map((index) => entryAt(group.log, index).hash);
  expect([includes(hashes.slice(0, 1), hashes), includes(hashes, hashes.slice(0, 1))]).toEqual([false, true]);
});
