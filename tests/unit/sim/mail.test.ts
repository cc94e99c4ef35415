import { expect, it } from 'vitest';
import { MailBag, mailKinds, readMail } from '../../sim/mail.ts';

it('what is put into a bag comes out in the same order, whole, and once', () => {
  const bag = new MailBag();
  const letters = Array.from({ length: 60 }, (_, index) => ({
    at: 1_781_000_000_000 + index / 3,
    kind: index % 2 === 0 ? mailKinds.frame : mailKinds.join,
    number: 4_294_967_295 - index,
    other: index,
    // More than the first buffer holds.
    bytes: new Uint8Array(index * 40).fill(index),
  }));
  for (const { at, kind, number, other, bytes } of letters) bag.add(at, kind, number, other, bytes);
  expect([...readMail(bag.empty(), (part) => part.slice())]).toEqual(letters);
  expect(bag.empty()).toHaveLength(0);
});
