// Scanning and comparing in a real Chromium, over a node, a camera and a clock moved by hand.
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { createApp } from '../../../src/app/kith.ts';
import { codeOf } from '../../../src/app/meet/compare.ts';
import { mountApp } from '../../../src/ui/mount.tsx';
import { aConversation, emptySnapshot, FakeNode, sampleCard, sampleSafetyNumber } from '../../fixtures/fake-node.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';
import { FakeScanner } from '../../fixtures/fake-scanner.ts';

const snapshot = { ...emptySnapshot, conversations: [aConversation('c1', { name: 'Ben', trust: 'unverified' })] };
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
const until = <T,>(condition: () => T) => vi.waitUntil(condition, { timeout: 10_000, interval: 20 });
const find = (id: string) => until(() => hook(id)) as Promise<HTMLElement>;
const press = async (id: string) => (await find(id)).click();
const code = () => hook('pair-error')?.dataset.code;

async function start() {
  const node = new FakeNode(snapshot);
  const platform = new FakePlatform();
  const eyes = new FakeScanner(() => document.createElement('canvas').captureStream());
  eyes.camera = true;
  platform.scanner = async () => eyes;
  const app = createApp(node, platform);
  mountApp(root, app);
  await until(() => hook('app')?.dataset.ready === 'true');
  await until(() => app.pairing.way.value === 'qr');
  return { node, app, eyes };
}

/** The screen for adding somebody. The title takes the focus when everything is there. */
async function adding() {
  const started = await start();
  await press('add-contact');
  await until(() => document.activeElement?.textContent === 'Add a contact');
  return started;
}

/** The camera is on there. */
async function scanning() {
  const started = await adding();
  await press('scan-start');
  await find('scan-view');
  return started;
}

describe('scanning a card', () => {
  test('takes the first card that comes into view, and turns the camera off', async () => {
    const { node, eyes } = await scanning();
    eyes.last.see(sampleCard.toUpperCase());
    await until(() => hook('scan-view') === null && !eyes.last.open);
    expect(node.called('takeCard')).toEqual([['takeCard', sampleCard.toUpperCase()]]);
    expect(eyes.cameras.length).toBe(1);
  });

  test('says what is wrong with a code while it goes on looking', async () => {
    const { node, eyes } = await scanning();
    node.answers.set('takeCard', { ok: false, kind: 'card-own', detail: {} });
    eyes.last.see('mine');
    await until(() => code() === 'card-own');
    expect([hook('pair-error')?.getAttribute('role'), eyes.last.open]).toEqual(['alert', true]);
  });

  test('ends with Escape, which closes the screen only when pressed again; the focus stays where one goes on', async () => {
    const { app, eyes } = await scanning();
    await until(() => document.activeElement === hook('scan-stop'));
    await userEvent.keyboard('{Escape}');
    await until(() => document.activeElement === hook('scan-start'));
    expect([app.navigation.screen.value.name, eyes.last.open]).toEqual(['add-contact', false]);
    await userEvent.keyboard('{Escape}');
    await until(() => app.navigation.screen.value.name === 'home');
  });

  test('ends when the screen is left, by whatever way, and by the other tab', async () => {
    const { app, eyes } = await scanning();
    await press('conversation');
    await until(() => app.navigation.screen.value.name === 'conversation');
    await until(() => !eyes.last.open);
    await press('add-contact');
    await press('scan-start');
    await find('scan-view');
    await press('pair-tab-text');
    await until(() => !eyes.last.open);
    expect([eyes.cameras.length, app.onTop]).toEqual([2, null]);
  });

  test('is all done by the keyboard, the light too', async () => {
    const { eyes } = await adding();
    (await find('scan-start')).focus();
    await userEvent.keyboard('{Enter}');
    await until(() => document.activeElement === hook('scan-stop'));
    await userEvent.keyboard('{Tab}');
    expect(document.activeElement).toBe(hook('scan-light'));
    await userEvent.keyboard(' ');
    await until(() => hook('scan-light')?.getAttribute('aria-pressed') === 'true');
    expect(eyes.last.lit).toBe(true);
  });

  test('takes a picture that is dropped and a card that is pasted beside the fields', async () => {
    const { node, eyes } = await adding();
    await find('scan-start');
    eyes.picture = 'FROM A PICTURE';
    const dropped = new DataTransfer();
    dropped.items.add(new File(['x'], 'code.png', { type: 'image/png' }));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, cancelable: true }));
    await until(() => node.called('takeCard').length === 1);
    const pasted = new DataTransfer();
    pasted.setData('text/plain', ` ${sampleCard}\n`);
    window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: pasted, cancelable: true }));
    await until(() => node.called('takeCard').length === 2);
    expect(node.called('takeCard')).toEqual([
      ['takeCard', 'FROM A PICTURE'],
      ['takeCard', sampleCard],
    ]);
  });
});

describe('comparing', () => {
  async function contactPage() {
    const started = await start();
    await press('conversation');
    await press('contact-page');
    return { ...started, number: await find('safety-number') };
  }

  test('shows twelve groups of five, and a screen reader says digit by digit', async () => {
    const { number } = await contactPage();
    expect(number.dataset.digits).toBe(sampleSafetyNumber.digits);
    const groups = [...number.querySelectorAll('li')];
    expect(groups).toHaveLength(12);
    const [shown, said] = [...(groups[0]?.children ?? [])];
    expect([shown?.getAttribute('aria-hidden'), shown?.textContent, said?.textContent]).toEqual([
      'true',
      '14159',
      '1 4 1 5 9',
    ]);
  });

  test('warns when the code on their screen does not fit, and verifies when it does', async () => {
    const { node, eyes } = await contactPage();
    const theirs = { ...sampleSafetyNumber, mine: sampleSafetyNumber.theirs, theirs: sampleSafetyNumber.mine };
    await press('scan-start');
    await find('scan-view');
    eyes.last.see(codeOf({ ...theirs, mine: theirs.mine.replace('1', '2') }));
    await until(() => code() === 'safety-mismatch');
    expect(node.called('markVerified')).toEqual([]);
    eyes.last.see(codeOf(theirs));
    await until(() => hook('conversation')?.dataset.trust === 'verified');
    await until(() => hook('scan-view') === null && hook('mark-verified') === null && hook('pair-error') === null);
    expect(node.called('markVerified')).toEqual([['markVerified', 'c1']]);
  });

  test('asks before somebody is marked by hand, and does nothing on no', async () => {
    const { node } = await contactPage();
    await press('mark-verified');
    expect((await find('confirm-no')).closest('[role="alertdialog"]')?.textContent).toContain('all twelve groups');
    await press('confirm-no');
    await press('mark-verified');
    expect(node.called('markVerified')).toEqual([]);
    await press('confirm-yes');
    await until(() => hook('conversation')?.dataset.trust === 'verified');
  });
});
