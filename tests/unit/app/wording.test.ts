import { describe, expect, it } from 'vitest';
import {
  bytes,
  cardGroups,
  groupedNumber,
  groupOf,
  hueOf,
  initials,
  isBlank,
  isOnlyEmoji,
  shownFileName,
} from '../../../src/app/format.ts';
import { en } from '../../../src/app/i18n/en.ts';
import { enLock } from '../../../src/app/i18n/en-lock.ts';
import '../../../src/app/i18n/en-meeting.ts';
import { requestWords } from '../../../src/app/i18n/en-requests.ts';
import { enSettings } from '../../../src/app/i18n/en-settings.ts';
import { errorKinds } from '../../../src/core/errors.ts';
import type { DropReason } from '../../../src/core/node-api.ts';
import { MAX_FILE_BYTES } from '../../../src/core/wire/limits.ts';
import { sampleCard } from '../../fixtures/fake-node.ts';

const reasons = Object.keys({
  cancelled: true,
  blocked: true,
  'not-a-contact': true,
  'too-large': true,
  'disk-full': true,
  expired: true,
  declined: true,
  damaged: true,
  'not-in-group': true,
  'not-counted': true,
} satisfies Record<DropReason, true>) as DropReason[];

describe('wording', () => {
  it('has a sentence for every kind of error, with and without details', () => {
    for (const kind of errorKinds) {
      for (const detail of [{}, { position: 22, field: 'trackers[1]', limit: 100, hours: 30 }]) {
        const words = en.errors[kind](detail);
        expect(words.length, kind).toBeGreaterThan(12);
        expect(words, kind).toMatch(/[.:]$/);
        expect(words, kind).not.toContain('undefined');
      }
    }
    expect(Object.keys(en.errors).sort()).toEqual([...errorKinds].sort());
  });

  it('has words for every reason of dropping', () => {
    for (const reason of reasons) expect(en.dropReason(reason), reason).toMatch(/^.{9}/);
  });

  it('points at the character and group of four where a card is mistyped', () => {
    expect(en.errors['card-checksum']({ position: 22 })).toBe('Character 23 looks wrong: check group 6.');
    expect(en.errors['card-character']({ position: 0 })).toBe('Character 1 looks wrong: check group 1.');
    expect(en.errors['card-checksum']({})).toContain('mistyped');
  });

  it('says of every position of a card the very group that is shown', () => {
    const groups = cardGroups(sampleCard);
    for (let position = 0; position < sampleCard.length; position += 1) {
      const group = groups[groupOf(position) - 1];
      expect(group?.[position % 4]).toBe(sampleCard[position]);
    }
  });

  it('names the limit of a file as people say it and to the byte', () => {
    expect(en.errors['file-too-large']({ limit: MAX_FILE_BYTES })).toContain('25 MB (26,214,400 bytes)');
  });

  it('names the field of a broken configuration', () => {
    expect(en.errors['config-field']({ field: 'trackers[1]' })).toContain('trackers[1]');
  });

  it('says of somebody who blocked, removed or declined me what is true of all three', () => {
    expect(en.status.declined('Ana')).toBe('Ana does not take messages from you. To talk again, exchange cards.');
    expect(en.dropReason('blocked')).toBe(en.dropReason('not-a-contact'));
    const words = [en.list.declined, en.status.declined('Ana'), ...reasons.map(en.dropReason)];
    for (const text of words) expect(text).not.toMatch(/in their list|block|the file/i);
  });

  it('whoever loses the passphrase or erases everything hears of what a backup and the words bring back', () => {
    const { unlock, setWarning, eraseAsk } = enLock;
    const texts = [unlock.forgottenHelp, unlock.lostHelp, setWarning, eraseAsk.body, enSettings.settings.eraseAsk.body];
    for (const text of texts) {
      expect(text).toMatch(/backup/);
      expect(text).toMatch(/24 recovery words/);
      expect(text).not.toMatch(/no copy|for good/);
    }
  });

  it('never puts a name into the title', () => {
    expect([en.title(0), en.title(3)]).toEqual(['Kith', '(3) Kith']);
  });

  it('counts gaps and unread messages in singular and plural', () => {
    expect(en.conversation.gap(1)).toBe('1 earlier message has not arrived');
    expect(en.conversation.gap(4)).toBe('4 earlier messages have not arrived');
    expect(en.list.unread(1)).toBe('1 unread message');
  });

  it('tells today, yesterday, a weekday and a date apart', () => {
    const noon = new Date(2026, 4, 20, 12).getTime();
    const day = 86_400_000;
    expect(en.day(noon - 3_600_000, noon)).toBe('Today');
    expect(en.day(noon - day, noon)).toBe('Yesterday');
    expect(en.day(noon - 3 * day, noon)).toBe('Sunday');
    expect(en.day(noon - 30 * day, noon)).toBe('Monday, April 20, 2026');
  });
});

describe('format', () => {
  it('shows a number in groups of three', () => {
    expect(groupedNumber('123456789012345')).toBe('123 456 789 012 345');
    expect(groupedNumber('')).toBe('');
  });

  it('shows sizes as file managers do', () => {
    expect([0, 1023, 1024, 1536, 26_214_400, 1_073_741_824].map(bytes)).toEqual([
      '0 B',
      '1023 B',
      '1 KB',
      '1.5 KB',
      '25 MB',
      '1 GB',
    ]);
  });

  it('recognises a few emoji and nothing else', () => {
    expect(['👍', '👩‍👩‍👧 ❤️', '🇩🇪🇫🇷'].every(isOnlyEmoji)).toBe(true);
    expect(['', ' ', '1', 'ok 👍', '👍👍👍👍👍👍👍', '#'].some(isOnlyEmoji)).toBe(false);
  });

  it('draws initials from the first and last word, whole graphemes', () => {
    expect(['Ana', 'ana maria lópez', '👩‍👩‍👧 family', '  ', 'ßen'].map(initials)).toEqual([
      'A',
      'AL',
      '👩‍👩‍👧F',
      '',
      'SS',
    ]);
  });

  it('draws letters, not signs', () => {
    expect(['<b>x</b> (Ana)', '"Al" #1', '!?'].map(initials)).toEqual(['BA', 'A1', '!']);
  });

  it('lets a name that runs the other way turn nothing but itself', () => {
    expect(requestWords.by.card.title('ابن سينا')).toBe('\u2068ابن سينا\u2069 took your card');
    expect(en.pairing.added('שרה')).toBe('\u2068שרה\u2069 is now in your list');
    expect(requestWords.by.card.title('Ana')).toBe('Ana took your card');
  });

  it('tells a text that shows nothing from one that shows something', () => {
    expect([' \n', '\u200b\u2060', '\u202e', ' \ufe0f'].map(isBlank)).toEqual([true, true, true, true]);
    expect(['a', '\u202ea', '.', '👍'].map(isBlank)).toEqual([false, false, false, false]);
  });

  it('shows the name of a chosen file in the order of its characters', () => {
    expect(shownFileName('a\u202egnp.exe')).toBe('agnp.exe');
  });

  it('keeps the colour of an id', () => {
    expect(hueOf('c1', 8)).toBe(hueOf('c1', 8));
    const hues = new Set(Array.from({ length: 200 }, (_, index) => hueOf(`id-${index}`, 8)));
    expect(hues.size).toBe(8);
  });
});
