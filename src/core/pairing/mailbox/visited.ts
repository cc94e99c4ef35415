// What a visit to the mailbox means in each phase of an exchange.
import { MEMORY_MS } from './commands.ts';
import type { Effect, Exchange, Phase, Step } from './phase.ts';
import { anew, enter, failed, ignored, same, unconfirmed, wait } from './transitions.ts';
import { COMMITMENT_BYTES, isOpening } from './values.ts';
import type { Seen } from './visit.ts';

/** A mailbox found empty this soon after slot 5 can have been written at all has been cleared and did not forget by itself, milliseconds. */
const RECEIPT_MS = MEMORY_MS - 10_000;

type At<Name extends Phase['at']> = Extract<Phase, { readonly at: Name }>;

/** A slot that is not in `seen` was not looked at: the phase changed while the visit was under way. */
export function visited(exchange: Exchange, seen: Seen, now: number): Step {
  const { phase } = exchange;
  switch (phase.at) {
    case 'arriving':
      return arrived(exchange, phase, seen);
    case 'waiting':
      return awaited(exchange, phase, seen);
    case 'replying':
      return replied(exchange, phase, seen);
    case 'opening':
      return opened(exchange, phase, seen);
    case 'comparing':
      return compared(exchange, phase, seen);
    case 'fetching':
      return fetched(exchange, phase, seen);
    case 'delivering':
      return delivered(exchange, phase, seen);
    case 'answering':
      return answered(exchange, phase, seen, now);
    case 'confirming':
      return confirmed(exchange, phase, seen, now);
    default:
      return ignored(exchange);
  }
}

function arrived(exchange: Exchange, phase: At<'arriving'>, seen: Seen): Step {
  const { own } = phase;
  const [first, reply] = [seen.get(1), seen.get(2)];
  if (same(first, own.commitment)) return enter(exchange, { at: 'waiting', own });
  // What I wrote is not there, and nothing else is.
  if (!first) return wait(exchange);
  if (first.length === COMMITMENT_BYTES && reply === null) return enter(exchange, { at: 'replying', own, first });
  return wait(exchange, { ...phase, busy: true });
}

/** A waits for somebody. Nobody has seen anything of mine: when it is forgotten or cleared, it is put there again. */
function awaited(exchange: Exchange, { own }: At<'waiting'>, seen: Seen): Step {
  if (!same(seen.get(1), own.commitment)) return anew(exchange);
  const reply = seen.get(2);
  if (!reply) return wait(exchange);
  if (!isOpening(reply, own)) return failed(exchange, 'mailbox-tampered');
  return enter(exchange, { at: 'opening', own, reply });
}

function replied(exchange: Exchange, { own, first }: At<'replying'>, seen: Seen): Step {
  if (!same(seen.get(1), first)) return anew(exchange);
  const reply = seen.get(2);
  if (!reply) return wait(exchange);
  // Somebody else was faster. The mailbox may have read what was to be my reply all the same: said again, as a commitment or in
  // answer to another one, it would bind nobody who knows it by now.
  if (!same(reply, own.opening)) return anew(exchange);
  const opening = seen.get(3);
  if (!opening) return wait(exchange);
  if (!isOpening(opening, own)) return failed(exchange, 'mailbox-tampered');
  return derive(exchange, { at: 'deriving', side: 'B', own, messages: [first, own.opening, opening] });
}

function opened(exchange: Exchange, { own, reply }: At<'opening'>, seen: Seen): Step {
  if (!same(seen.get(1), own.commitment)) return anew(exchange);
  const opening = seen.get(3);
  if (!opening) return wait(exchange);
  if (!same(seen.get(2), reply) || !same(opening, own.opening)) return failed(exchange, 'mailbox-tampered');
  return derive(exchange, { at: 'deriving', side: 'A', own, messages: [own.commitment, reply, own.opening] });
}

function derive(exchange: Exchange, phase: At<'deriving'>): Step {
  const { side, own, messages } = phase;
  return enter(exchange, phase, 0, [{ do: 'derive', side, own, messages }]);
}

function compared(exchange: Exchange, { run }: At<'comparing'>, seen: Seen): Step {
  const [first, reply] = run.messages;
  if (!same(seen.get(1), first)) return failed(exchange, 'mailbox-expired');
  const changed = seen.has(2) && !same(seen.get(2), reply);
  return changed ? failed(exchange, 'mailbox-tampered') : wait(exchange);
}

function fetched(exchange: Exchange, { run }: At<'fetching'>, seen: Seen): Step {
  if (!same(seen.get(1), run.messages[0])) return failed(exchange, 'mailbox-expired');
  const sealed = seen.get(4);
  if (!sealed) return wait(exchange);
  return enter(exchange, { at: 'unsealing', run, early: false }, 0, [{ do: 'open', run, sealed }]);
}

function delivered(exchange: Exchange, phase: At<'delivering'>, seen: Seen): Step {
  const { run, sealed } = phase;
  if (!same(seen.get(1), run.messages[0])) return failed(exchange, 'mailbox-expired');
  const delivery = seen.get(4);
  if (!delivery) return wait(exchange);
  if (!same(delivery, sealed)) return failed(exchange, 'mailbox-tampered');
  const theirs = seen.get(5);
  if (!theirs) return wait(exchange, { ...phase, delivered: true });
  const open: Effect = { do: 'open', run, sealed: theirs };
  return enter(exchange, { at: 'unsealing', run, early: !phase.delivered }, 0, [open]);
}

function answered(exchange: Exchange, phase: At<'answering'>, seen: Seen, now: number): Step {
  const { run, agreement, sealed } = phase;
  if (!same(seen.get(1), run.messages[0])) {
    // The mailbox had been emptied before I wrote: A cannot have had it.
    if (same(seen.get(5), sealed)) return unconfirmed(exchange, phase);
    // Where a radio takes several connections, A can be done before I have read back what I wrote.
    if (seen.get(5) === null || phase.gone) return receipt(exchange, phase, now);
    // An earlier try of this visit may have succeeded without my hearing of it.
    return unconfirmed(exchange, phase);
  }
  const answer = seen.get(5);
  if (!answer) return wait(exchange, { ...phase, gone: true });
  if (same(answer, sealed)) return wait(exchange, { at: 'confirming', run, agreement, since: phase.since });
  const { exchange: ended, effects } = failed(exchange, 'mailbox-tampered');
  return { exchange: ended, effects: [...effects, { do: 'withdraw', agreement }] };
}

function confirmed(exchange: Exchange, phase: At<'confirming'>, seen: Seen, now: number): Step {
  return same(seen.get(1), phase.run.messages[0]) ? wait(exchange) : receipt(exchange, phase, now);
}

/** The mailbox has been emptied after slot 5 was written. */
function receipt(exchange: Exchange, phase: At<'answering' | 'confirming'>, now: number): Step {
  const { run, agreement, since } = phase;
  if (Math.abs(now - since) >= RECEIPT_MS) return unconfirmed(exchange, phase);
  return enter(exchange, { at: 'settling', run, agreement }, 0, [{ do: 'keep', agreement, confirmed: true }]);
}
