// What a contact who came back with an older backup is answered, and how often.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION, Side } from '../../fixtures/chat-pair.ts';
import { settle } from '../../fixtures/until.ts';

async function talking() {
  const ana = new Side('Ana', new MemoryClock(), 1);
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
  return { ana, sent, attach, textsSent, acknowledgeAll };
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
    const file = new Uint8Array(16).fill(7);
    await ana.chat.writing.file(CONVERSATION, {
      fileId: file,
      key: new Uint8Array(32),
      name: 'plan.pdf',
      mediaType: 'application/pdf',
      size: 5,
      units: 1,
      sha256: new Uint8Array(32),
    });
    await settle();
    await ana.chat.handle(CONVERSATION, { type: 'resync', from: 3, missing: [] });
    await settle();
    expect(ana.filesLost).toEqual([file]);
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
});
