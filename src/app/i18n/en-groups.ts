// English for groups, loaded with their screens.
import type { GroupMemberView, MemberReceipt, ReceiptCounts, SystemLine } from '../../core/node-api.ts';
import { isolated } from '../format.ts';
import type { Obstacle } from '../groups/picking.ts';

const of = (name: string) => (name === '' ? 'somebody' : isolated(name));
const who = (name: string | null) => (name === null ? 'You' : name === '' ? 'Somebody' : isolated(name));
const whom = (name: string | null) => (name === null ? 'you' : of(name));
const some = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;
const people = (count: number) => some(count, 'person', 'people');

const obstacles: Readonly<Record<Obstacle, string>> = {
  waiting: 'Has not confirmed you as a contact yet',
  declined: 'Takes no messages from you',
  blocked: 'You blocked them',
  joined: 'Already in the group',
  invited: 'Already invited',
};

function system(line: SystemLine): string {
  switch (line.what) {
    case 'created':
      return `${who(line.who)} made the group`;
    case 'joined':
      return `${who(line.who)} joined`;
    case 'left':
      return `${who(line.who)} left`;
    case 'picture':
      return `${who(line.who)} changed the picture`;
    case 'conflict':
      return line.who === null
        ? 'Two devices acted for you at once, and the two acts exclude each other'
        : `${who(line.who)} signed two things that exclude each other`;
    case 'invited':
      return `${who(line.who)} invited ${whom(line.whom)}`;
    case 'removed':
      return `${who(line.who)} removed ${whom(line.whom)}`;
    case 'made-admin':
      return `${who(line.who)} made ${line.whom === null ? 'you' : of(line.whom)} an admin`;
    case 'renamed':
      return `${who(line.who)} renamed the group to “${isolated(line.name)}”`;
  }
}

function receipts({ delivered, read, of: all }: ReceiptCounts): string {
  if (all === 0) return 'Nobody else here yet';
  if (read === all) return all === 1 ? 'Read by 1 of 1' : `Read by all ${all}`;
  return read > 0 ? `Read by ${read} of ${all}` : `Delivered to ${delivered} of ${all}`;
}

const receiptStates: Readonly<Record<MemberReceipt['state'], string>> = {
  read: 'Read',
  delivered: 'Delivered',
  waiting: 'Waiting for them to be online',
  dropped: 'Not delivered',
};

function memberState({ me, state, online }: GroupMemberView): string {
  if (state === 'invited') return 'Invited, has not answered';
  if (me) return 'You';
  return online ? 'Online' : 'Away';
}

const wantToJoin = (count: number) => `${count} ${count === 1 ? 'person wants' : 'people want'} to join`;

export const enGroups = {
  list: {
    newGroup: 'New group',
    invited: (name: string) => `${name === '' ? 'Somebody' : isolated(name)} invites you`,
    standing: { left: 'You left', removed: 'You were removed' },
    said: (name: string, text: string) => `${isolated(name)}: ${text}`,
    you: 'You',
    mentions: (count: number) => some(count, 'mention of you', 'mentions of you'),
    muted: 'Muted',
    requests: wantToJoin,
  },
  make: {
    title: 'New group',
    name: 'Name of the group',
    namePlaceholder: 'Weekend at the lake',
    nameHelp: 'You begin as its admin: you can invite, remove, rename and make others admins.',
    nameMissing: 'Give the group a name first.',
    people: 'Who is invited',
    rules: 'What to know before',
    ruleList: [
      'Up to 50 people. Nobody owns the group and no machine hosts it: everybody’s device keeps it.',
      'Admins invite and remove people, make others admins, rename the group and hand out its cards.',
      'Making somebody an admin cannot be taken back. They can then remove anybody, you included.',
      'Everybody invited decides for themselves. They see the names of the others before they answer.',
    ],
    create: 'Make the group',
    creating: 'Making the group…',
    alone: 'You can also begin alone and invite people later.',
  },
  pick: {
    search: 'Search your contacts',
    obstacles,
    none: 'No contact has such a name or number.',
    noContacts:
      'You have no contacts yet. Only people you have met can be invited; others can ask with the group’s card.',
    count: (picked: number, room: number) =>
      room === 0 ? `${picked} chosen. The group is full with them.` : `${picked} chosen, room for ${room} more`,
    full: 'The group would be full: 50 people',
    list: 'Contacts',
  },
  invite: {
    title: (name: string) => `${name === '' ? 'Somebody' : isolated(name)} invites you to this group`,
    from: 'Number of who invites you',
    known: (names: readonly string[]) => `You know ${names.map(isolated).join(', ')}.`,
    knownMore: (names: readonly string[], more: number) =>
      `You know ${names.map(isolated).join(', ')} and ${more} more.`,
    knownNone: 'You know nobody else in it.',
    others: (count: number) => (count === 1 ? '1 other person is in it.' : `${count} other people are in it.`),
    explain:
      'Nothing of the group can be read before you accept. Then everybody in it sees your name and number, and messages you write there are signed: members can prove to one another what you wrote.',
    accept: 'Accept',
    refuse: 'Refuse',
  },
  talk: {
    sub: (joined: number, online: number) => `${people(joined)}${online > 0 ? ` · ${online} online` : ''}`,
    info: (name: string) => `About the group ${of(name)}`,
    gap: (count: number) =>
      count === 1
        ? '1 message is missing here. It comes when somebody is online who has it.'
        : `${count} messages are missing here. They come when somebody is online who has them.`,
    alone: 'Nobody else of the group is online. What you write waits here and goes to whoever comes first.',
    requests: wantToJoin,
    closed: {
      left: 'You left this group. You can read what came until then, and write no more.',
      removed:
        'An admin removed you from this group. You can read what came until then, and write no more. To come back you must be invited again.',
    },
    removeLost: {
      title: 'Remove this message?',
      body: 'The group does not count it. It is shown here no more, and its file is deleted. The text itself stays on this device, sealed, until you delete the group.',
      yes: 'Remove',
    },
    unsent: {
      title: 'Not sent, and only on this device',
      copy: 'Copy the text',
      discard: 'Discard the text',
      ask: { title: 'Discard this text?', body: 'It was not sent, and stands nowhere else.', yes: 'Discard' },
    },
    system,
    receipts,
    receiptsTitle: 'Who has this message',
    receiptsWaiting: 'Asking…',
    receiptStates,
    onlyHere: 'No member is known to have the file yet',
    senderGone: 'Its sender is no longer in the group. It comes if another member has it.',
    receiptsOfFile: 'This tells of the message alone.',
    receiptsOnlyHere: 'Its file is still on its way: keep Kith open until one member has all of it.',
    receiptsElsewhere: 'Another member got all of its file as well.',
    receiptsHelp: 'Delivered means: kept on their device. Whoever has switched off read receipts stays at delivered.',
    twoFaced: 'Others got a different text',
    fetchAgain: 'Fetch again',
    twoFacedTitle: (name: string) => `${who(name)} sent different texts`,
    twoFacedBody: (name: string) =>
      `${who(name)} signed at least two texts in the place of this one, and gave them to different members. Both signatures are genuine, so it was their device and nobody in between. You see the one that came to you. Compare with the others, and trust neither.`,
    mentionList: 'Members to mention',
    mentionHint: (count: number) => `${some(count, 'member', 'members')}. Up and down to choose, Enter to take.`,
    mentionsYou: 'mentions you',
  },
  page: {
    title: 'Group',
    loading: 'Opening the group…',
    roleAdmin:
      'You are an admin: you invite and remove people, make others admins, rename the group and hand out its cards.',
    roleMember: 'Only admins invite and remove people, make others admins, rename the group and hand out its cards.',
    conflict: 'Something does not fit together',
    conflictBody:
      'Somebody in this group signed two things that exclude each other, or wrote different texts to different members. Everybody ends with the same list of members all the same: what a removal has made void stays void. Whoever it was is marked below.',
    twoFaced: 'Signed things that exclude each other',
    name: 'Name',
    nameHelp: 'Everybody in the group sees it.',
    picture: {
      choose: 'Choose a picture',
      change: 'Change the picture',
      remove: 'Remove the picture',
      of: (name: string) => `Picture of the group ${of(name)}`,
      unusable: 'This cannot be used as a picture. A photo or screenshot works.',
    },
    mute: 'Mute',
    muteHelp: 'Counts nothing from this group but messages that mention you.',
    actions: 'Leaving',
    leave: 'Leave the group',
    delete: 'Delete for me',
  },
  members: {
    title: (joined: number, invited: number) =>
      invited > 0 ? `${people(joined)}, ${invited} invited` : people(joined),
    admin: 'Admin',
    member: 'Member',
    state: memberState,
    met: 'Met in group',
    metHelp: 'You are not contacts: you can ask, and write to each other once they have agreed.',
    ask: 'Ask to be contacts',
    askNamed: (name: string) => `Ask ${of(name)} to be contacts`,
    asked: 'Asked. Waiting for them to agree.',
    message: 'Message',
    messageNamed: (name: string) => `Message ${of(name)}`,
    makeAdmin: 'Make admin',
    makeAdminNamed: (name: string) => `Make ${of(name)} an admin`,
    remove: 'Remove',
    removeNamed: (name: string) => `Remove ${of(name)}`,
    withdraw: 'Withdraw',
    withdrawNamed: (name: string) => `Withdraw the invitation of ${of(name)}`,
    search: 'Search the members',
    none: 'No member has such a name or number.',
  },
  add: {
    open: 'Add people',
    title: 'Add people',
    submit: 'Invite',
    none: 'Choose somebody first.',
    history: 'Show them earlier messages',
    historyOn:
      'They can read everything that your device has of this group. That cannot be taken back, and those who wrote it are not asked.',
    historyOff: 'They read what is written after they have joined, and nothing before.',
  },
  cards: {
    title: 'Group cards',
    help: 'Whoever holds a card of the group can ask to join. It works while your Kith is open, for as many people and as long as you say.',
    uses: 'For how many people',
    usesChoice: (count: number) => people(count),
    time: 'For how long',
    times: { hour: '1 hour', day: '1 day', week: '1 week' },
    make: 'Make a card',
    label: 'Card of the group',
    qr: 'Card of the group as a QR code',
    showQr: 'Show as QR code',
    hideQr: 'Hide QR code',
    left: (left: number, uses: number) => `${left} of ${some(uses, 'use', 'uses')} left`,
    until: (time: string) => `until ${time}`,
    revoke: 'Revoke',
    copy: 'Copy card',
    admission: 'Let them in without asking me',
    admissionOn: 'Whoever holds a valid card joins as soon as your Kith is open.',
    admissionOff: 'You are asked about everybody.',
    requests: 'Want to join',
    requestHelp: 'Anybody can choose a name. Accept only somebody you expect.',
    accept: (name: string) => `Let ${of(name)} in`,
    refuse: (name: string) => `Refuse ${of(name)}`,
    acceptShort: 'Let in',
    refuseShort: 'Refuse',
    unnamed: 'No name',
  },
  join: {
    title: 'This is the card of a group',
    body: 'Join it? Whoever made the card sees your name and number and lets you in, or is asked first. Once you are in, everybody in the group sees them too.',
    unknown:
      'You learn the group’s name and who is in it when you are let in. Join only a group whose card you expected.',
    confirm: 'Ask to join',
    cancel: 'Do not join',
    waiting: 'Waiting for whoever made the group’s card to be online…',
    calling: 'Connected. Waiting to be let in…',
    hint: 'The card of a group',
  },
  ask: {
    remove: {
      title: (name: string) => `Remove ${of(name)}?`,
      body: 'They read nothing that is written from now on. What they have already stays on their device. To come back they must be invited again.',
      yes: 'Remove',
    },
    withdraw: {
      title: (name: string) => `Withdraw the invitation of ${of(name)}?`,
      body: 'They can no longer accept it. You can invite them again.',
      yes: 'Withdraw',
    },
    makeAdmin: {
      title: (name: string) => `Make ${of(name)} an admin?`,
      body: 'Admins invite and remove people, you included, and make others admins. It cannot be taken back: an admin stays one until they leave or are removed.',
      yes: 'Make admin',
    },
    leave: {
      title: 'Leave this group?',
      body: 'You read nothing that is written from now on, and the others see that you left. What you have stays on this device. To come back you must be invited again.',
      /** `count`: messages and files of mine that would reach nobody; at least 1. */
      unreached: (count: number) =>
        count === 1
          ? 'One message or file of yours has not reached anybody yet. If you leave now, it never will.'
          : `${count} messages or files of yours have not reached anybody yet. If you leave now, they never will.`,
      yes: 'Leave',
    },
    orphan: {
      title: 'You are the only admin',
      body: 'Without an admin nobody can invite, remove or rename any more, for good. Choose who follows you.',
      field: 'Admin after you',
      nobody: 'Nobody: the group stays as it is',
      yes: 'Leave',
    },
    delete: {
      title: 'Delete this group from this device?',
      body: 'All its messages and files here are deleted. The others keep theirs.',
      bodyMember: 'You leave the group, and all its messages and files here are deleted. The others keep theirs.',
      yes: 'Delete',
    },
    revoke: {
      title: 'Revoke this card?',
      body: 'Nobody can join with it any more. Whoever has joined stays.',
      yes: 'Revoke',
    },
  },
};
