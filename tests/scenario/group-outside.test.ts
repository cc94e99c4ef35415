// What somebody wrote before a group that they no longer belonged to had it: shown to them as dropped, with the reason, until they say.
import { beforeEach, describe, expect, it } from 'vitest';
import type { MessageView, Result } from '../../src/core/node-api.ts';
import { patterned } from '../contract/blob-store.ts';
import { Village, type Villager } from '../fixtures/village.ts';
import { groupOf, idOf } from '../fixtures/village-groups.ts';

let village: Village;
let ana: Villager;
let ben: Villager;
let cleo: Villager;
/** As Ben's screen was told of it, by id. */
let shown: Map<string, MessageView>;

const messagesOf = async (person: Villager) => {
  const messages = await person.node.listMessages(await idOf(person), null, 1000);
  return messages.filter(({ system }) => system === null);
};
const textsOf = async (person: Villager) => (await messagesOf(person)).map(({ text }) => text);
const statesOf = async (person: Villager) =>
  (await messagesOf(person)).map(({ text, state, reason }) => [text, state, reason]);

const done = async <T>(doing: Promise<Result<T>>): Promise<T> => {
  const result = await village.outcome(doing);
  if (!result.ok) throw new Error(result.kind);
  return result.value;
};

const write = async (person: Villager, text: string) =>
  (await done(person.node.sendText(await idOf(person), text))).messageId;

async function remove(): Promise<void> {
  const { members } = await done(ana.node.group(await idOf(ana)));
  await done(ana.node.removeMember(await idOf(ana), members.find(({ name }) => name === 'Ben')?.id ?? ''));
}

async function inviteAgain(): Promise<void> {
  await done(ana.node.addMembers(await idOf(ana), [await ana.idOf(ben)], false));
  await village.until(async () => (await groupOf(ben))?.standing === 'invited', 'Ben is invited again');
  await done(ben.node.answerGroup(await idOf(ben), 'accept'));
  await village.until(async () => (await groupOf(ana))?.joined === 3, 'Ben is back');
  await village.until(async () => (await groupOf(ben))?.standing === 'active', 'Ben knows');
}

async function watch(): Promise<void> {
  const all = await ben.node.listMessages(await idOf(ben), null, 1000);
  shown = new Map(all.map((message) => [message.id, message]));
  ben.node.subscribe((event) => {
    if (event.type === 'messages') for (const message of event.messages) shown.set(message.id, message);
  });
}

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  cleo = await village.person('Cleo');
  for (const person of [ben, cleo]) await village.introduce(ana, person);
  await done(ana.node.createGroup('Hikers', [await ana.idOf(ben), await ana.idOf(cleo)]));
  for (const person of [ben, cleo]) {
    await village.until(async () => (await groupOf(person))?.standing === 'invited', `${person.name} is invited`);
    await done(person.node.answerGroup(await idOf(person), 'accept'));
  }
  for (const person of [ana, ben, cleo])
    await village.until(async () => (await groupOf(person))?.joined === 3, `${person.name} sees three`);
});

describe('what waited when its author was removed', () => {
  it('is dropped, does not leave by itself when they are back, and then goes or goes away', async () => {
    await Promise.all([ana.close(), cleo.close()]);
    await village.until(async () => (await groupOf(ben))?.online === 0);
    const file = new File([patterned(200_000)], 'map.bin');
    await write(ben, 'see you at noon');
    await done(ben.node.sendFiles(await idOf(ben), [{ file, thumbnail: null }]));
    await write(ben, 'never mind');
    await ben.close();
    await ana.start();
    await remove();
    await ben.start();
    await watch();
    await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is told');
    const dropped = [
      ['see you at noon', 'dropped', 'not-in-group'],
      ['', 'dropped', 'not-in-group'],
      ['never mind', 'dropped', 'not-in-group'],
    ];
    expect(await statesOf(ben)).toEqual(dropped);
    // The screen hears of it without reading all of it again.
    expect([...shown.values()].filter(({ state }) => state === 'dropped')).toHaveLength(3);
    // Every row in its place.
    const rows = await ben.node.listMessages(await idOf(ben), null, 1000);
    expect(rows.map(({ id }) => shown.get(id)?.position)).toEqual(rows.map(({ position }) => position));
    const lines = rows.map(({ system, text, attachment }) => system?.what ?? (attachment ? 'map.bin' : text));
    expect(lines.slice(-4)).toEqual(['see you at noon', 'map.bin', 'never mind', 'removed']);
    const [noon, map, never] = (await messagesOf(ben)) as [MessageView, MessageView, MessageView];
    expect(map.attachment).toMatchObject({ name: 'map.bin', state: 'failed', error: null });
    expect([noon, map, never].map(({ cancellable }) => cancellable)).toEqual([false, false, false]);
    expect(await groupOf(ben)).toMatchObject({ presence: 'offline', last: { system: { what: 'removed' } } });
    expect(await ben.node.retryMessage(await idOf(ben), noon.id)).toMatchObject({ kind: 'group-not-member' });
    const { at } = noon;
    await ben.close();
    await village.pass(7_200_000);
    await ben.start();
    expect(await statesOf(ben)).toEqual(dropped);
    expect((await messagesOf(ben))[0]?.at).toBe(at);

    await inviteAgain();
    await cleo.start();
    await write(ana, 'welcome back');
    await village.until(async () => (await textsOf(ben)).includes('welcome back'), 'Ben reads it');
    await village.pass(60_000);
    // Where it was written, and not below what came since.
    expect(await statesOf(ben)).toEqual([...dropped, ['welcome back', 'delivered', null]]);
    expect(await groupOf(ben)).toMatchObject({ last: { text: 'welcome back' } });
    await village.until(async () => (await textsOf(cleo)).length > 0, 'Cleo reads it');
    expect([await textsOf(ana), await textsOf(cleo)]).toEqual([['welcome back'], ['welcome back']]);

    await done(ben.node.removeMessage(await idOf(ben), never.id));
    for (const { id } of [map, noon]) await done(ben.node.retryMessage(await idOf(ben), id));
    const arrived = async ({ node }: Villager, person: Villager) => {
      const messages = await node.listMessages(await idOf(person), null, 1000);
      return messages.some(({ attachment }) => attachment?.state === 'complete');
    };
    for (const person of [ana, cleo]) await village.until(() => arrived(person, person), `${person.name} has the file`);
    const all = ['welcome back', '', 'see you at noon'];
    for (const person of [ana, ben, cleo])
      await village.until(async () => (await textsOf(person)).join() === all.join(), `${person.name} sees all`);
    const noneDropped = async () => (await statesOf(ben)).every(([, state]) => state === 'delivered');
    await village.until(noneDropped, 'Ben hears of it');
  });

  it('was still being sealed: the file is refused, nothing of it stays, and the next one does not begin', async () => {
    let wait = (): Promise<void> => Promise.resolve();
    class SlowFile extends File {
      override slice(...range: Parameters<File['slice']>): Blob {
        const part = super.slice(...range);
        part.arrayBuffer = async () => {
          await wait();
          return Blob.prototype.arrayBuffer.call(part);
        };
        return part;
      }
    }
    let isSealing = false;
    let go = () => {};
    const going = new Promise<void>((resolve) => {
      go = resolve;
    });
    wait = () => {
      isSealing = true;
      return going;
    };
    const stored = ben.files.files.size;
    const send = async (file: File) => ben.node.sendFiles(await idOf(ben), [{ file, thumbnail: null }]);
    const sending = send(new SlowFile([patterned(200_000)], 'map.bin'));
    await village.until(() => isSealing, 'Ben seals');
    await remove();
    await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is told');
    go();
    expect(await village.outcome(sending)).toMatchObject({ ok: false, kind: 'group-not-member' });
    expect(await village.outcome(send(new File(['x'], 'x')))).toMatchObject({ ok: false, kind: 'group-not-member' });
    expect(await messagesOf(ben)).toEqual([]);
    expect(ben.files.files.size).toBe(stored);
  });

  it('is dropped when its author leaves', async () => {
    await Promise.all([ana.close(), cleo.close()]);
    await village.until(async () => (await groupOf(ben))?.online === 0);
    await write(ben, 'bye');
    await done(ben.node.leaveGroup(await idOf(ben)));
    expect(await statesOf(ben)).toEqual([['bye', 'dropped', 'not-in-group']]);
  });
});

describe('what had left, and whoever removed its author did not have', () => {
  beforeEach(async () => {
    await ana.close();
    await village.until(async () => (await groupOf(cleo))?.online === 1);
    await write(ben, 'only Cleo');
    await village.until(async () => (await textsOf(cleo)).includes('only Cleo'), 'Cleo reads it');
    await Promise.all([ben.close(), cleo.close()]);
    await ana.start();
    await remove();
    await ben.start();
    await watch();
    await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is told');
    await cleo.start();
    await village.until(async () => (await groupOf(cleo))?.joined === 2, 'Cleo is told');
  });

  it('is dropped for its author, and counts for nobody else', async () => {
    const dropped = [['only Cleo', 'dropped', 'not-counted']];
    expect(await statesOf(ben)).toEqual(dropped);
    expect([...shown.values()].map(({ state, receipts }) => [state, receipts])).toContainEqual(['dropped', null]);
    expect([await textsOf(ana), await textsOf(cleo)]).toEqual([[], []]);
    const [{ id } = { id: '' }] = await messagesOf(ben);
    expect(await ben.node.messageReceipts(await idOf(ben), id)).toEqual({ ok: true, value: [] });
    expect(await ben.node.retryMessage(await idOf(ben), id)).toMatchObject({ kind: 'group-not-member' });
    await ben.close();
    await ben.start();
    expect(await statesOf(ben)).toEqual(dropped);
  });

  it('goes for good where its author says so', async () => {
    const [{ id } = { id: '' }] = await messagesOf(ben);
    await done(ben.node.removeMessage(await idOf(ben), id));
    expect(await statesOf(ben)).toEqual([]);
    await ben.close();
    await ben.start();
    expect(await statesOf(ben)).toEqual([]);
    expect(await groupOf(ben)).toMatchObject({ standing: 'removed' });
  });

  it('stands once, and for everybody, when its author is back and says that it shall go', async () => {
    await inviteAgain();
    expect(await statesOf(ben)).toEqual([['only Cleo', 'dropped', 'not-counted']]);
    const [{ id } = { id: '' }] = await messagesOf(ben);
    await done(ben.node.retryMessage(await idOf(ben), id));
    for (const person of [ana, ben, cleo])
      await village.until(async () => (await textsOf(person)).join() === 'only Cleo', `${person.name} reads it once`);
    await village.until(async () => (await statesOf(ben)).join() === 'only Cleo,delivered,', 'Ben hears of it');
  });
});

describe('a file that had left, and whoever removed its author did not have', () => {
  const content = patterned(5_000_000);
  const shownFile = async (person: Villager) =>
    (await messagesOf(person)).find(({ attachment }) => attachment !== null);
  const stateOf = async (person: Villager) => {
    const { state, attachment } = (await shownFile(person)) ?? {};
    return [state, attachment?.state];
  };

  const bytesHeld = ({ files }: Villager) => [...files.files.values()].reduce((sum, { length }) => sum + length, 0);

  /** Of the message at Cleo. */
  let theirs: string;

  /** Only Cleo has the message, and nobody has all of the file. */
  beforeEach(async () => {
    await ana.close();
    await village.until(async () => (await groupOf(cleo))?.online === 1);
    await done(ben.node.sendFiles(await idOf(ben), [{ file: new File([content], 'map.bin'), thumbnail: null }]));
    await village.until(async () => (await stateOf(cleo))[0] !== undefined, 'Cleo knows of it');
    await ben.close();
    theirs = (await shownFile(cleo))?.id ?? '';
    expect((await stateOf(cleo))[1]).not.toBe('complete');
    await cleo.close();
    await ana.start();
    await remove();
    await ben.start();
    await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is told');
    expect(await stateOf(ben)).toEqual(['dropped', 'complete']);
  });

  it('waits again when its author says so, and is dropped again, and whole, when they think better of it', async () => {
    await inviteAgain();
    await ana.close();
    const { id } = (await shownFile(ben)) as MessageView;
    await village.until(async () => (await groupOf(ben))?.online === 0);
    await done(ben.node.retryMessage(await idOf(ben), id));
    expect(await stateOf(ben)).toEqual(['queued', 'waiting']);
    expect(await messagesOf(ben)).toHaveLength(1);
    await done(ben.node.cancelTransfer(await idOf(ben), id));
    expect(await stateOf(ben)).toEqual(['dropped', 'complete']);
    await done(ben.node.retryMessage(await idOf(ben), id));
    await Promise.all([ana.start(), cleo.start()]);
    for (const person of [ana, cleo])
      await village.until(async () => (await stateOf(person))[1] === 'complete', `${person.name} has it`);
    await village.until(async () => (await stateOf(ben))[0] === 'delivered', 'Ben hears of it');
    expect(await messagesOf(ben)).toHaveLength(1);
  });

  it('is given to nobody before its author says so', async () => {
    const before = bytesHeld(cleo);
    await cleo.start();
    await inviteAgain();
    await village.until(async () => (await groupOf(ben))?.online === 2);
    await village.pass(120_000);
    expect(await stateOf(ben)).toEqual(['dropped', 'complete']);
    expect(await cleo.node.openAttachment(await idOf(cleo), theirs)).toMatchObject({ ok: false });
    expect(bytesHeld(cleo)).toBe(before);
  });

  it('goes with its file where its author says so, also while it waits to go once more', async () => {
    await inviteAgain();
    await ana.close();
    const { id } = (await shownFile(ben)) as MessageView;
    await village.until(async () => (await groupOf(ben))?.online === 0);
    await done(ben.node.retryMessage(await idOf(ben), id));
    await ben.close();
    await ana.start();
    await remove();
    await ben.start();
    await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is out again');
    expect((await shownFile(ben))?.reason).toBe('not-in-group');
    await done(ben.node.removeMessage(await idOf(ben), id));
    expect([await messagesOf(ben), ben.files.files.size]).toEqual([[], 0]);
    await ben.close();
    await ben.start();
    expect([await messagesOf(ben), ben.files.files.size]).toEqual([[], 0]);
  });
});

it('whoever is invited again and refuses keeps what they read and wrote before', async () => {
  await write(ana, 'hello');
  await village.until(async () => (await textsOf(ben)).includes('hello'), 'Ben reads it');
  await Promise.all([ana.close(), cleo.close()]);
  await village.until(async () => (await groupOf(ben))?.online === 0);
  await write(ben, 'see you at noon');
  await ben.close();
  await ana.start();
  await remove();
  await ben.start();
  await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is told');
  await done(ana.node.addMembers(await idOf(ana), [await ana.idOf(ben)], false));
  await village.until(async () => (await groupOf(ben))?.standing === 'invited', 'Ben is invited again');
  await done(ben.node.answerGroup(await idOf(ben), 'refuse'));
  expect((await groupOf(ben))?.standing).toBe('left');
  const kept = [
    ['hello', 'delivered', null],
    ['see you at noon', 'dropped', 'not-in-group'],
  ];
  expect(await statesOf(ben)).toEqual(kept);
  await ben.close();
  await ben.start();
  expect(await statesOf(ben)).toEqual(kept);
});

it('whoever left once, came back and was removed was removed', async () => {
  await done(ben.node.leaveGroup(await idOf(ben)));
  await village.until(async () => (await groupOf(ana))?.joined === 2, 'Ana knows');
  expect((await groupOf(ben))?.standing).toBe('left');
  await inviteAgain();
  await remove();
  await village.until(async () => (await groupOf(ben))?.standing !== 'active', 'Ben is told');
  expect((await groupOf(ben))?.standing).toBe('removed');
  await ben.close();
  await ben.start();
  expect((await groupOf(ben))?.standing).toBe('removed');
});

it('what others had of somebody before they were removed is not said of what they write when they are back', async () => {
  await ana.close();
  await village.until(async () => (await groupOf(cleo))?.online === 1);
  for (const text of ['one', 'two']) await write(ben, text);
  await village.until(async () => (await textsOf(cleo)).length === 2, 'Cleo reads both');
  const last = (await cleo.node.listMessages(await idOf(cleo), null, 1))[0];
  await cleo.node.markRead(await idOf(cleo), last?.position ?? 0);
  const twoAt = async () => {
    const own = (await messagesOf(ben)).find(({ text }) => text === 'two');
    const told = await ben.node.messageReceipts(await idOf(ben), own?.id ?? '');
    return told.ok ? told.value.map(({ state }) => state) : [];
  };
  await village.until(async () => (await twoAt()).includes('read'), 'Ben hears that Cleo has read it');
  await Promise.all([ben.close(), cleo.close()]);
  await ana.start();
  await remove();
  await ben.start();
  await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is told');
  await inviteAgain();
  const begun = village.clock.now();
  const id = await write(ben, 'new');
  await village.until(async () => (await textsOf(ana)).includes('new'), 'Ana reads it');
  // At once: nobody has more of what Ben wrote under this key than Ben.
  expect(village.clock.now() - begun).toBeLessThan(5_000);
  const cleoHas = async () => {
    const receipts = await done(ben.node.messageReceipts(await idOf(ben), id));
    return receipts.find(({ name }) => name !== 'Ana')?.state;
  };
  expect(await cleoHas()).toBe('waiting');
  // Nor what a person there had seen.
  await cleo.start();
  await village.until(async () => (await textsOf(cleo)).includes('new'), 'Cleo gets it');
  expect((await groupOf(cleo))?.unread).toBe(1);
  await village.until(async () => (await cleoHas()) !== 'waiting', 'Ben hears of it');
  await village.pass(60_000);
  expect(await cleoHas()).toBe('delivered');
});

it('nothing is sent again, and nothing removed, by a group whose disk takes nothing', async () => {
  await Promise.all([ana.close(), cleo.close()]);
  await village.until(async () => (await groupOf(ben))?.online === 0);
  await write(ben, 'see you at noon');
  await ben.close();
  await ana.start();
  await remove();
  await ben.start();
  await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is told');
  await inviteAgain();
  ben.disk.commitsUntilFull = 0;
  expect(await ben.node.sendText(await idOf(ben), 'no room')).toMatchObject({ ok: false });
  const [{ id } = { id: '' }] = await messagesOf(ben);
  const again = [await ben.node.retryMessage(await idOf(ben), id), await ben.node.removeMessage(await idOf(ben), id)];
  expect(again).toMatchObject([
    { ok: false, kind: 'storage-unavailable' },
    { ok: false, kind: 'storage-unavailable' },
  ]);
});

it('a text that whoever removed its author had is delivered, though no receipt comes any more', async () => {
  await ben.close();
  await ben.start();
  await village.until(async () => (await groupOf(ben))?.online === 2);
  await watch();
  const { members } = await done(ana.node.group(await idOf(ana)));
  const id = await write(ben, 'on my way');
  await village.until(async () => (await textsOf(ana)).includes('on my way'), 'Ana reads it');
  await done(ana.node.removeMember(await idOf(ana), members.find(({ name }) => name === 'Ben')?.id ?? ''));
  await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is told');
  const own = (await messagesOf(ben)).find((one) => one.id === id);
  expect(own).toMatchObject({ state: 'delivered' });
  expect(shown.get(id)).toMatchObject({ state: 'delivered', receipts: { delivered: 1, of: 2 } });
  const receipts = await done(ben.node.messageReceipts(await idOf(ben), id));
  expect(receipts.find(({ name }) => name === 'Ana')).toMatchObject({ state: 'delivered' });
});
