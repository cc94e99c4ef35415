// Limits of what members of a group say to each other, each with its unit and reason (core/group/KEYS.md, HISTORY.md, GOSSIP.md).
import { MAX_OPERATION_PARENTS, MAX_TEXT_BYTES } from './limits.ts';

/** Parents of one message: more concurrent heads than this are joined by the next message. */
export const MAX_PARENTS = 16;
/** Heads of one membership view, all of them: every member may have acted at once, as when all join. More are joined by operations first. */
export const MAX_VIEW_HEADS = MAX_OPERATION_PARENTS;
/** A signed message as CBOR, bytes: the longest text, 50 mentions, 64 heads and 16 parents. */
export const MAX_GROUP_MESSAGE_BYTES = MAX_TEXT_BYTES + 8_192;
/** Messages under one sender key. */
export const MESSAGES_PER_CHAIN = 100;
/** Bytes of a message's hash that stand for it where only a lookup depends on it. */
export const SHORT_ID_BYTES = 8;
/** Ranges in one comparison; a comparison is about 4 KiB. */
export const MAX_RANGES = 128;
/** Short ids in one list or one request. */
export const MAX_LISTED = 1_024;
/** Signed messages in one filling; the byte cap of a frame binds first for long ones. */
export const MAX_FILLED = 512;
/** Bytes of signed messages in one filling: with its envelope it fits a frame. */
export const MAX_FILL_BYTES = 196_608;
/** Announced ids in one gossip message. */
export const MAX_ANNOUNCED = 256;
/** Members that one text names, places counted: more are words like any other. */
export const MAX_MENTIONS = 50;
/** Authors a receipt speaks of; the group has at most 50 members. */
export const MAX_GROUP_MEMBERS = 50;
/** Ranges of missing places for one author in a receipt; what lies above the last one is not claimed. */
export const MAX_RECEIPT_RANGES = 64;
/** Receipts in one message: every member's. */
export const MAX_RECEIPTS = 64;
/** Latest time a message may claim, ms since the epoch (year 10889): sums with it stay exact. */
export const MAX_TIME_MS = 2 ** 48;
/** Latest place in time, as counted by messages and not by clocks: clocks end far below it. */
export const MAX_LOGICAL_TIME_MS = 2 ** 52;
/** Largest place in a member's sequence. */
export const MAX_SEQUENCE = 2 ** 48;
