// A handshake carried over a link: what each way of failing ends with, what is still said, and when the link closes.
import { expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { KithError } from '../../../src/core/errors.ts';
import { startSteps } from '../../../src/core/session/handshake-steps.ts';
import { Inbox } from '../../../src/core/session/inbox.ts';
import { encodeFrame, frameKinds } from '../../../src/core/session/outer-frame.ts';
import { type HandshakeParty, shake } from '../../../src/core/session/shake.ts';
import { LinkPair } from '../../fixtures/links.ts';
import { until } from '../../fixtures/until.ts';

function side(role: 'initiator' | 'responder', messages: number, party: Partial<HandshakeParty> = {}) {
  const clock = new MemoryClock();
  const links = new LinkPair({ clock });
  const inbox = new Inbox(links.a);
  const done: string[] = [];
  const own: HandshakeParty = {
    write: async (message) => {
      done.push(`write ${message}`);
      return Uint8Array.of(message);
    },
    read: async (message, body) => {
      done.push(`read ${message}: ${[...body]}`);
    },
    ...party,
  };
  const steps = startSteps(role, frameKinds.session, messages);
  const start = () => shake({ link: links.a, inbox, clock, steps, party: own });
  return { clock, links, inbox, done, start };
}

const message = (...body: number[]) => encodeFrame(frameKinds.session, Uint8Array.from(body));
const broken = async (): Promise<never> => {
  throw new KithError('handshake-failed');
};

it('three messages are written and read in turn, each with its number, and the link stays open', async () => {
  const { links, done, start } = side('responder', 3);
  links.inject('a', message(11));
  links.inject('a', message(13));
  await start();
  expect(done).toEqual(['read 1: 11', 'write 2', 'read 3: 13']);
  expect(links.sentBy('a')).toEqual([message(2)]);
  expect(links.a.closed).toBe(false);
});

it.each([
  ['cannot be written', 'initiator', { write: broken }],
  ['cannot be read', 'responder', { read: broken }],
  ['cannot be answered', 'responder', { write: broken }],
] as const)('a message that %s ends it with that kind and closes the link at once', async (_, role, party) => {
  const { clock, links, start } = side(role, 2, party);
  if (role === 'responder') links.inject('a', message(1));
  await expect(start()).rejects.toMatchObject({ kind: 'handshake-failed' });
  expect([links.a.closed, links.sentBy('a'), clock.pending]).toEqual([true, [], 0]);
});

it('the last message, read but wrong, is a failure although every turn was taken', async () => {
  const { links, start } = side('initiator', 2, { read: broken });
  links.inject('a', message(2));
  await expect(start()).rejects.toMatchObject({ kind: 'handshake-failed' });
  expect(links.a.closed).toBe(true);
});

it('another version is told so, with a second for the word to leave; nothing is read after it', async () => {
  const { clock, links, inbox, start } = side('responder', 2);
  links.inject('a', Uint8Array.of(2, frameKinds.session, 1));
  links.inject('a', message(1));
  await expect(start()).rejects.toMatchObject({ kind: 'frame-version' });
  expect(links.sentBy('a')).toEqual([Uint8Array.of(1, frameKinds.refusal, 1)]);
  expect(links.a.closed).toBe(false);
  await clock.advance(999);
  expect(links.a.closed).toBe(false);
  await clock.advance(1);
  expect(links.a.closed).toBe(true);
  expect(await inbox.next()).toEqual({ type: 'end', kind: 'frame-version' });
});

it('another version on a link that takes nothing more ends it all the same', async () => {
  const { links, start } = side('responder', 2);
  links.a.send = () => {
    throw new KithError('link-closed');
  };
  links.inject('a', Uint8Array.of(2, frameKinds.session, 1));
  await expect(start()).rejects.toMatchObject({ kind: 'frame-version' });
});

it.each([
  [[1], 'frame-version'],
  [[], 'frame-malformed'],
  [[2], 'frame-malformed'],
])('a refusal %j ends it as %s, unanswered, and the link closes at once', async (body, kind) => {
  const { clock, links, start } = side('responder', 2);
  links.inject('a', encodeFrame(frameKinds.refusal, Uint8Array.from(body)));
  await expect(start()).rejects.toMatchObject({ kind });
  expect([links.a.closed, links.sentBy('a'), clock.pending]).toEqual([true, [], 0]);
});

it('a link that closes in the middle ends it as that', async () => {
  const { links, start } = side('initiator', 2);
  const ended = expect(start()).rejects.toMatchObject({ kind: 'link-closed' });
  await until(() => links.sentBy('a').length === 1);
  links.kill();
  await ended;
});
