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

function watch(): void {
  shown = new Map();
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
    watch();
    await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is told');
    const dropped = [
      ['see you at noon', 'dropped', 'not-in-group'],
      ['', 'dropped', 'not-in-group'],
      ['never mind', 'dropped', 'not-in-group'],
    ];
    expect(await statesOf(ben)).toEqual(dropped);
    // The screen hears of it without reading all of it again.
    expect([...shown.values()].filter(({ state }) => state === 'dropped')).toHaveLength(3);
    const [noon, map, never] = (await messagesOf(ben)) as [MessageView, MessageView, MessageView];
    expect(map.attachment).toMatchObject({ name: 'map.bin', state: 'failed', error: null });
    expect([noon, map, never].map(({ cancellable }) => cancellable)).toEqual([false, false, false]);
    expect(await groupOf(ben)).toMatchObject({ presence: 'offline', last: { state: 'dropped' } });
    expect(await ben.node.retryMessage(await idOf(ben), noon.id)).toMatchObject({ kind: 'group-not-member' });
    await ben.close();
    await ben.start();
    expect(await statesOf(ben)).toEqual(dropped);

    await inviteAgain();
    await cleo.start();
    await village.pass(60_000);
    expect(await statesOf(ben)).toEqual(dropped);
    expect([await textsOf(ana), await textsOf(cleo)]).toEqual([[], []]);

    await done(ben.node.removeMessage(await idOf(ben), never.id));
    for (const { id } of [map, noon]) await done(ben.node.retryMessage(await idOf(ben), id));
    const arrived = async ({ node }: Villager, person: Villager) => {
      const messages = await node.listMessages(await idOf(person), null, 1000);
      return messages.some(({ attachment }) => attachment?.state === 'complete');
    };
    for (const person of [ana, cleo]) await village.until(() => arrived(person, person), `${person.name} has the file`);
    expect((await textsOf(ana)).sort()).toEqual(['', 'see you at noon']);
    expect((await textsOf(ben)).sort()).toEqual(['', 'see you at noon']);
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
    watch();
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

it('a text that whoever removed its author had is delivered, though no receipt comes any more', async () => {
  await ben.close();
  await ben.start();
  await village.until(async () => (await groupOf(ben))?.online === 2);
  const { members } = await done(ana.node.group(await idOf(ana)));
  const id = await write(ben, 'on my way');
  await village.until(async () => (await textsOf(ana)).includes('on my way'), 'Ana reads it');
  await done(ana.node.removeMember(await idOf(ana), members.find(({ name }) => name === 'Ben')?.id ?? ''));
  await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is told');
  const own = (await messagesOf(ben)).find((one) => one.id === id);
  expect(own).toMatchObject({ state: 'delivered' });
  const receipts = await done(ben.node.messageReceipts(await idOf(ben), id));
  expect(receipts.find(({ name }) => name === 'Ana')).toMatchObject({ state: 'delivered' });
});
