// The frames of a link: in order, and never more of them than an honest other side could have on their way.
import { expect, it } from 'vitest';
import type { Link } from '../../../src/core/ports/link.ts';
import { Inbox } from '../../../src/core/session/inbox.ts';
import { encodeFrame, frameKinds } from '../../../src/core/session/outer-frame.ts';

function linkTo(receive: (handler: (frame: Uint8Array) => void) => void): Link {
  return { onFrame: receive, onClose: () => {} } as unknown as Link;
}

it.each([
  ['large', 262_000, 100],
  ['empty', 0, 100_000],
])(
  'whoever floods it with %s frames that nobody has read yet loses the link, and they are forgotten',
  async (_, size, count) => {
    let give: (frame: Uint8Array) => void = () => {};
    const inbox = new Inbox(
      linkTo((handler) => {
        give = handler;
      }),
    );
    const frame = encodeFrame(frameKinds.transport, new Uint8Array(size));
    for (let n = 0; n < count; n += 1) give(frame);
    expect(await inbox.next()).toEqual({ type: 'end', kind: 'frame-malformed' });
  },
);

const frameOf = (size: number) => encodeFrame(frameKinds.transport, new Uint8Array(size));

/** An inbox and what its link can do to it. */
function inboxOn() {
  let arrive: (frame: Uint8Array) => void = () => {};
  let close: () => void = () => {};
  const link = {
    onFrame: (handler: (frame: Uint8Array) => void) => {
      arrive = handler;
    },
    onClose: (handler: () => void) => {
      close = handler;
    },
  };
  return {
    inbox: new Inbox(link as unknown as Link),
    arrive: (frame: Uint8Array) => arrive(frame),
    close: () => close(),
  };
}

it('16 MiB may wait to be read, 256 bytes beside each frame counted, and nothing more', async () => {
  const full = inboxOn();
  for (let n = 0; n < 256; n += 1) full.arrive(frameOf(65_536 - 256));
  expect((await full.inbox.next()).type).toBe('frame');
  full.arrive(frameOf(65_536 - 256)); // in the place of the one that was read
  expect((await full.inbox.next()).type).toBe('frame');
  const flooded = inboxOn();
  for (let n = 0; n < 256; n += 1) flooded.arrive(frameOf(65_536 - 256));
  flooded.arrive(frameOf(0));
  expect(await flooded.inbox.next()).toEqual({ type: 'end', kind: 'frame-malformed' });
});

it('what arrived before the link closed is read first, then the end, as often as one asks', async () => {
  const { inbox, arrive, close } = inboxOn();
  arrive(frameOf(1));
  arrive(frameOf(2));
  close();
  arrive(frameOf(3));
  const read = [await inbox.next(), await inbox.next(), await inbox.next(), await inbox.next()];
  expect(read.map((event) => (event.type === 'frame' ? event.frame.body.length : event.kind))).toEqual([
    1,
    2,
    'link-closed',
    'link-closed',
  ]);
});

it('an end of our own forgets what was not read, and is the first to count', async () => {
  const { inbox, arrive, close } = inboxOn();
  arrive(frameOf(1));
  inbox.end('link-timeout');
  close();
  arrive(frameOf(1));
  expect([await inbox.next(), await inbox.next()]).toEqual(Array(2).fill({ type: 'end', kind: 'link-timeout' }));
});

it('a frame that makes no sense ends it with its kind; its bytes are counted all the same', async () => {
  const { inbox, arrive } = inboxOn();
  const waiting = inbox.next();
  arrive(frameOf(10));
  expect((await waiting).type).toBe('frame');
  arrive(Uint8Array.of(2, 3, 0));
  expect(await inbox.next()).toEqual({ type: 'end', kind: 'frame-version' });
  expect(inbox.bytesIn).toBe(12 + 3);
});

it('what is read as it comes may be any number', async () => {
  let give: (frame: Uint8Array) => void = () => {};
  const inbox = new Inbox(
    linkTo((handler) => {
      give = handler;
    }),
  );
  const frame = encodeFrame(frameKinds.transport, new Uint8Array(262_000));
  for (let n = 0; n < 500; n += 1) {
    if (n % 2 === 0) give(frame);
    const event = inbox.next();
    if (n % 2 === 1) give(frame);
    expect((await event).type).toBe('frame');
  }
});
