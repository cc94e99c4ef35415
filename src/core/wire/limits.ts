// Limits of the wire, each with its unit and reason (WIRE.md).

/** The wire version this code speaks. A peer that opens with another gets a refusal, never a guess. */
export const WIRE_VERSION = 1;
/** Largest frame on a link, bytes: the maxMessageSize of Chromium's and Firefox's data channels (256 KiB). */
export const MAX_FRAME_BYTES = 262_144;
/** Plain bytes of one file unit. 64 KiB messages are as fast as any (measured: smaller are slower, larger gain nothing). */
export const UNIT_BYTES = 65_536;
/** Sealed units in one frame, at most: three and their message fit into MAX_FRAME_BYTES, four do not. */
export const UNITS_PER_FRAME = 3;
/** Longest text of one message, UTF-8 bytes. */
export const MAX_TEXT_BYTES = 65_536;
/** Default and upper bound of `maxFileBytes`: 25 MiB. */
export const MAX_FILE_BYTES = 26_214_400;
/** Longest display name, code points. */
export const MAX_NAME_LENGTH = 64;
/** Longest file name, code points. */
export const MAX_FILE_NAME_LENGTH = 255;
/** Largest thumbnail in an offer, bytes. */
export const MAX_THUMBNAIL_BYTES = 32_768;
/** An introduction is worth answering for so long, milliseconds: two people are seldom away for two weeks. */
export const INTRODUCTION_LIFE_MS = 14 * 86_400_000;
/** Deepest nesting of CBOR that is looked at at all. */
export const MAX_CBOR_DEPTH = 16;
/** Most people in a group, invited ones included. */
export const MAX_GROUP_MEMBERS = 50;
/** Largest operation on a group's members, bytes: 64 parents of 32 bytes, two names and three signatures, with room. */
export const MAX_OPERATION_BYTES = 4096;
/** Parents of one operation: every member may have acted at once, and some twice. */
export const MAX_OPERATION_PARENTS = 64;
/** Messages that a removal names: with as many parents as there may be it still fits into MAX_OPERATION_BYTES. */
export const MAX_REMOVAL_MESSAGES = 40;
/** Hashes of heads in one message: 32 KiB. Every operation joins up to 64 of them, so more only a flood of forks makes. */
export const MAX_HEADS = 1024;
/** Operations in one frame: so many of the largest, and the heads, fit into MAX_FRAME_BYTES. */
export const MAX_OPERATIONS_PER_FRAME = 48;
