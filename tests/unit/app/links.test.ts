// An invitation link that is opened: what is asked, when a click counts, and what becomes of the history.
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/kith.ts';
import { Invited, REST_MS } from '../../../src/app/meet/invited.ts';
import { handlerLink, isLocalOnly, linkTo } from '../../../src/app/meet/link.ts';
import { hintFor } from '../../../src/app/pairing.ts';
import { aConversation, emptySnapshot, FakeNode, sampleCard } from '../../fixtures/fake-node.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';
import { settled, startApp } from './harness.ts';

const screen = (app: ReturnType<typeof createApp>) => app.navigation.screen.value.name;

async function opened(fragment: string) {
  const [node, platform] = [new FakeNode(), new FakePlatform()];
  platform.fragments.first = fragment;
  const app = createApp(node, platform);
  await settled();
  return { app, node, platform };
}

describe('a page that is opened by an invitation link', () => {
  it('asks first, keeps the link in memory alone, and Back leaves it', async () => {
    const { app, node, platform } = await opened(sampleCard);
    expect([screen(app), app.invitation.value]).toEqual(['invitation', sampleCard]);
    expect(JSON.stringify(platform.history.current())).not.toContain(sampleCard);
    expect([...node.called('takeLink'), ...node.called('takeCard')]).toEqual([]);
    platform.pressBack();
    expect(screen(app)).toBe('home');
  });

  it.each(['', 'top', 'L12', 'message=1'])('goes home when it is none: #%s', async (fragment) => {
    const { app, platform } = await opened(fragment);
    expect([screen(app), app.invitation.value, platform.historyLength]).toEqual(['home', null, 1]);
  });

  it('comes back to what lies below when there is no link in memory any more, as after a reload', async () => {
    const { app, platform } = await opened(sampleCard);
    const again = createApp(new FakeNode(), platform);
    platform.fragments.first = '';
    await settled();
    expect(screen(app)).toBe('invitation');
    const reloaded = createApp(new FakeNode(), platform);
    await settled();
    expect([screen(again), screen(reloaded)]).toEqual(['invitation', 'home']);
  });
});

describe('a link that is opened in a page that is there already', () => {
  const withBen = { ...emptySnapshot, conversations: [aConversation('c1')] };

  it('is asked about over what was open, and no leads back there', async () => {
    const { app, platform } = await startApp(withBen);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    platform.openFragment(sampleCard);
    expect(screen(app)).toBe('invitation');
    app.invitation.value = null;
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c1' });
    platform.pressBack();
    expect(screen(app)).toBe('home');
  });

  it('takes the place of one that is asked about already, and one no is enough for both', async () => {
    const { app, platform } = await startApp(withBen);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    platform.openFragment(sampleCard);
    platform.openFragment(`web%2Bkith%3A${sampleCard}`);
    expect(app.invitation.value).toBe(`web%2Bkith%3A${sampleCard}`);
    app.invitation.value = null;
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c1' });
  });

  it('that is none changes nothing that is on screen', async () => {
    const { app, platform } = await startApp(withBen);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    platform.openFragment('elsewhere');
    expect([app.navigation.screen.value, app.invitation.value]).toEqual([{ name: 'conversation', id: 'c1' }, null]);
    platform.pressBack();
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c1' });
    platform.pressBack();
    expect(screen(app)).toBe('home');
  });
});

describe('the question', () => {
  async function ask(prepare: (node: FakeNode) => void = () => undefined) {
    const { app, node, platform } = await startApp();
    prepare(node);
    const invited = new Invited(node, platform, app.looking, sampleCard);
    const close = invited.open();
    await settled();
    return { invited, node, platform, close };
  }

  it('takes no click before it has been in sight for a while', async () => {
    const { invited, node, platform } = await ask();
    expect([invited.ready.value, await invited.take()]).toEqual([false, false]);
    platform.advance(REST_MS - 1);
    expect(await invited.take()).toBe(false);
    platform.advance(1);
    expect(await invited.take()).toBe(true);
    expect(node.called('takeLink')).toEqual([['takeLink', sampleCard]]);
  });

  it('rests again whenever the page comes back into sight', async () => {
    const { invited, platform, node } = await ask();
    platform.advance(REST_MS);
    platform.look(false);
    platform.advance(10 * REST_MS);
    expect(await invited.take()).toBe(false);
    platform.look(true);
    expect(await invited.take()).toBe(false);
    platform.advance(REST_MS);
    expect(await invited.take()).toBe(true);
    expect(node.called('takeLink')).toHaveLength(1);
  });

  it('says to whom it leads when they are known', async () => {
    const { invited } = await ask((node) => {
      node.linkView = { knownAs: 'Cleo', blocked: true };
    });
    expect(invited.view.value).toEqual({ knownAs: 'Cleo', blocked: true });
  });

  it.each(['link-broken', 'link-own', 'link-used', 'card-version'] as const)(
    'is not asked of a link that is %s',
    async (kind) => {
      const { invited, node, platform } = await ask((one) =>
        one.answers.set('readLink', { ok: false, kind, detail: {} }),
      );
      platform.advance(REST_MS);
      expect([invited.view.value, invited.error.value?.kind, await invited.take()]).toEqual([null, kind, false]);
      expect(node.called('takeLink')).toEqual([]);
    },
  );

  it('says why when the link was used up meanwhile, and takes two quick clicks for one', async () => {
    const { invited, node, platform } = await ask();
    platform.advance(REST_MS);
    node.answers.set('takeLink', { ok: false, kind: 'link-used', detail: {} });
    expect(await Promise.all([invited.take(), invited.take()])).toEqual([false, false]);
    expect([invited.view.value, invited.error.value?.kind]).toEqual([null, 'link-used']);
    expect(node.called('takeLink')).toHaveLength(1);
  });

  it('leaves no timer behind', async () => {
    const { invited, platform, close } = await ask();
    close();
    platform.advance(REST_MS);
    expect(invited.ready.value).toBe(false);
  });
});

describe('my link', () => {
  it('is the page’s folder with the card behind the #, or leads to whichever Kith they have', () => {
    expect(linkTo('https://kith.example/app/', sampleCard)).toBe(`https://kith.example/app/#${sampleCard}`);
    expect(handlerLink(sampleCard)).toBe(`web+kith:${sampleCard}`);
  });

  it.each([
    ['http://localhost:4173/', true],
    ['http://127.0.0.1:80/x/', true],
    ['http://[::1]/', true],
    ['https://localhost.example/', false],
    ['https://192.168.1.5/', false],
  ])('at %s opens on this device alone: %s', (address, alone) => {
    expect(isLocalOnly(address)).toBe(alone);
  });

  it('is made when somebody wants one, and goes when it expires', async () => {
    const { app, node, platform } = await startApp();
    await app.pairing.open();
    expect([node.called('newLink'), app.pairing.link.value]).toEqual([[], null]);
    expect(await app.pairing.makeLink()).toBe(true);
    expect(app.pairing.link.value?.text).toBe(sampleCard);
    node.change({ link: { text: sampleCard, expiresAt: platform.now() } });
    expect(app.pairing.link.value).toBeNull();
    node.answers.set('newLink', { ok: false, kind: 'disk-full', detail: {} });
    expect([await app.pairing.makeLink(), app.pairing.error.value?.kind]).toEqual([false, 'disk-full']);
  });

  it('pasted where a card goes is told apart at once', () => {
    for (const text of [
      `https://kith.example/#${sampleCard}`,
      `web+kith:${sampleCard}`,
      `HTTPS://X/#${sampleCard.toUpperCase()}`,
    ])
      expect(hintFor(text)).toEqual({ kind: 'link' });
    expect(hintFor('https://kith.example/#menu')).toEqual({ kind: 'prefix' });
  });

  it('that failed is told where cards are', async () => {
    const { app, node } = await startApp();
    node.change({ attempts: [{ id: 'a1', state: 'failed', kind: 'link-expired', startedAt: 0, way: 'link' }] });
    expect([app.pairing.error.value?.kind, app.pairing.numberError.value]).toEqual(['link-expired', null]);
  });
});

describe('what the browser refuses', () => {
  it('to copy is selected for the person, where it can be', async () => {
    const { app, platform } = await startApp();
    let selected = 0;
    await app.copy('x', () => (selected += 1));
    expect([platform.clipboard, selected, app.toasts.text.value]).toEqual(['x', 0, app.t.copied]);
    platform.copyRefused = true;
    await app.copy('y', () => (selected += 1));
    expect([selected, app.toasts.text.value]).toEqual([1, app.t.copySelected]);
    await app.copy('z');
    expect(app.toasts.text.value).toBe(app.t.copyFailed);
  });

  it('to share is told; who closes the sheet is left alone', async () => {
    const { app, platform } = await startApp();
    platform.share = async () => true;
    await app.share({ url: 'https://kith.example/' });
    expect(app.toasts.text.value).toBe('');
    platform.share = async () => false;
    await app.share({ text: sampleCard });
    expect(app.toasts.text.value).toBe(app.t.shareFailed);
  });
});
