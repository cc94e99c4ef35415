// Every way of meeting somebody by the keyboard alone, in a real Chromium over a node moved by hand: what is needed is reached with Tab,
// does its work with Enter, and leaves the focus where one goes on.
import { render } from 'preact';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { createApp } from '../../../src/app/kith.ts';
import { REST_MS } from '../../../src/app/meet/invited.ts';
import type { MailboxView, Snapshot } from '../../../src/core/node-api.ts';
import { mountApp } from '../../../src/ui/mount.tsx';
// Loaded before they are opened, as a person finds them a moment after the start.
import '../../../src/ui/screens/add-contact.tsx';
import '../../../src/ui/screens/contact.tsx';
import '../../../src/ui/screens/conversation/conversation.tsx';
import '../../../src/ui/screens/invitation.tsx';
import '../../../src/ui/screens/settings.tsx';
import { aConversation, emptySnapshot, FakeNode, sampleCard } from '../../fixtures/fake-node.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';

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

const hook = (id: string) => root.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const until = <T,>(condition: () => T) => vi.waitUntil(condition, { timeout: 20_000, interval: 20 });
const focused = () => document.activeElement as HTMLElement;
const focusedOn = (id: string) => until(() => focused().dataset.testid === id);
const onTitle = (title: string) => until(() => focused().textContent === title);

async function start(snapshot: Partial<Snapshot> = {}, prepare: (platform: FakePlatform) => void = () => undefined) {
  const node = new FakeNode({ ...emptySnapshot, ...snapshot });
  const platform = new FakePlatform();
  prepare(platform);
  const app = createApp(node, platform);
  mountApp(root, app);
  await until(() => hook('app')?.dataset.ready === 'true');
  return { node, platform, app };
}

/** Presses Tab until this has the focus. */
async function tabTo(id: string): Promise<void> {
  await until(() => hook(id));
  for (let presses = 0; presses < 60; presses += 1) {
    if (focused().dataset.testid === id) return;
    await userEvent.keyboard('{Tab}');
  }
  throw new Error(`Tab does not lead to ${id}`);
}
async function press(id: string): Promise<void> {
  await tabTo(id);
  await userEvent.keyboard('{Enter}');
}
/** The add-contact screen at this way, reached by arrows. */
async function way(name: 'text' | 'qr' | 'bluetooth' | 'number'): Promise<void> {
  await press('add-contact');
  await onTitle('Add a contact');
  await tabTo('pair-tab-text');
  for (let presses = 0; presses < 4 && focused().dataset.testid !== `pair-tab-${name}`; presses += 1)
    await userEvent.keyboard('{ArrowRight}');
  await focusedOn(`pair-tab-${name}`);
}

test('text: their card is typed and given in, and a call that is stopped leaves the focus on the screen', async () => {
  const { node } = await start();
  await way('text');
  await tabTo('their-card');
  await userEvent.keyboard('kith1qq');
  await userEvent.keyboard('{Enter}');
  await until(() => node.called('takeCard').length === 1);
  expect(node.called('takeCard')).toEqual([['takeCard', 'kith1qq']]);
  node.change({ attempts: [{ id: 'a1', state: 'waiting', kind: null, startedAt: 0 }] });
  const stop = await until(() => hook('pair-attempt')?.querySelector('button'));
  while (focused() !== stop) await userEvent.keyboard('{Tab}');
  await userEvent.keyboard('{Enter}');
  await until(() => hook('pair-attempt') === null);
  await onTitle('Add a contact');
});

test('text: my card and my link are copied, and a new link is selected in its field', async () => {
  const { platform } = await start();
  await way('text');
  await tabTo('my-card-new');
  await userEvent.keyboard('{Shift>}{Tab}{/Shift}{Enter}');
  await until(() => platform.clipboard === sampleCard);
  await press('my-link-make');
  await focusedOn('my-link');
  const link = hook('my-link') as HTMLInputElement;
  await until(() => link.selectionEnd === link.value.length);
  expect([link.selectionStart, link.value]).toEqual([0, `https://kith.example/app/#${sampleCard}`]);
  await press('my-link-copy');
  await until(() => platform.clipboard === link.value);
  await userEvent.keyboard('{Tab}{Enter}');
  await press('my-link-handler-copy');
  await until(() => platform.clipboard === `web+kith:${sampleCard}`);
});

test('a link: the question has the focus, Tab leads to the answer, and the screen after it goes on from its title', async () => {
  const { node, platform } = await start({ identity: null }, (one) => {
    one.fragments.first = sampleCard;
  });
  await focusedOn('onboarding-name');
  await userEvent.keyboard('Ana{Enter}');
  await onTitle('Invitation link');
  await tabTo('link-accept');
  // Too early: it has just come into sight.
  await userEvent.keyboard('{Enter}');
  platform.advance(REST_MS);
  await until(() => hook('link-accept')?.getAttribute('aria-disabled') === 'false');
  await userEvent.keyboard('{Enter}');
  await onTitle('Add a contact');
  expect(node.called('takeLink')).toEqual([['takeLink', sampleCard]]);
});

test('a double click on what asks answers nothing: its second press has read no question', async () => {
  const { app } = await start();
  const asked = app.questions.ask({ title: 'Erase everything?', body: 'All of it goes.', yes: 'Erase' });
  const yes = await until(() => hook('confirm-yes'));
  yes?.dispatchEvent(new MouseEvent('click', { detail: 2, bubbles: true }));
  expect(app.questions.open.value).not.toBeNull();
  yes?.dispatchEvent(new MouseEvent('click', { detail: 1, bubbles: true }));
  expect(await asked).toBe(true);
});

test('a link: no gives the focus back to the list, and so does Escape', async () => {
  const { app, node, platform } = await start();
  for (const leave of ['no', 'Escape']) {
    platform.openFragment(sampleCard);
    await onTitle('Invitation link');
    if (leave === 'no') await press('link-refuse');
    else await userEvent.keyboard('{Escape}');
    await until(() => app.navigation.screen.value.name === 'home');
    await focusedOn('add-contact');
  }
  expect(node.called('takeLink')).toEqual([]);
});

test('a link that cannot be used leads on to one’s own', async () => {
  const { node, platform } = await start();
  node.answers.set('readLink', { ok: false, kind: 'link-used', detail: {} });
  platform.openFragment(sampleCard);
  await until(() => hook('pair-error')?.dataset.code === 'link-used');
  await press('link-mine');
  await onTitle('Add a contact');
  await until(() => hook('my-link-make'));
});

test('number: looked up with Enter, one of several is asked, and the focus stays on the screen', async () => {
  const { node } = await start();
  const number = '314159265358978';
  node.found = ['Ben', 'Bea'].map((name, index) => ({ id: `f${index}`, number, name }));
  await way('number');
  await tabTo('their-number');
  await userEvent.keyboard(`${number}{Enter}`);
  await until(() => node.called('findByNumber').length === 1);
  await press('number-ask');
  await until(() => node.called('callFound').length === 1);
  await until(() => hook('number-ask') === null);
  await onTitle('Add a contact');
});

const atMailbox = (state: MailboxView['state'], more: Partial<MailboxView> = {}): { mailbox: MailboxView } => ({
  mailbox: {
    id: 'mailbox-1',
    state,
    code: null,
    triesLeft: null,
    kind: null,
    confirmed: false,
    conversationId: null,
    ...more,
  },
});

test('Bluetooth: every step goes on from where the focus is, and the code is read digit by digit', async () => {
  const { node, app } = await start({ conversations: [aConversation('c1')] });
  await way('bluetooth');
  await press('bluetooth-start');
  node.change(atMailbox('waiting'));
  await onTitle('Pair over Bluetooth');
  node.change(atMailbox('busy'));
  await press('mailbox-start-over');
  expect(node.called('startMailboxOver')).toHaveLength(1);
  node.change(atMailbox('comparing', { code: '482913', triesLeft: 3 }));
  await focusedOn('sas-theirs');
  const code = hook('sas-mine') as HTMLElement;
  expect(code.querySelector('[aria-hidden="true"]')?.textContent).toBe('482 913');
  expect(code.querySelector('.visually-hidden')?.textContent).toBe('4 8 2 9 1 3');
  expect(document.getElementById(code.getAttribute('aria-labelledby') ?? '')?.textContent).toBe(
    'The code on your screen',
  );
  expect((hook('sas-theirs') as HTMLInputElement).labels?.[0]?.textContent).toBe('The code on their screen');
  // A wrong one: the words of the alert belong to the field, which keeps the focus.
  node.answers.set('enterMailboxCode', { ok: false, kind: 'code-wrong', detail: { limit: 2 } });
  await userEvent.keyboard('111111{Enter}');
  await until(() => hook('pair-error')?.dataset.code === 'code-wrong');
  await focusedOn('sas-theirs');
  node.answers.delete('enterMailboxCode');
  await userEvent.keyboard('913482');
  await press('sas-confirm');
  await until(() => node.called('enterMailboxCode').length === 2);
  expect(node.called('enterMailboxCode')[1]).toEqual(['enterMailboxCode', 'mailbox-1', '913482']);
  node.change(atMailbox('typed', { code: '482913' }));
  await onTitle('Pair over Bluetooth');
  node.change(atMailbox('done', { confirmed: true, conversationId: 'c1' }));
  await userEvent.keyboard('{Tab}{Enter}');
  await until(() => app.navigation.screen.value.name === 'conversation');
});

test('a request: refused, it leaves the focus on what was open; accepted, it leads to the conversation', async () => {
  const request = { id: 'r1', number: '161803398874989', name: 'Cleo', knownAs: null, blocked: false } as const;
  const { node, app } = await start();
  await press('settings');
  await onTitle('Settings');
  node.change({ requests: [{ ...request, way: 'link' }] });
  await until(() => hook('pair-request'));
  expect(hook('pair-accept-verified')).toBeNull();
  await press('pair-refuse');
  await until(() => node.called('answerRequest').length === 1);
  await onTitle('Settings');
  node.change({ requests: [request] });
  await press('pair-accept-verified');
  node.change({ conversations: [aConversation('c2', { number: request.number })] });
  await until(() => app.navigation.screen.value.name === 'conversation');
  await until(() => focused() !== document.body);
});

test('comparing: the number is marked after a question, which gives the focus back to the page', async () => {
  const { node } = await start({ conversations: [aConversation('c1', { trust: 'unverified' })] });
  await press('conversation');
  await press('contact-page');
  await until(() => hook('safety-number'));
  await press('mark-verified');
  await focusedOn('confirm-no');
  await userEvent.keyboard('{Enter}');
  await focusedOn('mark-verified');
  await userEvent.keyboard('{Enter}');
  await focusedOn('confirm-no');
  await userEvent.keyboard('{Tab}{Enter}');
  await until(() => hook('mark-verified') === null);
  expect(node.called('markVerified')).toHaveLength(1);
  await until(() => focused() !== document.body && focused().dataset.screenTitle !== undefined);
});
