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
