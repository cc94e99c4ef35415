// English for the settings, loaded with them.
import { bytes } from '../format.ts';
import { enNetwork } from './en-network.ts';

const entryPointState = {
  connecting: 'Connecting',
  open: 'Connected',
  waiting: 'Trying again soon',
  closed: 'Closed',
} as const;

export const enSettings = {
  settings: {
    title: 'Settings',
    you: 'You',
    name: 'Name',
    nameHelp: 'Your contacts see it from the next connection on.',
    number: 'Number',
    numberHelp: 'A name to call you by. It proves nothing: trust comes from exchanging cards.',
    privacy: 'Privacy',
    receipts: 'Tell others when I have read their messages',
    receiptsHelp: 'They still see that a message was delivered.',
    links: 'Invitation links',
    linksHelp:
      'Links that begin with web+kith: open in the Kith that the browser knows for them. The browser asks before it changes that.',
    linksHere: 'Open such links here',
    linksAsked: 'The browser asks you now, or opens them here already.',
    linksRefused: 'The browser did not take this.',
    storage: 'On this device',
    kept: 'The browser keeps Kith’s data until you remove it.',
    notKept:
      'The browser may delete Kith’s data when the device runs out of room. Installing Kith usually prevents that.',
    keepUnknown: 'The browser has not been asked yet whether it keeps Kith’s data.',
    askToKeep: 'Ask the browser to keep it',
    erase: 'Erase everything',
    eraseHelp: 'Your number, keys, contacts, groups, messages and files go from this device.',
    eraseAsk: {
      title: 'Erase everything on this device?',
      body: 'Your number, your keys, all contacts, groups, messages and files go from this device, and nobody is told. Only a backup brings them back, or your 24 recovery words the number and its keys alone. Everything here was sealed, and the key to it is overwritten first. No passphrase protected that key, so a disk that keeps old copies of what is overwritten may still hold it.',
      yes: 'Erase everything',
    },
    usage: (used: number, quota: number) => `${bytes(used)} used of ${bytes(quota)}`,
    usageLabel: 'Room used',
    network: 'Network',
    trackers: 'Trackers',
    trackersHelp:
      'Where devices first find each other, one address a line. A tracker sees your IP address and random-looking codes, never names, numbers, keys or words.',
    trackersSave: 'Save trackers',
    trackersReset: 'Use the defaults',
    trackersSaved: 'Trackers saved',
    trackersInvalid: (line: string) => `“${line}” is not a tracker address. They begin with wss:// or ws://.`,
    trackersTooMany: (limit: number) => `Too many trackers: up to ${limit} can be used.`,
    trackersNone: 'Without a tracker the first way in is an invitation: see “Meet without a tracker” below.',
    entryPoints: 'Trackers in use',
    entryPointState,
    iceServers: 'STUN servers',
    noIceServers: 'None: connections work within one network.',
    fileLimit: 'Largest file',
    diagnostics: 'Diagnostics',
    diagnosticsHelp: 'Counts only, never contents. Useful when reporting a problem.',
    about: 'About',
    version: (version: string, release: string) =>
      release === '' ? `Kith ${version}` : `Kith ${version} · ${release}`,
    aboutText: 'A private messenger for people who have met. Free software under the MIT licence.',
  },
  ...enNetwork,
};
