// English: every word a person sees or a screen reader says. Another language is another object of type Dictionary.
import type { AttachmentKind, MessageState, Presence, Route, Trust } from '../../core/node-api.ts';
import { bytes, dayOf, daysBetween, isolated } from '../format.ts';
import { conversationWords } from './en-conversation.ts';
import { dropReason, errors } from './en-errors.ts';
import { pairingWords } from './en-pairing.ts';

const locale = 'en';
const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long' });
const shortWeekday = new Intl.DateTimeFormat(locale, { weekday: 'short' });
const shortDate = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const yearDate = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const longDate = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' });

const isSameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear();

const presence: Readonly<Record<Presence, string>> = { online: 'Online', connecting: 'Connecting', offline: 'Away' };
const route: Readonly<Record<Route, string>> = { direct: 'direct connection', relayed: 'relayed by others', none: '' };
const trust: Readonly<Record<Trust, string>> = {
  verified: 'Verified',
  unverified: 'Not verified',
  introduced: 'Introduced',
  group: 'Known from a group',
};
const messageState: Readonly<Record<MessageState, string>> = {
  queued: 'Waiting to be sent',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  dropped: 'Not delivered',
};
const attachmentKind: Readonly<Record<AttachmentKind, string>> = {
  image: 'Photo',
  video: 'Video',
  audio: 'Audio',
  document: 'File',
};

export const en = {
  locale,
  appName: 'Kith',
  /** The document's title: never anybody's name, because the browser's history keeps titles. */
  title: (unread: number) => (unread > 0 ? `(${unread}) Kith` : 'Kith'),
  skipToContent: 'Skip to content',
  loading: 'Opening Kith…',
  loadingPart: 'Loading…',
  loadingPartFailed: 'This part of Kith could not be loaded.',
  reload: 'Reload',
  back: 'Back',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  saved: 'Saved',
  whatToDo: 'What to do',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The browser did not allow copying. Select the text and copy it by hand.',
  copySelected: 'The browser did not allow copying. It is selected now: copy it by hand.',
  share: 'Share',
  shareFailed: 'Sharing did not work here. Copy it instead.',
  dismiss: 'Dismiss',
  errors,
  dropReason,
  presence,
  route,
  trust,
  introducedBy: (name: string) => (name === '' ? trust.introduced : `Introduced by ${isolated(name)}`),
  messageState,
  attachmentKind,
  size: bytes,
  fatal: {
    title: 'Kith cannot start',
    code: (kind: string) => `Reason: ${kind}`,
  },
  framed: {
    title: 'Kith does not open inside of another page',
    why: 'A page around it could trick you into pressing what you do not mean. Nothing has been started.',
    open: 'Open Kith alone',
  },
  onboarding: {
    title: 'Talk with people you have met',
    lead: 'Your words go straight from your device to theirs, sealed on the way. No account, no phone number, no server of ours.',
    nameLabel: 'What should people call you?',
    namePlaceholder: 'Your name',
    nameHelp: 'Only the people you exchange cards with see it. You can change it later.',
    create: 'Start',
    creating: 'Making your keys…',
    invited: 'You opened an invitation link. What to do with it is asked right after this.',
    facts: [
      'Keys are made on this device and stay here',
      'Every message is sealed with AES-256',
      'Works offline once opened',
    ],
  },
  list: {
    title: 'Conversations',
    addContact: 'Add a contact',
    settings: 'Settings',
    yourNumber: 'Your number',
    numberPending: 'Working out your number…',
    copyNumber: 'Copy your number',
    you: 'You',
    unread: (count: number) => `${count} unread ${count === 1 ? 'message' : 'messages'}`,
    unnamed: 'No name',
    emptyTitle: 'Nobody here yet',
    empty: 'Kith is for people you have met. Give somebody your card, or take theirs, and talk.',
    noMessages: 'No messages yet',
    file: (kind: string, name: string) => `${kind} · ${isolated(name)}`,
    waiting: 'Waiting for them to confirm',
    declined: 'Takes no messages from you',
    blocked: 'Blocked',
    pickTitle: 'Pick a conversation',
    pick: 'Or add somebody you have met.',
    firstTitle: 'Your conversations open here',
    first: 'Add somebody you have met to begin.',
    time: (at: number, now: number) => {
      const days = daysBetween(at, now);
      if (days <= 0) return clock.format(at);
      if (days < 7) return shortWeekday.format(at);
      return isSameYear(at, now) ? shortDate.format(at) : yearDate.format(at);
    },
  },
  network: {
    offline: 'Offline',
    joining: 'Joining the network…',
    online: 'Online',
    looking: (count: number) => `Looking for ${count} ${count === 1 ? 'person' : 'people'}`,
    connected: (count: number) => `${count} connected`,
  },
  time: (at: number) => clock.format(at),
  moment: (at: number) => moment.format(at),
  day: (at: number, now: number) => {
    const days = daysBetween(at, now);
    if (days <= 0) return 'Today';
    if (days === 1) return 'Yesterday';
    return days < 7 ? weekday.format(dayOf(at)) : longDate.format(at);
  },
  routeHelp: {
    direct: 'Straight from device to device',
    relayed: 'Through other people’s browsers, which cannot read it',
    none: '',
  },
  notices: {
    region: 'Notices',
    update: 'A new version of Kith is ready.',
    applyUpdate: 'Reload to update',
    diskFull: 'No room left on this device. Nothing new can be kept until you free some space.',
    fileRoom: 'A file did not fit on this device. Free some space, then have it sent again.',
    importFailed: (why: string) =>
      `The backup did not come in. ${why}${why.includes('has changed') ? '' : ' Nothing was changed.'}`,
    notKept: 'The browser may delete your messages when the device runs out of room.',
    notKeptAction: 'Why?',
    damaged: (count: number) =>
      `${count} stored ${count === 1 ? 'record is' : 'records are'} damaged and cannot be shown. The rest is unharmed.`,
  },
  ...conversationWords,
  ...pairingWords,
};

export type Dictionary = typeof en;
