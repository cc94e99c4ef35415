// Whole groups: real membership and real conversations, several people, links that break, pages that crash.
import { describe, expect, it } from 'vitest';
import { GroupHouse, type Housemate } from '../fixtures/group-house.ts';

const sameForAll = (people: readonly Housemate[]): void => {
  const [first, ...others] = people as [Housemate, ...Housemate[]];
  for (const other of others) {
    expect([other.name, other.members]).toEqual([other.name, first.members]);
    expect([other.name, other.texts]).toEqual([other.name, first.texts]);
  }
};

describe('a group at each of its members', () => {
  it('of whom more than sixteen join at one moment: everybody writes and reads', async () => {
    const house = new GroupHouse(18);
    const [ana] = (await house.group('Ana')) as [Housemate];
    const guests: Housemate[] = [];
    for (let count = 1; count <= 20; count += 1) {
      const guest = await house.person(`Guest ${count}`);
      await ana.add(guest);
      guests.push(guest);
    }
    for (const guest of guests) await house.arrive(guest);
    for (const guest of guests) await guest.join();
    await house.settle();
    expect(guests[7]?.members).toHaveLength(21);
    await guests[7]?.write('are all in?');
    await house.settle();
    expect(ana.texts).toEqual(['are all in?']);
    expect(guests.flatMap(({ texts, refused }) => [...texts, ...refused])).toEqual(guests.map(() => 'are all in?'));
  }, 120_000);

  it('is made, joined and talked in, and is the same for all', async () => {
    const house = new GroupHouse(1);
    const people = await house.group('Ana', 'Ben', 'Cleo', 'Dan');
    for (const mate of people) await mate.write(`hello from ${mate.name}`);
    await house.settle();
    sameForAll(people);
    expect(people[0]?.texts).toHaveLength(4);
    expect(new Set(people[0]?.members)).toEqual(new Set(['Ana', 'Ben', 'Cleo', 'Dan']));
    expect(people.flatMap(({ refused }) => refused)).toEqual([]);
  });

  it('tells nothing to whoever is invited until they join, and then what is written from then on', async () => {
    const house = new GroupHouse(2);
    const [ana, ben] = (await house.group('Ana', 'Ben')) as [Housemate, Housemate];
    await ana.write('before');
    await house.settle();
    const cleo = await house.person('Cleo');
    await ana.add(cleo);
    await house.arrive(cleo);
    await ben.write('while invited');
    await house.settle();
    expect(cleo.members).toEqual(expect.arrayContaining(['(Cleo)', 'Ana', 'Ben']));
    expect(cleo.texts).toEqual([]);
    await cleo.join();
    await house.settle();
    await ben.write('after');
    await cleo.write('here I am');
    await house.settle();
    expect(cleo.texts).toEqual(expect.arrayContaining(['after', 'here I am']));
    expect(cleo.texts).not.toContain('before');
    expect(ana.texts).toEqual(ben.texts);
  });

  it('heals after it was split, with both sides talking', async () => {
    const house = new GroupHouse(3);
    const people = (await house.group('Ana', 'Ben', 'Cleo', 'Dan', 'Eve', 'Finn')) as Housemate[];
    await house.split(people.slice(0, 3), people.slice(3));
    for (const mate of people) await mate.write(`split ${mate.name}`);
    await house.settle();
    expect(people[0]?.texts).toHaveLength(3);
    await house.heal();
    await house.pass(10);
    sameForAll(people);
    expect(people[0]?.texts).toHaveLength(6);
  });

  it('shuts out whoever is removed: they learn it, and nothing that follows can be read with all they have', async () => {
    const house = new GroupHouse(4);
    const [ana, ben, cleo] = (await house.group('Ana', 'Ben', 'Cleo')) as [Housemate, Housemate, Housemate];
    await ben.write('all of us');
    await house.settle();
    await ana.group.remove(ben.id);
    await house.settle();
    expect(ben.members).not.toContain('Ben');
    const from = ben.heard.length;
    await ana.write('secret after');
    await cleo.write('also secret');
    await house.settle();
    sameForAll([ana, cleo]);
    expect(ana.texts).toEqual(['all of us', 'secret after', 'also secret']);
    // Not even sealed does any of it reach the removed.
    expect(ben.heard.slice(from)).toEqual([]);
    await expect(ben.write('I am still here')).rejects.toMatchObject({ kind: 'group-not-member' });
    await house.settle();
    expect(ana.texts).not.toContain('I am still here');
  });

  it('tells whoever was away that they were removed, and nothing that came after', async () => {
    const house = new GroupHouse(5);
    const [ana, ben, cleo] = (await house.group('Ana', 'Ben', 'Cleo')) as [Housemate, Housemate, Housemate];
    await house.crash(ben);
    await ana.group.remove(ben.id);
    await ana.group.act({ do: 'rename', name: 'Without Ben' });
    await cleo.write('later');
    await house.settle();
    await ben.open(house.groupId);
    await house.connectAll();
    await house.settle();
    expect(ben.members).not.toContain('Ben');
    expect(ben.texts).toEqual([]);
    const said = ben.heard.map((bytes) => new TextDecoder().decode(bytes)).join();
    expect(said).not.toContain('Without Ben');
  });

  it('goes on after a crash where it was: what was written is there, once', async () => {
    const house = new GroupHouse(6);
    const [ana, ben] = (await house.group('Ana', 'Ben')) as [Housemate, Housemate];
    await ana.write('one');
    await house.settle();
    await house.crash(ben);
    await ana.write('two');
    await ben.open(house.groupId);
    await house.connectAll();
    await house.settle();
    await ben.write('three');
    await house.settle();
    sameForAll([ana, ben]);
    expect(ben.texts).toEqual(['one', 'two', 'three']);
    await house.crash(ana);
    await ana.open(house.groupId);
    await house.connectAll();
    await house.settle();
    expect(ana.texts).toEqual(['one', 'two', 'three']);
  });

  it('lets two admins act at once on both sides of a split, with one outcome', async () => {
    const house = new GroupHouse(7);
    const [ana, ben, cleo, dan] = (await house.group('Ana', 'Ben', 'Cleo', 'Dan')) as Housemate[] as [
      Housemate,
      Housemate,
      Housemate,
      Housemate,
    ];
    await ana.group.act({ do: 'promote', member: ben.identity.fingerprint });
    await house.settle();
    await house.split([ana, cleo], [ben, dan]);
    await ana.group.remove(dan.id);
    await ben.group.act({ do: 'rename', name: 'Ours' });
    await dan.write('unseen by Ana');
    await house.settle();
    await house.heal();
    await house.pass(10);
    sameForAll([ana, ben, cleo]);
    expect(ana.members).not.toContain('Dan');
    // Whoever removed Dan did not have it: everywhere it does not count.
    expect(ana.texts).not.toContain('unseen by Ana');
  });

  it('tells whoever was brought in by somebody removed meanwhile that they never came to belong', async () => {
    const house = new GroupHouse(1091);
    const [ana, ben, cleo] = (await house.group('Ana', 'Ben', 'Cleo')) as [Housemate, Housemate, Housemate];
    await ana.group.act({ do: 'promote', member: ben.identity.fingerprint });
    await house.settle();
    await house.split([ana, cleo], [ben]);
    await ana.group.remove(ben.id);
    await house.settle();
    const dan = await house.person('Dan');
    dan.side = 1;
    await ben.add(dan);
    await house.arrive(dan);
    await dan.join();
    await house.settle();
    expect(new Set(dan.members)).toEqual(new Set(['Ana', 'Ben', 'Cleo', 'Dan']));
    await house.heal();
    expect([ana, cleo].map(({ members }) => members)).toEqual([ana.members, ana.members]);
    expect(ana.members).toEqual(expect.not.arrayContaining(['Ben', 'Dan']));
    for (const gone of [ben, dan]) expect(gone.group.members.view.has(gone.id)).toBe(false);
    await ana.write('without them');
    await house.settle();
    expect([...dan.texts, ...ben.texts]).not.toContain('without them');
  });

  it('tells the same to whoever had been removed before, and was brought in again behind the back of somebody', async () => {
    const house = new GroupHouse(261);
    const [ana, ben, cleo] = (await house.group('Ana', 'Ben', 'Cleo')) as [Housemate, Housemate, Housemate];
    await ana.group.act({ do: 'promote', member: ben.identity.fingerprint });
    await house.settle();
    await ben.group.remove(cleo.id);
    await house.settle();
    await house.split([ana], [ben, cleo]);
    await ana.group.remove(ben.id);
    await ben.add(cleo);
    await house.settle();
    await cleo.join();
    await house.settle();
    expect(cleo.group.members.view.has(cleo.id)).toBe(true);
    await house.heal();
    for (const gone of [ben, cleo]) expect(gone.group.members.view.has(gone.id)).toBe(false);
    expect(ana.members).toEqual(['Ana']);
  });
});
