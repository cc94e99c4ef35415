// The page of either side dies right before any of its commits, while texts and a file move both ways. Whatever was said to be
// written is there, everything arrives once and in order, and nothing says delivered that is not on the other disk.
import { expect, it } from 'vitest';
import { Village, type Villager } from '../fixtures/village.ts';

/** Commits of one side from the first text to the last receipt, with some to spare. */
const COMMITS = 24;

const file = (name: string) => ({ file: new File([new Uint8Array(150_000).fill(7)], name), thumbnail: null });

async function talk(from: Villager, to: Villager): Promise<void> {
  const id = await from.idOf(to);
  await from.node.sendText(id, `${from.name} 1`);
  await from.node.sendFiles(id, [file(`${from.name}.bin`)]);
  await from.node.sendText(id, `${from.name} 2`);
}

/** What a person sees of one direction. */
async function seen(person: Villager, other: Villager, direction: 'in' | 'out') {
  const messages = (await person.messages(other)).filter((message) => message.direction === direction);
  return messages.map(({ text, attachment }) => attachment?.name ?? text);
}

async function allDelivered(person: Villager, other: Villager): Promise<boolean> {
  const states = await person.states(other);
  return states.every((state) => state === 'delivered');
}

async function complete(person: Villager, other: Villager): Promise<boolean> {
  return (await person.messages(other)).every(({ attachment }) => !attachment || attachment.state === 'complete');
}

it.each(['Ana', 'Ben'])('%s loses power before each commit in turn', async (victimName) => {
  for (let commits = 0; commits < COMMITS; commits += 1) {
    const village = new Village(1000 + commits);
    const ana = await village.person('Ana');
    const ben = await village.person('Ben');
    await village.introduce(ana, ben);
    const [victim, other] = victimName === 'Ana' ? [ana, ben] : [ben, ana];
    victim.disk.commitsUntilCrash = commits;
    void talk(victim, other);
    await talk(other, victim);
    await village.until(async () => victim.disk.crashes > 0 || (await allDelivered(other, victim)));
    if (victim.disk.crashes === 0) victim.disk.crash();
    void victim.close();
    await victim.start();
    await village.together(ana, ben);
    for (const [from, to] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      const written = await seen(from, to, 'out');
      await village.until(() => allDelivered(from, to), `commit ${commits}: ${from.name} has everything delivered`);
      expect(await seen(to, from, 'in'), `commit ${commits}`).toEqual(written);
      await village.until(() => complete(to, from), `commit ${commits}: files complete at ${to.name}`);
      await village.until(() => complete(from, to), `commit ${commits}: files complete at ${from.name}`);
    }
    expect(await seen(other, victim, 'out')).toHaveLength(3);
  }
});
