// What tabs say to one another (TABS.md), and the list of calls that may be passed on.
import { type ErrorDetail, type ErrorKind, KithError } from '../../core/errors.ts';
import type { KithNode, NodeEvent } from '../../core/node-api.ts';

export const CHANNEL = 'kith-tabs-1';

export type Method = Exclude<keyof KithNode, 'subscribe'>;

export interface Failure {
  readonly kind: ErrorKind;
  readonly detail: ErrorDetail;
}

export type TabMessage =
  | { readonly type: 'hello' }
  | { readonly type: 'leader'; readonly term: string }
  | { readonly type: 'unable'; readonly term: string; readonly failure: Failure }
  | {
      readonly type: 'call';
      readonly term: string;
      readonly id: string;
      readonly method: Method;
      readonly args: readonly unknown[];
    }
  | { readonly type: 'answer'; readonly term: string; readonly id: string; readonly value: unknown }
  | { readonly type: 'failed'; readonly term: string; readonly id: string; readonly failure: Failure }
  | { readonly type: 'received'; readonly term: string; readonly id: string }
  | { readonly type: 'event'; readonly term: string; readonly event: NodeEvent };

// An object, not a list, so that the compiler misses a method that was added to KithNode and not here.
const methodSet: Readonly<Record<Method, true>> = {
  snapshot: true,
  diagnostics: true,
  createIdentity: true,
  rename: true,
  newCard: true,
  newLink: true,
  takeCard: true,
  readLink: true,
  takeLink: true,
  dismissAttempt: true,
  answerRequest: true,
  introduce: true,
  withdrawIntroduction: true,
  answerIntroduction: true,
  startMailbox: true,
  mailboxVisited: true,
  enterMailboxCode: true,
  startMailboxOver: true,
  cancelMailbox: true,
  safetyNumber: true,
  markVerified: true,
  setNickname: true,
  setGiveUpAfter: true,
  block: true,
  unblock: true,
  removeContact: true,
  clearConversation: true,
  listMessages: true,
  sendText: true,
  prepareFile: true,
  discardFile: true,
  sendFiles: true,
  cancelMessage: true,
  retryMessage: true,
  removeMessage: true,
  markRead: true,
  cancelTransfer: true,
  openAttachment: true,
  draft: true,
  setDraft: true,
  setTrackers: true,
  setSendReadReceipts: true,
  setDiscoverable: true,
  setRelayOnly: true,
  setRelaying: true,
  findByNumber: true,
  callFound: true,
  inviteDoor: true,
  answerDoor: true,
  acceptDoor: true,
  exportBackup: true,
  importBackup: true,
  recoveryWords: true,
  returnWithWords: true,
  goOnHere: true,
  requestPersistence: true,
  eraseEverything: true,
  lock: true,
  createGroup: true,
  answerGroup: true,
  group: true,
  addMembers: true,
  removeMember: true,
  makeAdmin: true,
  renameGroup: true,
  setGroupPicture: true,
  leaveGroup: true,
  deleteGroup: true,
  setMuted: true,
  newGroupCard: true,
  revokeGroupCard: true,
  setAdmission: true,
  answerJoin: true,
  askMember: true,
  messageReceipts: true,
};

export const methods = Object.keys(methodSet) as readonly Method[];

/** Calls a method of the node by name, as a promise even if it throws at once. */
export async function invoke(node: KithNode, method: Method, args: readonly unknown[]): Promise<unknown> {
  const target = node[method] as ((...args: readonly unknown[]) => Promise<unknown>) | undefined;
  // A tab may have a newer page than the one that leads.
  if (target === undefined) throw new KithError('internal');
  return target.apply(node, args as unknown[]);
}

/** A KithNode whose every method goes through `call`. */
export function nodeFrom(
  call: (method: Method, args: readonly unknown[]) => Promise<unknown>,
  subscribe: KithNode['subscribe'],
): KithNode {
  const calls = methods.map((method) => [method, (...args: readonly unknown[]) => call(method, args)]);
  return { ...Object.fromEntries(calls), subscribe } as KithNode;
}
