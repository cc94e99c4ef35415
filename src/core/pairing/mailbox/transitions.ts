// How an exchange goes from one phase to the next, whatever the reason.
import { equalBytes } from '../../bytes/bytes.ts';
import type { ErrorKind } from '../../errors.ts';
import { errandOf, firstOf } from './errands.ts';
import type { Effect, Exchange, Phase, Step } from './phase.ts';

/** Between two looks, milliseconds, before jitter: the other side needs the mailbox to itself meanwhile. */
export const LOOK_MS = 900;

export const begin = (now: number): Step => ({
  exchange: { phase: { at: 'preparing' }, since: now, reachedAt: now },
  effects: [{ do: 'prepare' }],
});

/** Goes on to a phase; what it wants to do at the mailbox follows after so many milliseconds. */
export function enter(exchange: Exchange, phase: Phase, after = 0, effects: readonly Effect[] = []): Step {
  const errand = errandOf(phase);
  const visits: Effect[] = errand === undefined ? [] : [{ do: 'visit', errand, after }];
  return { exchange: { ...exchange, phase }, effects: [...effects, ...visits] };
}

/** Looks again in a while. */
export const wait = (exchange: Exchange, phase: Phase = exchange.phase): Step => enter(exchange, phase, LOOK_MS);

export const ignored = (exchange: Exchange): Step => ({ exchange, effects: [] });

/** Drops everything and begins with fresh values. */
export const anew = (exchange: Exchange, effects: readonly Effect[] = []): Step =>
  enter(exchange, { at: 'preparing' }, 0, [...effects, { do: 'prepare' }]);

/** The attempt is over. The other side learns of it by finding the mailbox empty. */
export function failed(exchange: Exchange, kind: ErrorKind): Step {
  // Slot 1 is no longer ours to clear, or the mailbox not to be reached.
  const leave = kind === 'mailbox-expired' || kind.startsWith('bluetooth-');
  return enter(exchange, { at: 'failed', kind }, 0, leave ? [] : clearing(exchange.phase));
}

export function clearing(phase: Phase): Effect[] {
  const first = firstOf(phase);
  return first === undefined ? [] : [{ do: 'clear', first, after: 0 }];
}

/** B has answered and cannot know whether that arrived: what was promised is kept, and first contact tells. */
export const unconfirmed = (
  exchange: Exchange,
  { agreement }: Extract<Phase, { readonly agreement: unknown }>,
): Step => (agreement === null ? ignored(exchange) : enter(exchange, { at: 'done', agreement, confirmed: false }));

/** Both there, and the same. */
export const same = (one: Uint8Array | null | undefined, other: Uint8Array): boolean =>
  one instanceof Uint8Array && equalBytes(one, other);
