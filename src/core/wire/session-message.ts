// Everything that may stand in the data of a session: one map, told apart by `type`.
import * as v from 'valibot';
import { chatMessageSchema } from './chat-messages.ts';
import { groupSaysSchema } from './group-says.ts';
import { introductionMessageSchema } from './introduction-messages.ts';
import { transferMessageSchema } from './transfer-messages.ts';

export const sessionMessageSchema = v.variant('type', [
  ...chatMessageSchema.options,
  ...transferMessageSchema.options,
  ...introductionMessageSchema.options,
  ...groupSaysSchema.options,
]);

export type SessionMessage = v.InferOutput<typeof sessionMessageSchema>;
