// English for taking everything along and coming back, loaded with it.
export const enBackup = {
  data: 'Backup',
  about:
    'A backup is one file with everything: your identity, contacts, groups, messages and files, sealed with a passphrase. Whoever has both the file and the passphrase is you.',
  passphrase: 'Passphrase of the backup',
  passphraseHelp:
    'Several words that nobody would guess. Nobody can open the file without them, you neither: there is no other way in.',
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
  back: 'Been here before?',
  withBackup: 'Come back with a backup',
  withWords: 'Come back with 24 words',
  typeWords: 'Your 24 recovery words',
  typeWordsHelp:
    'In their order, with spaces between them. You get the same number back. Contacts and messages are only in backups: exchange cards again with those you want to talk with.',
  name: 'What should people call you?',
  comeBack: 'Come back',
  comingBack: 'Coming back…',
  unfinished: 'Your backup did not come in',
  nothingKept: 'Nothing of it is kept, and nothing else is on this device. Open the backup again, or start anew.',
};
