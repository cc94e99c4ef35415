// Whom a page asks for the picture of a group, and whom it gives it.
import { expect, it } from 'vitest';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import type { LiveGroup } from '../../../src/core/node/groups/live-group.ts';
import { LivePicture } from '../../../src/core/node/groups/live-picture.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import type { GroupSays } from '../../../src/core/wire/group-says.ts';
import { png } from '../../fixtures/png.ts';
import { settle } from '../../fixtures/until.ts';

const group = new Uint8Array(32).fill(9);
const picture = Uint8Array.from(png(16, 16));
const signed = async () => ({ sha256: await sha256(picture), size: picture.length });

function start() {
  const disk = new MemoryDisk();
  const joined = new Set(['ana', 'ben', 'cleo']);
  const linked = new Set<string>();
  const said: string[] = [];
  const view = { member: (id: string) => (joined.has(id) ? { state: 'joined' } : undefined) };
  const send = (to: string, { type }: GroupSays) => void said.push(`${type} to ${to}`);
  const options = { store: disk.reopen(), log: silentLog, send };
  const act = { is: async () => {} };
  const members = { view };
  const live = { id: 'hikers', linked, record: { group }, group: { id: 'ana', members, act: () => act.is() }, options };
  const shown = new LivePicture({ ...live, pictureChanged: () => {} } as unknown as LiveGroup);
  const link = (id: string) => {
    linked.add(id);
    shown.linked(id);
  };
  return { shown, link, joined, said, disk, act };
}

it('nobody but who has joined is asked, as soon as they have', async () => {
  const { shown, link, joined, said } = start();
  link('mallory');
  shown.look(await signed());
  expect(said).toEqual([]);
  joined.add('mallory');
  shown.look(await signed());
  shown.look(await signed());
  expect(said).toEqual(['group-picture-ask to mallory']);
});

it('who asks before the log here names it is given it when it comes, once', async () => {
  const { shown, link, said } = start();
  link('ben');
  link('cleo');
  const ask = { type: 'group-picture-ask', group, sha256: await sha256(picture) } as const;
  await shown.received('cleo', ask);
  shown.look(await signed());
  expect(said).toEqual(['group-picture-ask to ben', 'group-picture-ask to cleo']);
  await shown.received('ben', { type: 'group-picture', group, picture });
  expect(said.slice(2)).toEqual(['group-picture to cleo']);
  await shown.received('cleo', ask);
  expect(said).toHaveLength(3);
});

it('is shown although the disk is full, and harms no session', async () => {
  const { shown, link, disk } = start();
  link('ben');
  shown.look(await signed());
  disk.commitsUntilFull = 0;
  await shown.received('ben', { type: 'group-picture', group, picture });
  expect(shown.shown).toEqual(picture);
});

it('one that comes while mine is being signed does not take its place on the disk', async () => {
  const { shown, link, disk, act } = start();
  const theirs = Uint8Array.from(png(24, 24));
  link('ben');
  let theirsCame: Promise<void> | undefined;
  act.is = async () => {
    // Ben names his, mine follows it.
    shown.look({ sha256: await sha256(theirs), size: theirs.length });
    theirsCame = shown.received('ben', { type: 'group-picture', group, picture: theirs });
    await settle();
    shown.look(await signed());
  };
  await shown.set(picture);
  await theirsCame;
  expect(shown.shown).toEqual(picture);
  const [kept] = await disk.reopen().list('group-state');
  expect(kept?.value).toEqual(picture);
});
