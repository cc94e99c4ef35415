// Which removals stand (GROUP.md, "Conflicts"): what each rests on, in which order they are decided, and whose word counts.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../../src/core/group/membership/evaluate.ts';
import { closure } from '../../../../src/core/group/membership/log.ts';
import { Sketch } from '../../../fixtures/group-sketch.ts';

interface Scene {
  readonly group: Sketch;
  /** What everybody knows. */
  readonly base: readonly [number];
}

function scene(names: readonly string[], admins: readonly string[]): Scene {
  const group = Sketch.of(names, admins);
  return { group, base: [group.log.size - 1] };
}

describe('a removal rests on what gave its author power', () => {
  // In each Ben’s or Zoe’s removal of the other would be decided first if it did not rest on what the other voids.
  it('a promotion', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo', 'Dora'], ['Cleo']);
    const promoted = group.promote('Ana', 'Ben', { after: base });
    group.remove('Cleo', 'Ana', { after: base });
    group.remove('Ben', 'Cleo', { after: [promoted] });
    expect(group.roll()).toBe('Ben Dora');
  });

  it('an invitation', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben', 'Cleo']);
    const joined = group.join('Zoe', group.add('Ana', 'Zoe', { after: base }), { after: [group.log.size - 1] });
    const promoted = group.promote('Cleo', 'Zoe', { after: [joined] });
    group.remove('Ben', 'Ana', { after: base });
    group.remove('Zoe', 'Ben', { after: [promoted] });
    expect(group.roll()).toBe('Cleo* Dora');
  });

  it('a succession', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben', 'Cleo']);
    const left = group.leave('Ana', 'Dora', { after: base });
    group.remove('Ben', 'Ana', { after: base });
    group.remove('Dora', 'Ben', { after: [left] });
    expect(group.roll()).toBe('Cleo* Dora');
  });

  it('a card that they came by', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben', 'Cleo']);
    const card = group.card('Ana', 5, { after: base });
    const added = group.addByCard('Cleo', 'Zoe', card, { after: [card] });
    const promoted = group.promote('Cleo', 'Zoe', { after: [added] });
    group.remove('Ben', 'Ana', { after: base });
    group.remove('Zoe', 'Ben', { after: [promoted] });
    expect(group.roll()).toBe('Cleo* Dora');
  });

  it('a revocation of that card, which does not count in their eyes', () => {
    const group = Sketch.of(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben', 'Cleo', 'Dora']);
    const card = group.card('Ana', 5);
    const base = [card];
    const revoked = group.revoke('Cleo', card, { after: base });
    const cleoOut = group.remove('Ben', 'Cleo', { after: base });
    const added = group.addByCard('Ana', 'Zoe', card, { after: [revoked, cleoOut] });
    const promoted = group.promote('Ana', 'Zoe', { after: [added] });
    group.remove('Dora', 'Ben', { after: base });
    expect(group.roll()).toBe('Ana* Cleo* Dora*');
    group.remove('Zoe', 'Dora', { after: [promoted] });
    // Ana, no party to it, saw first that Cleo was out.
    expect(group.roll()).toBe('Ana* Ben* Zoe*');
  });

  it('a removal of themselves, which does not count in their eyes', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo', 'Dora', 'Zoe'], ['Ben', 'Cleo', 'Zoe']);
    const zoeOut = group.remove('Ben', 'Zoe', { after: base });
    const benOut = group.remove('Ana', 'Ben', { after: base });
    group.remove('Cleo', 'Ana', { after: base });
    expect(group.roll()).toBe('Ben* Cleo* Dora');
    group.remove('Zoe', 'Cleo', { after: [zoeOut, benOut] });
    expect(group.roll()).toBe('Dora Zoe*');
  });

  it('not on what they did not know of', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo', 'Dora'], ['Ben', 'Cleo']);
    group.promote('Ana', 'Ben', { after: base });
    group.remove('Cleo', 'Ana', { after: base });
    group.remove('Ben', 'Cleo', { after: base });
    expect(group.roll()).toBe('Ana* Ben* Dora');
  });
});

describe('what a removal voids', () => {
  it('is void by any of several that stands', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo', 'Dora', 'Emil'], ['Ben', 'Cleo', 'Dora']);
    group.promote('Dora', 'Emil', { after: base });
    group.remove('Ana', 'Dora', { after: base });
    group.remove('Cleo', 'Dora', { after: base });
    group.remove('Ben', 'Cleo', { after: base });
    expect(group.roll()).toBe('Ana* Ben* Emil');
  });

  it('is decided when all that may void it is', () => {
    const admins = ['Ben', 'Cleo', 'Dora', 'Emil', 'Gus', 'Hal', 'Ian'];
    const { group, base } = scene(['Ana', ...admins, 'Finn'], admins);
    group.promote('Emil', 'Finn', { after: base });
    group.remove('Dora', 'Emil', { after: base });
    group.remove('Ana', 'Dora', { after: base }); // void in the second round
    group.remove('Cleo', 'Dora', { after: base }); // decided in the third
    group.remove('Gus', 'Ana', { after: base });
    group.remove('Ian', 'Cleo', { after: base });
    group.remove('Hal', 'Ian', { after: base });
    expect(group.roll()).toBe('Ben* Cleo* Emil* Finn* Gus* Hal*');
  });

  it('of somebody who left is what they did at the same time', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo'], ['Ben']);
    group.leave('Ben', undefined, { after: base });
    group.rename('Ben', 'Lake', { after: base });
    group.seen('Cleo');
    expect([group.roll(), group.name]).toEqual(['Ana* Cleo', 'Friends']);
  });

  it('is not what the remover knew, where not all else is known yet', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo'], ['Ben']);
    const added = group.add('Ben', 'Dora', { after: base });
    group.seen('Cleo', { after: base });
    group.add('Ben', 'Emil', { after: [added] });
    group.remove('Ana', 'Ben', { after: [added] });
    expect(group.roll()).toBe('(Dora) Ana* Cleo');
  });

  it('is what others let in with a card that was revoked at the same time', () => {
    const group = Sketch.of(['Ana', 'Ben', 'Cleo'], ['Ben', 'Cleo']);
    const [card, other] = [group.card('Ana', 5), group.card('Ana', 5)];
    const base = [other];
    const added = group.addByCard('Ben', 'Zoe', card, { after: base });
    group.addByCard('Ben', 'Yann', other, { after: [added] });
    const revoked = group.revoke('Cleo', card, { after: base });
    expect(group.roll()).toBe('Ana* Ben* Cleo* Yann');
    // Whoever revokes and is removed at the same time revokes nothing.
    group.remove('Ana', 'Cleo', { after: base });
    expect(group.roll()).toBe('Ana* Ben* Yann Zoe');
    expect(group.roll(closure(group.log, [revoked]))).toBe('Ana* Ben* Cleo*');
  });
});

describe('of operations in one place', () => {
  it('each counts in the eyes of whoever knows it alone', () => {
    const { group, base } = scene(['Ana', 'Ben'], []);
    const [lake, hill] = ['Lake', 'Hill'].map((name) => group.rename('Ana', name, { after: base })) as [number, number];
    const nameAt = (...heads: number[]) => evaluate(group.log, closure(group.log, heads)).name;
    expect([nameAt(lake), nameAt(hill), nameAt(lake, hill)]).toEqual(['Lake', 'Hill', 'Friends']);
    const seen = group.seen('Ben', { after: [hill] });
    expect([nameAt(seen), nameAt(lake), nameAt(lake, seen)]).toEqual(['Hill', 'Lake', 'Hill']);
  });
});

describe('removals in two circles', () => {
  // Ben’s circle with Ana decides whether Ben removes Emil, who is in another with Finn.
  const { group: start, base } = scene(['Ana', 'Ben', 'Emil', 'Finn', 'Gus', 'Hal', 'Ida'], ['Ben', 'Emil', 'Finn']);
  const fresh = () => Object.assign(new Sketch(), { log: start.log });
  const first = (group: Sketch) => {
    group.remove('Ana', 'Ben', { after: base });
    const anaOut = group.remove('Ben', 'Ana', { after: base });
    group.remove('Ben', 'Emil', { after: [anaOut] });
    group.seen('Hal', { after: [anaOut] });
  };
  const second = (group: Sketch) => {
    const finnOut = group.remove('Emil', 'Finn', { after: base });
    group.remove('Finn', 'Emil', { after: base });
    for (const witness of ['Gus', 'Ida']) group.seen(witness, { after: [finnOut] });
  };

  it('are decided one after the other, in whatever order they came', () => {
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const group = fresh();
      for (const draw of order) draw(group);
      expect(group.roll()).toBe('Ben* Finn* Gus Hal Ida');
    }
  });
});

describe('whose word counts', () => {
  /** Ana and Ben remove each other. */
  function feud(names: readonly string[] = ['Gus', 'Hal']): Scene & { benOut: number; anaOut: number } {
    const { group, base } = scene(['Ana', 'Ben', ...names], ['Ben']);
    const benOut = group.remove('Ana', 'Ben', { after: base });
    return { group, base, benOut, anaOut: group.remove('Ben', 'Ana', { after: base }) };
  }

  it('that of one who saw one first, however much they sign afterwards', () => {
    const { group, benOut } = feud();
    expect(group.roll()).toBe('Gus Hal');
    group.seen('Gus', { after: [benOut] });
    group.seen('Gus');
    expect(group.roll()).toBe('Ana* Gus Hal');
  });

  it('not that of the parties, whoever removes and whoever is removed', () => {
    const { group, benOut } = feud();
    group.rename('Ana', 'Mine', { after: [benOut] });
    expect(group.roll()).toBe('Gus Hal');
    // Ana is removed here, and removes nobody.
    const other = scene(['Ana', 'Ben', 'Cleo', 'Dora'], ['Cleo']);
    const promoted = other.group.promote('Ana', 'Ben', { after: other.base });
    other.group.remove('Cleo', 'Ana', { after: other.base });
    const cleoOut = other.group.remove('Ben', 'Cleo', { after: [promoted] });
    other.group.seen('Ana', { after: [cleoOut] });
    expect(other.group.roll()).toBe('Ben Dora');
  });

  it('not that of one who was invited alone, or was out, when it began', () => {
    const group = Sketch.of(['Ana', 'Ben', 'Gus', 'Hal'], ['Ben']);
    const invitation = group.add('Ana', 'Zoe');
    const fork = [group.log.size - 1];
    group.rename('Hal', 'not yet together', { after: fork });
    const base = [group.remove('Ana', 'Gus', { after: fork })];
    const benOut = group.remove('Ana', 'Ben', { after: base });
    group.remove('Ben', 'Ana', { after: base });
    group.seen('Gus', { after: [benOut] });
    expect(group.roll()).toBe('(Zoe) Hal');
    group.join('Zoe', invitation, { after: [benOut] });
    expect(group.roll()).toBe('Hal Zoe');
  });

  it('that of one who was invited twice and joined once', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Hal'], ['Ben']);
    const twice = [group.add('Ana', 'Gus', { after: base }), group.add('Ben', 'Gus', { after: base })] as const;
    const joined = group.join('Gus', twice[0]);
    const benOut = group.remove('Ana', 'Ben', { after: [joined] });
    group.remove('Ben', 'Ana', { after: [joined] });
    group.seen('Gus', { after: [benOut] });
    expect(group.roll()).toBe('Ana* Gus Hal');
  });

  it('not that of one who has two firsts', () => {
    const { group, benOut, anaOut } = feud();
    const firsts = [group.seen('Gus', { after: [benOut] }), group.seen('Gus', { after: [anaOut] })];
    group.seen('Hal', { after: firsts });
    expect(group.roll()).toBe('Gus Hal');
  });

  it('not that of one who first saw two that void one another', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo', 'Gus', 'Hal'], ['Ben', 'Cleo']);
    const benOut = group.remove('Ana', 'Ben', { after: base });
    const cleoOut = group.remove('Ben', 'Cleo', { after: base });
    const anaOut = group.remove('Cleo', 'Ana', { after: base });
    group.seen('Gus', { after: [benOut, cleoOut] });
    group.seen('Hal', { after: [anaOut] });
    // Cleo’s removal of Ana stands, so that of Ben is void, and his of Cleo is not.
    expect(group.roll()).toBe('Ben* Gus Hal');
  });

  it('for both of two that do not void one another', () => {
    const { group, base } = scene(['Ana', 'Ben', 'Cleo', 'Dora', 'Gus', 'Hal', 'Ida'], ['Ben', 'Cleo', 'Dora']);
    const benOut = group.remove('Ana', 'Ben', { after: base });
    const cleoOut = group.remove('Ben', 'Cleo', { after: base });
    const doraOut = group.remove('Cleo', 'Dora', { after: base });
    group.remove('Dora', 'Ana', { after: base });
    for (const witness of ['Gus', 'Hal']) group.seen(witness, { after: [benOut, doraOut] });
    group.seen('Ida', { after: [cleoOut] });
    expect(group.roll()).toBe('Ana* Cleo* Gus Hal Ida');
  });
});
