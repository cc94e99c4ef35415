// Whole nodes: one identity on two devices, after a backup or with words. Both notice, neither talks until somebody has chosen, and what
// the others write waits or comes again.
import { beforeEach, describe, expect, it } from 'vitest';
import { backupOf, bringIn, freshDevice, PASSPHRASE } from '../fixtures/returning.ts';
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

const twin = async (device: Villager) => (await device.snapshot()).twin;

const both = (one: Villager, other: Villager, state: 'held' | 'retired' | undefined) =>
  village.until(
    async () => (await twin(one))?.state === state && (await twin(other))?.state === state,
    `both ${state ?? 'alone'}`,
  );

/** Ana has opened her backup on a phone while her laptop goes on. */
async function phoneOf(backup: Blob): Promise<Villager> {
  const phone = await freshDevice(village, 'Ana', 900);
  await bringIn(village, phone, backup);
  return phone;
}

async function choose(device: Villager): Promise<void> {
  const chosen = await village.outcome(device.node.goOnHere());
  if (!chosen.ok) throw new Error(chosen.kind);
  await device.close();
  await device.start();
}

describe('one identity on two devices', () => {
  it('is noticed on both, and neither is there for anybody until one is chosen; the other is then silent', async () => {
    const phone = await phoneOf(await backupOf(village, ana));
    await both(ana, phone, 'held');
    await village.until(async () => (await ben.with(ana))?.presence === 'offline', 'nobody there');
    await ben.write(ana, 'which of you?');
    await village.pass(300_000);
    expect(await ben.states(ana)).toEqual(['queued']);
    expect((await twin(ana))?.here).toBe(true);
    await choose(phone);
    await village.until(async () => (await twin(ana))?.state === 'retired', 'retired');
    expect(await twin(phone)).toBeUndefined();
    await village.until(async () => (await phone.texts(ben, 'in')).join() === 'which of you?', 'arrived');
    expect(await ana.texts(ben, 'in')).toEqual([]);
    await village.until(async () => (await ben.states(ana)).join() === 'delivered', 'delivered');
  });

  it('a choice that cannot be kept is none, and the pages begin anew: nothing is written in vain meanwhile', async () => {
    const phone = await phoneOf(await backupOf(village, ana));
    await both(ana, phone, 'held');
    const told: string[] = [];
    phone.node.subscribe(({ type }) => told.push(type));
    phone.disk.commitsUntilFull = 0;
    expect(await village.outcome(phone.node.goOnHere())).toMatchObject({ ok: false, kind: 'disk-full' });
    expect(told).toContain('replaced');
    phone.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    await phone.close();
    phone.files.crash();
    await phone.start();
    expect((await twin(phone))?.state).toBe('held');
  });

  it('what came to one before they noticed comes to the other when that is chosen', async () => {
    const backup = await backupOf(village, ana);
    await ben.write(ana, 'to the laptop');
    await village.until(async () => (await ana.texts(ben, 'in')).length === 1, 'arrived');
    const phone = await phoneOf(backup);
    await both(ana, phone, 'held');
    await choose(phone);
    await village.until(async () => (await phone.texts(ben, 'in')).join() === 'to the laptop', 'came again');
    await phone.write(ben, 'from the phone');
    await village.until(async () => (await ben.texts(ana, 'in')).includes('from the phone'), 'answered');
  });

  it('stays so over reloads, and whoever was not there hears of the choice later', async () => {
    const phone = await phoneOf(await backupOf(village, ana));
    await both(ana, phone, 'held');
    await ana.close();
    await phone.close();
    await phone.start();
    expect(await twin(phone)).toEqual({ state: 'held', here: false });
    await village.pass(60_000);
    expect((await ben.with(ana))?.presence).toBe('offline');
    await choose(phone);
    await village.until(async () => (await ben.with(ana))?.presence === 'online', 'back');
    await ana.start();
    await village.until(async () => (await twin(ana))?.state === 'retired', 'retired');
    await phone.write(ben, 'still here');
    await village.until(async () => (await ben.texts(ana, 'in')).includes('still here'), 'arrived');
  });

  it('who chose the wrong one may choose again, and two choices at once are asked about once more', async () => {
    const phone = await phoneOf(await backupOf(village, ana));
    await both(ana, phone, 'held');
    await choose(phone);
    await village.until(async () => (await twin(ana))?.state === 'retired', 'retired');
    await choose(ana);
    await village.until(async () => (await twin(phone))?.state === 'retired', 'the other one');
    expect(await twin(ana)).toBeUndefined();
    await phone.close();
    await ana.close();
    await phone.start();
    await choose(phone);
    await ana.start();
    await village.until(async () => (await twin(ana))?.state === 'retired', 'retired again');
  });

  it('words find the other device as well', async () => {
    const told = await village.outcome(ana.node.recoveryWords());
    if (!told.ok) throw new Error(told.kind);
    const phone = await freshDevice(village, 'Ana', 900);
    const back = await village.outcome(phone.node.returnWithWords(told.value.words.join(' '), 'Ana'));
    expect(back.ok).toBe(true);
    await both(ana, phone, 'held');
  });

  it('a device that has gone for good is no twin: nobody is asked', async () => {
    const backup = await backupOf(village, ana);
    await ana.close();
    const phone = await phoneOf(backup);
    await village.together(phone, ben);
    await village.pass(600_000);
    expect(await twin(phone)).toBeUndefined();
  });

  it('who never took anything along is looked for at no place of their own', async () => {
    const places = village.tracker.topics().length;
    await village.outcome(ben.node.exportBackup(PASSPHRASE));
    await village.until(() => village.tracker.topics().length > places, 'one more meeting');
  });
});
