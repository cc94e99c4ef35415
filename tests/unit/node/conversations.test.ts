// What a session brings: begun in the order of arrival, behind a greeting that is being stored, and never without bounds.
import { expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import type { Chat } from '../../../src/core/chat/chat.ts';
import { Notes } from '../../../src/core/chat/notes.ts';
import type { Contact, ContactBook } from '../../../src/core/node/contact-book.ts';
import { Conversations, type ConversationsOptions } from '../../../src/core/node/conversations.ts';
import type { Peers } from '../../../src/core/node/peers.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import type { Session } from '../../../src/core/session/session.ts';
import type { Transfers } from '../../../src/core/transfer/transfers.ts';
import { encode } from '../../../src/core/wire/cbor.ts';
import type { ChatMessage } from '../../../src/core/wire/chat-messages.ts';
import { settle } from '../../fixtures/until.ts';

const friend = { mine: 'accepted', theirs: 'accepted', theirName: '' } as Contact;

function talk(handle: (message: ChatMessage) => Promise<void>) {
  let hear: (payload: Uint8Array) => void = () => {};
  let stored = () => {};
  const session = {
    onMessage: (handler: typeof hear) => {
      hear = handler;
    },
    send: async () => {},
    close: () => {},
  } as unknown as Session;
  const written = new Promise<void>((resolve) => {
    stored = resolve;
  });
  const notes = new Notes(new MemoryClock());
  const conversations = new Conversations({
    book: {
      get: () => friend,
      edit: async (_: string, __: unknown, write?: string) => {
        if (write !== 'later') await written;
        return friend;
      },
      eraseIf: async () => {},
    } as unknown as ContactBook,
    peers: { session: () => session } as unknown as Peers,
    chat: {
      notes: () => notes,
      readMark: () => ({ seq: 0, except: [] }),
      attach: async () => {},
      handle: (_: string, message: ChatMessage) => handle(message),
    } as unknown as Chat,
    transfers: { attach: () => {} } as unknown as Transfers,
    introductions: { attach: () => {}, detach: () => {}, handle: async () => {} },
    groups: { contactAttached: () => {}, contactDetached: () => {}, received: async () => {} },
    clock: new MemoryClock(),
    log: silentLog,
    self: () => ({ name: 'Ana', maxFileBytes: 1, sendReadReceipts: true }),
  });
  conversations.live('c', session);
  const say = (message: ChatMessage) => hear(encode(message));
  say({ type: 'hello', name: 'Ben', standing: 'accepted', maxFileBytes: 1, readSeq: 0, readExcept: [] });
  return { say, stored };
}

it('whoever keeps silent about a refusal loses the session, and is not left to see that I am here', async () => {
  const clock = new MemoryClock();
  const unwatched: string[] = [];
  const session = { onMessage: () => {}, send: async () => {} } as unknown as Session;
  const blocked = { ...friend, mine: 'blocked' };
  const conversations = new Conversations({
    book: { get: () => blocked } as unknown as ContactBook,
    peers: { session: () => session, unwatch: (id: string) => unwatched.push(id) } as unknown as Peers,
    clock,
    log: silentLog,
    self: () => ({ name: 'Ana', maxFileBytes: 1, sendReadReceipts: true }),
  } as unknown as ConversationsOptions);
  conversations.live('c', session);
  await clock.advance(9_000);
  expect(unwatched).toEqual([]);
  await clock.advance(1_000);
  expect(unwatched).toEqual(['c']);
});

const text = (seq: number, body = ''): ChatMessage => ({
  type: 'text',
  id: new Uint8Array(16).fill(seq),
  seq,
  at: 0,
  seen: 0,
  text: `${seq}${body}`,
});

it('nothing overtakes what waited for a greeting to be stored, whichever turn it comes in', async () => {
  for (let turns = 0; turns < 24; turns += 1) {
    const handled: string[] = [];
    const { say, stored } = talk(async (message) => {
      if (message.type === 'text') handled.push(message.text);
    });
    say(text(1));
    stored();
    for (let turn = 0; turn < turns; turn += 1) await undefined;
    say(text(2));
    await settle();
    expect(handled, `after ${turns} turns`).toEqual(['1', '2']);
  }
});

it('a contact who sends more than can be stored loses the session, not our memory', async () => {
  const { say, stored } = talk(() => new Promise(() => {}));
  stored();
  await settle();
  const flood = () => {
    for (let n = 0; n < 2000; n += 1) say(text(1, 'x'.repeat(65_000)));
  };
  expect(flood).toThrow('frame-malformed');
});
