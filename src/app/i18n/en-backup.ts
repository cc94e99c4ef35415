// English for taking everything along and coming back, loaded with it.
export const enBackup = {
  data: 'Backup',
  about:
    'A backup is one file with everything: your identity, contacts, groups, messages and files, sealed with a passphrase. Whoever has both the file and the passphrase is you.',
  passphrase: 'Passphrase of the backup',
  passphraseHelp:
    'At least 8 characters; several words that nobody would guess are better. Nobody can open the file without them, you neither: there is no other way in.',
  show: 'Show',
  hide: 'Hide',
  save: 'Save a backup',
  saving: 'Making the backup…',
  saved: 'The backup is in your downloads. Keep it where you would look for it.',
  fileName: (day: string) => `kith-${day}.kithbackup`,
  open: 'Open a backup',
  opening: 'Opening the backup…',
  chosen: (name: string) => `${name}: type its passphrase, then open it.`,
  openIt: 'Open it',
  replace: {
    title: 'Replace everything on this device?',
    body: 'All that is here goes: this identity, its contacts, groups, messages and files. What is in the backup takes its place.',
    yes: 'Replace everything',
  },
  words: 'Recovery words',
  wordsAbout:
    'These 24 words are your identity itself, without contacts or messages. With them you come back under the same number even if you lose every backup. Whoever reads them can be you.',
  showWords: 'Show the 24 words',
  hideWords: 'Hide them',
  wordsOnPaper: 'Write them on paper, in this order. Never in a photo, a mail or a note that is copied elsewhere.',
  back: 'Been here before? Come back',
  withBackup: 'With a backup',
  withWords: 'With 24 words',
  typeWords: 'Your 24 recovery words',
  typeWordsHelp:
    'In their order, with spaces between them. You get the same number back. Contacts and messages are only in backups: exchange cards again with those you want to talk with.',
  name: 'What should people call you?',
  comeBack: 'Come back',
  comingBack: 'Coming back…',
  unfinished: 'Your backup did not come in',
  nothingKept: 'Nothing of it is kept, and nothing else is on this device. Open the backup again, or start anew.',
  gone: 'What was stored here is gone',
  goneWhatNow:
    'If you have a backup, open it below: it brings everything back. Your 24 recovery words bring back your number alone. A copy of this browser profile has to be put back before you go on. Without any of these, start anew: you get a new number, and your contacts have to meet you again.',
  twin: {
    region: 'Two devices',
    held: 'You are on two devices',
    heldWhy:
      'Another device has the same identity, probably because a backup or your recovery words were used there. Nothing is sent and nothing arrives on either until you choose, so that nothing comes to the wrong one. What others write meanwhile waits with them.',
    here: 'The other device is here now and will hear of your choice at once.',
    away: 'The other device is not here now. It will hear of your choice when it is opened.',
    goOn: 'Go on here',
    erase: 'Erase this device',
    retired: 'You go on with another device',
    retiredWhy:
      'This one is silent: nothing is sent and nothing arrives here. What you wrote here and was not delivered stays here. Erase it when you do not need it any more.',
    goOnAfterAll: 'Go on here after all',
    askHeld: {
      title: 'Go on with this device?',
      body: 'The other one falls silent. What your contacts wrote to it lately is asked of them again and comes here. Erase the other one then.',
      yes: 'Go on here',
      harmless: true,
    },
    askRetired: {
      title: 'Go on with this device after all?',
      body: 'The device you chose before falls silent when it hears of it.',
      yes: 'Go on here',
      harmless: true,
    },
    askErase: {
      title: 'Erase everything on this device?',
      body: 'Messages and files that are only here go for good. Your identity lives on where you go on with it.',
      yes: 'Erase everything',
    },
  },
};
