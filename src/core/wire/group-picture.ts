// How members give each other the group's picture, whose hash the group's log holds (core/group/GROUP.md, "Pictures").
import * as v from 'valibot';
import { bytesOf, bytesUpTo } from './cbor.ts';
import { groupField } from './group-message.ts';
import { MAX_THUMBNAIL_BYTES } from './limits.ts';

/** Give me the picture with this SHA-256. Who has it not says nothing. */
export const pictureAskSchema = v.strictObject({
  type: v.literal('group-picture-ask'),
  group: groupField,
  sha256: bytesOf(32),
});

export const pictureGiveSchema = v.strictObject({
  type: v.literal('group-picture'),
  group: groupField,
  picture: bytesUpTo(MAX_THUMBNAIL_BYTES),
});

export const pictureTalkSchema = v.variant('type', [pictureAskSchema, pictureGiveSchema]);

export type PictureTalk = v.InferOutput<typeof pictureTalkSchema>;
