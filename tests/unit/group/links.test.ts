// What crosses a link of a group as frames.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import type { GroupEvent } from '../../../src/core/group/events.ts';
import { GroupLinks } from '../../../src/core/group/links.ts';
import type { MembershipDesk } from '../../../src/core/group/membership/desk.ts';
import { emptyLog, type Genuine } from '../../../src/core/group/membership/log.ts';
import type { Members } from '../../../src/core/group/membership/members.ts';
import { headsOf } from '../../../src/core/group/membership/membership.ts';
import { encode } from '../../../src/core/wire/cbor.ts';
import { decodeGroupSays, type GroupWords } from '../../../src/core/wire/group-says.ts';
import { MAX_OPERATION_BYTES, MAX_OPERATIONS_PER_FRAME } from '../../../src/core/wire/limits.ts';
import { groupOf, Player } from '../../fixtures/group.ts';
import { authors } from '../../fixtures/group-authors.ts';

it('any number of operations that come at once are passed on in frames that everybody takes', async () => {
  const table = await authors(61, 3);
  const [self, one, other] = table.people.map(({ id }) => id) as [string, string, string];
  const members = { ...table.members(), partedBy: () => [] } as unknown as Members;
  const sent: { to: string; message: GroupWords }[] = [];
  const links = new GroupLinks({
    groupId: members.view.groupId,
    self,
    clock: new MemoryClock(),
    desk: { state: { log: emptyLog() } } as unknown as MembershipDesk,
    members: () => members,
    conversing: () => members,
    settled: async () => {},
    converse: async () => {},
    out: (to, message) => void sent.push({ to, message }),
  });
  for (const peer of [one, other]) await links.linked(peer);
  sent.length = 0;
  const random = seededRandom(1);
  const operations = Array.from({ length: 2 * MAX_OPERATIONS_PER_FRAME + 1 }, () => random.bytes(MAX_OPERATION_BYTES));
  const hashes = operations.map(() => random.bytes(32));
  await links.relay(
    operations.map((bytes, at) => ({ bytes, subject: '', hash: hashes[at] }) as unknown as Genuine),
    one,
  );
  expect(sent.map(({ to }) => to)).toEqual([other, other, other]);
  const received = sent.flatMap(({ message }) => {
    const read = decodeGroupSays(encode(message));
    return read.type === 'members-give' ? read.operations : [];
  });
  expect(received).toEqual(operations);
  // Nobody asks for what is still on its way: what is named has come.
  const named = sent.map(({ message }) => (message.type === 'members-give' ? message.heads : []));
  expect(named.slice(0, -1)).toEqual([
    [hashes[MAX_OPERATIONS_PER_FRAME - 1]],
    [hashes[2 * MAX_OPERATIONS_PER_FRAME - 1]],
  ]);
  expect(named.at(-1)).toEqual(headsOf(emptyLog()));
});

describe('a link', () => {
  const unknown = new Uint8Array(32).fill(1);
  let ana: Player;
  let ben: Player;
  let members: Members;
  /** As far as the conversation has heard. */
  let conversing: Members;
  let clock: MemoryClock;
  let links: GroupLinks;
  let sent: { to: string; message: GroupWords }[];
  /** What the desk was told, and what the conversation was, in order. */
  let told: unknown[];
  let talked: GroupEvent[];

  const isIn = () => ({ heads: headsOf(ana.log) });
  const words = (type: 'members-heads' | 'members-give' | 'members-need', more: object): GroupWords =>
    ({ type, group: members.view.groupId, ...more }) as unknown as GroupWords;
  const heads = (...named: Uint8Array[]) => words('members-heads', { heads: named });
  const talk = (version: number): GroupWords =>
    ({ type: 'group-receipts', group: members.view.groupId, receipts: [], version }) as unknown as GroupWords;
  const heard = (peer: string, ...versions: number[]): GroupEvent[] =>
    versions.map((version) => ({ type: 'received', from: peer, talk: talk(version) }) as unknown as GroupEvent);
  /** The membership, without this member or with them as invited. */
  const withOut = (id: string, state?: 'invited'): Members => {
    const { view } = members;
    const found = view.member(id);
    const member = (one: string) => (one !== id ? view.member(one) : state && found && { ...found, state });
    return { ...members, view: { ...view, has: (one) => member(one) !== undefined, member } };
  };

  beforeEach(async () => {
    [ana, ben] = (await groupOf(['Ana', 'Ben'])) as [Player, Player];
    members = await ana.members();
    conversing = members;
    clock = new MemoryClock();
    [sent, told, talked] = [[], [], []];
    links = new GroupLinks({
      groupId: members.view.groupId,
      self: ana.id,
      clock,
      desk: {
        state: ana.desk.state,
        tell: async (event: unknown) => void told.push(event),
        receive: async (from: string, operations: unknown, named: unknown) =>
          void told.push({ from, operations, named }),
      } as unknown as MembershipDesk,
      members: () => members,
      conversing: () => conversing,
      settled: async () => void told.push('settled'),
      converse: async (event) => void talked.push(event),
      out: (to, message) => void sent.push({ to, message }),
    });
  });

  it('begins with my heads; messages follow once theirs are here, and begin once', async () => {
    await links.linked(ben.id);
    expect(sent).toEqual([{ to: ben.id, message: heads(...isIn().heads) }]);
    expect(talked).toEqual([]);
    await links.received(ben.id, heads(...isIn().heads));
    await links.received(ben.id, heads(...isIn().heads));
    expect(talked).toEqual([{ type: 'linked', peer: ben.id }]);
    expect(told).toEqual(Array(2).fill({ is: 'heads', from: ben.id, heads: isIn().heads }));
    await links.received(ben.id, talk(1));
    expect(talked.slice(1)).toEqual(heard(ben.id, 1));
    expect(sent).toHaveLength(1);
  });

  it('with heads that are not here waits five seconds for them, and no longer', async () => {
    await links.linked(ben.id);
    await links.received(ben.id, heads(...isIn().heads, unknown));
    await clock.advance(4_999);
    await links.tick();
    expect(talked).toEqual([]);
    await clock.advance(1);
    await links.tick();
    await links.tick();
    expect(talked).toEqual([{ type: 'linked', peer: ben.id }]);
  });

  it('keeps what they say of messages before that, so much and no more, and reads it then in order', async () => {
    await links.linked(ben.id);
    const versions = Array.from({ length: 33 }, (_, at) => at);
    for (const version of versions) await links.received(ben.id, talk(version));
    expect(talked).toEqual([]);
    await links.received(ben.id, heads(...isIn().heads));
    expect(talked).toEqual([{ type: 'linked', peer: ben.id }, ...heard(ben.id, ...versions.slice(0, 32))]);
    await links.received(ben.id, talk(40));
    expect(talked.slice(33)).toEqual(heard(ben.id, 40));
  });

  it('takes the heads of what is given where none were told; what changes is known to the conversation before', async () => {
    await links.linked(ben.id);
    const operations = [new Uint8Array(9)];
    await links.received(ben.id, words('members-give', { operations, heads: isIn().heads }));
    expect(told).toEqual([{ from: ben.id, operations, named: isIn().heads }, 'settled']);
    expect(talked).toEqual([{ type: 'linked', peer: ben.id }]);
    // Heads that were told stand.
    await links.linked(ben.id);
    await links.received(ben.id, heads(unknown));
    await links.received(ben.id, words('members-give', { operations, heads: isIn().heads }));
    expect(talked).toHaveLength(1);
  });

  it('answers what a member needs', async () => {
    await links.linked(ben.id);
    const [want, have] = [[unknown], [new Uint8Array(32)]];
    await links.received(ben.id, words('members-need', { want, have }));
    expect(told).toEqual([{ is: 'need', from: ben.id, want, have }]);
  });

  it('that has ended is said to desk and conversation once, and nothing comes or goes over it', async () => {
    await links.linked(ben.id);
    await links.unlinked(ben.id);
    await links.unlinked(ben.id);
    expect([told, talked]).toEqual([[{ is: 'left', from: ben.id }], [{ type: 'unlinked', peer: ben.id }]]);
    sent.length = 0;
    await links.received(ben.id, heads(...isIn().heads));
    await links.send(ben.id, talk(1));
    await links.give(ben.id, [], []);
    expect([sent, told.length, talked.length]).toEqual([[], 1, 1]);
  });

  it.each(['the other', 'I'])('to whom %s is invited only exchanges the membership, not messages', async (who) => {
    conversing = withOut(who === 'I' ? ana.id : ben.id, 'invited');
    await links.linked(ben.id);
    await links.received(ben.id, heads(...isIn().heads));
    expect([sent.length, talked]).toEqual([1, []]);
    conversing = members;
    await links.membersChanged();
    expect(talked).toEqual([{ type: 'linked', peer: ben.id }]);
  });

  describe('with somebody who is not listed', () => {
    const why = new Uint8Array(32).fill(7);
    const everybody = () => members;

    it('tells nothing but why they are gone, as often as they ask', async () => {
      members = { ...withOut(ben.id), partedBy: (id) => (id === ben.id ? [why] : []) };
      conversing = members;
      await links.linked(ben.id);
      await links.received(ben.id, words('members-need', { want: [unknown], have: [unknown] }));
      await links.received(ben.id, heads(...isIn().heads));
      const removal = (have: Uint8Array[]) => ({ is: 'need', from: ben.id, want: [why], have });
      expect(told.slice(0, 2)).toEqual([removal([unknown]), removal(isIn().heads)]);
      await links.give(ben.id, [], [unknown]);
      expect(sent).toEqual([{ to: ben.id, message: words('members-give', { operations: [], heads: [] }) }]);
      expect(talked).toEqual([]);
    });

    it('tells a stranger nothing at all', async () => {
      members = { ...withOut(ben.id), partedBy: () => [] };
      conversing = members;
      await links.linked(ben.id);
      await links.received(ben.id, words('members-need', { want: [unknown], have: [] }));
      expect([sent, told, talked]).toEqual([[], [], []]);
    });

    it('begins when they are let in', async () => {
      const all = everybody();
      members = { ...withOut(ben.id), partedBy: () => [] };
      conversing = members;
      await links.linked(ben.id);
      await links.received(ben.id, heads(...isIn().heads));
      expect([sent, talked]).toEqual([[], []]);
      members = all;
      conversing = all;
      await links.membersChanged();
      expect(sent.map(({ message }) => message.type)).toEqual(['members-heads']);
      expect(talked).toEqual([{ type: 'linked', peer: ben.id }]);
    });

    it('who was removed meanwhile hears of it once, and talks again once they are back', async () => {
      const all = everybody();
      await links.linked(ben.id);
      await links.received(ben.id, heads(...isIn().heads));
      told.length = 0;
      members = { ...withOut(ben.id), partedBy: () => [why] };
      conversing = members;
      await links.membersChanged();
      await links.membersChanged();
      expect(told).toEqual([{ is: 'need', from: ben.id, want: [why], have: isIn().heads }]);
      await links.received(ben.id, talk(1));
      expect(talked).toHaveLength(1);
      members = all;
      conversing = all;
      await links.membersChanged();
      expect(talked.slice(1)).toEqual([{ type: 'linked', peer: ben.id }, ...heard(ben.id, 1)]);
      // And again, when they are removed again.
      members = { ...withOut(ben.id), partedBy: () => [why] };
      await links.membersChanged();
      expect(told).toHaveLength(2);
    });
  });

  it('is passed what is new, but not to who brought it nor to who was not told my heads', async () => {
    const cleo = await Player.of('Cleo', ana.desk.state);
    const all = members;
    const news = { hash: unknown, bytes: new Uint8Array(5), subject: '' } as unknown as Genuine;
    members = withOut(ben.id);
    await links.linked(ben.id);
    members = all;
    await links.relay([news], undefined);
    expect(sent).toEqual([]);
    await links.membersChanged();
    await links.linked(cleo.id);
    sent.length = 0;
    await links.relay([news], ben.id);
    expect(sent).toEqual([]);
    await links.relay([news], cleo.id);
    expect(sent).toEqual([
      { to: ben.id, message: words('members-give', { operations: [news.bytes], heads: isIn().heads }) },
    ]);
  });

  it('of whoever was just removed is passed that, and nothing else', async () => {
    await links.linked(ben.id);
    sent.length = 0;
    members = withOut(ben.id);
    const removal = { bytes: new Uint8Array(5), subject: ben.id, operation: { body: { do: 'remove' } } };
    const other = { bytes: new Uint8Array(6), subject: ben.id, operation: { body: { do: 'add' } } };
    const another = { bytes: new Uint8Array(7), subject: ana.id, operation: { body: { do: 'remove' } } };
    await links.relay([removal, other, another] as unknown as Genuine[], undefined);
    expect(sent).toEqual([{ to: ben.id, message: words('members-give', { operations: [removal.bytes], heads: [] }) }]);
    sent.length = 0;
    await links.relay([other, another] as unknown as Genuine[], undefined);
    expect(sent).toEqual([]);
  });
});
