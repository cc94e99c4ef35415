// Everything that members of a group say to each other inside a session of two: about its members, within its conversation,
// about its files and its picture, and to become contacts.
import * as v from 'valibot';
import { decode } from './cbor.ts';
import { type Acquaintance, acquaintanceSchema } from './group-acquaintance.ts';
import { type GroupFileTalk, groupFileTalkSchema } from './group-files.ts';
import { membersGiveSchema, membersHeadsSchema, membersNeedSchema } from './group-messages.ts';
import { type PictureTalk, pictureTalkSchema } from './group-picture.ts';
import { groupTalkSchema } from './group-talk.ts';

export const groupSaysSchema = v.variant('type', [
  ...groupTalkSchema.options,
  membersHeadsSchema,
  membersNeedSchema,
  membersGiveSchema,
  ...groupFileTalkSchema.options,
  ...acquaintanceSchema.options,
  ...pictureTalkSchema.options,
]);

/** What the group itself takes in; the rest is the node's, which has the store of units and the cards. */
export type GroupWords = Exclude<GroupSays, GroupFileTalk | PictureTalk | Acquaintance>;

export type GroupSays = v.InferOutput<typeof groupSaysSchema>;

/** @throws KithError 'frame-too-large' | 'frame-malformed' */
export const decodeGroupSays = (bytes: Uint8Array): GroupSays => decode(bytes, groupSaysSchema);
