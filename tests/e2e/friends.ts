// Two people who have met: for tests whose subject begins there.
import type { Browser, BrowserContext } from '@playwright/test';
import { expect, meet, Person } from './people.ts';

export interface Pair {
  readonly ana: Person;
  readonly ben: Person;
  readonly numbers: { readonly ana: string; readonly ben: string };
  leave(): Promise<void>;
}

const pairOf = (ana: Person, ben: Person, numbers: Pair['numbers']): Pair => ({
  ana,
  ben,
  numbers,
  leave: async () => void (await Promise.all([ana.leave(), ben.leave()])),
});

/**
 * Ana and Ben have met and look at each other's conversation: for files of tests that share one friendship.
 * @param at Where both sit, in windows of their own; without it each is at a browser of their own, which can end and begin again.
 */
export async function friends(site: string, before?: () => void, at?: Browser): Promise<Pair> {
  const prepare = async (context: BrowserContext) => before && (await context.addInitScript(before));
  const come = (name: string) => (at ? Person.visit(at, name, site, prepare) : Person.arrive(name, site, before));
  const [ana, ben] = await Promise.all([come('Ana'), come('Ben')]);
  await Promise.all([ana.join(), ben.join()]);
  return pairOf(ana, ben, await meet(ana, ben));
}

/** The same friendship at copies of their profiles, online, with the conversation open. Theirs must have been closed. */
export async function doubles({ ana, ben, numbers }: Pair): Promise<Pair> {
  const pair = pairOf(...(await Promise.all([ana.double(), ben.double()])), numbers);
  await expect(pair.ana.conversation(numbers.ben)).toHaveAttribute('data-presence', 'online');
  await expect(pair.ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'online');
  await pair.ana.openConversation(numbers.ben);
  await pair.ben.openConversation(numbers.ana);
  return pair;
}
