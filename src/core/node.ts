// The façade: joins the rooms and runs their effects. One node serves every tab of a profile (node-api.ts says what it offers).
import { backupActions } from './node/backup-actions.ts';
import { contactActions } from './node/contact-actions.ts';
import { groupActions } from './node/group-actions.ts';
import { House, type NodeOptions } from './node/house.ts';
import { introductionActions } from './node/introduction-actions.ts';
import { mailboxActions } from './node/mailbox-actions.ts';
import { messageActions } from './node/message-actions.ts';
import { overlayActions } from './node/overlay-actions.ts';
import { profileActions } from './node/profile-actions.ts';
import type { KithNode } from './node-api.ts';

export type { NodeOptions } from './node/house.ts';

/** A node that runs in this tab. */
export interface RunningNode extends KithNode {
  /** The browser says that the network is back, or the person came back to the page: try everything at once. */
  retryNow(): void;
  /** The page is going away: say goodbye to everybody. */
  close(): void;
}

/**
 * Loads what is on the disk and starts the network when there is an identity.
 * @throws KithError 'record-damaged' when the identity itself does not decrypt
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const house = new House(options);
  await house.load();
  return {
    subscribe: house.board.subscribe,
    snapshot: async () => house.board.snapshot(),
    // Nobody asks for them at the first screen.
    diagnostics: async () => (await import('./node/diagnostics.ts')).diagnosticsOf(house),
    ...profileActions(house),
    ...backupActions(house),
    ...contactActions(house),
    ...introductionActions(house),
    ...mailboxActions(house),
    ...messageActions(house),
    ...overlayActions(house),
    ...groupActions(house),
    lock: (deed) => house.attempt(async () => (await import('./node/vault-actions.ts')).carryOut(house, deed)),
    retryNow: () => house.network?.retryNow(),
    close: () => house.close(),
  };
}
