// What contacts say of groups that are not known here: how much of it is looked into at once, and in which order the rest.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { fromHex } from '../../../src/core/bytes/hex.ts';
import { Invitations } from '../../../src/core/node/groups/invitations.ts';
import type { LiveGroup } from '../../../src/core/node/groups/live-group.ts';
import { Shelf } from '../../../src/core/node/groups/shelf.ts';
import type { GroupSays } from '../../../src/core/wire/group-says.ts';
import { settle } from '../../fixtures/until.ts';

const MINUTE = 60_000;
const ana = 'a'.repeat(40);
const cleo = 'c'.repeat(40);

const heads = (group: number): GroupSays => ({
  type: 'members-heads',
  group: new Uint8Array(32).fill(group),
  heads: [],
});

const groupOf = (group: Uint8Array, invitedBy: Uint8Array, more: object = {}) =>
  ({
    id: String(group[0]),
    record: { group, invitedBy },
    isProvisional: true,
    isSettling: false,
    group: { members: { view: new Map() }, id: 'me' },
    ...more,
  }) as unknown as LiveGroup;

let clock: MemoryClock;
let shelf: Shelf;
let invitations: Invitations;
/** Groups in the order in which they were begun, and in which they were heard of again. */
let begun: number[];
let again: number[];
let contacts: Set<string>;
/** The groups are being opened anew. */
let interrupted: boolean;
/** What happens while one is begun. */
let meanwhile: () => void;

beforeEach(() => {
  [clock, shelf, begun, again, contacts] = [new MemoryClock(), new Shelf(), [], [], new Set([ana, cleo])];
  [interrupted, meanwhile] = [false, () => {}];
  invitations = new Invitations({
    clock,
    shelf,
    isContact: (member) => contacts.has(member),
    begin: async (group, invitedBy) => {
      await Promise.resolve();
      begun.push(group[0] ?? 0);
      meanwhile();
      return groupOf(group, invitedBy);
    },
    isInterrupted: () => interrupted,
    taken: async () => {},
    again: async (from, message) => {
      again.push(message.group[0] ?? 0);
      if (!interrupted && !shelf.byGroup(message.group)) await invitations.begin(from, message);
    },
    inBackground: (work) => void work,
  });
});

const say = (from: string, ...groups: number[]) =>
  Promise.all(groups.map((group) => invitations.begin(from, heads(group))));

describe('of one contact', () => {
  it('four are looked into at once, also when all of them are said in one moment', async () => {
    await say(ana, 1, 2, 3, 4, 5, 6);
    expect(begun).toEqual([1, 2, 3, 4]);
    await say(cleo, 11);
    expect(begun).toEqual([1, 2, 3, 4, 11]);
  });

  it('the next in line follows when one was none, or a card let me in', async () => {
    await say(ana, 1, 2, 3, 4, 5, 6);
    Object.assign(shelf.byId('1') ?? {}, { isProvisional: false });
    await clock.advance(MINUTE, settle);
    expect([begun, shelf.provisional().length]).toEqual([[1, 2, 3, 4, 5, 6], 2]);
  });

  it('sixteen wait; a group that is spoken of twice waits once', async () => {
    await say(ana, 1, 2, 3, 4, 5, 5, ...Array.from({ length: 30 }, (_, at) => 6 + at));
    for (let minute = 0; minute < 10; minute += 1) await clock.advance(MINUTE, settle);
    expect(begun).toEqual(Array.from({ length: 20 }, (_, at) => 1 + at));
  });

  it('none wait when their session ends, when they are no contact any more, or when the page goes', async () => {
    await say(ana, 1, 2, 3, 4, 5);
    invitations.left(ana);
    await clock.advance(MINUTE, settle);
    expect(begun).toEqual([1, 2, 3, 4]);

    await say(ana, 1, 2, 3, 4, 5);
    contacts.delete(ana);
    invitations.contactsChanged();
    await clock.advance(MINUTE, settle);
    expect([begun.length, shelf.everyone()]).toEqual([8, []]);

    await say(cleo, 1, 2, 3, 4, 5);
    invitations.close();
    await clock.advance(MINUTE, settle);
    expect(begun.length).toBe(12);
  });
});

it('eight of all contacts are looked into at once', async () => {
  contacts.add('e'.repeat(40));
  await say(ana, 1, 2, 3, 4, 5);
  await say(cleo, 11, 12, 13, 14);
  await say('e'.repeat(40), 21);
  expect(begun).toEqual([1, 2, 3, 4, 11, 12, 13, 14]);
});

it('a place that is free goes to whoever has the fewest: two who say much keep out no third', async () => {
  const dora = 'd'.repeat(40);
  contacts.add(dora);
  await say(ana, 1, 2, 3, 4, 5, 6);
  await say(cleo, 11, 12, 13, 14, 15, 16);
  await say(dora, 21);
  Object.assign(shelf.byId('1') ?? {}, { isProvisional: false });
  await clock.advance(MINUTE, settle);
  expect(begun[8]).toBe(21);
});

it('a group of which two speak in one moment is begun once, and the other is heard after that', async () => {
  await Promise.all([say(ana, 1), say(cleo, 1)]);
  await settle();
  expect([begun, again]).toEqual([[1], [1]]);
  expect(shelf.byGroup(new Uint8Array(32).fill(1))?.record.invitedBy).toEqual(fromHex(ana));
});

describe('while one is begun', () => {
  it('a card may let me in: nothing is put beside that, and what was said is heard by it', async () => {
    meanwhile = () => shelf.put(groupOf(heads(1).group, fromHex(ana), { id: 'entered', isProvisional: false }));
    await say(ana, 1);
    await settle();
    expect([shelf.everyone().map(({ id }) => id), again]).toEqual([['entered'], [1]]);
  });

  it('or be about to', async () => {
    meanwhile = () => {
      interrupted = true;
    };
    await say(ana, 1);
    await settle();
    expect([shelf.everyone(), again]).toEqual([[], [1]]);
  });

  it('its contact may be blocked: then it is not looked into', async () => {
    meanwhile = () => contacts.delete(ana);
    await say(ana, 1);
    expect(shelf.everyone()).toEqual([]);
  });
});

it('what is being written when its contact is blocked is not forgotten: the next start would show it', async () => {
  await say(ana, 1, 2);
  Object.assign(shelf.byId('1') ?? {}, { isSettling: true });
  contacts.delete(ana);
  invitations.contactsChanged();
  expect(shelf.everyone().map(({ id }) => id)).toEqual(['1']);
});

it('a group that became known needs no place, and holds up nobody behind it', async () => {
  await say(ana, 1, 2, 3, 4, 5, 6, 7);
  const invited = { members: { view: new Map([['me', {}]]) }, id: 'me' };
  for (const id of ['2', '3', '4']) Object.assign(shelf.byId(id) ?? {}, { group: invited, settle: async () => false });
  for (const group of [5, 6]) shelf.put(groupOf(heads(group).group, fromHex(cleo), { isProvisional: false }));
  Object.assign(shelf.byId('1') ?? {}, { isProvisional: false });
  await clock.advance(MINUTE, settle);
  expect([again, begun.slice(4)]).toEqual([[5, 6, 7], [7]]);
});

it('nothing is tried on the disk while its group is opened anew', async () => {
  let tries = 0;
  const settled = async () => {
    tries += 1;
    return true;
  };
  await say(ana, 1);
  Object.assign(shelf.byId('1') ?? {}, {
    settle: settled,
    group: { members: { view: new Map([['me', {}]]) }, id: 'me' },
  });
  interrupted = true;
  await clock.advance(MINUTE, settle);
  expect(tries).toBe(0);
  interrupted = false;
  await clock.advance(MINUTE, settle);
  expect(tries).toBe(1);
});

it('who is no contact invites to nothing, and only heads are an invitation', async () => {
  await say('e'.repeat(40), 1);
  await invitations.begin(ana, { ...heads(2), type: 'members-need', want: [], have: [] } as unknown as GroupSays);
  expect(begun).toEqual([]);
});
