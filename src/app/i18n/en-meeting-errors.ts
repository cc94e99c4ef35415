// English wording for what can fail when people meet, talk in groups, send files or use a passphrase, and for why a message was dropped.
import type { DropReason } from '../../core/node-api.ts';
import { bytes, groupOf } from '../format.ts';
import { addLater } from './en-errors.ts';
import type { MeetingErrorKind, Wording } from './wording.ts';

/** A limit both as people say it and to the byte: "25 MB (26,214,400 bytes)". */
function exactLimit(limit: number | undefined, fallback: string): string {
  return limit === undefined ? fallback : `${bytes(limit)} (${limit.toLocaleString('en')} bytes)`;
}

/** Where in the card the likeliest wrong character is: people count from one, and see groups of four. */
function wrongCharacter(position: number | undefined, otherwise: string): string {
  if (position === undefined) return otherwise;
  return `Character ${position + 1} looks wrong: check group ${groupOf(position)}.`;
}

/** "26 hours ahead", "3 days behind". */
function howFar(hours: number | undefined): string {
  if (hours === undefined) return 'wrong';
  const away = Math.abs(hours);
  const long = away < 48 ? `${away} hours` : `${Math.round(away / 24)} days`;
  return hours > 0 ? `${long} ahead` : `${long} behind`;
}

const meetingErrors: Readonly<Record<MeetingErrorKind, Wording>> = {
  'card-empty': () => 'Paste or type their card first.',
  'card-prefix': () => 'This is not a Kith card. A card begins with kith1.',
  'card-truncated': ({ position }) =>
    position === undefined
      ? 'Part of this card is missing. A card has 90 characters: copy it again, whole.'
      : `A card has 90 characters. One is missing here: check group ${groupOf(position)}.`,
  'card-too-long': () =>
    'This is longer than a card. A card has 90 characters: check that nothing else was copied with it.',
  'card-character': ({ position }) =>
    wrongCharacter(position, 'A character here is never part of a card. Check what you typed.'),
  'card-checksum': ({ position }) =>
    wrongCharacter(position, 'Something in this card is mistyped. Compare it group by group, or copy it again.'),
  'card-version': () => 'This card was made by a newer Kith. Reload this page to update, then try again.',
  'card-own': () => 'This is your own card. Give it to the other person, and paste theirs here.',
  'card-used': () => 'Somebody already used this card. Ask them for a new one.',
  'card-expired': () => 'This card has expired. Cards work for 24 hours: ask them for a new one.',
  'card-refused': () => 'They did not accept. If that was a mistake, ask them for a new card.',
  'card-cancelled': () => 'You stopped this attempt. Submit their card again to try once more.',
  'contact-impostor': () =>
    'Whoever answered is not the person this card belongs to. Nothing was shared. Ask them for a new card, in person.',
  'contact-known': () => 'This person is already in your list.',
  'link-broken': () => 'This link is damaged, or a part of it is missing. Open it again, or ask for a new one.',
  'link-own': () => 'This is your own link. Send it to the other person.',
  'link-used': () => 'This link was used already: it works once. Ask them for a new one, or send them yours.',
  'link-expired': () => 'This link has expired: it works for 24 hours. Ask them for a new one, or send them yours.',
  'introduction-unverified': () => 'Compare safety numbers first: introductions are for people you have verified.',
  'introduction-too-many': () => 'Too many introductions of one person. Withdraw one, or wait.',
  'introduction-gone': () => 'This introduction is over.',
  'number-empty': () => 'Type their number first.',
  'number-character': ({ position }) =>
    position === undefined
      ? 'A number has digits only. Check what you typed.'
      : `A number has digits only: check group ${Math.floor(position / 3) + 1}.`,
  'number-length': ({ limit }) =>
    limit === undefined ? 'A number has 15 digits.' : `A number has 15 digits. Here are ${limit}.`,
  'number-checksum': () =>
    'A digit is wrong here, or two are the wrong way round. Compare the number group by group with theirs.',
  'number-own': () => 'This is your own number. Give it to the other person, and type theirs here.',
  'number-nobody': () =>
    'Nobody was found. They must have Kith open now, and “May be found by number” switched on in their settings. Whoever hides their address is not found.',
  'number-too-soon': ({ limit }) =>
    limit === undefined
      ? 'Numbers can be looked up only every few seconds. Wait a moment, then try again.'
      : `Numbers can be looked up only every few seconds. Try again in ${limit} ${limit === 1 ? 'second' : 'seconds'}.`,
  'number-not-derived': () =>
    'This device could not check the number: that takes 64 MB of memory for a moment. Close other tabs or apps, then try again.',
  'number-gone': () => 'They were there a moment ago and do not answer now. Look the number up again.',
  'number-refused': () => 'They did not accept. If that was a mistake, let them know, then look their number up again.',
  'member-away': () => 'They are not here now. Ask again when they are online.',
  'member-busy': () => 'Others are waiting for their answer. Ask again later.',
  'member-refused': () => 'They did not accept. You can ask again tomorrow.',
  'member-gone': () => 'They did not answer in time. Ask again from the group’s page when they are online.',
  'camera-insecure': () =>
    'Browsers give the camera to pages opened over https:// only. Choose a picture of the code instead, or paste their card.',
  'camera-none': () => 'No camera was found. Choose a picture of the code instead, or paste their card.',
  'camera-refused': () =>
    'The camera was not allowed. Allow it in the browser’s settings for this page, or choose a picture of the code.',
  'camera-busy': () => 'The camera could not be started. If another program uses it, close that, then try again.',
  'picture-unreadable': () => 'This cannot be read as a picture. A photo or screenshot of the code works.',
  'picture-no-code': () => 'No code was found in this picture. The whole code must be in it, sharp and not too small.',
  'code-foreign': () => 'This is the code of something else. Their card is under “Add a contact” on their screen.',
  'safety-own': () => 'This is the code on your own screen. Scan the one on theirs.',
  'safety-foreign': () => 'This code is not for comparing. On their screen, open your contact page and “Compare”.',
  'safety-mismatch': () =>
    'The numbers do not match. You may not be talking with the person beside you: do not trust this contact. Remove it, and exchange cards again, in person.',
  'door-empty': () => 'Paste what they sent you first.',
  'door-malformed': () =>
    'This is neither an invitation nor an answer to one, or part of it is missing. Copy it again, whole.',
  'door-own': () => 'This is your own invitation. Send it to the other person, and paste here what they send back.',
  'door-unexpected': () =>
    'This answers an invitation that this page does not wait for any more. Send them the one shown here.',
  'door-expired': () => 'This invitation is too old. Ask them for a new one, and keep both pages open meanwhile.',
  'door-failed': () =>
    'The two browsers did not reach each other. Make a new invitation, and keep both pages open until they have met.',
  'bluetooth-missing': () =>
    'This browser has no Bluetooth for pages. Chrome and Edge on Android, Windows and Mac have it; a QR code or the card as text works everywhere.',
  'bluetooth-off': () => 'This device has no Bluetooth, or it is switched off. Switch it on, then try again.',
  'bluetooth-denied': () =>
    'Kith was not allowed to use Bluetooth. Allow it in the browser’s settings, then try again.',
  'bluetooth-cancelled': () =>
    'No mailbox was chosen. Check that Bluetooth is on, then try again and choose “Kith mailbox” in the list.',
  'bluetooth-lost': () => 'The mailbox is out of reach. Bring it closer and check that it is on, then try again.',
  'bluetooth-command': () => 'The mailbox refused what was asked of it. Switch it off and on, then try again.',
  'mailbox-foreign': () => 'This does not work as a Kith mailbox does. Switch it off and on, or choose another one.',
  'mailbox-nobody': () => 'Nobody else came to this mailbox. Start again when both of you are ready.',
  'mailbox-expired': () =>
    'The other side stopped, or this took too long. Nothing was lost: start again on both screens.',
  'mailbox-tampered': () =>
    'What came through this mailbox is not what the other side had announced, so it was stopped. Start again on both screens, or use a QR code.',
  'mailbox-elsewhere': () =>
    'You are pairing over Bluetooth already, perhaps in another tab. Finish or stop that first.',
  'mailbox-own': () =>
    'Both screens at this mailbox are yours, so there is nobody to add. Start again with the other person.',
  'code-digits': () => 'Type the six digits from the other screen.',
  'code-own': () => 'That is the code on your own screen. Type the one that the other screen shows.',
  'code-wrong': ({ limit }) =>
    limit
      ? `That is not the code on the other screen. Look again: ${limit} ${limit === 1 ? 'try' : 'tries'} left.`
      : 'Three wrong codes, so this was stopped and no card was given away. Start again on both screens.',
  'group-forged': () => 'Something arrived in a group that was not written by whoever it names. It was thrown away.',
  'group-stranger': () => 'Something arrived in a group from somebody who does not belong to it. It was thrown away.',
  'group-not-member': () => 'This person is not in the group any more, or you are not.',
  'group-not-admin': () => 'Only admins of the group can do this. Ask one of them.',
  'group-member': () => 'This person is in the group already.',
  'group-full': () => 'The group is full: 50 people, invited ones included.',
  'group-declined': () => 'You were not let into the group.',
  'group-mine': () => 'You are in this group already, or invited to it: look in your list.',
  'group-cards-full': () => 'Too many cards of this group still work. Revoke one of them before you make another.',
  'group-joins-full': () => 'You wait to be let into too many groups already. Give one of them up first.',
  'group-shares-full': () =>
    'What was written before has been shown to as many people as a group allows. Add them without the earlier messages.',
  'group-card-over': () => 'This group card no longer works. Ask an admin for a new one.',
  'group-refused': () => 'This is against the rules of groups, so it was ignored.',
  'frame-malformed': () => 'The other side sent something Kith cannot read. It was ignored.',
  'frame-too-large': () => 'The other side sent more than Kith accepts at once. It was ignored.',
  'frame-version': () => 'The other side uses a different version of Kith. Update both pages, then try again.',
  'frame-authentication': () => 'Something arrived that was not sealed by your contact. It was thrown away.',
  'file-too-large': ({ limit }) => `This file is too large. Kith carries files of up to ${exactLimit(limit, '25 MB')}.`,
  'file-changed': () => 'This file changed or moved after it was chosen. Choose it again.',
  'file-unreadable': () =>
    'This cannot be read. A folder, a file that moved or one larger than the free memory cannot be sent.',
  'photo-unreadable': () =>
    'This photo is damaged or unusual, so where and with what it was taken could not be removed. It can go exactly as it is: turn on “As a file” for it.',
  'file-hash-mismatch': () => 'What arrived is not what was sent, so it was thrown away. Ask for it again.',
  'file-corrupt-unit': () => 'Part of this file arrived damaged. Ask for it again.',
  'file-cancelled': () => 'The transfer was cancelled.',
  'backup-foreign': () => 'This file is not a Kith backup. A backup’s name ends in .kithbackup.',
  'backup-newer': () =>
    'This backup was made by a newer Kith. Reload this page to get the newer version, then try again.',
  'backup-truncated': () =>
    'This backup ends too early: part of the file is missing. Copy it again from where it was saved. Nothing here has changed.',
  'backup-damaged': () =>
    'This backup is damaged, so none of it can be trusted. Use another copy of it. Nothing here has changed.',
  'backup-passphrase': () =>
    'This is not the passphrase that the backup was made with. Capital letters, spaces and signs count.',
  'backup-passphrase-empty': () => 'Type the passphrase first: nothing in a backup can be read without it.',
  'backup-too-large': ({ limit }) =>
    `This backup is larger than the room the browser gives Kith here${limit === undefined ? '' : `: ${exactLimit(limit, '')}`}. Free some space, or use another device. Nothing here has changed.`,
  'backup-memory': () =>
    'The passphrase could not be worked with, mostly because the device is short of memory. Close other tabs, then try again.',
  'backup-busy': () =>
    'A backup is being made or opened, or the passphrase is being changed, perhaps in another tab. Try again when that is done.',
  'config-missing': () => 'kith.config.json is missing, so the built-in settings are used.',
  'config-not-json': () => 'kith.config.json is not valid JSON, so the built-in settings are used.',
  'config-not-object': () => 'kith.config.json does not hold an object, { … }, so the built-in settings are used.',
  'config-field': ({ field }) =>
    `“${field ?? 'a field'}” in kith.config.json is not usable, so the built-in value is used.`,
  'clock-off': ({ hours }) =>
    `This device’s clock seems to be ${howFar(hours)}. While it is, people may not find you: set it right, then reload.`,
  'data-gone': () =>
    'Kith was used in this browser before, but your identity, contacts and messages are not here any more. The browser has lost or cleared its database.',
  'import-unfinished': () =>
    'Opening a backup was interrupted, so only part of it came in. That part was removed. Open the backup again, or start without it.',
  'words-count': ({ limit, position }) =>
    `There are ${limit ?? 24} recovery words${position === undefined ? '' : `, and you typed ${position}`}. Type all of them, in their order.`,
  'word-unknown': ({ position }) =>
    `Word ${(position ?? 0) + 1} is not one of the recovery words. Look at it again: it may be misspelt.`,
  'words-checksum': () =>
    'All of these are recovery words, but they do not belong together. One is in another’s place, or is another word than the one you wrote down.',
  'handshake-failed': () => 'The secure connection could not be made. Kith will try again by itself.',
  'unknown-hint': () => 'Somebody who is not in your list tried to connect. They were turned away.',
  'link-closed': () => 'The connection closed. Kith will connect again by itself.',
  'link-timeout': () => 'The other side stopped answering. Kith will connect again by itself.',
  'no-route': () => 'No way to the other side was found. Kith will look again by itself.',
  'no-relay': () =>
    'You hide your address, and nobody else is there to go between. Try again when more people have Kith open, or stop hiding your address.',
  'message-empty': () => 'Write something first, or add a file.',
  'message-too-long': ({ limit }) =>
    `This text is too long for one message: up to ${exactLimit(limit, '64 KB')}. Split it, or send it as a file.`,
  'not-a-contact': () => 'This person is not in your list any more. Exchange cards to talk again.',
  blocked: () => 'This contact is blocked.',
  expired: () => 'The time you chose to wait for delivery has passed.',
  cancelled: () => 'This was cancelled.',
  'too-many-connections': () =>
    'This browser allows no more connections for now. Kith goes on trying; reloading the page frees them.',
  'lock-closed': () => 'Kith is locked. Enter the passphrase first.',
  'lock-damaged': () =>
    'The record that your passphrase opens is damaged, so what is stored cannot be read, whatever the passphrase.',
  'passphrase-short': ({ limit }) => `This is too short to protect anything: use at least ${limit ?? 8} characters.`,
  'passphrase-long': ({ limit }) => `This is longer than a passphrase may be: up to ${limit ?? 1024} characters.`,
  'passphrase-simple': () => 'This repeats the same few characters, which is guessed at once. Use something longer.',
  'passphrase-empty': () => 'Type your passphrase first.',
  'passphrase-wrong': () => 'This is not the passphrase. Check capital letters and the language of the keyboard.',
};

const reasons: Readonly<Record<DropReason, string>> = {
  cancelled: 'You cancelled it',
  blocked: 'They do not take messages from you',
  'not-a-contact': 'They do not take messages from you',
  'too-large': 'Too large for the other side',
  'disk-full': 'Their device has no room left',
  expired: 'Not delivered within the time you chose',
  declined: 'They did not take it',
  damaged: 'It did not arrive whole',
  'not-in-group': 'You were no longer in the group',
  'not-counted':
    'You were out of the group before it had arrived, so the group leaves it out. Some may have read it all the same',
};

addLater({ errors: meetingErrors, reasons });
