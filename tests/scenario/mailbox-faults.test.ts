// Every operation at a mailbox fails once, twice and for ever: pairing completes or says why, and nobody counts on somebody who does
// not count on them.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { type AirFate, MemoryMailbox } from '../../src/adapters/memory/mailbox.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { passes, Visitor } from '../fixtures/mailbox-people.ts';
import { ana, ben } from '../fixtures/people.ts';

const RUNS = Number(process.env.KITH_FUZZ_MAILBOX ?? 500);
/** About as many operations as one person needs in all. */
const OPERATIONS = 170;

interface Plan {
  readonly central: 'Ana' | 'Ben';
  readonly from: number;
  readonly times: number;
  readonly fate: AirFate;
}

function planOf(seed: number): Plan {
  const random = seededRandom(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random.fraction() * all.length)] as T;
  return {
    central: pick(['Ana', 'Ben'] as const),
    from: Math.floor(random.fraction() * OPERATIONS),
    times: pick([1, 2, Number.POSITIVE_INFINITY]),
    fate: pick(['lost', 'unheard', 'late'] as const),
  };
}

/** One attempt from beginning to end; both type the right code as soon as they see it. */
async function run(plan: Plan, seed: number): Promise<[Visitor, Visitor]> {
  const clock = new MemoryClock();
  const mailbox = new MemoryMailbox({
    clock,
    latencyMs: 5,
    fate: ({ central, index }) =>
      central === plan.central && index >= plan.from && index < plan.from + plan.times ? plan.fate : 'fine',
  });
  const anas = new Visitor(ana, mailbox.central('Ana'), clock, 2 * seed);
  const bens = new Visitor(ben, mailbox.central('Ben'), clock, 2 * seed + 1);
  const ended = await passes(clock, () => {
    if (anas.at === 'comparing' && bens.comparing) anas.type(bens.code);
    if (bens.at === 'comparing' && anas.comparing) bens.type(anas.code);
    return anas.isOver && bens.isOver;
  });
  if (!ended) throw new Error(`never ended: ${JSON.stringify(plan)}, Ana ${anas.at}, Ben ${bens.at}`);
  return [anas, bens];
}

function check(plan: Plan, [anas, bens]: readonly [Visitor, Visitor]): 'paired' | 'unconfirmed' | 'failed' {
  const what = JSON.stringify({ plan, ana: anas.run.phase.at, ben: bens.run.phase.at });
  const counts = (one: Visitor) => one.kept.some(({ confirmed }) => confirmed);
  const knows = (one: Visitor) => one.kept.length > one.withdrawn.length;
  // Whoever counts on the other is at least promised by them: first contact then tells both.
  if (counts(anas)) expect(knows(bens), what).toBe(true);
  if (counts(bens)) expect(knows(anas), what).toBe(true);
  for (const one of [anas, bens]) {
    if (one.at === 'failed') expect(one.failure, what).toMatch(/^(bluetooth|mailbox)-/);
    else expect(one.kept.length, what).toBeGreaterThan(0);
  }
  const [mine, theirs] = [anas.kept.at(-1)?.agreement, bens.kept.at(-1)?.agreement];
  if (mine && theirs) {
    expect([mine.psk, mine.theirs.secret], what).toEqual([theirs.psk, theirs.cardSecret]);
    expect(theirs.theirs.secret, what).toEqual(mine.cardSecret);
  }
  if (counts(anas) && counts(bens)) return 'paired';
  return knows(anas) || knows(bens) ? 'unconfirmed' : 'failed';
}

describe('an operation at the mailbox that fails', () => {
  it(`once, twice or for ever, in ${RUNS} seeded runs, leaves no half contact and always ends`, {
    timeout: 0,
  }, async () => {
    const outcomes = { paired: 0, unconfirmed: 0, failed: 0 };
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const plan = planOf(seed);
      const outcome = check(plan, await run(plan, seed));
      outcomes[outcome] += 1;
      // What passes is got over. Only B may be left in doubt: its answer arrived and was cleared before it heard of that.
      if (Number.isFinite(plan.times)) expect(outcome, JSON.stringify(plan)).not.toBe('failed');
    }
    expect(outcomes.paired).toBeGreaterThan(0.6 * RUNS);
    expect(outcomes.unconfirmed).toBeLessThan(0.1 * RUNS);
    expect(outcomes.failed).toBeGreaterThan(0);
  });

  it('when it disconnects at every step of every visit for a while, it completes once that is over', async () => {
    const random = seededRandom(77);
    const clock = new MemoryClock();
    const mailbox = new MemoryMailbox({ clock, latencyMs: 5 });
    mailbox.fate = () => (clock.now() < start + 20_000 && random.fraction() < 0.05 ? 'lost' : 'fine');
    const start = clock.now();
    const anas = new Visitor(ana, mailbox.central('Ana'), clock, 1);
    const bens = new Visitor(ben, mailbox.central('Ben'), clock, 2);
    await passes(clock, () => anas.at === 'comparing' && bens.at === 'comparing');
    expect([anas.type(bens.code), bens.type(anas.code)]).toEqual([undefined, undefined]);
    expect(await passes(clock, () => anas.at === 'done' && bens.at === 'done')).toBe(true);
  });

  it('a slow mailbox is waited for', async () => {
    const clock = new MemoryClock();
    const mailbox = new MemoryMailbox({ clock, latencyMs: 90 });
    const anas = new Visitor(ana, mailbox.central('Ana'), clock, 1);
    const bens = new Visitor(ben, mailbox.central('Ben'), clock, 2);
    await passes(clock, () => anas.at === 'comparing' && bens.at === 'comparing');
    expect([anas.type(bens.code), bens.type(anas.code)]).toEqual([undefined, undefined]);
    expect(await passes(clock, () => anas.at === 'done' && bens.at === 'done')).toBe(true);
  });
});
