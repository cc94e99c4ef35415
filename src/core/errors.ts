// Every way Kith can fail, as values with a kind. What a person reads for a kind stands in app/i18n;
// what the other side is told stands in wire/ (a refusal code, never our details).

/** Kinds of failure. A kind is stable (tests, `data-code` and the dictionary rely on it) and untranslated. */
export const errorKinds = [
  // a pasted or typed card
  'card-empty',
  'card-prefix', // not a kith card at all
  'card-truncated',
  'card-too-long',
  'card-character', // a character no card holds; detail: position (0-based, in the cleaned text)
  'card-checksum', // mistyped; detail: position of the likeliest wrong character, when it can be located
  'card-version',
  'card-own',
  // first contact
  'card-used',
  'card-expired',
  'card-refused',
  'card-cancelled',
  'contact-impostor', // bundle and proven key, signature or card fingerprint disagree
  'contact-known',
  // an invitation link
  'link-broken', // not whole, no card, or more than one
  'link-own',
  'link-used',
  'link-expired',
  // introductions
  'introduction-unverified', // by or of somebody whose key I have not checked
  'introduction-too-many', // detail: limit (open at a time with one person, or a day)
  'introduction-gone', // answered, withdrawn, or too old
  // a number
  'number-empty',
  'number-character', // detail: position (0-based, in the text without spaces and hyphens)
  'number-length', // detail: limit (how many digits there are)
  'number-checksum',
  'number-own',
  'number-nobody', // nobody who may be found has it now
  'number-too-soon', // detail: limit (seconds to wait)
  'number-not-derived', // Argon2id failed: mostly no 64 MiB to be had
  'number-gone', // found a moment ago, and away since
  'number-refused',
  // somebody met in a group, asked to be a contact
  'member-away', // no session with them came about
  'member-busy', // others wait for their answer
  'member-refused',
  'member-gone', // the card they gave was not called in its time
  // codes before a camera or in a picture
  'camera-insecure', // a page that did not come over HTTPS gets none
  'camera-none',
  'camera-refused',
  'camera-busy',
  'picture-unreadable', // no picture that this browser can read
  'picture-no-code',
  'code-foreign', // a QR code, of something else
  // comparing
  'safety-own', // the code of my own screen
  'safety-foreign', // a code, not of a safety number
  'safety-mismatch',
  // meeting without a tracker
  'door-empty',
  'door-malformed', // neither an invitation nor an answer, or not whole
  'door-own',
  'door-unexpected', // an answer to no invitation of this page, or to an older one
  'door-expired',
  'door-failed', // the two browsers did not reach each other
  // Bluetooth and the mailbox
  'bluetooth-missing', // this browser has none for pages
  'bluetooth-off',
  'bluetooth-denied',
  'bluetooth-cancelled', // the person chose nothing in the browser's list
  'bluetooth-lost', // out of reach, or the connection broke
  'bluetooth-command', // the mailbox answered a command with an error
  'mailbox-foreign', // it does not do what a mailbox does
  'mailbox-nobody', // nobody else came
  'mailbox-expired', // the attempt is over: cleared by the other side, or forgotten
  'mailbox-tampered', // somebody in between, or a mailbox that changes what it keeps
  'mailbox-elsewhere', // a pairing of mine is under way already
  'mailbox-own', // I am on both sides of it
  'code-digits', // not six digits
  'code-own', // what one's own screen shows
  'code-wrong', // detail: limit (attempts left)
  // frames and handshakes
  'frame-malformed',
  'frame-too-large',
  'frame-version',
  'frame-authentication', // does not decrypt: forged, replayed or reordered
  'handshake-failed',
  'unknown-hint',
  'link-closed',
  'link-timeout',
  'no-route', // no neighbour knows a way to that node
  'no-relay', // our address is hidden, and nobody is between us and that node
  // messages
  'message-empty',
  'message-too-long',
  'not-a-contact',
  'blocked',
  'expired',
  'cancelled',
  // groups: keys, history, gossip
  'group-forged', // its supposed author did not write it, or not in this group
  'group-stranger', // its author does not belong to the group
  // files
  'file-too-large',
  'file-changed',
  'file-unreadable',
  'photo-unreadable', // its metadata cannot be removed because its structure cannot be followed
  'file-hash-mismatch',
  'file-corrupt-unit',
  'file-cancelled',
  'disk-full',
  // groups
  'group-not-member',
  'group-not-admin',
  'group-member', // already
  'group-full', // 50, invited ones included
  'group-card-over', // a group's card that was revoked, has expired or has no uses left
  'group-declined', // an admin did not let me in
  'group-mine', // I am in it, or invited
  'group-cards-full', // too many that still work
  'group-joins-full', // I ask to be let into too many
  'group-shares-full', // the history was shared as often as anybody takes
  'group-refused', // against the rules of groups
  // stored data and configuration
  'record-damaged',
  'database-newer',
  'database-blocked',
  'data-key-missing',
  'lock-damaged', // the lock record is not whole: no passphrase can be tried
  'lock-closed', // a passphrase is needed first
  'passphrase-short', // detail: limit
  'passphrase-long', // detail: limit
  'passphrase-simple',
  'passphrase-wrong',
  'passphrase-empty',
  'storage-unavailable',
  'config-missing',
  'config-not-json',
  'config-not-object', // JSON, but no object
  'config-field', // detail: field
  'clock-off', // this device's, from that of the page's host by most of a day; detail: hours (below 0: it is behind)
  // backups, and coming back with words
  'backup-foreign', // not a backup
  'backup-newer', // made by a newer Kith
  'backup-truncated',
  'backup-damaged', // changed, put together wrongly, or rotten
  'backup-passphrase', // not the one it was made with
  'backup-passphrase-empty',
  'backup-too-large', // detail: limit (bytes of room there are)
  'backup-busy', // one is being made or brought in, or the passphrase is being changed
  'backup-memory', // Argon2id failed: mostly no room in memory
  'data-gone', // somebody was here, and the database is empty
  'import-unfinished', // it ended half-way: nothing of it is kept
  'words-count', // detail: limit (how many there are)
  'word-unknown', // detail: position (0-based)
  'words-checksum',
  // the browser
  'unsupported-browser',
  'too-many-connections', // the browser's cap on RTCPeerConnections; closed ones count until they are collected
  'name-empty',
  'internal',
] as const;

export type ErrorKind = (typeof errorKinds)[number];

/** Extra facts for the wording. Never what a person wrote, a key or a number. */
export interface ErrorDetail {
  readonly position?: number;
  readonly field?: string;
  readonly limit?: number;
  readonly hours?: number;
}

/** The only error class thrown on purpose. `cause` keeps the original for the console of a developer. */
export class KithError extends Error {
  override readonly name = 'KithError';
  constructor(
    readonly kind: ErrorKind,
    readonly detail: ErrorDetail = {},
    options?: { cause?: unknown },
  ) {
    super(kind, options);
  }
}

/** The kind of anything thrown; unexpected errors are `internal`. */
export function kindOf(error: unknown): ErrorKind {
  return error instanceof KithError ? error.kind : 'internal';
}
