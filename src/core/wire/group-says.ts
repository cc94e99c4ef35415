// Everything that members of a group say to each other inside a session of two: about its members, and within its conversation.
import * as v from 'valibot';
import { decode } from './cbor.ts';
import { membersGiveSchema, membersHeadsSchema, membersNeedSchema } from './group-messages.ts';
import { groupTalkSchema } from './group-talk.ts';

export const groupSaysSchema = v.variant('type', [
  ...groupTalkSchema.options,
  membersHeadsSchema,
  membersNeedSchema,
  membersGiveSchema,
]);

export type GroupSays = v.InferOutput<typeof groupSaysSchema>;

/** @throws KithError 'frame-too-large' | 'frame-malformed' */
export const decodeGroupSays = (bytes: Uint8Array): GroupSays => decode(bytes, groupSaysSchema);
