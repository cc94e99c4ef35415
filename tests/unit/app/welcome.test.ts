// Somebody becomes a contact: where the person waited for it, the conversation opens; elsewhere there is a word.
import { describe, expect, it } from 'vitest';
import { aConversation, emptySnapshot } from '../../fixtures/fake-node.ts';
import { settled, startApp } from './harness.ts';

const ana = aConversation('c1', { name: 'Ana', number: '111111111111118' });
const request = {
  id: 'r1',
  number: '222222222222226',
  name: 'Ben',
  knownAs: null,
  blocked: false,
  way: 'card',
} as const;
const ben = aConversation('c2', { name: 'Ben', number: request.number });
const asked = { ...emptySnapshot, conversations: [ana], requests: [request] };

describe('who accepts', () => {
  it('sees the conversation as soon as it is there, and Back leads past the card', async () => {
    const { app, node, platform } = await startApp(asked);
    app.navigation.open({ name: 'add-contact' });
    await app.answer('r1', 'accept');
    expect(app.navigation.screen.value.name).toBe('add-contact');
    node.change({ conversations: [{ ...ben, number: '' }, ana] });
    node.change({ conversations: [ben, ana] });
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c2' });
    platform.pressBack();
    expect(app.navigation.screen.value.name).toBe('home');
  });

  it('is taken there from any screen, which stays below', async () => {
    const { app, node } = await startApp(asked);
    app.navigation.open({ name: 'settings' });
    await app.answer('r1', 'accept-verified');
    node.change({ conversations: [ben, ana] });
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c2' });
  });

  it('is left alone when they went elsewhere while the answer was being taken', async () => {
    const { app, node } = await startApp(asked);
    app.navigation.open({ name: 'add-contact' });
    const answered = app.answer('r1', 'accept');
    app.navigation.close();
    await answered;
    node.change({ conversations: [ben, ana] });
    expect(app.navigation.screen.value.name).toBe('home');
  });

  it('is left alone after going elsewhere, and when they refused', async () => {
    const { app, node } = await startApp(asked);
    await app.answer('r1', 'accept');
    app.navigation.open({ name: 'settings' });
    node.change({ conversations: [ben, ana] });
    expect(app.navigation.screen.value.name).toBe('settings');
    node.change({ requests: [request], conversations: [ana] });
    app.navigation.close();
    await app.answer('r1', 'refuse');
    node.change({ conversations: [ben, ana] });
    expect(app.navigation.screen.value.name).toBe('home');
  });

  it('comes to the known conversation when a contact renews', async () => {
    const renewal = { ...request, number: ana.number, name: 'Ana', knownAs: 'Ana' };
    const { app } = await startApp({ ...asked, requests: [renewal] });
    await app.answer('r1', 'accept');
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c1' });
  });

  it('never comes to a contact whose number a stranger made to fit', async () => {
    const { app, node } = await startApp({ ...asked, requests: [{ ...request, number: ana.number }] });
    await app.answer('r1', 'accept');
    expect(app.navigation.screen.value.name).toBe('home');
    node.change({ conversations: [ana, { ...ben, number: ana.number }] });
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c2' });
  });

  it('stays where they are when the answer was not taken', async () => {
    const { app, node } = await startApp(asked);
    node.answers.set('answerRequest', { ok: false, kind: 'card-cancelled', detail: {} });
    await app.answer('r1', 'accept');
    node.change({ conversations: [ben, ana] });
    expect(app.navigation.screen.value.name).toBe('home');
  });
});

describe('who took a card', () => {
  const waiting = { ...emptySnapshot, conversations: [{ ...ben, state: 'waiting' as const }, ana] };

  it('sees the conversation when the other confirms, on the screen where they wait', async () => {
    const { app, node } = await startApp(waiting);
    app.navigation.open({ name: 'add-contact' });
    node.change({ conversations: [ben, ana] });
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'c2' });
    expect(app.toasts.text.value).toContain('Ben');
  });

  it.each(['typing the next card', 'somewhere else'])('only hears of it while %s', async (where) => {
    const { app, node } = await startApp(waiting);
    if (where === 'somewhere else') app.navigation.open({ name: 'conversation', id: 'c1' });
    else {
      app.navigation.open({ name: 'add-contact' });
      app.pairing.type('kith1q');
    }
    const { name } = app.navigation.screen.value;
    node.change({ conversations: [ben, ana] });
    await settled();
    expect(app.navigation.screen.value.name).toBe(name);
    expect(app.toasts.text.value).toContain('Ben');
  });
});
