// The candidates of one connection in the making, sealed, over a lane that a door keeps open for it.
import { kindOf } from '../errors.ts';
import type { PendingAnswer, PendingOffer } from '../ports/dialer.ts';
import type { Lane } from '../ports/entry-point.ts';
import type { CandidateOf, SignalSealer } from './sealed-signal.ts';
import type { Tools } from './tools.ts';

export interface TrickleOptions {
  readonly tools: Tools;
  readonly sealer: SignalSealer;
  readonly topic: Uint8Array;
  readonly offerId: Uint8Array;
  /** Who we are in this call. */
  readonly side: CandidateOf;
}

/** Ours go out, theirs come in. One that does not open, or cannot be sent, is left out: others may do. */
export function trickle(lane: Lane, pending: PendingOffer | PendingAnswer, options: TrickleOptions): void {
  const { tools, sealer, topic, offerId, side } = options;
  const other = side === 'offered' ? 'answered' : 'offered';
  const leftOut = (error: unknown) => tools.log('debug', 'candidate left out', { kind: kindOf(error) });
  pending.onCandidate((signal) => {
    const sealed = tools.work.run(sealer.sealCandidate(topic, side, { offerId, signal }));
    sealed.then((bytes) => lane.send(bytes), leftOut);
  });
  lane.onSignal((sealed) => {
    const opened = tools.work.run(sealer.openCandidate(topic, other, offerId, sealed));
    opened.then((signal) => pending.addCandidate(signal), leftOut);
  });
}
