// Files that are sealed as soon as they are chosen: Send only offers them, nobody hears of one that is not sent, and none is left
// behind by a crash, a removal or a full disk.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toHex } from '../../src/core/bytes/hex.ts';
import { SealedChannel } from '../../src/core/session/channel.ts';
import { MAX_PAYLOAD_BYTES, type Payload } from '../../src/core/session/sealer.ts';
import { UnitStore } from '../../src/core/transfer/unit-store.ts';
import { settle } from '../fixtures/until.ts';
import { Village, type Villager } from '../fixtures/village.ts';

const ID = 'ab'.repeat(16);

let village: Village;
let ana: Villager;
let ben: Villager;
let toBen: string;
beforeEach(async () => {
  village = new Village(31);
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  await village.introduce(ana, ben);
  toBen = await ana.idOf(ben);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const fileOf = (size = 200_000, name = 'notes.bin') =>
  new File([new Uint8Array(size).map((_, index) => index % 251)], name);

const prepare = (file = fileOf(), messageId = ID) => ana.node.prepareFile(toBen, messageId, file, false);
const send = (file = fileOf(), messageId = ID) => ana.node.sendFiles(toBen, [{ file, thumbnail: null, messageId }]);
const arrived = (count = 1) =>
  village.until(async () => (await ana.states(ben)).join() === Array(count).fill('delivered').join());

/** What was given to a session, as its frame carries it. */
function bytesOf(payload: Payload): Uint8Array {
  if (typeof payload !== 'function') return payload;
  const space = new Uint8Array(MAX_PAYLOAD_BYTES);
  return space.subarray(0, payload(space));
}

/** Nothing of any file lies on Ana's disk. */
function expectNothingLeft(): void {
  expect(ana.files.files.size).toBe(0);
  expect(ana.disk.written.get('files')?.size ?? 0).toBe(0);
}

/** The page dies without a word, and is opened again. */
async function crash(person: Villager): Promise<void> {
  person.disk.crash();
  person.files.crash();
  void person.close();
  await person.start();
}

describe('a prepared file', () => {
  it('is sent without being sealed again', async () => {
    const sealed = vi.spyOn(UnitStore.prototype, 'seal');
    expect(await prepare()).toEqual({ ok: true, value: undefined });
    expect(sealed).toHaveBeenCalledTimes(1);
    expect(await send()).toEqual({ ok: true, value: undefined });
    await arrived();
    expect(sealed).toHaveBeenCalledTimes(1);
    const [message] = await ben.messages(ana);
    expect(message?.attachment).toMatchObject({ state: 'complete', size: 200_000, name: 'notes.bin' });
  });

  it('that is still being sealed when it is sent is waited for', async () => {
    const sealed = vi.spyOn(UnitStore.prototype, 'seal');
    const preparing = prepare();
    const [prepared, sent] = await Promise.all([preparing, send()]);
    expect([prepared.ok, sent.ok]).toEqual([true, true]);
    await arrived();
    expect(sealed).toHaveBeenCalledTimes(1);
  });

  it('is not announced while it is not sent: not now, not in the next session, not when it is discarded', async () => {
    const said = vi.spyOn(SealedChannel.prototype, 'send');
    const mentions = () => said.mock.calls.filter(([payload]) => toHex(bytesOf(payload)).includes(ID)).length;
    await prepare();
    await ben.close();
    await village.until(async () => (await ana.with(ben))?.presence === 'offline');
    await ben.start();
    await village.together(ana, ben);
    await village.pass(60_000);
    await ana.node.discardFile(toBen, ID);
    await village.pass(1000);
    expect(said).toHaveBeenCalled();
    expect(mentions()).toBe(0);
    expectNothingLeft();
    // The same look finds one that is sent.
    await send();
    await arrived();
    expect(mentions()).toBeGreaterThan(0);
  });

  it('leaves nothing after a crash, and nobody hears of it afterwards', async () => {
    const said = vi.spyOn(SealedChannel.prototype, 'send');
    await prepare();
    expect(ana.disk.written.get('files')?.size).toBe(1);
    await crash(ana);
    expectNothingLeft();
    await village.together(ana, ben);
    await village.pass(60_000);
    expect(said.mock.calls.some(([payload]) => toHex(bytesOf(payload)).includes(ID))).toBe(false);
  });

  it('is sealed afresh when the tab that had prepared it is gone', async () => {
    await prepare();
    await crash(ana);
    const sealed = vi.spyOn(UnitStore.prototype, 'seal');
    expect((await send()).ok).toBe(true);
    expect(sealed).toHaveBeenCalledTimes(1);
    await arrived();
  });

  it('that was sent is not taken back by a late word', async () => {
    await prepare();
    await send();
    await ana.node.discardFile(toBen, ID);
    await arrived();
  });

  it.each(['removed', 'cleared'])('goes when its conversation is %s, sealed or not', async (what) => {
    await prepare();
    const late = prepare(fileOf(), 'cd'.repeat(16));
    if (what === 'removed') await ana.node.removeContact(toBen);
    else await ana.node.clearConversation(toBen);
    await late;
    await settle();
    expectNothingLeft();
  });

  it('finds no conversation that was removed', async () => {
    await ana.node.removeContact(toBen);
    expect(await prepare()).toMatchObject({ ok: false, kind: 'not-a-contact' });
    expectNothingLeft();
  });

  it('of a contact who is removed by a page that dies right then is gone at the next start', async () => {
    await prepare();
    ana.disk.commitsUntilCrash = 1;
    void ana.node.removeContact(toBen);
    await village.until(() => ana.disk.crashes > 0);
    await crash(ana);
    expectNothingLeft();
  });
});

describe('a file that cannot be prepared', () => {
  it('for lack of room leaves nothing behind, and goes when there is room', async () => {
    ana.files.room = 100_000;
    expect(await prepare()).toMatchObject({ ok: false, kind: 'disk-full' });
    expectNothingLeft();
    ana.files.room = Number.POSITIVE_INFINITY;
    ana.disk.commitsUntilFull = 0;
    expect(await prepare()).toMatchObject({ ok: false, kind: 'disk-full' });
    expectNothingLeft();
    ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    expect((await send()).ok).toBe(true);
    await arrived();
  });

  it('because a photo cannot be cleaned says so, as Send does, and goes as a file', async () => {
    const bytes = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 9, 9, 9]);
    const photo = new File([bytes], 'photo.png', { type: 'image/png' });
    expect(await prepare(photo)).toMatchObject({ ok: false, kind: 'photo-unreadable' });
    expect(await send(photo)).toMatchObject({ ok: false, kind: 'photo-unreadable' });
    expectNothingLeft();
    const other = 'cd'.repeat(16);
    expect((await ana.node.prepareFile(toBen, other, photo, true)).ok).toBe(true);
    const sent = { file: photo, thumbnail: null, asFile: true, messageId: other };
    expect((await ana.node.sendFiles(toBen, [sent])).ok).toBe(true);
    await arrived();
  });

  it('because it is over the limit is refused before it is read, and so is an id of another length', async () => {
    const sealed = vi.spyOn(UnitStore.prototype, 'seal');
    const large = new File([new Uint8Array(26_214_401)], 'large.bin');
    expect(await prepare(large)).toEqual({ ok: false, kind: 'file-too-large', detail: { limit: 26_214_400 } });
    expect(await prepare(fileOf(), 'abcd')).toMatchObject({ ok: false, kind: 'internal' });
    expect(sealed).not.toHaveBeenCalled();
  });
});

it('whichever commit the page dies before, a prepared file is sent once or leaves nothing', async () => {
  for (let commits = 0; commits < 4; commits += 1) {
    const [before, deaths] = [(await ana.messages(ben)).length, ana.disk.crashes];
    const messageId = `${commits}`.repeat(32);
    ana.disk.commitsUntilCrash = commits;
    void prepare(fileOf(), messageId).then(() => send(fileOf(), messageId));
    await village.until(async () => ana.disk.crashes > deaths || (await ana.messages(ben)).length > before);
    await crash(ana);
    await village.together(ana, ben);
    const written = (await ana.messages(ben)).length;
    await arrived(written);
    expect(ana.disk.written.get('files')?.size ?? 0, `commit ${commits}`).toBe(written);
    expect(ana.files.files.size, `commit ${commits}`).toBe(written);
    expect(await ben.messages(ana)).toHaveLength(written);
  }
});
