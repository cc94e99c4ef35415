// The screens in a real Chromium over a node moved by hand, driven through the page hooks that outside tests rely on.
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { en } from '../../../src/app/i18n/en.ts';
import { createApp } from '../../../src/app/kith.ts';
import type { Snapshot } from '../../../src/core/node-api.ts';
import { mountApp } from '../../../src/ui/mount.tsx';
import {
  aConversation,
  aLast,
  aMessage,
  anAttachment,
  emptySnapshot,
  FakeNode,
  sampleCard,
} from '../../fixtures/fake-node.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';

const people = [aConversation('c1', { name: 'Ben' }), aConversation('c2', { name: 'Cleo', unread: 2 })];
const withPeople: Snapshot = { ...emptySnapshot, conversations: people };
const request = { id: 'r1', number: '161803398874989', name: 'Cleo', knownAs: null, blocked: false };

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
/** Waits for a condition; the time is only how long a loaded machine may take. */
const until = <T,>(condition: () => T) => vi.waitUntil(condition, { timeout: 10_000, interval: 20 });
/** The hook once it is there. */
const find = (id: string) => until(() => hook(id));
const field = async (id: string) => (await find(id)) as HTMLInputElement | HTMLTextAreaElement;

async function start(snapshot: Snapshot = withPeople, prepare?: (node: FakeNode) => void) {
  const node = new FakeNode(snapshot);
  const platform = new FakePlatform();
  prepare?.(node);
  const app = createApp(node, platform);
  mountApp(root, app);
  await until(() => hook('app')?.dataset.ready === 'true');
  return { node, platform, app };
}

async function openConversation(prepare?: (node: FakeNode) => void) {
  const started = await start(withPeople, prepare);
  hook('conversation')?.click();
  const input = await field('message-input');
  return { ...started, input };
}

const many = (count: number) => (node: FakeNode) =>
  node.seed(
    Array.from({ length: count }, (_, index) =>
      aMessage('c1', index + 1, {
        text: `message ${index + 1} ${'and some more words '.repeat((index * 7) % 11)}`,
        direction: index % 3 === 0 ? 'out' : 'in',
      }),
    ),
  );

const scroller = () => root.querySelector<HTMLElement>('.messages') ?? root;
const fromEnd = () => scroller().scrollHeight - scroller().clientHeight - scroller().scrollTop;
/** So many times the browser has painted. */
async function frames(count: number) {
  for (let left = count; left > 0; left -= 1) await new Promise(requestAnimationFrame);
}
const atEnd = () => until(() => Math.abs(fromEnd()) < 2);

/** The field says that something is wrong with it, and points at the words that say what. */
function expectExplained(field: HTMLElement, alert: HTMLElement): void {
  expect(field.getAttribute('aria-invalid')).toBe('true');
  expect(field.getAttribute('aria-describedby')?.split(' ')).toContain(alert.id);
  expect(document.activeElement).toBe(field);
}

describe('the first screen', () => {
  test('asks for a name only, and Enter makes the identity', async () => {
    const { node } = await start({ ...emptySnapshot, identity: null });
    expect(hook('my-number')).toBeNull();
    const name = await field('onboarding-name');
    await until(() => document.activeElement === name);
    await userEvent.fill(name, 'Ana');
    await userEvent.keyboard('{Enter}');
    const number = await find('my-number');
    expect(node.called('createIdentity')).toEqual([['createIdentity', 'Ana']]);
    expect(number.dataset.number).toBeUndefined();
    node.change({ identity: { name: 'Ana', number: '123456789012345' } });
    await until(() => number.dataset.number === '123456789012345');
    expect(number.textContent).toContain('123 456 789 012 345');
  });

  test('says above everything else that what was here is gone, and what can be done', async () => {
    await start({ ...emptySnapshot, identity: null, unfinished: 'data-gone' });
    const alert = await find('import-unfinished');
    expect(alert.dataset.code).toBe('data-gone');
    expect(alert.getAttribute('role')).toBe('alert');
    await until(() => alert.textContent?.includes('identity, contacts and messages are not here any more'));
    expect(alert.textContent).toContain('24 recovery words');
    const name = await field('onboarding-name');
    expect(alert.compareDocumentPosition(name) & Node.DOCUMENT_POSITION_FOLLOWING).not.toBe(0);
    await find('backup-import');
    await find('words-return');
    expect(alert.getBoundingClientRect().top).toBeGreaterThanOrEqual(0);
    expect(alert.getBoundingClientRect().bottom).toBeLessThanOrEqual(720);
  });

  test('says above everything else that a backup did not come in, and why', async () => {
    await start({ ...emptySnapshot, identity: null, unfinished: 'disk-full' });
    const alert = await find('import-unfinished');
    expect(alert.dataset.code).toBe('disk-full');
    expect(alert.textContent).toContain('Your backup did not come in');
    expect(alert.textContent).toContain('no room left');
    await find('backup-import');
  });

  test('says what is missing when the name is empty', async () => {
    const { node } = await start({ ...emptySnapshot, identity: null });
    node.answers.set('createIdentity', { ok: false, kind: 'name-empty', detail: {} });
    (await find('onboarding-create')).click();
    const alert = await until(() => root.querySelector<HTMLElement>('[role="alert"]'));
    expect(alert.dataset.code).toBe('name-empty');
    const name = await field('onboarding-name');
    expectExplained(name, alert);
    await userEvent.fill(name, 'Ana');
    await until(() => root.querySelector('[role="alert"]') === null);
    expect(name.getAttribute('aria-invalid')).toBe('false');
  });
});

describe('the list', () => {
  test('carries what outside tests read of a conversation', async () => {
    await start();
    const [ben, cleo] = all('conversation');
    expect({ ...ben?.dataset }).toMatchObject({
      id: 'c1',
      kind: 'direct',
      number: '314159265358979',
      presence: 'online',
      route: 'direct',
      trust: 'verified',
      unread: '0',
    });
    expect(cleo?.dataset.unread).toBe('2');
    expect(cleo?.textContent).toContain('2 unread messages');
  });

  test('tells two of one name apart by their numbers, on the narrowest window too', async () => {
    await page.viewport(320, 568);
    const twins = ['223606797749978', '173205080756887'].map((number, index) =>
      aConversation(`c${index}`, {
        name: 'Jo',
        number,
        route: 'relayed',
        last: aLast({ text: 'ok' }),
      }),
    );
    await start({ ...withPeople, conversations: twins });
    for (const row of all('conversation')) {
      const [name, number] = ['.row-name', '.row-number'].map((part) => row.querySelector<HTMLElement>(part));
      expect(name?.scrollWidth).toBe(name?.clientWidth);
      expect(number?.clientWidth).toBeGreaterThan(50);
    }
  });

  test('names the file that came last', async () => {
    const last = aLast({ attachment: 'image', fileName: 'beach.jpg' });
    await start({ ...withPeople, conversations: [aConversation('c1', { last })] });
    expect(hook('conversation')?.querySelector('.row-text')?.textContent).toBe('Photo · beach.jpg');
  });

  test('opens a conversation from every screen of a wide window', async () => {
    const { app } = await openConversation(many(3));
    for (const screen of ['settings', 'add-contact'] as const) {
      hook(screen)?.click();
      await until(() => app.navigation.screen.value.name === screen);
      all('conversation')[1]?.click();
      await until(() => hook('message-input')?.getAttribute('aria-label')?.includes('Cleo'));
    }
  });
});

describe('a contact', () => {
  test('whose name is one long word makes no page wider than the window', async () => {
    for (const width of [320, 390]) {
      await page.viewport(width, 640);
      const { app } = await start({ ...withPeople, conversations: [aConversation('c1', { name: 'W'.repeat(64) })] });
      app.navigation.open({ name: 'contact', id: 'c1' });
      const body = await until(() => root.querySelector<HTMLElement>('.shell-main .page-body'));
      await until(() => hook('safety-number') !== null);
      expect(body.scrollWidth, `at ${width}`).toBeLessThanOrEqual(body.clientWidth);
      render(null, root);
    }
  });
});

describe('a conversation', () => {
  test('sends with Enter, breaks the line with Shift+Enter, and leaves an input method alone', async () => {
    const { node, input } = await openConversation();
    await userEvent.click(input);
    await userEvent.keyboard('one{Shift>}{Enter}{/Shift}two');
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }));
    expect(node.called('sendText')).toEqual([]);
    await userEvent.keyboard('{Enter}');
    await until(() => node.called('sendText').length === 1);
    expect(node.called('sendText')).toEqual([['sendText', 'c1', 'one\ntwo']]);
    const message = await find('message');
    expect({ ...message.dataset }).toMatchObject({ direction: 'out', state: 'queued', from: '271828182845904' });
    expect(message.querySelector('[data-testid="message-text"]')?.textContent).toBe('one\ntwo');
    expect(input.value).toBe('');
  });

  test('keeps the newest 50 in the document and few others, however many there are', async () => {
    await openConversation(many(1000));
    await until(() => all('message').length >= 50);
    await atEnd();
    const shown = all('message').map(({ dataset }) => dataset.id);
    for (let position = 951; position <= 1000; position += 1) expect(shown).toContain(`c1-${position}`);
    scroller().scrollTop = 0;
    await until(() => all('message').some(({ dataset }) => dataset.id === 'c1-901'));
    const later = all('message').map(({ dataset }) => dataset.id);
    for (let position = 951; position <= 1000; position += 1) expect(later).toContain(`c1-${position}`);
    expect(later.length).toBeLessThan(110);
  });

  test('stays at its end while messages come, and stays where one reads further up', async () => {
    const { node, app } = await openConversation(many(300));
    await until(() => all('message').length >= 50);
    await atEnd();
    node.put(aMessage('c1', 301, { text: 'a new one' }));
    await until(() => all('message').some(({ dataset }) => dataset.id === 'c1-301'));
    await atEnd();
    scroller().scrollTop -= 1500;
    await until(() => !app.conversation('c1').atEnd.value);
    const before = fromEnd();
    node.put(aMessage('c1', 302, { text: 'another' }));
    await until(() => all('message').some(({ dataset }) => dataset.id === 'c1-302'));
    expect(fromEnd()).toBeGreaterThan(before);
  });

  test('stays at its end whatever becomes of the window and the composer', async () => {
    const { app, input, node } = await openConversation(many(60));
    await until(() => all('message').length >= 50);
    await atEnd();
    const sizes = [
      [390, 844],
      [844, 390],
      [640, 400],
      [320, 568],
      [1280, 800],
    ] as const;
    for (const [width, height] of sizes) {
      await page.viewport(width, height);
      await atEnd();
    }
    await userEvent.fill(input, 'one\n'.repeat(8));
    await userEvent.fill(input, '');
    await frames(4);
    await atEnd();
    expect(app.conversation('c1').atEnd.value).toBe(true);
    expect(root.querySelector('.to-newest')).toBeNull();
    node.put(aMessage('c1', 61, { text: 'a new one' }));
    await until(() => all('message').some(({ dataset }) => dataset.id === 'c1-61'));
    await atEnd();
  });

  test('jumps to its end when I send, whatever I was reading', async () => {
    const { input } = await openConversation(many(300));
    await until(() => all('message').length >= 50);
    await atEnd();
    scroller().scrollTop -= 1500;
    await userEvent.fill(input, 'mine');
    await userEvent.keyboard('{Enter}');
    await until(() => all('message').some(({ textContent }) => textContent.includes('mine')));
    await atEnd();
  });

  test('keeps the message under my eyes in its place when older ones are fetched', async () => {
    const { node } = await openConversation(many(400));
    await until(() => all('message').length >= 50);
    await atEnd();
    scroller().scrollTop = 300;
    await until(() => node.called('listMessages').length === 2);
    const anchor = () => all('message').find(({ dataset }) => dataset.id === 'c1-305');
    await until(() => anchor() !== undefined && scroller().scrollTop > 1000);
    const visible = anchor()?.getBoundingClientRect();
    expect(visible?.top).toBeGreaterThan(-2000);
    expect(visible?.top).toBeLessThan(2000);
  });

  test('lets go of its end for a person who scrolls in the moment in which a message comes', async () => {
    const { node, app } = await openConversation(many(300));
    await until(() => all('message').length >= 50);
    await atEnd();
    scroller().scrollTop -= 1500;
    node.put(aMessage('c1', 301, { text: 'a new one' }));
    await until(() => all('message').some(({ dataset }) => dataset.id === 'c1-301'));
    await frames(4);
    expect(app.conversation('c1').atEnd.value).toBe(false);
    expect(fromEnd()).toBeGreaterThan(1000);
  });

  test('keeps its place when older messages and a new one come at once', async () => {
    const { node } = await openConversation(many(300));
    await until(() => all('message').length >= 50);
    await atEnd();
    let arrive = () => {};
    node.pageGate = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    scroller().scrollTop = 0;
    await until(() => node.called('listMessages').length === 2);
    node.put(aMessage('c1', 301, { text: 'a new one' }));
    await until(() => all('message').some(({ dataset }) => dataset.id === 'c1-301'));
    node.put(aMessage('c1', 301, { text: 'a new one', state: 'read' }));
    arrive();
    await until(() => scroller().scrollTop > 1000);
    const first = await until(() => all('message').find(({ dataset }) => dataset.id === 'c1-201'));
    await until(() => Math.abs(first.getBoundingClientRect().top - scroller().getBoundingClientRect().top) < 200);
  });

  test('fetches older ones until the window is full, though nothing can be scrolled before', async () => {
    await page.viewport(1280, 6000);
    await openConversation((node) =>
      node.seed(Array.from({ length: 400 }, (_, index) => aMessage('c1', index + 1, { text: 'short' }))),
    );
    await until(() => scroller().scrollHeight > 6000);
    await atEnd();
  });

  test('puts the whole of a long text into the document and lets one unfold it', async () => {
    const text = 'a line of a long text\n'.repeat(400);
    await openConversation((node) => node.seed([aMessage('c1', 1, { text })]));
    const box = await find('message-text');
    expect(box.textContent).toBe(text);
    const height = box.clientHeight;
    const more = await until(() => root.querySelector<HTMLElement>('.show-more'));
    expect(more.getAttribute('aria-expanded')).toBe('false');
    more.click();
    await until(() => box.clientHeight > height * 3);
  });

  test('makes links of addresses and never markup of what somebody wrote', async () => {
    const text = '<img src=x onerror=alert(1)> javascript:alert(1) https://example.org/x';
    await openConversation((node) => node.seed([aMessage('c1', 1, { text })]));
    const box = await find('message-text');
    expect(box.textContent).toBe(text);
    expect(box.querySelector('img')).toBeNull();
    const links = [...box.querySelectorAll('a')];
    expect(links.map(({ href }) => href)).toEqual(['https://example.org/x']);
    expect(links[0]?.rel).toBe('noreferrer noopener');
    expect(links[0]?.target).toBe('_blank');
  });

  test('shows where a link leads whose letters may pass for others', async () => {
    const text = 'look: https://\u0430pple.com/x';
    await openConversation((node) => node.seed([aMessage('c1', 1, { text })]));
    const box = await find('message-text');
    const link = await until(() => box.querySelector('a'));
    expect(box.textContent).toBe(text);
    expect(link.title).toBe('xn--pple-43d.com');
    expect(getComputedStyle(link, '::after').content).toContain('xn--pple-43d.com');
  });

  test('keeps words that turn the direction away from the time beside them', async () => {
    const text = '\u202eturned words and\u202d more \u2067words https://example.org/\u202egpj.exe';
    await openConversation((node) => node.seed([aMessage('c1', 1, { text })]));
    const box = await find('message-text');
    const range = document.createRange();
    range.selectNodeContents(box);
    const time = root.querySelector('.bubble time')?.getBoundingClientRect() ?? new DOMRect();
    for (const words of range.getClientRects()) {
      const apart = words.right <= time.left + 1 || words.bottom <= time.top + 1;
      expect(apart, `words at ${JSON.stringify(words)}, time at ${JSON.stringify(time)}`).toBe(true);
    }
  });

  test('keeps names without a space within their places', async () => {
    const name = 'W'.repeat(64);
    const long = {
      ...withPeople,
      identity: { name, number: '123456789012345' },
      conversations: [aConversation('c1', { name })],
    };
    await start(long);
    hook('conversation')?.click();
    await find('message-input');
    await until(() => root.querySelector('.conversation-hello'));
    for (const width of [1280, 390]) {
      await page.viewport(width, 844);
      for (const words of root.querySelectorAll<HTMLElement>('.conversation-hello, .me, .me-name')) {
        const parent = words.parentElement?.getBoundingClientRect() ?? new DOMRect();
        expect(words.getBoundingClientRect().right, `${words.className} at ${width}`).toBeLessThanOrEqual(parent.right);
        expect(words.getBoundingClientRect().left, `${words.className} at ${width}`).toBeGreaterThanOrEqual(
          parent.left,
        );
      }
    }
  });

  test('says why a message was dropped, and Retry tries again', async () => {
    const dropped = aMessage('c1', 1, { direction: 'out', state: 'dropped', reason: 'disk-full' });
    const { node } = await openConversation((fake) => fake.seed([dropped]));
    const message = await find('message');
    expect(message.dataset.state).toBe('dropped');
    expect(message.textContent).toContain('Their device has no room left');
    hook('message-retry')?.click();
    await until(() => node.called('retryMessage').length === 1);
  });

  test('removes a dropped message when asked twice, and keeps the focus among the messages', async () => {
    const dropped = aMessage('c1', 2, { direction: 'out', state: 'dropped', reason: 'cancelled' });
    const { node } = await openConversation((fake) => fake.seed([aMessage('c1', 1), dropped]));
    await userEvent.click((await find('message-remove')) ?? root);
    (await find('confirm-no'))?.click();
    await until(() => hook('confirm-no') === null);
    expect(node.called('removeMessage')).toEqual([]);
    await userEvent.click(hook('message-remove') ?? root);
    (await find('confirm-yes'))?.click();
    await until(() => all('message').length === 1);
    expect(node.called('removeMessage')).toEqual([['removeMessage', 'c1', 'c1-2']]);
    expect(document.activeElement).toBe(scroller());
  });

  test('keeps what one can do about a dropped message together on a phone', async () => {
    await page.viewport(390, 844);
    const dropped = aMessage('c1', 1, { direction: 'out', state: 'dropped', reason: 'disk-full' });
    await openConversation((fake) => fake.seed([dropped]));
    const [retry, remove] = [await find('message-retry'), await find('message-remove')];
    expect(retry?.getBoundingClientRect().top).toBe(remove?.getBoundingClientRect().top);
  });

  test('shows the ring of the focus on what I wrote, in the colour of its text', async () => {
    const queued = aMessage('c1', 1, { direction: 'out', state: 'queued', cancellable: true });
    await openConversation((fake) => fake.seed([queued]));
    const cancel = await until(() => hook('message-cancel'));
    await userEvent.keyboard('{Shift}');
    // The screen that has just opened gives the focus to its title, at some painting soon.
    await until(() => {
      cancel.focus();
      return cancel.matches(':focus-visible');
    });
    const bubble = cancel.closest('.bubble') ?? root;
    expect(getComputedStyle(cancel).outlineColor).toBe(getComputedStyle(bubble).color);
    expect(getComputedStyle(cancel).outlineColor).not.toBe(getComputedStyle(bubble).backgroundColor);
  });

  test('shows a gap and a queued message that can be cancelled', async () => {
    const { node } = await openConversation((fake) =>
      fake.seed([
        aMessage('c1', 1, { missingBefore: 2 }),
        aMessage('c1', 2, { direction: 'out', state: 'queued', cancellable: true }),
      ]),
    );
    await find('message');
    expect(scroller().textContent).toContain('2 earlier messages have not arrived');
    (await find('message-cancel')).click();
    await until(() => node.called('cancelMessage').length === 1);
  });
});

describe('files', () => {
  const choose = async (...files: File[]) => {
    const input = (await find('attach-input')) as HTMLInputElement;
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  };

  test('wait in the composer until Send, which is enabled while one waits', async () => {
    const { node } = await openConversation();
    const send = (await find('message-send')) as HTMLButtonElement;
    expect(send.disabled).toBe(true);
    await choose(new File([], 'empty.txt'), new File(['x'], 'b.txt'));
    await until(() => !send.disabled);
    expect(all('waiting-file').map(({ dataset }) => dataset.name)).toEqual(['empty.txt', 'b.txt']);
    send.click();
    await until(() => node.called('sendFiles').length === 2);
    expect(node.called('sendFiles').map(([, , names]) => names)).toEqual([['empty.txt'], ['b.txt']]);
  });

  test('that cannot be cleaned say so where they wait, and go as they are', async () => {
    const { node } = await openConversation((fake) =>
      fake.answers.set('prepareFile', { ok: false, kind: 'photo-unreadable', detail: {} }),
    );
    await choose(new File(['no picture'], 'odd.png', { type: 'image/png' }));
    const chip = await until(() => all('waiting-file').find(({ dataset }) => dataset.state === 'failed'));
    expect(chip.dataset.code).toBe('photo-unreadable');
    expect(chip.querySelector('[role=alert]')?.textContent).toContain('turn on “As a file”');
    node.answers.delete('prepareFile');
    hook('send-as-file')?.click();
    await until(() => all('waiting-file')[0]?.dataset.state === 'prepared');
    expect(chip.querySelector('[role=alert]')).toBeNull();
    expect(chip.dataset.code).toBeUndefined();
  });

  test('over the limit do not stay, and the alert names the limit', async () => {
    await openConversation();
    await choose(new File([new Uint8Array(26_214_401)], 'big.bin'));
    const alert = await find('compose-error');
    expect(alert.getAttribute('role')).toBe('alert');
    expect(alert.dataset.code).toBe('file-too-large');
    expect(alert.textContent).toContain('25 MB (26,214,400 bytes)');
    expect(all('waiting-file')).toEqual([]);
  });

  test('that were refused are named, the first three of a kind', async () => {
    await openConversation();
    const tooLarge = new Uint8Array(26_214_401);
    await choose(...['a', 'b', 'c', 'd', 'e'].map((name) => new File([tooLarge], `${name}.bin`)));
    const words = (await find('compose-error')).textContent?.replace(/[\u2066-\u2069]/g, '');
    expect(words).toContain('a.bin, b.bin, c.bin and 2 more: ');
  });

  test('can be pasted and dropped', async () => {
    const { input } = await openConversation();
    const pasted = new DataTransfer();
    pasted.items.add(new File(['x'], 'pasted.txt'));
    input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: pasted, bubbles: true, cancelable: true }));
    await until(() => all('waiting-file').length === 1);
    const dropped = new DataTransfer();
    dropped.items.add(new File(['x'], 'dropped.txt'));
    scroller().dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
    await until(() => all('waiting-file').length === 2);
  });

  test('carry what outside tests read of an attachment, and can be stopped and saved', async () => {
    const moving = anAttachment({ state: 'transferring', progress: 0.25, sha256: null });
    const { node, platform } = await openConversation((fake) =>
      fake.seed([aMessage('c1', 1, { attachment: moving, text: '' })]),
    );
    const attachment = await find('attachment');
    expect({ ...attachment.dataset }).toMatchObject({
      name: 'notes.pdf',
      size: '482133',
      type: 'application/pdf',
      state: 'transferring',
      progress: '0.25',
    });
    expect(attachment.dataset.sha256).toBeUndefined();
    hook('attachment-cancel')?.click();
    await until(() => node.called('cancelTransfer').length === 1);
    node.put(aMessage('c1', 1, { attachment: anAttachment(), text: '' }));
    (await find('attachment-save')).click();
    await until(() => platform.downloads.length === 1);
    expect(platform.downloads).toEqual(['notes.pdf']);
    expect(hook('attachment')?.dataset.sha256).toBe('ab'.repeat(32));
  });

  test('a picture whose bytes cannot be drawn gives way to a sign and words', async () => {
    const attachment = anAttachment({ kind: 'image', type: 'image/png', state: 'complete', thumbnail: null });
    // Its address exists nowhere: the browser cannot draw it.
    await openConversation((node) => node.seed([aMessage('c1', 1, { attachment, text: '' })]));
    await find('attachment');
    const picture = () => root.querySelector<HTMLButtonElement>('.picture');
    await until(() => picture()?.querySelector('svg') && hook('attachment-preview') === null);
    expect(picture()?.disabled).toBe(true);
    await until(() => hook('attachment')?.textContent?.includes(en.attachment.noPreview));
  });

  test('a film that cannot be played says so instead of showing an empty player', async () => {
    const { node, platform } = await openConversation();
    vi.spyOn(platform, 'objectUrl').mockImplementation((blob?: Blob) => URL.createObjectURL(blob ?? new Blob()));
    node.blobs.set('c1-1', new Blob(['no film at all'], { type: 'video/mp4' }));
    const attachment = anAttachment({ kind: 'video', type: 'video/mp4', state: 'complete', thumbnail: null });
    node.put(aMessage('c1', 1, { attachment, text: '' }));
    await until(() => hook('attachment')?.textContent?.includes(en.attachment.noPreview));
    expect([hook('attachment-preview'), hook('attachment-save')?.tagName]).toEqual([null, 'BUTTON']);
  });

  test('a picture that was looked at whole gives the focus back to itself in the conversation', async () => {
    const { node, platform } = await openConversation();
    vi.spyOn(platform, 'objectUrl').mockImplementation((blob?: Blob) => URL.createObjectURL(blob ?? new Blob()));
    const canvas = new OffscreenCanvas(40, 30);
    canvas.getContext('2d')?.fillRect(0, 0, 40, 30);
    node.blobs.set('c1-1', await canvas.convertToBlob({ type: 'image/png' }));
    const attachment = anAttachment({ kind: 'image', type: 'image/png', state: 'complete', thumbnail: null });
    node.put(aMessage('c1', 1, { attachment, text: '' }));
    const picture = await until(() => root.querySelector<HTMLButtonElement>('.picture:enabled'));
    picture?.focus();
    await userEvent.keyboard('{Enter}');
    await until(() => root.querySelector('.viewer')?.contains(document.activeElement));
    await userEvent.keyboard('{Escape}');
    await until(() => root.querySelector('.viewer') === null);
    await until(() => document.activeElement === picture);
  });

  test('a thumbnail that is not a picture is not shown', async () => {
    const thumbnail = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
    const attachment = anAttachment({ kind: 'image', type: 'image/png', state: 'waiting', thumbnail });
    await openConversation((node) => node.seed([aMessage('c1', 1, { attachment, text: '' })]));
    await find('attachment');
    expect(hook('attachment-preview')).toBeNull();
  });
});

describe('exchanging cards', () => {
  test('shows my card in groups of four and takes it away once it is used', async () => {
    const { node } = await start();
    hook('add-contact')?.click();
    (await find('pair-tab-text')).click();
    const card = await find('my-card');
    expect(card.dataset.card).toBe(sampleCard);
    expect(card.textContent).toBe(sampleCard);
    node.change({ card: null });
    await until(() => hook('my-card') === null);
    hook('my-card-new')?.click();
    await find('my-card');
  });

  test('takes a typed card with Enter and says in words and as a code what is wrong', async () => {
    const { node } = await start();
    node.answers.set('takeCard', { ok: false, kind: 'card-checksum', detail: { position: 22 } });
    hook('add-contact')?.click();
    const theirs = await field('their-card');
    expect((hook('pair-submit') as HTMLButtonElement).disabled).toBe(false);
    await userEvent.fill(theirs, 'KITH 1QPZ');
    await userEvent.keyboard('{Enter}');
    const alert = await find('pair-error');
    expect(alert.getAttribute('role')).toBe('alert');
    expect(alert.dataset.code).toBe('card-checksum');
    expect(alert.textContent).toContain('check group 6');
    node.answers.delete('takeCard');
    hook('pair-submit')?.click();
    await until(() => hook('pair-error') === null);
    expect(node.called('takeCard')).toHaveLength(2);
  });
});

describe('a contact request', () => {
  test('lies above every screen, covers nothing, and is not touched by Escape', async () => {
    const { node, app } = await openConversation();
    const asked = app.askAndDo(app.conversation('c1'), 'clear');
    await find('confirm-no');
    node.change({ requests: [request] });
    const banner = await find('pair-request');
    expect(banner.dataset.number).toBe('161803398874989');
    await userEvent.keyboard('{Escape}');
    await asked;
    expect(hook('confirm-no')).toBeNull();
    await userEvent.keyboard('{Escape}{Escape}');
    expect(hook('pair-request')).not.toBeNull();
    expect(node.called('answerRequest')).toEqual([]);
    const box = (await find('pair-accept-verified')).getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    expect(hit?.closest('[data-testid="pair-accept-verified"]')).not.toBeNull();
    hook('pair-accept-verified')?.click();
    await until(() => hook('pair-request') === null);
    expect(node.called('answerRequest')).toEqual([['answerRequest', 'r1', 'accept-verified']]);
  });
});

describe('keyboard', () => {
  test('Escape closes what lies on top and the focus returns to what opened it', async () => {
    const { app } = await start();
    const row = all('conversation')[0];
    row?.focus();
    await userEvent.keyboard('{Enter}');
    await find('message-input');
    await userEvent.keyboard('{Escape}');
    await until(() => app.navigation.screen.value.name === 'home');
    await until(() => document.activeElement === all('conversation')[0]);
    hook('settings')?.click();
    await find('trackers');
    await until(() => document.activeElement?.textContent === 'Settings');
    await userEvent.keyboard('{Escape}');
    await until(() => document.activeElement === hook('settings'));
  });
});

describe('settings', () => {
  test('say at the field why a name is not kept, until something else is typed', async () => {
    const { node, app } = await start();
    node.answers.set('rename', { ok: false, kind: 'name-empty', detail: {} });
    hook('settings')?.click();
    const name = await field('my-name');
    await userEvent.fill(name, '');
    hook('my-name-save')?.click();
    const alert = await until(() => root.querySelector<HTMLElement>('[role="alert"]'));
    expect(alert.dataset.code).toBe('name-empty');
    expectExplained(name, alert);
    expect(app.toasts.text.value).toBe('');
    await userEvent.fill(name, 'Anabel');
    await until(() => root.querySelector('[role="alert"]') === null);
  });

  test('save trackers, show the version, and fill the diagnostics', async () => {
    const { node } = await start();
    hook('settings')?.click();
    const trackers = await field('trackers');
    expect(trackers.value).toBe('wss://tracker.example/announce');
    await userEvent.fill(trackers, 'wss://mine.example/announce');
    hook('trackers-save')?.click();
    await until(() => node.called('setTrackers').length === 1);
    expect(node.called('setTrackers')).toEqual([['setTrackers', ['wss://mine.example/announce']]]);
    expect(hook('app-version')?.textContent).toContain('0.0.0');
    const diagnostics = await find('diagnostics');
    await until(() => diagnostics.dataset.json !== undefined);
    const view = JSON.parse(diagnostics.dataset.json ?? '{}');
    expect(view.session.protocol).toContain('Noise_KKpsk0');
    expect(view.peerConnectionsOpened).toBe(3);
  });
});

describe('a narrow window', () => {
  test('shows one pane at a time, keeps my number in the document, and Back returns to the list', async () => {
    await page.viewport(390, 844);
    const { platform } = await openConversation();
    const list = root.querySelector<HTMLElement>('.shell-list');
    expect(list?.offsetParent ?? null).toBeNull();
    expect(hook('my-number')).not.toBeNull();
    platform.pressBack();
    await until(() => list?.offsetParent !== null);
    expect(hook('message-input')).toBeNull();
  });
});
