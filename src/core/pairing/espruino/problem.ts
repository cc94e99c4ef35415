// What goes wrong with a gadget, inside this room: outside it is a value (ports/workshop.ts).
import { type ErrorKind, kindOf } from '../../errors.ts';
import type { GadgetProblem } from '../../ports/workshop.ts';

export class GadgetError extends Error {
  override readonly name = 'GadgetError';
  constructor(
    readonly problem: GadgetProblem,
    options?: { cause?: unknown },
  ) {
    super(problem, options);
  }
}

const ofKind: Partial<Record<ErrorKind, GadgetProblem>> = {
  'bluetooth-missing': 'missing',
  'bluetooth-off': 'off',
  'bluetooth-denied': 'denied',
  'bluetooth-cancelled': 'chosen-none',
  'bluetooth-lost': 'lost',
  'bluetooth-command': 'lost',
  'mailbox-foreign': 'foreign',
};

/** Of anything thrown while a gadget is dealt with. */
export function problemOf(error: unknown): GadgetProblem {
  if (error instanceof GadgetError) return error.problem;
  return ofKind[kindOf(error)] ?? 'internal';
}
