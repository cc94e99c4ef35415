// What may be done, in the eyes of whoever does it, and what they are told when it may not (GROUP.md, "What counts").
import { beforeEach, describe, expect, it } from 'vitest';
import { compareBytes } from '../../../../src/core/bytes/bytes.ts';
import { find } from '../../../../src/core/group/membership/log.ts';
import { headsOf } from '../../../../src/core/group/membership/membership.ts';
import { emptyMembership } from '../../../../src/core/group/membership/state.ts';
import type { Operation, OperationBody } from '../../../../src/core/wire/group-operations.ts';
import {
  craft,
  groupKey,
  groupOf,
  identityOf,
  kindFrom,
  meet,
  meetAll,
  Player,
  refusalOf,
  roster,
} from '../../../fixtures/group.ts';

let ana: Player;
let ben: Player;
let cleo: Player;

beforeEach(async () => {
  [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as [Player, Player, Player];
});

/** What Ana’s page says of it, whoever signed it; undefined when it is taken. */
const said = async (by: Player, body: OperationBody, change: Partial<Operation> = {}): Promise<string | undefined> =>
  refusalOf(ana, await craft(by, body, change));
const fingerprint = async (name: string) => (await identityOf(name)).fingerprint;
const removal = async (name: string): Promise<OperationBody> => ({
  do: 'remove',
  member: await fingerprint(name),
  messages: [],
});
const promotion = async (name: string): Promise<OperationBody> => ({ do: 'promote', member: await fingerprint(name) });
const unknown = new Uint8Array(32).fill(1);

describe('an admin', () => {
  it('removes who belongs, invited or joined, once; not strangers, and themselves neither: they leave', async () => {
    await ana.add('Zoe');
    expect(await said(ana, await removal('Nobody'))).toBe('group-not-member');
    expect(await said(ana, await removal('Ana'))).toBe('group-not-member');
    expect(await said(ana, await removal('Ben'))).toBeUndefined();
    expect(await said(ana, await removal('Ben'))).toBe('group-not-member');
    expect(await said(ana, await removal('Zoe'))).toBeUndefined();
    expect(await roster(ana)).toBe('Ana* Cleo');
  });

  it('makes admins of those who have joined', async () => {
    await ana.add('Zoe');
    expect(await said(ana, await promotion('Zoe'))).toBe('group-not-member');
    expect(await said(ana, await promotion('Nobody'))).toBe('group-not-member');
    expect(await said(ana, await promotion('Ben'))).toBeUndefined();
    await ana.remove('Cleo');
    expect(await said(ana, await promotion('Cleo'))).toBe('group-not-member');
    expect(await roster(ana)).toBe('(Zoe) Ana* Ben*');
  });

  it('invites whoever does not belong, also those who once did', async () => {
    const bundle = { bundle: (await identityOf('Ben')).bundle, person: 'Ben' };
    expect(await said(ana, { do: 'add', ...bundle })).toBe('group-member');
    await ana.remove('Ben');
    expect(await said(ana, { do: 'add', ...bundle })).toBeUndefined();
    expect(await said(ana, { do: 'add', ...bundle })).toBe('group-member');
  });

  it('revokes cards that there are', async () => {
    expect(await said(ana, { do: 'revoke', card: unknown })).toBe('group-card-over');
  });

  it('is one by the key of today alone', async () => {
    await ana.promote('Ben');
    await meetAll(ana, ben);
    const old = ben.key;
    await ana.remove('Ben');
    await ana.add('Ben');
    await meet(ben, ana);
    await ben.join();
    await meet(ana, ben);
    await ana.promote('Ben');
    await meetAll(ana, ben);
    expect(await kindFrom(ben.rename('Hikers'))).toBe('done');
    await meet(ana, ben);
    ben.key = old;
    expect(await said(ben, { do: 'rename', name: 'Thieves' })).toBe('group-not-member');
  });
});

describe('a member', () => {
  it('does nothing that is for admins', async () => {
    for (const body of [await removal('Cleo'), await promotion('Ben'), { do: 'rename', name: 'x' } as const]) {
      expect(await said(ben, body), body.do).toBe('group-not-admin');
    }
  });

  it('leaves, and is nobody from then on; only an admin names who comes after, somebody else who has joined', async () => {
    await ana.add('Zoe');
    const leave = async (successor?: string): Promise<OperationBody> => ({
      do: 'leave',
      messages: [],
      ...(successor === undefined ? {} : { successor: await fingerprint(successor) }),
    });
    expect(await said(ben, await leave('Cleo'))).toBe('group-not-admin');
    for (const successor of ['Ana', 'Zoe', 'Nobody']) {
      expect(await said(ana, await leave(successor)), successor).toBe('group-not-member');
    }
    expect(await said(ben, await leave())).toBeUndefined();
    await meetAll(ana, ben, cleo);
    expect(await said(ben, await leave())).toBe('group-not-member');
    expect(await said(ana, await leave('Cleo'))).toBeUndefined();
    expect(await roster(ana)).toBe('(Zoe) Cleo*');
  });
});

describe('an invitation', () => {
  const joining = async (by: Player, add: Uint8Array): Promise<OperationBody> => {
    const body = ben.log.entries.find(({ author, operation }) => author === ben.id && operation.body.do === 'join');
    return { ...(body?.operation.body as object), do: 'join', bundle: by.identity.bundle, add } as OperationBody;
  };

  it('is taken once, by whom it is for', async () => {
    const { hash } = await ana.add('Zoe');
    const zoe = await Player.of('Zoe', emptyMembership(ana.desk.state.groupId));
    await meet(zoe, ana);
    await zoe.join();
    await meet(ana, zoe);
    expect(await roster(ana)).toBe('Ana* Ben Cleo Zoe');
    expect(await kindFrom(zoe.join())).toBe('group-not-member');
    // Somebody else’s, none at all, or one that was taken; always with a key that was never used.
    ben.key = await groupKey('Ben', 5);
    expect(await kindFrom(ben.act(await joining(ben, hash)))).toBe('group-not-member');
    expect(await kindFrom(ben.act(await joining(ben, unknown)))).toBe('group-not-member');
    const own = find(
      ben.log,
      ben.log.entries.find(({ subject, operation }) => subject === ben.id && operation.body.do === 'add')?.id ?? '',
    );
    expect(await kindFrom(ben.act(await joining(ben, own?.hash ?? unknown)))).toBe('group-member');
  });

  it('is for nobody before it is made', async () => {
    const zoe = await Player.of('Zoe', emptyMembership(ana.desk.state.groupId));
    await meet(zoe, ana);
    expect(await kindFrom(zoe.join())).toBe('group-not-member');
  });
});

describe('in form', () => {
  it('one that names no parents, or another group, is refused', async () => {
    expect(await said(ana, { do: 'rename', name: 'x' }, { parents: [] })).toBe('group-refused');
    expect(await said(ana, { do: 'rename', name: 'x' }, { group: unknown })).toBe('group-refused');
  });

  it('a second creation is refused, wherever it stands', async () => {
    const { body } = (ana.log.entries[0] as { operation: Operation }).operation;
    expect(await said(ana, body)).toBe('group-refused');
    expect(await said(ana, body, { parents: [], seq: 2, group: undefined } as never)).toBe('group-refused');
  });

  it('parents stand in order, none twice and none behind another', async () => {
    await ben.leave();
    await ana.rename('One');
    await ana.give(ben.log.entries, 'ben');
    const heads = headsOf(ana.log).sort(compareBytes);
    expect(heads).toHaveLength(2);
    const [first, second] = heads as [Uint8Array, Uint8Array];
    const rename: OperationBody = { do: 'rename', name: 'Two' };
    expect(await said(ana, rename, { parents: [second, first] })).toBe('group-refused');
    expect(await said(ana, rename, { parents: [first, first] })).toBe('group-refused');
    const older = ana.log.entries[0]?.hash as Uint8Array;
    expect(await said(ana, rename, { parents: [older, ...heads].sort(compareBytes) })).toBe('group-refused');
    expect(await said(ana, rename, { parents: heads })).toBeUndefined();
  });

  it('has the next place of its author’s, no other', async () => {
    const rename: OperationBody = { do: 'rename', name: 'Two' };
    const { operation } = await ana.rename('One');
    for (const seq of [operation.seq, operation.seq + 2, 1])
      expect(await said(ana, rename, { seq })).toBe('group-refused');
    expect(await said(ana, rename, { seq: operation.seq + 1 })).toBeUndefined();
  });

  it('whoever says that they saw something has something of another to have seen', async () => {
    await ana.rename('One');
    expect(await said(ana, { do: 'seen' })).toBe('group-refused');
    await meet(ben, ana);
    expect(await said(ben, { do: 'seen' })).toBeUndefined();
  });
});
