// The screens of the overlay in a real Chromium over a node moved by hand: settings, look-ups by number, meeting without a
// tracker, and how a contact is reached.
import { render } from 'preact';
import decodeQR from 'qr/decode.js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { createApp } from '../../../src/app/kith.ts';
import type { Diagnosis, Snapshot } from '../../../src/core/node-api.ts';
import { mountApp } from '../../../src/ui/mount.tsx';
import { aConversation, emptyOverlay, emptySnapshot, FakeNode } from '../../fixtures/fake-node.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';

const bens = '314159265358978';
const withPeople: Snapshot = {
  ...emptySnapshot,
  conversations: [aConversation('c1', { name: 'Ben' }), aConversation('c2', { name: 'Cleo', route: 'relayed' })],
};
const overlay = {
  ...emptyOverlay,
  neighbours: ['a0000001', 'b0000002', 'c0000003'].map((id, index) => ({
    id,
    direction: index === 0 ? ('in' as const) : ('out' as const),
    rtt: 30,
    bytesIn: 1024,
    bytesOut: 1024,
    pinned: index === 1,
  })),
  routesKnown: 12,
  circuits: [
    // Over the link of Ben's own browser, which is a neighbour.
    { conversationId: 'c1', via: 'c0000003', hops: 1 },
    { conversationId: 'c2', via: 'b0000002', hops: 2 },
  ],
  relaying: { circuits: 1, bytes: 2048, bytesPerSecond: 65_536 },
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
  document.documentElement.removeAttribute('dir');
});

const all = (id: string) => [...root.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
const hook = (id: string) => all(id)[0] ?? null;
const until = <T,>(condition: () => T) => vi.waitUntil(condition, { timeout: 10_000, interval: 20 });
const find = (id: string) => until(() => hook(id));
const field = async (id: string) => (await find(id)) as HTMLInputElement | HTMLTextAreaElement;
const click = async (id: string) => ((await find(id)) as HTMLElement).click();

async function start(snapshot: Snapshot = withPeople, prepare?: (node: FakeNode) => void) {
  const node = new FakeNode(snapshot);
  const platform = new FakePlatform();
  prepare?.(node);
  const app = createApp(node, platform);
  mountApp(root, app);
  await until(() => hook('app')?.dataset.ready === 'true');
  return { node, platform, app };
}

const standing = (diagnosis: Diagnosis, more: object = {}): Snapshot => ({
  ...emptySnapshot,
  network: { ...emptySnapshot.network, diagnosis, ...more },
});

/** As a camera would, from the picture alone: no style sheet, and a black page behind it. */
async function readCode(code: SVGSVGElement): Promise<string> {
  const side = 4 * code.viewBox.baseVal.width;
  const copy = code.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(side));
  copy.setAttribute('height', String(side));
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(copy.outerHTML)}`;
  await image.decode();
  const context = new OffscreenCanvas(side, side).getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.fillRect(0, 0, side, side);
  context.drawImage(image, 0, 0);
  return decodeQR(context.getImageData(0, 0, side, side), { timeLimit: Number.POSITIVE_INFINITY });
}

/** Nothing stands out of the page to the side, at half the width, which is what 200 % zoom leaves, and on a phone. */
async function expectNoOverflow(): Promise<void> {
  for (const width of [1280, 640, 390, 320]) {
    await page.viewport(width, 800);
    const body = root.querySelector<HTMLElement>('.page-body') ?? root;
    expect(body.scrollWidth, `at ${width}`).toBeLessThanOrEqual(body.clientWidth);
  }
  await page.viewport(1280, 720);
}

describe('settings: the network', () => {
  test('show the overlay as a picture and as a list, with what it carries', async () => {
    const { node } = await start({ ...withPeople, network: { ...emptySnapshot.network, neighbours: 3 } }, (fake) => {
      fake.overlay = overlay;
    });
    expect(hook('app')?.dataset.neighbours).toBe('3');
    await click('settings');
    const picture = await find('overlay-picture');
    expect(picture?.getAttribute('role')).toBe('img');
    expect(picture?.getAttribute('aria-label')).toBe(
      'You are linked with 3 browsers. 1 contact is connected directly, 1 through relays.',
    );
    const relayed = picture?.querySelector('.overlay-contact[data-route="relayed"]');
    expect(getComputedStyle(relayed as Element).strokeDasharray).not.toBe('none');
    const list = hook('overlay-list');
    expect(list?.textContent).toContain('Ben · connected directly');
    expect(list?.textContent).toContain('Cleo · through browser b0000002');
    expect(list?.textContent).toContain('Browser a0000001 · called you · 30 ms · 2 KB');
    expect(list?.textContent).toContain('kept for a contact');
    const counters = [...(hook('overlay-counters')?.querySelectorAll('div') ?? [])].map((line) => line.textContent);
    expect(counters).toContain('Carried for others now1 conversation');
    expect(counters).toContain('Carried since this page was opened2 KB');
    expect(counters).toContain('Carried at most64 KB a second');
    const diagnostics = JSON.parse(hook('diagnostics')?.dataset.json ?? '{}');
    expect(diagnostics.overlay).toEqual(overlay);
    expect(diagnostics.peerConnectionsOpened).toBe(3);
    await expectNoOverflow();
    document.documentElement.dir = 'rtl';
    await expectNoOverflow();
    expect(node.called('inviteDoor')).toEqual([]);
  });

  test('say in plain words how things stand', async () => {
    const { node } = await start(standing('only-relayed'));
    await click('settings');
    const state = await find('network-state');
    expect(state?.dataset.diagnosis).toBe('only-relayed');
    expect(state?.textContent).toContain('Your network lets nobody in: contacts reach you through relays.');
    node.change({ network: { ...emptySnapshot.network, diagnosis: 'no-connection' } });
    await until(() => hook('network-state')?.dataset.diagnosis === 'no-connection');
    expect(state?.dataset.trouble).toBe('true');
    expect(state?.textContent).toContain('no connection to them opens');
    node.change({ network: { ...emptySnapshot.network, diagnosis: 'open' } });
    await until(() => hook('network-state')?.dataset.diagnosis === 'open');
    node.change({ network: { ...emptySnapshot.network, diagnosis: 'no-relay' } });
    await until(() => hook('network-state')?.dataset.trouble === 'true');
    expect(state?.textContent).toContain('You hide your address, and there is no relay to a contact.');
  });

  test('say beside the switch that being found shows the address, and that nobody is found who hides it', async () => {
    const { node } = await start();
    await click('settings');
    expect((await find('discoverable'))?.textContent).toContain('learn your IP address');
    node.change({ settings: { ...emptySnapshot.settings, discoverable: true, relayOnly: true } });
    await until(() => hook('discoverable')?.textContent?.includes('while you hide your address') ?? false);
    expect(hook('discoverable')?.getAttribute('aria-checked')).toBe('true');
    await expectNoOverflow();
  });

  test('switch on and off how one may be found and reached, and what is carried for others', async () => {
    const { node } = await start();
    await click('settings');
    for (const [id, call] of [
      ['discoverable', 'setDiscoverable'],
      ['relay-only', 'setRelayOnly'],
    ] as const) {
      expect((await find(id))?.getAttribute('aria-checked')).toBe('false');
      await click(id);
      await until(() => hook(id)?.getAttribute('aria-checked') === 'true');
      expect(node.called(call)).toEqual([[call, true]]);
    }
    const cap = (await find('relaying-cap')) as unknown as HTMLSelectElement;
    expect(cap.value).toBe('262144');
    await userEvent.selectOptions(cap, '65536');
    await click('relaying');
    await until(() => hook('relaying-cap') === null);
    await click('relaying');
    await until(() => hook('relaying-cap') !== null);
    expect(node.called('setRelaying').map(([, value]) => value)).toEqual([65_536, null, 65_536]);
  });
});

test('whoever is in and reaches nobody finds the way to what they can do', async () => {
  const { node } = await start(standing('nobody-else'));
  await find('add-contact');
  expect(hook('network-help')).toBeNull();
  node.change({ network: { ...emptySnapshot.network, diagnosis: 'no-connection' } });
  await click('network-help');
  expect((await find('network-state'))?.dataset.diagnosis).toBe('no-connection');
});

describe('meeting without a tracker', () => {
  test('is offered where the page says that no door opens, with an invitation ready', async () => {
    await start(standing('no-door', { state: 'offline' }));
    await click('network-help');
    const state = await find('network-state');
    await until(() => (state?.getBoundingClientRect().top ?? 9999) < 300);
    const invitation = await until(() => hook('door-invite')?.dataset.text);
    expect(invitation).toMatch(/^kith-door1/);
    [...root.querySelectorAll('button')].find(({ textContent }) => textContent === 'Meet without a tracker')?.click();
    await until(() => document.activeElement?.id === 'door-title');
    await expectNoOverflow();
  });

  test('takes what they sent, answers it, and says why it cannot', async () => {
    const { node, platform } = await start();
    await click('settings');
    await click('door-submit');
    const alert = await find('door-error');
    expect([alert?.getAttribute('role'), alert?.dataset.code]).toEqual(['alert', 'door-empty']);
    await click('door-invite');
    await until(() => hook('door-invite')?.dataset.text);
    expect(hook('door-error')).toBeNull();
    await userEvent.fill(await field('door-answer'), `kith-door1${'abcd'.repeat(30)}`);
    await click('door-submit');
    await until(() => hook('door-invite')?.dataset.kind === 'answer');
    await click('door-copy');
    await until(() => platform.clipboard.startsWith('kith-answer1'));
    node.settleDoor(node.current.network.doorTexts.at(-1)?.id ?? '', 'met');
    await find('door-met');
  });

  test('shows an invitation as a code too, dark on white, with a name, and nothing to hand over when it is over', async () => {
    const { node } = await start();
    await click('settings');
    await click('door-invite');
    const code = (await find('door-qr')) as unknown as SVGSVGElement;
    expect([code.getAttribute('role'), code.getAttribute('aria-label')]).toEqual([
      'img',
      'Your invitation as a QR code',
    ]);
    expect(await readCode(code)).toBe(hook('door-invite')?.dataset.text?.toUpperCase());
    await expectNoOverflow();
    node.settleDoor(node.current.network.doorTexts[0]?.id ?? '', 'over');
    const over = await find('door-over');
    expect(over?.closest('[role="status"]')).not.toBeNull();
    expect([hook('door-qr'), hook('door-invite')?.dataset.text]).toEqual([null, undefined]);
    await click('door-invite');
    await until(() => hook('door-qr') !== null && hook('door-over') === null);
  });
});

describe('adding a contact by number', () => {
  const open = async (prepare?: (node: FakeNode) => void) => {
    const started = await start(withPeople, prepare);
    await click('add-contact');
    await click('pair-tab-number');
    return { ...started, input: await field('their-number') };
  };

  test('groups the digits while one types and points at what is wrong', async () => {
    const { input } = await open();
    const hint = () => root.querySelector<HTMLElement>('#their-number-hint')?.textContent;
    await userEvent.click(input);
    await userEvent.keyboard('3141592');
    expect(input.value).toBe('314 159 2');
    await until(() => hint() === '7 of 15 digits');
    await userEvent.keyboard('{ArrowLeft}{ArrowLeft}{Backspace}');
    await until(() => input.value === '314 15 2');
    expect(input.selectionStart).toBe(6);
    await userEvent.fill(input, '314 1S9');
    await until(() => hint() === '“S” is not a digit: check group 2');
    await userEvent.fill(input, '314159265358979');
    await until(() => hint()?.startsWith('A digit is wrong'));
    await click('number-submit');
    expect((await find('pair-error'))?.dataset.code).toBe('number-checksum');
  });

  test('asks whom one means when several answer, and shows how far they can be trusted', async () => {
    const { node, input } = await open((fake) => {
      fake.found = [
        { id: 'f1', number: bens, name: 'Ben' },
        { id: 'f2', number: bens, name: '' },
      ];
    });
    let found = () => {};
    node.lookupGate = new Promise((resolve) => {
      found = resolve;
    });
    await userEvent.fill(input, bens);
    await userEvent.keyboard('{Enter}');
    await find('number-searching');
    found();
    await until(() => all('number-found').length === 2);
    expect(hook('number-searching')).toBeNull();
    const [ben] = all('number-found');
    expect(ben?.textContent).toContain('Ben314 159 265 358 978Not verified');
    await expectNoOverflow();
    all('number-ask')[1]?.click();
    await until(() => node.called('callFound').length === 1);
    expect(node.called('callFound')).toEqual([['callFound', 'f2']]);
    await until(() => all('number-found').length === 0);
  });

  test('says what they must do when nobody is found', async () => {
    const { node, input } = await open((fake) =>
      fake.answers.set('findByNumber', { ok: false, kind: 'number-nobody', detail: {} }),
    );
    await userEvent.fill(input, bens);
    await click('number-submit');
    const alert = await find('pair-error');
    expect(alert?.getAttribute('role')).toBe('alert');
    expect(alert?.textContent).toContain('“May be found by number” switched on');
    node.answers.delete('findByNumber');
    node.found = [{ id: 'f1', number: bens, name: 'Ben' }];
    await click('number-submit');
    await until(() => hook('pair-error') === null && node.called('callFound').length === 1);
  });

  test('shows who was asked until they confirm, and leads to the conversation', async () => {
    const before = aConversation('old', { name: 'Asked before', state: 'waiting' });
    const { node, app } = await open((fake) =>
      fake.change({ conversations: [before, aConversation('c9', { name: 'Ben', number: bens, state: 'declined' })] }),
    );
    expect(hook('pair-asked')).toBeNull();
    // Somebody who had said no is asked again.
    const ben = aConversation('c9', { name: 'Ben', number: bens, state: 'waiting' });
    node.change({ conversations: [ben, before] });
    const line = await find('pair-asked');
    expect([all('pair-asked').length, line?.dataset.number]).toEqual([1, bens]);
    expect(line?.textContent).toContain('You asked Ben.314 159 265 358 978Waiting for them to confirm');
    await expectNoOverflow();
    // What had the focus has gone with the line: one goes on from the title.
    line?.querySelector('button')?.focus();
    node.change({ conversations: [before, { ...ben, state: 'declined' }] });
    await until(() => hook('pair-asked') === null && document.activeElement !== document.body);
    node.change({ conversations: [ben, before] });
    (await find('pair-asked'))?.querySelector('button')?.click();
    // What a screen does when it closes comes a frame later.
    await until(() => hook('their-number') === null && app.pairing.asked.value.length === 0);
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c9' });
    await click('add-contact');
    await click('pair-tab-number');
    await find('their-number');
    expect(hook('pair-asked')).toBeNull();
  });

  test('is a tab that the arrow keys reach, whichever way the page runs', async () => {
    const { app } = await open();
    // The title takes the focus when the screen opens.
    await until(() => document.activeElement?.textContent === 'Add a contact');
    hook('pair-tab-number')?.focus();
    for (const way of ['bluetooth', 'qr', 'text']) {
      await userEvent.keyboard('{ArrowLeft}');
      await until(() => document.activeElement === hook(`pair-tab-${way}`));
    }
    expect([app.pairing.way.value, hook('their-card') !== null]).toEqual(['text', true]);
    expect(hook('pair-tab-number')?.tabIndex).toBe(-1);
    document.documentElement.dir = 'rtl';
    for (const way of ['qr', 'bluetooth', 'number']) {
      await userEvent.keyboard('{ArrowLeft}');
      await until(() => document.activeElement === hook(`pair-tab-${way}`));
    }
    await find('their-number');
  });
});

test('whoever found my number cannot be accepted as verified', async () => {
  const request = { id: 'r1', number: bens, name: 'Ben', knownAs: null, blocked: false, way: 'number' } as const;
  const { node } = await start({ ...withPeople, requests: [request] });
  const banner = await find('pair-request');
  expect(banner?.textContent).toContain('Ben found you by your number');
  expect(hook('pair-accept-verified')).toBeNull();
  await click('pair-accept');
  await until(() => node.called('answerRequest').length === 1);
  expect(node.called('answerRequest')).toEqual([['answerRequest', 'r1', 'accept']]);
});

describe('how a contact is reached', () => {
  test('is told in words, and as a sign where others carry it', async () => {
    const { node } = await start();
    const [ben, cleo] = all('conversation');
    expect([ben?.dataset.route, cleo?.dataset.route]).toEqual(['direct', 'relayed']);
    expect(ben?.querySelector('.row-route')?.textContent).toBe('direct connection');
    expect(ben?.querySelector('.row-route svg')).toBeNull();
    const sign = cleo?.querySelector('.row-route');
    expect([sign?.textContent, sign?.getAttribute('title')]).toEqual([
      'relayed by others',
      'Through other people’s browsers, which cannot read it',
    ]);
    expect(sign?.querySelector('svg')).not.toBeNull();
    cleo?.click();
    const header = await find('contact-page');
    const described = document.getElementById(header?.getAttribute('aria-describedby') ?? '');
    expect(described?.textContent).toBe('Online · relayed by others');
    node.changeConversation('c2', { presence: 'offline', route: 'none' });
    await until(() => cleo?.querySelector('.row-route') === null);
  });
});
