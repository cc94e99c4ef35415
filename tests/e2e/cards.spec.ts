// Cards that cannot be taken, people who may not come in, and the way back to somebody one knows already.
import { expect, meet, Person, test } from './people.ts';

const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** The card with another valid letter at one place. */
function mistyped(card: string, position: number): string {
  const next = alphabet[(alphabet.indexOf(card[position] ?? '') + 1) % alphabet.length] ?? '';
  return card.slice(0, position) + next + card.slice(position + 1);
}

async function refused(person: Person, code: string): Promise<void> {
  await expect(person.id('pair-error')).toHaveAttribute('data-code', code);
  await expect(person.id('pair-error')).toHaveRole('alert');
}

test('what is no card, or not whole, is refused at once with the place of the mistake, and nothing is lost', async ({
  ana,
  ben,
}) => {
  const card = await ana.card();
  const own = await ben.card();
  const attempts: readonly [string, string, RegExp][] = [
    ['', 'card-empty', /paste or type/i],
    ['hello', 'card-prefix', /kith1/],
    ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'card-prefix', /kith1/],
    [card.slice(0, 60), 'card-truncated', /90/],
    [`${card}qq`, 'card-too-long', /90/],
    [mistyped(card, 41), 'card-checksum', /Character 42 .*group 11/],
    [`${card.slice(0, 20)}b${card.slice(21)}`, 'card-character', /Character 21 .*group 6/],
    [own, 'card-own', /your own/],
  ];
  for (const [text, code, words] of attempts) {
    await ben.take(text);
    await refused(ben, code);
    await expect(ben.id('pair-error')).toHaveText(words);
    await expect(ben.id('their-card')).toHaveValue(text);
    await expect(ben.id('pair-attempt')).toHaveCount(0);
  }
  // Typed as people type: in groups, with hyphens and capitals. The alert of the attempt before goes when this one begins.
  await ben.take(`  ${card.toUpperCase().replace(/(.{4})/g, '$1-')} `);
  await ben.hasCalled(await ana.number());
  await expect(ben.id('pair-error')).toHaveCount(0);
  await expect(ana.id('pair-request')).toBeVisible();

  // Nothing hides who is calling: not Escape, not another screen, not a question.
  await ana.page.keyboard.press('Escape');
  await ana.id('settings').click();
  await ana.page.keyboard.press('Escape');
  await ana.page.keyboard.press('Escape');
  await expect(ana.id('pair-request')).toBeVisible();
  await ana.id('pair-request').getByTestId('pair-accept-verified').click();
  for (const [person, other] of [
    [ana, await ben.number()],
    [ben, await ana.number()],
  ] as const) {
    await expect(person.conversation(other)).toHaveAttribute('data-presence', 'online');
    await expect(person.conversation(other)).toHaveAttribute('data-trust', 'verified');
  }
  expect([...ana.complaints, ...ben.complaints]).toEqual([]);
});

test('a card works for one person: a second caller is told that it is used, and a refused one that it was refused', async ({
  ana,
  ben,
  browser,
  baseURL,
}) => {
  const cleo = await Person.visit(browser, 'Cleo', baseURL ?? '');
  try {
    await cleo.join();
    const first = await ana.card();
    await ben.take(first);
    await expect(ana.id('pair-request')).toHaveAttribute('data-number', await ben.number());
    // While Ben waits for Ana's answer the card is already his.
    await cleo.take(first);
    await refused(cleo, 'card-used');
    await expect(ana.id('pair-request')).toHaveCount(1);
    await ana.id('pair-request').getByTestId('pair-accept').click();
    await expect(ben.conversation(await ana.number())).toHaveAttribute('data-presence', 'online');
    await cleo.take(first);
    // Taken: the alert of the attempt before has gone, and this one is told the same.
    await expect(cleo.id('their-card')).toHaveValue('');
    await refused(cleo, 'card-used');
    await expect(ana.id('pair-request')).toHaveCount(0);

    // What the card was for is open on both sides; the next one is another.
    for (const person of [ana, ben]) await expect(person.id('message-input')).toBeVisible();
    await expect(ana.id('my-card')).toHaveCount(0);
    const second = await ana.card();
    expect(second).not.toBe(first);
    await cleo.take(second);
    await ana.id('pair-request').getByTestId('pair-refuse').click();
    await refused(cleo, 'card-refused');
    await expect(ana.conversation(await cleo.number())).toHaveCount(0);
    // Refused means burnt.
    await cleo.take(second);
    await refused(cleo, 'card-used');
    await expect(ana.id('pair-request')).toHaveCount(0);
    expect([...ana.complaints, ...ben.complaints, ...cleo.complaints]).toEqual([]);
  } finally {
    await cleo.leave();
  }
});

test('a known contact is renewed by a new card: history, name and trust stay, and messages go on', async ({
  ana,
  ben,
}) => {
  const numbers = await meet(ana, ben);
  await ana.write('before');
  await expect(ben.message('before')).toBeVisible();
  await ana.take(await ben.card());
  await expect(ben.id('pair-request')).toContainText('Ana');
  await expect(ben.id('pair-request')).toContainText(/renew/);
  await ben.id('pair-request').getByTestId('pair-accept').click();
  await expect(ben.id('pair-request')).toHaveCount(0);
  // Ana compared Ben's card now, so he is verified for her too; he stays what she was for him.
  await expect(ana.conversation(numbers.ben)).toHaveAttribute('data-trust', 'verified');
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-trust', 'verified');
  for (const person of [ana, ben]) {
    await expect(person.id('conversation')).toHaveCount(1);
    await expect(person.id('conversation')).toHaveAttribute('data-presence', 'online');
  }
  await ana.openConversation(numbers.ben);
  await ben.openConversation(numbers.ana);
  await ben.write('after');
  await expect(ana.message('after')).toBeVisible();
  await expect(ana.message('before')).toHaveCount(1);
  await Promise.all([ana.reload(), ben.reload()]);
  await expect(ana.conversation(numbers.ben)).toHaveAttribute('data-presence', 'online');
  await expect(ben.conversation(numbers.ana)).toHaveAttribute('data-presence', 'online');
  expect([...ana.complaints, ...ben.complaints]).toEqual([]);
});

test('a card expires after a day: it leaves the screen, and who takes it then is told', async ({ ana, ben }) => {
  const card = await ana.card();
  await ana.page.evaluate((ahead) => {
    const { now } = Date;
    Date.now = () => now() + ahead;
  }, 86_400_000);
  await ana.page.keyboard.press('Escape');
  const fresh = await ana.card();
  expect(fresh).not.toBe(card);
  await ben.take(card);
  await refused(ben, 'card-expired');
  await expect(ana.id('pair-request')).toHaveCount(0);
});
