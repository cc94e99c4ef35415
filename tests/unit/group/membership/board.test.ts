// What an operation does to the group, and when it does nothing, whoever had it taken in (GROUP.md, "What counts").
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../src/core/bytes/hex.ts';
import { sha256 } from '../../../../src/core/crypto/kdf.ts';
import { evaluateAll } from '../../../../src/core/group/membership/evaluate.ts';
import { entryAt } from '../../../../src/core/group/membership/log.ts';
import { membersOf } from '../../../../src/core/group/membership/members-of.ts';
import { MAX_GROUP_MEMBERS } from '../../../../src/core/wire/limits.ts';
import { identityKeyOf, idOf, keyOf, Sketch } from '../../../fixtures/group-sketch.ts';

/** A group in which something is still open, so that all that follows stands on one sheet. */
function unsettled(names: readonly string[], admins: readonly string[] = []): { group: Sketch; base: [number] } {
  const group = Sketch.of([...names, 'Witness'], admins);
  const base: [number] = [group.log.size - 1];
  group.seen('Witness', { after: base });
  return { group, base };
}

const judged = async (group: Sketch, name: string, key: Uint8Array, heads: readonly number[]) => {
  const hashes = heads.map((index) => entryAt(group.log, index).hash);
  const { groupId, log } = group.state();
  return (await membersOf(groupId, log, sha256)).judge(idOf(name), key, hashes);
};

describe('an operation', () => {
  it('of an admin is signed with the key that they joined with, and follows from that', () => {
    const { group, base } = unsettled(['Ana', 'Ben'], ['Ben']);
    group.rename('Ben', 'By another key', { after: base, key: keyOf('Ben', 9) });
    expect(group.name).toBe('Friends');
    const invitation = group.add('Ana', 'Zoe', { after: base });
    group.join('Zoe', invitation, { after: [invitation] });
    const promoted = group.promote('Ana', 'Zoe', { after: [invitation] });
    group.rename('Zoe', 'Before she joined', { after: [promoted], seq: 7 });
    expect([group.name, group.roll()]).toEqual(['Friends', 'Ana* Ben* Witness Zoe*']);
    group.rename('Ben', 'By his own', { after: base });
    expect(group.name).toBe('By his own');
  });

  it('may be signed with either key of somebody who took one invitation twice', () => {
    const { group, base } = unsettled(['Ana', 'Ben'], ['Ben']);
    const invitation = group.add('Ana', 'Zoe', { after: base });
    const joined = [1, 2].map(() => group.join('Zoe', invitation, { after: [invitation] })) as [number, number];
    const promoted = group.promote('Ana', 'Zoe', { after: joined });
    group.rename('Zoe', 'By the first', { after: [promoted], key: keyOf('Zoe', 1) });
    expect(group.name).toBe('By the first');
    group.rename('Zoe', 'By the second', { key: keyOf('Zoe', 2) });
    expect(group.name).toBe('By the second');
  });

  it('of a member does nothing that is for admins', () => {
    const { group, base } = unsettled(['Ana', 'Ben', 'Cleo'], ['Ben']);
    const acts = [group.rename('Cleo', 'Mine', { after: base })];
    acts.push(group.remove('Cleo', 'Ben', { after: acts.slice(-1) }), group.promote('Cleo', 'Ana'));
    expect([group.roll(), group.name]).toEqual(['Ana* Ben* Cleo Witness', 'Friends']);
  });

  it('changes the picture', () => {
    const { group, base } = unsettled(['Ana', 'Ben']);
    const picture = { sha256: new Uint8Array(32).fill(3), size: 9 };
    group.draw('Ana', { do: 'picture', picture }, { after: base });
    expect(evaluateAll(group.log).picture).toEqual(picture);
    group.rename('Ana', 'Hikers');
    expect(evaluateAll(group.log).picture).toEqual(picture);
  });

  it('on a card that never came to be does nothing', () => {
    const { group, base } = unsettled(['Ana', 'Ben', 'Cleo'], ['Ben', 'Cleo']);
    const card = group.card('Ana', 5, { after: base });
    group.remove('Ben', 'Ana', { after: base });
    const revoked = group.revoke('Cleo', card, { after: [card] });
    group.addByCard('Cleo', 'Zoe', card, { after: [revoked] });
    expect([group.roll(), evaluateAll(group.log).cards.size]).toEqual(['Ben* Cleo* Witness', 0]);
  });
});

describe('a removal', () => {
  it('counts once in what a message is judged by', async () => {
    const { group, base } = unsettled(['Ana', 'Ben', 'Cleo'], ['Ben']);
    const lake = group.rename('Ben', 'Lake', { after: base });
    const out = group.remove('Ana', 'Ben', { after: base });
    const removals = [{ hash: entryAt(group.log, out).hash, by: idOf('Ana'), messages: [] }];
    expect(await judged(group, 'Ben', keyOf('Ben'), [lake])).toEqual({ is: 'removed', removals });
  });

  it('by each of two at the same time: both count', async () => {
    const { group, base } = unsettled(['Ana', 'Ben', 'Cleo'], ['Ben']);
    const outs = [group.remove('Ana', 'Cleo', { after: base }), group.remove('Ben', 'Cleo', { after: base })];
    const judgement = await judged(group, 'Cleo', keyOf('Cleo'), base);
    expect(judgement.is === 'removed' && judgement.removals.map(({ hash }) => hash)).toEqual(
      outs.map((index) => entryAt(group.log, index).hash),
    );
    expect(group.roll()).toBe('Ana* Ben* Witness');
  });

  it('is over for whoever is invited again, under the name of the new invitation and with nothing of the old', () => {
    const { group, base } = unsettled(['Ana', 'Ben'], ['Ben']);
    const out = group.remove('Ana', 'Ben', { after: base });
    group.add('Ana', 'Ben', { name: 'Benjamin', after: [out] });
    expect(group.roll()).toBe('(Benjamin) Ana* Witness');
    // The same when all of it is settled.
    group.rename('Ana', 'Hikers');
    group.rename('Ana', 'Walkers');
    expect(group.roll()).toBe('(Benjamin) Ana* Witness');
    expect(evaluateAll(group.log).people.get(idOf('Ben'))?.seats).toHaveLength(1);
  });

  it('leaves nothing but what old messages are judged by, once all have seen it', async () => {
    const { group, base } = unsettled(['Ana', 'Ben'], ['Ben']);
    group.remove('Ana', 'Ben', { after: base });
    group.rename('Ana', 'Hikers');
    group.rename('Ana', 'Walkers');
    expect(evaluateAll(group.log).people.has(idOf('Ben'))).toBe(false);
    expect(await judged(group, 'Ben', keyOf('Ben'), base)).toMatchObject({ is: 'removed', removals: [{}] });
  });
});

describe('seats', () => {
  const full = (free: number) => {
    const guests = Array.from({ length: MAX_GROUP_MEMBERS - 3 - free }, (_, count) => `Guest${count}`);
    return unsettled(['Ana', 'Ben', ...guests], ['Ben']);
  };
  const has = (group: Sketch, name: string) => group.roll().split(' ').includes(name);

  it('there are fifty of; one that becomes free is free', () => {
    const { group, base } = full(0);
    const more = group.add('Ana', 'More', { after: base });
    expect(has(group, '(More)')).toBe(false);
    const out = group.remove('Ana', 'Ben', { after: [more] });
    group.add('Ana', 'Most', { after: [out] });
    expect(has(group, '(Most)')).toBe(true);
    expect(evaluateAll(group.log).people.get(idOf('More'))).toBeUndefined();
  });

  it('whoever has one is given another however full it is, and keeps the name of the first', () => {
    const { group, base } = full(1);
    group.add('Ana', 'Zoe', { after: base });
    const second = group.add('Ben', 'Zoe', { name: 'Zoé', after: base });
    expect([has(group, '(Zoe)'), has(group, '(Zoé)')]).toEqual([true, false]);
    group.join('Zoe', second, { after: [second] });
    expect(has(group, 'Zoe')).toBe(true);
  });

  it('are not taken by whoever is removed at the same time', () => {
    const { group, base } = full(0);
    const out = group.remove('Ana', 'Guest1', { after: base });
    group.add('Ana', 'Zoe', { after: [out] });
    // Ben, who does not know of it, removes the same and takes them in again: both invitations are void, and none takes the seat.
    const bens = group.remove('Ben', 'Guest1', { after: base });
    const again = group.add('Ben', 'Guest1', { after: [bens] });
    expect([has(group, '(Zoe)'), has(group, 'Guest1'), has(group, '(Guest1)')]).toEqual([true, false, false]);
    const seats = evaluateAll(group.log).people.get(idOf('Guest1'))?.seats ?? [];
    expect(seats.map(({ add }) => add)).toContain(again);
  });
});

describe('an invitation', () => {
  it('is refused by whoever it is for, with their identity’s key, knowing it', () => {
    const { group, base } = unsettled(['Ana', 'Ben']);
    const invitation = group.add('Ana', 'Zoe', { after: base });
    group.leave('Zoe', undefined, { after: [invitation], key: keyOf('Zoe', 9) });
    expect(group.roll()).toBe('(Zoe) Ana* Ben Witness');
    group.leave('Zoe', undefined, { after: base, key: identityKeyOf('Zoe') });
    expect(group.roll()).toBe('(Zoe) Ana* Ben Witness');
    group.leave('Nobody', undefined, { key: identityKeyOf('Nobody') });
    group.leave('Zoe', undefined, { key: identityKeyOf('Zoe') });
    expect(group.roll()).toBe('Ana* Ben Witness');
  });

  it('is refused with another that came at the same time', () => {
    const { group, base } = unsettled(['Ana', 'Ben'], ['Ben']);
    const known = group.add('Ana', 'Zoe', { after: base });
    group.add('Ben', 'Zoe', { after: base });
    group.leave('Zoe', undefined, { after: [known], key: identityKeyOf('Zoe') });
    expect(group.roll()).toBe('Ana* Ben* Witness');
  });

  it('is not refused by somebody else, or by whoever it was for before', () => {
    const { group, base } = unsettled(['Ana', 'Ben']);
    const first = group.add('Ana', 'Zoe', { after: base });
    const out = group.remove('Ana', 'Zoe', { after: [first] });
    group.leave('Zoe', undefined, { after: [out], key: identityKeyOf('Zoe') });
    group.add('Ana', 'Zoe', { after: [out] });
    expect(group.roll()).toBe('(Zoe) Ana* Ben Witness');
  });

  it('taken while its person was being removed is not taken', () => {
    const { group, base } = unsettled(['Ana', 'Ben'], ['Ben']);
    const invitation = group.add('Ana', 'Zoe', { after: base });
    const out = group.remove('Ana', 'Zoe', { after: [invitation] });
    group.join('Zoe', invitation, { after: [invitation] });
    expect(group.roll()).toBe('Ana* Ben* Witness');
    const seats = () => evaluateAll(group.log).people.get(idOf('Zoe'))?.seats ?? [];
    expect(seats().map(({ joins }) => joins.length)).toEqual([0]);
    group.add('Ana', 'Zoe', { after: [out] });
    expect(group.roll()).toBe('(Zoe) Ana* Ben* Witness');
  });
});

describe('a card', () => {
  it('lets nobody in once it was revoked, even where that does not count against what came at the same time', () => {
    const { group, base } = unsettled(['Ana', 'Ben'], ['Ben']);
    const card = group.card('Ana', 5, { after: base });
    const added = group.addByCard('Ben', 'Zoe', card, { after: [card] });
    const revoked = group.revoke('Ana', card, { after: [added] });
    expect(group.roll()).toBe('Ana* Ben* Witness Zoe');
    group.addByCard('Ben', 'Yann', card, { after: [revoked] });
    expect(group.roll()).toBe('Ana* Ben* Witness Zoe');
    // One at the same time makes the revoking count against it, and not against what it knew.
    group.addByCard('Ben', 'Xaver', card, { after: [added] });
    expect(group.roll()).toBe('Ana* Ben* Witness Zoe');
  });

  it('is not hindered by a removal that stands, nor by another card’s end', () => {
    const { group, base } = unsettled(['Ana', 'Ben', 'Cleo'], ['Ben', 'Cleo']);
    const card = group.card('Ana', 5, { after: base });
    const other = group.card('Ana', 5, { after: [card] });
    group.rename('Cleo', 'Lake', { after: base });
    const cleoOut = group.remove('Ana', 'Cleo', { after: [other] });
    group.revoke('Ana', other, { after: [cleoOut] });
    const added = group.addByCard('Ben', 'Zoe', card, { after: [other] });
    group.addByCard('Ben', 'Yann', other, { after: [added] });
    expect([group.roll(), group.name]).toEqual(['Ana* Ben* Witness Zoe', 'Friends']);
    expect(evaluateAll(group.log).cards.get(toHex(entryAt(group.log, card).hash))?.used).toBe(1);
  });
});
