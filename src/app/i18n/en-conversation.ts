// English for a conversation, its composer, attachments and the contact's page.
import { isolated } from '../format.ts';

const of = (name: string) => (name === '' ? 'this person' : isolated(name));

export const conversationWords = {
  conversation: {
    details: (name: string) => `About ${of(name)}`,
    messages: (name: string) => `Messages with ${of(name)}`,
    empty: (name: string) => `Say hello to ${of(name)}.`,
    emptyHelp: 'Messages are sealed on this device and opened only on theirs.',
    gap: (count: number) =>
      count === 1 ? '1 earlier message has not arrived' : `${count} earlier messages have not arrived`,
    unreadLine: 'New messages',
    toNewest: 'Go to the newest message',
    loadingOlder: 'Loading earlier messages…',
    showMore: 'Show more',
    showLess: 'Show less',
    retry: 'Retry',
    remove: 'Remove',
    cancelQueued: 'Cancel this message',
    yours: 'You',
    incoming: (name: string, text: string) => `${of(name)}: ${text}`,
  },
  status: {
    offline: 'You are offline. What you write is kept here and sent later.',
    joining: 'Joining the network…',
    connecting: (name: string) => `Connecting to ${of(name)}…`,
    away: (name: string) => `${of(name)} is away. Messages wait here until both of you are online.`,
    waiting: (name: string) => `Waiting for ${of(name)} to confirm. What you write is sent after that.`,
    declined: (name: string) => `${of(name)} does not take messages from you. To talk again, exchange cards.`,
    blocked: (name: string) => `You blocked ${of(name)}.`,
  },
  composer: {
    label: (name: string) => `Message to ${of(name)}`,
    placeholder: 'Message',
    attach: 'Add files',
    send: 'Send',
    waitingFiles: 'Files to send',
    removeFile: (name: string) => `Remove ${name}`,
    asFile: 'As a file',
    asFileTitle: 'Exactly as it is, with where and how it was taken',
    asFileHint: (name: string) => `: ${name} goes exactly as it is, with where and how it was taken`,
    drop: 'Drop files to send them',
    /** `more`: of how many others the same is so. */
    refused: (names: readonly string[], more: number, why: string) =>
      `${names.map(isolated).join(', ')}${more > 0 ? ` and ${more} more` : ''}: ${why}`,
  },
  attachment: {
    label: (kind: string, name: string, size: string) => `${kind}: ${name}, ${size}`,
    waiting: 'Waiting',
    transferring: (percent: number) => `${percent} %`,
    progress: (name: string) => `Progress of ${name}`,
    failed: 'Not transferred',
    noRoom: 'No room for it on this device. Free some space, then ask for it again.',
    save: 'Save',
    saveNamed: (name: string) => `Save ${name}`,
    cancel: (name: string) => `Stop ${name}`,
    open: (name: string) => `View ${name}`,
    noPreview: 'This cannot be shown here. You can save it.',
    viewer: (name: string) => `Viewing ${name}`,
  },
  contact: {
    title: 'Contact',
    number: 'Number',
    callsThemselves: (name: string) => `Calls themselves ${isolated(name)}`,
    nickname: 'Nickname',
    nicknameHelp: 'Only you see it. Leave it empty to use their own name.',
    trust: 'Trust',
    trustWords: {
      verified:
        'You checked this person’s key: their card came from them, or you compared the numbers on your screens.',
      unverified: 'You have not checked this person’s key yet. Compare below, or take their card in person.',
      introduced:
        'Somebody you have verified gave their word for this person’s key. You have not checked it yourself: compare below.',
      group: 'You know this person from a group.',
    },
    giveUp: 'Stop trying to deliver after',
    giveUpHelp: 'Messages still waiting after that are dropped, and you are told.',
    giveUpChoices: { never: 'Never stop', hour: '1 hour', day: '1 day', week: '1 week' },
    actions: 'Actions',
    clear: 'Clear conversation',
    block: 'Block',
    unblock: 'Unblock',
    remove: 'Remove contact',
  },
  confirm: {
    title: 'Are you sure?',
    no: 'Keep',
    clear: {
      title: 'Clear this conversation?',
      body: (name: string) =>
        `All messages and files with ${of(name)} are deleted from this device. Theirs stay with them.`,
      yes: 'Clear',
    },
    remove: {
      title: (name: string) => `Remove ${of(name)}?`,
      body: 'The contact and all messages and files are deleted from this device. To talk again you exchange cards anew.',
      yes: 'Remove',
    },
    block: {
      title: (name: string) => `Block ${of(name)}?`,
      body: 'Their messages are refused, and they can see that. You can unblock them at any time.',
      yes: 'Block',
    },
    removeMessage: {
      title: 'Remove this message?',
      body: 'It was not delivered. What you wrote is deleted from this device.',
      yes: 'Remove',
    },
  },
};
