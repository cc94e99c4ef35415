// The states of a message, whatever happens in whatever order.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DeliveryEvent, deliver } from '../../../src/core/chat/delivery.ts';
import type { MessageRecord } from '../../../src/core/chat/records.ts';

const fresh: MessageRecord = {
  v: 1,
  id: new Uint8Array(16),
  direction: 'out',
  seq: 5,
  seen: 0,
  at: 1,
  sentAt: 1,
  text: 'hello',
  state: 'queued',
  everSent: false,
  missingBefore: 0,
};

const reasons = ['cancelled', 'blocked', 'not-a-contact', 'too-large', 'disk-full', 'expired', 'declined', 'damaged'];
const event: fc.Arbitrary<DeliveryEvent> = fc.oneof(
  fc.constantFrom<DeliveryEvent[]>(
    { type: 'handed' },
    { type: 'acked' },
    { type: 'cancelled' },
    { type: 'expired' },
    { type: 'retried' },
  ),
  fc.record({
    type: fc.constant('refused' as const),
    reason: fc.constantFrom(...(reasons as NonNullable<MessageRecord['reason']>[])),
  }),
  fc.record({ type: fc.constant('read-up-to' as const), seq: fc.nat(9), except: fc.array(fc.nat(9)) }),
);

const after = (events: readonly DeliveryEvent[]) => events.reduce(deliver, fresh);

it('a message is dropped with a reason or not at all', () => {
  const dropsWithReason = fc.property(fc.array(event), (events) => {
    const { state, reason } = after(events);
    expect(state === 'dropped').toBe(reason !== undefined);
  });
  fc.assert(dropsWithReason, { seed: 1, numRuns: 2_000 });
});

it('what the other side has stored is never dropped, and nothing is delivered without their word', () => {
  const honest = fc.property(fc.array(event), (events) => {
    const { state } = after(events);
    const stored = events.some(({ type }) => type === 'acked');
    expect(state === 'delivered' || state === 'read').toBe(stored);
  });
  fc.assert(honest, { seed: 2, numRuns: 2_000 });
});
