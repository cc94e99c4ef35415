// Somebody asks to be a contact over the session of two members: who gets a card, and what an answer nobody asked for does.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { kindOf } from '../../../src/core/errors.ts';
import type { ContactBook } from '../../../src/core/node/contact-book.ts';
import { Acquaintances } from '../../../src/core/node/groups/acquaintances.ts';
import type { LiveGroup } from '../../../src/core/node/groups/live-group.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import type { GroupSays } from '../../../src/core/wire/group-says.ts';
import { settle } from '../../fixtures/until.ts';

const bytes = (byte: number, length = 32) => new Uint8Array(length).fill(byte);
const [ana, ben, cleo, dora] = [1, 2, 3, 4].map((byte) => toHex(bytes(byte))) as [string, string, string, string];
const group = bytes(9);

/** Ana's page: Ben has joined, Cleo is invited, Dora was removed. */
function start() {
  const states: Record<string, 'joined' | 'invited'> = { [ana]: 'joined', [ben]: 'joined', [cleo]: 'invited' };
  const view = {
    member: (id: string) => states[id] && { state: states[id], bundle: bytes(7, 65) },
    has: (id: string) => id in states,
  };
  const live = { group: { id: ana, members: { view } }, record: { group } } as unknown as LiveGroup;
  const clock = new MemoryClock();
  const said: (readonly [string, GroupSays])[] = [];
  const given: Uint8Array[] = [];
  const taken: Uint8Array[] = [];
  const acquaintances = new Acquaintances({
    clock,
    log: silentLog,
    book: { byFingerprint: () => undefined } as unknown as ContactBook,
    reach: { reach: async () => true, send: async (to, message) => void said.push([to, message]) },
    take: async ({ secret }) => {
      taken.push(secret);
      return 'attempt';
    },
    cardFor: async (bundle) => {
      given.push(bundle);
      return bytes(5, 16);
    },
  });
  return { acquaintances, live, clock, said, given, taken };
}

describe('asking to be a contact', () => {
  it('members only: a card goes to who has joined, and nothing is said to anybody else', async () => {
    const { acquaintances, live, said, given } = start();
    for (const asker of [cleo, dora]) await acquaintances.received(live, asker, { type: 'contact-ask', group });
    expect([said, given]).toEqual([[], []]);
    await acquaintances.received(live, ben, { type: 'contact-ask', group });
    expect(said).toEqual([[ben, { type: 'contact-card', group, secret: bytes(5, 16) }]]);
  });

  it('takes a card only from the member who was asked, in the group in which they were', async () => {
    const { acquaintances, live, taken } = start();
    const card = { type: 'contact-card', group, secret: bytes(6, 16) } as const;
    await acquaintances.received(live, ben, card);
    const asked = acquaintances.ask(live, ben);
    await settle();
    await acquaintances.received(live, cleo, card);
    await acquaintances.received(live, ben, { ...card, group: bytes(8) });
    expect(taken).toEqual([]);
    await acquaintances.received(live, ben, card);
    expect(await asked).toBe('attempt');
    await acquaintances.received(live, ben, { ...card, secret: bytes(4, 16) });
    expect(taken).toEqual([bytes(6, 16)]);
  });

  it('says why there is none, and gives up on silence', async () => {
    const { acquaintances, live, clock } = start();
    const refused = acquaintances.ask(live, ben).catch(kindOf);
    await settle();
    await acquaintances.received(live, ben, { type: 'contact-no', group, why: 'refused' });
    expect(await refused).toBe('member-refused');
    const silent = acquaintances.ask(live, ben).catch(kindOf);
    await settle();
    await clock.advance(10_000);
    expect(await silent).toBe('member-away');
  });
});
