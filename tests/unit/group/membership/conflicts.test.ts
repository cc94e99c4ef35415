// Admins at odds: what stands when operations are concurrent (GROUP.md, "Power" and "Conflicts"). Ana made the group.
import { describe, expect, it } from 'vitest';
import { evaluateAll } from '../../../../src/core/group/membership/evaluate.ts';
import { emptyMembership } from '../../../../src/core/group/membership/state.ts';
import type { OperationBody } from '../../../../src/core/wire/group-operations.ts';
import {
  craft,
  groupOf,
  identityOf,
  kindFrom,
  meet,
  meetAll,
  Player,
  refusalOf,
  roster,
  signedAt,
} from '../../../fixtures/group.ts';

type Two = [Player, Player];
type Three = [Player, Player, Player];
type Four = [Player, Player, Player, Player];

const nameAt = (player: Player) => evaluateAll(player.log).name;

const everybodySees = async (roll: string, ...players: readonly Player[]) => {
  for (const player of players) expect(await roster(player), player.name).toBe(roll);
};

describe('power', () => {
  it('R-only-admins: a member can do nothing that is for admins, neither by their own page nor by a page of another make', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    const { bundle, fingerprint } = await identityOf('Dora');
    const acts: OperationBody[] = [
      { do: 'add', bundle, person: 'Dora' },
      { do: 'remove', member: cleo.identity.fingerprint, messages: [] },
      { do: 'promote', member: ben.identity.fingerprint },
      { do: 'rename', name: 'Ben’s' },
      { do: 'picture', picture: null },
      { do: 'card', key: fingerprint, uses: 1, until: 0, asks: false },
      { do: 'revoke', card: fingerprint },
    ];
    for (const body of acts) {
      expect(await kindFrom(ben.act(body)), body.do).toBe('group-not-admin');
      expect(await refusalOf(ana, await craft(ben, body)), body.do).toBe('group-not-admin');
    }
    await everybodySees('Ana* Ben Cleo', ana, ben, cleo);
  });

  it('R-no-creator: an admin whom the creator made removes the creator, who then is nobody', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    await ben.remove('Ana');
    await meetAll(ana, ben, cleo);
    await everybodySees('Ben* Cleo', ana, ben, cleo);
    expect(await kindFrom(ana.add('Dora'))).toBe('group-not-member');
    expect(await refusalOf(ben, await craft(ana, { do: 'rename', name: 'Mine' }))).toBe('group-not-member');
  });

  it('R-no-demotion: an admin loses power by removal alone, and comes back as a plain member', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    await ana.remove('Ben');
    await ana.add('Ben');
    await meet(ben, ana);
    await ben.join();
    await meet(ana, ben);
    await everybodySees('Ana* Ben Cleo', ana, ben);
    expect(await kindFrom(ben.rename('Ben’s'))).toBe('group-not-admin');
  });

  it('R-last-admin: whoever leaves names a successor, who is an admin from then on', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    await ana.act({ do: 'leave', messages: [], successor: cleo.identity.fingerprint });
    await meetAll(ana, ben, cleo);
    await everybodySees('Ben Cleo*', ana, ben, cleo);
    await cleo.rename('Cleo’s');
  });

  it('R-last-admin: with the last admin gone nobody becomes one, whoever hides what', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    await ana.leave();
    await meetAll(ana, ben, cleo);
    await everybodySees('Ben Cleo', ana, ben, cleo);
    expect(await kindFrom(ben.rename('Ben’s'))).toBe('group-not-admin');
    await cleo.seen();
    await cleo.leave();
    await meet(ben, cleo);
    await everybodySees('Ben', ben);
  });

  it('R-last-admin: nobody but an admin names a successor, and nobody outside is one', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    const to = ({ identity }: Player): OperationBody => ({
      do: 'leave',
      messages: [],
      successor: identity.fingerprint,
    });
    expect(await kindFrom(ben.act(to(cleo)))).toBe('group-not-admin');
    const dora = await Player.of('Dora', emptyMembership(ana.desk.state.groupId));
    expect(await kindFrom(ana.act(to(dora)))).toBe('group-not-member');
    expect(await kindFrom(ana.act(to(ana)))).toBe('group-not-member');
  });
});

describe('removals', () => {
  it('R-removal-wins: removed by one admin and added again by another at the same time is removed', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    await ana.remove('Cleo');
    await ben.remove('Cleo');
    await ben.add('Cleo');
    await meetAll(ana, ben, cleo);
    await everybodySees('Ana* Ben*', ana, ben, cleo);
  });

  it('R-removal-voids: what the removed did behind the remover’s back is void, and what rests on it', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    await ana.remove('Ben');
    await ben.add('Dora');
    await ben.promote('Cleo');
    await ben.rename('Ben’s');
    await meet(cleo, ben);
    await cleo.add('Emil');
    await meetAll(ana, ben, cleo);
    await everybodySees('Ana* Cleo', ana, ben, cleo);
  });

  it('R-removal-voids: what the remover knew stays', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    await ben.add('Dora');
    await ben.promote('Cleo');
    await meet(ana, ben);
    await ana.remove('Ben');
    await meetAll(ana, ben, cleo);
    await everybodySees('(Dora) Ana* Cleo*', ana, ben, cleo);
  });

  it('R-removal-voids: the removed cannot backdate, not even through somebody whom they make an admin for it', async () => {
    const [ana, ben, cleo, dora] = (await groupOf(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben'])) as Four;
    const before = ben.desk.state;
    await ana.remove('Ben');
    await meetAll(ana, cleo, dora);
    await cleo.seen();
    await meet(ana, cleo);
    // Ben knows of it, and signs as if he did not: Dora an admin, who removes Ana.
    const promotion = await signedAt(ben, before, { do: 'promote', member: dora.identity.fingerprint });
    const accomplice = await Player.of('Dora', before);
    accomplice.key = dora.key;
    await accomplice.give([promotion]);
    const revenge = await signedAt(accomplice, accomplice.desk.state, {
      do: 'remove',
      member: ana.identity.fingerprint,
      messages: [],
    });
    for (const player of [ana, cleo]) await player.give([promotion, revenge]);
    await everybodySees('Ana* Cleo Dora', ana, cleo);
  });

  it('R-removal-voids: a chain of removals is decided from its beginning', async () => {
    const [ana, ben, cleo, dora] = (await groupOf(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben', 'Cleo'])) as Four;
    await ana.remove('Ben');
    await ben.remove('Cleo');
    await cleo.remove('Dora');
    await meetAll(ana, ben, cleo, dora);
    // Ben’s removal of Cleo is void, so Cleo’s of Dora stands.
    await everybodySees('Ana* Cleo*', ana, ben, cleo, dora);
  });

  it('R-back-again: whoever is added after the removal is back, and acts of the time before stay void', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    const before = ben.desk.state;
    const oldKey = ben.key;
    await ana.remove('Ben');
    await ana.add('Ben');
    await meet(ben, ana);
    await ben.join();
    await meetAll(ana, ben, cleo);
    const again = await Player.of('Ben', before);
    again.key = oldKey;
    await ana.give([await signedAt(again, before, { do: 'remove', member: cleo.identity.fingerprint, messages: [] })]);
    await ana.promote('Ben');
    await meet(ben, ana);
    await ben.rename('Friends again');
    await meetAll(ana, ben);
    await everybodySees('Ana* Ben* Cleo', ana, ben);
  });
});

describe('removals in a circle', () => {
  it('R-draw: two who remove each other are both out when nobody else has signed', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    await ana.remove('Ben');
    await ben.remove('Ana');
    await meetAll(ana, ben, cleo);
    await everybodySees('Cleo', ana, ben, cleo);
  });

  it('R-draw: three in a circle are all out', async () => {
    const [ana, ben, cleo, dora] = (await groupOf(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben', 'Cleo'])) as Four;
    await ana.remove('Ben');
    await ben.remove('Cleo');
    await cleo.remove('Ana');
    await meetAll(ana, ben, cleo, dora);
    await everybodySees('Dora', ana, ben, cleo, dora);
  });

  it('R-draw: no hash, key or date decides: whichever of a hundred counter-removals Ben shows, the same comes of it', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    const before = ben.desk.state;
    await ana.remove('Ben');
    await meet(cleo, ana);
    for (let grain = 0; grain < 100; grain += 1) {
      const messages = [new Uint8Array(32).fill(grain)];
      const counter = await signedAt(ben, before, { do: 'remove', member: ana.identity.fingerprint, messages });
      const reader = await Player.of('Cleo', cleo.desk.state);
      await reader.give([counter]);
      expect(await roster(reader)).toBe('Cleo');
    }
  });

  it('R-first-seen: the removed who removes the remover afterwards finds the others’ word taken', async () => {
    const [ana, ben, cleo, dora] = (await groupOf(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben'])) as Four;
    await ana.remove('Ben');
    await meetAll(ana, cleo);
    await cleo.seen();
    await ana.add('Emil');
    await meetAll(ana, cleo, dora);
    await ben.remove('Ana');
    await meetAll(ana, ben, cleo, dora);
    await everybodySees('(Emil) Ana* Cleo Dora', ana, ben, cleo, dora);
  });

  it('R-first-seen: in a split group the side with more people keeps its admin, and further witnesses may change that', async () => {
    const names = ['Ana', 'Ben', 'Cleo', 'Dora', 'Emil'];
    const [ana, ben, cleo, dora, emil] = (await groupOf(names, ['Ben'])) as [Player, Player, Player, Player, Player];
    await ana.remove('Ben');
    await ben.remove('Ana');
    await meet(cleo, ana);
    await cleo.seen();
    for (const witness of [dora, emil]) {
      await meet(witness, ben);
      await witness.seen();
    }
    await meetAll(ana, ben, cleo);
    await everybodySees('Ana* Cleo Dora Emil', ana, ben, cleo);
    await meetAll(ana, ben, cleo, dora, emil);
    await everybodySees('Ben* Cleo Dora Emil', ana, ben, cleo, dora, emil);
  });

  it('R-first-seen: a witness who first knew of both, or who was taken in by a party since, does not count', async () => {
    const [ana, ben, cleo, dora] = (await groupOf(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben'])) as Four;
    // Ben takes in somebody who witnesses for him.
    await ben.add('Puppet');
    const puppet = await Player.of('Puppet', emptyMembership(ben.desk.state.groupId));
    await meet(puppet, ben);
    await puppet.join();
    await meet(ben, puppet);
    await ben.remove('Ana');
    await meet(puppet, ben);
    await puppet.seen();
    await ana.remove('Ben');
    await meetAll(ana, ben, cleo, puppet);
    await cleo.seen();
    await meetAll(ana, ben, cleo, dora);
    await everybodySees('Cleo Dora', ana, ben, cleo, dora);
  });

  it('R-witness: a page that learns of an admin’s removal is asked to sign, one that made it or learns of another’s is not', async () => {
    const [ana, ben, cleo, dora] = (await groupOf(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben'])) as Four;
    const asked = (player: Player) => player.effects.filter((effect) => effect.do === 'witness').length;
    await ana.remove('Dora');
    await meet(cleo, ana);
    expect([asked(ana), asked(cleo)]).toEqual([0, 0]);
    await ana.remove('Ben');
    await meet(cleo, ana);
    expect([asked(ana), asked(cleo), asked(ben), asked(dora)]).toEqual([0, 1, 0, 0]);
    const [before, after] = [cleo.log.size, await cleo.seen()];
    expect(cleo.log.size).toBe(before + 1);
    // Once more says nothing new.
    expect(await kindFrom(cleo.seen())).toBe('group-refused');
    expect(await refusalOf(ana, after.bytes)).toBeUndefined();
  });
});

describe('seats and names', () => {
  it('R-fifty: the fifty-first is refused, and of two who get the last seat at the same time one has it everywhere', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'], ['Ben'])) as Three;
    for (let guest = 4; guest < 50; guest += 1) await ana.add(`Guest ${guest}`);
    await meetAll(ana, ben, cleo);
    await ana.add('Last of Ana');
    await ben.add('Last of Ben');
    expect(await kindFrom(ana.add('One more'))).toBe('group-full');
    await meetAll(ana, ben, cleo);
    const rolls = await Promise.all([ana, ben, cleo].map(roster));
    expect(new Set(rolls).size).toBe(1);
    expect((await ana.members()).view.members()).toHaveLength(50);
    const [roll = ''] = rolls;
    expect([roll.includes('Last of Ana'), roll.includes('Last of Ben')].filter(Boolean)).toHaveLength(1);
    const { bundle } = await identityOf('One more');
    expect(await refusalOf(cleo, await craft(ana, { do: 'add', bundle, person: 'One more' }))).toBe('group-full');
    // A seat that becomes free goes to nobody by itself.
    await ana.remove('Guest 4');
    expect((await ana.members()).view.members()).toHaveLength(49);
    await ana.add('One more');
  });

  it('R-order: of two names given at the same time everybody has the same, and a later one replaces it', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'], ['Ben'])) as Two;
    await ana.rename('Lake');
    await ben.rename('Hill');
    await meetAll(ana, ben);
    const names = [ana, ben].map(nameAt);
    expect(new Set(names).size).toBe(1);
    await ben.rename('Wood');
    await meetAll(ana, ben);
    expect([ana, ben].map(nameAt)).toEqual(['Wood', 'Wood']);
  });
});
