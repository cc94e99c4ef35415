import { describe, expect, it } from 'vitest';
import { hintFor } from '../../../src/app/pairing.ts';
import { invalidTracker, trackerLines } from '../../../src/app/settings.ts';
import { aConversation, emptySnapshot, sampleCard } from '../../fixtures/fake-node.ts';
import { settled, startApp } from './harness.ts';

describe('the hint under their card', () => {
  it('counts while one types, whatever the spacing and capitals', () => {
    expect(hintFor('')).toEqual({ kind: 'none' });
    expect(hintFor('KITH 1qpz-ry9x')).toEqual({ kind: 'count', count: 12, of: 90 });
    expect(hintFor(sampleCard.toUpperCase().replace(/(.{4})/g, '$1 '))).toEqual({ kind: 'whole' });
    expect(hintFor(`${sampleCard}q`)).toEqual({ kind: 'too-many', count: 91, of: 90 });
  });

  it('says at once that something is no card, or where a character cannot be', () => {
    expect(hintFor('https://example.org')).toEqual({ kind: 'prefix' });
    expect(hintFor('kith1qpzb')).toEqual({ kind: 'character', character: 'b', group: 3 });
  });
});

describe('adding a contact', () => {
  it('shows why a card was refused and keeps it for mending', async () => {
    const { app, node } = await startApp();
    node.answers.set('takeCard', { ok: false, kind: 'card-checksum', detail: { position: 22 } });
    app.pairing.type('kith1xx');
    await app.pairing.submit();
    expect(app.pairing.error.value).toEqual({ kind: 'card-checksum', detail: { position: 22 } });
    expect(app.pairing.typed.value).toBe('kith1xx');
  });

  it('clears the alert as the next attempt begins', async () => {
    const { app, node } = await startApp();
    node.answers.set('takeCard', { ok: false, kind: 'card-empty', detail: {} });
    await app.pairing.submit();
    node.answers.delete('takeCard');
    const next = app.pairing.submit();
    expect(app.pairing.error.value).toBeNull();
    await next;
    expect(app.pairing.error.value).toBeNull();
  });

  it('empties the field when the call has begun', async () => {
    const { app } = await startApp();
    app.pairing.type(sampleCard);
    await app.pairing.submit();
    expect(app.pairing.typed.value).toBe('');
  });

  it('pressed twice takes a card once, also when the first press has emptied the field by then', async () => {
    const { app, node } = await startApp();
    app.pairing.type(sampleCard);
    const first = app.pairing.submit();
    await app.pairing.submit();
    await first;
    await app.pairing.submit();
    expect(node.called('takeCard')).toEqual([['takeCard', sampleCard]]);
    app.pairing.type(sampleCard);
    await app.pairing.submit();
    app.pairing.type('');
    await app.pairing.submit();
    expect(node.called('takeCard').slice(1)).toEqual([
      ['takeCard', sampleCard],
      ['takeCard', ''],
    ]);
    // Somebody who comes back to the screen and presses is told.
    app.pairing.type(sampleCard);
    await app.pairing.submit();
    await app.pairing.open();
    await app.pairing.submit();
    expect(node.called('takeCard').at(-1)).toEqual(['takeCard', '']);
  });

  it('shows a failure that comes later, and forgets it when the next attempt begins', async () => {
    const { app, node } = await startApp();
    node.change({ attempts: [{ id: 'a1', state: 'failed', kind: 'card-used', startedAt: 1 }] });
    expect(app.pairing.error.value?.kind).toBe('card-used');
    expect(app.notices.shown.value.map(({ id }) => id)).toContain('pairing');
    const next = app.pairing.submit();
    expect(app.pairing.error.value).toBeNull();
    await next;
    expect(node.called('dismissAttempt')).toEqual([['dismissAttempt', 'a1']]);
  });

  it('says so when somebody whose card was taken declines, until the next attempt begins', async () => {
    const { app, node } = await startApp();
    node.change({ conversations: [aConversation('c9', { state: 'waiting' })] });
    node.changeConversation('c9', { state: 'declined' });
    expect(app.pairing.error.value?.kind).toBe('card-refused');
    expect(app.toasts.text.value).toBe(app.t.errors['card-refused']({}));
    const next = app.pairing.submit();
    expect(app.pairing.error.value).toBeNull();
    await next;
  });

  it('makes another card when the screen opens after a sleep in which the last one expired', async () => {
    const { app, node, platform } = await startApp();
    node.change({ card: { text: sampleCard, expiresAt: platform.now() + 90_000 } });
    platform.sleep(90_000);
    await app.pairing.open();
    expect(node.calls.map(([name]) => name)).toContain('newCard');
  });

  it('begins with the best way each time, unless there is something to read at the one chosen last', async () => {
    const { app, node } = await startApp();
    await app.pairing.open();
    app.pairing.choose('number');
    app.pairing.close();
    expect(app.pairing.way.value).toBe('text');
    app.pairing.choose('number');
    const attempts = [{ id: 'a1', state: 'failed', kind: 'number-gone', startedAt: 0, way: 'number' }] as const;
    node.change({ attempts });
    app.pairing.close();
    expect(app.pairing.way.value).toBe('number');
  });

  it('takes a card off the screen at the very moment it expires', async () => {
    const { app, node, platform } = await startApp();
    node.change({ card: { text: sampleCard, expiresAt: platform.now() + 90_000 } });
    expect(app.pairing.card.value?.text).toBe(sampleCard);
    platform.advance(89_999);
    expect(app.pairing.card.value).not.toBeNull();
    platform.advance(1);
    expect(app.pairing.card.value).toBeNull();
  });

  it('makes a card when the screen opens without one, but not again when it was used', async () => {
    const { app, node } = await startApp();
    await app.pairing.open();
    expect(node.called('newCard')).toHaveLength(1);
    node.change({ card: null });
    await settled();
    expect(node.called('newCard')).toHaveLength(1);
    expect(app.pairing.card.value).toBeNull();
  });
});

describe('notices', () => {
  it('tell of a broken configuration, naming the field, until dismissed', async () => {
    const configError = { kind: 'config-field', detail: { field: 'trackers[1]' } } as const;
    const { app } = await startApp({ ...emptySnapshot, settings: { ...emptySnapshot.settings, configError } });
    const [notice] = app.notices.shown.value;
    expect(notice).toMatchObject({ id: 'config', detail: { field: 'trackers[1]' } });
    if (notice !== undefined) app.notices.dismiss(notice);
    expect(app.notices.shown.value).toEqual([]);
  });

  it('tell again when more is damaged than was dismissed', async () => {
    const { app, node } = await startApp();
    node.change({ storage: { ...emptySnapshot.storage, damagedRecords: 1 } });
    for (const notice of app.notices.shown.value) app.notices.dismiss(notice);
    node.change({ storage: { ...emptySnapshot.storage, damagedRecords: 2 } });
    expect(app.notices.shown.value).toEqual([{ id: 'damaged', count: 2 }]);
  });

  it('offer an update and apply it only on a click', async () => {
    const { app } = await startApp();
    let applied = 0;
    app.notices.offerUpdate(() => {
      applied += 1;
    });
    const [notice] = app.notices.shown.value;
    expect([notice?.id, applied]).toEqual(['update', 0]);
    if (notice?.id === 'update') notice.apply();
    expect(applied).toBe(1);
  });
});

describe('trackers', () => {
  it('are read one a line, each once', () => {
    expect(trackerLines(' wss://a.example \n\nwss://b.example\r\nwss://a.example')).toEqual([
      'wss://a.example',
      'wss://b.example',
    ]);
  });

  it('must be WebSocket addresses or a path of this host', () => {
    expect(invalidTracker(['wss://a.example/x', 'ws://127.0.0.1:9000', '/announce'])).toBeNull();
    expect(invalidTracker(['wss://a.example', 'https://b.example'])).toBe('https://b.example');
    for (const wrong of ['wss://', '//b.example/announce', 'wss://exa mple', 'announce'])
      expect(invalidTracker(['/announce', wrong])).toBe(wrong);
  });

  it('are saved only when every line is one', async () => {
    const { app, node } = await startApp();
    app.settings.typeTrackers('https://x.example');
    expect(await app.settings.saveTrackers()).toBe(false);
    app.settings.typeTrackers('wss://x.example');
    expect(await app.settings.saveTrackers()).toBe(true);
    expect(node.called('setTrackers')).toEqual([['setTrackers', ['wss://x.example']]]);
  });

  it('are refused in words that speak of the line, or of how many can be used', async () => {
    const { app, node } = await startApp();
    app.settings.typeTrackers('wss://a.example\nwss://b.example');
    node.answers.set('setTrackers', { ok: false, kind: 'config-field', detail: { field: 'trackers[1]' } });
    expect(await app.settings.saveTrackers()).toBe(false);
    expect(app.settings.invalid.value).toEqual({ line: 'wss://b.example' });
    node.answers.set('setTrackers', { ok: false, kind: 'config-field', detail: { field: 'trackers[16]', limit: 16 } });
    expect(await app.settings.saveTrackers()).toBe(false);
    expect(app.settings.invalid.value).toEqual({ limit: 16 });
    expect(app.toasts.text.value).toBe('');
    expect(app.settings.trackersText()).toBe('wss://a.example\nwss://b.example');
  });
});
