// The node's views under the names that screens use: ui/ knows app/ and nothing below.
export type {
  AttachmentKind,
  AttachmentView as Attachment,
  AttemptView as Attempt,
  ConversationView,
  EntryPointView as EntryPoint,
  MessageState,
  MessageView as Message,
  PairRequestView as PairRequest,
} from '../core/node-api.ts';
