// What many schedules came to, counted.
import type { Life } from './live.ts';

/** How a broken promise begins, as the model words it. */
const faults = {
  lost: 'lost',
  shownTwice: 'shown twice',
  outOfOrder: 'out of order',
  falselyDelivered: 'falsely delivered',
  falselyDropped: 'falsely dropped',
  falselyRead: 'falsely read',
  falselyOnline: 'falsely online',
  falselyAway: 'falsely away',
  deadlocked: 'deadlocked',
} as const;

type Fault = keyof typeof faults | 'other';

export interface Tally {
  readonly seed: number;
  readonly steps: number;
  schedules: number;
  written: number;
  delivered: number;
  dropped: number;
  /** Schedules in which it happened. */
  readonly faults: Record<Fault, number>;
  readonly acts: Record<string, number>;
  readonly failing: { readonly seed: number; readonly wrong: readonly string[] }[];
}

export function newTally(seed: number, steps: number): Tally {
  const none = Object.fromEntries([...Object.keys(faults), 'other'].map((fault) => [fault, 0])) as Record<
    Fault,
    number
  >;
  return { seed, steps, schedules: 0, written: 0, delivered: 0, dropped: 0, faults: none, acts: {}, failing: [] };
}

export function tally(result: Tally, life: Life): void {
  result.schedules += 1;
  result.written += life.written;
  result.delivered += life.delivered;
  result.dropped += life.dropped;
  for (const [act, times] of Object.entries(life.acts)) result.acts[act] = (result.acts[act] ?? 0) + times;
  if (life.wrong.length === 0) return;
  result.failing.push({ seed: life.seed, wrong: life.wrong });
  for (const fault of new Set(life.wrong.map(faultOf))) result.faults[fault] += 1;
}

function faultOf(wrong: string): Fault {
  const known = (Object.keys(faults) as (keyof typeof faults)[]).find((fault) => wrong.includes(`: ${faults[fault]}`));
  return known ?? 'other';
}

export const replayCommand = (seed: number, steps: number): string =>
  `npm run model -- --replay ${seed} --steps ${steps}`;
