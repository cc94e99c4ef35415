// What a scanned text means: on the screen for adding somebody, and on a contact's page.
import { describe, expect, it } from 'vitest';
import { enMeeting } from '../../../src/app/i18n/en-meeting.ts';
import { meetingWords } from '../../../src/app/i18n/meeting.ts';
import { Compare, codeOf, judgeCode, safetyGroups } from '../../../src/app/meet/compare.ts';
import { cardReading } from '../../../src/app/meet/taking.ts';
import { aConversation, emptySnapshot, sampleCard, sampleSafetyNumber } from '../../fixtures/fake-node.ts';
import { settled, startApp } from './harness.ts';

const theirs = codeOf({ ...sampleSafetyNumber, mine: sampleSafetyNumber.theirs, theirs: sampleSafetyNumber.mine });

describe('a scanned card', () => {
  it('is taken as a pasted one is, and what was wrong before goes first', async () => {
    const { app, node } = await startApp();
    node.answers.set('takeCard', { ok: false, kind: 'card-used', detail: {} });
    app.pairing.type('x');
    await app.pairing.submit();
    expect(app.pairing.error.value?.kind).toBe('card-used');
    node.answers.delete('takeCard');
    const reading = cardReading(node, app.pairing);
    reading.begun();
    expect(app.pairing.error.value).toBeNull();
    expect(await reading.take(sampleCard.toUpperCase())).toBeNull();
    expect(node.calls.at(-1)).toEqual(['takeCard', sampleCard.toUpperCase()]);
  });

  it.each([
    ['card-own', 'card-own'],
    ['card-checksum', 'card-checksum'],
    ['card-prefix', 'code-foreign'],
  ] as const)('that the node refuses as %s is told as %s', async (kind, told) => {
    const { app, node } = await startApp();
    node.answers.set('takeCard', { ok: false, kind, detail: { position: 7 } });
    expect(await cardReading(node, app.pairing).take('https://example.org/menu')).toEqual({
      kind: told,
      detail: { position: 7 },
    });
  });
});

describe('a scanned safety number', () => {
  it('is right when it is the other’s half and then mine', () => {
    expect(judgeCode(theirs, sampleSafetyNumber)).toBeNull();
    expect(judgeCode(` ${theirs.toLowerCase()}\n`, sampleSafetyNumber)).toBeNull();
  });

  it('of my own screen says nothing of theirs', () => {
    expect(judgeCode(codeOf(sampleSafetyNumber), sampleSafetyNumber)?.kind).toBe('safety-own');
  });

  it('with one digit changed, wherever, is a mismatch and never verifies', () => {
    for (let place = 'KITH-SAFE1'.length; place < theirs.length; place += 1) {
      const other = String((Number(theirs[place]) + 1) % 10);
      const changed = theirs.slice(0, place) + other + theirs.slice(place + 1);
      expect(judgeCode(changed, sampleSafetyNumber)?.kind, String(place)).toBe('safety-mismatch');
    }
  });

  it.each([
    sampleCard.toUpperCase(),
    '',
    'https://example.org',
    theirs.slice(0, -1),
    `${theirs}0`,
    theirs.replace('1', 'I'),
  ])('is none: %s', (text) => expect(judgeCode(text, sampleSafetyNumber)?.kind).toBe('safety-foreign'));
});

describe('comparing', () => {
  const snapshot = { ...emptySnapshot, conversations: [aConversation('c1', { trust: 'unverified' })] };

  it('a match marks the contact and tells; a mismatch marks nobody', async () => {
    const { app, node } = await startApp(snapshot);
    let told = 0;
    const compare = new Compare(node, 'c1', () => {
      told += 1;
    });
    await compare.open();
    expect(compare.number.value).toEqual(sampleSafetyNumber);
    expect((await compare.take(codeOf(sampleSafetyNumber)))?.kind).toBe('safety-own');
    expect([app.list.value[0]?.trust, told]).toEqual(['unverified', 0]);
    expect(await compare.take(theirs)).toBeNull();
    await settled();
    expect([app.list.value[0]?.trust, told]).toEqual(['verified', 1]);
  });

  it('says why there is no number, and why nobody was marked', async () => {
    const { node } = await startApp(snapshot);
    node.answers.set('safetyNumber', { ok: false, kind: 'not-a-contact', detail: {} });
    node.answers.set('markVerified', { ok: false, kind: 'disk-full', detail: {} });
    const compare = new Compare(node, 'c1', () => expect.unreachable());
    await compare.open();
    expect([compare.number.value, compare.error.value?.kind]).toEqual([null, 'not-a-contact']);
    expect((await compare.mark())?.kind).toBe('disk-full');
    compare.begun();
    expect(compare.error.value).toBeNull();
  });

  it('shows twelve groups of five digits', () => {
    const groups = safetyGroups(sampleSafetyNumber.digits);
    expect([groups.length, groups.every((group) => /^\d{5}$/.test(group)), groups.join('')]).toEqual([
      12,
      true,
      sampleSafetyNumber.digits,
    ]);
  });

  it('has words in a language that nobody has translated yet', () => {
    expect(meetingWords('tlh')).toBe(enMeeting);
  });
});

describe('ways of meeting', () => {
  it('begin with the code where there is a camera, and with the text where there is none', async () => {
    const { app, platform } = await startApp();
    await app.pairing.look();
    expect([app.pairing.ways.value, app.pairing.way.value]).toEqual([['text', 'qr', 'bluetooth', 'number'], 'text']);
    platform.eyes.camera = true;
    await app.pairing.look();
    expect([app.pairing.ways.value, app.pairing.way.value]).toEqual([['qr', 'text', 'bluetooth', 'number'], 'qr']);
  });

  it('stay where the person has chosen one', async () => {
    const { app, platform } = await startApp();
    app.pairing.choose('text');
    platform.eyes.camera = true;
    await app.pairing.look();
    expect(app.pairing.way.value).toBe('text');
  });
});

describe('Escape', () => {
  it('ends what lies on top of the screen first, and then closes the screen', async () => {
    const { app } = await startApp();
    app.navigation.open({ name: 'add-contact' });
    app.onTop = () => {
      app.onTop = null;
    };
    expect([app.escape(), app.navigation.screen.value.name]).toEqual([true, 'add-contact']);
    expect([app.escape(), app.navigation.screen.value.name]).toEqual([true, 'home']);
  });
});
