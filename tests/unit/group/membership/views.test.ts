// What the other rooms of a group are told: views at any heads, and what a message is worth (members.ts).
import { beforeEach, describe, expect, it } from 'vitest';
import { concat } from '../../../../src/core/bytes/bytes.ts';
import { toHex } from '../../../../src/core/bytes/hex.ts';
import { sha256 } from '../../../../src/core/crypto/kdf.ts';
import { append, emptyLog } from '../../../../src/core/group/membership/log.ts';
import { membersOf } from '../../../../src/core/group/membership/members-of.ts';
import { headsOf } from '../../../../src/core/group/membership/membership.ts';
import { readStored, webCrypto } from '../../../../src/core/group/membership/reading.ts';
import { emptyMembership } from '../../../../src/core/group/membership/state.ts';
import { groupOf, meet, meetAll, Player, roster, rosterOf, stateOf } from '../../../fixtures/group.ts';

type Two = [Player, Player];
type Three = [Player, Player, Player];

const judged = async (by: Player, author: Player, heads: readonly Uint8Array[], key = author.key.publicKey) =>
  (await by.members()).judge(author.id, key, heads);

describe('views', () => {
  it('show who belongs to it with what messages need, and are bound to their heads', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
    const { view } = await ben.members();
    expect(view.groupId).toEqual(ana.desk.state.groupId);
    expect(view.heads).toEqual(headsOf(ben.log));
    expect(view.headsHash).toEqual(await sha256(concat(...view.heads)));
    expect(view.members().map(({ id }) => id)).toEqual([ana.id, ben.id].sort());
    expect(view.member(ben.id)).toEqual({
      id: ben.id,
      role: 'member',
      signKey: ben.key.publicKey,
      bundle: ben.identity.bundle,
      name: 'Ben',
      state: 'joined',
    });
    expect([view.has(ben.id), view.has('00'), view.member('00')]).toEqual([true, false, undefined]);
  });

  it('of earlier heads stay what they were, and a log that grew does not change them', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
    const [before, heads] = [await ana.members(), headsOf(ana.log)];
    await ana.remove('Ben');
    await ana.add('Cleo');
    const now = await ana.members();
    expect(rosterOf(before.view.members())).toBe('Ana* Ben');
    expect(rosterOf((await now.viewAt(heads))?.members() ?? [])).toBe('Ana* Ben');
    expect(rosterOf(now.view.members())).toBe('(Cleo) Ana*');
    expect([now.knows(heads), before.knows(headsOf(ana.log)), now.knows([new Uint8Array(32)])]).toEqual([
      true,
      false,
      false,
    ]);
    expect(await now.viewAt([new Uint8Array(32)])).toBeUndefined();
    expect(await now.viewAt([])).toBeUndefined();
    expect([now.includes(headsOf(ana.log), heads), now.includes(heads, headsOf(ana.log))]).toEqual([true, false]);
    expect([now.wasRemovedBefore(ben.id, heads), now.wasRemovedBefore(ben.id, headsOf(ana.log))]).toEqual([
      false,
      true,
    ]);
    // A view may be asked for by heads of which one leads to another.
    const both = await now.viewAt([...heads, ...headsOf(ana.log)]);
    expect(both?.heads).toEqual(headsOf(ana.log));
  });

  it('are the same object for all messages that name the same heads, in whatever order', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as [Player, Player, Player];
    const earlier = headsOf(ana.log);
    await ana.rename('Hikers');
    await ben.leave();
    await cleo.leave();
    await meetAll(ana, ben, cleo);
    const members = await ana.members();
    const heads = headsOf(ana.log);
    expect(heads.length).toBeGreaterThan(1);
    // Ten thousand messages of a group of fifty would hold half a million members otherwise.
    expect(rosterOf(members.view.members())).toBe('Ana*');
    expect(await members.viewAt([...heads].reverse())).toBe(members.view);
    expect(await members.viewAt(earlier)).toBe(await members.viewAt([...earlier, ...earlier]));
    expect(await members.viewAt(earlier)).not.toBe(members.view);
  });

  it('are so after any number of changes too, for messages that come one after another', async () => {
    const [ana] = (await groupOf(['Ana', 'Ben'])) as Two;
    const all = [];
    for (let change = 0; change < 80; change += 1) {
      await ana.rename(`Hikers ${change}`);
      all.push(headsOf(ana.log));
    }
    const members = await ana.members();
    for (const heads of all) expect(await members.viewAt(heads)).toBe(await members.viewAt(heads));
  });

  it('are there again from what was kept on the disk', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    await ana.remove('Cleo');
    await meet(ben, ana);
    const kept = ben.effects.flatMap((effect) => (effect.do === 'keep' ? effect.operations : []));
    let log = emptyLog();
    for (const { bytes } of kept) log = append(log, await readStored(bytes, webCrypto));
    const again = await membersOf(ben.desk.state.groupId, log, sha256);
    expect(again.view.members()).toEqual((await ben.members()).view.members());
    expect(again.view.headsHash).toEqual((await ben.members()).view.headsHash);
  });
});

describe('R-message:', () => {
  it('R-message: counts from whoever had joined at its heads, with that key', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    expect(await judged(ana, ben, headsOf(ben.log))).toEqual({ is: 'member' });
    expect(await judged(ana, ben, headsOf(ben.log), cleo.key.publicKey)).toEqual({ is: 'not-a-member' });
    const zoe = await Player.of('Zoe', ana.desk.state);
    expect(await judged(ana, zoe, headsOf(ana.log))).toEqual({ is: 'not-a-member' });
    // Before they had joined they were nobody.
    expect(await judged(ana, ben, [ana.desk.state.groupId])).toEqual({ is: 'not-a-member' });
    const unknown = new Uint8Array(32).fill(1);
    expect(await judged(ana, ben, [unknown])).toEqual({ is: 'unknown-heads', missing: [unknown] });
  });

  it('R-message: of the removed, under heads that hold the removal, is nobody’s; under older ones it is up to the remover’s messages', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    const old = headsOf(ben.log);
    const last = new Uint8Array(32).fill(4);
    const removal = await ana.remove('Ben', [last]);
    await meetAll(ana, cleo);
    for (const player of [ana, cleo]) {
      expect(await judged(player, ben, headsOf(ana.log))).toEqual({ is: 'not-a-member' });
      const removals = [{ hash: removal.hash, by: ana.id, messages: [last] }];
      expect(await judged(player, ben, old)).toEqual({ is: 'removed', removals });
      expect((await player.members()).removedAfter(ben.id, old)).toEqual(removals);
      expect((await player.members()).removedAfter(ben.id, headsOf(ana.log))).toEqual([]);
      expect((await player.members()).removedAfter(cleo.id, old)).toEqual([]);
    }
    // Much later as well, when all of it is settled, and when he is back with another key.
    await ana.add('Ben');
    await meet(ben, ana);
    const oldKey = ben.key.publicKey;
    await ben.join();
    await meet(ana, ben);
    for (let count = 0; count < 40; count += 1) await ana.rename(`Name ${count}`);
    expect(await judged(ana, ben, old, oldKey)).toMatchObject({ is: 'removed' });
    expect(await judged(ana, ben, headsOf(ana.log), oldKey)).toEqual({ is: 'not-a-member' });
    expect(await judged(ana, ben, headsOf(ana.log))).toEqual({ is: 'member' });
  });

  it('R-message: of somebody whom the removed had let in behind the remover’s back is void', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'], ['Ben'])) as Two;
    await ben.add('Dora');
    const dora = await Player.of('Dora', ben.desk.state);
    await dora.join();
    expect(await judged(dora, dora, headsOf(dora.log))).toEqual({ is: 'member' });
    await ana.remove('Ben');
    await meet(ana, dora);
    expect(await judged(ana, dora, headsOf(dora.log).slice(0, 2))).toMatchObject({
      is: expect.stringMatching(/void|not-a-member/),
    });
    const own = [dora.log.entries.findLast(({ author }) => author === dora.id)?.hash as Uint8Array];
    expect(await judged(ana, dora, own)).toEqual({ is: 'void' });
  });

  it('R-message: of whoever left counts as far as they say', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
    const old = headsOf(ben.log);
    const last = new Uint8Array(32).fill(6);
    const leave = await ben.act({ do: 'leave', messages: [last] });
    await meet(ana, ben);
    expect(await judged(ana, ben, old)).toEqual({
      is: 'removed',
      removals: [{ hash: leave.hash, by: ben.id, messages: [last] }],
    });
  });
});

it('R-merge: the same operations in any order are the same state, and once more changes nothing', async () => {
  const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben', 'Cleo'])) as Three;
  await ana.remove('Ben');
  await ben.remove('Ana');
  await cleo.add('Dora');
  await meetAll(ana, ben, cleo);
  const states = new Set(await Promise.all([ana, ben, cleo].map(stateOf)));
  expect(states.size).toBe(1);
  await ana.give(cleo.log.entries.slice(0, cleo.log.size));
  expect(await stateOf(ana)).toBe([...states][0]);
  expect(await roster(ana)).toBe('(Dora) Cleo*');
});

describe('whoever is out is told why', () => {
  const why = async (by: Player, who: Player) => {
    const parting = (await by.members()).partedBy(who.id);
    const told = by.log.entries
      .slice(0, by.log.size)
      .filter(({ hash }) => parting.some((one) => toHex(one) === toHex(hash)));
    expect(told).toHaveLength(parting.length);
    return told.map(({ subject, operation: { body } }) => `${body.do} ${names.get(subject)}`).sort();
  };
  let names: Map<string, string>;
  let ana: Player;
  let ben: Player;
  let cleo: Player;
  beforeEach(async () => {
    [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    names = new Map([ana, ben, cleo].map(({ id, name }) => [id, name]));
  });

  it('who belongs has not been parted, nor has who never came, nor the creator', async () => {
    const zoe = await Player.of('Zoe', emptyMembership(ana.desk.state.groupId));
    expect([await why(ana, cleo), await why(ana, zoe), await why(ana, ana)]).toEqual([[], [], []]);
  });

  it('by who removed them, and by their own word', async () => {
    await ana.remove('Cleo');
    await ben.leave();
    await meet(ana, ben);
    expect([await why(ana, cleo), await why(ana, ben)]).toEqual([['remove Cleo'], ['leave Ben']]);
    // Two at once, each of whom says it.
    const [one, other] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    await one.remove('Cleo');
    await other.remove('Cleo');
    await meetAll(one, other);
    expect(await why(one, cleo)).toEqual(['remove Cleo', 'remove Cleo']);
  });

  it('not by what was before they were added again', async () => {
    await ana.remove('Cleo');
    await ana.add('Cleo');
    expect(await why(ana, cleo)).toEqual([]);
    await ana.remove('Cleo');
    expect(await why(ana, cleo)).toEqual(['remove Cleo']);
    expect((await ana.members()).removedAfter(cleo.id, headsOf(ana.log))).toEqual([]);
  });

  it('where nobody removed them, by what took the power from those who brought them in, and from nobody else', async () => {
    const dora = await Player.of('Dora', emptyMembership(ana.desk.state.groupId));
    names.set(dora.id, 'Dora');
    const before = headsOf(ana.log);
    await ben.add('Dora');
    await meet(dora, ben);
    await dora.join();
    await meet(ben, dora);
    // At the same time, and not known to Ben: so his addition is void.
    await ana.remove('Ben');
    await ana.rename('Hikers');
    await cleo.leave();
    await meet(ana, cleo);
    await meet(ana, ben);
    expect(await roster(ana)).toBe('Ana*');
    expect(await why(ana, dora)).toEqual(['remove Ben']);
    const members = await ana.members();
    expect(members.wasRemovedBefore(dora.id, members.view.heads)).toBe(false);
    expect(members.removedAfter(ben.id, before).map(({ by }) => by)).toEqual([ana.id]);
    expect(members.removedAfter(ben.id, [new Uint8Array(32)])).toEqual([]);
    expect(members.wasRemovedBefore(ben.id, [new Uint8Array(32)])).toBe(false);
    expect([members.includes([new Uint8Array(32)], before), members.includes(before, [new Uint8Array(32)])]).toEqual([
      false,
      false,
    ]);
  });

  it('by what took the power from whoever had given it to those', async () => {
    const dora = await Player.of('Dora', emptyMembership(ana.desk.state.groupId));
    names.set(dora.id, 'Dora');
    await ben.promote('Cleo');
    await meet(cleo, ben);
    await cleo.add('Dora');
    await ana.remove('Ben');
    await meetAll(ana, ben, cleo);
    expect(await roster(ana)).toBe('Ana* Cleo');
    expect(await why(ana, dora)).toEqual(['remove Ben']);
  });
});
