// The outbox of one session: nothing that is added is forgotten, whatever happens in the same turn.
import { expect, it } from 'vitest';
import { MemoryStore } from '../../../src/adapters/memory/store.ts';
import { Outbox } from '../../../src/core/chat/outbox.ts';
import type { MessageRecord } from '../../../src/core/chat/records.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { until } from '../../fixtures/chat-pair.ts';

const message = (seq: number): MessageRecord => ({
  v: 1,
  id: new Uint8Array(16).fill(seq),
  direction: 'out',
  seq,
  seen: 0,
  at: 1,
  sentAt: 1,
  text: `message ${seq}`,
  state: 'queued',
  everSent: false,
  missingBefore: 0,
});

const entry = ({ id, seq }: MessageRecord) => ({ id, seq, position: seq });

it('sends a message that is committed together with the acknowledgement of the one before', async () => {
  const sent: ChatMessage[] = [];
  const send = async (one: ChatMessage) => void sent.push(one);
  const outbox = new Outbox('c0ffee', new MemoryStore(), { send, drained: async () => {} }, { handed: () => {} });
  const [first, second] = [message(1), message(2)];
  outbox.add(entry(first), first);
  await until(() => sent.length === 1);
  // One commit of the ledger settles both.
  outbox.settled(first.id);
  outbox.add(entry(second), second);
  await until(() => sent.length === 2);
  expect(sent.map((one) => 'text' in one && one.text)).toEqual(['message 1', 'message 2']);
});
