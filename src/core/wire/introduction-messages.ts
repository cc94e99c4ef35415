// What is said inside sessions when somebody makes two of their contacts known to each other
// (pairing/introductions/INTRODUCTIONS.md says when).
import * as v from 'valibot';
import { bytesOf, count } from './cbor.ts';
import { INTRODUCTION_LIFE_MS, MAX_NAME_LENGTH } from './limits.ts';

/** The introducer's choice, the same for both. */
const introductionId = bytesOf(16);

/** The introducer to each of the two: here is the other. */
export const introduceSchema = v.strictObject({
  type: v.literal('introduce'),
  id: introductionId,
  /** Known to these three alone. */
  secret: bytesOf(32),
  /** Public keys of the other. Their number is derived from them, so that none can be made up. */
  bundle: bytesOf(65),
  /** What the other calls themselves. */
  name: v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH * 2)),
  /** For so long from now on, milliseconds: no two clocks are compared. */
  life: count(INTRODUCTION_LIFE_MS),
});

/** The introducer thought better of it. Of no effect once the two are contacts. */
export const introduceWithdrawSchema = v.strictObject({ type: v.literal('introduce-withdraw'), id: introductionId });

/** It is on my disk, or not wanted: do not say it again. Nothing about what my person makes of it. */
export const introduceAckSchema = v.strictObject({
  type: v.literal('introduce-ack'),
  id: introductionId,
  of: v.picklist(['introduction', 'withdrawal']),
});

export const introductionMessageSchema = v.variant('type', [
  introduceSchema,
  introduceWithdrawSchema,
  introduceAckSchema,
]);

export type Introduce = v.InferOutput<typeof introduceSchema>;
export type IntroduceAck = v.InferOutput<typeof introduceAckSchema>;
export type IntroductionMessage = v.InferOutput<typeof introductionMessageSchema>;
