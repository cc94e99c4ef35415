// Whole nodes: somebody comes back with an older backup, and the others know more than they do. Nothing that either side wrote since is
// lost, shown twice, or counted as delivered or read when it is not.
import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../src/core/bytes/hex.ts';
import { sha256 } from '../../src/core/crypto/kdf.ts';
import { backupOf, bringIn, freshDevice, lose } from '../fixtures/returning.ts';
import { Village, type Villager } from '../fixtures/village.ts';

let village: Village;
let ana: Villager;
let ben: Villager;

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  await village.introduce(ana, ben);
});

/** Writes, and waits until it has arrived. */
async function say(from: Villager, to: Villager, ...texts: string[]): Promise<void> {
  for (const text of texts) await from.write(to, text);
  const last = texts.at(-1);
  await village.until(async () => (await to.texts(from, 'in')).at(-1) === last, `said: ${last}`);
  await village.until(async () => (await from.states(to)).every((state) => /delivered|read/.test(state)), 'delivered');
}

const readAll = async (reader: Villager, writer: Villager) => {
  const messages = await reader.messages(writer);
  await reader.node.markRead(await reader.idOf(writer), messages.at(-1)?.position ?? 0);
};

/** Ana's device is gone; she comes back on another with what she kept. */
async function comeBack(backup: Blob, seed = 900): Promise<Villager> {
  await lose(village, ana);
  await village.until(async () => (await ben.with(ana))?.presence === 'offline', 'gone');
  const phone = await freshDevice(village, 'Ana', seed);
  await bringIn(village, phone, backup);
  return phone;
}

const settled = (from: Villager, to: Villager) =>
  village.until(async () => (await from.states(to)).every((state) => /delivered|read/.test(state)), 'all delivered');

describe('coming back with an older backup', () => {
  it('what the others wrote since comes again, once and in order, and no gap is shown', async () => {
    await say(ben, ana, 'one', 'two');
    const backup = await backupOf(village, ana);
    await say(ben, ana, 'three', 'four');
    const phone = await comeBack(backup);
    expect(await phone.texts(ben, 'in')).toEqual(['one', 'two']);
    await village.until(async () => (await phone.texts(ben, 'in')).length === 4, 'all four');
    await ben.write(phone, 'five');
    await village.until(async () => (await phone.texts(ben, 'in')).at(-1) === 'five', 'five');
    expect(await phone.texts(ben, 'in')).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect((await phone.messages(ben)).map(({ missingBefore }) => missingBefore)).toEqual([0, 0, 0, 0, 0]);
    await settled(ben, phone);
  });

  it('until it has come again it does not count as delivered', async () => {
    await say(ben, ana, 'one');
    const backup = await backupOf(village, ana);
    await say(ben, ana, 'two');
    await lose(village, ana);
    await village.until(async () => (await ben.with(ana))?.presence === 'offline', 'gone');
    const phone = await freshDevice(village, 'Ana', 900);
    await bringIn(village, phone, backup);
    // Her disk is slow, so what comes again is not acknowledged.
    phone.commitMs = 30_000;
    const seen = new Set<string>();
    ben.node.subscribe((event) => {
      if (event.type === 'messages') for (const { state, text } of event.messages) if (text === 'two') seen.add(state);
    });
    await village.until(() => seen.has('sent'), 'on its way again');
    expect((await ben.states(ana)).join()).toBe('delivered,sent');
    phone.commitMs = 0;
    await village.until(async () => (await ben.states(ana)).join() === 'delivered,delivered', 'delivered again');
  });

  it('what I write before they are there comes in the order in which I wrote it, though they have seen some of its numbers', async () => {
    const backup = await backupOf(village, ana);
    await say(ana, ben, 'lost one', 'lost two');
    await lose(village, ana);
    const phone = await freshDevice(village, 'Ana', 900);
    await bringIn(village, phone, backup);
    for (const words of ['one', 'two', 'three', 'four']) await phone.write(ben, words);
    await settled(phone, ben);
    expect(await ben.texts(phone, 'in')).toEqual(['lost one', 'lost two', 'one', 'two', 'three', 'four']);
    expect((await ben.messages(phone)).map(({ missingBefore }) => missingBefore)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('what I write then gets numbers that nobody has seen: it is not taken for what was read before', async () => {
    await say(ana, ben, 'one');
    const backup = await backupOf(village, ana);
    await say(ana, ben, 'lost two', 'lost three');
    await readAll(ben, ana);
    await village.until(async () => (await ana.states(ben)).every((state) => state === 'read'), 'read');
    await lose(village, ana);
    const phone = await freshDevice(village, 'Ana', 900);
    await bringIn(village, phone, backup);
    // Before the two are connected.
    await phone.write(ben, 'new two');
    await village.until(async () => (await ben.texts(ana, 'in')).includes('new two'), 'arrived');
    await phone.write(ben, 'new three');
    await village.until(async () => (await ben.texts(ana, 'in')).includes('new three'), 'arrived');
    await settled(phone, ben);
    await village.pass(60_000);
    expect(await ben.texts(ana, 'in')).toEqual(['one', 'lost two', 'lost three', 'new two', 'new three']);
    expect((await ben.messages(ana)).map(({ missingBefore }) => missingBefore)).toEqual([0, 0, 0, 0, 0]);
    // Ben has read one, and has not seen the new ones.
    expect(await phone.states(ben)).toEqual(['read', 'delivered', 'delivered']);
    await readAll(ben, ana);
    await village.until(async () => (await phone.states(ben)).join() === 'read,read,read', 'read');
  });

  it('what waited in the backup and was delivered since arrives once', async () => {
    await ben.close();
    await village.until(async () => (await ana.with(ben))?.presence === 'offline', 'away');
    await ana.write(ben, 'waiting');
    const backup = await backupOf(village, ana);
    await ben.start();
    await village.until(async () => (await ben.texts(ana, 'in')).join() === 'waiting', 'arrived');
    await settled(ana, ben);
    await say(ana, ben, 'later');
    const phone = await comeBack(backup);
    await settled(phone, ben);
    await phone.write(ben, 'behind it');
    await village.until(async () => (await ben.texts(ana, 'in')).at(-1) === 'behind it', 'arrived');
    expect(await ben.texts(ana, 'in')).toEqual(['waiting', 'later', 'behind it']);
    expect((await ben.messages(ana)).map(({ missingBefore }) => missingBefore)).toEqual([0, 0, 0]);
  });

  it('a file of theirs comes again, whole', async () => {
    await say(ben, ana, 'one');
    const backup = await backupOf(village, ana);
    const bytes = Uint8Array.from({ length: 150_000 }, (_, index) => (index * 7) & 255);
    const file = new File([bytes], 'plan.bin');
    await ben.node.sendFiles(await ben.idOf(ana), [{ file, thumbnail: null }]);
    const whole = async (person: Villager, other: Villager) =>
      (await person.messages(other)).some(({ attachment }) => attachment?.state === 'complete');
    await village.until(() => whole(ana, ben), 'complete');
    await settled(ben, ana);
    const phone = await comeBack(backup);
    await village.until(() => whole(phone, ben), 'complete again');
    const [message] = (await phone.messages(ben)).filter(({ attachment }) => attachment);
    const opened = await phone.node.openAttachment(message?.conversationId ?? '', message?.id ?? '');
    if (!opened.ok) throw new Error(opened.kind);
    const print = toHex(await sha256(new Uint8Array(await opened.value.blob.arrayBuffer())));
    expect(print).toBe(toHex(await sha256(bytes)));
    await settled(ben, phone);
  });

  it('both come back with older backups: they talk on, and what either still has arrives', async () => {
    await say(ana, ben, 'a1');
    await say(ben, ana, 'b1');
    const [anas, bens] = [await backupOf(village, ana), await backupOf(village, ben)];
    await say(ana, ben, 'a2');
    await say(ben, ana, 'b2');
    await Promise.all([lose(village, ana), lose(village, ben)]);
    const phone = await freshDevice(village, 'Ana', 901);
    const tablet = await freshDevice(village, 'Ben', 902);
    await bringIn(village, phone, anas);
    await bringIn(village, tablet, bens);
    await village.together(phone, tablet);
    await say(phone, tablet, 'a3');
    await say(tablet, phone, 'b3');
    expect(await phone.texts(tablet, 'in')).toEqual(['b1', 'b3']);
    expect(await tablet.texts(phone, 'in')).toEqual(['a1', 'a3']);
  });

  it('a page that dies before it heard the answer asks again; nothing comes twice', async () => {
    await say(ben, ana, 'one');
    const backup = await backupOf(village, ana);
    await say(ben, ana, 'two', 'three');
    await lose(village, ana);
    for (let commits = 0; commits < 6; commits += 1) {
      const phone = await freshDevice(village, 'Ana', 910 + commits);
      await bringIn(village, phone, backup);
      phone.disk.commitsUntilCrash = commits;
      const { crashes } = phone.disk;
      const all = async () => (await phone.texts(ben, 'in')).length === 3;
      let died = false;
      await village.until(async () => {
        died = phone.disk.crashes > crashes;
        return died || (await all());
      }, 'died or done');
      if (died) {
        // Of a page that is dead nothing is left in the network either.
        phone.node.close();
        phone.files.crash();
        await phone.start();
      }
      await village.until(all, 'all three');
      expect(await phone.texts(ben, 'in')).toEqual(['one', 'two', 'three']);
      await settled(ben, phone);
      await lose(village, phone);
      await village.until(async () => (await ben.with(ana))?.presence === 'offline', 'gone');
    }
  });

  it('nothing is asked in ordinary times, nor a second time', async () => {
    await say(ben, ana, 'one');
    const backup = await backupOf(village, ana);
    const phone = await comeBack(backup);
    await village.together(phone, ben);
    await say(phone, ben, 'two');
    const seen: string[] = [];
    ben.node.subscribe((event) => {
      if (event.type === 'messages') for (const { state } of event.messages) seen.push(state);
    });
    await phone.close();
    await phone.start();
    await village.together(phone, ben);
    await village.pass(60_000);
    expect(seen).toEqual([]);
  });
});
