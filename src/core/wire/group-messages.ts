// What two members of a group say to each other about its members (group/GROUP.md, "Meeting"), and what somebody with a group's card asks
// of an admin. Operations travel as they were signed: group-operations.ts reads them, each for itself.
import * as v from 'valibot';
import { bytesOf, bytesUpTo, identifier } from './cbor.ts';
import { MAX_HEADS, MAX_NAME_LENGTH, MAX_OPERATION_BYTES, MAX_OPERATIONS_PER_FRAME } from './limits.ts';

const hash = bytesOf(32);
const heads = v.pipe(v.array(hash), v.maxLength(MAX_HEADS));

/** First about a group in every session, and after changes that were not sent to that member. */
export const membersHeadsSchema = v.strictObject({ type: v.literal('members-heads'), group: hash, heads });

/** I lack what `want` follows from and `have` does not. */
export const membersNeedSchema = v.strictObject({
  type: v.literal('members-need'),
  group: hash,
  want: heads,
  have: heads,
});

/** Signed operations, parents first; `heads`: all that the sender has leads to these. */
export const membersGiveSchema = v.strictObject({
  type: v.literal('members-give'),
  group: hash,
  operations: v.pipe(v.array(bytesUpTo(MAX_OPERATION_BYTES)), v.maxLength(MAX_OPERATIONS_PER_FRAME)),
  heads,
});

/** May I join, by the card whose key is `cardKey`? Goes to the admin whom the card names. */
export const groupAskSchema = v.strictObject({
  type: v.literal('group-ask'),
  /** Public key of the card: tells the admin which group is meant. */
  cardKey: bytesOf(32),
  bundle: bytesOf(65),
  person: v.pipe(identifier(MAX_NAME_LENGTH * 2), v.minLength(1)),
  /** The key made for the group; absent in the first asking, which learns the group's id. */
  joining: v.optional(v.strictObject({ key: bytesOf(32), binding: bytesOf(64), proof: bytesOf(64) })),
});

/** The answer to an asking. A group's id lets nobody in: it is told to whoever names a card's key that works. */
export const groupAnswerSchema = v.variant('answer', [
  v.strictObject({ type: v.literal('group-answer'), answer: v.literal('group'), group: hash }),
  v.strictObject({ type: v.literal('group-answer'), answer: v.literal('asked') }),
  v.strictObject({
    type: v.literal('group-answer'),
    answer: v.literal('refused'),
    reason: v.picklist(['card-over', 'full', 'refused', 'member']),
  }),
]);

export const groupMessageSchema = v.union([
  v.variant('type', [membersHeadsSchema, membersNeedSchema, membersGiveSchema, groupAskSchema]),
  groupAnswerSchema,
]);

export type MembersHeads = v.InferOutput<typeof membersHeadsSchema>;
export type MembersNeed = v.InferOutput<typeof membersNeedSchema>;
export type MembersGive = v.InferOutput<typeof membersGiveSchema>;
export type GroupAsk = v.InferOutput<typeof groupAskSchema>;
export type GroupAnswer = v.InferOutput<typeof groupAnswerSchema>;
export type GroupMessage = v.InferOutput<typeof groupMessageSchema>;
