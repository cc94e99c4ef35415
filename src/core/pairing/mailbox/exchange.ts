// The exchange over a mailbox as a state machine (MAILBOX.md): (exchange, event) -> { exchange, effects }. It computes nothing and
// knows no radio; mailbox-run.ts carries out its effects.
import type { ErrorKind } from '../../errors.ts';
import { errandOf } from './errands.ts';
import type { Effect, Exchange, ExchangeEvent, Phase, Step } from './phase.ts';
import { anew, clearing, enter, failed, ignored, unconfirmed, wait } from './transitions.ts';
import { otherSide } from './values.ts';
import { visited } from './visited.ts';

/** Wrong codes that are allowed; the last one ends the attempt. */
const TRIES = 3;
/** A mailbox that cannot be reached for so long has been carried away or switched off, milliseconds. */
const REACH_MS = 60_000;
/** What answers and does nothing that a mailbox does will not begin to, milliseconds. */
const FOREIGN_MS = 15_000;
/** For so long somebody is waited for, milliseconds. */
const COMPANY_MS = 600_000;

export function step(exchange: Exchange, event: ExchangeEvent, now: number): Step {
  const { phase } = exchange;
  // What an earlier phase wanted to know.
  if ((event.is === 'visited' || event.is === 'unreachable') && errandOf(phase) === undefined) return ignored(exchange);
  switch (event.is) {
    case 'visited': {
      const reached = { ...exchange, reachedAt: now };
      return isAlone(phase, now - exchange.since)
        ? failed(reached, 'mailbox-nobody')
        : visited(reached, event.seen, now);
    }
    case 'unreachable':
      return unreachable(exchange, event.kind, now);
    case 'broken':
      return broken(exchange, event.kind);
    case 'code':
      return typed(exchange, event.digits);
    case 'start-over':
      return startOver(exchange, now);
    case 'cancel':
      return cancelled(exchange);
    default:
      return computed(exchange, event, now);
  }
}

/** A's CLEAR tells B that all is well; B that answered early still has to read slot 4 before. */
const EARLY_MS = 10_000;

function computed(exchange: Exchange, event: ExchangeEvent, now: number): Step {
  const { phase } = exchange;
  if (event.is === 'prepared' && phase.at === 'preparing') {
    return enter(exchange, { at: 'arriving', own: event.own, busy: false });
  }
  if (event.is === 'derived' && phase.at === 'deriving') {
    const { side, own, messages } = phase;
    const { codes } = event.secrets;
    if (codes.A === codes.B) return anew(exchange, clearing(phase));
    const run = { side, own, messages, secrets: event.secrets };
    return wait(exchange, { at: 'comparing', run, tries: TRIES });
  }
  if (event.is === 'sealed' && phase.at === 'sealing') {
    const { run, agreement } = phase;
    const { sealed } = event;
    if (agreement === null) return enter(exchange, { at: 'delivering', run, sealed, delivered: false });
    return enter(exchange, { at: 'answering', run, agreement, sealed, since: now, gone: false });
  }
  if (event.is === 'opened' && phase.at === 'unsealing') {
    const { run, early } = phase;
    const agreement = { cardSecret: run.own.cardSecret, theirs: event.card, psk: run.secrets.psk };
    // A has B's card because B has A's. B knows that of A only once the receipt is there.
    const keep: Effect = { do: 'keep', agreement, confirmed: run.side === 'A' };
    return enter(exchange, { at: 'keeping', run, agreement, early }, 0, [keep]);
  }
  return event.is === 'kept' ? kept(exchange) : ignored(exchange);
}

function kept(exchange: Exchange): Step {
  const { phase } = exchange;
  if (phase.at === 'settling') {
    return enter(exchange, { at: 'done', agreement: phase.agreement, confirmed: true });
  }
  if (phase.at !== 'keeping') return ignored(exchange);
  const { run, agreement, early } = phase;
  if (run.side === 'B') return enter(exchange, { at: 'sealing', run, agreement }, 0, [{ do: 'seal', run }]);
  const receipt: Effect = { do: 'clear', first: run.messages[0], after: early ? EARLY_MS : 0 };
  return enter(exchange, { at: 'done', agreement, confirmed: true }, 0, [receipt]);
}

function typed(exchange: Exchange, digits: string): Step {
  const { phase } = exchange;
  const tell = (kind: ErrorKind | null, limit?: number): Effect => ({
    do: 'tell',
    kind,
    detail: limit === undefined ? {} : { limit },
  });
  if (phase.at !== 'comparing') return { exchange, effects: [tell('mailbox-expired')] };
  const { run, tries } = phase;
  const { codes } = run.secrets;
  if (!/^\d{6}$/.test(digits)) return { exchange, effects: [tell('code-digits')] };
  if (digits === codes[run.side]) return { exchange, effects: [tell('code-own')] };
  if (digits !== codes[otherSide(run.side)]) {
    const told = tell('code-wrong', tries - 1);
    if (tries > 1) return { exchange: { ...exchange, phase: { ...phase, tries: tries - 1 } }, effects: [told] };
    const { exchange: ended, effects } = failed(exchange, 'code-wrong');
    return { exchange: ended, effects: [told, ...effects] };
  }
  if (run.side === 'B') return enter(exchange, { at: 'fetching', run }, 0, [tell(null)]);
  return enter(exchange, { at: 'sealing', run, agreement: null }, 0, [tell(null), { do: 'seal', run }]);
}

/** No use in waiting for it to come back by itself. */
const final: ReadonlySet<ErrorKind> = new Set(['bluetooth-off', 'bluetooth-denied', 'bluetooth-missing']);

function unreachable(exchange: Exchange, kind: ErrorKind, now: number): Step {
  const { phase } = exchange;
  const patience = kind === 'mailbox-foreign' ? FOREIGN_MS : REACH_MS;
  if (!final.has(kind) && now - exchange.reachedAt < patience) return wait(exchange);
  // What B has answered may have arrived: it is kept, and first contact tells.
  if (phase.at === 'answering' || phase.at === 'confirming') return unconfirmed(exchange, phase);
  return failed(exchange, kind);
}

function broken(exchange: Exchange, kind: ErrorKind): Step {
  const { phase } = exchange;
  if (phase.at === 'settling') return enter(exchange, { at: 'done', agreement: phase.agreement, confirmed: false });
  // CLEAR would tell B that A has kept its card.
  if (phase.at === 'keeping' && phase.run.side === 'A') return enter(exchange, { at: 'failed', kind });
  return phase.at === 'failed' || phase.at === 'done' ? ignored(exchange) : failed(exchange, kind);
}

function startOver(exchange: Exchange, now: number): Step {
  const { phase } = exchange;
  const fresh = { ...exchange, since: now, reachedAt: now };
  if (phase.at === 'failed') return anew(fresh);
  if (phase.at === 'arriving') return anew(fresh, [{ do: 'clear', first: null, after: 0 }]);
  return isCommitted(phase) ? ignored(exchange) : anew(fresh, clearing(phase));
}

function cancelled(exchange: Exchange): Step {
  const { phase } = exchange;
  if (phase.at === 'failed' || phase.at === 'done') return enter(exchange, { at: 'over' });
  return isCommitted(phase) ? ignored(exchange) : enter(exchange, { at: 'over' }, 0, clearing(phase));
}

const beforeTheCode: ReadonlySet<Phase['at']> = new Set([
  'preparing',
  'arriving',
  'waiting',
  'replying',
  'opening',
  'deriving',
  'comparing',
]);

/** The person has typed the code: it goes on without them. */
export const isCommitted = (phase: Phase): boolean =>
  !beforeTheCode.has(phase.at) && phase.at !== 'failed' && phase.at !== 'done' && phase.at !== 'over';

const isAlone = ({ at }: Phase, waited: number): boolean =>
  waited > COMPANY_MS && (at === 'arriving' || at === 'waiting' || at === 'replying');
