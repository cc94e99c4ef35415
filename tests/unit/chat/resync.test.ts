// What a contact who came back with an older backup is answered, and how often.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION, Side } from '../../fixtures/chat-pair.ts';
import { planOf } from '../../fixtures/chat-plan.ts';
import { settle, turn } from '../../fixtures/until.ts';

async function talking() {
  const clock = new MemoryClock();
  const ana = new Side('Ana', clock, 1);
  await ana.load();
  const sent: ChatMessage[] = [];
  const attach = () =>
    ana.chat.attach(CONVERSATION, { send: async (message) => void sent.push(message), drained: async () => {} });
  const textsSent = () => sent.flatMap((message) => (message.type === 'text' ? [message.text] : []));
  const acknowledgeAll = () =>
    ana.chat.handle(CONVERSATION, {
      type: 'ack',
      ids: sent.flatMap((message) => (message.type === 'text' ? [message.id] : [])),
      voids: [],
    });
  await attach();
  for (const text of ['one', 'two', 'three']) await ana.chat.writing.text(CONVERSATION, text);
  await settle();
  await acknowledgeAll();
  sent.length = 0;
  return { ana, sent, attach, textsSent, acknowledgeAll, pass: () => clock.advance(15_000, turn) };
}

describe('resync', () => {
  it('sends again what is above and what is missing below, and says where it stands', async () => {
    const { ana, sent, textsSent } = await talking();
    await ana.chat.handle(CONVERSATION, { type: 'resync', from: 2, missing: [1] });
    await settle();
    expect(sent[0]).toEqual({ type: 'resynced', last: 3, seen: 0, coming: [1, 3] });
    expect(textsSent()).toEqual(['one', 'three']);
    expect(await ana.states()).toEqual(['sent', 'delivered', 'sent']);
  });

  it('gives a file once more that they had, also where its message had not heard of that', async () => {
    const { ana } = await talking();
    const file = planOf(7);
    await ana.chat.writing.file(CONVERSATION, file);
    await settle();
    await ana.chat.handle(CONVERSATION, { type: 'resync', from: 3, missing: [] });
    await settle();
    expect(ana.filesLost).toEqual([file.fileId]);
  });

  it('without a number it sends nothing again', async () => {
    const { ana, sent, textsSent } = await talking();
    await ana.chat.handle(CONVERSATION, { type: 'resync', missing: [] });
    await settle();
    expect(sent).toEqual([{ type: 'resynced', last: 3, seen: 0, coming: [] }]);
    expect(textsSent()).toEqual([]);
  });

  it('is answered once in a session', async () => {
    const { ana, sent, attach, textsSent, acknowledgeAll } = await talking();
    const ask = () => ana.chat.handle(CONVERSATION, { type: 'resync', from: 0, missing: [] });
    await ask();
    await settle();
    expect(textsSent()).toEqual(['one', 'two', 'three']);
    await acknowledgeAll();
    sent.length = 0;
    await ask();
    await settle();
    expect(sent).toEqual([]);
    await attach();
    await ask();
    await settle();
    expect(textsSent()).toEqual(['one', 'two', 'three']);
  });

  it('waits for room, and says and sends nothing before: what is written then comes behind', async () => {
    const { ana, sent, textsSent, pass } = await talking();
    ana.disk.commitsUntilFull = 0;
    await ana.chat.handle(CONVERSATION, { type: 'resync', from: 2, missing: [1] });
    await settle();
    expect(sent).toEqual([]);
    expect(await ana.states()).toEqual(['delivered', 'delivered', 'delivered']);
    ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await ana.chat.writing.text(CONVERSATION, 'four');
    await pass();
    expect(sent[0]).toEqual({ type: 'resynced', last: 4, seen: 0, coming: [1, 3, 4] });
    expect(textsSent()).toEqual(['one', 'three', 'four']);
  });
});

describe('resynced', () => {
  const text = (seq: number) =>
    ({ type: 'text', id: new Uint8Array(16).fill(seq), seq, at: 0, seen: 0, text: `${seq}` }) as const;

  async function returning() {
    const clock = new MemoryClock();
    const ana = new Side('Ana', clock, 1);
    ana.cameBack = true;
    await ana.load();
    await ana.chat.writing.text(CONVERSATION, 'mine');
    const sent: ChatMessage[] = [];
    await ana.chat.attach(CONVERSATION, { send: async (message) => void sent.push(message), drained: async () => {} });
    return { ana, sent, pass: () => clock.advance(15_000, turn) };
  }
  const missing = (side: Side) => side.chat.conversation(CONVERSATION)?.missing;

  it('waits for room, and nothing of mine is sent before; what came and was skipped meanwhile counts', async () => {
    const { ana, sent, pass } = await returning();
    ana.disk.commitsUntilFull = 0;
    await ana.chat.handle(CONVERSATION, { type: 'resynced', last: 5, seen: 3, coming: [4] });
    await pass();
    expect(sent.map(({ type }) => type)).toEqual(['resync']);
    ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await ana.chat.handle(CONVERSATION, text(7));
    await pass();
    expect(missing(ana)).toEqual([4, 6]);
    expect(sent.filter(({ type }) => type === 'text')).toMatchObject([{ seq: 4, text: 'mine' }]);
  });

  it('what they do not have any more is not waited for, whatever its number', async () => {
    const { ana } = await returning();
    await ana.chat.handle(CONVERSATION, text(7));
    expect(missing(ana)).toEqual([1, 2, 3, 4, 5, 6]);
    await ana.chat.handle(CONVERSATION, { type: 'resynced', last: 2, seen: 0, coming: [] });
    expect(missing(ana)).toEqual([]);
  });
});
