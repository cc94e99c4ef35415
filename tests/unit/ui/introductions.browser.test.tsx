// Introductions in a real Chromium, over a node moved by hand: the question above every screen, and the contact's page.
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { createApp } from '../../../src/app/kith.ts';
import type { GivenIntroductionView, IntroductionView, Snapshot } from '../../../src/core/node-api.ts';
import { mountApp } from '../../../src/ui/mount.tsx';
import { aConversation, emptySnapshot, FakeNode } from '../../fixtures/fake-node.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';

const people = [
  aConversation('ben', { name: 'Ben', number: '314159265358979' }),
  aConversation('cleo', { name: 'Cleo', number: '161803398874989' }),
  aConversation('dora', { name: 'Dora', number: '141421356237309', trust: 'unverified' }),
  aConversation('emil', { name: 'Emil', number: '173205080756887', trust: 'introduced', introducedBy: 'Ben' }),
  aConversation('fay', { name: 'Fay', number: '223606797749978', state: 'waiting' }),
];

const introduction: IntroductionView = {
  id: 'ben/1',
  state: 'asked',
  by: 'ben',
  byName: 'Ben',
  byVerified: true,
  number: '331662479035539',
  name: 'Gus',
  endsAt: 1_761_000_000_000,
  kind: null,
};

let root: HTMLElement;
beforeEach(async () => {
  await page.viewport(1280, 720);
  root = document.createElement('div');
  root.id = 'root';
  document.body.append(root);
});
afterEach(() => {
  render(null, root);
  root.remove();
});

const all = (id: string) => [...root.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
const hook = (id: string) => all(id)[0] ?? null;
const until = <T,>(condition: () => T) => vi.waitUntil(condition, { timeout: 10_000, interval: 20 });
const find = (id: string) => until(() => hook(id)) as Promise<HTMLElement>;
const press = async (id: string) => (await find(id)).click();
const toast = () => root.querySelector('.toast')?.textContent ?? '';

async function start(more: Partial<Snapshot> = {}) {
  const node = new FakeNode({ ...emptySnapshot, conversations: people, ...more });
  const app = createApp(node, new FakePlatform());
  mountApp(root, app);
  await until(() => hook('app')?.dataset.ready === 'true');
  return { node, app };
}

const introductions = (received: readonly IntroductionView[], given: readonly GivenIntroductionView[] = []) => ({
  introductions: { received, given },
});

async function contactPage(name: string, more: Partial<Snapshot> = {}) {
  const started = await start(more);
  (await until(() => all('conversation').find(({ textContent }) => textContent?.includes(name))))?.click();
  await press('contact-page');
  await find('safety-number');
  return started;
}

describe('whoever is introduced', () => {
  test('is asked about above every screen, named and numbered, and Escape does not answer', async () => {
    const { node } = await start(introductions([introduction]));
    const request = await find('introduction-request');
    expect(request.dataset).toMatchObject({ number: '331662479035539', state: 'asked' });
    expect(request.textContent).toContain('Ben introduces you to Gus');
    expect(request.textContent).toContain('331 662 479 035 539');
    await press('settings');
    await userEvent.keyboard('{Escape}{Escape}');
    expect([hook('introduction-request') !== null, node.called('answerIntroduction')]).toEqual([true, []]);
    // By keyboard, when the focus has come back from the settings: that is after the next painting.
    await until(() => document.activeElement === hook('settings'));
    (await find('introduction-accept')).focus();
    await userEvent.keyboard('{Enter}');
    await until(() => hook('introduction-request') === null);
    expect(node.called('answerIntroduction')).toEqual([['answerIntroduction', 'ben/1', 'accept']]);
    expect(toast()).toContain('as soon as Gus accepts too');
  });

  test('is refused with one press, and nothing is said of it', async () => {
    const { node } = await start(introductions([introduction]));
    await press('introduction-refuse');
    await until(() => node.called('answerIntroduction').length === 1);
    expect([node.called('answerIntroduction'), toast()]).toEqual([[['answerIntroduction', 'ben/1', 'refuse']], '']);
  });

  test('by somebody who was never verified cannot be accepted: the way leads to comparing', async () => {
    const byDora = { ...introduction, by: 'dora', byName: 'Dora', byVerified: false };
    await start(introductions([byDora]));
    const request = await find('introduction-request');
    expect([request.textContent?.includes('have not verified Dora'), hook('introduction-accept')]).toEqual([
      true,
      null,
    ]);
    await press('introduction-compare');
    await find('safety-number');
    expect(root.querySelector('.who-name')?.textContent).toBe('Dora');
    expect(hook('introduction-request')).not.toBeNull();
  });

  test.each([
    ['known', 'in your list already'],
    ['lapsed', 'not accepted in time'],
    ['failed', 'Somebody else answered'],
  ] as const)('and what came of it is read and gone: %s', async (state, words) => {
    const { node } = await start(introductions([{ ...introduction, state }]));
    expect((await find('introduction-request')).textContent).toContain(words);
    expect(hook('introduction-accept')).toBeNull();
    await press('introduction-read');
    await until(() => hook('introduction-request') === null);
    expect(node.called('answerIntroduction')).toEqual([['answerIntroduction', 'ben/1', 'refuse']]);
  });

  test('and not answering yet is shown where one adds contacts, and can be given up there', async () => {
    const { node } = await start(introductions([{ ...introduction, state: 'waiting' }]));
    expect(hook('introduction-request')).toBeNull();
    await press('add-contact');
    expect((await find('introduction-waiting')).textContent).toContain('Waiting for Gus to accept');
    await press('introduction-stop');
    await until(() => hook('introduction-waiting') === null);
    expect(node.called('answerIntroduction')).toEqual([['answerIntroduction', 'ben/1', 'refuse']]);
  });

  test('whose answer the node did not take stays, and the reason is said', async () => {
    const { node } = await start(introductions([introduction]));
    node.answers.set('answerIntroduction', { ok: false, kind: 'introduction-gone', detail: {} });
    await press('introduction-accept');
    await until(() => toast().includes('over'));
    expect(hook('introduction-request')).not.toBeNull();
  });
});

describe('introducing', () => {
  test('offers the others who are verified and talk to me, asks first, and says what happens', async () => {
    const { node } = await contactPage('Ben');
    await press('introduce');
    await find('introduce-pick');
    expect(all('introduce-pick').map(({ dataset }) => dataset.number)).toEqual(['161803398874989']);
    expect(root.querySelector('.introduce-people')?.textContent).toContain('2 other contacts are not verified yet');
    await press('introduce-pick');
    expect((await find('confirm-yes')).textContent).toBe('Introduce');
    await press('confirm-no');
    expect(node.called('introduce')).toEqual([]);
    await press('introduce-pick');
    await press('confirm-yes');
    await until(() => node.called('introduce').length === 1);
    expect(node.called('introduce')).toEqual([['introduce', 'ben', 'cleo']]);
    await until(() => toast() === 'Ben and Cleo will be asked.');
    await until(() => hook('introduce-pick') === null);
  });

  test('says why not, of somebody who is not verified', async () => {
    await contactPage('Dora');
    expect(hook('introduce')).toBeNull();
    expect(root.textContent).toContain('You can introduce Dora once you have verified them');
  });

  test('says so when there is nobody else', async () => {
    await contactPage('Ben', { conversations: people.filter(({ id }) => id === 'ben' || id === 'dora') });
    await press('introduce');
    await until(() => root.textContent?.includes('Only people you have verified can be introduced'));
    expect(hook('introduce-pick')).toBeNull();
  });

  test('shows what is under way with whom, does not offer it twice, and withdraws it', async () => {
    const given: GivenIntroductionView = {
      id: 'g1',
      conversationIds: ['cleo', 'ben'],
      delivered: [false, true],
      endsAt: 1_761_000_000_000,
    };
    const { node } = await contactPage('Ben', introductions([], [given]));
    const line = await find('introduction-given');
    expect([line.dataset.delivered, line.textContent?.includes('Waiting for Cleo to be online')]).toEqual(['1', true]);
    await press('introduce');
    await until(() => root.textContent?.includes('Only people you have verified'));
    expect(hook('introduce-pick')).toBeNull();
    expect((await find('introduction-withdraw')).getAttribute('aria-label')).toBe('Withdraw the introduction to Cleo');
    await press('introduction-withdraw');
    await until(() => node.called('withdrawIntroduction').length === 1);
    expect(node.called('withdrawIntroduction')).toEqual([['withdrawIntroduction', 'g1']]);
  });
});

test('somebody’s word is shown as that: in the list, above the messages and on their page', async () => {
  await contactPage('Emil');
  const row = all('conversation').find(({ dataset }) => dataset.trust === 'introduced');
  expect(row?.textContent).toContain('Introduced by Ben');
  expect(row?.textContent).not.toContain('Verified');
  expect(root.querySelector('.trust-title')?.textContent).toBe('Introduced by Ben');
  expect(hook('mark-verified')).not.toBeNull();
  await userEvent.keyboard('{Escape}');
  await until(() => root.querySelector('.trust')?.textContent === 'Introduced by Ben');
});
