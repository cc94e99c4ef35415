// Whole nodes: two people pair over a Bluetooth mailbox, with and without a network, and talk.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryMailbox } from '../../src/adapters/memory/mailbox.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { MailboxCourier } from '../../src/core/node/mailbox-courier.ts';
import type { MailboxView } from '../../src/core/node-api.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import { Village, type Villager } from '../fixtures/village.ts';

let village: Village;
let ana: Villager;
let ben: Villager;
let mailbox: MemoryMailbox;

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  mailbox = new MemoryMailbox({ clock: village.clock });
});

/** Somebody presses start. */
async function come(who: Villager): Promise<string> {
  const { clock } = village;
  const bluetooth = { choose: async () => mailbox.central(who.name) };
  const courier = new MailboxCourier({ node: who.node, bluetooth, clock, random: seededRandom(3), log: silentLog });
  const started = await courier.start();
  if (!started.ok) throw new Error(started.kind);
  expect([courier.goesTo(started.value.mailboxId), courier.goesTo('of another tab')]).toEqual([true, false]);
  return started.value.mailboxId;
}

const view = async (who: Villager): Promise<MailboxView | null> => (await who.snapshot()).mailbox;
const state = async (who: Villager) => (await view(who))?.state;
const both = (wanted: MailboxView['state']) =>
  village.until(async () => (await state(ana)) === wanted && (await state(ben)) === wanted, `both ${wanted}`);

/** Both come, and each types the other's code. */
async function pair(): Promise<void> {
  await come(ana);
  await come(ben);
  await both('comparing');
  const [anas, bens] = [await view(ana), await view(ben)];
  expect(await ana.node.enterMailboxCode(anas?.id ?? '', bens?.code ?? '')).toMatchObject({ ok: true });
  expect(await ben.node.enterMailboxCode(bens?.id ?? '', anas?.code ?? '')).toMatchObject({ ok: true });
}

async function offline(who: Villager): Promise<void> {
  const setting = await who.node.setTrackers([]);
  if (!setting.ok) throw new Error(setting.kind);
}
const online = (who: Villager) => who.node.setTrackers(null);

describe('pairing over a mailbox', () => {
  it('makes verified contacts of both, who are connected and talk', async () => {
    await pair();
    await both('done');
    await village.together(ana, ben);
    expect(await ana.with(ben)).toMatchObject({ trust: 'verified', name: 'Ben', state: 'active' });
    expect(await ben.with(ana)).toMatchObject({ trust: 'verified', name: 'Ana', state: 'active' });
    expect(await view(ana)).toMatchObject({ confirmed: true, conversationId: await ana.idOf(ben) });
    await ben.write(ana, 'hello');
    await village.until(async () => (await ana.texts(ben, 'in')).join() === 'hello');
    expect([(await ana.snapshot()).requests, (await ana.snapshot()).attempts]).toEqual([[], []]);
  });

  it('needs no network: both are in the list at once, and what was written follows when it is there, days later', async () => {
    await offline(ana);
    await offline(ben);
    await pair();
    await both('done');
    await village.until(async () => (await ana.with(ben)) !== undefined && (await ben.with(ana)) !== undefined);
    expect(await ana.with(ben)).toMatchObject({ trust: 'verified', name: '', state: 'active', presence: 'offline' });
    expect(await ben.with(ana)).toMatchObject({ trust: 'verified', state: 'active', presence: 'offline' });
    await ana.write(ben, 'written on the mountain');
    expect(await ana.states(ben)).toEqual(['queued']);
    await Promise.all([ana.close(), ben.close()]);
    await village.pass(3 * 24 * 3_600_000);
    await Promise.all([ana.start(), ben.start()]);
    await Promise.all([online(ana), online(ben)]);
    await village.together(ana, ben);
    await village.until(async () => (await ben.texts(ana, 'in')).join() === 'written on the mountain');
    expect(await ana.with(ben)).toMatchObject({ trust: 'verified', name: 'Ben' });
    expect(await ben.with(ana)).toMatchObject({ trust: 'verified', name: 'Ana' });
  });

  it('what is shown is what is true: reaching, waiting, comparing, typed, done', async () => {
    await come(ana);
    await village.until(async () => (await state(ana)) === 'waiting');
    expect(await view(ana)).toMatchObject({ code: null, triesLeft: null, kind: null, conversationId: null });
    await come(ben);
    await both('comparing');
    const [anas, bens] = [await view(ana), await view(ben)];
    expect(anas).toMatchObject({ triesLeft: 3 });
    await ana.node.enterMailboxCode(anas?.id ?? '', bens?.code ?? '');
    expect(await view(ana)).toMatchObject({ state: 'typed', code: anas?.code });
    expect((await ana.snapshot()).conversations).toEqual([]);
  });

  it('tells what was wrong with a code', async () => {
    await come(ana);
    await come(ben);
    await both('comparing');
    const anas = await view(ana);
    const enter = (digits: string) => ana.node.enterMailboxCode(anas?.id ?? '', digits);
    expect(await enter(anas?.code ?? '')).toMatchObject({ ok: false, kind: 'code-own' });
    const wrong = [anas, await view(ben)].some((one) => one?.code === '000000') ? '000001' : '000000';
    expect(await enter(`${wrong.slice(0, 3)} ${wrong.slice(3)}`)).toMatchObject({
      kind: 'code-wrong',
      detail: { limit: 2 },
    });
    expect(await view(ana)).toMatchObject({ triesLeft: 2 });
  });

  it('goes on with the screen closed after the code, and one at a time', async () => {
    await come(ana);
    await come(ben);
    await both('comparing');
    const [anas, bens] = [await view(ana), await view(ben)];
    await ana.node.enterMailboxCode(anas?.id ?? '', bens?.code ?? '');
    await ana.node.cancelMailbox(anas?.id ?? '');
    expect(await ana.node.startMailbox()).toMatchObject({ ok: false, kind: 'mailbox-elsewhere' });
    await ben.node.enterMailboxCode(bens?.id ?? '', anas?.code ?? '');
    await village.together(ana, ben);
    await village.until(async () => (await state(ben)) === 'done');
    await ben.node.cancelMailbox(bens?.id ?? '');
    expect(await view(ben)).toBeNull();
  });

  it('verifies a contact that was unverified, and keeps the history', async () => {
    await village.introduce(ana, ben);
    expect(await ana.with(ben)).toMatchObject({ trust: 'unverified' });
    await ana.write(ben, 'before');
    await village.until(async () => (await ben.texts(ana, 'in')).join() === 'before');
    await pair();
    await both('done');
    await village.until(async () => (await ana.with(ben))?.trust === 'verified');
    expect([await ben.texts(ana, 'in'), (await ana.snapshot()).conversations.length]).toEqual([['before'], 1]);
    await village.together(ana, ben);
    await ana.write(ben, 'after');
    await village.until(async () => (await ben.texts(ana, 'in')).join() === 'before,after');
  });

  it('a tab that goes away is noticed, and says so', async () => {
    const started = await ana.node.startMailbox();
    expect(started.ok).toBe(true);
    await village.until(async () => (await state(ana)) === 'failed');
    expect(await view(ana)).toMatchObject({ kind: 'bluetooth-lost' });
    expect(await ana.node.startMailbox()).toMatchObject({ ok: true });
  });
});

describe('what comes after the mailbox', () => {
  it('a receipt that never came: first contact shows both what is so', async () => {
    await offline(ana);
    await offline(ben);
    // Nothing is ever cleared: B waits for its receipt in vain.
    mailbox.fate = ({ bytes }) => (bytes?.[0] === 4 ? 'lost' : 'fine');
    await pair();
    await both('done');
    const views = [await view(ana), await view(ben)];
    expect(views.map((one) => one?.confirmed).sort()).toEqual([false, true]);
    const [sure, unsure] = views[0]?.confirmed ? [ana, ben] : [ben, ana];
    expect((await sure.snapshot()).conversations.length).toBe(1);
    expect((await unsure.snapshot()).conversations).toEqual([]);
    await Promise.all([online(ana), online(ben)]);
    await village.together(ana, ben);
    expect(await unsure.with(sure)).toMatchObject({ trust: 'verified', state: 'active' });
  });

  it('who was removed before they ever connected is told when they do', async () => {
    await offline(ana);
    await offline(ben);
    await pair();
    await both('done');
    await village.until(async () => (await ana.with(ben)) !== undefined && (await ben.with(ana)) !== undefined);
    await ana.node.removeContact(await ana.idOf(ben));
    expect((await ana.snapshot()).conversations).toEqual([]);
    await Promise.all([online(ana), online(ben)]);
    await village.until(async () => (await ben.with(ana))?.state === 'declined', 'Ben is told');
    expect((await ana.snapshot()).conversations).toEqual([]);
  });

  it.each(['ana', 'ben'] as const)(
    'a page of %s that dies at any moment of first contact leaves both able to finish',
    async (name) => {
      for (let life = 0; life < 6; life += 1) {
        village = new Village(100 + life);
        ana = await village.person('Ana');
        ben = await village.person('Ben');
        mailbox = new MemoryMailbox({ clock: village.clock });
        await offline(ana);
        await offline(ben);
        await pair();
        await both('done');
        const dying = name === 'ana' ? ana : ben;
        await Promise.all([online(ana), online(ben)]);
        await village.pass(400 * life);
        dying.disk.crash();
        dying.node.close();
        await dying.start();
        await village.together(ana, ben);
        expect(await ana.with(ben)).toMatchObject({ trust: 'verified', name: 'Ben', state: 'active' });
        expect(await ben.with(ana)).toMatchObject({ trust: 'verified', name: 'Ana', state: 'active' });
      }
    },
  );
});
