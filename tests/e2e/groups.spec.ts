// Six people, six browsers, one group: they talk, fall apart into threes, heal, send a file whose sender leaves, and remove somebody.
import { test } from '@playwright/test';
import { launchArguments } from '../tools/chromium.ts';
import { Firewall } from './firewall.ts';
import { expect, meet, noise, Person, sha256 } from './people.ts';

const NAMES = ['Ana', 'Ben', 'Cleo', 'Dora', 'Emil', 'Fay'] as const;
type Name = (typeof NAMES)[number];
/** What takes several reconnections. */
const PATIENCE = 120_000;

/** Who is on the one side of the rift; nobody: there is none. */
let side = new Set<string>();
const firewall = new Firewall((one, other) => side.has(one) !== side.has(other));
const people = new Map<Name, Person>();
const person = (name: Name) => people.get(name) as Person;
const everybody = () => [...people.values()];

const listed = ({ page }: Person) => page.locator('[data-testid=conversation][data-kind=group]');

/** What stands in the group's conversation, from the first to the last: lines of the log, and who wrote what. */
const history = ({ page }: Person): Promise<string[]> =>
  page
    .locator('[data-testid=message], [data-testid=system-line]')
    .evaluateAll((rows) =>
      rows.map((row) =>
        row.getAttribute('data-testid') === 'system-line'
          ? `(${row.getAttribute('data-what')})`
          : `${row.getAttribute('data-from')}: ${row.querySelector('[data-testid=message-text]')?.textContent ?? row.querySelector('[data-testid=attachment]')?.getAttribute('data-name')}`,
      ),
    );

const read = (reader: Person, text: string) => expect(reader.message(text)).toHaveCount(1, { timeout: PATIENCE });

/** These on the one side, everybody else on the other; every connection between the two is cut. */
async function split(...names: Name[]): Promise<void> {
  side = new Set(names);
  for (const name of names) {
    for (const other of NAMES) if (!side.has(other)) await firewall.cut(person(name).page, other);
  }
}

/** The network is back, and every page is told so by its browser. */
async function heal(): Promise<void> {
  side = new Set();
  for (const { page } of everybody()) await page.evaluate(() => dispatchEvent(new Event('online')));
}

const members = ({ page }: Person) => page.getByTestId('group-member');

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ baseURL }) => {
  test.setTimeout(300_000);
  for (const name of NAMES) {
    const prepare = (context: Person['context']) => firewall.guard(context, name);
    people.set(name, await Person.arrive(name, baseURL ?? '', undefined, launchArguments(), {}, prepare));
    await person(name).join();
  }
  for (const name of NAMES.slice(1)) await meet(person('Ana'), person(name as Name));
});

test.afterAll(async () => {
  for (const one of everybody()) await one.leave();
});

test('six make a group, though most have never met, and everybody reads everybody', async () => {
  test.setTimeout(300_000);
  const ana = person('Ana');
  await ana.id('new-group').click();
  await ana.id('group-name').fill('Hikers');
  for (const name of NAMES.slice(1))
    await ana.page.locator(`[data-testid=group-pick][data-number="${await person(name as Name).number()}"]`).click();
  await ana.id('group-create').click();
  await expect(listed(ana)).toHaveCount(1);
  for (const guest of everybody().slice(1)) {
    await listed(guest).click({ timeout: PATIENCE });
    await guest.id('group-accept').click();
    await expect(guest.id('message-input')).toBeVisible();
  }
  for (const writer of everybody()) await writer.write(`hello from ${writer.name}`);
  for (const reader of everybody()) for (const { name } of everybody()) await read(reader, `hello from ${name}`);
  const own = ana.message('hello from Ana').getByTestId('receipts');
  await expect(own).toHaveAttribute('data-of', '5');
  await expect(own).toHaveAttribute('data-delivered', '5', { timeout: PATIENCE });
});

test('fallen apart into threes both sides talk on; healed, all six have the same history', async () => {
  test.setTimeout(300_000);
  await split('Ana', 'Ben', 'Cleo');
  await person('Cleo').write('on our side');
  await person('Fay').write('on the other side');
  for (const name of ['Ana', 'Ben', 'Cleo'] as const) await read(person(name), 'on our side');
  for (const name of ['Dora', 'Emil', 'Fay'] as const) await read(person(name), 'on the other side');
  for (const name of ['Ana', 'Ben', 'Cleo'] as const)
    await expect(person(name).message('on the other side')).toHaveCount(0);
  for (const name of ['Dora', 'Emil', 'Fay'] as const) await expect(person(name).message('on our side')).toHaveCount(0);
  await heal();
  for (const reader of everybody()) for (const text of ['on our side', 'on the other side']) await read(reader, text);
  await person('Emil').write('together again');
  for (const reader of everybody()) await read(reader, 'together again');
  const first = await history(person('Ana'));
  for (const reader of everybody()) expect(await history(reader)).toEqual(first);
});

test('a file of 25 MiB reaches all five though its sender leaves when the first has it', async () => {
  test.setTimeout(300_000);
  const [ben, cleo] = [person('Ben'), person('Cleo')];
  const late = (['Ana', 'Dora', 'Emil', 'Fay'] as const).map(person);
  const buffer = noise(26_214_400);
  const complete = async (reader: Person) => {
    const file = reader.attachment('holiday.bin');
    await expect(file).toHaveAttribute('data-state', 'complete', { timeout: PATIENCE });
    await expect(file).toHaveAttribute('data-sha256', sha256(buffer));
  };
  // Nobody but Cleo is there.
  for (const { page } of late) await page.goto('about:blank');
  await ben.attach({ name: 'holiday.bin', mimeType: 'application/octet-stream', buffer });
  await complete(cleo);
  await ben.quit();
  for (const one of late) {
    await one.open();
    await listed(one).click();
  }
  for (const one of late) await complete(one);
  await ben.launch();
  await listed(ben).click();
  await complete(ben);
});

test('who is removed is told so, and nothing of what is written afterwards reaches them', async () => {
  test.setTimeout(300_000);
  const [ana, fay] = [person('Ana'), person('Fay')];
  // Fay is in the middle of something.
  await fay.id('message-input').fill('I only wanted to say');
  const buffer = noise(2_000);
  await fay.id('attach-input').setInputFiles({ name: 'map.bin', mimeType: 'application/octet-stream', buffer });
  await expect(fay.id('waiting-file')).toHaveAttribute('data-state', 'prepared');
  await ana.id('group-info').click();
  await expect(members(ana)).toHaveCount(6);
  await ana.page
    .locator(`[data-testid=group-member][data-number="${await fay.number()}"]`)
    .getByTestId('member-remove')
    .click();
  await ana.id('confirm-yes').click();
  await expect(members(ana)).toHaveCount(5);
  await ana.page.goBack();
  await expect(fay.id('message-input')).toHaveCount(0, { timeout: PATIENCE });
  await expect(fay.id('group-closed')).toHaveAttribute('data-standing', 'removed');
  await expect(fay.id('unsent-text')).toHaveValue('I only wanted to say');
  await expect(fay.id('waiting-file')).toHaveAttribute('data-name', 'map.bin');
  const before = await fay.diagnostics();
  // Far more than heartbeats and presence come to meanwhile.
  const secret = `not for Fay ${noise(24_000).toString('hex')}`;
  await ana.write(secret);
  for (const name of ['Ben', 'Cleo', 'Dora', 'Emil'] as const)
    await expect(person(name).id('message').filter({ hasText: 'not for Fay' })).toHaveCount(1, { timeout: PATIENCE });
  await ana.write('that was it');
  for (const name of ['Ben', 'Cleo', 'Dora', 'Emil'] as const) await read(person(name), 'that was it');
  const after = await fay.diagnostics();
  expect(after.bytesIn - before.bytesIn).toBeLessThan(16_000);
  await fay.open();
  await listed(fay).click();
  await expect(fay.id('unsent-text')).toHaveValue('I only wanted to say');
  await fay.id('unsent-discard').click();
  await fay.id('confirm-yes').click();
  await expect(fay.id('unsent')).toHaveCount(0);
  expect((await history(fay)).filter((row) => row.includes('not for Fay') || row.includes('that was it'))).toEqual([]);
  for (const { name, complaints } of everybody()) expect([name, complaints]).toEqual([name, []]);
});
