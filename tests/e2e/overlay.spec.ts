// Twenty pages of one browser are an overlay. In it people are found by number, and two who share no neighbour find each other,
// and find each other again, when there is no tracker any more.
import { type Browser, test } from '@playwright/test';
import { beFound, gullible, lookUp, pretend } from './by-number.ts';
import { connectionsMade, Firewall } from './firewall.ts';
import { expect, meet, Person } from './people.ts';
import { type Site, startSite } from './start-site.ts';

/** Nobody but these can reach Ana directly, and these cannot reach Ben. */
const besideAna = ['Cleo', 'Dora', 'Emil', 'Fay'];
const others = ['Gil', 'Hugo', 'Ida', 'Jan', 'Kim', 'Lea', 'Nora', 'Otto', 'Pia', 'Quinn', 'Rosa', 'Sol'];
/** Pages that are opened at a time. */
const AT_ONCE = 4;
const PATIENCE = 120_000;

/** Whether Ana and Ben are out of each other's reach. */
let apart = true;
const firewall = new Firewall((one, other) => {
  const pair = [one, other];
  if (pair.includes('Ana') && pair.includes('Ben')) return apart;
  const besideHer = pair.some((name) => besideAna.includes(name));
  return pair.includes('Ana') ? !besideHer : pair.includes('Ben') && besideHer;
});

let site: Site;
const people = new Map<string, Person>();
const person = (name: string) => people.get(name) as Person;
const everybody = () => [...people.values()];

declare global {
  /** Milliseconds from the click that made the identity to the first neighbour. */
  var kithJoined: Promise<number>;
}

function timeJoining(): void {
  globalThis.kithJoined = new Promise((resolve) => {
    let since = 0;
    const clicked = () => {
      since = performance.now();
    };
    addEventListener('click', clicked, { capture: true });
    new MutationObserver(() => {
      const neighbours = document.querySelector('[data-testid=app]')?.getAttribute('data-neighbours') ?? '0';
      if (since > 0 && neighbours !== '0') resolve(performance.now() - since);
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
}

async function visit(browser: Browser, name: string): Promise<Person> {
  const visitor = await Person.visit(browser, name, site.url, async (context) => {
    await firewall.guard(context, name);
    await context.addInitScript(timeJoining);
    await context.addInitScript(gullible);
  });
  people.set(name, visitor);
  return visitor;
}

async function visitAll(browser: Browser, names: readonly string[]): Promise<void> {
  const waiting = [...names];
  const one = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) await (await visit(browser, name)).join();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** Shortened ids, as the diagnostics show them. */
const neighboursOf = async (name: string) =>
  (await person(name).diagnostics()).overlay.neighbours.map(({ id }) => id).sort();

/** The middle one and the largest, for the log. */
function spread(values: readonly number[]): string {
  const sorted = values.map(Math.round).sort((a, b) => a - b);
  return `p50 ${sorted[sorted.length >> 1]}, max ${sorted.at(-1)}`;
}

test.describe.configure({ mode: 'serial', timeout: 420_000 });
// Of twenty pages they would bury what went wrong.
test.use({ screenshot: 'off' });

test.beforeAll(async ({ browser }) => {
  test.setTimeout(420_000);
  site = await startSite();
  await visitAll(browser, besideAna);
  await visitAll(browser, ['Ana']);
  await visitAll(browser, others);
  // A number that is not hers, and somebody who would believe it.
  const mallory = await visit(browser, 'Mallory');
  await pretend(mallory, await person('Nora').number());
  await mallory.join();
  await pretend(person('Gil'), await person('Nora').number());
  await visitAll(browser, ['Tom', 'Ben']);
});

test.afterAll(async () => {
  await Promise.all(everybody().map((visitor) => visitor.leave()));
  await site?.stop();
});

test('twenty pages join, and each shows how many connections it has made', async () => {
  expect(people.size).toBe(20);
  const joined: number[] = [];
  for (const { page } of everybody()) joined.push(await page.evaluate(() => globalThis.kithJoined));
  console.log(`20 pages, from the click to the first neighbour: ${spread(joined)} ms`);
  const made: number[] = [];
  for (const visitor of everybody()) {
    await expect(visitor.id('app')).toHaveAttribute('data-neighbours', /^[1-9]\d*$/);
    const shown = async () => (await visitor.diagnostics()).peerConnectionsOpened;
    await expect.poll(async () => (await shown()) - (await connectionsMade(visitor.page))).toBe(0);
    made.push(await shown());
    expect(visitor.complaints).toEqual([]);
  }
  console.log(`RTCPeerConnections since load: ${spread(made)}`);
});

test('by number: found while the switch is on, not while it is off, and nobody else under that number', async () => {
  const [nora, gil, mallory] = [person('Nora'), person('Gil'), person('Mallory')];
  const number = await nora.number();
  // Mallory answers to Nora's number: whoever does not look at her key asks her.
  expect(await mallory.number()).toBe(number);
  await beFound(mallory, true);
  await expect.poll(() => lookUp(gil, number), { timeout: PATIENCE }).toBe('asked');
  await expect(mallory.id('pair-request')).toHaveAttribute('data-number', /^\d{15}$/);
  expect(await lookUp(person('Sol'), number)).toBe('number-nobody');

  await beFound(nora, true);
  const rosa = person('Rosa');
  await expect.poll(() => lookUp(rosa, number), { timeout: PATIENCE }).toBe('asked');
  const request = nora.id('pair-request');
  await expect(request).toHaveAttribute('data-number', await rosa.number());
  await request.getByTestId('pair-accept').click();
  await expect(rosa.conversation(number)).toHaveAttribute('data-presence', 'online');
  await expect(rosa.conversation(number)).toHaveAttribute('data-trust', 'unverified');
  await expect(nora.conversation(await rosa.number())).toHaveAttribute('data-trust', 'unverified');
  await expect(mallory.conversation(await rosa.number())).toHaveCount(0);

  await beFound(nora, false);
  expect(await lookUp(person('Tom'), number)).toBe('number-nobody');
});

test('two who share no neighbour find each other without a tracker, and again after one dropped its links', async () => {
  const [ana, ben] = [person('Ana'), person('Ben')];
  await site.stop();
  for (const each of [ana, ben]) {
    const doors = async () => (await each.diagnostics()).entryPoints.map(({ state }) => state);
    await expect.poll(doors).not.toContain('open');
  }
  const beside = await neighboursOf('Ana');
  expect(beside.length).toBeGreaterThan(0);
  expect((await neighboursOf('Ben')).filter((id) => beside.includes(id))).toEqual([]);
  expect(await firewall.connected(ana.page, 'Ben')).toBe(0);

  apart = false;
  const numbers = await meet(ana, ben);
  await ana.write('no server, and no neighbour in common');
  await expect(ben.message('no server, and no neighbour in common')).toBeVisible();
  // Where the direct link took long they met through others, and it follows.
  await expect(ana.conversation(numbers.ben)).toHaveAttribute('data-route', 'direct', { timeout: PATIENCE });

  const { handshakes } = (await ben.diagnostics()).session;
  expect(await firewall.cut(ana.page, 'Ben')).toBeGreaterThan(0);
  await expect
    .poll(async () => (await ben.diagnostics()).session.handshakes, { timeout: PATIENCE })
    .toBeGreaterThan(handshakes);
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'online');
  await ben.openConversation(numbers.ana);
  await ben.write('there you are');
  await expect(ana.message('there you are')).toHaveCount(1);
  await expect(ben.message('there you are')).toHaveAttribute('data-state', /delivered|read/);
});
