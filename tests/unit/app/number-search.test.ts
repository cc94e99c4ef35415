import { describe, expect, it } from 'vitest';
import { typedDigits } from '../../../src/app/format.ts';
import { numberHintFor } from '../../../src/app/number-search.ts';
import { aConversation } from '../../fixtures/fake-node.ts';
import { settled, startApp } from './harness.ts';

const bens = '314159265358978';
const ben = { id: 'f1', number: bens, name: 'Ben' };
const other = { id: 'f2', number: bens, name: '' };

describe('the hint under their number', () => {
  it('counts digits while one types, whatever stands between them and in whatever script', () => {
    expect(numberHintFor('', null)).toEqual({ kind: 'none' });
    expect(numberHintFor(' 314-159 (26', null)).toEqual({ kind: 'count', count: 8 });
    expect(numberHintFor(`${bens}1`, null)).toEqual({ kind: 'too-many', count: 16 });
    expect(typedDigits('٣١٤ ۱۵۹ ２６\u200b5')).toBe('314159265');
  });

  it('points at the group of what is no digit', () => {
    expect(numberHintFor('314 1S9 265', null)).toEqual({ kind: 'character', character: 'S', group: 2 });
    expect(numberHintFor('😀', null)).toEqual({ kind: 'character', character: '😀', group: 1 });
  });

  it('tells every wrong digit and every swap of two neighbours from the right number', () => {
    expect(numberHintFor('314 159 265 358 978', null)).toEqual({ kind: 'whole' });
    for (let place = 0; place < 15; place += 1) {
      const wrong = String((Number(bens[place]) + 1) % 10);
      const typed = bens.slice(0, place) + wrong + bens.slice(place + 1);
      expect(numberHintFor(typed, null), typed).toEqual({ kind: 'checksum' });
    }
    expect(numberHintFor(`13${bens.slice(2)}`, null)).toEqual({ kind: 'checksum' });
  });

  it('says when it is my own', () => {
    expect(numberHintFor(bens, bens)).toEqual({ kind: 'own' });
  });
});

describe('looking a number up', () => {
  it('groups the digits while one types at the end, and leaves a caret in the middle alone', async () => {
    const { app } = await startApp();
    app.search.type('3141', true);
    expect(app.search.typed.value).toBe('314 1');
    app.search.type('3214 1', false);
    expect(app.search.typed.value).toBe('3214 1');
    app.search.type('314 x', true);
    expect(app.search.typed.value).toBe('314 x');
  });

  it('asks nobody before the number can be one, and says what is wrong', async () => {
    const { app, node } = await startApp();
    for (const [typed, error] of [
      ['', { kind: 'number-empty', detail: {} }],
      ['314', { kind: 'number-length', detail: { limit: 3 } }],
      ['314 1S9', { kind: 'number-character', detail: { position: 4 } }],
      ['314159265358979', { kind: 'number-checksum', detail: {} }],
    ] as const) {
      app.search.type(typed, true);
      await app.search.submit();
      expect(app.search.error.value).toEqual(error);
    }
    expect(node.called('findByNumber')).toEqual([]);
  });

  it('asks the one person who was found at once, and empties the field', async () => {
    const { app, node } = await startApp();
    node.found = [ben];
    app.search.type(bens, true);
    await app.search.submit();
    expect(node.called('findByNumber')).toEqual([['findByNumber', bens]]);
    expect(node.called('callFound')).toEqual([['callFound', 'f1']]);
    expect([app.search.typed.value, app.search.error.value]).toEqual(['', null]);
  });

  it('lets one choose when several answer to it', async () => {
    const { app, node } = await startApp();
    node.found = [ben, other];
    app.search.type(bens, true);
    await app.search.submit();
    expect(node.called('callFound')).toEqual([]);
    expect(app.search.found.value).toEqual([ben, other]);
    await app.search.choose('f2');
    expect(node.called('callFound')).toEqual([['callFound', 'f2']]);
    expect(app.search.found.value).toEqual([]);
  });

  it('says that nobody was found, until the next look-up begins', async () => {
    const { app, node } = await startApp();
    node.answers.set('findByNumber', { ok: false, kind: 'number-nobody', detail: {} });
    app.search.type(bens, true);
    await app.search.submit();
    expect(app.search.error.value?.kind).toBe('number-nobody');
    node.answers.delete('findByNumber');
    const next = app.search.submit();
    expect([app.search.error.value, app.search.searching.value]).toEqual([null, true]);
    await next;
    expect(app.search.searching.value).toBe(false);
  });

  it('forgets a look-up that was stopped', async () => {
    const { app, node } = await startApp();
    node.found = [ben];
    let found = () => {};
    node.lookupGate = new Promise((resolve) => {
      found = resolve;
    });
    app.search.type(bens, true);
    const looking = app.search.submit();
    await settled();
    app.search.stop();
    expect(app.search.searching.value).toBe(false);
    found();
    await looking;
    expect(node.called('callFound')).toEqual([]);
  });

  it('keeps what became of a number apart from what became of a card', async () => {
    const { app, node } = await startApp();
    const failed = { state: 'failed', startedAt: 1 } as const;
    node.change({ attempts: [{ ...failed, id: 'a1', kind: 'card-used' }] });
    expect([app.pairing.error.value?.kind, app.pairing.numberError.value]).toEqual(['card-used', null]);
    node.change({ attempts: [{ ...failed, id: 'a2', kind: 'number-gone', way: 'number' }] });
    expect([app.pairing.error.value, app.pairing.numberError.value?.kind]).toEqual([null, 'number-gone']);
  });

  it('says so when somebody who was found by number declines', async () => {
    const { app, node } = await startApp();
    node.change({ conversations: [aConversation('c9', { state: 'waiting', way: 'number', trust: 'unverified' })] });
    node.changeConversation('c9', { state: 'declined' });
    expect(app.pairing.numberError.value?.kind).toBe('number-refused');
    expect(app.pairing.error.value).toBeNull();
  });
});
