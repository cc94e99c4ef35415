// Whole nodes: invitations to groups while the one who is invited has no room for any.
import { beforeEach, expect, it } from 'vitest';
import { toHex } from '../../src/core/bytes/hex.ts';
import { KithError } from '../../src/core/errors.ts';
import { decodeGroup } from '../../src/core/node/groups/group-records.ts';
import type { Write } from '../../src/core/ports/store.ts';
import { Village, type Villager } from '../fixtures/village.ts';

const WHOLE = 3 * 60_000;

let village: Village;
let ana: Villager;
let ben: Villager;
let cleo: Villager;
/** Commits that Ben's disk refused. */
let refused = 0;

beforeEach(async () => {
  village = new Village();
  [ana, ben, cleo] = [await village.person('Ana'), await village.person('Ben'), await village.person('Cleo')];
  for (const other of [ana, cleo]) await village.introduce(other, ben);
  refused = 0;
});

function full(): void {
  ben.beforeCommit = async () => {
    refused += 1;
    throw new KithError('disk-full');
  };
}

function room(): void {
  ben.beforeCommit = async () => {};
}

async function invite(host: Villager, ...names: string[]): Promise<void> {
  const contact = await host.idOf(ben);
  for (const name of names)
    expect((await village.outcome(host.node.createGroup(name, [contact]))).ok, `${name} is made`).toBe(true);
}

async function invitations(): Promise<string[]> {
  const { conversations } = await ben.snapshot();
  return conversations.flatMap((one) => (one.kind === 'group' && one.standing === 'invited' ? [one.name] : [])).sort();
}

const isInvitedTo = (...names: string[]) =>
  village.until(async () => (await invitations()).join() === names.join(), `invited to ${names.join()}`);

/** Of a group's record. */
function invitedBy(write: Write): string | undefined {
  if (!('put' in write && write.put === 'groups')) return undefined;
  const { invitedBy } = decodeGroup(write.value);
  return invitedBy && toHex(invitedBy);
}

const ten = Array.from({ length: 10 }, (_, at) => `Ana ${at}`);

it('many of one contact leave places for those of another, and all of them come in the end', async () => {
  let first = '';
  ben.beforeCommit = async (writes) => {
    const by = writes.map(invitedBy).find((one) => one !== undefined);
    first ||= by ?? '';
    if (by !== undefined && by === first) throw new KithError('disk-full');
  };
  await invite(ana, ...ten);
  await village.until(async () => first !== '', 'the first of them is tried');
  await invite(cleo, 'Cleo');
  await isInvitedTo('Cleo');
  room();
  // Those that had a place are tried once a minute; the others follow.
  await village.pass(61_000);
  await isInvitedTo(...ten, 'Cleo');
});

it('the disk is tried once a minute for each, whatever is said of it meanwhile', async () => {
  full();
  await invite(ana, 'Hikers');
  const group = (await ana.snapshot()).conversations.find(({ kind }) => kind === 'group')?.id ?? '';
  await village.pass(1_000);
  const before = refused;
  for (const name of ['Walkers', 'Climbers', 'Runners', 'Swimmers']) {
    await village.outcome(ana.node.renameGroup(group, name));
    await village.pass(1_000);
  }
  expect(refused - before).toBe(0);
  room();
  await village.pass(61_000);
  await isInvitedTo('Swimmers');
});

it('who is blocked meanwhile has invited to nothing', async () => {
  full();
  await invite(ana, ...ten);
  await invite(cleo, 'Cleo');
  await village.pass(1_000);
  room();
  await ben.node.block(await ben.idOf(ana));
  await village.pass(WHOLE);
  expect(await invitations()).toEqual(['Cleo']);
});
