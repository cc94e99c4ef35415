// Who may read what (HISTORY.md, "Who may read"), and the sets of messages that shares and removals speak of.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Ancestry, NO_SETS } from '../../../src/core/group/history/ancestry.ts';
import type { Entry } from '../../../src/core/group/history/entry.ts';
import { History } from '../../../src/core/group/history/history.ts';
import { Readers } from '../../../src/core/group/history/readers.ts';
import type { Share } from '../../../src/core/group/history/sharing.ts';
import { type Author, authors, type Table } from '../../fixtures/group-authors.ts';

let table: Table;
let ana: Author;
let ben: Author;
let dora: Author;

/** Ana the admin, Ben, and Dora who comes later. */
beforeEach(async () => {
  table = await authors(31, 2);
  [ana, ben] = table.people as [Author, Author];
  dora = (await authors(32, 1)).people[0] as Author;
});

const changes = (kind: 'add' | 'remove', who: Author) => table.change(kind, ana, who);

/** Signed by nobody: what reads signatures has taken it already. */
const share = (to: Author, upTo: readonly Entry[], which = 1): Share => ({
  to: to.id,
  upTo: upTo.map(({ hash }) => hash),
  message: {
    type: 'group-share',
    group: new Uint8Array(32),
    content: new Uint8Array(0),
    signature: new Uint8Array(64).fill(which),
  },
});

async function line(count: number, from = ana): Promise<Entry[]> {
  const said: Entry[] = [];
  for (let at = 0; at < count; at += 1) {
    const prev = said.at(-1);
    said.push(await table.say(from, `${at}`, { at: 1_000 + at, ...(prev && { prev }) }));
  }
  return said;
}

describe('a set of messages with all that they follow', () => {
  it('is found out once somebody asks, for everything that is here', async () => {
    const said = await line(4);
    const all = vi.fn(() => said);
    const ancestry = new Ancestry({ find: (hash) => said.find((one) => one.hash === hash), all });
    expect(ancestry.has(1n, said[0]?.hash ?? '')).toBe(false);
    const set = ancestry.of([said[2]?.hash ?? '']);
    expect(ancestry.of([said[2]?.hash ?? ''])).toBe(set);
    const other = ancestry.of([said[0]?.hash ?? '']);
    expect(other).not.toBe(set);
    expect(all).not.toHaveBeenCalled();
    expect(said.map(({ hash }) => ancestry.has(set, hash))).toEqual([true, true, true, false]);
    expect(said.map(({ hash }) => ancestry.has(other, hash))).toEqual([true, false, false, false]);
    expect(ancestry.has(NO_SETS, said[0]?.hash ?? '')).toBe(false);
    expect(all).toHaveBeenCalledTimes(1);
  });

  it('is the same whatever the order of its heads', async () => {
    const [one, other] = (await line(2)) as [Entry, Entry];
    const ancestry = new Ancestry({ find: () => undefined, all: () => [] });
    const set = ancestry.of([one.hash, other.hash]);
    expect(ancestry.of([other.hash, one.hash])).toBe(set);
    expect(ancestry.of([one.hash])).not.toBe(set);
  });

  it('grows with what arrives, in any order, and says when what is here has come into it', async () => {
    const said = (await line(5)) as [Entry, Entry, Entry, Entry, Entry];
    const here: Entry[] = [];
    const ancestry = new Ancestry({ find: (hash) => here.find((one) => one.hash === hash), all: () => here });
    const set = ancestry.of([said[4].hash]);
    // Nobody has asked yet: there is no telling what it brought.
    expect(ancestry.arrived(said[0])).toBe(true);
    here.push(said[0]);
    expect(ancestry.has(set, said[0].hash)).toBe(false);
    const arrives = (entry: Entry) => {
      here.push(entry);
      return ancestry.arrived(entry);
    };
    expect(arrives(said[1])).toBe(false);
    expect(arrives(said[4])).toBe(false);
    expect(ancestry.has(set, said[3].hash)).toBe(true);
    expect(arrives(said[3])).toBe(false);
    // It closes the gap to the two that were here.
    expect(arrives(said[2])).toBe(true);
    expect(said.map(({ hash }) => ancestry.has(set, hash))).toEqual([true, true, true, true, true]);
  });

  it('what two sets have in common is marked with both', async () => {
    const [first, second, third] = (await line(3)) as [Entry, Entry, Entry];
    const here = [first];
    const ancestry = new Ancestry({ find: (hash) => here.find((one) => one.hash === hash), all: () => here });
    const early = ancestry.of([second.hash]);
    const late = ancestry.of([third.hash]);
    ancestry.has(early, first.hash);
    for (const entry of [third, second]) {
      here.push(entry);
      ancestry.arrived(entry);
    }
    expect([early, late, early | late].map((sets) => ancestry.has(sets, first.hash))).toEqual([true, true, true]);
    expect([early, late].map((sets) => ancestry.has(sets, third.hash))).toEqual([false, true]);
  });
});

describe('who may read', () => {
  it('is whoever belonged in its author’s eyes and belongs today, and its author for ever', async () => {
    const [entry] = (await line(1, ben)) as [Entry];
    const readers = new Readers(new History(table.members()), table.members());
    expect([ana, ben, dora].map(({ id }) => readers.mayRead(entry, id))).toEqual([true, true, false]);
    changes('remove', ben);
    readers.judgeBy(table.members());
    expect([ana, ben].map(({ id }) => readers.mayRead(entry, id))).toEqual([true, true]);
    const [theirs] = (await line(1)) as [Entry];
    changes('add', dora);
    readers.judgeBy(table.members());
    expect([ben, dora].map(({ id }) => readers.mayRead(theirs, id))).toEqual([false, false]);
  });

  it('who belonged and was removed since reads nothing of others', async () => {
    const [entry] = (await line(1)) as [Entry];
    changes('remove', ben);
    const readers = new Readers(new History(table.members()), table.members());
    expect(readers.mayRead(entry, ben.id)).toBe(false);
  });

  it('and whom an admin let read it since, also what arrives later', async () => {
    const said = (await line(3)) as [Entry, Entry, Entry];
    changes('add', dora);
    const history = new History(table.members());
    const readers = new Readers(history, table.members());
    history.add(said[0]);
    const { message } = share(dora, [said[1]]);
    expect([readers.knows(message), readers.room]).toEqual([false, 256]);
    readers.add(share(dora, [said[1]]));
    expect([readers.knows(message), readers.room]).toEqual([true, 255]);
    expect(readers.shares.map(({ to }) => to)).toEqual([dora.id]);
    expect(readers.mayRead(said[0], dora.id)).toBe(false);
    history.add(said[1]);
    readers.arrived(said[1]);
    history.add(said[2]);
    readers.arrived(said[2]);
    expect(said.map((entry) => readers.mayRead(entry, dora.id))).toEqual([true, true, false]);
    // A second one adds to the first.
    readers.add(share(dora, [said[2]], 2));
    expect(said.map((entry) => readers.mayRead(entry, dora.id))).toEqual([true, true, true]);
    expect(readers.shares).toHaveLength(2);
  });

  it('but never whom its author knew to be removed, and that is found out once until the membership changes', async () => {
    changes('remove', ben);
    const said = (await line(2)) as [Entry, Entry];
    changes('add', ben);
    changes('add', dora);
    const history = new History(table.members());
    for (const entry of said) history.add(entry);
    const members = table.members();
    const wasRemovedBefore = vi.fn((...of: Parameters<typeof members.wasRemovedBefore>) =>
      members.wasRemovedBefore(...of),
    );
    const readers = new Readers(history, { ...members, wasRemovedBefore });
    for (const [at, person] of [ben, dora].entries()) readers.add(share(person, [said[1]], at));
    for (let again = 0; again < 3; again += 1) {
      expect(said.map((entry) => readers.mayRead(entry, ben.id))).toEqual([false, false]);
      expect(said.map((entry) => readers.mayRead(entry, dora.id))).toEqual([true, true]);
    }
    expect(wasRemovedBefore).toHaveBeenCalledTimes(2);
    readers.judgeBy({ ...members, wasRemovedBefore });
    expect(readers.mayRead(said[0], ben.id)).toBe(false);
    expect(wasRemovedBefore).toHaveBeenCalledTimes(3);
  });
});
