// What is done in one conversation leaves every other as it is.
import { beforeEach, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { fromHex } from '../../../src/core/bytes/hex.ts';
import { messageKey, outboxKey } from '../../../src/core/chat/records.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION as C, Side } from '../../fixtures/chat-pair.ts';
import { settle } from '../../fixtures/until.ts';

const MINUTE = 60_000;
/** Its keys lie before those of C, and those of the third behind. */
const others = ['another', 'zoe'] as const;

let clock: MemoryClock;
let ana: Side;
beforeEach(async () => {
  clock = new MemoryClock();
  ana = new Side('Ana', clock, 1);
  await ana.load();
  for (const id of others) await ana.chat.open(id);
});

const attach = async (id: string): Promise<ChatMessage[]> => {
  const said: ChatMessage[] = [];
  await ana.chat.attach(id, { send: async (message) => void said.push(message), drained: async () => {} });
  return said;
};
const statesIn = async (id: string) => (await ana.chat.stored.list(id, null, 100)).map(({ record }) => record.state);
const textsOf = (said: readonly ChatMessage[]) =>
  said.flatMap((message) => (message.type === 'text' ? [message.text] : []));
const theirs = (fill: number, seq: number) =>
  ({ type: 'text', id: new Uint8Array(16).fill(fill), seq, at: 0, seen: 0, text: `${fill}` }) as const;

it('what waits there is neither expired nor refused with it', async () => {
  for (const id of [C, ...others]) await ana.chat.writing.text(id, 'waits');
  await ana.chat.housekeeping.setGiveUpAfter(C, MINUTE);
  await clock.advance(2 * MINUTE);
  await ana.chat.housekeeping.expireDue(C);
  expect([await statesIn(C), await statesIn('another'), await statesIn('zoe')]).toEqual([
    ['dropped'],
    ['queued'],
    ['queued'],
  ]);
  await ana.chat.housekeeping.refuseAll('another', 'blocked');
  expect([await statesIn('another'), await statesIn('zoe')]).toEqual([['dropped'], ['queued']]);
});

it('clearing it clears nothing else', async () => {
  for (const id of [C, ...others]) await ana.chat.writing.text(id, 'kept');
  await ana.chat.housekeeping.clear(C);
  expect([await statesIn(C), await statesIn('another'), await statesIn('zoe')]).toEqual([[], ['queued'], ['queued']]);
});

it('what is read there is not read here', async () => {
  for (const id of [C, ...others]) {
    await attach(id);
    await ana.chat.writing.text(id, 'sent');
    await settle();
  }
  const sentTo = async (id: string) => (await ana.chat.stored.list(id, null, 1))[0]?.record.id ?? new Uint8Array();
  for (const id of [C, ...others]) await ana.chat.handle(id, { type: 'ack', ids: [await sentTo(id)], voids: [] });
  await ana.chat.handle(C, { type: 'read', seq: 9, except: [] });
  await settle();
  expect([await statesIn(C), await statesIn('another'), await statesIn('zoe')]).toEqual([
    ['read'],
    ['delivered'],
    ['delivered'],
  ]);
});

it('what is seen there is counted there', async () => {
  for (const id of [C, ...others]) {
    await attach(id);
    for (const seq of [1, 2]) await ana.chat.handle(id, theirs(seq, seq));
  }
  await ana.chat.markRead(C, 1);
  expect([C, ...others].map((id) => ana.chat.conversation(id)?.unread)).toEqual([1, 2, 2]);
  expect([C, ...others].map((id) => ana.chat.readMark(id).seq)).toEqual([1, 0, 0]);
});

it('a row of the outbox that cannot be read is mended from its own messages, and sends no others', async () => {
  for (const id of [C, ...others]) for (const text of ['one', 'two']) await ana.chat.writing.text(id, `${id} ${text}`);
  ana.disk.damage('outbox', outboxKey(C, 2));
  const said = await attach(C);
  await settle();
  expect(textsOf(said)).toEqual([`${C} one`, `${C} two`]);
  for (const id of others) {
    expect(await ana.store.count('outbox', { prefix: `${id}/` })).toBe(2);
    const saidThere = await attach(id);
    await settle();
    expect(textsOf(saidThere)).toEqual([`${id} one`, `${id} two`]);
  }
});

it('a message whose place is damaged is looked for among its own', async () => {
  const id = await ana.chat.writing.text(C, 'here');
  for (const other of others) await ana.chat.writing.text(other, 'there', fromHex(id));
  const of = async (conversation: string) => (await ana.chat.stored.message(conversation, id))?.record.text;
  ana.disk.damage('message-keys', `${C}/${id}`);
  await ana.load();
  for (const other of others) await ana.chat.open(other);
  expect([await of(C), await of('another'), await of('zoe')]).toEqual(['here', 'there', 'there']);
  ana.disk.damage('messages', messageKey(C, 1));
  ana.disk.damage('message-keys', `${C}/${id}`);
  await ana.load();
  for (const other of others) await ana.chat.open(other);
  await expect(of(C)).rejects.toMatchObject({ kind: 'record-damaged' });
  expect(await of('another')).toBe('there');
});
