// What each phase of an exchange wants to do at the mailbox.
import type { Phase } from './phase.ts';
import type { Errand } from './visit.ts';

const NOTHING = { write: null, read: [], clear: false } as const;

/** undefined: the phase waits for something else. */
export function errandOf(phase: Phase): Errand | undefined {
  switch (phase.at) {
    case 'arriving':
      return { first: null, write: { slot: 1, bytes: phase.own.commitment }, read: [2], clear: false };
    case 'waiting':
      return { ...NOTHING, first: phase.own.commitment, read: [2] };
    case 'replying':
      return { first: phase.first, write: { slot: 2, bytes: phase.own.opening }, read: [3], clear: false };
    case 'opening':
      return { first: phase.own.commitment, write: { slot: 3, bytes: phase.own.opening }, read: [2], clear: false };
    case 'comparing':
      // A reply that changes after it was taken is a second one.
      return { ...NOTHING, first: phase.run.messages[0], read: phase.run.side === 'A' ? [2] : [] };
    case 'fetching':
      return { ...NOTHING, first: phase.run.messages[0], read: [4] };
    case 'delivering':
      return { first: phase.run.messages[0], write: { slot: 4, bytes: phase.sealed }, read: [5], clear: false };
    case 'answering':
      return { ...NOTHING, first: phase.run.messages[0], write: { slot: 5, bytes: phase.sealed } };
    case 'confirming':
      return { ...NOTHING, first: phase.run.messages[0] };
    default:
      return undefined;
  }
}

/** What slot 1 holds as long as the attempt lives; undefined when it is not known to take part. */
export function firstOf(phase: Phase): Uint8Array | undefined {
  switch (phase.at) {
    case 'arriving':
    case 'waiting':
    case 'opening':
      return phase.own.commitment;
    case 'replying':
      return phase.first;
    case 'deriving':
      return phase.messages[0];
    default:
      return 'run' in phase ? phase.run.messages[0] : undefined;
  }
}
