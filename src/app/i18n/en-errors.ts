// English wording for the ways Kith can fail: what happened and what to do about it, in plain words. Those that concern people who
// meet come with the words for that (en-meeting-errors.ts).
import { signal } from '@preact/signals';
import { type ErrorKind, errorKinds } from '../../core/errors.ts';
import type { DropReason } from '../../core/node-api.ts';
import type { MeetingErrorKind, Wording } from './wording.ts';

const own: Readonly<Record<Exclude<ErrorKind, MeetingErrorKind>, Wording>> = {
  'disk-full': () => 'There is no room left on this device. Free some space, then try again.',
  'record-damaged': () => 'A stored record is damaged and cannot be shown. Everything else is unharmed.',
  'database-newer': () =>
    'Your data was written by a newer Kith than this page. Reload to get the newer version; your data is unharmed.',
  'database-blocked': () => 'Another tab of Kith holds on to your data. Close the other tabs, then reload this one.',
  'data-key-missing': () =>
    'The key to your data is not on this device any more, so what is stored cannot be read. The browser may have cleared part of it.',
  'storage-unavailable': () =>
    'This browser does not let Kith store anything. Private windows often forbid it: open Kith in a normal window.',
  'unsupported-browser': () =>
    'This browser lacks something Kith needs. A current Chrome, Edge, Firefox or Safari works.',
  'name-empty': () => 'Enter a name, so that people know who is calling.',
  internal: () => 'Something went wrong in Kith itself. Reload the page; what you have written is kept.',
};

interface LaterWords {
  readonly errors: Readonly<Record<MeetingErrorKind, Wording>>;
  readonly reasons: Readonly<Record<DropReason, string>>;
}

/** Undefined until they are here; whatever shows one of them is drawn again then. */
const later = signal<LaterWords | undefined>(undefined);

/** Called by the words that come later. */
export const addLater = (words: LaterWords): void => {
  later.value = words;
};

const words = (kind: ErrorKind): Wording =>
  kind in own
    ? own[kind as keyof typeof own]
    : (detail) => later.value?.errors[kind as MeetingErrorKind](detail) ?? 'This did not work.';

export const errors = Object.fromEntries(errorKinds.map((kind) => [kind, words(kind)])) as Readonly<
  Record<ErrorKind, Wording>
>;

/** Why a message will not arrive, from the point of view of the person who wrote it. */
export const dropReason = (reason: DropReason): string => later.value?.reasons[reason] ?? '';
