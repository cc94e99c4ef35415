// English for the passphrase: in the settings, and on the screen that asks for it.

const minutes = (count: number) => (count === 1 ? '1 minute' : `${count} minutes`);

export const enLock = {
  title: 'App lock',
  none: 'Not protected on this device',
  noneHelp:
    'Messages are stored sealed, but the key lies beside them. Whoever can use this browser profile can read them. A passphrase changes that.',
  on: 'Protected by a passphrase',
  onHelp:
    'Whoever takes this device reads nothing while Kith is locked or closed: no message, file, name, number or key. How much is stored and when it changes can still be seen. While Kith is open and unlocked, whoever sits here sees what you see.',
  set: 'Set a passphrase',
  change: 'Change the passphrase',
  remove: 'Remove the passphrase',
  lockNow: 'Lock now',
  current: 'Current passphrase',
  passphrase: 'Passphrase',
  newPassphrase: 'New passphrase',
  help: 'At least 8 characters. Four or more words that you pick by dice are easy to keep in mind and hard to guess.',
  setWarning:
    'Nobody can recover it: there is no account, no hint and no way around. If you forget it, everything on this device is lost. What you still have then is a backup, if you made one, or your 24 recovery words, which bring back your number alone; without either your contacts have to meet you again under a new number.',
  setPast:
    'Everything is sealed anew under a key that only the passphrase opens, and the old key is overwritten. What cannot be undone: a disk may keep old copies of what was overwritten, and copies made before today still open with the old key.',
  changeHelp:
    'The new passphrase seals the same key, so this takes a moment only. Whoever copied this device before and knows the old passphrase can still open that copy. If you fear so, remove the passphrase and set another: then everything gets a new key.',
  removeAsk: {
    title: 'Remove the passphrase?',
    body: 'Everything is sealed anew, under a key that lies beside it. From then on whoever can use this browser profile can read it all.',
    yes: 'Remove the passphrase',
  },
  show: 'Show',
  save: 'Set passphrase',
  saveChange: 'Change passphrase',
  working: 'Sealing everything anew…',
  done: { set: 'Passphrase set', change: 'Passphrase changed', remove: 'Passphrase removed' },
  auto: 'Lock by itself when nobody uses it',
  autoHelp:
    'Reloading the page or closing Kith locks it too. Of several tabs one holds the key: closing that one locks all.',
  autoChoice: (count: number) => (count === 0 ? 'Never' : `After ${minutes(count)}`),
  unlock: {
    title: 'Kith is locked',
    lead: 'Your passphrase opens it. Until then nothing arrives: messages wait with those who sent them.',
    submit: 'Unlock',
    working: 'Unlocking…',
    forgotten: 'Forgotten the passphrase?',
    forgottenHelp:
      'Nobody can recover it or go around it. What is left is to erase everything on this device. After that a backup brings back what it holds, with the passphrase that the backup was made with; your 24 recovery words bring back your number alone; without either you begin anew, with a new number, and your contacts have to meet you again.',
    lost: 'Kith cannot open what is stored',
    lostHelp:
      'Nothing was deleted. If you have a copy of this browser profile, close Kith and bring it back. Otherwise what is left is to erase everything; after that a backup brings back what it holds, your 24 recovery words bring back your number, and without either you begin anew.',
  },
  erase: 'Erase everything',
  eraseAsk: {
    title: 'Erase everything on this device?',
    body: 'Your number, your keys, all contacts, groups, messages and files go from this device, and nobody is told. Only a backup brings them back, or your 24 recovery words the number and its keys alone. The sealed key is overwritten first; what a disk may keep of the rest opens for nobody without it and your passphrase.',
    yes: 'Erase everything',
  },
};
