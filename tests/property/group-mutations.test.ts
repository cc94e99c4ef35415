// Mutated messages of groups: whatever a member sends, the page goes on, and nobody's history holds what nobody wrote.
// KITH_FUZZ_FRAMES raises the number.
import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { KithError } from '../../src/core/errors.ts';
import { encode } from '../../src/core/wire/cbor.ts';
import { decodeGroupMessage } from '../../src/core/wire/group-message.ts';
import { decodeGroupTalk, type GroupTalk } from '../../src/core/wire/group-talk.ts';
import { GroupWorld, type Person } from '../fixtures/group-world.ts';
import { KEPT_MIB, MemoryMeter, PEAK_MIB } from '../fixtures/memory.ts';
import { budget, mutate } from '../fixtures/mutate.ts';

const MUTANTS = budget('KITH_FUZZ_FRAMES', 10_000);

let world: GroupWorld;
let people: Person[];
/** One genuine message of every type. */
let genuine: Map<string, Uint8Array>;

beforeAll(async () => {
  world = new GroupWorld(41);
  world.records = true;
  people = await world.group('Ana', 'Ben', 'Cleo', 'Dora');
  const [ana, ben, cleo, dora] = people as [Person, Person, Person, Person];
  dora.isThere = false;
  await world.connectAll();
  await world.deliver();
  for (let round = 0; round < 20; round += 1) {
    for (const person of [ana, ben, cleo]) await person.write(`round ${round}`);
    await world.deliver();
  }
  await world.pass(3);
  await ana.run({ type: 'share', to: dora.id });
  await world.deliver();
  dora.isThere = true;
  await world.connect(dora, ben);
  await world.deliver();
  const group = ana.operations.members().view.groupId;
  world.sent.push({ from: '', to: '', bytes: encode({ type: 'group-graft', group, ids: [new Uint8Array(8)] }) });
  genuine = new Map(world.sent.map(({ bytes }) => [decodeGroupTalk(bytes).type, bytes]));
});

describe('rule strict-wire', () => {
  it('there is one of every type, and each comes back as it was', () => {
    expect([...genuine.keys()].sort()).toEqual([
      'group-compare',
      'group-fill',
      'group-graft',
      'group-have',
      'group-key',
      'group-list',
      'group-prune',
      'group-receipts',
      'group-sealed',
      'group-share',
      'group-want',
    ]);
    for (const bytes of genuine.values()) expect(encode(decodeGroupTalk(bytes))).toEqual(bytes);
  });

  it('a field more, a field less or a value out of its limits is refused', () => {
    const spoil = (bytes: Uint8Array, change: (talk: Record<string, unknown>) => void) => {
      const talk = { ...decodeGroupTalk(bytes) } as Record<string, unknown>;
      change(talk);
      return () => decodeGroupTalk(encode(talk));
    };
    const malformed = new KithError('frame-malformed');
    for (const [type, bytes] of genuine) {
      expect(
        spoil(bytes, (talk) => Object.assign(talk, { more: 1 })),
        type,
      ).toThrow(malformed);
      expect(
        spoil(bytes, (talk) => delete talk[Object.keys(talk).find((key) => key !== 'type') as string]),
        type,
      ).toThrow(malformed);
    }
    const of = (type: GroupTalk['type']) => genuine.get(type) as Uint8Array;
    expect(spoil(of('group-sealed'), (talk) => Object.assign(talk, { counter: 100 }))).toThrow(malformed);
    expect(spoil(of('group-want'), (talk) => Object.assign(talk, { ids: [] }))).toThrow(malformed);
    const many = Array.from({ length: 1_025 }, () => new Uint8Array(8));
    expect(spoil(of('group-want'), (talk) => Object.assign(talk, { ids: many }))).toThrow(malformed);
    const heads = [new Uint8Array(32).fill(2), new Uint8Array(32).fill(1)];
    expect(spoil(of('group-key'), (talk) => Object.assign(talk, { view: heads }))).toThrow(malformed);
  });

  it(`${MUTANTS} mutants break nothing: each is refused, or harms nobody but whoever sent it`, async () => {
    const [ana, ben] = people as [Person, Person];
    const random = seededRandom(42);
    const all = [...genuine.values()];
    const written = new Set(people.flatMap(({ texts }) => texts));
    const kinds = new Map<string, number>();
    const memory = new MemoryMeter();
    for (let count = 0; count < MUTANTS; count += 1) {
      const mutant = mutate(all[Math.floor(random.fraction() * all.length)] as Uint8Array, random, all);
      let talk: GroupTalk;
      try {
        talk = decodeGroupTalk(mutant);
      } catch (error) {
        expect(error).toBeInstanceOf(KithError);
        kinds.set((error as KithError).kind, (kinds.get((error as KithError).kind) ?? 0) + 1);
        continue;
      }
      const effects = await ana.conversation.run({ type: 'received', from: ben.id, talk });
      for (const effect of effects) {
        if (effect.type === 'refused') kinds.set(effect.kind, (kinds.get(effect.kind) ?? 0) + 1);
        if (effect.type === 'send') encode(effect.talk);
      }
      if (count % 1_000 === 0) memory.look();
    }
    const { peak, kept } = memory.report();
    console.log(
      `mutated group messages: ${JSON.stringify(Object.fromEntries(kinds))}, peak ${peak} MiB, kept ${kept} MiB`,
    );
    expect(peak).toBeLessThan(PEAK_MIB);
    expect(kept).toBeLessThan(KEPT_MIB);
    expect(ana.texts.every((text) => written.has(text))).toBe(true);
    expect(ana.texts).toHaveLength(60);
    for (const kind of kinds.keys())
      expect(['frame-malformed', 'frame-too-large', 'group-forged', 'group-stranger']).toContain(kind);
    expect(kinds.size).toBeGreaterThanOrEqual(3);
  });

  it('mutated contents of messages are malformed or differ, and never crash the reader', () => {
    const random = seededRandom(43);
    const contents = (people[0] as Person).conversation.parts.history.all().map(({ signed }) => signed.content);
    for (let count = 0; count < MUTANTS; count += 1) {
      const mutant = mutate(contents[count % contents.length] as Uint8Array, random, contents);
      try {
        decodeGroupMessage(mutant);
      } catch (error) {
        expect((error as KithError).kind).toMatch(/^frame-/);
      }
    }
  });
});
