// Handshake patterns of the Noise Protocol Framework, revision 34: §7.4 one-way, §7.5 interactive, §18.1 deferred, §9.4 psk.
import { KithError } from '../../errors.ts';

export type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk';

export interface HandshakePattern {
  /** Whether the initiator's / responder's static key is known to the other before the first message. */
  readonly preMessages: readonly [initiator: boolean, responder: boolean];
  /** Tokens of each message; the initiator writes the first. */
  readonly messages: readonly (readonly Token[])[];
  /** Number of psk tokens. */
  readonly psks: number;
}

/** Pre-messages (`>s`, `<s`), then one entry a message. */
const PATTERNS: Readonly<Record<string, string>> = {
  N: '<s: e es',
  K: '>s <s: e es ss',
  X: '<s: e es s ss',

  NN: ': e, e ee',
  NK: '<s: e es, e ee',
  NX: ': e, e ee s es',
  XN: ': e, e ee, s se',
  XK: '<s: e es, e ee, s se',
  XX: ': e, e ee s es, s se',
  KN: '>s: e, e ee se',
  KK: '>s <s: e es ss, e ee se',
  KX: '>s: e, e ee se s es',
  IN: ': e s, e ee se',
  IK: '<s: e es s ss, e ee se',
  IX: ': e s, e ee se s es',

  NK1: '<s: e, e ee es',
  NX1: ': e, e ee s, es',
  X1N: ': e, e ee, s, se',
  X1K: '<s: e es, e ee, s, se',
  XK1: '<s: e, e ee es, s se',
  X1K1: '<s: e, e ee es, s, se',
  X1X: ': e, e ee s es, s, se',
  XX1: ': e, e ee s, es s se',
  X1X1: ': e, e ee s, es s, se',
  K1N: '>s: e, e ee, se',
  K1K: '>s <s: e es, e ee, se',
  KK1: '>s <s: e, e ee se es',
  K1K1: '>s <s: e, e ee es, se',
  K1X: '>s: e, e ee s es, se',
  KX1: '>s: e, e ee se s, es',
  K1X1: '>s: e, e ee s, se es',
  I1N: ': e s, e ee, se',
  I1K: '<s: e es s, e ee, se',
  IK1: '<s: e s, e ee se es',
  I1K1: '<s: e s, e ee es, se',
  I1X: ': e s, e ee s es, se',
  IX1: ': e s, e ee se s, es',
  I1X1: ': e s, e ee s, se es',
};

/** §9.4: psk0 stands before the first message's tokens, psk1 … after those of message 1 … */
function insertPsk(messages: Token[][], place: number): void {
  const message = messages[Math.max(0, place - 1)];
  if (message === undefined) throw new KithError('internal');
  if (place === 0) message.unshift('psk');
  else message.push('psk');
}

/**
 * The pattern of a name such as `XX`, `KKpsk0` or `XXpsk0+psk3`.
 * @throws KithError 'internal' for a name that is none.
 */
export function parsePattern(name: string): HandshakePattern {
  const [, base = '', modifiers = ''] = /^([A-Z1]+)((?:psk\d)?(?:\+psk\d)*)$/.exec(name) ?? [];
  const [pre, body] = PATTERNS[base]?.split(':') ?? [];
  if (pre === undefined || body === undefined) throw new KithError('internal');
  const messages = body.split(',').map((message) => message.trim().split(' ') as Token[]);
  const places = (modifiers.match(/\d/g) ?? []).map(Number);
  for (const place of places) insertPsk(messages, place);
  return { preMessages: [pre.includes('>s'), pre.includes('<s')], messages, psks: places.length };
}
