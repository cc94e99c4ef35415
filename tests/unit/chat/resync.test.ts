// What a contact who came back with an older backup is answered, and how often.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { decodeConversation, encodeConversation, outboxKey } from '../../../src/core/chat/records.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { CONVERSATION, Side } from '../../fixtures/chat-pair.ts';
import { hexOf, planOf } from '../../fixtures/chat-plan.ts';
import { settle, turn } from '../../fixtures/until.ts';

const ANOTHER = 'another';
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** Of theirs. */
const text = (seq: number) =>
  ({ type: 'text', id: new Uint8Array(16).fill(seq), seq, at: 0, seen: 0, text: `${seq}` }) as const;

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

  it('gives a file that had arrived once more, and its message waits again', async () => {
    const { ana } = await talking();
    const file = planOf(7);
    await ana.chat.writing.file(CONVERSATION, file);
    await settle();
    await ana.chat.handle(CONVERSATION, { type: 'ack', ids: [file.fileId], voids: [] });
    await settle();
    const state = async () => (await ana.chat.stored.message(CONVERSATION, hexOf(7)))?.record.fileState;
    expect(await state()).toBe('complete');
    await ana.chat.handle(CONVERSATION, { type: 'resync', from: 0, missing: [] });
    await settle();
    expect([await state(), ana.filesLost]).toEqual(['waiting', [file.fileId]]);
  });

  it('leaves alone a file that waits below what they ask for', async () => {
    const { ana, sent, attach } = await talking();
    await ana.chat.writing.file(CONVERSATION, planOf(7));
    await ana.chat.writing.text(CONVERSATION, 'behind it');
    await attach();
    await ana.chat.handle(CONVERSATION, { type: 'resync', from: 4, missing: [] });
    await settle();
    expect(ana.filesLost).toEqual([]);
    expect(sent.filter(({ type }) => type === 'resynced')).toMatchObject([{ coming: [4, 5] }]);
  });

  it('is about what I wrote to them, not about what they wrote, or I wrote to others', async () => {
    const { ana, sent, textsSent } = await talking();
    await ana.chat.open(ANOTHER);
    for (const words of ['a', 'b', 'c', 'd']) await ana.chat.writing.text(ANOTHER, words);
    await ana.chat.handle(CONVERSATION, text(9));
    await settle();
    sent.length = 0;
    await ana.chat.handle(CONVERSATION, { type: 'resync', from: 0, missing: [] });
    await settle();
    expect(sent[0]).toEqual({ type: 'resynced', last: 3, seen: 9, coming: [1, 2, 3] });
    expect(textsSent()).toEqual(['one', 'two', 'three']);
    expect(await ana.store.count('outbox', { prefix: `${CONVERSATION}/` })).toBe(3);
  });

  it.each([256, 300])('reaches back through %i messages, and no further than it is asked', async (count) => {
    const { ana, sent, attach, acknowledgeAll } = await talking();
    for (const at of range(4, count)) await ana.chat.writing.text(CONVERSATION, `${at}`);
    for (let written = 0; written < count; written = (await ana.states()).filter((one) => one === 'delivered').length) {
      await settle();
      await acknowledgeAll();
    }
    await attach();
    sent.length = 0;
    await ana.chat.handle(CONVERSATION, { type: 'resync', from: 1, missing: [] });
    await settle();
    expect(sent[0]).toEqual({ type: 'resynced', last: count, seen: 0, coming: range(2, count) });
    expect((await ana.states())[0]).toBe('delivered');
  });

  it('names the newest thousand that are on their way', async () => {
    const ana = new Side('Ana', new MemoryClock(), 1);
    await ana.load();
    for (const at of range(1, 1001)) await ana.chat.writing.text(CONVERSATION, `${at}`);
    const sent: ChatMessage[] = [];
    await ana.chat.attach(CONVERSATION, { send: async (message) => void sent.push(message), drained: async () => {} });
    await ana.chat.handle(CONVERSATION, { type: 'resync', missing: [] });
    expect(sent.find(({ type }) => type === 'resynced')).toMatchObject({ coming: range(2, 1001) });
  });

  it('names what is written in the very moment of the question', async () => {
    const { ana, sent, textsSent } = await talking();
    await Promise.all([
      ana.chat.writing.text(CONVERSATION, 'four'),
      ana.chat.handle(CONVERSATION, { type: 'resync', from: 2, missing: [] }),
    ]);
    await settle();
    expect(sent.filter(({ type }) => type === 'resynced')).toMatchObject([{ last: 4, coming: [3, 4] }]);
    expect(textsSent().toSorted()).toEqual(['four', 'three']);
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
  async function returning(...words: string[]) {
    const clock = new MemoryClock();
    const ana = new Side('Ana', clock, 1);
    ana.cameBack = true;
    await ana.load();
    for (const mine of words.length > 0 ? words : ['mine']) await ana.chat.writing.text(CONVERSATION, mine);
    return { ana, sent: await attached(ana), pass: () => clock.advance(15_000, turn) };
  }

  async function attached(side: Side): Promise<ChatMessage[]> {
    const sent: ChatMessage[] = [];
    await side.chat.attach(CONVERSATION, { send: async (message) => void sent.push(message), drained: async () => {} });
    return sent;
  }

  /** Its database is as it was in a backup, and what came since is lost. */
  async function fromBackup(side: Side): Promise<void> {
    const bytes = await side.store.get('conversations', CONVERSATION);
    const record = decodeConversation(bytes ?? new Uint8Array());
    const value = encodeConversation({ ...record, resync: 'again' });
    await side.store.commit([{ put: 'conversations', key: CONVERSATION, value }], 'strict');
    await side.load();
  }

  const textsOf = (sent: readonly ChatMessage[]) =>
    sent.flatMap((message) => (message.type === 'text' ? [[message.seq, message.text]] : []));
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

  it.each([
    ['more than anybody can have seen', Number.MAX_SAFE_INTEGER],
    ['a million more than I wrote', 1_000_003],
  ])('who says to have seen %s moves no number', async (_what, seen) => {
    const { ana, sent, pass } = await returning('one', 'two');
    await ana.chat.handle(CONVERSATION, { type: 'resynced', last: 0, seen, coming: [] });
    await pass();
    expect(textsOf(sent).map(([, words]) => words)).toEqual(['one', 'two']);
    expect(Math.max(...textsOf(sent).map(([seq]) => Number(seq)))).toBeLessThan(10);
    // It can be read again.
    await ana.load();
    expect(ana.chat.conversation(CONVERSATION)?.nextSeq).toBeLessThan(10);
  });

  it('is asked for with all that is here after a backup, and with nothing by who never had it', async () => {
    const { ana, sent } = await returning();
    expect(sent).toEqual([{ type: 'resync', missing: [] }]);
    await ana.chat.handle(CONVERSATION, { type: 'resynced', last: 0, seen: 0, coming: [] });
    for (const seq of [1, 3]) await ana.chat.handle(CONVERSATION, text(seq));
    await fromBackup(ana);
    expect(await attached(ana)).toEqual([{ type: 'resync', from: 3, missing: [2] }]);
  });

  it('what was never sent comes behind all that they have seen, in its order; acknowledged, it is delivered', async () => {
    const { ana, sent, pass } = await returning('one', 'two', 'three');
    await ana.chat.open(ANOTHER);
    await ana.chat.writing.text(ANOTHER, 'to another');
    await ana.chat.handle(CONVERSATION, { type: 'resynced', last: 0, seen: 2, coming: [] });
    await pass();
    expect(textsOf(sent)).toEqual([
      [3, 'one'],
      [4, 'two'],
      [5, 'three'],
    ]);
    expect(await ana.store.count('outbox', { prefix: `${CONVERSATION}/` })).toBe(3);
    expect(await ana.store.get('outbox', outboxKey(ANOTHER, 1))).toBeDefined();
    const ids = sent.flatMap((message) => (message.type === 'text' ? [message.id] : []));
    await ana.chat.handle(CONVERSATION, { type: 'ack', ids, voids: [] });
    await pass();
    expect(await ana.states()).toEqual(['delivered', 'delivered', 'delivered']);
    expect(await ana.store.count('outbox', { prefix: `${CONVERSATION}/` })).toBe(0);
    await ana.chat.writing.text(CONVERSATION, 'four');
    await pass();
    expect(textsOf(sent).at(-1)).toEqual([6, 'four']);
  });

  it.each([2, 9])(
    'and so does what is written in the very moment when they tell that they have seen %i',
    async (seen) => {
      const { ana, sent, pass } = await returning('one', 'two');
      await Promise.all([
        ana.chat.writing.text(CONVERSATION, 'three'),
        ana.chat.handle(CONVERSATION, { type: 'resynced', last: 0, seen, coming: [] }),
      ]);
      await pass();
      expect(textsOf(sent)).toEqual([
        [seen + 1, 'one'],
        [seen + 2, 'two'],
        [seen + 3, 'three'],
      ]);
      expect(await ana.store.count('outbox', { prefix: `${CONVERSATION}/` })).toBe(3);
    },
  );

  it('that is told twice in one moment changes it once', async () => {
    const { ana, sent, pass } = await returning('one', 'two');
    const told: ChatMessage = { type: 'resynced', last: 0, seen: 2, coming: [] };
    await Promise.all([ana.chat.handle(CONVERSATION, told), ana.chat.handle(CONVERSATION, told)]);
    await pass();
    expect(await ana.store.count('outbox', { prefix: `${CONVERSATION}/` })).toBe(2);
    expect(new Set(textsOf(sent).map(([seq]) => seq))).toEqual(new Set([3, 4]));
  });

  it('a row that cannot be understood, and nobody’s void between, hold up nothing', async () => {
    const { ana, sent, pass } = await returning('one', 'given up', 'two');
    const [, given] = await ana.chat.stored.list(CONVERSATION, null, 10);
    await ana.chat.writing.cancel(CONVERSATION, toHex(given?.record.id ?? new Uint8Array()));
    const value = Uint8Array.of(0xff);
    await ana.store.commit([{ put: 'outbox', key: outboxKey(CONVERSATION, 40), value }], 'strict');
    await ana.chat.handle(CONVERSATION, { type: 'resynced', last: 0, seen: 1, coming: [] });
    await pass();
    expect(textsOf(sent)).toEqual([
      [3, 'one'],
      [4, 'two'],
    ]);
    expect(sent.filter(({ type }) => type === 'void')).toMatchObject([{ seq: 2 }]);
  });

  it('what they have seen nothing of keeps its number', async () => {
    const { ana, sent, pass } = await returning('one', 'two');
    await ana.chat.handle(CONVERSATION, { type: 'resynced', last: 0, seen: 0, coming: [] });
    await pass();
    expect(textsOf(sent)).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
  });

  it('what was sent before keeps its number, for they may have it', async () => {
    const ana = new Side('Ana', new MemoryClock(), 1);
    await ana.load();
    await attached(ana);
    await ana.chat.writing.text(CONVERSATION, 'sent');
    await settle();
    ana.chat.detach(CONVERSATION);
    await fromBackup(ana);
    const sent = await attached(ana);
    await ana.chat.handle(CONVERSATION, { type: 'resynced', last: 0, seen: 1, coming: [] });
    await settle();
    expect(textsOf(sent)).toEqual([[1, 'sent']]);
  });

  it('misses what is on its way and not here, up to the last that they have', async () => {
    const { ana } = await returning();
    for (const seq of [1, 2, 4]) await ana.chat.handle(CONVERSATION, text(seq));
    await ana.chat.handle(CONVERSATION, { type: 'resynced', last: 6, seen: 0, coming: [1, 3, 4, 5, 6, 9] });
    expect(missing(ana)).toEqual([3, 5, 6]);
    expect(ana.chat.conversation(CONVERSATION)?.peerSeq).toBe(6);
  });

  it('what they do not have any more is not waited for, whatever its number', async () => {
    const { ana } = await returning();
    await ana.chat.handle(CONVERSATION, text(7));
    expect(missing(ana)).toEqual([1, 2, 3, 4, 5, 6]);
    await ana.chat.handle(CONVERSATION, { type: 'resynced', last: 2, seen: 0, coming: [] });
    expect(missing(ana)).toEqual([]);
  });
});
