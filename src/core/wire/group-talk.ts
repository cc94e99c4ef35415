// Everything of keys, history and gossip that members of a group say inside a session of two, told apart by `type`.
import * as v from 'valibot';
import { decode } from './cbor.ts';
import { groupGraftSchema, groupHaveSchema, groupPruneSchema, groupReceiptsSchema } from './group-gossip.ts';
import { compareSchema, fillSchema, listSchema, shareSchema, wantSchema } from './group-history.ts';
import { senderKeySchema } from './group-key.ts';
import { sealedMessageSchema } from './group-message.ts';

export const groupTalkSchema = v.variant('type', [
  sealedMessageSchema,
  senderKeySchema,
  compareSchema,
  listSchema,
  wantSchema,
  fillSchema,
  shareSchema,
  groupHaveSchema,
  groupGraftSchema,
  groupPruneSchema,
  groupReceiptsSchema,
]);

export type GroupTalk = v.InferOutput<typeof groupTalkSchema>;

/** @throws KithError 'frame-too-large' | 'frame-malformed' */
export const decodeGroupTalk = (bytes: Uint8Array): GroupTalk => decode(bytes, groupTalkSchema);
