// Whole nodes in a group send each other files (core/group/FILES.md).
import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/core/crypto/kdf.ts';
import type { AttachmentView } from '../../src/core/node-api.ts';
import { patterned } from '../contract/blob-store.ts';
import { Village, type Villager } from '../fixtures/village.ts';
import { groupOf, idOf } from '../fixtures/village-groups.ts';

const NAMES = ['Ben', 'Cleo', 'Dora', 'Emil'];
let village: Village;
let ana: Villager;
let others: Villager[];

async function fileOf(person: Villager): Promise<{ readonly id: string; readonly file: AttachmentView } | undefined> {
  const messages = await person.node.listMessages(await idOf(person), null, 1000);
  return messages.flatMap(({ id, attachment }) => (attachment ? [{ id, file: attachment }] : []))[0];
}

async function messageOf(person: Villager) {
  const messages = await person.node.listMessages(await idOf(person), null, 1000);
  return messages.find(({ attachment }) => attachment !== null);
}

async function viewOf(person: Villager) {
  const view = await person.node.group(await idOf(person));
  if (!view.ok) throw new Error(view.kind);
  return view.value;
}

const unreached = async (person: Villager) => (await viewOf(person)).unreached;

/** Of somebody in Ana's group. */
const memberId = async ({ name }: Villager) =>
  (await viewOf(ana)).members.find((member) => member.theirName === name)?.id ?? '';

const has = async (person: Villager) => (await fileOf(person))?.file.state === 'complete';

async function digestAt(person: Villager): Promise<Uint8Array> {
  const opened = await person.node.openAttachment(await idOf(person), (await fileOf(person))?.id ?? '');
  if (!opened.ok) throw new Error(opened.kind);
  return sha256(new Uint8Array(await opened.value.blob.arrayBuffer()));
}

const send = async (content: Uint8Array<ArrayBuffer>) =>
  ana.node.sendFiles(await idOf(ana), [{ file: new File([content], 'holiday.bin'), thumbnail: null }]);

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  others = [];
  for (const name of NAMES) {
    const person = await village.person(name);
    await village.introduce(ana, person);
    others.push(person);
  }
  const contacts = await Promise.all(others.map((person) => ana.idOf(person)));
  await village.outcome(ana.node.createGroup('Hikers', contacts));
  for (const person of others) {
    await village.until(async () => (await groupOf(person))?.standing === 'invited', `${person.name} is invited`);
    await village.outcome(person.node.answerGroup(await idOf(person), 'accept'));
  }
  for (const person of [ana, ...others])
    await village.until(async () => (await groupOf(person))?.joined === 5, `${person.name} sees five`);
});

describe('a file in a group of whole nodes', () => {
  it('reaches all five although its sender leaves when the first has it, and is there after a reload', {
    timeout: 120_000,
  }, async () => {
    const [ben, ...rest] = others as [Villager, ...Villager[]];
    await Promise.all(rest.map((person) => person.close()));
    const content = patterned(3_000_000);
    expect(await village.outcome(send(content))).toMatchObject({ ok: true });
    await village.until(() => has(ben), 'Ben has it');
    await ana.close();
    await Promise.all(rest.map((person) => person.start()));
    for (const person of rest) await village.until(() => has(person), `${person.name} has it`);
    const digest = await sha256(content);
    for (const person of others) expect(await digestAt(person)).toEqual(digest);
    await ben.close();
    ben.files.crash();
    await ben.start();
    await village.until(() => has(ben), 'Ben still has it');
    expect(await digestAt(ben)).toEqual(digest);
    expect((await fileOf(ben))?.file).toMatchObject({ name: 'holiday.bin', size: 3_000_000, progress: 1 });
  });

  it('that is handed over twice under one id is sent once, and its units stay those that were signed', async () => {
    const [ben] = others as [Villager];
    const content = patterned(300_000);
    const file = { file: new File([content], 'holiday.bin'), thumbnail: null, messageId: 'ab'.repeat(16) };
    expect(await village.outcome(ana.node.sendFiles(await idOf(ana), [file]))).toMatchObject({ ok: true });
    await village.until(() => has(ana), 'Ana’s is whole');
    expect(await village.outcome(ana.node.sendFiles(await idOf(ana), [file]))).toMatchObject({ ok: true });
    expect(await digestAt(ana)).toEqual(await sha256(content));
    await village.until(() => has(ben), 'Ben has it');
    const sent = await ana.node.listMessages(await idOf(ana), null, 100);
    expect(sent.filter(({ attachment }) => attachment)).toHaveLength(1);
  });

  it('that is too large is refused before anything is sent', async () => {
    ana.maxFileBytes = 1_000;
    await ana.close();
    await ana.start();
    expect(await send(patterned(1_001))).toMatchObject({ ok: false, kind: 'file-too-large' });
    expect(await fileOf(ana)).toBeUndefined();
    expect((await ana.files.list()).length).toBe(0);
  });

  it('waits sealed until it is sent, goes as it was sealed, and sending it twice sends it once', async () => {
    const file = new File([patterned(200_000)], 'plan.pdf');
    const messageId = 'ab'.repeat(16);
    expect(await ana.node.prepareFile(await idOf(ana), messageId, file, true)).toMatchObject({ ok: true });
    expect(await fileOf(ana)).toBeUndefined();
    const sealed = await ana.files.list();
    expect(sealed).toHaveLength(1);
    const outgoing = [{ file, thumbnail: null, asFile: true, messageId }];
    for (let times = 0; times < 2; times += 1)
      expect(await village.outcome(ana.node.sendFiles(await idOf(ana), outgoing))).toMatchObject({ ok: true });
    expect(await ana.files.list()).toEqual(sealed);
    for (const person of others) await village.until(() => has(person), `${person.name} has it`);
    const sent = (await ana.node.listMessages(await idOf(ana), null, 50)).filter(({ attachment }) => attachment);
    expect(sent.map(({ id }) => id)).toEqual([messageId]);
  });

  it('that was chosen and not sent leaves nothing, nor does one whose page died before it was sent', async () => {
    const file = new File([patterned(100_000)], 'plan.pdf');
    await ana.node.prepareFile(await idOf(ana), 'ab'.repeat(16), file, true);
    await ana.node.discardFile(await idOf(ana), 'ab'.repeat(16));
    expect(await ana.files.list()).toEqual([]);
    await ana.node.prepareFile(await idOf(ana), 'cd'.repeat(16), file, true);
    expect(await ana.files.list()).toHaveLength(1);
    await ana.close();
    await ana.start();
    await village.until(async () => (await ana.files.list()).length === 0, 'what nobody names is gone');
  });

  it('that waits for somebody to come can be taken back, and a text as well', async () => {
    await Promise.all(others.map((person) => person.close()));
    await village.until(async () => (await groupOf(ana))?.online === 0, 'Ana is alone');
    await send(patterned(50_000));
    await ana.node.sendText(await idOf(ana), 'never mind');
    const waiting = async () =>
      (await ana.node.listMessages(await idOf(ana), null, 50)).filter(({ state }) => state === 'queued');
    const [file, text] = await waiting();
    expect([file?.cancellable, text?.cancellable]).toEqual([true, true]);
    await ana.node.cancelTransfer(await idOf(ana), file?.id ?? '');
    await ana.node.cancelMessage(await idOf(ana), text?.id ?? '');
    expect(await waiting()).toEqual([]);
    expect(await ana.files.list()).toEqual([]);
    const [ben] = others as [Villager];
    await ben.start();
    await village.until(async () => (await groupOf(ana))?.online === 1, 'Ben is there');
    await ana.node.sendText(await idOf(ana), 'hello');
    await village.until(async () => {
      const messages = await ben.node.listMessages(await idOf(ben), null, 50);
      return messages.some(({ text: written }) => written === 'hello');
    }, 'Ben reads');
    expect(await fileOf(ben)).toBeUndefined();
  });

  it('that a person stopped is fetched when they want it after all', async () => {
    const [ben] = others as [Villager];
    await ben.close();
    await send(patterned(300_000));
    await ben.start();
    await village.until(async () => (await fileOf(ben)) !== undefined, 'Ben sees it');
    await ben.node.cancelTransfer(await idOf(ben), (await fileOf(ben))?.id ?? '');
    await village.until(async () => (await fileOf(ben))?.file.state !== 'waiting', 'it is told');
    if (await has(ben)) return; // it came before the person stopped it
    expect((await fileOf(ben))?.file).toMatchObject({ state: 'failed', error: 'file-cancelled' });
    await ben.node.retryMessage(await idOf(ben), (await fileOf(ben))?.id ?? '');
    await village.until(() => has(ben), 'Ben has it');
  });

  it('not-delivered-before: is sent until somebody has it, whoever has read of it, and stays so once somebody has', async () => {
    const [ben, cleo, ...rest] = others as [Villager, Villager, ...Villager[]];
    await Promise.all([cleo, ...rest].map((person) => person.close()));
    ben.maxFileBytes = 1_000;
    await ben.close();
    await ben.start();
    await village.outcome(send(patterned(200_000)));
    const refused = async () => (await fileOf(ben))?.file.error === 'file-too-large';
    await village.until(refused, 'Ben reads of it, and takes no file of that size');
    await ben.node.markRead(await idOf(ben), (await messageOf(ben))?.position ?? 0);
    await village.until(async () => (await messageOf(ana))?.receipts?.read === 1, 'Ana knows that Ben has read');
    expect(await messageOf(ana)).toMatchObject({ state: 'sent', fileStanding: 'only-here' });
    expect(await unreached(ana)).toBe(1);
    await cleo.start();
    await village.until(() => has(cleo), 'Cleo has it');
    await village.until(async () => (await messageOf(ana))?.state === 'delivered', 'it is delivered');
    expect(await messageOf(ana)).toMatchObject({ fileStanding: null });
    expect(await unreached(ana)).toBe(0);
    await Promise.all([ben.close(), cleo.close(), ana.close()]);
    await ana.start();
    await village.until(async () => (await messageOf(ana))?.state === 'delivered', 'it still is');
    expect(await unreached(ana)).toBe(0);
  });

  it('that nobody had when its sender left says so at the others, and leaving asks about it before', async () => {
    const [ben, cleo, ...rest] = others as [Villager, Villager, ...Villager[]];
    await Promise.all([cleo, ...rest].map((person) => person.close()));
    await village.until(async () => (await groupOf(ana))?.online === 1, 'Ben alone is there');
    await ben.close();
    await village.until(async () => (await groupOf(ana))?.online === 0, 'nobody is there');
    await ana.node.sendText(await idOf(ana), 'a text that waits');
    expect(await unreached(ana)).toBe(1);
    await village.outcome(send(patterned(200_000)));
    expect(await unreached(ana)).toBe(2);
    ben.maxFileBytes = 1_000;
    await ben.start();
    await village.until(async () => (await messageOf(ben)) !== undefined, 'Ben reads of it');
    await village.outcome(ana.node.leaveGroup(await idOf(ana), await memberId(ben)));
    expect(await unreached(ana)).toBe(0);
    await village.until(async () => (await groupOf(ben))?.joined === 4, 'Ben knows that Ana left');
    await ana.close();
    await cleo.start();
    await village.until(async () => (await messageOf(cleo)) !== undefined, 'Cleo reads of it');
    const standing = async () => (await messageOf(cleo))?.fileStanding;
    await village.until(async () => (await standing()) === 'sender-gone', 'Cleo is told why it does not come');
    expect((await fileOf(cleo))?.file.state).toBe('waiting');
  });
});
