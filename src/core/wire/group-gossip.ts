// What members say to each other about messages and receipts that cross the group (core/group/GOSSIP.md). Names as in
// Leitão, Pereira, Rodrigues, "Epidemic Broadcast Trees" (SRDS 2007): have is IHAVE, graft GRAFT, prune PRUNE.
import * as v from 'valibot';
import { bytesUpTo, count } from './cbor.ts';
import {
  MAX_ANNOUNCED,
  MAX_GROUP_MEMBERS,
  MAX_RECEIPT_RANGES,
  MAX_RECEIPTS,
  MAX_SEQUENCE,
  MAX_VIEW_HEADS,
} from './group-limits.ts';
import { groupField, hashField, hashSet, shortIdField, signatureField } from './group-message.ts';

const announced = v.pipe(v.array(shortIdField), v.minLength(1), v.maxLength(MAX_ANNOUNCED));

/** I have these messages; ask if nobody gives them to you. */
export const groupHaveSchema = v.strictObject({ type: v.literal('group-have'), group: groupField, ids: announced });

/** Send me these, and from now on everything at once. */
export const groupGraftSchema = v.strictObject({ type: v.literal('group-graft'), group: groupField, ids: announced });

/** From now on only tell me what you have: others are faster. */
export const groupPruneSchema = v.strictObject({ type: v.literal('group-prune'), group: groupField });

const sequence = count(MAX_SEQUENCE);

const rangesField = v.pipe(
  v.array(
    v.pipe(
      v.tuple([sequence, sequence]),
      v.check(([first, last]) => first <= last, 'not a range'),
    ),
  ),
  v.maxLength(MAX_RECEIPT_RANGES),
  v.check((ranges) => ranges.every(([first], at) => at === 0 || first > ranges[at - 1]![1]), 'not in order'),
);

export const refusalReasons = ['too-large', 'disk-full'] as const;

/** Where a member stands towards one author. */
const markField = v.strictObject({
  /** The author: place among the members of `view`, in the order of fingerprints. */
  author: count(MAX_GROUP_MEMBERS - 1),
  /** Highest place of which everything up to it is on the disk, except `missing`. */
  delivered: sequence,
  missing: v.optional(rangesField),
  /** The same for what a person has seen; left out when read receipts are off. */
  read: v.optional(sequence),
  unread: v.optional(rangesField),
  /** Places this member will never take, and why. */
  refused: v.optional(
    v.pipe(
      v.array(v.strictObject({ seq: sequence, reason: v.picklist(refusalReasons) })),
      v.maxLength(MAX_RECEIPT_RANGES),
    ),
  ),
});

export const receiptSchema = v.strictObject({
  group: groupField,
  from: hashField,
  /** Of two receipts of one member the one with the higher version counts. */
  version: v.pipe(count(), v.minValue(1)),
  view: hashSet(1, MAX_VIEW_HEADS),
  marks: v.pipe(
    v.array(markField),
    v.maxLength(MAX_GROUP_MEMBERS),
    v.check((marks) => marks.every(({ author }, at) => at === 0 || author > marks[at - 1]!.author), 'not in order'),
  ),
});

/** 50 authors with 64 ranges of 18 bytes twice over do not fit: a receipt with so many holes claims less. */
export const MAX_RECEIPT_BYTES = 16_384;

export const signedReceiptSchema = v.strictObject({ content: bytesUpTo(MAX_RECEIPT_BYTES), signature: signatureField });

/** Receipts that the other may not have; `known` tells which versions I have, so that the other sends what is newer. */
export const groupReceiptsSchema = v.strictObject({
  type: v.literal('group-receipts'),
  group: groupField,
  receipts: v.pipe(v.array(signedReceiptSchema), v.maxLength(MAX_RECEIPTS)),
  known: v.optional(v.pipe(v.array(v.tuple([hashField, count()])), v.maxLength(MAX_RECEIPTS))),
});

export type Receipt = v.InferOutput<typeof receiptSchema>;
export type Mark = v.InferOutput<typeof markField>;
export type SignedReceipt = v.InferOutput<typeof signedReceiptSchema>;
export type ReceiptRange = readonly [number, number];
export type RefusalOfMember = (typeof refusalReasons)[number];
export type GroupHave = v.InferOutput<typeof groupHaveSchema>;
export type GroupReceipts = v.InferOutput<typeof groupReceiptsSchema>;
