// Two people whose browsers cannot reach each other talk through others, who read nothing, until they can.
import { test } from '@playwright/test';
import { canary, seen } from './canary.ts';
import { Firewall } from './firewall.ts';
import { expect, meet, noise, Person, sha256 } from './people.ts';
import { receivedBytes, recordReceived, recordSent, sayOnChannel, sentBytes } from './recorder.ts';

const MIB = 1024 * 1024;
/** For what waits on a relay's cap, or on a link whose end nobody was told of. */
const PATIENCE = 90_000;
/** Bytes per second: the largest and the smallest cap that can be chosen. */
const FAST = '1048576';
const SLOW = '65536';

/** Whether Ana and Ben are out of each other's reach. Everybody reaches the others. */
let apart = true;
const firewall = new Firewall((one, other) => apart && [one, other].sort().join() === 'Ana,Ben');

let ana: Person;
let ben: Person;
let relays: Person[] = [];
let numbers: { readonly ana: string; readonly ben: string };

test.describe.configure({ mode: 'serial', timeout: 180_000 });

test.beforeAll(async ({ browser, baseURL }) => {
  const visit = async (name: string, ...before: (() => void)[]) => {
    const person = await Person.visit(browser, name, baseURL ?? '', async (context) => {
      await firewall.guard(context, name);
      for (const script of before) await context.addInitScript(script);
    });
    await person.join();
    return person;
  };
  relays = await Promise.all(['Cleo', 'Dora'].map((name) => visit(name, recordSent, recordReceived)));
  [ana, ben] = await Promise.all([visit('Ana'), visit('Ben')]);
  for (const relay of relays) {
    await expect(relay.id('app')).toHaveAttribute('data-neighbours', '3');
    await capAt(relay, FAST);
  }
  for (const each of [ana, ben]) await expect(each.id('app')).toHaveAttribute('data-neighbours', '2');
  numbers = await meet(ana, ben);
});

test.afterAll(async () => void (await Promise.all([ana, ben, ...relays].map((person) => person?.leave()))));

async function capAt(relay: Person, bytesPerSecond: string): Promise<void> {
  await relay.id('settings').click();
  await relay.id('relaying-cap').selectOption(bytesPerSecond);
  await expect(relay.id('relaying-cap')).toHaveValue(bytesPerSecond);
}

const routeOf = (person: Person, number: string) => person.conversation(number).getAttribute('data-route');
const routes = async () => [await routeOf(ana, numbers.ben), await routeOf(ben, numbers.ana)];
const circuits = async (person: Person) => (await person.diagnostics()).overlay.circuits;

async function back(): Promise<void> {
  await ana.openConversation(numbers.ben);
  await ben.openConversation(numbers.ana);
}

/** Who has carried most. */
async function carrier(): Promise<Person> {
  const carried = async (relay: Person) => ({ relay, bytes: (await relay.diagnostics()).overlay.relaying.bytes });
  const [most] = (await Promise.all(relays.map(carried))).sort((a, b) => b.bytes - a.bytes);
  if (!most) throw new Error('nobody is left to carry');
  return most.relay;
}

/** A file that shows wherever any 1,000 bytes of it do. */
function telltale(size: number): Buffer {
  const bytes = noise(size);
  for (let at = 0; at + canary.length <= size; at += 1000) bytes.write(canary, at);
  return bytes;
}

const document = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

test('a text and 25 MiB arrive whole through a relay that can read none of it', async () => {
  expect(await routes()).toEqual(['relayed', 'relayed']);
  expect(await firewall.connected(ana.page, 'Ben')).toBe(0);
  for (const [person, number] of [
    [ana, numbers.ben],
    [ben, numbers.ana],
  ] as const) {
    const { overlay, session } = await person.diagnostics();
    expect(session).toMatchObject({ live: 1, relayed: 1 });
    const [circuit] = overlay.circuits;
    expect(circuit).toMatchObject({
      conversationId: await person.conversation(number).getAttribute('data-id'),
      hops: 2,
    });
    expect(overlay.neighbours.map(({ id }) => id)).toContain(circuit?.via);
  }
  await back();
  await ana.write(`${canary} as a text`);
  await expect(ben.message(`${canary} as a text`)).toBeVisible();
  const film = telltale(25 * MIB);
  await ana.attach(document('film.bin', film));
  const attachment = ben.attachment('film.bin');
  await expect(attachment).toHaveAttribute('data-state', 'complete', { timeout: PATIENCE });
  await expect(attachment).toHaveAttribute('data-sha256', sha256(film));
  expect(sha256((await ben.save('film.bin')).bytes)).toBe(sha256(film));
  expect(await routes()).toEqual(['relayed', 'relayed']);

  const recorded = async (relay: Person) => [
    (await sentBytes(relay.page)).RTCDataChannel,
    await receivedBytes(relay.page),
  ];
  let carried = 0;
  for (const relay of relays) {
    for (const bytes of await recorded(relay)) {
      carried += bytes?.length ?? 0;
      expect(seen(bytes as Buffer)).toEqual([]);
    }
    // It would have been seen.
    await sayOnChannel(relay.page, canary);
    for (const bytes of await recorded(relay)) expect(seen(bytes as Buffer)).toContain('UTF-8');
  }
  expect(carried).toBeGreaterThan(2 * film.length);
});

test('the relay is closed half-way: another carries on, and nothing is lost or comes twice', async () => {
  await back();
  const [before] = await circuits(ana);
  await back();
  await ana.write('one');
  await ben.write('two');
  const relay = await carrier();
  // So that it cannot be through before it is closed.
  await capAt(relay, SLOW);
  const film = noise(4 * MIB);
  await ana.attach(document('sequel.bin', film));
  const attachment = ben.attachment('sequel.bin');
  const progress = async () => Number(await attachment.getAttribute('data-progress'));
  await expect.poll(progress, { timeout: PATIENCE }).toBeGreaterThan(0.1);
  await relay.page.close();
  expect(await progress()).toBeLessThan(1);
  await ben.write('three');
  await ana.write('four');
  await expect(attachment).toHaveAttribute('data-state', 'complete', { timeout: PATIENCE });
  await expect(attachment).toHaveAttribute('data-sha256', sha256(film));
  for (const [writer, text] of [
    [ben, 'three'],
    [ana, 'four'],
  ] as const)
    await expect(writer.message(text)).toHaveAttribute('data-state', /delivered|read/, { timeout: PATIENCE });
  const [sent, heard] = [
    [`${canary} as a text`, 'one', 'four'],
    ['two', 'three'],
  ];
  expect(await ana.texts('out')).toEqual(sent);
  expect(await ben.texts('in')).toEqual(sent);
  expect(await ben.texts('out')).toEqual(heard);
  expect(await ana.texts('in')).toEqual(heard);
  await expect(ben.fileMessage('sequel.bin')).toHaveCount(1);
  expect(await routes()).toEqual(['relayed', 'relayed']);
  const [after] = await circuits(ana);
  expect(after?.via).not.toBe(before?.via);
});

test('they reach each other at last: the conversation goes on directly', async () => {
  apart = false;
  // They try again by themselves after a while; so that the test need not wait for that, their browsers say that the network is back.
  const again = async () => {
    for (const { page } of [ana, ben]) await page.evaluate(() => dispatchEvent(new Event('online')));
    return routes();
  };
  await expect.poll(again, { timeout: PATIENCE }).toEqual(['direct', 'direct']);
  await expect.poll(() => circuits(ana)).toEqual([]);
  await back();
  await ben.write('closer');
  await expect(ana.message('closer')).toHaveCount(1);
  expect(await ana.texts('in')).toEqual(['two', 'three', 'closer']);
});
