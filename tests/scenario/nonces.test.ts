// No key and nonce are used twice, over kills, a second page that believes it leads, and databases restored from an older copy: of whole
// nodes that write, send files and talk in a group, every encryption is looked at (sessions, handshakes, signals, file units, group
// messages, and each stored record sealed as the IndexedDB adapter seals it). KITH_NONCES raises the number.
import { afterEach, expect, it } from 'vitest';
import { importDataKey, sealRecord } from '../../src/adapters/indexeddb/record-seal.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { importAeadKey, seal } from '../../src/core/crypto/aead.ts';
import { budget } from '../fixtures/mutate.ts';
import { NonceWitness } from '../fixtures/nonce-witness.ts';
import { Village, type Villager } from '../fixtures/village.ts';
import { groupOf, idOf } from '../fixtures/village-groups.ts';

const ENCRYPTIONS = budget('KITH_NONCES', 10_000);
/** One in so many encryptions: a hundred in a million. */
const KILLS = Math.max(5, Math.round(ENCRYPTIONS / 10_000));
const RESTORES = Math.max(2, Math.round(KILLS / 10));
const TEXTS = 15;
const UNIT = 65_536;

let witness: NonceWitness | undefined;
afterEach(() => witness?.leave());

it('the witness notices a nonce that is used again under the same key, even if it was imported again', async () => {
  witness = new NonceWitness();
  const [key, nonce] = [new Uint8Array(32).fill(3), new Uint8Array(12)];
  await seal(await importAeadKey(key), nonce, new Uint8Array(1));
  await seal(await importAeadKey(key.map((byte) => byte + 1)), nonce, new Uint8Array(1));
  expect(witness).toMatchObject({ encryptions: 2, keys: 2, repeated: [] });
  await seal(await importAeadKey(key), nonce, new Uint8Array(2));
  expect(witness.repeated).toHaveLength(1);
});

/** The page dies without a word; another opens on what the disk has. */
async function kill(person: Villager): Promise<void> {
  person.disk.crash();
  person.files.crash();
  void person.close();
  await person.start();
}

interface Copy {
  readonly records: Villager['disk']['written'];
  readonly files: Map<string, { bytes: Uint8Array; length: number }>;
}

const copyOf = ({ disk, files }: Villager): Copy => ({
  records: new Map([...disk.durable].map(([table, rows]) => [table, new Map(rows)])),
  files: new Map(
    [...files.files].map(([name, { bytes, length }]) => [name, { bytes: Uint8Array.from(bytes), length }] as const),
  ),
});

/** An older copy of the disk is put back, as somebody who restores their profile does. */
async function restore(person: Villager, copy: Copy): Promise<void> {
  await person.close();
  const again = (): Villager['disk']['written'] =>
    new Map([...copy.records].map(([table, rows]) => [table, new Map(rows)]));
  person.disk.written = again();
  person.disk.durable = again();
  person.files.files.clear();
  for (const [name, content] of copy.files) person.files.files.set(name, content as never);
  await person.start();
}

it(
  `${ENCRYPTIONS} encryptions over ${KILLS} kills, a second page and ${RESTORES} restored databases: no nonce is used twice under one key`,
  async () => {
    const seen = new NonceWitness();
    witness = seen;
    const random = seededRandom(20_261_126);
    const village = new Village(71);
    const people: Villager[] = [];
    for (const name of ['Ana', 'Ben', 'Cleo']) {
      const person = await village.person(name);
      const dataKey = await importDataKey(random.bytes(32));
      person.beforeCommit = async (writes) => {
        for (const write of writes) if ('put' in write) await sealRecord(dataKey, write.put, write.key, write.value);
      };
      people.push(person);
    }
    const [ana, ben, cleo] = people as [Villager, Villager, Villager];
    await village.introduce(ana, ben);
    await village.introduce(ana, cleo);
    const made = await village.outcome(ana.node.createGroup('Hikers', [await ana.idOf(ben), await ana.idOf(cleo)]));
    expect(made.ok).toBe(true);
    for (const person of [ben, cleo]) {
      await village.until(async () => (await groupOf(person))?.standing === 'invited', 'invited');
      await village.outcome(person.node.answerGroup(await idOf(person), 'accept'));
    }
    await village.until(async () => (await groupOf(cleo))?.joined === 3, 'three in the group');

    const pairs = [
      [ana, ben],
      [ben, ana],
      [ana, cleo],
    ] as const;
    let copies = people.map(copyOf);
    let [kills, restores, rounds] = [0, 0, 0];
    while (seen.encryptions < ENCRYPTIONS || kills < KILLS || restores < RESTORES) {
      rounds += 1;
      const sent: Promise<unknown>[] = [];
      for (let count = 0; count < TEXTS; count += 1)
        for (const [from, to] of pairs) sent.push(from.write(to, `round ${rounds}, ${count}`));
      for (const person of people) sent.push(person.node.sendText(await idOf(person), `all, round ${rounds}`));
      const file = new File([random.bytes(3 * UNIT + rounds)], `file ${rounds}.bin`);
      sent.push(ana.node.sendFiles(await ana.idOf(ben), [{ file, thumbnail: null }] as never));
      // Whoever is killed is killed in the middle of it.
      await village.pass(Math.floor(200 * random.fraction()));
      const victim = people[Math.floor(people.length * random.fraction())] as Villager;
      if (kills < KILLS) {
        kills += 1;
        // The page before stays alive beside the new one, and goes on writing and sealing, as a tab does that was frozen and wakes.
        const before = victim.node;
        if (kills % 4 === 0) {
          await victim.start();
          await village.pass(1_000);
          before.close();
        } else await kill(victim);
      }
      // A page that has died may answer nothing any more.
      let answered = false;
      void Promise.allSettled(sent).then(() => {
        answered = true;
      });
      for (let wait = 0; wait < 50 && !answered; wait += 1) await village.pass(100);
      await village.together(ana, ben);
      if (rounds % 5 === 0 && restores < RESTORES) {
        restores += 1;
        const index = restores % people.length;
        await restore(people[index] as Villager, copies[index] as Copy);
        await village.together(ana, ben);
        copies = people.map(copyOf);
      }
    }
    for (const person of people) await person.close();
    console.log(
      `nonces: ${seen.encryptions} encryptions under ${seen.keys} keys, ${kills} kills, ${restores} restored databases, repeated ${seen.repeated.length}`,
    );
    expect(seen.strangers).toBe(0);
    expect(seen.repeated).toEqual([]);
    expect(seen.encryptions).toBeGreaterThanOrEqual(ENCRYPTIONS);
  },
  Math.max(240_000, 4 * ENCRYPTIONS),
);
