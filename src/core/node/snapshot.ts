// Puts the snapshot together from the rooms. Views that did not change stay the same objects, so that screens can skip them.
import type { Chat } from '../chat/chat.ts';
import type { ParsedConfig } from '../config.ts';
import type { ErrorKind } from '../errors.ts';
import type {
  ConversationView,
  IntroductionsView,
  LockView,
  NetworkView,
  SettingsView,
  Snapshot,
} from '../node-api.ts';
import type { Board } from './board.ts';
import type { Contact, ContactBook } from './contact-book.ts';
import type { Network } from './network.ts';
import type { ProfileBook } from './profile.ts';
import { isRefused } from './standing.ts';
import type { StorageWatch } from './storage-watch.ts';
import { conversationView, type Reach } from './views.ts';

export interface SnapshotParts {
  readonly profile: ProfileBook;
  readonly book: ContactBook;
  readonly chat: Chat;
  readonly board: Board;
  readonly storage: StorageWatch;
  readonly network: Network | undefined;
  readonly unfinished: ErrorKind | undefined;
  readonly config: ParsedConfig;
  readonly trackers: readonly string[];
  readonly lock: LockView;
}

export const nowhere: NetworkView = {
  state: 'offline',
  neighbours: 0,
  diagnosis: 'joining',
  entryPoints: [],
  doorTexts: [],
  connected: 0,
  looking: 0,
};

export const noIntroductions: IntroductionsView = { received: [], given: [] };

export function composeSnapshot(parts: SnapshotParts, before: Snapshot | undefined): Snapshot {
  const { profile, network, storage } = parts;
  const own = profile.profile;
  return {
    identity: own ? { number: own.number || null, name: own.name } : null,
    network: network?.view() ?? nowhere,
    conversations: conversationViews(parts, before),
    card: network?.firstContact.card('card') ?? null,
    link: network?.firstContact.card('link') ?? null,
    requests: network?.firstContact.requests() ?? [],
    attempts: network?.attempts() ?? [],
    introductions: network?.introductions.view() ?? noIntroductions,
    mailbox: network?.mailbox.view() ?? null,
    storage: storage.view,
    settings: settingsView(parts),
    ...(parts.unfinished && { unfinished: parts.unfinished }),
    ...twinPart(network),
    lock: parts.lock,
  };
}

function twinPart(network: Network | undefined): Pick<Snapshot, 'twin'> {
  const twin = network?.twin.view();
  return twin ? { twin } : {};
}

function conversationViews({ book, chat, board, network }: SnapshotParts, before: Snapshot | undefined) {
  const known = new Map(before?.conversations.map((view) => [view.id, view]));
  const views = book.shown().flatMap((contact): ConversationView[] => {
    const conversation = chat.conversation(contact.id);
    if (!conversation) return [];
    const last = conversation.lastPosition > 0 ? board.last(contact.id) : undefined;
    const introducer = contact.introducedBy && book.get(contact.introducedBy.contactId);
    return [conversationView(contact, conversation, last, reach(contact, network), introducer)];
  });
  views.push(...(network?.groupHouse.board.conversations() ?? []));
  const kept = views.map((view) => {
    const old = known.get(view.id);
    return old && same(old, view) ? old : view;
  });
  return kept.sort((a, b) => b.changedAt - a.changedAt || (a.id < b.id ? -1 : 1));
}

/** Over a session that only tells of a refusal nobody is online for anybody. */
function reach(contact: Contact, network: Network | undefined): Reach {
  if (!network || isRefused(contact)) return { presence: 'offline', route: 'none' };
  return { presence: network.peers.presence(contact.id), route: network.peers.session(contact.id)?.route ?? 'none' };
}

function same(a: ConversationView, b: ConversationView): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function settingsView({ profile, config, trackers }: SnapshotParts): SettingsView {
  return {
    trackers: profile.settings.trackers,
    effectiveTrackers: trackers,
    iceServers: config.config.iceServers.flatMap((server) => server.urls),
    maxFileBytes: config.config.maxFileBytes,
    sendReadReceipts: profile.settings.sendReadReceipts,
    discoverable: profile.settings.discoverable,
    relayOnly: profile.settings.relayOnly,
    relaying: profile.settings.relaying,
    configError: config.error,
  };
}
