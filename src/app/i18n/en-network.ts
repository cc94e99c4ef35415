// English for the overlay: how this page stands in it, how one may be found and reached, look-ups by number, meeting without
// a tracker. Loaded with the settings.
import type { Diagnosis } from '../../core/node-api.ts';
import { bytes } from '../format.ts';

const some = (count: number, one: string, many: string) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

const perSecond = (count: number) => `${bytes(count)} a second`;

/** In a few words, and what it means or what to do. */
const diagnosis: Readonly<Record<Diagnosis, { readonly title: string; readonly text: string }>> = {
  joining: { title: 'Joining the network…', text: 'Kith is looking for the first other browsers.' },
  'no-door': {
    title: 'No way into the network opens.',
    text: 'No tracker answers, so nobody can be found. Look whether this device is online and whether the trackers below are right. Or meet somebody without a tracker: one person who is in is enough.',
  },
  'nobody-else': {
    title: 'You are in, and nobody else is linked yet.',
    text: 'A tracker answers. Your contacts are found as soon as they open Kith.',
  },
  'no-connection': {
    title: 'Others answer, and no connection to them opens.',
    text: 'Something between you and them blocks it: often a firewall, a VPN, or a network that lets only web pages through. Try another network, such as a mobile one, or switch the VPN off. Kith keeps trying.',
  },
  'only-relayed': {
    title: 'Your network lets nobody in: contacts reach you through relays.',
    text: 'Those who carry your messages cannot read them. Large files take longer. Another network, such as a mobile one, often lets contacts in directly.',
  },
  hidden: {
    title: 'You hide your address: contacts reach you through relays.',
    text: 'Those who carry your messages cannot read them. Large files take longer.',
  },
  'no-relay': {
    title: 'You hide your address, and there is no relay to a contact.',
    text: 'Nobody else is there to go between, and without that they would see your address, so Kith does not connect you. It goes on looking: one more person with Kith open may be enough. Or stop hiding your address.',
  },
  open: { title: 'You are in the network.', text: 'Contacts can find you and connect to you.' },
};

export const enNetwork = {
  overlay: {
    title: 'Network',
    diagnosis,
    meetWithout: 'Meet without a tracker',
    picture: (neighbours: number, direct: number, relayed: number) =>
      `You are linked with ${some(neighbours, 'browser', 'browsers')}. ${some(direct, 'contact is', 'contacts are')} connected directly, ${relayed.toLocaleString('en')} through relays.`,
    legend: {
      neighbour: 'Other browsers',
      pinned: 'Kept for a contact',
      direct: 'Contact, direct',
      relayed: 'Contact, relayed',
    },
    more: (count: number) => `and ${some(count, 'more contact', 'more contacts')}`,
    list: 'The same as a list',
    neighbour: (id: string) => `Browser ${id}`,
    direction: { in: 'called you', out: 'called by you', unknown: 'linked' },
    pinned: 'kept for a contact',
    roundTrip: (milliseconds: number) => `${Math.round(milliseconds)} ms`,
    carried: (count: number) => bytes(count),
    contact: { direct: 'connected directly', relayed: 'through relays' },
    through: (id: string) => `through browser ${id}`,
    counters: {
      neighbours: 'Other browsers linked',
      routes: 'Further browsers a way is known to',
      relayingNow: 'Carried for others now',
      relayed: 'Carried since this page was opened',
      relayingCap: 'Carried at most',
      traffic: 'Received and sent for the network',
      connections: 'Connections this page has made',
    },
    relayingNow: (count: number) => (count === 0 ? 'nobody' : some(count, 'conversation', 'conversations')),
    /** `cap`: bytes a second; null: nothing is carried. */
    relayingCap: (cap: number | null) => (cap === null ? 'nothing' : perSecond(cap)),
    traffic: (bytesIn: number, bytesOut: number) => `${bytes(bytesIn)} and ${bytes(bytesOut)}`,
    connections: (opened: number, alive: number) =>
      `${opened.toLocaleString('en')}, ${alive.toLocaleString('en')} open now`,
    carry: 'Carry for others',
    carryHelp:
      'Some people cannot connect directly. Your browser then passes on what they send each other, sealed, and cannot read it.',
    carryCap: 'At most',
    perSecond,
  },
  reach: {
    discoverable: 'May be found by number',
    discoverableHelp:
      'Whoever knows your number can then see your name, learn your IP address and ask to be your contact, while Kith is open here. Browsers nearby in the network learn that somebody may be found, not who. You accept or refuse each.',
    discoverableHidden:
      'Nobody finds you by number while you hide your address: being found would show it. It counts again when you hide it no more.',
    relayOnly: 'Hide my address from contacts',
    relayOnlyHelp:
      'Contacts then reach you only through other people’s browsers, and not at all while nobody is there to go between. After you turn it on, close Kith in all tabs and open it again: until then, whoever found you before can still see where you are. A contact with a changed Kith whose browser is near yours in the network could work it out. You are not found by number meanwhile. Slower, above all with large files.',
  },
  door: {
    title: 'Meet without a tracker',
    help: 'For when no tracker answers. Send an invitation to somebody by mail or any messenger, or let them scan it; they send back an answer. Both keep Kith open meanwhile.',
    invite: 'Make an invitation',
    inviting: 'Making an invitation…',
    inviteAgain: 'Make a new one',
    invitation: 'Your invitation',
    answer: 'Your answer',
    handOver: {
      invitation:
        'Send them all of it, or let a camera read it, then paste below what they send back. It works for an hour.',
      answer: 'Send them all of it, or let a camera read it. You are linked as soon as they have pasted it.',
    },
    qr: { invitation: 'Your invitation as a QR code', answer: 'Your answer as a QR code' },
    over: {
      invitation: 'Your invitation is over. It works once, and for an hour.',
      answer:
        'Your answer is over: it was not used in time, or the two browsers did not reach each other. Ask for a new invitation.',
    },
    copy: 'Copy',
    theirs: 'What they sent you',
    theirsHelp: 'Their invitation, or their answer to yours.',
    placeholder: 'kith-door1… or kith-answer1…',
    submit: 'Continue',
    reading: 'Working on it…',
    met: 'You are linked. From here on, Kith finds the others by itself.',
    privacy: 'Both texts hold your network address and no name, number or key of yours.',
  },
};
