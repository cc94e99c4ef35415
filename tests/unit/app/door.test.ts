import { describe, expect, it } from 'vitest';
import { emptySnapshot, type FakeNode } from '../../fixtures/fake-node.ts';
import { settled, startApp } from './harness.ts';

const theirs = `kith-door1${'abcd'.repeat(20)}`;
const answer = `kith-answer1${'abcd'.repeat(20)}`;

const network = (node: FakeNode, more: object) => node.change({ network: { ...node.current.network, ...more } });

describe('meeting without a tracker', () => {
  it('makes an invitation when asked, and a new one when asked again', async () => {
    const { app, node } = await startApp();
    await app.door.open();
    expect(app.door.mine.value).toBeNull();
    await app.door.invite();
    expect(app.door.mine.value?.kind).toBe('invitation');
    await app.door.invite();
    expect(node.called('inviteDoor')).toHaveLength(2);
  });

  it('has one ready for whoever has no other way in, and makes no other by itself', async () => {
    const { app, node } = await startApp();
    network(node, { diagnosis: 'no-door' });
    await app.door.open();
    await app.door.open();
    expect(app.door.mine.value?.text).toMatch(/^kith-door1/);
    expect(node.called('inviteDoor')).toHaveLength(1);
  });

  it('says nothing when the invitation that nobody asked for cannot be made', async () => {
    const { app, node } = await startApp();
    node.answers.set('inviteDoor', { ok: false, kind: 'door-failed', detail: {} });
    network(node, { diagnosis: 'nobody-else' });
    await app.door.open();
    expect([app.door.mine.value, app.door.error.value]).toEqual([null, null]);
    await app.door.invite();
    expect(app.door.error.value?.kind).toBe('door-failed');
  });

  it('answers an invitation, whatever mail made of its lines, and is done when that answer is used', async () => {
    const { app, node } = await startApp();
    app.door.type(` ${theirs.slice(0, 30)}\r\n${theirs.slice(30)}\n`);
    await app.door.submit();
    expect(node.called('answerDoor')).toEqual([['answerDoor', theirs]]);
    expect(app.door.mine.value).toMatchObject({ kind: 'answer' });
    expect([app.door.typed.value, app.door.met.value]).toEqual(['', false]);
    node.settleDoor(app.door.mine.value?.id ?? '', 'met');
    expect([app.door.mine.value, app.door.met.value]).toEqual([null, true]);
  });

  it('keeps the answer of a helper who is in already, whoever else comes and goes', async () => {
    const { app, node } = await startApp();
    network(node, { neighbours: 3 });
    app.door.type(theirs);
    await app.door.submit();
    const mine = app.door.mine.value;
    for (const neighbours of [4, 2, 5]) network(node, { neighbours });
    expect([app.door.mine.value, app.door.met.value]).toEqual([mine, false]);
    // As when there is no room for one more, or another went at the same time.
    node.settleDoor(mine?.id ?? '', 'met');
    expect([app.door.mine.value, app.door.met.value]).toEqual([null, true]);
  });

  it('keeps the answer that is shown when another’s answer to an earlier invitation is used', async () => {
    const { app, node } = await startApp();
    await app.door.invite();
    app.door.type(theirs);
    await app.door.submit();
    app.door.type(answer);
    await app.door.submit();
    expect([app.door.mine.value?.kind, app.door.met.value]).toEqual(['answer', true]);
    node.settleDoor(app.door.mine.value?.id ?? '', 'over');
    expect(app.door.over.value).toBe(true);
  });

  it('says that a text is over, and makes another when asked', async () => {
    const { app, node } = await startApp();
    await app.door.invite();
    const first = app.door.mine.value;
    expect(app.door.over.value).toBe(false);
    node.settleDoor(first?.id ?? '', 'over');
    expect([app.door.over.value, app.door.met.value]).toEqual([true, false]);
    await app.door.invite();
    expect(app.door.over.value).toBe(false);
    expect(app.door.mine.value?.id).not.toBe(first?.id);
  });

  it('says so too when the page that made the text is gone, and with it what waited', async () => {
    const { app, node } = await startApp();
    await app.door.invite();
    network(node, { doorTexts: [] });
    expect(app.door.over.value).toBe(true);
  });

  it('opens the link with the answer to its own invitation', async () => {
    const { app, node } = await startApp();
    await app.door.invite();
    app.door.type(answer);
    await app.door.submit();
    expect(node.called('acceptDoor')).toEqual([['acceptDoor', answer]]);
    expect([app.door.mine.value, app.door.met.value]).toEqual([null, true]);
  });

  it('says what is wrong, keeps what was pasted, and forgets the alert as the next attempt begins', async () => {
    const { app, node } = await startApp();
    await app.door.submit();
    expect(app.door.error.value?.kind).toBe('door-empty');
    app.door.type('hello');
    await app.door.submit();
    expect(app.door.error.value?.kind).toBe('door-malformed');
    await app.door.invite();
    app.door.type(app.door.mine.value?.text ?? '');
    await app.door.submit();
    expect(app.door.error.value?.kind).toBe('door-own');
    node.answers.set('acceptDoor', { ok: false, kind: 'door-unexpected', detail: {} });
    app.door.type(answer);
    await app.door.submit();
    expect([app.door.error.value?.kind, app.door.typed.value]).toEqual(['door-unexpected', answer]);
    const next = app.door.submit();
    expect(app.door.error.value).toBeNull();
    await next;
  });

  it('does one thing at a time', async () => {
    const { app, node } = await startApp(emptySnapshot);
    const both = [app.door.invite(), app.door.invite(), app.door.submit()];
    await Promise.all(both);
    await settled();
    expect(node.called('inviteDoor')).toHaveLength(1);
    expect(app.door.error.value).toBeNull();
  });
});

describe('carrying for others', () => {
  it('switched on again has the cap it had', async () => {
    const { app, node } = await startApp();
    await app.settings.setRelayingCap(65_536);
    await app.settings.setRelaying(false);
    expect(node.current.settings.relaying).toBeNull();
    await app.settings.setRelaying(true);
    expect(node.current.settings.relaying).toBe(65_536);
  });

  it('shows counts only while they are looked at, never those of the last time', async () => {
    const { app, node } = await startApp();
    const stop = app.settings.watchDiagnostics();
    await settled();
    expect(app.settings.diagnostics.value?.peerConnectionsOpened).toBe(3);
    stop();
    expect(app.settings.diagnostics.value).toBeNull();
    node.overlay = { ...node.overlay, routesKnown: 9 };
    app.settings.watchDiagnostics();
    await settled();
    expect(app.settings.diagnostics.value?.overlay.routesKnown).toBe(9);
  });
});
