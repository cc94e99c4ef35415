import type { ErrorDetail, ErrorKind } from '../../core/errors.ts';

/** What a person reads for a kind of failure. */
export type Wording = (detail: ErrorDetail) => string;

/** Failures that nobody meets on the first screen, or only behind it as news: their words come right behind it. */
export type MeetingErrorKind = Extract<
  ErrorKind,
  | `card-${string}`
  | `contact-${string}`
  | 'link-broken'
  | 'link-own'
  | 'link-used'
  | 'link-expired'
  | `introduction-${string}`
  | `number-${string}`
  | `member-${string}`
  | `camera-${string}`
  | `picture-${string}`
  | `code-${string}`
  | `safety-${string}`
  | `door-${string}`
  | `bluetooth-${string}`
  | `mailbox-${string}`
  | `group-${string}`
  | `file-${string}`
  | `photo-${string}`
  | `frame-${string}`
  | `backup-${string}`
  | `word-${string}`
  | `words-${string}`
  | 'data-gone'
  | `config-${string}`
  | 'clock-off'
  | 'import-unfinished'
  | 'handshake-failed'
  | 'unknown-hint'
  | 'link-closed'
  | 'link-timeout'
  | 'no-route'
  | 'no-relay'
  | `message-${string}`
  | 'not-a-contact'
  | 'blocked'
  | 'expired'
  | 'cancelled'
  | 'too-many-connections'
  | `lock-${string}`
  | `passphrase-${string}`
>;
