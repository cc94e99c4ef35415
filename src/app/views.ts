// The node's views under the names that screens use: ui/ knows app/ and nothing below.
export type {
  AttachmentKind,
  AttachmentView as Attachment,
  AttemptView as Attempt,
  ConversationView,
  Diagnosis,
  EntryPointView as EntryPoint,
  FoundView as Found,
  GivenIntroductionView as GivenIntroduction,
  IntroductionView as Introduction,
  MailboxView as Mailbox,
  MessageState,
  MessageView as Message,
  NeighbourView as Neighbour,
  OverlayView as Overlay,
  PairRequestView as PairRequest,
} from '../core/node-api.ts';
