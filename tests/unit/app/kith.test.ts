import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/kith.ts';
import { KithError } from '../../../src/core/errors.ts';
import { aConversation, aMessage, anAttachment, emptySnapshot, FakeNode } from '../../fixtures/fake-node.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';
import { settled, startApp } from './harness.ts';

const two = {
  ...emptySnapshot,
  conversations: [aConversation('c1', { unread: 2 }), aConversation('c2', { unread: 1 })],
};

describe('unread messages', () => {
  it('are counted in the title and on the icon, without a name', async () => {
    const { app, node, platform } = await startApp(two);
    expect(app.unread.value).toBe(3);
    expect([platform.title, platform.badge]).toEqual(['(3) Kith', 3]);
    node.changeConversation('c1', { unread: 0 });
    node.changeConversation('c2', { unread: 0 });
    expect([platform.title, platform.badge]).toEqual(['Kith', 0]);
  });
});

describe('read marks', () => {
  const withMessages = () => startApp(two, (node) => node.seed([aMessage('c1', 1), aMessage('c1', 2)]));

  it('are given when the conversation is open, in focus and scrolled to its end', async () => {
    const { app, node } = await withMessages();
    expect(node.called('markRead')).toEqual([]);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    await settled();
    expect(node.called('markRead')).toEqual([['markRead', 'c1', 2]]);
    node.put(aMessage('c1', 3));
    expect(node.called('markRead')).toHaveLength(2);
  });

  it('are not given while nobody looks, and follow when somebody does', async () => {
    const { app, node, platform } = await withMessages();
    platform.look(false);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    await settled();
    expect(node.called('markRead')).toEqual([]);
    platform.look(true);
    expect(node.called('markRead')).toEqual([['markRead', 'c1', 2]]);
  });

  it('are not given for what arrives below while one reads further up', async () => {
    const { app, node } = await withMessages();
    app.navigation.open({ name: 'conversation', id: 'c1' });
    await settled();
    app.conversation('c1').atEnd.value = false;
    node.put(aMessage('c1', 3));
    expect(node.called('markRead')).toHaveLength(1);
    app.conversation('c1').atEnd.value = true;
    expect(node.called('markRead').at(-1)).toEqual(['markRead', 'c1', 3]);
  });

  it('are not given for a conversation that is not on screen, nor for my own messages', async () => {
    const { app, node } = await withMessages();
    app.navigation.open({ name: 'conversation', id: 'c1' });
    await settled();
    app.navigation.open({ name: 'settings' });
    node.put(aMessage('c1', 3));
    expect(node.called('markRead')).toHaveLength(1);
    app.navigation.open({ name: 'conversation', id: 'c2' });
    await settled();
    node.put(aMessage('c2', 1, { direction: 'out' }));
    expect(node.called('markRead')).toHaveLength(1);
  });

  it('begin anew after the conversation was cleared', async () => {
    const { app, node } = await withMessages();
    app.navigation.open({ name: 'conversation', id: 'c1' });
    await settled();
    node.emit({ type: 'cleared', conversationId: 'c1' });
    node.put(aMessage('c1', 1));
    expect(node.called('markRead').at(-1)).toEqual(['markRead', 'c1', 1]);
    expect(node.called('markRead')).toHaveLength(2);
  });
});

describe('the line above new messages', () => {
  it('stands at the first unread one and goes when I answer', async () => {
    const { app } = await startApp(two, (node) =>
      node.seed([aMessage('c1', 1), aMessage('c1', 2), aMessage('c1', 3, { direction: 'out' }), aMessage('c1', 4)]),
    );
    app.navigation.open({ name: 'conversation', id: 'c1' });
    await settled();
    const conversation = app.conversation('c1');
    expect(conversation.firstUnreadId.value).toBe('c1-2');
    conversation.composer.type('hi');
    await conversation.send();
    expect(conversation.firstUnreadId.value).toBeNull();
  });
});

/** The page again, in the same tab of the same browser. */
async function reload(platform: FakePlatform, prepare?: (node: FakeNode) => void) {
  const node = new FakeNode(two);
  prepare?.(node);
  const app = createApp(node, platform);
  await settled();
  return { app, node };
}

describe('navigation', () => {
  it('goes back through the screens with the Back button', async () => {
    const { app, platform } = await startApp(two);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    app.navigation.open({ name: 'contact', id: 'c1' });
    platform.pressBack();
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c1' });
    platform.pressBack();
    expect(app.navigation.screen.value).toEqual({ name: 'home' });
  });

  it('closes to the screen below without growing the history', async () => {
    const { app, platform } = await startApp(two);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    app.navigation.close();
    expect(app.navigation.screen.value.name).toBe('home');
    expect(platform.historyLength).toBe(1);
  });

  it('closes one level at a time with Escape, questions first, and stops at home', async () => {
    const { app } = await startApp(two);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    app.navigation.open({ name: 'contact', id: 'c1' });
    const asking = app.questions.ask({ title: '?', body: '', yes: 'Yes' });
    expect(app.escape()).toBe(true);
    expect(await asking).toBe(false);
    expect(app.navigation.screen.value.name).toBe('contact');
    expect([app.escape(), app.escape(), app.escape()]).toEqual([true, true, false]);
  });

  it('never leads out of the app, however fast one closes: what is asked for waits for the step back', async () => {
    const { app, platform } = await startApp(two);
    platform.backsTakeTime = true;
    app.navigation.open({ name: 'conversation', id: 'c1' });
    app.navigation.open({ name: 'contact', id: 'c1' });
    for (let press = 0; press < 4; press += 1) app.escape();
    platform.goBack();
    platform.goBack();
    platform.goBack();
    expect(app.navigation.screen.value.name).toBe('home');
    expect([platform.historyLength, platform.stepsOut]).toEqual([1, 0]);

    app.navigation.open({ name: 'add-contact' });
    app.escape();
    app.navigation.open({ name: 'settings' });
    app.escape();
    app.escape();
    platform.goBack();
    platform.goBack();
    expect(app.navigation.screen.value.name).toBe('home');
    expect([platform.historyLength, platform.stepsOut]).toEqual([1, 0]);
  });

  it('closes where the browser has forgotten what lay below', async () => {
    const { app, platform } = await startApp(two);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    platform.forgetEntries();
    app.navigation.close();
    expect(platform.stepsOut).toBe(1);
    platform.advance(1_000);
    expect(app.navigation.screen.value.name).toBe('home');
    expect(platform.history.current()).toEqual({ screen: { name: 'home' }, below: null });
  });

  it('leaves the screen of a contact that was removed', async () => {
    const { app, node, platform } = await startApp(two);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    app.navigation.open({ name: 'contact', id: 'c1' });
    node.change({ conversations: [aConversation('c2')] });
    expect(app.navigation.screen.value.name).toBe('home');
    expect(platform.historyLength).toBe(1);
  });

  it('passes those who were removed on the way back', async () => {
    const { app, node, platform } = await startApp(two);
    app.navigation.open({ name: 'conversation', id: 'c2' });
    app.navigation.open({ name: 'conversation', id: 'c1' });
    app.navigation.open({ name: 'contact', id: 'c1' });
    app.navigation.open({ name: 'settings' });
    node.change({ conversations: [aConversation('c2')] });
    expect(app.navigation.screen.value.name).toBe('settings');
    platform.pressBack();
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c2' });
  });

  it('comes back after a reload, and Back leads on through what was open before', async () => {
    const { app, platform } = await startApp(two);
    app.navigation.open({ name: 'conversation', id: 'c2' });
    app.navigation.open({ name: 'contact', id: 'c2' });
    const { app: again } = await reload(platform);
    expect(again.navigation.screen.value).toEqual({ name: 'contact', id: 'c2' });
    again.navigation.close();
    expect(again.navigation.screen.value).toEqual({ name: 'conversation', id: 'c2' });
    expect(platform.historyLength).toBe(2);
    platform.pressBack();
    expect(again.navigation.screen.value).toEqual({ name: 'home' });
    expect(platform.historyLength).toBe(1);
  });

  it('opens the conversation of before the reload once the node has told what is unread in it', async () => {
    const { app, platform } = await startApp(two);
    app.navigation.open({ name: 'conversation', id: 'c2' });
    const { app: again } = await reload(platform, (node) => {
      node.change({ conversations: [aConversation('c2', { unread: 1 })] });
      node.seed([aMessage('c2', 1), aMessage('c2', 2)]);
    });
    expect(again.conversation('c2').firstUnreadId.value).toBe('c2-2');
  });

  it('goes home after a reload when the conversation is no more', async () => {
    const { app, platform } = await startApp(two);
    app.navigation.open({ name: 'conversation', id: 'c2' });
    const { app: again, node } = await reload(platform, (fake) => fake.change({ conversations: [] }));
    expect(again.navigation.screen.value.name).toBe('home');
    expect(platform.historyLength).toBe(1);
    expect(node.called('listMessages')).toEqual([]);
  });

  it.each([7, 'home', null, {}, { screen: { name: 'conversation' } }, { screen: { name: 'elsewhere', id: 'c1' } }])(
    'goes home where the history holds %j, which is not ours',
    async (state) => {
      const platform = new FakePlatform();
      platform.history.replace(state as object);
      const { app } = await reload(platform);
      expect(app.navigation.screen.value).toEqual({ name: 'home' });
      expect(platform.history.current()).toEqual({ screen: { name: 'home' }, below: null });
    },
  );

  it('writes no name and no number into the history', async () => {
    const { app, platform } = await startApp(two);
    app.navigation.open({ name: 'conversation', id: 'c1' });
    expect(platform.history.current()).toEqual({
      screen: { name: 'conversation', id: 'c1' },
      below: { name: 'home' },
    });
  });
});

describe('questions before what cannot be undone', () => {
  it('do nothing on no, and the deed on yes', async () => {
    const { app, node } = await startApp(two);
    const conversation = app.conversation('c1');
    const first = app.askAndDo(conversation, 'remove');
    app.questions.open.value?.answer(false);
    await first;
    expect(node.called('removeContact')).toEqual([]);
    const second = app.askAndDo(conversation, 'remove');
    app.questions.open.value?.answer(true);
    await second;
    expect(node.called('removeContact')).toEqual([['removeContact', 'c1']]);
  });
});

describe('the app', () => {
  it('says why it cannot start when the store does not open', async () => {
    const node = new FakeNode();
    node.snapshot = () => Promise.reject(new KithError('database-newer'));
    const app = createApp(node, new FakePlatform());
    await settled();
    expect(app.fatal.value).toBe('database-newer');
  });

  it('says so too when the error came from another tab and lost its class', async () => {
    const node = new FakeNode();
    node.snapshot = () => Promise.reject({ kind: 'data-key-missing' });
    const app = createApp(node, new FakePlatform());
    await settled();
    expect(app.fatal.value).toBe('data-key-missing');
  });

  it('keeps the screen awake while a file moves, and only then', async () => {
    const { node, platform } = await startApp(two);
    const moving = aMessage('c1', 1, { attachment: anAttachment({ state: 'transferring', progress: 0.5 }) });
    node.put(moving);
    expect(platform.awake).toBe(true);
    node.put({ ...moving, attachment: anAttachment() });
    expect(platform.awake).toBe(false);
  });

  it('knows which names are shared', async () => {
    const names = ['Jo', 'Ben', 'Jo'].map((name, index) => aConversation(`c${index}`, { name }));
    const { app } = await startApp({ ...emptySnapshot, conversations: names });
    expect([...app.sharedNames.value]).toEqual(['Jo']);
  });

  it('tells of a new contact once both agreed', async () => {
    const { app, node } = await startApp(two);
    node.change({ conversations: [...two.conversations, aConversation('c3', { name: 'Cleo', state: 'waiting' })] });
    expect(app.toasts.text.value).toBe('');
    node.changeConversation('c3', { state: 'active' });
    expect(app.toasts.text.value).toBe('Cleo is now in your list');
  });

  it('frees object URLs only when the last place that shows a file lets go', async () => {
    const { app, node, platform } = await startApp(two);
    const message = aMessage('c1', 1, { attachment: anAttachment({ kind: 'image', type: 'image/png' }) });
    node.blobs.set(message.id, new Blob(['png'], { type: 'image/png' }));
    expect(await app.previews.hold(message)).toMatchObject({ kind: 'image', width: 640 });
    await app.previews.hold(message);
    app.previews.release(message.id);
    await settled();
    expect(platform.urls.size).toBe(1);
    app.previews.release(message.id);
    await settled();
    expect(platform.urls.size).toBe(0);
  });

  it('opens a preview again for whoever asks next when it could not be opened, and holds it as long as that one does', async () => {
    const { app, node, platform } = await startApp(two);
    const message = aMessage('c1', 1, { attachment: anAttachment({ kind: 'image', type: 'image/png' }) });
    node.blobs.set(message.id, new Blob(['png'], { type: 'image/png' }));
    const open = node.openAttachment.bind(node);
    node.openAttachment = () => Promise.reject(new KithError('storage-unavailable'));
    expect(await app.previews.hold(message)).toBeNull();
    node.openAttachment = open;
    expect(await app.previews.hold(message)).toMatchObject({ kind: 'image' });
    app.previews.release(message.id);
    await settled();
    expect(platform.urls.size).toBe(1);
    app.previews.release(message.id);
    await settled();
    expect(platform.urls.size).toBe(0);
  });

  it('previews nothing that is not what it says, nor a picture too large to decode', async () => {
    const { app, node, platform } = await startApp(two);
    const message = aMessage('c1', 1, { attachment: anAttachment({ kind: 'image', type: 'image/png' }) });
    node.blobs.set(message.id, new Blob(['<svg/>'], { type: 'application/octet-stream' }));
    expect(await app.previews.hold(message)).toBe(false);
    app.previews.release(message.id);
    node.blobs.set(message.id, new Blob(['png'], { type: 'image/png' }));
    platform.imageSizes = null;
    expect(await app.previews.hold(message)).toBe(false);
  });
});

describe('the lock', () => {
  const open = { ...two, lock: { state: 'open', autoLock: 0 } } as const;

  it('takes everything off the page when the keys go: the page is reloaded', async () => {
    const { node, platform } = await startApp(open);
    node.emit({ type: 'locked' });
    expect(platform.reloads).toBe(1);
  });

  it('does the same when the tab with the keys was closed, and shows nothing of what comes then', async () => {
    const { app, node, platform } = await startApp(open);
    node.change({ conversations: [], lock: { state: 'locked', autoLock: 0 } });
    expect(platform.reloads).toBe(1);
    expect(app.snapshot.value?.lock.state).toBe('open');
  });

  it('opens without a reload when the passphrase was given in any tab', async () => {
    const { app, node, platform } = await startApp({
      ...emptySnapshot,
      identity: null,
      lock: { state: 'locked', autoLock: 0 },
    });
    node.change(open);
    expect(platform.reloads).toBe(0);
    expect(app.list.value).toHaveLength(2);
    // Nobody of them is new.
    expect(app.navigation.screen.value).toEqual({ name: 'home' });
    expect(app.toasts.text.value).toBe('');
  });

  it('asks for no messages while it is locked, and comes back to the conversation that was open', async () => {
    const shut = { ...emptySnapshot, identity: null, lock: { state: 'locked', autoLock: 0 } } as const;
    const { app, node } = await startApp(shut, (_, platform) =>
      platform.history.replace({ screen: { name: 'conversation', id: 'c1' }, below: null }),
    );
    await settled();
    expect(node.called('listMessages')).toEqual([]);
    expect(app.open.value).toBeNull();
    node.change(open);
    await settled();
    expect(app.open.value?.id).toBe('c1');
    expect(node.called('listMessages').length).toBeGreaterThan(0);
  });
});
