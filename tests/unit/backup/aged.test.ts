// What becomes of records that come back after some time.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { decodeConversation, emptyConversation, encodeConversation } from '../../../src/core/chat/records.ts';
import { agedRecord } from '../../../src/core/node/backup/aged.ts';
import { decodeInvitation, encodeInvitation, isOpen, openInvitation } from '../../../src/core/pairing/invitation.ts';
import { type Table, tables } from '../../../src/core/ports/store.ts';

const random = seededRandom(3);
const NOW = 1_700_000_000_000;
const card = openInvitation('id', random.bytes(16), NOW - 1000);

describe('a record that comes back', () => {
  it('an open card has ended; it is still answered, so that its taker hears why', () => {
    const back = decodeInvitation(agedRecord('invitations', 'id', encodeInvitation(card), NOW) as Uint8Array);
    expect(isOpen(back, NOW)).toBe(false);
    expect(back).toEqual({ ...card, expiresAt: NOW });
  });

  it('a card that has ended is not put off', () => {
    const ended = { ...card, expiresAt: NOW - 500 };
    const back = decodeInvitation(agedRecord('invitations', 'id', encodeInvitation(ended), NOW) as Uint8Array);
    expect(back.expiresAt).toBe(NOW - 500);
  });

  it('a card that one key alone may use stays as it is', () => {
    for (const one of [
      { ...card, boundTo: random.bytes(65) },
      { ...card, state: 'bound' as const, boundTo: random.bytes(65) },
      { ...card, state: 'used' as const, boundTo: random.bytes(65) },
    ]) {
      const value = encodeInvitation(one);
      expect(agedRecord('invitations', 'id', value, NOW)).toBe(value);
    }
  });

  it('a card that cannot be read does not come back: nobody could say that it has ended', () => {
    expect(agedRecord('invitations', 'id', random.bytes(40), NOW)).toBeUndefined();
  });

  it('others’ sender keys do not come back; drafts, receipts and what was seen do', () => {
    const value = random.bytes(10);
    expect(agedRecord('group-state', 'abc/keys', value, NOW)).toBeUndefined();
    for (const key of ['abc/draft/000000000001', 'abc/seen', 'abc/receipt/x', 'abc/share/000000000001', 'abc/picture'])
      expect(agedRecord('group-state', key, value, NOW)).toBe(value);
  });

  it('a conversation asks where the other side stands before it sends anything', () => {
    const before = { ...emptyConversation(NOW), nextSeq: 7, peerSeq: 9, missing: [4] };
    const back = decodeConversation(agedRecord('conversations', 'c', encodeConversation(before), NOW) as Uint8Array);
    expect(back).toEqual({ ...before, resync: 'again' });
  });

  it('everything else comes back byte for byte', () => {
    const changed: readonly Table[] = ['invitations', 'conversations'];
    const value = random.bytes(50);
    for (const table of tables.filter((one) => !changed.includes(one)))
      expect(agedRecord(table, 'some-key', value, NOW)).toBe(value);
  });
});
