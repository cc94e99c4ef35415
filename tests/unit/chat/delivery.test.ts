// The states of a message, whatever happens in whatever order.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DeliveryEvent, deliver, leavesVoid } from '../../../src/core/chat/delivery.ts';
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

type State = MessageRecord['state'];
const all: readonly State[] = ['queued', 'sent', 'delivered', 'read', 'dropped'];
const inState = (state: State): MessageRecord => ({
  ...fresh,
  state,
  everSent: state !== 'queued' && state !== 'dropped',
  ...(state === 'dropped' && { reason: 'blocked' }),
});

it.each<[string, DeliveryEvent, Partial<Record<State, Partial<MessageRecord>>>]>([
  ['handed', { type: 'handed' }, { queued: { state: 'sent', everSent: true } }],
  [
    'acked',
    { type: 'acked' },
    {
      queued: { state: 'delivered', everSent: true },
      sent: { state: 'delivered' },
      dropped: { state: 'delivered', everSent: true, reason: undefined },
    },
  ],
  ['read up to it', { type: 'read-up-to', seq: 5, except: [4, 6] }, { delivered: { state: 'read' } }],
  ['read, but not up to it', { type: 'read-up-to', seq: 4, except: [] }, {}],
  ['read, but for it', { type: 'read-up-to', seq: 9, except: [5] }, {}],
  [
    'refused',
    { type: 'refused', reason: 'disk-full' },
    { queued: { state: 'dropped', reason: 'disk-full' }, sent: { state: 'dropped', reason: 'disk-full' } },
  ],
  [
    'cancelled',
    { type: 'cancelled' },
    { queued: { state: 'dropped', reason: 'cancelled' }, sent: { state: 'dropped', reason: 'cancelled' } },
  ],
  [
    'expired',
    { type: 'expired' },
    { queued: { state: 'dropped', reason: 'expired' }, sent: { state: 'dropped', reason: 'expired' } },
  ],
  ['retried', { type: 'retried' }, { dropped: { state: 'queued', reason: undefined } }],
  ['lost', { type: 'lost' }, { delivered: { state: 'sent' }, read: { state: 'sent' } }],
])('%s: changes what the picture says, and nothing else', (_, happened, changes) => {
  for (const state of all) {
    const before = inState(state);
    const record = deliver(before, happened);
    expect(record).toEqual({ ...before, ...changes[state] });
    // Whoever asks sees by this whether something changed.
    expect(record !== before).toBe(state in changes);
    expect('reason' in record).toBe(record.state === 'dropped');
    const theirs: MessageRecord = { ...before, direction: 'in' };
    expect(deliver(theirs, happened)).toBe(theirs);
  }
});

it('of what was dropped, only my own side leaves a void', () => {
  const voids = reasons.filter((reason) => leavesVoid({ ...inState('dropped'), reason } as MessageRecord));
  expect(voids).toEqual(['cancelled', 'expired']);
  expect(all.filter((state) => leavesVoid({ ...inState(state), reason: 'expired' }))).toEqual(['dropped']);
});

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
