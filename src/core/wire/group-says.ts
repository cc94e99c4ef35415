// Everything that members of a group say to each other inside a session of two: about its members, within its conversation,
// and about its files.
import * as v from 'valibot';
import { decode } from './cbor.ts';
import { groupFileTalkSchema } from './group-files.ts';
import { membersGiveSchema, membersHeadsSchema, membersNeedSchema } from './group-messages.ts';
import { groupTalkSchema } from './group-talk.ts';

export const groupSaysSchema = v.variant('type', [
  ...groupTalkSchema.options,
  membersHeadsSchema,
  membersNeedSchema,
  membersGiveSchema,
  ...groupFileTalkSchema.options,
]);

export type GroupSays = v.InferOutput<typeof groupSaysSchema>;

/** @throws KithError 'frame-too-large' | 'frame-malformed' */
export const decodeGroupSays = (bytes: Uint8Array): GroupSays => decode(bytes, groupSaysSchema);
