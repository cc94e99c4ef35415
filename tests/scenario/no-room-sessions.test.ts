// Whole nodes, one of which has no room for what the other says: their session goes on, nobody is shown as away, nothing is answered that is not
// stored, and all that waited is noted once there is room.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { KithError } from '../../src/core/errors.ts';
import { LiveGroup } from '../../src/core/node/groups/live-group.ts';
import type { Write } from '../../src/core/ports/store.ts';
import { backupOf, bringIn, freshDevice, lose } from '../fixtures/returning.ts';
import { Village, type Villager } from '../fixtures/village.ts';
import { groupOf, idOf } from '../fixtures/village-groups.ts';

const MINUTE = 60_000;
const WHOLE = 3 * MINUTE;
/** In so long. */
const MOST_HANDSHAKES = 6;

let village: Village;
let ana: Villager;
let ben: Villager;

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  await village.introduce(ana, ben);
});

/** Of such writes, or of all. */
function full(person: Villager, isRefused: (write: Write) => boolean = () => true): void {
  person.beforeCommit = async (writes) => {
    if (writes.some(isRefused)) throw new KithError('disk-full');
  };
}

function room(person: Villager): void {
  person.beforeCommit = async () => {};
}

const handshakes = async (person: Villager) => (await person.node.diagnostics()).session.handshakes;

/** Time passes, in which the two stay connected. */
async function stayTogether(one: Villager, other: Villager): Promise<void> {
  const before = await handshakes(one);
  let away = 0;
  for (let second = 0; second < WHOLE / 1000; second += 1) {
    await village.pass(1000);
    // Whoever was away comes first.
    if (second < 5) continue;
    if ((await one.with(other))?.presence !== 'online' || (await other.with(one))?.presence !== 'online') away += 1;
  }
  expect({ away, handshakes: (await handshakes(one)) - before <= MOST_HANDSHAKES }).toEqual({
    away: 0,
    handshakes: true,
  });
}

const gone = (person: Villager, from: Villager) =>
  village.until(async () => (await from.with(person))?.presence === 'offline', 'gone');
const arrive = (to: Villager, from: Villager, ...texts: string[]) =>
  village.until(async () => (await to.texts(from, 'in')).join() === texts.join(), `arrived: ${texts.join()}`);
const states = (from: Villager, to: Villager, ...expected: string[]) =>
  village.until(async () => (await from.states(to)).join() === expected.join(), `states: ${expected.join()}`);

describe('somebody comes back with an older backup', () => {
  let backup: Blob;

  beforeEach(async () => {
    await ben.write(ana, 'one');
    await states(ben, ana, 'delivered');
    backup = await backupOf(village, ana);
    await ben.write(ana, 'two');
    await states(ben, ana, 'delivered', 'delivered');
    await lose(village, ana);
    await gone(ana, ben);
  });

  it('while the other has no room: what was lost comes again when there is some', async () => {
    const phone = await freshDevice(village, 'Ana', 900);
    full(ben);
    await bringIn(village, phone, backup);
    await stayTogether(ben, phone);
    expect(await ben.states(phone)).toEqual(['delivered', 'delivered']);

    room(ben);
    await arrive(phone, ben, 'one', 'two');
    await states(ben, phone, 'delivered', 'delivered');
    await phone.write(ben, 'back');
    await arrive(ben, phone, 'back');
    expect((await phone.messages(ben)).map(({ missingBefore }) => missingBefore)).toEqual([0, 0, 0]);
  });

  it('and has no room for where the other stands: what they wrote goes when there is some', async () => {
    const phone = await freshDevice(village, 'Ana', 900);
    await bringIn(village, phone, backup);
    await phone.write(ben, 'before we meet');
    full(phone);
    await stayTogether(ben, phone);
    expect(await ben.texts(phone, 'in')).toEqual([]);
    await states(ben, phone, 'delivered', 'dropped: disk-full');

    room(phone);
    await arrive(ben, phone, 'before we meet');
    const [, two] = await ben.messages(phone);
    await ben.node.retryMessage(await ben.idOf(phone), two?.id ?? '');
    await arrive(phone, ben, 'one', 'two');
    await states(phone, ben, 'delivered');
    expect((await phone.messages(ben)).map(({ missingBefore }) => missingBefore)).toEqual([0, 0, 0]);
  });
});

describe('what is said of a contact', () => {
  it('a new name is known at once and kept when there is room', async () => {
    full(ben);
    await ana.node.rename('Anna');
    await stayTogether(ben, ana);
    expect((await ben.with(ana))?.name).toBe('Anna');
    await ben.close();
    room(ben);
    await ben.start();
    expect((await ben.with(ana))?.name).toBe('Ana');
    await village.together(ana, ben);
    expect((await ben.with(ana))?.name).toBe('Anna');
  });

  it('a new name that waited for room is noted also when its owner has gone', async () => {
    full(ben);
    await ana.node.rename('Anna');
    await village.until(async () => (await ben.with(ana))?.name === 'Anna', 'heard');
    await ana.close();
    await gone(ana, ben);
    room(ben);
    await village.pass(20_000);
    await ben.close();
    await ben.start();
    expect((await ben.with(ana))?.name).toBe('Anna');
  });

  const waiting = async () => {
    await ana.close();
    await gone(ana, ben);
    await ben.write(ana, 'waiting');
    await ben.close();
    await ana.start();
    await ana.node.block(await ana.idOf(ben));
    await ben.start();
  };

  it('a refusal counts at once; what waits is dropped when that can be noted', async () => {
    await waiting();
    full(ben);
    await village.until(async () => (await ben.with(ana))?.state === 'declined', 'refused');
    const before = await handshakes(ben);
    await village.pass(WHOLE);
    expect((await handshakes(ben)) - before).toBe(0);
    expect(await ben.states(ana)).toEqual(['queued']);
    room(ben);
    await village.pass(20_000);
    expect(await ben.states(ana)).toEqual(['dropped: blocked']);
  });

  it('a refusal that no page lived to note is told again', async () => {
    await waiting();
    full(ben);
    await village.until(async () => (await ben.with(ana))?.state === 'declined', 'refused');
    await village.pass(MINUTE);
    await ben.close();
    room(ben);
    await ben.start();
    await ana.close();
    await ana.start();
    await states(ben, ana, 'dropped: blocked');
    await village.pass(MINUTE);
    expect((await ana.node.diagnostics()).session.live).toBe(0);
    // They have noted it now.
    const before = await handshakes(ben);
    await ana.close();
    await ana.start();
    await village.pass(MINUTE);
    expect((await handshakes(ben)) - before).toBe(0);
  });

  it('whom I blocked stays blocked when I have no room for their having noted it', async () => {
    let writes = 0;
    full(ben, (write) => 'put' in write && write.put === 'contacts' && ++writes > 1);
    expect((await village.outcome(ben.node.block(await ben.idOf(ana)))).ok).toBe(true);
    await village.pass(MINUTE);
    await ben.close();
    room(ben);
    await ben.start();
    await village.pass(MINUTE);
    expect(writes).toBeGreaterThan(1);
    expect((await ben.with(ana))?.state).toBe('blocked');
    expect((await ben.node.diagnostics()).session.live).toBe(0);
  });
});

it('an introduction is there when there is room', async () => {
  village = new Village(400);
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  const cleo = await village.person('Cleo');
  for (const other of [ben, cleo]) await village.introduce(ana, other, 'accept-verified');
  full(ben);
  const made = await ana.node.introduce(await ana.idOf(ben), await ana.idOf(cleo));
  expect(made.ok).toBe(true);
  await stayTogether(ben, ana);
  const given = async () => (await ana.snapshot()).introductions.given[0]?.delivered;
  expect(await given()).toEqual([false, true]);
  room(ben);
  await village.until(async () => (await ben.snapshot()).introductions.received.length === 1, 'introduced');
  await village.until(async () => (await given())?.join() === 'true,true', 'confirmed');
});

describe('in a group', () => {
  const textsOf = async (person: Villager) => {
    const messages = await person.node.listMessages(await idOf(person), null, 1000);
    return messages.filter(({ system }) => system === null).map(({ text }) => text);
  };
  const say = async (person: Villager, text: string) =>
    expect((await village.outcome(person.node.sendText(await idOf(person), text))).ok).toBe(true);
  const sees = (person: Villager, ...texts: string[]) =>
    village.until(async () => (await textsOf(person)).join() === texts.join(), `sees ${texts.join()}`);

  async function group(...others: Villager[]): Promise<void> {
    const contacts = await Promise.all(others.map((other) => ana.idOf(other)));
    expect((await village.outcome(ana.node.createGroup('Hikers', contacts))).ok).toBe(true);
    for (const person of others) {
      await village.until(async () => (await groupOf(person))?.standing === 'invited', `${person.name} is invited`);
      await village.outcome(person.node.answerGroup(await idOf(person), 'accept'));
    }
    for (const person of [ana, ...others])
      await village.until(async () => (await groupOf(person))?.joined === others.length + 1, `${person.name} sees all`);
  }

  it('a message is asked for again when there is room', async () => {
    await group(ben);
    await say(ana, 'one');
    await sees(ben, 'one');
    full(ben);
    await say(ana, 'two');
    await stayTogether(ben, ana);
    expect(await textsOf(ben)).toEqual(['one']);
    const shown = await ana.node.listMessages(await idOf(ana), null, 10);
    expect(shown.at(-1)?.receipts?.delivered).toBe(0);
    room(ben);
    await sees(ben, 'one', 'two');
    await say(ben, 'three');
    await sees(ana, 'one', 'two', 'three');
  });

  it('the same where there is room for everything but messages', async () => {
    await group(ben);
    full(ben, (write) => 'put' in write && write.put === 'group-messages');
    const before = await handshakes(ben);
    await say(ana, 'one');
    await village.pass(2 * WHOLE);
    expect((await handshakes(ben)) - before).toBeLessThanOrEqual(MOST_HANDSHAKES);
    room(ben);
    await sees(ben, 'one');
  });

  it('the same between two who are no contacts', async () => {
    const cleo = await village.person('Cleo');
    await village.introduce(ana, cleo);
    await group(ben, cleo);
    await ana.close();
    await say(cleo, 'one');
    await sees(ben, 'one');
    full(ben);
    const { opened } = ben.dialer;
    await say(cleo, 'two');
    await village.pass(WHOLE);
    expect(ben.dialer.opened - opened).toBeLessThanOrEqual(2 * MOST_HANDSHAKES);
    room(ben);
    await sees(ben, 'one', 'two');
  });

  it('what could not be kept of its settings is not shown as if it were', async () => {
    await group(ben);
    full(ben);
    expect(await village.outcome(ben.node.setMuted(await idOf(ben), true))).toMatchObject({ kind: 'disk-full' });
    expect(await village.outcome(ben.node.deleteGroup(await idOf(ben)))).toMatchObject({ kind: 'disk-full' });
    expect(await groupOf(ben)).toMatchObject({ muted: false, standing: 'active' });
    room(ben);
    // Its disk failed: until it is opened anew nothing is done with it.
    await village.until(async () => (await ben.node.setMuted(await idOf(ben), true)).ok, 'muted');
    expect(await groupOf(ben)).toMatchObject({ muted: true, standing: 'active' });
  });

  it('an invitation is there when there is room', async () => {
    full(ben);
    expect((await village.outcome(ana.node.createGroup('Hikers', [await ana.idOf(ben)]))).ok).toBe(true);
    await stayTogether(ben, ana);
    expect(await groupOf(ben)).toBeUndefined();
    room(ben);
    await village.until(async () => (await groupOf(ben))?.standing === 'invited', 'invited');
    await ben.close();
    await ben.start();
    expect((await groupOf(ben))?.standing).toBe('invited');
  });

  it('an invitation that found room only in part is accepted for good', async () => {
    // Its operations find room, the keys that come with them do not.
    full(ben, (write) => 'put' in write && write.put === 'group-state');
    expect((await village.outcome(ana.node.createGroup('Hikers', [await ana.idOf(ben)]))).ok).toBe(true);
    await village.pass(WHOLE);
    room(ben);
    await village.until(async () => (await groupOf(ben))?.standing === 'invited', 'invited');
    await village.outcome(ben.node.answerGroup(await idOf(ben), 'accept'));
    await village.until(async () => (await groupOf(ana))?.joined === 2, 'joined');
    await ben.close();
    await ben.start();
    await say(ben, 'one');
    await sees(ana, 'one');
  });

  it('a group that cannot be read when it is opened anew is tried again', async () => {
    await group(ben);
    full(ben, (write) => 'put' in write && write.put === 'group-messages');
    const open = vi.spyOn(LiveGroup, 'open').mockRejectedValueOnce(new KithError('storage-unavailable'));
    await say(ana, 'one');
    await village.pass(3_000);
    room(ben);
    await sees(ben, 'one');
    expect(open).toHaveBeenCalledTimes(2);
    open.mockRestore();
    await say(ben, 'two');
    await sees(ana, 'one', 'two');
  });
});
