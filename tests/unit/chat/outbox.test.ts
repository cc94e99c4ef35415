// The outbox of one session: nothing that is added is forgotten, whatever happens in the same turn.
import { expect, it } from 'vitest';
import { MemoryStore } from '../../../src/adapters/memory/store.ts';
import { Outbox } from '../../../src/core/chat/outbox.ts';
import {
  encodeMessage,
  encodeOutbox,
  type MessageRecord,
  messageKey,
  outboxKey,
} from '../../../src/core/chat/records.ts';
import { KithError } from '../../../src/core/errors.ts';
import type { Store } from '../../../src/core/ports/store.ts';
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

/** Texts handed to the link. `fails`: what handing over this text rejects with. */
function outboxOf(store: Store, fails: (text: string) => Error | undefined = () => undefined) {
  const sent: string[] = [];
  const send = async (one: ChatMessage) => {
    const text = 'text' in one ? one.text : one.type;
    const error = fails(text);
    if (error) throw error;
    sent.push(text);
  };
  const handed: number[] = [];
  const events = { handed: (position: number) => void handed.push(position) };
  const outbox = new Outbox('c0ffee', store, { send, drained: async () => {} }, events);
  const started = outbox.start();
  return { outbox, started, sent, handed };
}

it('sends a message that is committed together with the acknowledgement of the one before', async () => {
  const { outbox, sent } = outboxOf(new MemoryStore());
  const [first, second] = [message(1), message(2)];
  outbox.add(entry(first), first);
  await until(() => sent.length === 1);
  // One commit of the ledger settles both.
  outbox.settled(first.id);
  outbox.add(entry(second), second);
  await until(() => sent.length === 2);
  expect(sent).toEqual(['message 1', 'message 2']);
});

it('a message that cannot be written holds up nobody, is said to be waiting, and can be called back', async () => {
  const tooLarge = new KithError('frame-too-large');
  const { outbox, sent, handed } = outboxOf(new MemoryStore(), (text) => (text === 'message 2' ? tooLarge : undefined));
  const all = [1, 2, 3].map(message);
  for (const one of all) outbox.add(entry(one), one);
  await until(() => sent.length === 2);
  expect(sent).toEqual(['message 1', 'message 3']);
  expect(handed).toEqual([1, 3]);
  expect(all.map(({ id }) => outbox.isTaken(id))).toEqual([true, false, true]);
  // Called back: nothing is on the disk in its place, so a void goes.
  outbox.add(entry(message(2)));
  await until(() => sent.length === 3);
  expect(sent.at(-1)).toBe('void');
});

/** A disk that tells what it holds only when it is let, as it was when it was asked. */
class Slow extends MemoryStore {
  tell!: () => void;
  readonly #told = new Promise<void>((resolve) => {
    this.tell = resolve;
  });
  override async list(...args: Parameters<Store['list']>): ReturnType<Store['list']> {
    const found = await super.list(...args);
    await this.#told;
    return found;
  }
}

async function filled(...messages: readonly MessageRecord[]): Promise<Slow> {
  const store = new Slow();
  await store.commit(
    messages.flatMap((one) => [
      { put: 'outbox', key: outboxKey('c0ffee', one.seq), value: encodeOutbox(entry(one)) } as const,
      { put: 'messages', key: messageKey('c0ffee', one.seq), value: encodeMessage(one) } as const,
    ]),
    'strict',
  );
  return store;
}

it('what is written while the disk is still being read does not overtake what waits there', async () => {
  const store = await filled(message(1), message(2));
  const { outbox, started, sent } = outboxOf(store);
  outbox.add(entry(message(3)), message(3));
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual([]);
  store.tell();
  await started;
  await until(() => sent.length === 3);
  expect(sent).toEqual(['message 1', 'message 2', 'message 3']);
});

it('what is called back while the disk is still being read is not sent', async () => {
  const store = await filled(message(1), message(2));
  const { outbox, started, sent } = outboxOf(store);
  outbox.hold(entry(message(1)));
  store.tell();
  await started;
  await until(() => sent.length > 0);
  outbox.add(entry(message(3)), message(3));
  await until(() => sent.length === 2);
  expect(sent).toEqual(['message 2', 'message 3']);
});

it('a disk that does not tell what waits there lets nothing pass it', async () => {
  class Silent extends MemoryStore {
    override async list(): Promise<never> {
      throw new KithError('storage-unavailable');
    }
  }
  const { outbox, started, sent } = outboxOf(new Silent());
  await expect(started).rejects.toEqual(new KithError('storage-unavailable'));
  outbox.add(entry(message(1)), message(1));
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual([]);
});

it('when the session is over it tries nothing more', async () => {
  const tried: string[] = [];
  const { outbox } = outboxOf(new MemoryStore(), (text) => {
    tried.push(text);
    return new KithError('link-closed');
  });
  const all = [1, 2].map(message);
  for (const one of all) outbox.add(entry(one), one);
  await until(() => tried.length > 0);
  outbox.add(entry(message(3)), message(3));
  await new Promise((resolve) => setImmediate(resolve));
  expect(tried).toEqual(['message 1']);
});

it('a message that the disk does not give holds up nobody either', async () => {
  class Failing extends MemoryStore {
    override async get(): Promise<Uint8Array | undefined> {
      throw new KithError('storage-unavailable');
    }
  }
  const { outbox, sent } = outboxOf(new Failing());
  outbox.add(entry(message(1)));
  outbox.add(entry(message(2)), message(2));
  await until(() => sent.length === 1);
  expect(sent).toEqual(['message 2']);
  expect(outbox.isTaken(message(1).id)).toBe(false);
});
