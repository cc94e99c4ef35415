// Two operations in one place: equivocation and old backups (GROUP.md, "Forks, floods, gaps").
import { describe, expect, it } from 'vitest';
import { evaluateAll } from '../../../../src/core/group/membership/evaluate.ts';
import { MAX_JOINED_SIBLINGS, MAX_SIBLINGS } from '../../../../src/core/group/membership/limits.ts';
import { find } from '../../../../src/core/group/membership/log.ts';
import { headsOf } from '../../../../src/core/group/membership/membership.ts';
import {
  craft,
  groupOf,
  identityOf,
  meet,
  meetAll,
  Player,
  refusalOf,
  roster,
  signedAt,
} from '../../../fixtures/group.ts';

type Two = [Player, Player];
type Three = [Player, Player, Player];

const nameAt = (player: Player) => evaluateAll(player.log).name;
const forksTold = (player: Player) => player.effects.flatMap((effect) => (effect.do === 'forked' ? [effect] : []));

describe('an admin who tells two halves two things', () => {
  it('R-fork-shown: both operations are shown to everybody who gets to know both, and a witness is asked for', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    const state = ana.desk.state;
    const toBen = await signedAt(ana, state, { do: 'rename', name: 'Lake' });
    const toCleo = await signedAt(ana, state, { do: 'rename', name: 'Hill' });
    await ben.give([toBen]);
    await cleo.give([toCleo]);
    expect([nameAt(ben), nameAt(cleo), forksTold(ben).length]).toEqual(['Lake', 'Hill', 0]);
    await meetAll(ben, cleo);
    for (const player of [ben, cleo]) {
      const [told] = forksTold(player);
      expect(told?.author).toBe(ana.id);
      expect([...(told?.operations ?? [])].sort()).toEqual([toBen.id, toCleo.id].sort());
      expect(player.effects.some((effect) => effect.do === 'witness')).toBe(true);
    }
  });

  it('R-fork: neither counts until somebody else builds on it; then that does, with all', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    const state = ana.desk.state;
    const lake = await signedAt(ana, state, { do: 'rename', name: 'Lake' });
    const out = await signedAt(ana, state, { do: 'remove', member: cleo.identity.fingerprint, messages: [] });
    await ben.give([lake]);
    await cleo.give([out]);
    await meetAll(ben, cleo);
    expect([nameAt(ben), nameAt(cleo)]).toEqual(['Friends', 'Friends']);
    expect([await roster(ben), await roster(cleo)]).toEqual(['Ana* Ben Cleo', 'Ana* Ben Cleo']);
    await ben.seen();
    await meetAll(ben, cleo);
    expect([nameAt(ben), nameAt(cleo)]).toEqual(['Lake', 'Lake']);
    expect([await roster(ben), await roster(cleo)]).toEqual(['Ana* Ben', 'Ana* Ben']);
  });

  it('R-fork: what others had built on before the fork was known stands, and its twin does not', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    const state = ana.desk.state;
    await ana.rename('Lake');
    await meet(ben, ana);
    await ben.seen();
    await ben.give([await signedAt(ana, state, { do: 'rename', name: 'Hill' })]);
    expect(nameAt(ben)).toBe('Lake');
  });
});

describe('a page restored from an old backup', () => {
  it('R-fork: goes on after meeting the others: its next operation follows from both, and the group is one', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    const backup = ben.desk.state;
    await ben.rename('Lake');
    await ben.add('Dora');
    await meetAll(ana, ben, cleo);
    const restored = await ben.restoredFrom(backup);
    await restored.rename('Hill');
    await meetAll(ana, restored, cleo);
    await restored.rename('Wood');
    await cleo.seen();
    await meetAll(ana, restored, cleo);
    for (const player of [ana, restored, cleo]) {
      expect([nameAt(player), await roster(player)]).toEqual(['Wood', '(Dora) Ana* Ben* Cleo']);
    }
    expect(find(restored.log, restored.log.entries.at(-1)?.id ?? '')).toBeDefined();
  });

  it('R-fork: a page that meets the others before it signs does not fork', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'], ['Ben'])) as Two;
    const backup = ben.desk.state;
    await ben.rename('Lake');
    await meet(ana, ben);
    const restored = await ben.restoredFrom(backup);
    await meet(restored, ana);
    await restored.rename('Hill');
    await meet(ana, restored);
    expect([nameAt(ana), ana.log.forked.size]).toEqual(['Hill', 0]);
  });

  it('R-fork: who was removed and is back cannot undo with the old key what they do with the new one', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'], ['Ben'])) as Two;
    const [before, oldKey] = [ben.desk.state, ben.key];
    await ana.remove('Ben');
    await ana.add('Ben');
    await meet(ben, ana);
    await ben.join();
    await meet(ana, ben);
    const thief = await Player.of('Ben', before);
    thief.key = oldKey;
    await ana.give([await signedAt(thief, before, { do: 'rename', name: 'Old' })]);
    expect([await roster(ana), nameAt(ana), ana.log.forked.size]).toEqual(['Ana* Ben', 'Friends', 0]);
  });
});

describe('versions without end', () => {
  const versions = async (ana: Player, state = ana.desk.state) => {
    const all = [];
    for (let count = 0; count < 40; count += 1)
      all.push(await signedAt(ana, state, { do: 'rename', name: `Name ${count}` }));
    return all;
  };

  it('R-fork-limit: of forty versions of one operation two are kept, and whoever holds another two sees the same group', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    const all = await versions(ana);
    const before = ben.log.size;
    await ben.give(all);
    await cleo.give(all.toReversed());
    expect([ben.log.size, cleo.log.size]).toEqual([before + MAX_SIBLINGS, before + MAX_SIBLINGS]);
    expect([nameAt(ben), nameAt(cleo)]).toEqual(['Friends', 'Friends']);
    await meetAll(ben, cleo);
    expect([ben.log.size, nameAt(ben), nameAt(cleo)]).toEqual([before + MAX_SIBLINGS, 'Friends', 'Friends']);
    // What Ben builds on Cleo takes as well: then it counts.
    await ben.seen();
    await meetAll(ben, cleo);
    await cleo.seen();
    await meetAll(ben, cleo);
    expect(new Set([nameAt(ben), nameAt(cleo)]).size).toBe(1);
    expect(cleo.log.size).toBe(ben.log.size);
    expect(cleo.log.size).toBeLessThanOrEqual(before + 2 * MAX_SIBLINGS + 2);
  });

  it('R-fork-limit: a page restored several times joins a few versions of its own, not any number', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
    const state = ana.desk.state;
    const all = await versions(ana);
    const before = ben.log.size;
    await ben.give(all.slice(0, MAX_SIBLINGS));
    for (const version of all.slice(MAX_SIBLINGS, 10)) {
      // Each with a successor, as if it were lived in.
      const alone = await Player.of('Ana', state);
      alone.key = ana.key;
      await alone.give([version]);
      const next = await craft(alone, { do: 'rename', name: 'Next' }, { parents: headsOf(alone.log) });
      await ben.desk.receive('ana', [next], []);
      await ben.give([version]);
    }
    const siblings = ben.log.entries
      .slice(before)
      .filter(({ operation: { body } }) => body.do === 'rename' && body.name !== 'Next');
    expect(siblings).toHaveLength(MAX_JOINED_SIBLINGS);
  });

  it('R-sequence: nobody signs more than two thousand operations', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
    const { bundle } = await identityOf('Dora');
    const beyond = await craft(ana, { do: 'add', bundle, person: 'Dora' }, { seq: 2001 });
    expect(await refusalOf(ben, beyond)).toBe('group-refused');
  });
});
