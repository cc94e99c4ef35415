// What the app may ask of the node and what it is told. Everything here survives structured cloning, because a second tab
// of the same profile talks to the node in the first one through a BroadcastChannel (adapters/tabs).
import type { ErrorDetail, ErrorKind } from './errors.ts';
import type {
  GroupActions,
  GroupConversationView,
  GroupMessagePart,
  GroupView,
  Mention,
  SystemLine,
} from './group-api.ts';
import type { AutoLockMinutes } from './vault/auto-lock.ts';

export type * from './group-api.ts';
export { isNumber } from './identity/number.ts';
export type { AutoLockMinutes } from './vault/auto-lock.ts';

export type Presence = 'online' | 'connecting' | 'offline';
export type Route = 'direct' | 'relayed' | 'none';
export type Trust = 'verified' | 'unverified' | 'introduced' | 'group';
export type MessageState = 'queued' | 'sent' | 'delivered' | 'read' | 'dropped';
/** Why a message was dropped: the person cancelled, the other side refused, or a chosen expiry passed. Never a time-out. */
export type DropReason =
  | 'cancelled'
  | 'blocked'
  | 'not-a-contact'
  | 'too-large'
  | 'disk-full'
  | 'expired'
  | 'declined'
  | 'damaged'
  /** I was outside the group before it left. */
  | 'not-in-group'
  /** It left, and whoever made me an outsider (I, it may be) did not have it: it counts for nobody. */
  | 'not-counted';

export type Result<T = void> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly kind: ErrorKind; readonly detail: ErrorDetail };

export interface IdentityView {
  /** 15 digits; null for the second or so while Argon2id runs. */
  readonly number: string | null;
  readonly name: string;
}

/** active: both agreed. waiting: I took their card, they have not confirmed. declined: they refused or removed me. blocked: by me. */
export type ContactState = 'active' | 'waiting' | 'declined' | 'blocked';

/** What every conversation has. */
export interface ConversationBase {
  /** Random local id. */
  readonly id: string;
  /** A contact's nickname, else their own name; a group's name. Cleaned, may be ''. */
  readonly name: string;
  /** Of a group: whether any other member is linked. */
  readonly presence: Presence;
  readonly route: Route;
  readonly unread: number;
  /** When it last changed, ms since the epoch; the list is sorted by it, newest first. */
  readonly changedAt: number;
  readonly last: LastView | null;
  /** Milliseconds after which an undelivered message is given up; 0 = never. */
  readonly giveUpAfter: number;
}

export interface DirectConversationView extends ConversationBase {
  readonly kind: 'direct';
  readonly trust: Trust;
  /** Digits; '' while being derived. */
  readonly number: string;
  readonly theirName: string;
  readonly nickname: string;
  /** How we last came by each other; left out: by a card, or nobody knows any more. */
  readonly way?: 'link' | 'number' | 'member';
  /** While the trust is introduced: how I call whoever introduced them. May be ''. */
  readonly introducedBy?: string;
  readonly state: ContactState;
}

export type ConversationView = DirectConversationView | GroupConversationView;

/** The newest message of a conversation. */
export interface LastView {
  /** First 120 characters of the text; '' for an attachment. */
  readonly text: string;
  readonly attachment: AttachmentKind | null;
  /** Name of the attachment, cleaned, its first 60 characters; '' for a text. */
  readonly fileName: string;
  readonly direction: 'in' | 'out';
  readonly state: MessageState;
  readonly at: number;
  /** In groups, as in MessageView: '' and null between two. */
  readonly fromName: string;
  readonly system: SystemLine | null;
}

export type AttachmentKind = 'image' | 'video' | 'audio' | 'document';

export interface AttachmentView {
  readonly name: string;
  readonly size: number;
  /** Declared media type, cleaned; shown, never trusted. */
  readonly type: string;
  /** By declared type: it chooses icon and words. Whether something is shown is decided by its bytes (`openAttachment`). */
  readonly kind: AttachmentKind;
  readonly state: 'waiting' | 'transferring' | 'complete' | 'failed';
  /** 0 … 1 */
  readonly progress: number;
  /** Hex, when complete. */
  readonly sha256: string | null;
  /** A small JPEG, PNG or WebP made by the sender, at most 32 KiB; null when there is none. */
  readonly thumbnail: Uint8Array | null;
  readonly error: ErrorKind | null;
}

export interface MessageView extends GroupMessagePart {
  readonly id: string;
  readonly conversationId: string;
  /** Place in the conversation on this device, ascending, unique. */
  readonly position: number;
  readonly direction: 'in' | 'out';
  readonly state: MessageState;
  readonly reason: DropReason | null;
  /** Number of the sender. */
  readonly from: string;
  readonly text: string;
  /** Sender's clock for `out`, arrival for `in`; ms since the epoch. */
  readonly at: number;
  readonly attachment: AttachmentView | null;
  /** How many messages of the sender's sequence are missing right before this one (0 nearly always). */
  readonly missingBefore: number;
  /** Queued and never handed to a link: may be cancelled for certain. */
  readonly cancellable: boolean;
}

export interface CardView {
  /** `kith1…`, 90 characters. */
  readonly text: string;
  readonly expiresAt: number;
}

/** Somebody took my card, found my number or met me in a group, and waits for my answer. */
export interface PairRequestView {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  /** Name under which this person is already in my list (renewal), else null. */
  readonly knownAs: string | null;
  readonly blocked: boolean;
  /** How they came by me; left out: they took my card. Only by a card they can be accepted as verified. */
  readonly way?: 'card' | 'link' | 'number' | 'member';
}

/** Somebody I asked to be a contact. waiting: nobody has answered yet. calling: handshake under way. failed: `kind` says why (until dismissed). */
export interface AttemptView {
  readonly id: string;
  readonly state: 'waiting' | 'calling' | 'failed';
  readonly kind: ErrorKind | null;
  readonly startedAt: number;
  /** How I came by them; left out: by a card I took. member: met in a group. group: I asked to join one, by its card. */
  readonly way?: 'card' | 'link' | 'number' | 'member' | 'group';
}

/** To whom an invitation link leads, as far as this device knows them. */
export interface LinkView {
  /** Name under which this person is in my list; null: nobody I know. May be ''. */
  readonly knownAs: string | null;
  readonly blocked: boolean;
}

/** A contact makes me known to another contact of theirs. */
export interface IntroductionView {
  readonly id: string;
  /**
   * asked: it waits for my answer; it can be accepted when `byVerified`. known: they are in my list already. waiting: I said yes, and they
   * have not yet. lapsed: they never did. failed: `kind` says why.
   */
  readonly state: 'asked' | 'known' | 'waiting' | 'lapsed' | 'failed';
  /** Whose word it is: their conversation, how I call them (may be ''), and whether I have checked their key. */
  readonly by: string;
  readonly byName: string;
  readonly byVerified: boolean;
  /** Who is introduced: 15 digits derived from their keys, and what they call themselves, cleaned. May be ''. */
  readonly number: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
  readonly kind: ErrorKind | null;
}

/** I make two contacts known to each other. What they answer nobody tells me. */
export interface GivenIntroductionView {
  readonly id: string;
  readonly conversationIds: readonly [string, string];
  /** Which of them have it. */
  readonly delivered: readonly [boolean, boolean];
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

export interface IntroductionsView {
  readonly received: readonly IntroductionView[];
  /** Those that may still be answered. */
  readonly given: readonly GivenIntroductionView[];
}

/** A visit to the Bluetooth mailbox, for the tab in which it was chosen. Slots are 1 to 5; what each part means: pairing/mailbox/visit.ts. */
export interface MailboxErrand {
  readonly id: string;
  /** As `startMailbox` said. */
  readonly mailboxId: string;
  readonly first: Uint8Array | null;
  readonly write: { readonly slot: number; readonly bytes: Uint8Array } | null;
  readonly read: readonly number[];
  readonly clear: boolean;
}

export type MailboxOutcome =
  | { readonly ok: true; readonly seen: readonly { readonly slot: number; readonly bytes: Uint8Array | null }[] }
  | { readonly ok: false; readonly kind: ErrorKind };

/** Pairing over a Bluetooth mailbox. */
export interface MailboxView {
  readonly id: string;
  /**
   * reaching: the mailbox is visited for the first time. busy: two others are at it. waiting: nobody else has come. joining: somebody
   * has, and the codes are being made. comparing: my code is shown, and theirs is to be typed. typed: it was right; the screen may be
   * closed. done, failed: over.
   */
  readonly state: 'reaching' | 'busy' | 'waiting' | 'joining' | 'comparing' | 'typed' | 'done' | 'failed';
  /** The six digits of my screen, from `comparing` until it is over. */
  readonly code: string | null;
  /** While comparing. */
  readonly triesLeft: number | null;
  /** Why it failed. */
  readonly kind: ErrorKind | null;
  /**
   * done: the other side certainly has my card and is in my list. false: the last step was not confirmed; they come into my list when
   * the two of us are first connected, if they have me in theirs.
   */
  readonly confirmed: boolean;
  /** done and in my list. */
  readonly conversationId: string | null;
}

export interface EntryPointView {
  readonly url: string;
  readonly state: 'connecting' | 'open' | 'waiting' | 'closed';
  readonly retryAt: number | null;
}

/**
 * How this page stands in the network. joining: a door is being opened. no-door: none opens, and nobody is linked. nobody-else:
 * a door is open and nobody is linked. no-connection: the same, but others answer there, and no connection to them opens.
 * only-relayed: contacts are reached, none of them directly, not for want of trying, and nobody called us. hidden: only
 * over routes, as the person chose (relay only). no-relay: the same, and there is a contact with nobody else between. open: all is
 * well.
 */
export type Diagnosis =
  | 'joining'
  | 'no-door'
  | 'nobody-else'
  | 'no-connection'
  | 'only-relayed'
  | 'hidden'
  | 'no-relay'
  | 'open';

/** What became of a text that was given out for meeting without a tracker. */
export interface DoorTextView {
  /** As `inviteDoor` or `answerDoor` said. */
  readonly id: string;
  /** waiting: for the other side. met: the two browsers are linked. over: it leads nowhere any more. */
  readonly state: 'waiting' | 'met' | 'over';
}

export interface NetworkView {
  /** offline: no door open and nobody connected. joining: a door is being opened. online: a door is open or somebody is connected. */
  readonly state: 'offline' | 'joining' | 'online';
  /** Overlay links; 0 until there is an overlay. */
  readonly neighbours: number;
  readonly diagnosis: Diagnosis;
  readonly entryPoints: readonly EntryPointView[];
  /** The last texts for meeting without a tracker, the oldest first; one that waits is always among them. */
  readonly doorTexts: readonly DoorTextView[];
  /** Conversations being connected to or waited for, and connected. */
  readonly connected: number;
  readonly looking: number;
}

/** A browser that this page has a live overlay link to. It is nobody in particular: overlay ids belong to no person. */
export interface NeighbourView {
  /** First 8 hexadecimal digits of its overlay id. */
  readonly id: string;
  /** Who opened the link: `out` is this page. */
  readonly direction: 'in' | 'out' | 'unknown';
  /** Milliseconds; null before it was measured. */
  readonly rtt: number | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Kept when links are given up for better ones: a contact is there, or is reached through it. */
  readonly pinned: boolean;
}

/** A session of mine that runs over a route through neighbours. */
export interface CircuitView {
  readonly conversationId: string;
  /** The neighbour it leaves through, as in NeighbourView.id. */
  readonly via: string;
  /** Links from here to there. */
  readonly hops: number;
}

/** The overlay as it is at the moment of asking. */
export interface OverlayView {
  readonly neighbours: readonly NeighbourView[];
  /** Nodes that a way is known to. */
  readonly routesKnown: number;
  readonly circuits: readonly CircuitView[];
  /** What is carried for others: routes now, bytes since load, and the most bytes a second; null: none are. */
  readonly relaying: { readonly circuits: number; readonly bytes: number; readonly bytesPerSecond: number | null };
  /** Over all overlay links since load. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What two people compare to know that nobody stands between them (core/identity/safety-number.ts). */
export interface SafetyNumberView {
  /** 30 digits that stand for my keys, and 30 for theirs. */
  readonly mine: string;
  readonly theirs: string;
  /** Both halves in an order of their own: 60 digits, the same on both screens. */
  readonly digits: string;
}

/** Somebody who answers to a number. Their key hashes to it, which proves little: 10^14 can be searched. */
export interface FoundView {
  /** For `callFound`; forgotten at the next look-up. */
  readonly id: string;
  readonly number: string;
  /** What they call themselves, cleaned. May be ''. */
  readonly name: string;
}

export interface StorageView {
  /** The browser's answer to navigator.storage.persist(); null before it was asked. */
  readonly persisted: boolean | null;
  readonly usage: number | null;
  readonly quota: number | null;
  /** The last write failed for lack of room. */
  readonly full: boolean;
  /** A file that came found no room, and as far as can be told there is none yet; texts may still find some. */
  readonly fullForFiles: boolean;
  readonly damagedRecords: number;
}

/** none: no passphrase is set. open: it was given. locked: nothing can be read until it is; the rest of the snapshot is empty. */
export interface LockView {
  readonly state: 'none' | 'open' | 'locked';
  /** Minutes without anybody at any tab after which it locks; 0: never. */
  readonly autoLock: AutoLockMinutes;
  /** locked, and no passphrase can open it: why. Nothing was deleted. */
  readonly lost?: ErrorKind;
}

/**
 * set, change, remove, unlock: 'passphrase-…' says what is wrong with one. now: locks in every tab. auto: chooses when it locks by itself.
 * used: somebody is at a tab. All but unlock are refused while locked ('lock-closed').
 */
export type LockDeed =
  | { readonly do: 'set' | 'unlock'; readonly passphrase: string }
  | { readonly do: 'change'; readonly current: string; readonly passphrase: string }
  | { readonly do: 'auto'; readonly minutes: AutoLockMinutes }
  | { readonly do: 'remove' | 'now' | 'used' };

export interface SettingsView {
  /** null: those of kith.config.json. */
  readonly trackers: readonly string[] | null;
  readonly effectiveTrackers: readonly string[];
  readonly iceServers: readonly string[];
  readonly maxFileBytes: number;
  readonly sendReadReceipts: boolean;
  /** Whoever knows my number may find me and ask to be a contact. */
  readonly discoverable: boolean;
  /** Contacts reach me over routes only, so that they never learn my address. */
  readonly relayOnly: boolean;
  /** Bytes per second that may be carried for others; null: none. */
  readonly relaying: number | null;
  /** What is wrong with kith.config.json, or with this device's clock in the eyes of whoever served it; null when all is well. */
  readonly configError: null | { readonly kind: ErrorKind; readonly detail: ErrorDetail };
}

/**
 * Another device has the same identity (backup/BACKUP.md, "Two devices"). held: nobody has chosen yet, and neither talks with anybody. retired:
 * another one was chosen, and this one is silent. here: it is linked with this one now.
 */
export interface TwinView {
  readonly state: 'held' | 'retired';
  readonly here: boolean;
}

/** Everything but the messages. A new object whenever something changed; unchanged parts keep their identity within a tab. */
export interface Snapshot {
  readonly identity: IdentityView | null;
  readonly network: NetworkView;
  readonly conversations: readonly ConversationView[];
  readonly card: CardView | null;
  /** A card of its own that goes into invitation links; null until `newLink`, and when it is used or expired. */
  readonly link: CardView | null;
  readonly requests: readonly PairRequestView[];
  readonly attempts: readonly AttemptView[];
  readonly introductions: IntroductionsView;
  /** null: none since the start, or it was closed. */
  readonly mailbox: MailboxView | null;
  readonly storage: StorageView;
  readonly settings: SettingsView;
  /**
   * Why nobody is here where somebody was: a backup that was being brought in and did not end, or 'data-gone', when the browser lost the
   * database. Left out: nothing of the kind happened.
   */
  readonly unfinished?: ErrorKind;
  /** Another device has this identity; left out: none that this one knows of. */
  readonly twin?: TwinView;
  readonly lock: LockView;
}

export type NodeEvent =
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  /** These messages are new or changed. */
  | { readonly type: 'messages'; readonly conversationId: string; readonly messages: readonly MessageView[] }
  /** This message is no more: take it away. */
  | { readonly type: 'removed'; readonly conversationId: string; readonly messageId: string }
  /** What is being written there, as a tab has just given it to be kept: for the other tabs. */
  | { readonly type: 'draft'; readonly conversationId: string; readonly text: string }
  /** The conversation was cleared or removed: drop what is cached. */
  | { readonly type: 'cleared'; readonly conversationId: string }
  /** This group has changed. */
  | { readonly type: 'group'; readonly group: GroupView }
  /** Nothing is stored any more: every tab begins anew. */
  | { readonly type: 'erased' }
  /** Everything that is stored is another's, or nobody's: every tab opens it anew. `untouched`: it is as it was, for this reason. */
  | { readonly type: 'replaced'; readonly untouched?: ErrorKind }
  /** The keys are gone from memory: every tab forgets what it shows. */
  | { readonly type: 'locked' }
  /** For the tab in which this mailbox was chosen: go there, then call `mailboxVisited`. */
  | { readonly type: 'errand'; readonly errand: MailboxErrand };

export interface OutgoingFile {
  readonly file: File;
  /** Small preview made by the page, at most 32 KiB, or null. */
  readonly thumbnail: Uint8Array | null;
  /** Exactly as it is: a photo keeps where and with what it was taken. Otherwise that is removed. */
  readonly asFile?: boolean;
  /** As in `sendText`: makes sending it safe to repeat. What was prepared under it is not sealed again. */
  readonly messageId?: string;
}

export interface DiagnosticsView {
  /** Overlay links, and nodes that a way is known to: as in `overlay`. */
  readonly links: number;
  readonly routes: number;
  /** RTCPeerConnections since load, whatever for. */
  readonly peerConnectionsOpened: number;
  readonly peerConnectionsAlive: number;
  /** In all sessions since load. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Units of files handed to links since load, and those of them that the other side had not acknowledged before. */
  readonly unitsSent: number;
  readonly unitsReceived: number;
  /** Sessions with contacts: the handshake in use, how many there are, how many of them run through others, and made since load. */
  readonly session: {
    readonly protocol: string | null;
    readonly live: number;
    readonly relayed: number;
    readonly handshakes: number;
  };
  readonly entryPoints: readonly EntryPointView[];
  readonly overlay: OverlayView;
}

/**
 * How the two texts of meeting without a tracker begin. The rest is the overlay's affair; spaces and line ends in it mean
 * nothing, and neither holds a name, a number or a key of a person.
 */
export const doorPrefix = { invitation: 'kith-door1', answer: 'kith-answer1' } as const;

/**
 * The façade. Every method may be called from any tab. Rejections are bugs; expected failures are `Result`s.
 */
export interface KithNode extends GroupActions {
  subscribe(listener: (event: NodeEvent) => void): () => void;
  snapshot(): Promise<Snapshot>;
  diagnostics(): Promise<DiagnosticsView>;

  createIdentity(name: string): Promise<Result>;
  rename(name: string): Promise<Result>;

  /** Replaces the card on show by a fresh one; cards handed out before stay valid until used or expired. */
  newCard(): Promise<Result>;
  /** The same for the card in `snapshot.link`. Whoever calls by it stays unverified until somebody compares. */
  newLink(): Promise<Result>;
  /**
   * Parses at once (errors of the text itself come back here), then calls until answered or expired. Value: attempt id. A card in a
   * link, alone or with other words, makes a contact that is unverified until somebody compares; that of a group asks to join it.
   */
  takeCard(text: string): Promise<Result<{ readonly attemptId: string }>>;
  /** What stands behind the # of an invitation link that was opened: whose it is. Tells nobody, and takes nothing. */
  readLink(fragment: string): Promise<Result<LinkView>>;
  /** Takes the card there, as `takeCard`. */
  takeLink(fragment: string): Promise<Result<{ readonly attemptId: string }>>;
  dismissAttempt(attemptId: string): Promise<void>;
  answerRequest(requestId: string, answer: 'accept' | 'accept-verified' | 'refuse'): Promise<Result>;

  /**
   * Makes two contacts known to each other, both of whom I have verified. Repeating it while it is open changes nothing.
   * 'introduction-unverified', 'introduction-too-many', 'not-a-contact' (any more).
   */
  introduce(conversationId: string, otherConversationId: string): Promise<Result<{ readonly introductionId: string }>>;
  /** I thought better of it. They stay contacts if they are by then. */
  withdrawIntroduction(introductionId: string): Promise<Result>;
  /**
   * My answer to an introduction; 'refuse' also gives up waiting, and says that I have read what came of it. 'introduction-unverified': the
   * introducer is to be compared with first. 'introduction-gone': there is nothing to accept any more.
   */
  answerIntroduction(introductionId: string, answer: 'accept' | 'refuse'): Promise<Result>;

  /**
   * Begins to pair at a Bluetooth mailbox that this tab has chosen and goes to from now on (node/mailbox-courier.ts does both).
   * `snapshot.mailbox` says how it goes. One at a time: else 'mailbox-elsewhere'.
   */
  startMailbox(): Promise<Result<{ readonly mailboxId: string }>>;
  /** What came of an errand. */
  mailboxVisited(errandId: string, outcome: MailboxOutcome): Promise<void>;
  /**
   * The six digits that the other's screen shows; spaces do not count. 'code-own', 'code-digits': nothing has happened. 'code-wrong':
   * `detail.limit` tries are left, none: it has failed. 'mailbox-expired': there is nothing to type them for.
   */
  enterMailboxCode(mailboxId: string, digits: string): Promise<Result>;
  /** Clears the mailbox of whatever is there, or after a failure begins again with fresh values. Of no effect once the code is typed. */
  startMailboxOver(mailboxId: string): Promise<void>;
  /** The person closes it. Before the code it is given up and the other side told; after it it goes on; when it is over it goes. */
  cancelMailbox(mailboxId: string): Promise<void>;

  /** Takes some tenths of a second. */
  safetyNumber(conversationId: string): Promise<Result<SafetyNumberView>>;
  /** The person has compared: for me, on this device, the contact is verified from now on. */
  markVerified(conversationId: string): Promise<Result>;
  setNickname(conversationId: string, nickname: string): Promise<Result>;
  setGiveUpAfter(conversationId: string, milliseconds: number): Promise<Result>;
  block(conversationId: string): Promise<Result>;
  unblock(conversationId: string): Promise<Result>;
  /** Removes the contact and its history. */
  removeContact(conversationId: string): Promise<Result>;
  clearConversation(conversationId: string): Promise<Result>;

  /** Newest `limit` messages before `before` (position, exclusive; null = from the end), ascending. */
  listMessages(conversationId: string, before: number | null, limit: number): Promise<readonly MessageView[]>;
  /**
   * `messageId` (32 hexadecimal digits) makes the call safe to repeat: when a message of this id is there already, nothing is
   * sent and the answer is what the first call got. Left out, the node chooses one. `mentions`: in groups, whom the text names.
   */
  sendText(
    conversationId: string,
    text: string,
    messageId?: string,
    mentions?: readonly Mention[],
  ): Promise<Result<{ readonly messageId: string }>>;
  /**
   * Seals a file that waits to be sent, so that `sendFiles` with the same `messageId` and `asFile` only has to offer it. `messageId`
   * (32 hexadecimal digits) is fresh for every choice. Resolves when it is sealed; one at a time, in the order of the calls. Nobody
   * is told of it, and what failed leaves nothing behind.
   */
  prepareFile(conversationId: string, messageId: string, file: File, asFile: boolean): Promise<Result>;
  /** The prepared file will not be sent: it goes, or is no longer sealed. Of no effect once it was sent. */
  discardFile(conversationId: string, messageId: string): Promise<Result>;
  /** One message per file. Resolves when they are sealed and queued. Refuses before anything is sent. */
  sendFiles(conversationId: string, files: readonly OutgoingFile[]): Promise<Result>;
  cancelMessage(conversationId: string, messageId: string): Promise<Result>;
  retryMessage(conversationId: string, messageId: string): Promise<Result>;
  /**
   * Deletes a dropped message of one's own, and its file, from this device. Does nothing to any other. Of one that was 'not-counted' the
   * text stays, sealed and not shown, in the group's history: what others wrote behind it names it.
   */
  removeMessage(conversationId: string, messageId: string): Promise<Result>;
  /** The person has seen everything up to this position. */
  markRead(conversationId: string, position: number): Promise<void>;
  cancelTransfer(conversationId: string, messageId: string): Promise<Result>;
  /** The whole file of a complete attachment; its type is 'application/octet-stream' unless sniffed as a safe image, video or audio. */
  openAttachment(conversationId: string, messageId: string): Promise<Result<{ readonly blob: Blob }>>;

  draft(conversationId: string): Promise<string>;
  setDraft(conversationId: string, text: string): Promise<void>;

  setTrackers(urls: readonly string[] | null): Promise<Result>;
  setSendReadReceipts(on: boolean): Promise<Result>;
  setDiscoverable(on: boolean): Promise<Result>;
  setRelayOnly(on: boolean): Promise<Result>;
  /** @param bytesPerSecond null: nothing is carried for others. */
  setRelaying(bytesPerSecond: number | null): Promise<Result>;

  /**
   * Everybody who answers to this number (15 digits), at the end of the look-up; never empty: nobody is 'number-nobody'.
   * Tells nobody who is looking.
   */
  findByNumber(number: string): Promise<Result<{ readonly found: readonly FoundView[] }>>;
  /** Asks one of them to be a contact: an attempt as with `takeCard`, unverified at both sides. */
  callFound(foundId: string): Promise<Result<{ readonly attemptId: string }>>;

  /**
   * Meeting without a tracker: my invitation, to be given to somebody by any way there is. A new one replaces the last.
   * `network.doorTexts` says under its id what becomes of it.
   */
  inviteDoor(): Promise<Result<{ readonly id: string; readonly text: string }>>;
  /** Takes somebody's invitation. Value: the answer they wait for, told of as the invitation is. */
  answerDoor(text: string): Promise<Result<{ readonly id: string; readonly text: string }>>;
  /** Takes the answer to my invitation. Resolves once the link is open. */
  acceptDoor(text: string): Promise<Result>;
  /**
   * Everything that is stored here, sealed under this passphrase. Kinds: 'backup-passphrase-empty', 'passphrase-short', 'passphrase-long',
   * 'passphrase-simple', 'backup-memory', 'backup-busy'. What is written while records are read waits for that.
   */
  exportBackup(passphrase: string): Promise<Result<{ readonly blob: Blob }>>;
  /**
   * Replaces everything that is stored here by a backup; then every tab is told 'replaced'. Kinds, with nothing touched: 'backup-foreign',
   * 'backup-newer', 'backup-truncated', 'backup-damaged', 'backup-passphrase', 'backup-passphrase-empty', 'backup-too-large',
   * 'backup-memory', 'backup-busy', 'file-unreadable'. After any other the pages begin anew: with what was here, and then the
   * event says why, or with nothing, and then `snapshot.unfinished` does.
   */
  importBackup(file: Blob, passphrase: string): Promise<Result>;
  /** The root secret as 24 words. */
  recoveryWords(): Promise<Result<{ readonly words: readonly string[] }>>;
  /**
   * The identity of these words, and nothing else of it: a fresh profile with that number. Kinds: 'words-count' (detail: limit, and
   * position: how many there are), 'word-unknown' (detail: position), 'words-checksum', 'name-empty'.
   */
  returnWithWords(words: string, name: string): Promise<Result>;
  /** Of several devices with this identity this one goes on; the others are silent from when they hear of it. Then every tab is told 'replaced'. */
  goOnHere(): Promise<Result>;

  /** Asks the browser to keep our data, and measures the room left. */
  requestPersistence(): Promise<void>;
  /** Identity, contacts, messages, files, settings: gone from this device for good. Nobody is told. After a failure it may be asked for again. */
  eraseEverything(): Promise<Result>;
  /** The passphrase (vault/VAULT.md). */
  lock(deed: LockDeed): Promise<Result>;
}
