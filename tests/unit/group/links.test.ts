// What crosses a link of a group as frames.
import { expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { GroupLinks } from '../../../src/core/group/links.ts';
import type { MembershipDesk } from '../../../src/core/group/membership/desk.ts';
import { emptyLog, type Genuine } from '../../../src/core/group/membership/log.ts';
import type { Members } from '../../../src/core/group/membership/members.ts';
import { headsOf } from '../../../src/core/group/membership/membership.ts';
import { encode } from '../../../src/core/wire/cbor.ts';
import { decodeGroupSays, type GroupWords } from '../../../src/core/wire/group-says.ts';
import { MAX_OPERATION_BYTES, MAX_OPERATIONS_PER_FRAME } from '../../../src/core/wire/limits.ts';
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
