// Limits of a group's log, each with its reason (GROUP.md, "Limits"). Those that refuse an operation look at nothing but what it follows
// from, so that everybody refuses the same.
export { MAX_GROUP_MEMBERS } from '../../wire/limits.ts';

/** Operations of one author, for ever: an admin who does ten things a day is busy for half a year; a flood ends here. */
export const MAX_SEQUENCE = 2000;
/** Operations that one may follow from: 20,000 take 25 MB in memory at most, and the bits of their pasts as much again. */
export const MAX_LOG = 20_000;
/** Operations in one place of an author's sequence that are kept though nobody else built on them: two prove the fork. */
export const MAX_SIBLINGS = 2;
/** The same when the author's own later operation joins them: a page may be restored from one backup several times. */
export const MAX_JOINED_SIBLINGS = 4;
/** Operations that wait for their parents. */
export const MAX_WAITING = 512;
/** The same from one source: several at once cannot crowd out another's. */
export const MAX_WAITING_PER_SOURCE = 128;
/** Operations of one source whose signatures are being checked: some 100 ms of one core. */
export const MAX_CHECKING = 256;
/** Operations of one source that were forged or against the rules, before it is listened to no more: an honest one relays none. */
export const MAX_REFUSED = 32;
/** Hashes of refused operations that are remembered, so that they are not checked again. */
export const MAX_REMEMBERED = 1024;
/** Entries of which it is remembered that a source has them: with these it need not be told of what leads to them. */
export const MAX_SHARED = 64;
/** Sources whose refusals are remembered: every member, twice. */
export const MAX_SOURCES = 128;
