// The five honest states of a message I wrote, as a pure function (CHAT.md): queued → sent → delivered → read,
// or dropped with a reason. Nothing here knows of time-outs; an expiry is an event only when the person chose one.
import type { MessageRecord, StoredDropReason } from './records.ts';

export type DeliveryEvent =
  | { readonly type: 'handed' } // given to a live session
  | { readonly type: 'acked' } // the other side's disk has it
  | { readonly type: 'read-up-to'; readonly seq: number; readonly except: readonly number[] }
  | { readonly type: 'refused'; readonly reason: StoredDropReason }
  | { readonly type: 'cancelled' }
  | { readonly type: 'expired' }
  | { readonly type: 'retried' }
  | { readonly type: 'lost' }; // the other side had it, and came back without it

/** The record after the event; the same object when the event changes nothing. */
export function deliver(record: MessageRecord, event: DeliveryEvent): MessageRecord {
  if (record.direction !== 'out') return record;
  switch (event.type) {
    case 'handed':
      return record.state === 'queued' ? { ...record, state: 'sent', everSent: true } : record;
    case 'acked':
      // A late acknowledgement is stronger than any drop: the message did arrive.
      return isArrived(record) ? record : { ...withoutReason(record), state: 'delivered', everSent: true };
    case 'read-up-to':
      return record.state === 'delivered' && record.seq <= event.seq && !event.except.includes(record.seq)
        ? { ...record, state: 'read' }
        : record;
    case 'refused':
      return isPending(record) ? { ...record, state: 'dropped', reason: event.reason } : record;
    case 'cancelled':
      return isPending(record) ? { ...record, state: 'dropped', reason: 'cancelled' } : record;
    case 'expired':
      return isPending(record) ? { ...record, state: 'dropped', reason: 'expired' } : record;
    case 'lost':
      return isArrived(record) ? { ...record, state: 'sent' } : record;
    case 'retried':
      return record.state === 'dropped' ? { ...withoutReason(record), state: 'queued' } : record;
  }
}

export const isPending = (record: MessageRecord) => record.state === 'queued' || record.state === 'sent';
const isArrived = (record: MessageRecord) => record.state === 'delivered' || record.state === 'read';

/** Dropped by my own side, so the other must be told that nothing will fill this place. */
export const leavesVoid = (record: MessageRecord) =>
  record.state === 'dropped' && (record.reason === 'cancelled' || record.reason === 'expired');

function withoutReason(record: MessageRecord): MessageRecord {
  const { reason: _, ...rest } = record;
  return rest;
}
