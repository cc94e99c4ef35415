// Whole nodes in a group: people who met in pairs talk together, though not everybody has met everybody.
import { beforeEach, describe, expect, it } from 'vitest';
import { Village, type Villager } from '../fixtures/village.ts';
import { groupOf, idOf } from '../fixtures/village-groups.ts';

let village: Village;
let ana: Villager;
let ben: Villager;
let cleo: Villager;

async function textsOf(person: Villager): Promise<string[]> {
  const messages = await person.node.listMessages(await idOf(person), null, 1000);
  return messages.filter(({ system }) => system === null).map(({ text }) => text);
}

async function linesOf(person: Villager): Promise<string[]> {
  const messages = await person.node.listMessages(await idOf(person), null, 1000);
  return messages.flatMap(({ system }) => (system === null ? [] : [system.what]));
}

const write = async (person: Villager, text: string) => {
  const sent = await person.node.sendText(await idOf(person), text);
  if (!sent.ok) throw new Error(sent.kind);
  return sent.value.messageId;
};

const allSee = (people: readonly Villager[], texts: readonly string[]) =>
  village.until(async () => {
    for (const person of people) if ((await textsOf(person)).join() !== texts.join()) return false;
    return true;
  }, `all see ${texts.join()}`);

/** Ana makes it with Ben and Cleo, who have never met each other. */
async function makeGroup(): Promise<void> {
  const contacts = [await ana.idOf(ben), await ana.idOf(cleo)];
  const made = await village.outcome(ana.node.createGroup('Hikers', contacts));
  expect(made.ok).toBe(true);
  for (const person of [ben, cleo]) {
    await village.until(async () => (await groupOf(person))?.standing === 'invited', `${person.name} is invited`);
    const joined = await village.outcome(person.node.answerGroup(await idOf(person), 'accept'));
    expect(joined.ok).toBe(true);
  }
  for (const person of [ana, ben, cleo])
    await village.until(async () => (await groupOf(person))?.joined === 3, `${person.name} sees three`);
}

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  cleo = await village.person('Cleo');
  await village.introduce(ana, ben);
  await village.introduce(ana, cleo);
});

describe('a group of whole nodes', () => {
  it('is made of contacts who accept, and everybody reads everybody, met or not', async () => {
    await makeGroup();
    expect(await groupOf(ben)).toMatchObject({ name: 'Hikers', standing: 'active', role: 'member', trust: 'group' });
    const faces = await Promise.all([ana, ben, cleo].map(async (person) => (await groupOf(person))?.face));
    expect([faces[0]?.length, new Set(faces).size]).toEqual([16, 1]);
    await write(ana, 'hello');
    await allSee([ana, ben, cleo], ['hello']);
    await write(ben, 'from Ben');
    await allSee([ana, ben, cleo], ['hello', 'from Ben']);
    await write(cleo, 'from Cleo');
    await allSee([ana, ben, cleo], ['hello', 'from Ben', 'from Cleo']);
    for (const person of [ana, ben, cleo]) {
      expect((await linesOf(person)).sort()).toEqual(['created', 'invited', 'invited', 'joined', 'joined'].sort());
    }
  });

  it('a text that names somebody on every line is sent like any other, and so is what comes after it', async () => {
    await makeGroup();
    const line = '@Ben mows the lawn';
    const text = Array.from({ length: 60 }, () => line).join('\n');
    const view = await ana.node.group(await idOf(ana));
    const memberId = (view.ok && view.value.members.find(({ theirName }) => theirName === 'Ben')?.id) || '';
    const mentions = Array.from({ length: 60 }, (_, at) => ({ start: at * (line.length + 1), length: 4, memberId }));
    const sent = await ana.node.sendText(await idOf(ana), text, undefined, mentions);
    expect(sent.ok).toBe(true);
    await write(ana, 'and now?');
    await allSee([ana, ben, cleo], [text, 'and now?']);
    const [named] = (await ben.node.listMessages(await idOf(ben), null, 50)).filter((one) => one.text === text);
    expect(named).toMatchObject({ mentionsMe: true, mentions: { length: 50 } });
  });

  it('tells the author who has a message and who has read it', async () => {
    await makeGroup();
    const id = await write(ana, 'who reads this?');
    await allSee([ben, cleo], ['who reads this?']);
    const own = async () => (await ana.node.listMessages(await idOf(ana), null, 50)).find((one) => one.id === id);
    await village.until(async () => (await own())?.receipts?.delivered === 2);
    expect((await own())?.receipts).toEqual({ delivered: 2, read: 0, of: 2 });
    const shown = await ben.node.listMessages(await idOf(ben), null, 50);
    expect((await groupOf(ben))?.unread).toBe(1);
    await ben.node.markRead(await idOf(ben), shown.at(-1)?.position ?? 0);
    expect((await groupOf(ben))?.unread).toBe(0);
    await village.until(async () => (await own())?.receipts?.read === 1);
    const each = await ana.node.messageReceipts(await idOf(ana), id);
    expect(each).toMatchObject({
      ok: true,
      value: expect.arrayContaining([
        expect.objectContaining({ name: 'Ben', state: 'read' }),
        expect.objectContaining({ name: 'Cleo', state: 'delivered' }),
      ]),
    });
  });

  it('those who met only in the group talk on when the one who knows both has gone', async () => {
    await makeGroup();
    await write(ana, 'before');
    await allSee([ben, cleo], ['before']);
    await ana.close();
    await write(ben, 'without Ana');
    await allSee([ben, cleo], ['before', 'without Ana']);
    await ana.start();
    await allSee([ana, ben, cleo], ['before', 'without Ana']);
  });

  it('is as it was after everybody closed and came back', async () => {
    await makeGroup();
    await write(ben, 'kept');
    await allSee([ana, ben, cleo], ['kept']);
    await Promise.all([ana, ben, cleo].map((person) => person.close()));
    await Promise.all([ana, ben, cleo].map((person) => person.start()));
    expect(await textsOf(ana)).toEqual(['kept']);
    await write(cleo, 'and on');
    await allSee([ana, ben, cleo], ['kept', 'and on']);
  });

  it('a text written alone waits, says so, and leaves when somebody comes', async () => {
    await makeGroup();
    await Promise.all([ben.close(), cleo.close()]);
    await village.until(async () => (await groupOf(ana))?.online === 0);
    const id = await write(ana, 'anybody?');
    const own = async () => (await ana.node.listMessages(await idOf(ana), null, 50)).find((one) => one.id === id);
    expect(await own()).toMatchObject({ state: 'queued', text: 'anybody?' });
    await cleo.start();
    await allSee([cleo], ['anybody?']);
    await village.until(async () => (await own())?.receipts?.delivered === 1);
    expect(await own()).toMatchObject({ id, state: 'delivered' });
  });

  it('whoever is removed reads nothing more and is told so', async () => {
    await makeGroup();
    const details = await ana.node.group(await idOf(ana));
    const member = details?.ok ? details.value.members.find(({ name }) => name === 'Ben') : undefined;
    await ana.node.removeMember(await idOf(ana), member?.id ?? '');
    await village.until(async () => (await groupOf(ben))?.standing === 'removed');
    await village.until(async () => (await groupOf(cleo))?.joined === 2);
    await write(cleo, 'now we can talk');
    await allSee([ana, cleo], ['now we can talk']);
    await village.pass(30_000);
    expect(await textsOf(ben)).toEqual([]);
    const refused = await ben.node.sendText(await idOf(ben), 'let me in');
    expect(refused).toMatchObject({ ok: false, kind: 'group-not-member' });
  });

  it('an invitation that is accepted twice in one moment is joined with one key, which speaks after a restart too', async () => {
    await ana.node.createGroup('Hikers', [await ana.idOf(ben)]);
    await village.until(async () => (await groupOf(ben))?.standing === 'invited');
    const id = await idOf(ben);
    const both = [ben.node.answerGroup(id, 'accept'), ben.node.answerGroup(id, 'accept')];
    expect(await village.outcome(Promise.all(both))).toMatchObject([{ ok: true }, { ok: true }]);
    await village.until(async () => (await groupOf(ana))?.joined === 2);

    await ben.close();
    await ben.start();
    await write(ben, 'still me');
    await allSee([ana, ben], ['still me']);
  });

  it('an invitation that is refused leaves nothing behind, and the others see that', async () => {
    const made = await ana.node.createGroup('Hikers', [await ana.idOf(ben)]);
    expect(made?.ok).toBe(true);
    await village.until(async () => (await groupOf(ben))?.standing === 'invited');
    expect(await groupOf(ben)).toMatchObject({ name: 'Hikers', invitedBy: { name: 'Ana' } });
    await ben.node.answerGroup(await idOf(ben), 'refuse');
    expect(await groupOf(ben)).toBeUndefined();
    await village.until(async () => {
      const details = await ana.node.group(await idOf(ana));
      return details?.ok === true && details.value.members.length === 1;
    });
  });
});

describe('what a contact may do to groups', () => {
  it('a group that does not invite me leaves nothing on the disk and is not shown', async () => {
    // Ana makes one with Cleo alone, and her page tells Ben of it all the same.
    const made = await ana.node.createGroup('Not for Ben', [await ana.idOf(cleo)]);
    expect(made?.ok).toBe(true);
    await village.until(async () => (await groupOf(cleo))?.standing === 'invited');
    await village.pass(5_000);
    expect(await groupOf(ben)).toBeUndefined();
    await ben.close();
    await ben.start();
    expect(await groupOf(ben)).toBeUndefined();
  });

  it('needs a name, people who are contacts, and no more than fifty', async () => {
    const nobody = await ana.node.createGroup('Hikers', ['nobody']);
    expect(nobody).toMatchObject({ ok: false, kind: 'not-a-contact' });
    const nameless = await ana.node.createGroup('  ', [await ana.idOf(ben)]);
    expect(nameless).toMatchObject({ ok: false, kind: 'name-empty' });
    const crowd = await ana.node.createGroup(
      'Crowd',
      Array.from({ length: 50 }, () => 'x'),
    );
    expect(crowd).toMatchObject({ ok: false, kind: 'group-full' });
    expect(await groupOf(ana)).toBeUndefined();
  });

  it('only admins add, remove and rename, and the person is told', async () => {
    await makeGroup();
    const id = await idOf(ben);
    const details = await ben.node.group(id);
    const ana2 = details?.ok ? details.value.members.find(({ name }) => name === 'Ana') : undefined;
    expect(ana2?.role).toBe('admin');
    expect(await ben.node.renameGroup(id, 'Mine')).toMatchObject({ ok: false, kind: 'group-not-admin' });
    expect(await ben.node.removeMember(id, ana2?.id ?? '')).toMatchObject({ ok: false, kind: 'group-not-admin' });
    await ana.node.makeAdmin(await idOf(ana), (await memberId(ana, 'Ben')) ?? '');
    await village.until(async () => (await groupOf(ben))?.role === 'admin');
    expect(await ben.node.renameGroup(id, 'Ours')).toMatchObject({ ok: true });
    await village.until(async () => (await groupOf(cleo))?.name === 'Ours');
  });

  it('whoever leaves cannot write, and is in nobody else’s list of members', async () => {
    await makeGroup();
    await cleo.node.leaveGroup(await idOf(cleo));
    expect(await groupOf(cleo)).toMatchObject({ standing: 'left' });
    await village.until(async () => (await groupOf(ben))?.joined === 2);
    expect(await cleo.node.sendText(await idOf(cleo), 'still here')).toMatchObject({
      ok: false,
      kind: 'group-not-member',
    });
    expect(await linesOf(ben)).toContain('left');
  });

  it('a group that was deleted is gone for good, also from the disk', async () => {
    await makeGroup();
    await write(ana, 'to be forgotten');
    await allSee([cleo], ['to be forgotten']);
    const id = await idOf(cleo);
    await cleo.node.deleteGroup(id);
    expect(await groupOf(cleo)).toBeUndefined();
    expect(await cleo.node.listMessages(id, null, 50)).toEqual([]);
    await village.until(async () => (await groupOf(ana))?.joined === 2);
    await cleo.close();
    await cleo.start();
    await village.pass(10_000);
    expect(await groupOf(cleo)).toBeUndefined();
  });

  it('whoever deleted a group and is invited to it again is asked again, and joins with a key of their own', async () => {
    await makeGroup();
    await cleo.node.deleteGroup(await idOf(cleo));
    await village.until(async () => (await groupOf(ana))?.joined === 2);
    await village.outcome(ana.node.addMembers(await idOf(ana), [await ana.idOf(cleo)], false));
    await village.until(async () => (await groupOf(cleo))?.standing === 'invited', 'Cleo is invited again');
    expect(await textsOf(cleo)).toEqual([]);
    await cleo.close();
    await cleo.start();
    await village.outcome(cleo.node.answerGroup(await idOf(cleo), 'accept'));
    await village.until(async () => (await groupOf(ana))?.joined === 3, 'Cleo is back');
    await write(cleo, 'back again');
    await allSee([ana, ben], ['back again']);
  });

  it('a disk that is full loses no message and tells no untruth: what did not fit comes later', async () => {
    await makeGroup();
    cleo.disk.commitsUntilFull = 0;
    const id = await write(ana, 'does it fit?');
    await allSee([ben], ['does it fit?']);
    await village.pass(10_000);
    const own = async () => (await ana.node.listMessages(await idOf(ana), null, 50)).find((one) => one.id === id);
    expect((await own())?.receipts?.delivered).toBe(1);
    expect(await cleo.node.sendText(await idOf(cleo), 'mine')).toMatchObject({ ok: false });
    expect(await groupOf(cleo)).toMatchObject({ name: 'Hikers' });
    cleo.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await allSee([cleo], ['does it fit?']);
    await village.until(async () => (await own())?.receipts?.delivered === 2);
  });
});

async function memberId(person: Villager, name: string): Promise<string | undefined> {
  const details = await person.node.group(await idOf(person));
  return details?.ok ? details.value.members.find((member) => member.name === name)?.id : undefined;
}
