// An admin lets a member read what was written before: who may sign that, for whom, and in which group.
import { beforeEach, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import { kindOf } from '../../../src/core/errors.ts';
import { readShare, signShare } from '../../../src/core/group/history/sharing.ts';
import { MAX_SHARE_BYTES, type ShareMessage, type ShareStatement } from '../../../src/core/wire/group-history.ts';
import { MAX_PARENTS, MAX_VIEW_HEADS } from '../../../src/core/wire/group-limits.ts';
import { type Author, authors, type Table } from '../../fixtures/group-authors.ts';

let table: Table;
let admin: Author;
let ben: Author;
let cleo: Author;
const upTo = [new Uint8Array(32).fill(7)];

beforeEach(async () => {
  table = await authors(21, 3);
  [admin, ben, cleo] = table.people as [Author, Author, Author];
});

const statement = (changes: Partial<ShareStatement> = {}): ShareStatement => {
  const { view } = table.members();
  return { group: view.groupId, from: fromHex(admin.id), to: fromHex(ben.id), view: [...view.heads], upTo, ...changes };
};
const share = (changes: Partial<ShareStatement> = {}, signer = admin): Promise<ShareMessage> =>
  signShare(statement(changes), signer.key.sign);
const refusal = (message: ShareMessage): Promise<string> =>
  readShare(message, table.members()).then(
    () => 'taken',
    (error: unknown) => kindOf(error),
  );

it('tells whom it lets read what, with the message as it came', async () => {
  const message = await share();
  expect(message).toMatchObject({ type: 'group-share', group: table.members().view.groupId });
  expect(await readShare(message, table.members())).toEqual({ to: ben.id, upTo: upTo.map(toHex), message });
});

it('fits also when every member has acted at once and much was said at once', async () => {
  const hashes = (count: number) => Array.from({ length: count }, (_, at) => new Uint8Array(32).fill(at + 1));
  const message = await share({ view: hashes(MAX_VIEW_HEADS), upTo: hashes(MAX_PARENTS) });
  expect(message.content.length).toBeLessThanOrEqual(MAX_SHARE_BYTES);
  expect(await readShare(message, table.members())).toBe('unknown-heads');
});

it('of another group is refused, in whichever of the two places that stands', async () => {
  const elsewhere = new Uint8Array(32).fill(1);
  const inside = await share({ group: elsewhere });
  expect(await refusal(inside)).toBe('group-forged');
  expect(await refusal({ ...inside, group: table.members().view.groupId })).toBe('group-forged');
  expect(await refusal({ ...(await share()), group: elsewhere })).toBe('group-forged');
});

it('waits for operations that are missing', async () => {
  expect(await readShare(await share({ view: [new Uint8Array(32).fill(5)] }), table.members())).toBe('unknown-heads');
});

it('by a member who is no admin, by a stranger, or for a stranger is refused', async () => {
  const stranger = new Uint8Array(32).fill(3);
  expect(await refusal(await share({ from: fromHex(cleo.id) }, cleo))).toBe('group-stranger');
  expect(await refusal(await share({ from: stranger }))).toBe('group-stranger');
  expect(await refusal(await share({ to: stranger }))).toBe('group-stranger');
});

it('by an admin who is invited and has not come is refused', async () => {
  const members = table.members();
  const invited = { ...members.view, member: (id: string) => ({ ...members.view.member(id), state: 'invited' }) };
  const message = await share();
  const read = readShare(message, { ...members, viewAt: async () => invited as typeof members.view });
  await expect(read.catch(kindOf)).resolves.toBe('group-stranger');
});

it('signed by somebody else, or for another purpose, is refused', async () => {
  expect(await refusal(await share({}, ben))).toBe('group-forged');
  const message = await share();
  expect(await refusal({ ...message, signature: await admin.key.sign(message.content) })).toBe('group-forged');
});
