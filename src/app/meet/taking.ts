// What a scanned or pasted text is when somebody is to be added: their card, or something else.
import type { KithNode } from '../../core/node-api.ts';
import type { PairError, Pairing } from '../pairing.ts';
import type { Reading } from './scan.ts';

const internal = { ok: false, kind: 'internal', detail: {} } as const;

export function cardReading(node: KithNode, pairing: Pairing): Reading {
  return {
    begun: () => pairing.dismissError(),
    async take(text) {
      const taken = await node.takeCard(text).catch(() => internal);
      if (taken.ok) return null;
      const { kind, detail }: PairError = taken;
      // What begins otherwise was never a card; a person who typed would be told how one begins.
      return { kind: kind === 'card-prefix' ? 'code-foreign' : kind, detail };
    },
  };
}
